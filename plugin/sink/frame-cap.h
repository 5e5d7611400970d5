/* SPDX-License-Identifier: Apache-2.0 */

/* The cap on bytes per second (byte-cap.h) as an output of the capture loop
 * has it: asked for by the main thread, looked at once a tick, and told to
 * those who want to know. */

#ifndef SPAN_SINK_FRAME_CAP_H
#define SPAN_SINK_FRAME_CAP_H 1

#include <stdatomic.h>
#include <stdint.h>

#include "byte-cap.h"

struct report;

/* All zeros at first. */
struct frame_cap {
    atomic_uint_fast64_t rate;  /* Bytes per second, as asked for. */

    /* Of the capture thread alone. */
    struct byte_cap cap;
    uint64_t delivered;         /* At the last tick. */
    unsigned int told_step;
    uint64_t told_rate;         /* Together with it. */
};

/* For the main thread, which wakes the capture loop after it. */
void frame_cap_set_rate(struct frame_cap *, uint64_t rate);

/* For the capture thread. */
void frame_cap_begin(struct frame_cap *);
void frame_cap_tick(struct frame_cap *, uint64_t delivered, uint32_t snaplen,
                    struct report *);

#endif /* plugin/sink/frame-cap.h */
