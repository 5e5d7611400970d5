/* SPDX-License-Identifier: Apache-2.0 */

/* The OpenFlow rules of a leg.
 *
 * On the private bridge, for what comes from the leg's patch port:
 *
 *     200  dl_vlan=V            drop (another leg copies that VLAN, or it has
 *                               the copies of RSPAN)
 *     101  FILTER, tagged       meter, strip_vlan, to sinks, and back
 *     100  FILTER               meter, to sinks, and back
 *       1                       drop, and so count, what FILTER rejects
 *
 * and, where copies may be cut on the way to another host, in a table of its
 * own to which 101 and 100 lead with the result in reg0:
 *
 *     100  reg0=1               count (a meter that never drops)
 *
 * On the production bridge, for what comes back through the same patch port:
 *
 *   65535                       to the destination ports
 *
 * and with uplinks (what a switch keeps to itself would end, in a VLAN or not,
 * at the next one):
 *
 *   65535  01:80:c2:00:00:0x    to the destination ports
 *   65534                       to the destination ports, push_vlan, uplinks
 *
 * Where a relay takes the session's sample, 101 and 100 are others: see
 * relay-flows.c.
 *
 * The slice is made at the last hop: Open vSwitch does not truncate toward
 * patch ports (ofproto/ofproto-dpif-xlate.c, xlate_output_trunc_action()). */

#include <config.h>
#include "leg-flows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "leg-view.h"
#include "meter.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "relay.h"
#include "room.h"
#include "tunnel.h"
#include "util.h"

void
flow_list_destroy(struct flow_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        flow_destroy(&list->flows[i]);
    }
    free(list->flows);
    memset(list, 0, sizeof *list);
}

/* Moves '*flow' to the end of 'list'. */
void
flow_list_add(struct flow_list *list, struct span_flow *flow)
{
    list->flows = xrealloc(list->flows, (list->n + 1) * sizeof *list->flows);
    list->flows[list->n++] = *flow;
}

static int
compare_flows(const void *a, const void *b)
{
    return flow_compare_key(a, b);
}

/* Appends copies of all of 'src' to 'dst'. */
void
flow_list_copy(struct flow_list *dst, const struct flow_list *src)
{
    for (size_t i = 0; i < src->n; i++) {
        struct span_flow flow;

        flow_clone(&flow, &src->flows[i]);
        flow_list_add(dst, &flow);
    }
}

/* Sorts 'list' for flow_find(). */
void
flow_list_sort(struct flow_list *list)
{
    if (list->n > 1) {
        qsort(list->flows, list->n, sizeof *list->flows, compare_flows);
    }
}

/* Returns the one of the 'n' 'flows', which are sorted by their keys, with the
 * table, priority and match of 'key', or NULL. */
const struct span_flow *
flow_find(const struct span_flow *flows, size_t n,
          const struct span_flow *key)
{
    return n ? bsearch(key, flows, n, sizeof *flows, compare_flows) : NULL;
}

/* Does 'bridge' have all of 'list'? */
bool
flow_list_is_in(const struct flow_list *list,
                const struct switch_bridge *bridge)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct span_flow *flow
            = flow_find(bridge->flows, bridge->n_flows, &list->flows[i]);

        if (!flow || !flow_equals(flow, &list->flows[i])) {
            return false;
        }
    }
    return true;
}

/* Appends the output to port 'ofport', of no more than 'snaplen' bytes of a
 * frame unless that is 0, and a comma. */
void
flow_put_output(struct ds *actions, int64_t ofport, int snaplen)
{
    if (snaplen) {
        ds_put_format(actions, "output(port=%"PRId64",max_len=%d),", ofport,
                      snaplen);
    } else {
        ds_put_format(actions, "output:%"PRId64",", ofport);
    }
}

/* Appends the outputs to the recorders of 'ws'.  Returns false if one of the
 * capture ports has no OpenFlow number yet; it is left out. */
static bool
put_sinks(struct ds *actions, const struct wanted_session *ws,
          const struct switch_state *state)
{
    bool complete = true;

    for (size_t i = 0; i < ws->n_sinks; i++) {
        const struct switch_port *port = capture_port_find(
            state, ws->datapath_type, ws->sinks[i]->name);
        int64_t ofport = port ? switch_port_ofport(port) : 0;

        if (ofport > 0) {
            flow_put_output(actions, ofport, ws->session->snaplen);
        } else if (sink_use_of(state, ws, ws->sinks[i])
                   == SINK_USE_PENDING) {
            complete = false;
        }
    }
    return complete;
}

/* Does any mirror of 'ws' select something?  What a hook gets is up to
 * others. */
static bool
session_is_armed(const struct wanted_session *ws,
                 const struct switch_state *state)
{
    for (size_t i = 0; i < ws->n_legs; i++) {
        struct leg_view view;

        leg_view_find(&view, ws, &ws->legs[i], state);
        if (leg_view_is_armed(&view)
            || (ws->legs[i].hook && view.production_end)) {
            return true;
        }
    }
    return false;
}

/* May copies go back through the leg that 'view' shows?  Where no rule of ours
 * waits for them, somebody else's would take them for traffic.  As long as
 * there are no copies, both rules may be made at once. */
static bool
way_back_is_safe(const struct wanted_session *ws,
                 const struct wanted_leg *leg, const struct leg_view *view,
                 const struct switch_state *state)
{
    const struct switch_bridge *bridge = leg->bridge;
    uint64_t cookie = flow_cookie(&ws->session->uuid);
    bool found = false;

    if (!session_is_armed(ws, state)) {
        return true;
    }
    char *match = xasprintf("in_port=%"PRId64,
                            switch_port_ofport(view->production_end));
    for (size_t i = 0; i < bridge->n_flows && !found; i++) {
        const struct span_flow *flow = &bridge->flows[i];

        found = (flow->cookie == cookie && flow->priority >= SPAN_PRIO_UPLINK
                 && !strcmp(flow->match, match));
    }
    free(match);
    return found;
}

/* Appends the ways back to the bridges with destination ports, for copies that
 * come through 'leg', or none of the session's if it is NULL.  Returns false
 * if one of the ways is not there yet; it is left out. */
static bool
put_backs(struct ds *actions, const struct wanted_session *ws,
          const struct wanted_leg *leg, const struct switch_state *state)
{
    bool complete = true;

    for (size_t i = 0; i < ws->n_legs; i++) {
        const struct wanted_leg *other = &ws->legs[i];
        struct leg_view view;

        if (!wanted_leg_has_outputs(other)) {
            continue;
        }
        leg_view_find(&view, ws, other, state);
        if (!view.production_end || !view.private_end
            || switch_port_ofport(view.private_end) <= 0
            || !way_back_is_safe(ws, other, &view, state)) {
            complete = false;
        } else if (other == leg) {
            ds_put_cstr(actions, "in_port,");
        } else {
            flow_put_output(actions, switch_port_ofport(view.private_end),
                            0);
        }
    }
    return complete;
}

static bool
add_flow(struct flow_list *list, uint8_t table, uint16_t priority,
         uint64_t cookie, const struct ds *match, const char *actions)
{
    struct fault fault = FAULT_INITIALIZER;
    struct span_flow flow;
    bool ok = flow_init(&flow, table, priority, cookie,
                        ds_cstr_ro(match), actions, &fault);

    if (ok) {
        flow_list_add(list, &flow);
    }
    fault_clear(&fault);
    return ok;
}

/* Cuts the comma off the end; an empty list means to drop. */
static void
finish_actions(struct ds *actions)
{
    if (actions->length) {
        ds_chomp(actions, ',');
    } else {
        ds_put_cstr(actions, "drop");
    }
}

/* OpenFlow takes a tag off only where the match says that there is one.  With
 * a filter for untagged frames there is nothing to strip, and no such rule. */
static bool
add_strip_flow(const struct wanted_session *ws, int64_t in_port,
               uint16_t priority, const char *filter, const char *meter,
               const char *actions, struct flow_list *list)
{
    const struct session *session = ws->session;
    char *tagged = flow_filter_tagged(filter);
    struct ds match = DS_EMPTY_INITIALIZER;
    bool ok = true;

    if (tagged) {
        char *strip = xasprintf("%sstrip_vlan,%s", meter, actions);

        ds_put_format(&match, "in_port=%"PRId64",%s", in_port, tagged);
        ok = add_flow(list, 0, priority, flow_cookie(&session->uuid),
                      &match, strip);
        free(strip);
    }
    ds_destroy(&match);
    free(tagged);
    return ok;
}

/* The rule that counts the copies that are cut. */
static bool
add_cut_flow(const struct wanted_session *ws, int64_t in_port,
             struct flow_list *list)
{
    struct ds match = DS_EMPTY_INITIALIZER;
    char *meter = xasprintf("meter:%"PRIu32, ws->cut_meter);

    ds_put_format(&match, "in_port=%"PRId64",reg0=0x1/0x1", in_port);
    bool ok = add_flow(list, SPAN_TABLE_CUT, SPAN_PRIO_COPY,
                       flow_cookie(&ws->session->uuid), &match, meter);
    free(meter);
    ds_destroy(&match);
    return ok;
}

/* Appends the rules that send what comes from 'in_port' and is like 'match',
 * which has the filter 'filter', through the meter of 'ws' to 'actions'; the
 * one with 'strip_priority' takes tags off. */
static bool
add_copy_flows(const struct wanted_session *ws, int64_t in_port,
               uint16_t priority, uint16_t strip_priority,
               const struct ds *match, const char *filter,
               const char *actions, struct flow_list *list)
{
    bool copies = strcmp(actions, "drop") != 0;
    char *meter = (ws->meter && copies
                   ? xasprintf("meter:%"PRIu32",", ws->meter) : xstrdup(""));
    char *metered = xasprintf("%s%s", meter, actions);
    bool ok = add_flow(list, 0, priority, flow_cookie(&ws->session->uuid),
                       match, metered);

    if (ws->session->strip_vlan && copies) {
        ok = add_strip_flow(ws, in_port, strip_priority, filter, meter,
                            actions, list) && ok;
    }
    if (ws->cut_meter && copies) {
        ok = add_cut_flow(ws, in_port, list) && ok;
    }
    free(metered);
    free(meter);
    return ok;
}

/* Builds the rules of the private bridge for what comes from 'in_port', the
 * patch port of 'leg': what the filter takes is sent to 'actions', if 'last'
 * by way of the meter and without its tag. */
bool
leg_flows_add_private(const struct wanted_session *ws,
                      const struct wanted_leg *leg, int64_t in_port,
                      bool last, const char *actions, struct flow_list *list)
{
    const struct session *session = ws->session;
    uint64_t cookie = flow_cookie(&session->uuid);
    struct ds match = DS_EMPTY_INITIALIZER;
    bool ok = true;

    for (size_t i = 0; i < leg->n_skip_vlans; i++) {
        ds_clear(&match);
        ds_put_format(&match, "in_port=%"PRId64",dl_vlan=%"PRIu16, in_port,
                      leg->skip_vlans[i]);
        ok = add_flow(list, 0, SPAN_PRIO_SKIP, cookie, &match, "drop") && ok;
    }
    ds_clear(&match);
    ds_put_format(&match, "in_port=%"PRId64, in_port);
    if (session->filter[0]) {
        ok = add_flow(list, 0, SPAN_PRIO_REST, cookie, &match, "drop") && ok;
        ds_put_format(&match, ",%s", session->filter);
    }
    ok = (last
          ? add_copy_flows(ws, in_port, SPAN_PRIO_COPY, SPAN_PRIO_STRIP,
                           &match, session->filter, actions, list)
          : add_flow(list, 0, SPAN_PRIO_COPY, cookie, &match, actions)) && ok;
    ds_destroy(&match);
    return ok;
}

/* Builds the rules of the private bridge for what a relay of 'ws' sends, out
 * of the port 'in_port'. */
bool
leg_flows_add_relayed(const struct wanted_session *ws, int64_t in_port,
                      const char *actions, struct flow_list *list)
{
    struct ds match = DS_EMPTY_INITIALIZER;
    bool ok;

    ds_put_format(&match, "in_port=%"PRId64, in_port);
    ok = add_copy_flows(ws, in_port, SPAN_PRIO_RELAYED,
                        SPAN_PRIO_RELAYED_STRIP, &match, "", actions, list);
    ds_destroy(&match);
    return ok;
}

static int
uplink_max_len(const struct wanted_session *ws, const struct wanted_leg *leg,
               const struct wanted_uplink *uplink)
{
    int snaplen = ws->session->snaplen;
    int room = uplink_room(leg, uplink);

    return !snaplen || !room ? MAX(snaplen, room) : MIN(snaplen, room);
}

static void
put_uplinks(struct ds *actions, const struct wanted_session *ws,
            const struct wanted_leg *leg)
{
    ds_put_format(actions, "push_vlan:0x8100,set_field:%d->vlan_vid,",
                  ws->session->encap_vlan | VLAN_CFI);
    for (size_t i = 0; i < leg->n_uplinks; i++) {
        flow_put_output(actions, leg->uplinks[i].member->ofport,
                        uplink_max_len(ws, leg, &leg->uplinks[i]));
    }
}

/* Appends the rule of 'priority' that does 'actions', which it finishes, with
 * what comes back through 'in_port' and is like 'what'. */
static bool
add_back_flow(const struct wanted_session *ws, int64_t in_port,
              uint16_t priority, const char *what, struct ds *actions,
              struct flow_list *list)
{
    struct ds match = DS_EMPTY_INITIALIZER;

    finish_actions(actions);
    ds_put_format(&match, "in_port=%"PRId64"%s", in_port, what);
    bool ok = add_flow(list, 0, priority, flow_cookie(&ws->session->uuid),
                       &match, ds_cstr(actions));
    ds_destroy(&match);
    return ok;
}

/* The rules that hand out what comes back. */
static bool
build_production(const struct wanted_session *ws,
                 const struct wanted_leg *leg, int64_t in_port,
                 struct flow_list *list)
{
    struct ds ports = DS_EMPTY_INITIALIZER;
    struct ds all = DS_EMPTY_INITIALIZER;
    bool ok = true;

    for (size_t i = 0; i < leg->n_outputs; i++) {
        flow_put_output(&ports, switch_port_ofport(leg->outputs[i]),
                        ws->session->snaplen);
    }
    if (leg->n_uplinks) {
        ds_put_cstr(&all, ds_cstr(&ports));
        put_uplinks(&all, ws, leg);
        ok = add_back_flow(ws, in_port, SPAN_PRIO_UPLINK, "", &all, list)
             && add_back_flow(ws, in_port, SPAN_PRIO_BACK,
                              ",dl_dst=01:80:c2:00:00:00/ff:ff:ff:ff:ff:f0",
                              &ports, list);
    } else if (leg->n_outputs) {
        ok = add_back_flow(ws, in_port, SPAN_PRIO_BACK, "", &ports, list);
    }
    ds_destroy(&ports);
    ds_destroy(&all);
    return ok;
}

/* Appends, and finishes, what is done with copies of 'leg' that come from the
 * relay, or from the patch port of 'leg' if not 'relayed'.  Returns false if
 * something of it is not there yet; it is left out. */
bool
leg_flows_put_outputs(struct ds *actions, const struct wanted_session *ws,
                      const struct wanted_leg *leg, bool relayed,
                      const struct switch_state *state)
{
    struct ds outputs = DS_EMPTY_INITIALIZER;
    bool sinks_ok = put_sinks(&outputs, ws, state);
    bool backs_ok = put_backs(&outputs, ws, relayed ? NULL : leg, state);
    bool tunnels_ok = tunnel_put_outputs(&outputs, ws, leg, state);

    if (outputs.length) {
        char *check = room_check_actions(ws, state);

        ds_put_cstr(actions, check);
        free(check);
    }
    finish_actions(&outputs);
    ds_put_cstr(actions, ds_cstr(&outputs));
    ds_destroy(&outputs);
    return sinks_ok && backs_ok && tunnels_ok;
}

/* Builds into 'list' the rules of 'leg' for its private bridge, on which its
 * end is 'in_port'. */
static bool
build_private(const struct wanted_session *ws, const struct wanted_leg *leg,
              int64_t in_port, const struct switch_state *state,
              struct flow_list *list)
{
    struct flow_list direct = { NULL, 0 };
    struct ds actions = DS_EMPTY_INITIALIZER;
    bool ok = leg_flows_put_outputs(&actions, ws, leg, false, state);

    ok = leg_flows_add_private(ws, leg, in_port, true, ds_cstr(&actions),
                               &direct) && ok;
    ds_destroy(&actions);
    if (!session_is_relayed(ws->session) || leg->role == LEG_BACK) {
        *list = direct;
        return ok;
    }
    ok = relay_leg_flows_build(ws, leg, state, in_port, &direct, list);
    flow_list_destroy(&direct);
    return ok;
}

/* Builds the rules of 'leg' for its private and its production bridge; the
 * caller must destroy both lists.  Returns false, with what could be built, if
 * an OpenFlow port number or a guard is still missing: then the rules cannot
 * be complete yet.  Those that can be are built all the same, so that what
 * runs goes on while something is added to it. */
bool
leg_flows_build(const struct wanted_session *ws, const struct wanted_leg *leg,
                const struct switch_state *state,
                struct flow_list *private_flows,
                struct flow_list *production_flows)
{
    struct leg_view view;

    memset(private_flows, 0, sizeof *private_flows);
    memset(production_flows, 0, sizeof *production_flows);
    leg_view_find(&view, ws, leg, state);
    if (!view.production_end || !view.private_end
        || switch_port_ofport(view.production_end) <= 0
        || switch_port_ofport(view.private_end) <= 0) {
        return false;
    }

    bool ok = build_private(ws, leg, switch_port_ofport(view.private_end),
                            state, private_flows);
    return build_production(ws, leg, switch_port_ofport(view.production_end),
                            production_flows) && ok;
}

/* Are the rules for what relays of 'ws' send all there? */
static bool
relayed_flows_are_in_place(const struct wanted_session *ws,
                           const struct switch_state *state)
{
    const struct switch_bridge *bridge
        = switch_state_private_bridge(state, ws->datapath_type);
    struct flow_list flows = { NULL, 0 };
    bool ok = (relay_flows_build(ws, state, &flows)
               && flow_list_is_in(&flows, bridge));

    flow_list_destroy(&flows);
    return ok;
}

/* Are the rules of 'leg' all there, and the meters that they use, seen in
 * fresh dumps, and its patch port guarded? */
bool
leg_flows_are_in_place(const struct wanted_session *ws,
                       const struct wanted_leg *leg,
                       const struct switch_state *state)
{
    struct flow_list private_flows, production_flows;
    struct leg_view view;
    bool ok = leg_flows_build(ws, leg, state, &private_flows,
                              &production_flows);

    leg_view_find(&view, ws, leg, state);
    ok = ok && view.private_bridge->flows_known && leg->bridge->flows_known
         && leg_view_is_guarded(&view) && meters_are_in_place(ws, state)
         && flow_list_is_in(&private_flows, view.private_bridge)
         && relayed_flows_are_in_place(ws, state)
         && flow_list_is_in(&production_flows, leg->bridge);
    flow_list_destroy(&private_flows);
    flow_list_destroy(&production_flows);
    return ok;
}

/* The rule by whose rewriting vswitchd is made to revalidate; see
 * compute_epoch() in switch-state.c. */
bool
epoch_flow_build(struct span_flow *flow, uint64_t epoch)
{
    struct fault fault = FAULT_INITIALIZER;
    char *match = xasprintf("metadata=0x%"PRIx64, epoch);
    bool ok = flow_init(flow, SPAN_TABLE_EPOCH, 0, SPAN_COOKIE_TAG, match,
                        "drop", &fault);

    fault_clear(&fault);
    free(match);
    return ok;
}
