/* SPDX-License-Identifier: Apache-2.0 */

/* The part of a plan that takes away what is ours and that nobody wants: after
 * sessions end, and what a daemon that was killed left behind. */

#include <config.h>
#include "planner.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "openvswitch/util.h"
#include "promisc.h"
#include "util.h"
#include "uuid.h"

/* Gives the flags of a reserved port back.  Returns false as long as that is
 * not seen to be done. */
static bool
unguard_reserved(struct planner *p, const struct switch_bridge *bridge,
                 const struct switch_mirror *mirror)
{
    const struct switch_port *port
        = switch_bridge_find_port_by_uuid(bridge, &mirror->output_port);

    if (!smap_get(&mirror->external_ids, SPAN_KEY_FLAGS)
        || !port || port->ours || !switch_port_works(port)
        || p->state->unreachable) {
        return true;
    }
    if (bridge->flows_known && !port->no_flood && !port->no_packet_in) {
        return true;
    }
    p->waiting = true;
    if (bridge->flows_known) {
        planner_add_op(p, OP_CLEAR_PORT_FLAGS, bridge->name,
                       port->name)->ofport = switch_port_ofport(port);
    }
    return false;
}

/* Lets the switch flood again to the ports that are in the note of 'mirror',
 * if it has one (promisc.h).  Returns false as long as that is not seen to be
 * done. */
static bool
resume_floods(struct planner *p, const struct switch_bridge *bridge,
              const struct switch_mirror *mirror)
{
    bool done = true;

    if (!smap_get(&mirror->external_ids, SPAN_KEY_NO_FLOOD)
        || p->state->unreachable) {
        return true;
    }
    for (size_t i = 0; i < bridge->n_ports; i++) {
        const struct switch_port *port = bridge->ports[i];

        if (port->ours || !switch_port_works(port)
            || !promisc_note_has(mirror, port)) {
            continue;
        }
        if (!bridge->flows_known) {
            done = false;
        } else if (port->no_flood) {
            planner_add_op(p, OP_RESUME_FLOOD, bridge->name,
                           port->name)->ofport = switch_port_ofport(port);
            done = false;
        }
    }
    p->waiting |= !done;
    return done;
}

/* Collects into 'held', for the caller to free, the sessions whose mirrors on
 * 'bridge' have to stay: without them floods would not reach a port at all. */
static size_t
find_held(struct planner *p, const struct switch_bridge *bridge,
          struct uuid **held)
{
    size_t n = 0;

    *held = xmalloc((bridge->n_mirrors + 1) * sizeof **held);
    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        const struct switch_mirror *mirror = bridge->mirrors[i];

        if (mirror->ours && !planner_is_claimed(p, mirror)
            && !resume_floods(p, bridge, mirror)) {
            (*held)[n++] = mirror->session;
        }
    }
    return n;
}

static bool
is_held(const struct uuid *held, size_t n, const struct uuid *session)
{
    for (size_t i = 0; i < n; i++) {
        if (uuid_equals(&held[i], session)) {
            return true;
        }
    }
    return false;
}

static void
sweep_mirrors(struct planner *p, const struct switch_bridge *bridge)
{
    struct uuid *held;
    size_t n_held = find_held(p, bridge, &held);

    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        const struct switch_mirror *mirror = bridge->mirrors[i];

        if (mirror->ours && !planner_is_claimed(p, mirror)
            && !is_held(held, n_held, &mirror->session)
            && unguard_reserved(p, bridge, mirror)) {
            planner_add_op(p, OP_DEL_MIRROR, bridge->name,
                           mirror->name)->row = mirror->uuid;
        }
    }
    free(held);
}

/* A port that goes together with a Mirror to it makes vswitchd forget all
 * learned MAC addresses of the bridge (ofproto/ofproto-dpif-mirror.c,
 * mbridge_unregister_bundle()); so the Mirror goes first, by itself. */
static bool
is_mirror_output(const struct switch_bridge *bridge,
                 const struct switch_port *port)
{
    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        if (bridge->mirrors[i]->ours
            && uuid_equals(&bridge->mirrors[i]->output_port, &port->uuid)) {
            return true;
        }
    }
    return false;
}

/* Do rules of the port's session that are to go remain on 'bridge'?  The next
 * port to get its OpenFlow number must not inherit them. */
static bool
has_flows(const struct planner *p, const struct switch_bridge *bridge,
          const struct switch_port *port)
{
    if (uuid_is_zero(&port->session) || p->state->unreachable) {
        return false;
    }
    for (size_t i = 0; i < bridge->n_flows; i++) {
        const struct span_flow *flow = &bridge->flows[i];

        if (flow->cookie == flow_cookie(&port->session)
            && !planner_is_claimed(p, flow)) {
            return true;
        }
    }
    return !bridge->flows_known;
}

/* Does a rule still send to tunnel port 'port'?  It does not look to whom that
 * number belongs. */
static bool
has_senders(const struct planner *p, const struct switch_bridge *bridge,
            const struct switch_port *port)
{
    int64_t ofport = switch_port_ofport(port);
    bool found = false;

    if (strcmp(switch_port_role(port), SPAN_ROLE_TUNNEL) || ofport <= 0
        || p->state->unreachable) {
        return false;
    }
    char *target = xasprintf("output(port=%"PRId64",", ofport);
    for (size_t i = 0; i < bridge->n_flows && !found; i++) {
        found = strstr(bridge->flows[i].actions, target) != NULL;
    }
    free(target);
    return found || !bridge->flows_known;
}

static bool
has_recorder(const struct switch_state *state, const struct switch_port *port)
{
    for (size_t i = 0; i < state->n_sinks; i++) {
        const struct switch_sink *sink = state->sinks[i];

        if (sink->state != SINK_FAILED
            && !strcmp(smap_get_def(&sink->options, "interface", ""),
                       port->name)) {
            return true;
        }
    }
    return false;
}

static void
sweep_ports(struct planner *p, const struct switch_bridge *bridge)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        const struct switch_port *port = bridge->ports[i];

        if (!port->ours || planner_is_claimed(p, port)) {
            continue;
        }
        if (is_mirror_output(bridge, port) || has_flows(p, bridge, port)
            || has_senders(p, bridge, port)
            || has_recorder(p->state, port) || !planner_is_quiet(p)) {
            p->waiting = true;
        } else {
            planner_add_op(p, OP_DEL_PORT, bridge->name,
                           port->name)->row = port->uuid;
        }
    }
}

/* A private bridge goes when the daemon leaves, not with the last session: the
 * end of a bridge makes vswitchd flush the datapath flows of every bridge
 * (ofproto_destroy() in ofproto/ofproto.c), and the userspace datapath drops
 * what arrives meanwhile.  If somebody else has put a port or a mirror on it,
 * it stays: it serves them now. */
static void
sweep_bridge(struct planner *p, const struct switch_bridge *bridge)
{
    bool foreign = bridge->n_mirrors > 0;

    if (!bridge->ours || !p->wanted->leaving) {
        return;
    }
    for (size_t i = 0; i < bridge->n_ports; i++) {
        const struct switch_port *port = bridge->ports[i];

        if (port->ours) {
            p->waiting = true;
            return;
        }
        foreign |= strcmp(port->name, bridge->name) != 0;
    }
    if (!foreign) {
        planner_add_op(p, OP_DEL_BRIDGE, NULL, bridge->name)->row
            = bridge->uuid;
    }
}

/* Plans to take away whatever of ours nobody has claimed. */
void
plan_sweep(struct planner *p)
{
    for (size_t i = 0; i < p->state->n_bridges; i++) {
        const struct switch_bridge *bridge = p->state->bridges[i];

        sweep_mirrors(p, bridge);
        sweep_ports(p, bridge);
        sweep_bridge(p, bridge);
    }
}
