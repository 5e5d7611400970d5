/* SPDX-License-Identifier: Apache-2.0 */

/* Which meters there have to be.  See meter.h. */

#include <config.h>
#include "meter.h"

#include "openvswitch/util.h"
#include "switch-state.h"
#include "wanted.h"

/* Numbers that every datapath has room for (kernels give a meter to each
 * number up to a bound that depends on their memory). */
#define N_NUMBERS 60000

/* A bucket holds what comes in 1/BURST_SHARE of a second.  Open vSwitch's
 * default is a whole second's worth: after a pause twice the rate passes.
 * Much less than this, and a switch that is busy for some milliseconds passes
 * less than the rate. */
#define BURST_SHARE 20

/* Makes '*meter' one that passes 'rate' packets a second. */
void
meter_init(struct span_meter *meter, uint32_t number, int64_t rate)
{
    *meter = (struct span_meter) {
        .number = number,
        .rate = rate,
        .burst = MAX(rate / BURST_SHARE, 1),
    };
}

/* Do both do the same?  What they have counted does not matter. */
bool
meter_equals(const struct span_meter *a, const struct span_meter *b)
{
    return (a->number == b->number && a->rate == b->rate
            && a->burst == b->burst);
}

/* The meter 'number' of 'bridge', or NULL. */
const struct span_meter *
meter_find(const struct switch_bridge *bridge, uint32_t number)
{
    for (size_t i = 0; i < bridge->n_meters; i++) {
        if (bridge->meters[i].number == number) {
            return &bridge->meters[i];
        }
    }
    return NULL;
}

static bool
is_taken(const struct wanted *wanted, uint32_t number)
{
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        if (wanted->sessions[i].meter == number) {
            return true;
        }
    }
    return false;
}

/* Gives each running session with a rate limit the number of its meter.  Where
 * two want the same, the first by name has it and the other the next. */
void
wanted_meters_assign(struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        struct wanted_session *ws = &wanted->sessions[i];

        if (ws->n_legs && ws->session->rate_limit) {
            uint32_t number = ws->session->uuid.parts[0] % N_NUMBERS;

            while (is_taken(wanted, number + 1)) {
                number = (number + 1) % N_NUMBERS;
            }
            ws->meter = number + 1;
        }
    }
}

/* Is the meter of 'ws' on its private bridge, and as it should be?  True for a
 * session without one. */
bool
meter_is_in_place(const struct wanted_session *ws,
                  const struct switch_state *state)
{
    const struct switch_bridge *bridge;
    const struct span_meter *is;
    struct span_meter should;

    if (!ws->meter) {
        return true;
    }
    meter_init(&should, ws->meter, ws->session->rate_limit);
    bridge = switch_state_private_bridge(state, ws->datapath_type);
    is = bridge ? meter_find(bridge, ws->meter) : NULL;
    return is && meter_equals(is, &should);
}
