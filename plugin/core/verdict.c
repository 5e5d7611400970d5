/* SPDX-License-Identifier: Apache-2.0 */

/* Judges each session by what is observed, never by what was ordered: a
 * session is active when its mirror selects what it should, vswitchd and its
 * datapath follow, the rules are in the tables, and the recorders record. */

#include <config.h>
#include "verdict.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "leg-flows.h"
#include "leg-view.h"
#include "mac-limit.h"
#include "mac-policy.h"
#include "meter.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "promisc-watch.h"
#include "promisc.h"
#include "relay.h"
#include "sink-loss.h"
#include "source-check.h"
#include "tunnel.h"
#include "util.h"
#include "uuid.h"
#include "wanted-sources.h"

const char *
binding_state_to_string(enum binding_state state)
{
    switch (state) {
    case BINDING_ACTIVE: return "active";
    case BINDING_WAITING: return "waiting";
    case BINDING_DEGRADED: return "degraded";
    case BINDING_REFUSED: return "refused";
    case BINDING_DISABLED: return "disabled";
    case BINDING_EXPIRED: return "expired";
    }
    OVS_NOT_REACHED();
}

/* How many there are in each state, and, last, how many on their way. */
#define STARTING N_BINDING_STATES
#define N_COUNTS (N_BINDING_STATES + 1)

/* Adds how many 'noun's there are, and how many of them in each state. */
static void
put_states(struct ds *ds, const char *noun, size_t n,
           const size_t counts[N_COUNTS])
{
    const char *separator = ": ";

    ds_put_format(ds, "%"PRIuSIZE" %s%s", n, noun, n == 1 ? "" : "s");
    for (size_t i = 0; i < N_COUNTS; i++) {
        if (counts[i]) {
            ds_put_format(ds, "%s%"PRIuSIZE" %s", separator, counts[i],
                          (i == STARTING ? "starting"
                           : binding_state_to_string(i)));
            separator = ", ";
        }
    }
}

/* Returns one line on all of 'v', for the caller to free, such as
 * "3 sessions: 2 active, 1 refused; 1 port group: 1 active". */
char *
verdicts_summary(const struct verdicts *v)
{
    size_t sessions[N_COUNTS] = { 0 };
    size_t groups[N_COUNTS] = { 0 };
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < v->n_verdicts; i++) {
        const struct verdict *verdict = &v->verdicts[i];

        sessions[verdict->pending ? STARTING : verdict->state]++;
    }
    for (size_t i = 0; i < v->n_groups; i++) {
        const struct group_verdict *verdict = &v->groups[i];

        groups[verdict->pending ? STARTING : verdict->state]++;
    }
    put_states(&ds, "session", v->n_verdicts, sessions);
    if (v->n_groups) {
        ds_put_cstr(&ds, "; ");
        put_states(&ds, "port group", v->n_groups, groups);
    }
    return ds_steal_cstr(&ds);
}

/* Is 'uuids' the same set as that of 'ports'?  Both are sorted. */
static bool
uuids_are_ports(const struct uuid *uuids, size_t n_uuids,
                const struct switch_port **ports, size_t n_ports)
{
    if (n_uuids != n_ports) {
        return false;
    }
    for (size_t i = 0; i < n_ports; i++) {
        if (!uuid_equals(&uuids[i], &ports[i]->uuid)) {
            return false;
        }
    }
    return true;
}

static bool
mirror_is_right(const struct wanted_leg *leg, const struct leg_view *view)
{
    const struct switch_mirror *mirror = view->mirror;

    return mirror && view->production_end && !mirror->select_all
           && uuid_equals(&mirror->output_port, &view->production_end->uuid)
           && uuids_are_ports(mirror->src, mirror->n_src,
                              leg->src, leg->n_src)
           && uuids_are_ports(mirror->dst, mirror->n_dst,
                              leg->dst, leg->n_dst)
           && mirror->n_vlans == leg->n_vlans
           && (!leg->n_vlans
               || !memcmp(mirror->vlans, leg->vlans,
                          leg->n_vlans * sizeof *leg->vlans));
}

/* Finds what in 'leg' will not mend itself, whatever time passes. */
static bool
find_leg_fault(const struct wanted_leg *leg, const struct leg_view *view,
               struct fault *fault)
{
    const struct switch_port *ends[] = {
        view->production_end, view->private_end,
    };

    for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
        if (ends[i] && switch_port_ofport(ends[i]) < 0) {
            fault_set(fault, "port-failed",
                      "Open vSwitch could not make port %s: %s",
                      ends[i]->name, ends[i]->ifaces[0]->error);
            return true;
        }
    }
    if (view->mirror && view->mirror->dead) {
        fault_set(fault, "mirror-dead",
                  "Open vSwitch does not run the mirror on bridge %s (its "
                  "statistics stay empty); see ovs-vswitchd.log.",
                  leg->bridge->name);
        return true;
    }
    return false;
}

/* Says what 'leg' still lacks; only for a session that is overdue. */
static void
explain_leg(const struct wanted_session *ws, const struct wanted_leg *leg,
            const struct leg_view *view, const struct switch_state *state,
            struct fault *fault)
{
    if (!view->production_end || !view->private_end || !view->mirror) {
        fault_set(fault, "not-applied",
                  "The ports and the mirror for bridge %s could not be made; "
                  "see ovs-spand.log.", leg->bridge->name);
    } else if (!state->config_settled) {
        fault_set(fault, "switch-down",
                  "ovs-vswitchd does not apply its database; is it running?");
    } else if (!leg->bridge->flows_known
               || !view->private_bridge->flows_known) {
        fault_set(fault, "no-openflow",
                  "Bridge %s or %s does not answer OpenFlow over its "
                  "management socket; is ovs-vswitchd running?",
                  leg->bridge->name, view->private_bridge->name);
    } else if (!meters_are_in_place(ws, state)) {
        fault_set(fault, "flow-failed",
                  "Bridge %s did not take the meters of this session; can "
                  "its datapath have any (Linux 4.15 or later)?  See "
                  "ovs-spand.log%s.", view->private_bridge->name,
                  ws->meter ? ", or write rate=0" : "");
    } else if (!leg_flows_are_in_place(ws, leg, state)) {
        fault_set(fault, "flow-failed",
                  "Bridge %s or %s did not take the rules of this session; "
                  "see ovs-spand.log.", leg->bridge->name,
                  view->private_bridge->name);
    } else {
        fault_set(fault, "not-applied",
                  "The mirror on bridge %s is not as it should be; see "
                  "ovs-spand.log.", leg->bridge->name);
    }
}

/* Judges the recorders of 'ws'.  Returns true if all record; else sets
 * 'pending', or 'fault'. */
static bool
judge_sinks(const struct wanted_session *ws, const struct switch_state *state,
            bool overdue, bool *pending, struct fault *fault)
{
    bool ready = true;

    for (size_t i = 0; i < ws->n_sinks; i++) {
        const char *name = ws->sinks[i]->name;
        const struct switch_sink *sink = switch_state_find_sink(state, name);
        enum sink_use use = sink_use_of(state, ws, ws->sinks[i]);

        if (use == SINK_USE_READY) {
            continue;
        }
        ready = false;
        if (use == SINK_USE_PENDING && !overdue) {
            *pending = true;
        } else if (!fault_is_set(fault)) {
            const struct switch_port *port = capture_port_find(
                state, ws->datapath_type, name);
            const char *why = (sink && sink->error[0] ? sink->error
                               : port && port->n_ifaces
                                 && port->ifaces[0]->error[0]
                               ? port->ifaces[0]->error
                               : "it did not get ready");
            fault_set(fault, "sink-failed",
                      "Sink %s does not record: %s", name, why);
        }
    }
    return ready;
}

static bool
is_rate_limited(const struct switch_sink *sink)
{
    return !strcmp(sink->error_code, "byte-rate");
}

/* Does a sink of 'ws' that records say that something is wrong, for example
 * with its disk? */
static void
judge_sink_errors(const struct wanted_session *ws,
                  const struct switch_state *state, struct fault *fault)
{
    for (size_t i = 0; i < ws->n_sinks && !fault_is_set(fault); i++) {
        const struct switch_sink *sink = switch_state_find_sink(
            state, ws->sinks[i]->name);

        if (sink && sink->state == SINK_READY && sink->error[0]
            && !is_rate_limited(sink)) {
            fault_set(fault, "sink-error", "Sink %s: %s", sink->name,
                      sink->error);
        }
    }
}

/* Returns the sentence on what 'sink', which may be NULL, has lost, for the
 * caller to free; NULL if it has lost nothing. */
static char *
describe_loss(const struct switch_sink *sink)
{
    struct sink_loss loss = { .total = 0 };

    if (sink && sink->state == SINK_READY) {
        sink_loss_read(&sink->counters, &loss);
    }
    return loss.total ? sink_loss_sentence(sink, &loss) : NULL;
}

/* Has a relay of 'ws', or a sink that records, lost packets since its process
 * began?  Returns the sentence on the first that has, for the caller to free,
 * or NULL. */
static char *
find_sink_loss(const struct wanted_session *ws,
               const struct switch_state *state)
{
    char *sentence = NULL;

    for (int to = 0; to < 2 && !sentence; to++) {
        sentence = describe_loss(relay_find_running(state, ws, to));
    }
    for (size_t i = 0; i < ws->n_sinks && !sentence; i++) {
        sentence = describe_loss(switch_state_find_sink(
                                     state, ws->sinks[i]->name));
    }
    return sentence;
}

/* Does a sink of 'ws' leave out something because of its byte rate? */
static void
judge_sink_rate(const struct wanted_session *ws,
                const struct switch_state *state, struct fault *fault)
{
    for (size_t i = 0; i < ws->n_sinks && !fault_is_set(fault); i++) {
        const struct switch_sink *sink = switch_state_find_sink(
            state, ws->sinks[i]->name);

        if (sink && sink->state == SINK_READY && is_rate_limited(sink)) {
            fault_set(fault, "byte-rate", "Sink %s: %s", sink->name,
                      sink->error);
        }
    }
}

/* Lets 'fault' say 'detail', too, unless that is NULL. */
static void
add_detail(struct fault *fault, const char *detail)
{
    if (detail) {
        fault_set(fault, fault->reason, "%s  %s", fault->detail, detail);
    }
}

/* Lets 'fault' say 'twice', that frames are copied twice, as well; 'twice' is
 * cleared.  What does not work at all comes first. */
static void
add_twice(struct fault *fault, struct fault *twice)
{
    if (fault_is_set(fault)) {
        add_detail(fault, twice->detail);
        fault_clear(twice);
    } else {
        fault_move(fault, twice);
    }
}

/* Is it about a recorder or a relay that does not do its work? */
static bool
is_of_sink(const struct fault *fault)
{
    return (fault_is_set(fault)
            && (!strcmp(fault->reason, "sink-failed")
                || !strcmp(fault->reason, "sink-error")
                || !strcmp(fault->reason, "relay-failed")));
}

/* Adds to 'fault', what is wrong with a session now, that packets are lost,
 * which stays true.  It comes first. */
static void
add_loss(const struct wanted_session *ws, const struct switch_state *state,
         struct verdict *verdict, struct fault *fault)
{
    char *loss = find_sink_loss(ws, state);

    if (loss) {
        struct fault lost = FAULT_INITIALIZER;

        fault_set(&lost, "packets-lost", "%s", loss);
        add_detail(&lost, fault->detail);
        fault_move(fault, &lost);
        verdict->counts = true;
        free(loss);
    }
}

/* Judges one leg.  Returns true if it works; else sets 'pending', or
 * 'fault'. */
static bool
judge_leg(const struct wanted_session *ws, const struct wanted_leg *leg,
          const struct switch_state *state, bool overdue, bool *pending,
          struct fault *fault)
{
    struct leg_view view;

    leg_view_find(&view, ws, leg, state);
    if (find_leg_fault(leg, &view, fault)) {
        return false;
    }
    if (mirror_is_right(leg, &view) && state->config_settled
        && leg_flows_are_in_place(ws, leg, state)
        && view.private_bridge->settled_epoch
           == leg->bridge->epoch) {
        return true;
    }
    if (overdue) {
        explain_leg(ws, leg, &view, state, fault);
    } else {
        *pending = true;
    }
    return false;
}

static void
judge_running(const struct wanted_session *ws,
              const struct switch_state *state, bool overdue,
              struct verdict *verdict)
{
    struct fault fault = FAULT_INITIALIZER, twice = FAULT_INITIALIZER;
    bool relays_ready = relay_judge(ws, state, overdue, &verdict->pending,
                                    &fault);
    bool sinks_ready = judge_sinks(ws, state, overdue, &verdict->pending,
                                   &fault);

    bool tunnels_usable = tunnel_judge(ws, state, overdue, &verdict->pending,
                                       &fault);
    bool nothing_usable = (!relays_ready
                           || (ws->n_tunnels && !tunnels_usable
                               && !ws->n_sinks
                               && !wanted_session_has_outputs(ws)));

    for (size_t i = 0; i < ws->n_legs && !verdict->pending; i++) {
        /* A leg waits unarmed while no relay, no recorder and no tunnel is
         * there: then that is what is wrong, not the leg. */
        if (!nothing_usable
            && (sinks_ready || tunnels_usable
                || wanted_leg_has_outputs(&ws->legs[i]))) {
            struct fault leg_fault = FAULT_INITIALIZER;

            judge_leg(ws, &ws->legs[i], state, overdue, &verdict->pending,
                      &leg_fault);
            if (!fault_is_set(&fault)) {
                fault_move(&fault, &leg_fault);
            }
            fault_clear(&leg_fault);
        }
    }
    judge_sink_errors(ws, state, &fault);
    if (fault_is_set(&ws->fault)) {
        if (is_of_sink(&fault)) {
            add_detail(&fault, ws->fault.detail);
        } else {
            fault_clear(&fault);
            fault_copy(&fault, &ws->fault);
            add_loss(ws, state, verdict, &fault);
        }
    } else if (!fault_is_set(&fault)) {
        judge_sink_rate(ws, state, &fault);
        add_loss(ws, state, verdict, &fault);
    }
    source_check_session(ws, state, &twice);
    add_twice(&fault, &twice);
    verdict->state = (fault_is_set(&fault)
                      ? BINDING_DEGRADED : BINDING_ACTIVE);
    fault_move(&verdict->fault, &fault);
}

/* What the states of those that do not run are called. */
static const enum binding_state idle_states[] = {
    [WANTED_DISABLED] = BINDING_DISABLED,
    [WANTED_EXPIRED] = BINDING_EXPIRED,
    [WANTED_REFUSED] = BINDING_REFUSED,
    [WANTED_WAITING] = BINDING_WAITING,
};

/* Puts into 'disk_free' how much room the recorders of 'ws' have. */
static void
fill_disk_free(const struct wanted_session *ws,
               const struct switch_state *state, struct smap *disk_free)
{
    for (size_t i = 0; i < ws->n_sinks; i++) {
        const struct switch_sink *sink = switch_state_find_sink(
            state, ws->sinks[i]->name);

        if (sink && sink->state == SINK_READY && sink->disk_size) {
            smap_remove(disk_free, sink->name);
            smap_add_format(disk_free, sink->name, "%"PRId64,
                            sink->disk_free);
        }
    }
}

static void
judge(const struct wanted_session *ws, const struct switch_state *state,
      bool overdue, struct verdict *verdict)
{
    memset(verdict, 0, sizeof *verdict);
    verdict->session = ws->session;
    smap_init(&verdict->counters);
    smap_init(&verdict->sources);
    smap_init(&verdict->disk_free);
    wanted_sources_fill(ws, &verdict->sources);
    fill_disk_free(ws, state, &verdict->disk_free);
    if (ws->state == WANTED_RUNNING) {
        judge_running(ws, state, overdue, verdict);
    } else {
        verdict->state = idle_states[ws->state];
        fault_copy(&verdict->fault, &ws->fault);
    }
}

static void
judge_group(const struct wanted_group *wg, const struct switch_state *state,
            bool overdue, struct group_verdict *verdict)
{
    struct fault fault = FAULT_INITIALIZER, twice = FAULT_INITIALIZER;

    verdict->group = wg->group;
    smap_init(&verdict->counters);
    smap_init(&verdict->ports);
    promisc_watch_ports(wg, &verdict->ports);
    if (wg->state == WANTED_RUNNING) {
        promisc_judge(wg, state, overdue, &verdict->pending, &fault);
    }
    if (!fault_is_set(&fault)) {
        mac_policy_judge(wg, overdue, &verdict->pending, &fault);
    }
    if (!fault_is_set(&fault)) {
        mac_limit_judge(wg, overdue, &verdict->pending, &fault);
    }
    if (fault_is_set(&wg->fault)) {
        fault_clear(&fault);
        fault_copy(&fault, &wg->fault);
    }
    if (wg->state == WANTED_RUNNING) {
        source_check_group(wg, state, &twice);
        add_twice(&fault, &twice);
    }
    verdict->state = (wg->state != WANTED_RUNNING ? idle_states[wg->state]
                      : fault_is_set(&fault) ? BINDING_DEGRADED
                      : BINDING_ACTIVE);
    fault_move(&verdict->fault, &fault);
}

/* Judges every session and group of 'wanted' by 'state' into '*verdicts',
 * which the caller must destroy with verdicts_destroy().  It borrows the
 * sessions and groups. */
void
verdicts_compute(const struct wanted *wanted, const struct switch_state *state,
                 bool overdue, struct verdicts *verdicts)
{
    memset(verdicts, 0, sizeof *verdicts);
    verdicts->verdicts = xcalloc(wanted->n_sessions + 1,
                                 sizeof *verdicts->verdicts);
    verdicts->n_verdicts = wanted->n_sessions;
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        judge(&wanted->sessions[i], state, overdue, &verdicts->verdicts[i]);
        verdicts->pending |= verdicts->verdicts[i].pending;
    }
    verdicts->groups = xcalloc(wanted->n_groups + 1,
                               sizeof *verdicts->groups);
    verdicts->n_groups = wanted->n_groups;
    for (size_t i = 0; i < wanted->n_groups; i++) {
        judge_group(&wanted->groups[i], state, overdue,
                    &verdicts->groups[i]);
        verdicts->pending |= verdicts->groups[i].pending;
    }
}

/* Lets 'a' and 'b' change places.  (Assigning them does not do: their maps do
 * not bear to be moved.) */
void
verdict_swap(struct verdict *a, struct verdict *b)
{
    struct verdict tmp = *a;

    *a = *b;
    *b = tmp;
    hmap_moved(&a->counters.map);
    hmap_moved(&a->sources.map);
    hmap_moved(&a->disk_free.map);
    hmap_moved(&b->counters.map);
    hmap_moved(&b->sources.map);
    hmap_moved(&b->disk_free.map);
}

/* Frees what verdicts_compute() made, but not 'verdicts' itself. */
void
verdicts_destroy(struct verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->n_verdicts; i++) {
        fault_clear(&verdicts->verdicts[i].fault);
        smap_destroy(&verdicts->verdicts[i].counters);
        smap_destroy(&verdicts->verdicts[i].sources);
        smap_destroy(&verdicts->verdicts[i].disk_free);
    }
    for (size_t i = 0; i < verdicts->n_groups; i++) {
        fault_clear(&verdicts->groups[i].fault);
        smap_destroy(&verdicts->groups[i].counters);
        smap_destroy(&verdicts->groups[i].ports);
    }
    free(verdicts->groups);
    free(verdicts->verdicts);
    memset(verdicts, 0, sizeof *verdicts);
}
