/* SPDX-License-Identifier: Apache-2.0 */

/* The part of a plan that brings OpenFlow rules and port flags to what the
 * sessions want.  Only rules with our cookie are ever looked at. */

#include <config.h>
#include "planner.h"

#include <stdlib.h>
#include <string.h>

#include "leg-flows.h"
#include "mac-limit.h"
#include "mac-policy.h"
#include "openvswitch/util.h"
#include "promisc.h"
#include "relay.h"
#include "uuid.h"

static void
flow_list_move(struct flow_list *dst, struct flow_list *src)
{
    for (size_t i = 0; i < src->n; i++) {
        flow_list_add(dst, &src->flows[i]);
    }
    free(src->flows);
    src->flows = NULL;
    src->n = 0;
}

/* Shuts the production end against floods and packet-ins. */
static void
plan_guard(struct planner *p, const struct wanted_leg *leg,
           const struct leg_view *view)
{
    const struct switch_port *port = view->production_end;
    int64_t ofport = port ? switch_port_ofport(port) : 0;

    if (ofport > 0 && leg->bridge->flows_known
        && !leg_view_is_guarded(view)) {
        planner_add_op(p, OP_PORT_FLAGS, leg->bridge->name,
                       port->name)->ofport = ofport;
    }
}

/* Lets the rules that 'bridge' has for 'wg' stay. */
static void
hold_flows(const struct switch_bridge *bridge, const struct wanted_group *wg,
           struct flow_list *held)
{
    for (size_t i = 0; i < bridge->n_flows; i++) {
        if (bridge->flows[i].cookie == flow_cookie(&wg->group->uuid)) {
            struct span_flow flow;

            flow_clone(&flow, &bridge->flows[i]);
            flow_list_add(held, &flow);
        }
    }
}

/* The same as collect_flows(), for port groups. */
static bool
collect_group_flows(struct planner *p, const struct switch_bridge *bridge,
                    struct flow_list *flows, struct flow_list *held)
{
    bool complete = true;

    for (size_t i = 0; i < p->wanted->n_groups; i++) {
        const struct wanted_group *wg = &p->wanted->groups[i];
        struct flow_list list;
        struct promisc pr;

        if (wg->bridge != bridge) {
            continue;
        }
        promisc_find(&pr, wg, p->state);
        if (!pr.n_ports) {
            /* It has no promiscuous ports. */
        } else if (promisc_flows_build(&pr, &list)) {
            flow_list_move(promisc_ends_are_guarded(&pr) ? flows : held,
                           &list);
        } else {
            hold_flows(bridge, wg, held);
            complete = false;
        }
        promisc_destroy(&pr);
    }
    return complete;
}

/* Collects into 'flows' the rules that 'bridge' should have, and into 'held'
 * those that may stay but not be added, because their patch port is not
 * guarded now.  Returns false if some rules cannot be told yet. */
static bool
collect_flows(struct planner *p, const struct switch_bridge *bridge,
              struct flow_list *flows, struct flow_list *held)
{
    bool complete = collect_group_flows(p, bridge, flows, held);

    for (size_t i = 0; i < p->wanted->n_sessions; i++) {
        const struct wanted_session *ws = &p->wanted->sessions[i];

        for (size_t j = 0; j < ws->n_legs; j++) {
            const struct wanted_leg *leg = &ws->legs[j];
            struct flow_list inner, outer;
            struct leg_view view;

            if (leg->bridge != bridge
                && (!bridge->ours
                    || strcmp(switch_bridge_type(leg->bridge),
                              switch_bridge_type(bridge)))) {
                continue;
            }
            leg_view_find(&view, ws, leg, p->state);
            complete &= leg_flows_build(ws, leg, p->state, &inner, &outer);
            flow_list_move(leg_view_is_guarded(&view) ? flows : held,
                           leg->bridge == bridge ? &outer : &inner);
            flow_list_destroy(&inner);
            flow_list_destroy(&outer);
        }
        if (bridge->ours && ws->n_legs
            && !strcmp(ws->datapath_type, switch_bridge_type(bridge))) {
            complete &= relay_flows_build(ws, p->state, flows);
        }
    }
    return complete;
}

/* Is a mirror of ours on a bridge of the type of 'private_bridge'? */
static bool
has_mirrors(const struct switch_state *state,
            const struct switch_bridge *private_bridge)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct switch_bridge *bridge = state->bridges[i];

        for (size_t j = 0; j < bridge->n_mirrors; j++) {
            if (bridge->mirrors[j]->ours
                && !strcmp(switch_bridge_type(bridge),
                           switch_bridge_type(private_bridge))) {
                return true;
            }
        }
    }
    return false;
}

/* The rule that makes mirror changes take effect is rewritten only when
 * vswitchd has them: until then the old one stays.  A private bridge on which
 * nothing is needs none. */
static void
collect_epoch(struct planner *p, const struct switch_bridge *bridge,
              struct flow_list *flows)
{
    struct span_flow flow;

    if (!bridge->ours || (!switch_bridge_has_our_ports(bridge)
                          && !has_mirrors(p->state, bridge))) {
        return;
    }
    if (p->state->config_settled) {
        if (epoch_flow_build(&flow, bridge->epoch)) {
            flow_list_add(flows, &flow);
        }
    } else {
        for (size_t i = 0; i < bridge->n_flows; i++) {
            if (bridge->flows[i].table == SPAN_TABLE_EPOCH) {
                flow_clone(&flow, &bridge->flows[i]);
                flow_list_add(flows, &flow);
            }
        }
    }
    if (bridge->settled_epoch != bridge->epoch) {
        p->waiting = true;
    }
}

/* Are the private rules with 'cookie' already no others than the wanted
 * ones? */
static bool
private_rules_follow(struct planner *p, uint64_t cookie)
{
    bool follow = true;

    for (size_t i = 0; i < p->state->n_bridges; i++) {
        const struct switch_bridge *bridge = p->state->bridges[i];
        struct flow_list wanted = { NULL, 0 };

        if (!bridge->ours) {
            continue;
        }
        collect_flows(p, bridge, &wanted, &wanted);
        flow_list_sort(&wanted);
        follow = follow && bridge->flows_known;
        for (size_t j = 0; j < bridge->n_flows; j++) {
            const struct span_flow *is = &bridge->flows[j];
            const struct span_flow *should;

            if (is->cookie == cookie) {
                should = flow_find(wanted.flows, wanted.n, is);
                follow = follow && should && flow_equals(is, should);
            }
        }
        flow_list_destroy(&wanted);
    }
    return follow;
}

static bool
group_is_promiscuous(const struct planner *p, const struct wanted_group *wg)
{
    struct promisc pr;

    promisc_find(&pr, wg, p->state);
    bool promiscuous = pr.n_ports > 0;
    promisc_destroy(&pr);
    return promiscuous;
}

/* May 'flow' of 'bridge', which no session wants, go?  The rules of a mirror
 * that still copies stay until it is gone from vswitchd, and what hands out
 * copies stays until none are sent to it: somebody else's rules would take
 * them for traffic.  What a relay sends is handed out to its end. */
static bool
may_delete(struct planner *p, const struct switch_bridge *bridge,
           const struct span_flow *flow)
{
    enum mac_breach breach;

    if (relay_needs_flow(p->wanted, p->state, bridge, flow)) {
        return false;
    } else if (mac_policy_knows(flow, &breach) || mac_limit_knows(flow)) {
        return true;            /* It holds up traffic. */
    }
    for (size_t i = 0; i < p->wanted->n_sessions; i++) {
        const struct wanted_session *ws = &p->wanted->sessions[i];

        if (ws->n_legs && flow_cookie(&ws->session->uuid) == flow->cookie) {
            return bridge->ours || private_rules_follow(p, flow->cookie);
        }
    }
    for (size_t i = 0; i < p->wanted->n_groups; i++) {
        if (group_is_promiscuous(p, &p->wanted->groups[i])
            && flow_cookie(&p->wanted->groups[i].group->uuid)
               == flow->cookie) {
            return true;
        }
    }
    return flow->cookie == SPAN_COOKIE_TAG || planner_is_quiet(p);
}

static void
add_flow_op(struct planner *p, enum op_type type,
            const struct switch_bridge *bridge, const struct span_flow *flow)
{
    flow_clone(&planner_add_op(p, type, bridge->name, NULL)->flow, flow);
}

/* Are rules with 'cookie' those of a session of which a bridge is still
 * silent?  What such a session wants cannot be told in full (a way back needs
 * a rule on the other bridge): a daemon that starts leaves it as it is. */
static bool
is_in_doubt(const struct planner *p, uint64_t cookie)
{
    for (size_t i = 0; i < p->wanted->n_sessions; i++) {
        const struct wanted_session *ws = &p->wanted->sessions[i];

        if (!ws->n_legs || flow_cookie(&ws->session->uuid) != cookie) {
            continue;
        }
        for (size_t j = 0; j < ws->n_legs; j++) {
            if (!ws->legs[j].bridge->flows_known) {
                return true;
            }
        }
    }
    return false;
}

static void
plan_flow_difference(struct planner *p, const struct switch_bridge *bridge,
                     const struct flow_list *wanted,
                     const struct flow_list *held)
{
    for (size_t i = 0; i < wanted->n; i++) {
        const struct span_flow *is = flow_find(
            bridge->flows, bridge->n_flows, &wanted->flows[i]);

        if (is && flow_equals(is, &wanted->flows[i])) {
            continue;
        }
        if (is && is_in_doubt(p, is->cookie)) {
            p->waiting = true;
        } else {
            add_flow_op(p, OP_ADD_FLOW, bridge, &wanted->flows[i]);
        }
    }
    for (size_t i = 0; i < bridge->n_flows; i++) {
        const struct span_flow *is = &bridge->flows[i];

        if (flow_find(wanted->flows, wanted->n, is)
            || flow_find(held->flows, held->n, is)) {
            planner_claim(p, is);
        } else if (may_delete(p, bridge, is)) {
            add_flow_op(p, OP_DEL_FLOW, bridge, is);
        } else {
            p->waiting = true;
        }
    }
}

static void
plan_bridge_flows(struct planner *p, const struct switch_bridge *bridge)
{
    struct flow_list wanted = { NULL, 0 };
    struct flow_list held = { NULL, 0 };
    bool complete = collect_flows(p, bridge, &wanted, &held) && !held.n;

    mac_policy_build(p->wanted, bridge, &wanted);
    mac_limit_build(p->wanted, bridge, &wanted);
    if (bridge->flows_known) {
        collect_epoch(p, bridge, &wanted);
        p->waiting |= !complete;
        flow_list_sort(&wanted);
        flow_list_sort(&held);
        plan_flow_difference(p, bridge, &wanted, &held);
    } else {
        p->waiting |= wanted.n || !complete;
    }
    flow_list_destroy(&wanted);
    flow_list_destroy(&held);
}

/* Is a mirror of ours there that nobody wants any more? */
static bool
has_unwanted_mirrors(const struct planner *p)
{
    for (size_t i = 0; i < p->state->n_bridges; i++) {
        const struct switch_bridge *bridge = p->state->bridges[i];

        for (size_t j = 0; j < bridge->n_mirrors; j++) {
            if (bridge->mirrors[j]->ours
                && !planner_is_claimed(p, bridge->mirrors[j])) {
                return true;
            }
        }
    }
    return false;
}

/* Plans port flags and rules for all bridges. */
void
plan_flows(struct planner *p)
{
    p->dismantling = has_unwanted_mirrors(p);
    for (size_t i = 0; i < p->wanted->n_sessions; i++) {
        const struct wanted_session *ws = &p->wanted->sessions[i];

        for (size_t j = 0; j < ws->n_legs; j++) {
            struct leg_view view;

            leg_view_find(&view, ws, &ws->legs[j], p->state);
            plan_guard(p, &ws->legs[j], &view);
        }
    }
    plan_promisc_flags(p);
    for (size_t i = 0; i < p->state->n_bridges; i++) {
        plan_bridge_flows(p, p->state->bridges[i]);
    }
}
