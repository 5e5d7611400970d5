/* SPDX-License-Identifier: Apache-2.0 */

/* The part of a plan that makes and mends rows of the switch database: private
 * bridges, capture and relay ports, patch pairs and Mirror rows. */

#include <config.h>
#include "planner.h"

#include <stdlib.h>
#include <string.h>

#include "leg-flows.h"
#include "name.h"
#include "openvswitch/util.h"
#include "relay.h"
#include "tunnel.h"
#include "util.h"
#include "uuid.h"

/* Marks what 'op' makes as ours, of the session or port group 'session' if
 * that is not NULL. */
void
planner_mark_ours(const struct planner *p, struct op *op,
                  const struct uuid *session, const char *role)
{
    smap_add(&op->ids, SPAN_KEY_OWNER, p->state->system_id);
    smap_add(&op->ids, SPAN_KEY_ROLE, role);
    if (session) {
        smap_add_format(&op->ids, SPAN_KEY_SESSION, UUID_FMT,
                        UUID_ARGS(session));
    }
}

static void
mark_hook(struct op *op, const struct wanted_leg *leg)
{
    if (leg->hook) {
        smap_add(&op->ids, SPAN_KEY_HOOK, leg->hook);
    }
}

/* Plans the private bridge of 'datapath_type' if it is not there, and returns
 * its name, which the caller must free. */
char *
planner_private_bridge(struct planner *p, const char *datapath_type)
{
    const struct switch_bridge *bridge
        = switch_state_private_bridge(p->state, datapath_type);

    if (bridge) {
        planner_claim(p, bridge);
        return xstrdup(bridge->name);
    }
    for (size_t i = 0; i < p->plan->n_ops; i++) {
        const struct op *op = p->plan->ops[i];

        if (op->type == OP_ADD_BRIDGE
            && !strcmp(op->iface_type, datapath_type)) {
            return xstrdup(op->name);
        }
    }

    char *name = name_for_private_bridge(datapath_type, planner_taken(p));
    struct op *op = planner_add_op(p, OP_ADD_BRIDGE, NULL, name);
    op->iface_type = xstrdup(datapath_type);
    planner_mark_ours(p, op, NULL, "private");
    sset_add(planner_taken(p), name);
    return name;
}

/* A private bridge without fail_mode=secure would switch copies to everybody
 * by itself as long as it has no rules. */
static void
mend_private_bridges(struct planner *p)
{
    for (size_t i = 0; i < p->state->n_bridges; i++) {
        const struct switch_bridge *bridge = p->state->bridges[i];

        if (planner_is_claimed(p, bridge)
            && strcmp(bridge->fail_mode, "secure")) {
            planner_add_op(p, OP_SET_BRIDGE, NULL, bridge->name)->row
                = bridge->uuid;
        }
    }
}

/* Returns an operation that adds internal port 'name' to 'bridge'. */
static struct op *
add_internal_port(struct planner *p, const char *bridge, const char *name,
                  int64_t mtu)
{
    struct op *op = planner_add_op(p, OP_ADD_PORT, bridge, name);

    op->iface_type = xstrdup("internal");
    op->mtu = mtu;
    sset_add(planner_taken(p), name);
    return op;
}

static void
mend_internal_port(struct planner *p, const char *bridge,
                   const struct switch_port *port, int64_t mtu)
{
    planner_claim(p, port);
    if (port->n_ifaces && port->ifaces[0]->mtu_request != mtu) {
        struct op *op = planner_add_op(p, OP_SET_PORT, bridge, port->name);

        op->row = port->uuid;
        op->mtu = mtu;
    }
}

static void
plan_capture_port(struct planner *p, const struct wanted_sink *sink)
{
    const char *sink_name = sink->config->name;
    const struct switch_port *port = capture_port_find(
        p->state, sink->datapath_type, sink_name);
    char *bridge = planner_private_bridge(p, sink->datapath_type);

    if (!port) {
        char *name = name_for_capture_port(sink_name, planner_taken(p));
        struct op *op = add_internal_port(p, bridge, name, sink->mtu);

        planner_mark_ours(p, op, NULL, SPAN_ROLE_CAPTURE);
        smap_add(&op->ids, SPAN_KEY_SINK, sink_name);
        free(name);
    } else {
        mend_internal_port(p, bridge, port, sink->mtu);
    }
    free(bridge);
}

static void
plan_relay_port(struct planner *p, const struct wanted_relay *relay)
{
    const struct session *session = relay->session->session;
    const char *type = relay->session->datapath_type;
    const struct switch_port *port = relay_port_find(p->state, relay->session,
                                                     relay->to);
    char *bridge = planner_private_bridge(p, type);

    if (!port) {
        char *name = name_for_relay_port(&session->uuid, relay->to,
                                         planner_taken(p));
        planner_mark_ours(p, add_internal_port(p, bridge, name, relay->mtu),
                          &session->uuid, relay_role(relay->to));
        free(name);
    } else {
        mend_internal_port(p, bridge, port, relay->mtu);
    }
    free(bridge);
}

static void
add_patch_port(struct planner *p, const struct wanted_session *ws,
               const struct wanted_leg *leg, const char *bridge,
               const char *name, const char *peer, bool is_private_end)
{
    struct op *op = planner_add_op(p, OP_ADD_PORT, bridge, name);

    op->iface_type = xstrdup("patch");
    smap_add(&op->options, "peer", peer);
    planner_mark_ours(p, op, &ws->session->uuid,
                      leg_role_to_string(leg->role));
    mark_hook(op, leg);
    if (is_private_end) {
        smap_add(&op->ids, SPAN_KEY_BRIDGE, leg->bridge->name);
    }
    sset_add(planner_taken(p), name);
}

/* Claims the patch port 'port' of 'bridge', and sees that it leads to
 * 'peer'. */
void
planner_mend_patch_port(struct planner *p, const char *bridge,
                        const struct switch_port *port, const char *peer)
{
    planner_claim(p, port);
    if (port->n_ifaces
        && strcmp(smap_get_def(&port->ifaces[0]->options, "peer", ""), peer)) {
        struct op *op = planner_add_op(p, OP_SET_PORT, bridge, port->name);

        op->row = port->uuid;
        smap_add(&op->options, "peer", peer);
    }
}

/* Returns the name for the missing end of a pair: the one that its other end
 * expects, if it is free, else 'generated'. */
static const char *
name_of_missing_end(struct planner *p, const struct switch_port *other,
                    const char *generated)
{
    const char *peer = (other && other->n_ifaces
                        ? smap_get(&other->ifaces[0]->options, "peer")
                        : NULL);

    return peer && peer[0] && !sset_contains(planner_taken(p), peer)
           ? peer : generated;
}

/* Plans the two ends of the leg's patch pair.  Returns the name of the
 * production end, which the caller must free. */
static char *
plan_patch_pair(struct planner *p, const struct wanted_session *ws,
                const struct wanted_leg *leg, const struct leg_view *view)
{
    char *bridge = planner_private_bridge(p, switch_bridge_type(leg->bridge));
    const struct switch_port *outer = view->production_end;
    const struct switch_port *inner = view->private_end;
    char *outer_generated = NULL, *inner_generated = NULL;

    if (!outer || !inner) {
        char *role = xasprintf("%s%s", leg_role_to_string(leg->role),
                               leg->hook ? leg->hook : "");

        name_for_patch_pair(&ws->session->uuid, leg->bridge->name, role,
                            planner_taken(p), &outer_generated,
                            &inner_generated);
        free(role);
    }
    char *outer_name = xstrdup(
        outer ? outer->name
        : leg->hook ? leg->hook
        : name_of_missing_end(p, inner, outer_generated));
    char *inner_name = xstrdup(
        inner ? inner->name : name_of_missing_end(p, outer,
                                                  inner_generated));

    if (outer) {
        planner_mend_patch_port(p, leg->bridge->name, outer, inner_name);
    } else {
        add_patch_port(p, ws, leg, leg->bridge->name, outer_name, inner_name,
                       false);
    }
    if (inner) {
        planner_mend_patch_port(p, bridge, inner, outer_name);
    } else {
        add_patch_port(p, ws, leg, bridge, inner_name, outer_name, true);
    }
    free(outer_generated);
    free(inner_generated);
    free(inner_name);
    free(bridge);
    return outer_name;
}

static struct op *
add_mirror(struct planner *p, const struct wanted_session *ws,
           const struct switch_bridge *bridge, const char *output,
           const char *role)
{
    char *name = xasprintf("span-%s", ws->session->name);
    struct op *op = planner_add_op(p, OP_ADD_MIRROR, bridge->name, name);

    op->output = xstrdup(output);
    planner_mark_ours(p, op, &ws->session->uuid, role);
    free(name);
    return op;
}

/* Are both flags clear, or set by a reservation of ours? */
static bool
flags_are_ours(const struct switch_bridge *bridge,
               const struct switch_port *port)
{
    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        const struct switch_mirror *mirror = bridge->mirrors[i];

        if (mirror->ours && uuid_equals(&mirror->output_port, &port->uuid)
            && smap_get(&mirror->external_ids, SPAN_KEY_FLAGS)) {
            return true;
        }
    }
    return !port->no_flood && !port->no_packet_in;
}

/* A reserved port is shut to a controller's floods and packet-ins too.  The
 * flags are the port owner's: the Mirror that was planned last takes a note if
 * they are to be cleared again. */
static void
mark_flags(struct planner *p, const struct switch_bridge *bridge,
           const struct switch_port *port)
{
    struct op *op = p->plan->ops[p->plan->n_ops - 1];

    if (!bridge->flows_known) {
        p->waiting = true;
        planner_drop_last_op(p);
    } else if (flags_are_ours(bridge, port)) {
        smap_add(&op->ids, SPAN_KEY_FLAGS, "set");
    }
}

static void
guard_reserved(struct planner *p, const struct switch_bridge *bridge,
               const struct switch_mirror *mirror,
               const struct switch_port *port)
{
    if (smap_get(&mirror->external_ids, SPAN_KEY_FLAGS)
        && bridge->flows_known
        && (!port->no_flood || !port->no_packet_in)) {
        planner_add_op(p, OP_PORT_FLAGS, bridge->name, port->name)->ofport
            = switch_port_ofport(port);
    }
}

/* Every destination port that does not carry normal traffic is the output of
 * a Mirror that selects nothing: to Open vSwitch it is then reserved. */
static void
plan_reserves(struct planner *p, const struct wanted_session *ws,
              const struct wanted_leg *leg)
{
    for (size_t i = 0; i < leg->n_outputs; i++) {
        const struct switch_port *port = leg->outputs[i];
        const struct switch_mirror *mirror
            = reserve_mirror_find(p->state, ws, leg->bridge, port);

        if (ws->session->normal_traffic) {
            continue;
        }
        if (mirror) {
            planner_claim(p, mirror);
            guard_reserved(p, leg->bridge, mirror, port);
        } else {
            add_mirror(p, ws, leg->bridge, port->name, SPAN_ROLE_RESERVE);
            mark_flags(p, leg->bridge, port);
        }
    }
}

enum readiness {
    READY,                      /* Copies have somewhere to go. */
    NOT_YET,                    /* They will, soon. */
    NEVER,                      /* Not until something changes. */
};

/* Is everything behind the leg's mirror ready to take copies? */
static enum readiness
leg_readiness(const struct planner *p, const struct wanted_session *ws,
              const struct wanted_leg *leg)
{
    enum sink_use relays = relays_use_of(p->state, ws);
    size_t n_usable = 0;

    if (relays != SINK_USE_READY) {
        return relays == SINK_USE_PENDING ? NOT_YET : NEVER;
    }
    for (size_t i = 0; i < ws->n_sinks; i++) {
        enum sink_use use = sink_use_of(p->state, ws, ws->sinks[i]);

        if (use == SINK_USE_PENDING) {
            return NOT_YET;
        }
        n_usable += use == SINK_USE_READY;
    }
    for (size_t i = 0; i < ws->n_tunnels; i++) {
        enum tunnel_use use = tunnel_use_of(p->state, ws, ws->tunnels[i]);

        if (use == TUNNEL_USE_PENDING || use == TUNNEL_USE_ASKING) {
            return NOT_YET;
        }
        n_usable += use == TUNNEL_USE_READY;
    }
    for (size_t i = 0; i < ws->n_legs; i++) {
        bool has_outputs = wanted_leg_has_outputs(&ws->legs[i]);

        n_usable += has_outputs;
        if (has_outputs
            && !leg_flows_are_in_place(ws, &ws->legs[i], p->state)) {
            return NOT_YET;
        }
    }
    return !n_usable ? NEVER
           : leg_flows_are_in_place(ws, leg, p->state) ? READY : NOT_YET;
}

/* Brings the selection of the leg's mirror to what 'leg' wants, or to nothing
 * as long as copies have nowhere to go. */
static void
mend_mirror(struct planner *p, const struct wanted_session *ws,
            const struct wanted_leg *leg, const struct leg_view *view)
{
    enum readiness readiness = (leg_view_is_armed(view)
                                ? READY : leg_readiness(p, ws, leg));
    bool arm = readiness == READY;
    struct mirror_selection selection = {
        .output = view->production_end,
        .src = leg->src, .n_src = arm ? leg->n_src : 0,
        .dst = leg->dst, .n_dst = arm ? leg->n_dst : 0,
        .vlans = leg->vlans, .n_vlans = arm ? leg->n_vlans : 0,
    };

    planner_set_mirror(p, leg->bridge, view->mirror, &selection);
    if (readiness == NOT_YET) {
        p->waiting = true;
    }
}

/* Is a hook not to be made yet?  Its name may still be that of another
 * session's hook that goes.  And a new port is open to floods for a moment,
 * which the rules for one that somebody has deleted would take for the
 * controller's. */
static bool
hook_has_to_wait(struct planner *p, const struct wanted_session *ws,
                 const struct wanted_leg *leg, const struct leg_view *view)
{
    return (leg->hook && !view->production_end
            && (sset_contains(planner_taken(p), leg->hook)
                || leg_view_has_rules(view, &ws->session->uuid)));
}

static void
plan_leg(struct planner *p, const struct wanted_session *ws,
         const struct wanted_leg *leg)
{
    struct leg_view view;

    leg_view_find(&view, ws, leg, p->state);
    if (hook_has_to_wait(p, ws, leg, &view)) {
        p->waiting = true;
        free(planner_private_bridge(p, switch_bridge_type(leg->bridge)));
        planner_claim(p, view.private_end);
        planner_claim(p, view.mirror);
    } else {
        char *output = plan_patch_pair(p, ws, leg, &view);

        if (view.mirror) {
            planner_claim(p, view.mirror);
            mend_mirror(p, ws, leg, &view);
        } else {
            mark_hook(add_mirror(p, ws, leg->bridge, output,
                                 leg_role_to_string(leg->role)), leg);
        }
        free(output);
    }
    plan_reserves(p, ws, leg);
}

/* Plans what wanted sessions and sinks need in the switch database, and claims
 * what they have of it. */
void
plan_ports(struct planner *p)
{
    for (size_t i = 0; i < p->wanted->n_sinks; i++) {
        plan_capture_port(p, p->wanted->sinks[i]);
    }
    for (size_t i = 0; i < p->wanted->n_relays; i++) {
        plan_relay_port(p, p->wanted->relays[i]);
    }
    for (size_t i = 0; i < p->wanted->n_sessions; i++) {
        const struct wanted_session *ws = &p->wanted->sessions[i];

        for (size_t j = 0; j < ws->n_legs; j++) {
            plan_leg(p, ws, &ws->legs[j]);
        }
    }
    plan_promisc_ports(p);
    plan_tunnels(p);
    mend_private_bridges(p);
}
