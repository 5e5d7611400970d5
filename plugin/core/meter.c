/* SPDX-License-Identifier: Apache-2.0 */

/* Which meters there have to be.  See meter.h. */

#include <config.h>
#include "meter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "room.h"
#include "switch-state.h"
#include "util.h"
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

/* Makes '*meter' one that passes whatever comes.  (A meter has to have a rate,
 * Open vSwitch lib/dpif.c, dpif_meter_set().) */
void
meter_init_counting(struct span_meter *meter, uint32_t number)
{
    *meter = (struct span_meter) {
        .number = number,
        .rate = UINT32_MAX,
        .burst = UINT32_MAX,
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

/* Does a rule of 'bridge' use the meter 'number'? */
bool
meter_is_used(const struct switch_bridge *bridge, uint32_t number)
{
    char *text = xasprintf("meter:%"PRIu32, number);
    size_t n = strlen(text);
    bool used = false;

    for (size_t i = 0; i < bridge->n_flows && !used; i++) {
        const char *actions = bridge->flows[i].actions;

        used = !strncmp(actions, text, n)
               && (!actions[n] || actions[n] == ',');
    }
    free(text);
    return used;
}

static bool
is_taken(const struct wanted *wanted, uint32_t number)
{
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        if (wanted->sessions[i].meter == number
            || wanted->sessions[i].cut_meter == number) {
            return true;
        }
    }
    return false;
}

/* Returns the first free number from the one that 'seed' gives on. */
static uint32_t
take_number(const struct wanted *wanted, uint64_t seed)
{
    uint32_t number = seed % N_NUMBERS;

    while (is_taken(wanted, number + 1)) {
        number = (number + 1) % N_NUMBERS;
    }
    return number + 1;
}

/* Gives each running session the numbers of the meters that it needs: for its
 * rate limit, and to count what is cut.  Where two want the same, the first by
 * name has it and the other the next. */
void
wanted_meters_assign(struct wanted *wanted, const struct switch_state *state)
{
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        struct wanted_session *ws = &wanted->sessions[i];
        uint64_t seed = ws->session->uuid.parts[0];

        if (ws->n_legs && ws->session->rate_limit) {
            ws->meter = take_number(wanted, seed);
        }
        if (session_room(ws, state)) {
            ws->cut_meter = take_number(wanted, seed + N_NUMBERS / 2);
        }
    }
}

/* Fills 'meters' with those that 'ws' wants; returns how many. */
size_t
session_meters(const struct wanted_session *ws,
               struct span_meter meters[MAX_SESSION_METERS])
{
    size_t n = 0;

    if (ws->meter) {
        meter_init(&meters[n++], ws->meter, ws->session->rate_limit);
    }
    if (ws->cut_meter) {
        meter_init_counting(&meters[n++], ws->cut_meter);
    }
    return n;
}

/* Are the meters of 'ws' on its private bridge, and as they should be?  True
 * for a session without any. */
bool
meters_are_in_place(const struct wanted_session *ws,
                    const struct switch_state *state)
{
    struct span_meter should[MAX_SESSION_METERS];
    size_t n = session_meters(ws, should);
    const struct switch_bridge *bridge
        = n ? switch_state_private_bridge(state, ws->datapath_type) : NULL;

    for (size_t i = 0; i < n; i++) {
        const struct span_meter *is
            = bridge ? meter_find(bridge, should[i].number) : NULL;

        if (!is || !meter_equals(is, &should[i])) {
            return false;
        }
    }
    return true;
}
