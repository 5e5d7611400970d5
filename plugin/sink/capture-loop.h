/* SPDX-License-Identifier: Apache-2.0 */

/* The capture thread: takes frames from the source and lays their records
 * straight into segments, cuts these into files, and passes them on to the
 * writer.  It opens, writes and waits for nothing but a free segment; while
 * none is free, the kernel's ring takes the frames, so that all loss is the
 * kernel's count. */

#ifndef SPAN_SINK_CAPTURE_LOOP_H
#define SPAN_SINK_CAPTURE_LOOP_H 1

#include <stddef.h>
#include <stdint.h>

#include "rotation.h"

struct accounting;
struct capture_source;
struct record_format;
struct report;
struct segment_ring;

/* All of this is lent; it must outlive the loop. */
struct capture_loop_config {
    struct capture_source *source;
    struct segment_ring *ring;
    struct accounting *accounting;
    struct report *report;
    const struct record_format *format;
    const uint8_t *header;      /* What each file starts with. */
    size_t header_len;
    uint32_t snaplen;
    int cpu;                    /* To run on, or -1. */
    uint64_t started;           /* Nanoseconds since 1970. */
};

struct capture_loop;

struct capture_loop *capture_loop_start(const struct capture_loop_config *,
                                        const struct rotation_limits *);
void capture_loop_join(struct capture_loop *);

void capture_loop_set_limits(struct capture_loop *,
                             const struct rotation_limits *);
void capture_loop_rotate(struct capture_loop *);
void capture_loop_stop(struct capture_loop *);

#endif /* plugin/sink/capture-loop.h */
