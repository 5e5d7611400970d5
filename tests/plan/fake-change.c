/* SPDX-License-Identifier: Apache-2.0 */

/* What changes on the switch in memory by other hands than the plan's: ways to
 * collectors, bonds, learned addresses, ports that fail.  See
 * fake-switch.h. */

#include <config.h>
#include "fake-switch.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "packets.h"
#include "plugin/core/name.h"
#include "util.h"

/* Says that the way to 'remote' is by 'dev', which has the address 'src', or
 * that there is none. */
void
fake_set_route(struct fake_switch *fake, const char *remote, bool found,
               const char *dev, const char *src, enum neighbor neighbor)
{
    struct switch_route *route = CONST_CAST(
        struct switch_route *, switch_state_find_route(&fake->state, remote));

    if (!route) {
        route = switch_state_add_route(&fake->state, remote, found, "", "");
    }
    route->found = found;
    free(route->dev);
    free(route->src);
    route->dev = xstrdup(found ? dev : "");
    route->src = xstrdup(src);
    route->neighbor = neighbor;
}

/* Is there a port of tunnels to 'remote'?  Then vswitchd asks for whoever
 * takes packets there. */
static bool
has_tunnel(const struct fake_switch *fake, const char *remote)
{
    for (size_t i = 0; i < fake->state.n_bridges; i++) {
        const struct switch_bridge *bridge = fake->state.bridges[i];

        for (size_t j = 0; j < bridge->n_ports; j++) {
            const struct switch_port *port = bridge->ports[j];

            if (!strcmp(smap_get_def(&port->external_ids, SPAN_KEY_COLLECTOR,
                                     ""), remote)
                && port->ifaces[0]->ofport > 0) {
                return true;
            }
        }
    }
    return false;
}

/* vswitchd is asked for the way to 'remote': by eth9 if nothing else was said
 * with fake_set_route(); then for the neighbor there, who answers. */
void
fake_ask_route(struct fake_switch *fake, const char *remote)
{
    struct switch_route *route = CONST_CAST(
        struct switch_route *, switch_state_find_route(&fake->state, remote));

    if (!route) {
        fake_set_route(fake, remote, true, "eth9", "192.0.2.99",
                       NEIGHBOR_ASKED);
    } else if (route->neighbor == NEIGHBOR_ASKED && has_tunnel(fake, remote)) {
        route->neighbor = NEIGHBOR_KNOWN;
    }
}

/* Another Open vSwitch runs now. */
void
fake_set_version(struct fake_switch *fake, const char *ovs_version)
{
    free(fake->state.ovs_version);
    fake->state.ovs_version = xstrdup(ovs_version);
}

/* The member with 'mac' becomes the active one of bond 'name'. */
void
fake_set_active(struct switch_bridge *bridge, const char *name,
                const char *mac)
{
    struct switch_port *port = fake_port(bridge, name);

    free(port->active_mac);
    port->active_mac = xstrdup(mac);
}

/* 'bridge' learns that 'mac' is behind 'port' in 'vlan'. */
void
fake_learn(struct switch_bridge *bridge, const char *port, const char *mac,
           uint16_t vlan)
{
    struct switch_address address = {
        .vlan = vlan,
        .ofport = switch_port_ofport(fake_port(bridge, port)),
    };

    eth_addr_from_string(mac, &address.mac);
    switch_bridge_add_address(bridge, &address);
}

/* 'bridge' forgets what is behind 'port'. */
void
fake_forget(struct switch_bridge *bridge, const char *port)
{
    const struct switch_port *there = fake_port(bridge, port);
    size_t n = 0;

    for (size_t i = 0; i < bridge->n_fdb && there; i++) {
        if (!switch_port_has_ofport(there, bridge->fdb[i].ofport)) {
            bridge->fdb[n++] = bridge->fdb[i];
        }
    }
    bridge->n_fdb = there ? n : bridge->n_fdb;
}

/* vswitchd could not make port 'name'. */
void
fake_fail_port(struct switch_bridge *bridge, const char *name)
{
    fake_port(bridge, name)->ifaces[0]->ofport = -1;
}
