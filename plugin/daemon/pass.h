/* SPDX-License-Identifier: Apache-2.0 */

/* One look at the world and what is concluded from it. */

#ifndef SPAN_DAEMON_PASS_H
#define SPAN_DAEMON_PASS_H 1

#include <stdbool.h>
#include <stdint.h>
#include "plugin/core/plan.h"
#include "plugin/core/switch-state.h"
#include "plugin/core/verdict.h"
#include "plugin/core/wanted.h"
#include "plugin/daemon/session-db.h"

struct estimates;
struct grace;
struct port_rates;

struct pass {
    struct session_set asked;
    struct switch_state state;
    struct wanted wanted;
    struct plan plan;
    struct verdicts verdicts;
    uint64_t number;            /* Passes so far, with this one... */
    uint64_t total_usec;        /* ...and how long all of them took. */
    uint64_t usec;              /* How long this one took. */
};

void pass_destroy(struct pass *);
bool pass_is_running(const struct pass *);
long long int pass_next_expiry(const struct pass *);
struct estimate_world pass_world(const struct pass *,
                                 const struct port_rates *,
                                 const struct wanted *);
void pass_judge(struct pass *, struct grace *);
void pass_count(struct pass *, const struct pass *last, long long int began);
void pass_estimate(struct pass *, const struct port_rates *,
                   struct estimates *);

#endif /* plugin/daemon/pass.h */
