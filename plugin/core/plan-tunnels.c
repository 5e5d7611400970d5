/* SPDX-License-Identifier: Apache-2.0 */

/* The part of a plan that makes and mends the tunnel ports of the private
 * bridges. */

#include <config.h>
#include "planner.h"

#include <stdlib.h>

#include "name.h"
#include "openvswitch/util.h"
#include "tunnel.h"
#include "util.h"

static void
add_tunnel(struct planner *p, const struct wanted_tunnel *tunnel,
           const char *bridge, const struct smap *options)
{
    char *name = name_for_tunnel_port(tunnel->type, tunnel->remote,
                                      tunnel->keyed, planner_taken(p));
    struct op *op = planner_add_op(p, OP_ADD_PORT, bridge, name);

    op->iface_type = xstrdup(tunnel->type);
    smap_destroy(&op->options);
    smap_clone(&op->options, options);
    smap_add(&op->ids, SPAN_KEY_OWNER, p->state->system_id);
    smap_add(&op->ids, SPAN_KEY_ROLE, SPAN_ROLE_TUNNEL);
    smap_add(&op->ids, SPAN_KEY_COLLECTOR, tunnel->remote);
    smap_add(&op->ids, SPAN_KEY_KEYED, tunnel->keyed ? "true" : "false");
    sset_add(planner_taken(p), name);
    free(name);
}

static void
plan_tunnel(struct planner *p, const struct wanted_tunnel *tunnel)
{
    const struct switch_port *port = tunnel_port_find(p->state, tunnel);
    char *bridge = planner_private_bridge(p, tunnel->datapath_type);
    struct smap options;

    tunnel_options(tunnel, &options);
    if (!port) {
        add_tunnel(p, tunnel, bridge, &options);
    } else {
        planner_claim(p, port);
        if (port->n_ifaces
            && !smap_equal(&port->ifaces[0]->options, &options)) {
            struct op *op = planner_add_op(p, OP_SET_PORT, bridge,
                                           port->name);

            op->row = port->uuid;
            smap_destroy(&op->options);
            smap_clone(&op->options, &options);
        }
    }
    smap_destroy(&options);
    free(bridge);
}

/* Plans the tunnel ports that are wanted, and claims those that are there. */
void
plan_tunnels(struct planner *p)
{
    for (size_t i = 0; i < p->wanted->n_tunnels; i++) {
        plan_tunnel(p, &p->wanted->tunnels[i]);
    }
}
