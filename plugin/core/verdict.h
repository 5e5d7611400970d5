/* SPDX-License-Identifier: Apache-2.0 */

/* The verdict on each session and port group on this host: what Binding rows
 * say. */

#ifndef SPAN_CORE_VERDICT_H
#define SPAN_CORE_VERDICT_H 1

#include <stdbool.h>
#include "fault.h"
#include "smap.h"
#include "switch-state.h"
#include "wanted.h"

enum binding_state {
    BINDING_ACTIVE,
    BINDING_WAITING,
    BINDING_DEGRADED,
    BINDING_REFUSED,
    BINDING_DISABLED,
    BINDING_EXPIRED,
};
#define N_BINDING_STATES (BINDING_EXPIRED + 1)

struct verdict {
    const struct session *session;
    bool pending;               /* On its way: no verdict to publish yet. */
    enum binding_state state;
    struct fault fault;         /* Every state but active has one. */
    bool counts;                /* The fault's sentence has numbers that
                                 * change all the time. */
    const struct smap *estimate;    /* Of estimates_fill(); or NULL. */
    struct smap counters;       /* Decimal numbers; tally_fill() puts them
                                 * there. */
    struct smap sources;        /* Of wanted_sources_fill(). */
    struct smap disk_free;      /* Bytes, decimal, that each recorder may still
                                 * take; those that say so. */
};

/* The same on a port group. */
struct group_verdict {
    const struct port_group *group;
    bool pending;
    enum binding_state state;
    struct fault fault;
    struct smap counters;       /* As of a session. */
    struct smap ports;          /* Of each member here what it is, "member" or
                                 * "promiscuous", as observed. */
};

struct verdicts {
    struct verdict *verdicts;   /* In the order of 'wanted'. */
    size_t n_verdicts;
    struct group_verdict *groups;        /* In the order of 'wanted'. */
    size_t n_groups;
    bool pending;               /* Is any of them pending? */
};

/* 'overdue': the caller has waited long enough; what is still not there is
 * then a fault instead of pending. */
void verdicts_compute(const struct wanted *, const struct switch_state *,
                      bool overdue, struct verdicts *);
void verdicts_destroy(struct verdicts *);
char *verdicts_summary(const struct verdicts *);
void verdict_swap(struct verdict *, struct verdict *);
const char *binding_state_to_string(enum binding_state);

#endif /* plugin/core/verdict.h */
