/* SPDX-License-Identifier: Apache-2.0 */

/* OpenFlow meters of the private bridges: one for each session that has a
 * rate limit, and one, that never drops, for each of which copies may be cut:
 * it counts them.
 *
 * A meter bears no mark of its owner; what is on a private bridge is ours.
 * The number comes from the session's UUID, so that nothing has to be
 * remembered. */

#ifndef SPAN_CORE_METER_H
#define SPAN_CORE_METER_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct switch_bridge;
struct switch_state;
struct wanted;
struct wanted_session;

/* The rate of a meter that is none of those that we make. */
#define METER_RATE_STRANGE (-1)

struct span_meter {
    uint32_t number;
    int64_t rate;               /* Packets per second. */
    uint32_t burst;             /* Packets. */

    /* Observed meters only. */
    uint64_t packets, bytes;    /* What it dropped. */
    uint64_t in_packets;        /* What came to it. */
};

void meter_init(struct span_meter *, uint32_t number, int64_t rate);
void meter_init_counting(struct span_meter *, uint32_t number);
bool meter_equals(const struct span_meter *, const struct span_meter *);
const struct span_meter *meter_find(const struct switch_bridge *,
                                    uint32_t number);
bool meter_is_used(const struct switch_bridge *, uint32_t number);

void wanted_meters_assign(struct wanted *, const struct switch_state *);
#define MAX_SESSION_METERS 2
size_t session_meters(const struct wanted_session *,
                      struct span_meter [MAX_SESSION_METERS]);
bool meters_are_in_place(const struct wanted_session *,
                         const struct switch_state *);

#endif /* plugin/core/meter.h */
