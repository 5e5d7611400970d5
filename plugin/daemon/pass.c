/* SPDX-License-Identifier: Apache-2.0 */

/* One look at the world and what is concluded from it. */

#include <config.h>

#include "plugin/daemon/pass.h"

#include <limits.h>

#include "openvswitch/util.h"
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

/* Does any session mirror, or try to? */
bool
pass_is_running(const struct pass *pass)
{
    for (size_t i = 0; i < pass->wanted.n_sessions; i++) {
        if (pass->wanted.sessions[i].state == WANTED_RUNNING) {
            return true;
        }
    }
    return false;
}

/* Returns when (monotonic milliseconds) the next session expires, LLONG_MAX if
 * none does. */
long long int
pass_next_expiry(const struct pass *pass)
{
    long long int wall = time_wall_msec();
    long long int first = LLONG_MAX;

    for (size_t i = 0; i < pass->asked.n_sessions; i++) {
        int64_t expires = pass->asked.sessions[i].expires;

        if (expires > 0 && expires <= LLONG_MAX / 1000
            && expires * 1000 > wall) {
            first = MIN(first, expires * 1000);
        }
    }
    return first == LLONG_MAX ? first : time_msec() + (first - wall);
}
