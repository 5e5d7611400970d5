/* SPDX-License-Identifier: Apache-2.0 */

/* Counts that never go back.  See tally.h.
 *
 * A rule counts from 0 when it is made, a recorder when it is started.  For
 * each of them this keeps what it counted last; when it begins again, or is
 * gone, that goes into a base which is added from then on.  What a rule counts
 * between the last look at it and its end is missing; rules are looked at each
 * second.  A bridge whose rules are not known now is not looked at.
 *
 * All of it is in memory: for a new daemon counts are those of the rules and
 * the recorders that it finds. */

#include <config.h>
#include "tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flow-text.h"
#include "hash.h"
#include "mac-limit.h"
#include "mac-policy.h"
#include "meter.h"
#include "openvswitch/util.h"
#include "promisc.h"
#include "relay.h"
#include "smap.h"
#include "switch-state.h"
#include "tally-sink.h"
#include "util.h"
#include "verdict.h"
#include "wanted.h"

/* What a rule counts. */
enum kind {
    COPIES,                     /* Copies made. */
    REJECTS,                    /* What the session's filter said no to. */
    RETURNS,                    /* What came from relays, to be handed out. */
    FORGED,                     /* What ports of a group must not send, by */
    CHANGED,                    /* one part of its policy and by another. */
    OVER_DROPPED,               /* What is over the limit of a port of a */
    OVER_PASSED,                /* group, by what becomes of it. */
    N_KINDS
};

struct amount {
    uint64_t packets, bytes;
};

struct flow_tally {
    struct hmap_node node;      /* In 'flows', by flow_hash(). */
    char *bridge;
    struct span_flow flow;      /* Its key; counters are not used. */
    enum kind kind;
    struct amount base, last;
    bool seen;
};

/* What a meter of a session counts. */
struct meter_tally {
    uint32_t number;            /* That 'last' is of; 0 = none. */
    struct amount last;
    struct amount copies;       /* All, of copies just made, ... */
    struct amount returns;      /* ... and of what came from relays. */
};

struct session_tally {
    struct hmap_node node;      /* In 'sessions', by cookie. */
    uint64_t cookie;
    struct amount gone[N_KINDS];    /* By rules that are no more. */
    struct amount total[N_KINDS];
    struct meter_tally meter;       /* What it drops. */
    struct meter_tally cut;         /* What comes to it. */
    struct amount mirrored;     /* Copies without what the meter drops. */
    struct amount handed;       /* The same of what came from relays. */
    bool seen;
};

void
tally_init(struct tally *t)
{
    hmap_init(&t->flows);
    hmap_init(&t->sessions);
    shash_init(&t->sinks);
}

static void
delete_flow(struct tally *t, struct flow_tally *ft)
{
    hmap_remove(&t->flows, &ft->node);
    flow_destroy(&ft->flow);
    free(ft->bridge);
    free(ft);
}

static void
delete_session(struct tally *t, struct session_tally *st)
{
    hmap_remove(&t->sessions, &st->node);
    free(st);
}

/* Frees what 't' holds, but not 't' itself. */
void
tally_destroy(struct tally *t)
{
    struct flow_tally *ft, *next_ft;
    struct session_tally *st, *next_st;

    HMAP_FOR_EACH_SAFE (ft, next_ft, node, &t->flows) {
        delete_flow(t, ft);
    }
    HMAP_FOR_EACH_SAFE (st, next_st, node, &t->sessions) {
        delete_session(t, st);
    }
    tally_sinks_clear(&t->sinks);
    hmap_destroy(&t->flows);
    hmap_destroy(&t->sessions);
    shash_destroy(&t->sinks);
}

/* Finds what 'flow' of a production bridge counts for a port group; returns
 * false for nothing. */
static bool
group_flow_kind(const struct span_flow *flow, enum kind *kind)
{
    enum mac_limit_policy limit_policy;
    enum mac_breach breach;

    if (promisc_flow_delivers(flow)) {
        *kind = COPIES;
    } else if (mac_policy_knows(flow, &breach)) {
        *kind = breach == BREACH_FORGED ? FORGED : CHANGED;
    } else if (mac_limit_counts(flow, &limit_policy)) {
        *kind = limit_policy == MAC_LIMIT_DROP ? OVER_DROPPED : OVER_PASSED;
    } else {
        return false;
    }
    return true;
}

/* Finds what 'flow' of 'bridge' counts; returns false for nothing. */
static bool
flow_kind(const struct switch_bridge *bridge, const struct span_flow *flow,
          enum kind *kind)
{
    if (!bridge->ours) {
        return group_flow_kind(flow, kind);
    }
    *kind = (flow->priority == SPAN_PRIO_REST ? REJECTS
             : flow_is_relayed(flow) ? RETURNS : COPIES);
    return (flow->table == 0
            && (*kind == RETURNS
                || flow->priority == SPAN_PRIO_STRIP
                || flow->priority == SPAN_PRIO_COPY
                || flow->priority == SPAN_PRIO_REST));
}

static uint32_t
flow_hash(const char *bridge, const struct span_flow *flow)
{
    return hash_string(flow->match, hash_string(bridge, hash_uint64(
        flow->cookie ^ ((uint64_t) flow->priority << 32))));
}

static struct flow_tally *
find_flow(const struct tally *t, const char *bridge,
          const struct span_flow *flow)
{
    struct flow_tally *ft;

    HMAP_FOR_EACH_WITH_HASH (ft, node, flow_hash(bridge, flow), &t->flows) {
        if (ft->flow.cookie == flow->cookie
            && ft->flow.priority == flow->priority
            && !strcmp(ft->flow.match, flow->match)
            && !strcmp(ft->bridge, bridge)) {
            return ft;
        }
    }
    return NULL;
}

static struct session_tally *
find_session(const struct tally *t, uint64_t cookie)
{
    struct session_tally *st;

    HMAP_FOR_EACH_WITH_HASH (st, node, hash_uint64(cookie), &t->sessions) {
        if (st->cookie == cookie) {
            return st;
        }
    }
    return NULL;
}

static void
add_amount(struct amount *sum, const struct amount *more)
{
    sum->packets += more->packets;
    sum->bytes += more->bytes;
}

static void
look_at_flow(struct tally *t, const struct switch_bridge *bridge,
             const struct span_flow *flow)
{
    struct flow_tally *ft;
    enum kind kind;

    if (!flow_kind(bridge, flow, &kind)) {
        return;
    }
    ft = find_flow(t, bridge->name, flow);
    if (!ft) {
        ft = xzalloc(sizeof *ft);
        ft->bridge = xstrdup(bridge->name);
        flow_clone(&ft->flow, flow);
        ft->kind = kind;
        hmap_insert(&t->flows, &ft->node, flow_hash(bridge->name, flow));
    } else if (flow->packets < ft->last.packets
               || flow->bytes < ft->last.bytes) {
        add_amount(&ft->base, &ft->last);
    }
    ft->last = (struct amount) { flow->packets, flow->bytes };
    ft->seen = true;
}

/* Returns the entry of the session whose rules have 'cookie'. */
static struct session_tally *
need_session(struct tally *t, uint64_t cookie)
{
    struct session_tally *st = find_session(t, cookie);

    if (!st) {
        st = xzalloc(sizeof *st);
        st->cookie = cookie;
        hmap_insert(&t->sessions, &st->node, hash_uint64(cookie));
    }
    return st;
}

/* Puts what 'ft' has counted to what is gone of its session. */
static void
retire_flow(struct tally *t, struct flow_tally *ft)
{
    struct session_tally *st = need_session(t, ft->flow.cookie);

    add_amount(&st->gone[ft->kind], &ft->base);
    add_amount(&st->gone[ft->kind], &ft->last);
    delete_flow(t, ft);
}

static void
update_flows(struct tally *t, const struct switch_state *state)
{
    struct flow_tally *ft, *next;

    HMAP_FOR_EACH (ft, node, &t->flows) {
        ft->seen = false;
    }
    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct switch_bridge *bridge = state->bridges[i];

        for (size_t j = 0; bridge->flows_known && j < bridge->n_flows; j++) {
            look_at_flow(t, bridge, &bridge->flows[j]);
        }
    }
    HMAP_FOR_EACH_SAFE (ft, next, node, &t->flows) {
        const struct switch_bridge *bridge
            = switch_state_find_bridge(state, ft->bridge);

        if (!ft->seen && (!bridge || bridge->flows_known)) {
            retire_flow(t, ft);
        }
    }
}

/* The meter 'number' now counts 'now'; it is 0, as all of '*now', if there is
 * none.  What it counts is of copies that came from relays if 'relayed'. */
static void
look_at_meter(struct meter_tally *mt, uint32_t number,
              const struct amount *now, bool relayed)
{
    struct amount news = *now;

    if (mt->number == number && now->packets >= mt->last.packets
        && now->bytes >= mt->last.bytes) {
        news.packets -= mt->last.packets;
        news.bytes -= mt->last.bytes;
    }
    add_amount(relayed ? &mt->returns : &mt->copies, &news);
    mt->number = number;
    mt->last = *now;
}

/* Looks at the meters of a session on its private bridge, NULL if that is not
 * there. */
static void
look_at_meters(struct session_tally *st, const struct wanted_session *ws,
               const struct switch_bridge *bridge)
{
    const struct span_meter none = { .number = 0 };
    const struct span_meter *rate = bridge ? meter_find(bridge, ws->meter)
                                           : NULL;
    const struct span_meter *cut = bridge ? meter_find(bridge, ws->cut_meter)
                                          : NULL;

    bool relayed = session_is_relayed(ws->session);

    rate = rate ? rate : &none;
    cut = cut ? cut : &none;
    look_at_meter(&st->meter, rate->number,
                  &(struct amount) { rate->packets, rate->bytes }, relayed);
    look_at_meter(&st->cut, cut->number,
                  &(struct amount) { cut->in_packets, 0 }, relayed);
}

static void
update_meters(struct tally *t, const struct switch_state *state,
              const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        const struct wanted_session *ws = &wanted->sessions[i];
        const struct switch_bridge *bridge
            = (ws->datapath_type
               ? switch_state_private_bridge(state, ws->datapath_type) : NULL);
        uint64_t cookie = flow_cookie(&ws->session->uuid);

        if ((ws->meter || ws->cut_meter || find_session(t, cookie))
            && (!bridge || bridge->flows_known)) {
            look_at_meters(need_session(t, cookie), ws, bridge);
        }
    }
}

static void
see_cookie(struct tally *t, uint64_t cookie)
{
    struct session_tally *st = find_session(t, cookie);

    if (st) {
        st->seen = true;
    }
}

/* Forgets the sessions and groups that nobody asks for any more. */
static void
forget_sessions(struct tally *t, const struct wanted *wanted)
{
    struct session_tally *st, *next;

    HMAP_FOR_EACH (st, node, &t->sessions) {
        st->seen = false;
    }
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        see_cookie(t, flow_cookie(&wanted->sessions[i].session->uuid));
    }
    for (size_t i = 0; i < wanted->n_groups; i++) {
        see_cookie(t, flow_cookie(&wanted->groups[i].group->uuid));
    }
    HMAP_FOR_EACH_SAFE (st, next, node, &t->sessions) {
        if (!st->seen) {
            delete_session(t, st);
        }
    }
}

/* Brings '*left' to 'copies' without those 'metered'.  Meters are read after
 * the rules and count at once, rules a little later: the difference may be too
 * small for a moment, and what was said is not taken back. */
static void
subtract_metered(struct amount *left, const struct amount *copies,
                 const struct amount *metered)
{
    if (copies->packets > metered->packets) {
        left->packets = MAX(left->packets,
                            copies->packets - metered->packets);
    }
    if (copies->bytes > metered->bytes) {
        left->bytes = MAX(left->bytes, copies->bytes - metered->bytes);
    }
}

static void
sum_up(struct tally *t)
{
    const struct flow_tally *ft;
    struct session_tally *st;

    HMAP_FOR_EACH (st, node, &t->sessions) {
        memcpy(st->total, st->gone, sizeof st->total);
    }
    HMAP_FOR_EACH (ft, node, &t->flows) {
        st = need_session(t, ft->flow.cookie);
        add_amount(&st->total[ft->kind], &ft->base);
        add_amount(&st->total[ft->kind], &ft->last);
    }
    HMAP_FOR_EACH (st, node, &t->sessions) {
        subtract_metered(&st->mirrored, &st->total[COPIES],
                         &st->meter.copies);
        subtract_metered(&st->handed, &st->total[RETURNS],
                         &st->meter.returns);
    }
}

/* Takes what 'state' counts; 'wanted' says whose counts still matter. */
void
tally_update(struct tally *t, const struct switch_state *state,
             const struct wanted *wanted)
{
    update_flows(t, state);
    update_meters(t, state, wanted);
    forget_sessions(t, wanted);
    sum_up(t);
    tally_sinks_update(&t->sinks, state, wanted);
}

/* Adds what the rules and meters of 'ws' have counted, 'st'. */
static void
fill_rules(const struct session_tally *st, const struct wanted_session *ws,
           struct smap *counters)
{
    const struct session *s = ws->session;

    tally_add_counter(counters, "mirrored_packets", st->mirrored.packets);
    tally_add_counter(counters, "mirrored_bytes", st->mirrored.bytes);
    if (s->rate_limit) {
        tally_add_counter(counters, "metered", (st->meter.copies.packets
                                          + st->meter.returns.packets));
    }
    if (ws->cut_meter) {
        tally_add_counter(counters, "cut_packets", (st->cut.copies.packets
                                              + st->cut.returns.packets));
    }
    if (session_is_relayed(s)) {
        tally_add_counter(counters, "handed_packets", st->handed.packets);
        tally_add_counter(counters, "handed_bytes", st->handed.bytes);
    }
    tally_add_counter(counters, "filtered_packets",
                      st->total[REJECTS].packets);
}

/* Adds to 'counters' what the rules of 'wg' have counted. */
static void
fill_group(const struct tally *t, const struct wanted_group *wg,
           struct smap *counters)
{
    const struct session_tally *st = find_session(
        t, flow_cookie(&wg->group->uuid));

    if (promisc_mirrors_needed(wg)) {
        tally_add_counter(counters, "promiscuous_packets",
                          st ? st->total[COPIES].packets : 0);
    }
    if (mac_policy_applies(wg)) {
        tally_add_counter(counters, "forged_dropped",
                    st ? st->total[FORGED].packets : 0);
        tally_add_counter(counters, "changed_dropped",
                    st ? st->total[CHANGED].packets : 0);
    }
    if (mac_limit_applies(wg)) {
        tally_add_counter(counters, "limit_dropped",
                          st ? st->total[OVER_DROPPED].packets : 0);
        tally_add_counter(counters, "limit_passed",
                          st ? st->total[OVER_PASSED].packets : 0);
    }
}

/* Adds to each verdict what its session's or group's rules have counted, and
 * the recorders that it feeds.  'verdicts' are those of 'wanted'. */
void
tally_fill(const struct tally *t, const struct wanted *wanted,
           struct verdicts *verdicts)
{
    for (size_t i = 0; i < wanted->n_groups; i++) {
        fill_group(t, &wanted->groups[i], &verdicts->groups[i].counters);
    }
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        const struct wanted_session *ws = &wanted->sessions[i];
        struct smap *counters = &verdicts->verdicts[i].counters;
        const struct session_tally *st = find_session(
            t, flow_cookie(&ws->session->uuid));

        if (st) {
            fill_rules(st, ws, counters);
        }
        tally_sinks_fill(&t->sinks, ws, counters);
    }
}

/* Returns how many packets all sessions that feed 'sink' have mirrored to it,
 * by the counters in 'verdicts', those of 'wanted'. */
uint64_t
tally_mirrored_to(const struct wanted *wanted, const struct verdicts *verdicts,
                  const char *sink)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < wanted->n_sessions; i++) {
        const struct wanted_session *ws = &wanted->sessions[i];

        for (size_t j = 0; j < ws->n_sinks; j++) {
            if (!strcmp(ws->sinks[j]->name, sink)) {
                sum += smap_get_ullong(&verdicts->verdicts[i].counters,
                                       (session_is_relayed(ws->session)
                                        ? "handed_packets"
                                        : "mirrored_packets"), 0);
            }
        }
    }
    return sum;
}
