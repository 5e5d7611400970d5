/* SPDX-License-Identifier: Apache-2.0 */

/* OpenFlow meters of the private bridges: one for each session that has a
 * rate limit.
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
    uint64_t packets, bytes;    /* What it dropped; observed meters only. */
};

void meter_init(struct span_meter *, uint32_t number, int64_t rate);
bool meter_equals(const struct span_meter *, const struct span_meter *);
const struct span_meter *meter_find(const struct switch_bridge *,
                                    uint32_t number);

void wanted_meters_assign(struct wanted *);
bool meter_is_in_place(const struct wanted_session *,
                       const struct switch_state *);

#endif /* plugin/core/meter.h */
