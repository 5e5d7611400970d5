/* SPDX-License-Identifier: Apache-2.0 */

/* Resolves sessions against the observed switch: which of them can run here,
 * with what, and which cannot, and why.  Pure: the same sessions, switch and
 * time give the same answer. */

#include <config.h>
#include "wanted.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conflict-group.h"
#include "conflict.h"
#include "meter.h"
#include "name.h"
#include "openvswitch/util.h"
#include "promisc.h"
#include "relay.h"
#include "switch-index.h"
#include "util.h"
#include "uuid.h"
#include "wanted-group.h"
#include "wanted-hook.h"
#include "wanted-leg.h"
#include "wanted-live.h"
#include "wanted-sink.h"
#include "wanted-tunnel.h"
#include "wanted-uplink.h"

struct resolver {
    const struct switch_state *state;
    const struct resolve_config *config;
    const struct sink_config *sinks;
    size_t n_sinks;
    struct wanted *wanted;
    const struct wanted_session **accepted;
    size_t n_accepted;
};

static int
compare_wanted_sessions(const void *a_, const void *b_)
{
    const struct wanted_session *a = a_, *b = b_;
    int cmp = strcmp(a->session->name, b->session->name);

    return cmp ? cmp : uuid_compare_3way(&a->session->uuid,
                                         &b->session->uuid);
}

/* Sorts out what no switch is needed for: returns true if the session is to
 * run if it can. */
static bool
resolve_static(const struct resolver *r, struct wanted_session *ws)
{
    const struct session *session = ws->session;
    const struct policy *policy = r->config->policy;

    ws->state = WANTED_REFUSED;
    if (fault_is_set(&session->fault)) {
        fault_copy(&ws->fault, &session->fault);
    } else if (!session_check(session, &ws->fault)) {
        /* The check has said why. */
    } else if (!session->enabled) {
        ws->state = WANTED_DISABLED;
        fault_set(&ws->fault, "disabled",
                  "The session is switched off; ovs-spanctl enable %s "
                  "switches it on.", session->name);
    } else if (session->expires && session->expires <= r->config->now) {
        ws->state = WANTED_EXPIRED;
        fault_set(&ws->fault, "expired",
                  "The session's time is over; ovs-spanctl set %s "
                  "ttl=SECONDS gives it more.", session->name);
    } else if (policy && policy->max_ttl
               && (!session->expires
                   || session->expires - r->config->now > policy->max_ttl)) {
        fault_set(&ws->fault, "policy",
                  "This host's policy (max_ttl) wants sessions to end by "
                  "themselves; give it ttl=%"PRId64" or less.",
                  policy->max_ttl);
    } else {
        ws->state = WANTED_RUNNING;
    }
    return ws->state == WANTED_RUNNING;
}

static const struct sink_config *
find_sink_config(const struct resolver *r, const char *name)
{
    for (size_t i = 0; i < r->n_sinks; i++) {
        if (!strcmp(r->sinks[i].name, name)) {
            return &r->sinks[i];
        }
    }
    return NULL;
}

/* Fills in the sinks of 'ws'.  Returns false, with its fault set, if one of
 * them cannot be. */
static bool
resolve_sinks(const struct resolver *r, struct wanted_session *ws)
{
    const struct session *session = ws->session;

    for (size_t i = 0; i < session->n_destinations; i++) {
        const struct destination *dest = &session->destinations[i];
        const struct sink_config *sink;

        if (dest->kind != DESTINATION_SINK) {
            continue;
        }
        sink = find_sink_config(r, dest->target);
        if (!sink) {
            if (!fault_is_set(&ws->fault)) {
                fault_set(&ws->fault, "sink-missing",
                          "There is no sink %s; make it with ovs-spanctl "
                          "sink-add %s.", dest->target, dest->target);
            }
            continue;
        }
        if (fault_is_set(&sink->fault)) {
            fault_clear(&ws->fault);
            fault_copy(&ws->fault, &sink->fault);
            return false;
        }
        struct fault fault = FAULT_INITIALIZER;
        if (!sink_config_check(sink, &fault)) {
            fault_move(&ws->fault, &fault);
            return false;
        }
        ws->sinks = xrealloc(ws->sinks,
                             (ws->n_sinks + 1) * sizeof *ws->sinks);
        ws->sinks[ws->n_sinks++] = sink;
    }
    return true;
}

static void
refuse(struct wanted_session *ws, struct fault *fault)
{
    ws->state = WANTED_REFUSED;
    fault_move(&ws->fault, fault);
    wanted_session_drop_legs(ws);
    ws->n_sinks = 0;
    ws->n_tunnels = 0;
}

/* Resolves 'ws' against the switch and against the sessions accepted before
 * it. */
static void
resolve_session(struct resolver *r, struct wanted_session *ws,
                bool established)
{
    const struct policy *policy = r->config->policy;
    struct fault fault = FAULT_INITIALIZER;

    wanted_groups_bind(r->wanted, ws);
    wanted_legs_build(ws, r->state, policy);
    wanted_session_add_tunnels(ws);
    if (!wanted_live_resolve(r->wanted, ws, r->state)) {
        return;
    }
    if (!resolve_sinks(r, ws)) {
        fault_move(&fault, &ws->fault);
        refuse(ws, &fault);
        return;
    }
    if (!conflict_check(ws, r->accepted, r->n_accepted, r->state, policy,
                        &fault)
        || !conflict_check_groups(ws, established, r->wanted, r->state,
                                  &fault)
        || !wanted_hooks_check(ws, r->accepted, r->n_accepted, r->state,
                               policy, &fault)
        || !conflict_check_sample(ws, r->accepted, r->n_accepted, &fault)
        || !wanted_tunnels_check(ws, r->accepted, r->n_accepted, r->state,
                                 policy, &fault)
        || !conflict_check_limit(ws, r->accepted, r->n_accepted, r->wanted,
                                 r->state, &fault)) {
        refuse(ws, &fault);
        return;
    }
    r->accepted[r->n_accepted++] = ws;
}

/* Does the switch carry mirrors of the session already? */
static bool
is_established(const struct switch_state *state,
               const struct wanted_session *ws)
{
    const struct uuid *session = &ws->session->uuid;
    const struct index_node *node;

    INDEX_FOR_EACH (node, index_hash_session(session),
                    &state->index->mirrors) {
        const struct switch_mirror *mirror = node->object;

        if (uuid_equals(&mirror->session, session)) {
            return true;
        }
    }
    return false;
}

/* Those that run come first: a new session never pushes an old one out, nor
 * does a port that becomes promiscuous. */
static void
resolve_all(struct resolver *r)
{
    struct wanted *wanted = r->wanted;

    for (size_t i = 0; i < wanted->n_sessions; i++) {
        wanted->sessions[i].established
            = is_established(r->state, &wanted->sessions[i]);
    }
    for (int turn = 1; turn >= 0; turn--) {
        for (size_t i = 0; i < wanted->n_sessions; i++) {
            if (wanted->sessions[i].established == turn
                && resolve_static(r, &wanted->sessions[i])) {
                resolve_session(r, &wanted->sessions[i], turn);
            }
        }
        if (turn) {
            conflict_yield_groups(wanted, r->accepted, r->n_accepted,
                                  r->state);
        }
    }
}

struct port_list {
    const struct switch_port **ports;
    size_t n, allocated;
};

static void
port_list_add(struct port_list *list, const struct switch_port *port)
{
    if (list->n >= list->allocated) {
        list->ports = x2nrealloc(list->ports, &list->allocated,
                                 sizeof *list->ports);
    }
    list->ports[list->n++] = port;
}

/* No session mirrors the destination port of any: its copies would be
 * copied.  Uplinks carry their own traffic, too. */
static void
exclude_destinations(struct resolver *r)
{
    struct port_list outputs = { NULL, 0, 0 };
    struct port_list uplinks = { NULL, 0, 0 };
    struct wanted *wanted = r->wanted;

    for (size_t i = 0; i < r->n_accepted; i++) {
        const struct wanted_session *ws = r->accepted[i];

        for (size_t j = 0; j < ws->n_legs; j++) {
            const struct wanted_leg *leg = &ws->legs[j];

            for (size_t k = 0; k < leg->n_outputs; k++) {
                port_list_add(&outputs, leg->outputs[k]);
            }
            for (size_t k = 0; k < leg->n_uplinks; k++) {
                port_list_add(&uplinks, leg->uplinks[k].port);
            }
        }
    }
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        struct wanted_session *ws = &wanted->sessions[i];

        wanted_legs_exclude(ws, outputs.ports, outputs.n, DIRECTION_BOTH);
        wanted_uplinks_exclude(ws, uplinks.ports, uplinks.n);
        for (size_t j = 0; j < r->n_accepted; j++) {
            wanted_uplinks_skip_vlan(ws, r->accepted[j]->session);
            wanted_tunnels_exclude(ws, r->accepted[j], r->state);
        }
    }
    free(outputs.ports);
    free(uplinks.ports);
}

/* Says what becomes of an accepted session that has nothing to mirror, or
 * nowhere to send it: it keeps nothing on the switch. */
static void
settle_state(struct wanted_session *ws)
{
    if (ws->state != WANTED_RUNNING) {
        return;
    }
    if (!wanted_session_has_sources(ws)) {
        bool keep_fault = fault_is_set(&ws->fault)
                          && strcmp(ws->fault.reason, "source-missing")
                          && strcmp(ws->fault.reason, "sink-missing");
        ws->state = WANTED_WAITING;
        if (!keep_fault) {
            fault_clear(&ws->fault);
            fault_set(&ws->fault, "no-source",
                      "No port on this host is a source of the session now; "
                      "it starts by itself when one appears.");
        }
        wanted_session_drop_legs(ws);
        return;
    }
    if (!wanted_session_has_outputs(ws) && !ws->n_sinks && !ws->n_tunnels) {
        wanted_session_drop_legs(ws);
    }
}

/* Resolves 'sessions' and 'groups' with the recorders 'sinks' against 'state'
 * into '*wanted', which the caller must destroy with wanted_destroy().
 * '*wanted' borrows from all the others. */
void
resolve(const struct session *sessions, size_t n_sessions,
        const struct port_group *groups, size_t n_groups,
        const struct sink_config *sinks, size_t n_sinks,
        const struct switch_state *state,
        const struct resolve_config *config, struct wanted *wanted)
{
    struct resolver r = {
        .state = state, .config = config,
        .sinks = sinks, .n_sinks = n_sinks, .wanted = wanted,
        .accepted = xcalloc(n_sessions + 1, sizeof *r.accepted),
    };

    memset(wanted, 0, sizeof *wanted);
    wanted->sessions = xcalloc(n_sessions + 1, sizeof *wanted->sessions);
    wanted->n_sessions = n_sessions;
    wanted->leaving = config->leaving;
    for (size_t i = 0; i < n_sessions; i++) {
        wanted->sessions[i].session = &sessions[i];
    }
    qsort(wanted->sessions, n_sessions, sizeof *wanted->sessions,
          compare_wanted_sessions);

    wanted_groups_build(wanted, groups, n_groups, state, config);
    conflict_keep_bridges(wanted, state);
    resolve_all(&r);
    exclude_destinations(&r);
    for (size_t i = 0; i < n_sessions; i++) {
        settle_state(&wanted->sessions[i]);
    }
    promisc_check_groups(wanted, state);
    wanted_groups_settle(wanted);
    wanted_sinks_build(wanted, state, config);
    wanted_meters_assign(wanted, state);
    wanted_tunnels_build(wanted);
    wanted_relays_build(wanted, state, config);
    free(r.accepted);
}

/* Frees what resolve() made, but not 'wanted' itself. */
void
wanted_destroy(struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        struct wanted_session *ws = &wanted->sessions[i];

        wanted_session_drop_legs(ws);
        free(ws->legs);
        free(ws->sinks);
        free(ws->tunnels);
        free(ws->groups);
        fault_clear(&ws->fault);
    }
    for (size_t i = 0; i < wanted->n_sinks; i++) {
        smap_destroy(&wanted->sinks[i]->options);
        free(wanted->sinks[i]);
    }
    wanted_groups_destroy(wanted);
    wanted_relays_destroy(wanted);
    free(wanted->sessions);
    free(wanted->sinks);
    free(wanted->tunnels);
    wanted_live_destroy(wanted);
    memset(wanted, 0, sizeof *wanted);
}
