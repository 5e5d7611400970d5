/* SPDX-License-Identifier: Apache-2.0 */

/* One look at the world and what is concluded from it. */

#include <config.h>

#include "plugin/daemon/pass.h"

#include <limits.h>

#include "openvswitch/util.h"
#include "plugin/core/estimate.h"
#include "plugin/core/estimates.h"
#include "plugin/core/mac-limit.h"
#include "plugin/core/mac-policy.h"
#include "plugin/core/promisc.h"
#include "plugin/daemon/pacing.h"
#include "timeval.h"
#include "util.h"

/* Frees 'pass' and all that it holds.  It may be NULL. */
void
pass_destroy(struct pass *pass)
{
    if (pass) {
        verdicts_destroy(&pass->verdicts);
        plan_destroy(&pass->plan);
        wanted_destroy(&pass->wanted);
        switch_state_destroy(&pass->state);
        session_set_destroy(&pass->asked);
        free(pass);
    }
}

/* Does anything count: a session that mirrors, or tries to, or a policy? */
bool
pass_is_running(const struct pass *pass)
{
    for (size_t i = 0; i < pass->wanted.n_sessions; i++) {
        if (pass->wanted.sessions[i].state == WANTED_RUNNING) {
            return true;
        }
    }
    for (size_t i = 0; i < pass->wanted.n_groups; i++) {
        if (mac_policy_applies(&pass->wanted.groups[i])
            || mac_limit_applies(&pass->wanted.groups[i])
            || promisc_mirrors_needed(&pass->wanted.groups[i])) {
            return true;
        }
    }
    return false;
}

/* Returns the earlier of 'first' and 'expires', Unix time in seconds, which
 * counts if it is after 'wall'; the others are in milliseconds. */
static long long int
earlier_expiry(long long int first, int64_t expires, long long int wall)
{
    return (expires > 0 && expires <= LLONG_MAX / 1000
            && expires * 1000 > wall
            ? MIN(first, expires * 1000) : first);
}

/* Returns when (monotonic milliseconds) the next session or the next
 * promiscuity expires, LLONG_MAX if none does. */
long long int
pass_next_expiry(const struct pass *pass)
{
    long long int wall = time_wall_msec();
    long long int first = LLONG_MAX;

    for (size_t i = 0; i < pass->asked.n_sessions; i++) {
        first = earlier_expiry(first, pass->asked.sessions[i].expires, wall);
    }
    for (size_t i = 0; i < pass->asked.n_groups; i++) {
        first = earlier_expiry(first, pass->asked.groups[i].expires, wall);
    }
    return first == LLONG_MAX ? first : time_msec() + (first - wall);
}

/* Computes the verdicts of 'pass'.  Sessions that are overdue by 'grace', and
 * only they, get the verdict of those that never arrive. */
void
pass_judge(struct pass *pass, struct grace *grace)
{
    struct verdicts *v = &pass->verdicts;
    struct verdicts overdue;

    verdicts_compute(&pass->wanted, &pass->state, false, v);
    grace_update(grace, v, time_msec());
    if (!grace->n_late) {
        return;
    }
    verdicts_compute(&pass->wanted, &pass->state, true, &overdue);
    v->pending = false;
    for (size_t i = 0; i < v->n_verdicts; i++) {
        struct verdict *verdict = &v->verdicts[i];

        if (verdict->pending && grace_is_late(grace, verdict->session)) {
            verdict_swap(verdict, &overdue.verdicts[i]);
        }
        v->pending |= verdict->pending;
    }
    verdicts_destroy(&overdue);
}

/* Takes the time of 'pass', which began at 'began' (monotonic microseconds),
 * the one after 'last', which is NULL if there was none. */
void
pass_count(struct pass *pass, const struct pass *last, long long int began)
{
    pass->usec = time_usec() - began;
    pass->number = (last ? last->number : 0) + 1;
    pass->total_usec = (last ? last->total_usec : 0) + pass->usec;
}

/* Returns what an estimate of a session in 'wanted' goes by, on the switch
 * that 'pass' has seen. */
struct estimate_world
pass_world(const struct pass *pass, const struct port_rates *rates,
           const struct wanted *wanted)
{
    return (struct estimate_world) {
        .wanted = wanted,
        .state = &pass->state,
        .rates = rates,
        .now = time_msec(),
    };
}

/* Brings 'estimates' up to date with 'pass', whose verdicts then borrow from
 * them. */
void
pass_estimate(struct pass *pass, const struct port_rates *rates,
              struct estimates *estimates)
{
    struct estimate_world world = pass_world(pass, rates, &pass->wanted);

    estimates_update(estimates, &world);
    estimates_fill(estimates, &pass->verdicts);
}
