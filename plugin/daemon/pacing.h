/* SPDX-License-Identifier: Apache-2.0 */

/* When to try again, and how long to wait for something: pure bookkeeping of
 * the reconciler, with the time as an argument (monotonic milliseconds). */

#ifndef SPAN_DAEMON_PACING_H
#define SPAN_DAEMON_PACING_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/hmap.h"

struct session;
struct verdicts;

/* Keeps from doing over and over what did not help. */
struct gate {
    char *text;                 /* What was done last; NULL = nothing. */
    long long int next;         /* When the same may be done again. */
    int delay;                  /* Milliseconds. */
    bool shut;                  /* Was it refused the last time? */
};

#define GATE_INITIALIZER { NULL, 0, 0, false }

bool gate_pass(struct gate *, const char *text, long long int now);
long long int gate_next(const struct gate *);
void gate_destroy(struct gate *);

/* How long each session has been on its way. */
struct grace {
    struct hmap entries;        /* Of struct grace_entry. */
    size_t n_late;              /* Sessions that are overdue. */
    long long int next;         /* When the next one will be; LLONG_MAX. */
};

/* Milliseconds after which a session that is on its way is overdue. */
#define GRACE_PERIOD 8000

void grace_init(struct grace *);
void grace_destroy(struct grace *);
void grace_update(struct grace *, const struct verdicts *, long long int now);
bool grace_is_late(const struct grace *, const struct session *);

long long int counters_next(long long int start, long long int took);

#endif /* plugin/daemon/pacing.h */
