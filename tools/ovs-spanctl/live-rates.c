/* SPDX-License-Identifier: Apache-2.0 */

/* Rates, from counters that a host writes now and then: see live-rates.h.
 * Pure. */

#include <config.h>

#include "live-rates.h"

#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

/* How late counters may come, milliseconds. */
#define LATE 1000

static void
begin_anew(struct live_rates *r, int64_t at,
           const uint64_t values[N_LIVE_FIGURES])
{
    r->n = 0;
    r->known = true;
    r->first = at;
    memcpy(r->last, values, sizeof r->last);
}

/* Have counts begun again, or has the host's clock been set back? */
static bool
went_back(const struct live_rates *r, int64_t at,
          const uint64_t values[N_LIVE_FIGURES])
{
    for (size_t i = 0; i < N_LIVE_FIGURES; i++) {
        if (values[i] < r->last[i]) {
            return true;
        }
    }
    return at < r->looks.at;
}

static void
add_step(struct live_rates *r, const struct live_looks *looks,
         const uint64_t values[N_LIVE_FIGURES])
{
    struct live_step *step;

    if (r->n >= LIVE_RATES_STEPS) {
        memmove(r->steps, r->steps + 1, (r->n - 1) * sizeof *r->steps);
        r->n--;
    }
    step = &r->steps[r->n++];
    step->end = looks->at;
    step->begin = MIN(MAX(looks->before, r->looks.at), looks->at - 1);
    for (size_t i = 0; i < N_LIVE_FIGURES; i++) {
        step->added[i] = values[i] - r->last[i];
        r->last[i] = values[i];
    }
}

/* Takes note of 'values', which a host has written with 'looks' and which are
 * there at 'now' (milliseconds of any clock of ours).  The same may be taken
 * again.  'r' begins as zeros. */
void
live_rates_take(struct live_rates *r, const struct live_looks *looks,
                const uint64_t values[N_LIVE_FIGURES], long long int now)
{
    if (r->known && looks->at == r->looks.at) {
        return;
    }
    if (!r->known || went_back(r, looks->at, values)) {
        begin_anew(r, looks->at, values);
    } else {
        add_step(r, looks, values);
    }
    r->looks = *looks;
    r->arrival = now;
}

/* Returns how long after a look nothing is known about the time since. */
static int64_t
get_patience(const struct live_rates *r)
{
    return MAX(r->looks.next - r->looks.at, 0) + LATE;
}

/* Returns what was added to figure 'j' from 'begin' to 'end'; what a step has
 * added is spread over its time. */
static double
added_between(const struct live_rates *r, size_t j, int64_t begin, int64_t end)
{
    double added = 0;

    for (size_t i = 0; i < r->n; i++) {
        const struct live_step *step = &r->steps[i];
        int64_t overlap = MIN(step->end, end) - MAX(step->begin, begin);

        if (overlap > 0) {
            added += ((double) step->added[j] * overlap
                      / (step->end - step->begin));
        }
    }
    return added;
}

/* Stores in '*oldest' and '*newest' when figure 'j' was seen to have changed,
 * of the times from 'begin' on.  Returns false if it was never. */
static bool
find_changes(const struct live_rates *r, size_t j, int64_t begin,
             int64_t *oldest, int64_t *newest)
{
    bool found = false;

    for (size_t i = 0; i < r->n; i++) {
        const struct live_step *step = &r->steps[i];

        if (step->added[j] && step->end >= begin) {
            *oldest = found ? *oldest : step->end;
            *newest = step->end;
            found = true;
        }
    }
    return found;
}

/* Returns what was added to figure 'j' per second, 'begin' to 'end' being the
 * window. */
static double
get_rate(const struct live_rates *r, size_t j, int64_t begin, int64_t end)
{
    int64_t oldest = 0, newest = 0;

    /* The host may look before or after there is something new, so looks
     * that see a change are what is measured between. */
    if (find_changes(r, j, begin, &oldest, &newest)
        && newest > oldest && end - newest <= get_patience(r)) {
        double added = 0;

        for (size_t i = 0; i < r->n; i++) {
            if (r->steps[i].end > oldest) {
                added += r->steps[i].added[j];
            }
        }
        return added * 1000 / (newest - oldest);
    }
    return added_between(r, j, begin, end) * 1000 / (end - begin);
}

/* Stores in 'per_second' what was added per second in the last
 * LIVE_RATES_WINDOW, or as much of it as is known.  Returns false, and stores
 * zeros, if nothing is known yet. */
bool
live_rates_get(const struct live_rates *r, long long int now,
               double per_second[N_LIVE_FIGURES])
{
    int64_t age = now - r->arrival;
    bool idle = age > get_patience(r);
    int64_t end = r->looks.at + (idle ? age - LATE : 0);
    int64_t begin = MAX(end - LIVE_RATES_WINDOW, r->first);
    bool known = r->known && end > begin;

    for (size_t i = 0; i < N_LIVE_FIGURES; i++) {
        per_second[i] = known ? get_rate(r, i, begin, end) : 0;
    }
    return known;
}
