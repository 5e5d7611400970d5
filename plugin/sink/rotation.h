/* SPDX-License-Identifier: Apache-2.0 */

/* When is the open capture file full?  Decided here, from numbers alone; the
 * capture loop asks before each packet and once per tick, and then does it. */

#ifndef SPAN_SINK_ROTATION_H
#define SPAN_SINK_ROTATION_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits of one file; 0 = no such limit. */
struct rotation_limits {
    uint64_t bytes;
    uint64_t seconds;
    uint64_t packets;
};

/* The open file. */
struct rotation {
    struct rotation_limits limits;
    uint64_t bytes;             /* Laid so far, with the file's header. */
    uint64_t packets;           /* Laid so far. */
    uint64_t opened;            /* Monotonic nanoseconds. */
    size_t reserve;             /* Bytes kept for what closes a file. */
};

void rotation_open(struct rotation *, uint64_t now, size_t header,
                   size_t reserve);
bool rotation_due_on_time(const struct rotation *, uint64_t now);

/* Returns true if a packet that takes 'size' bytes belongs in the next file.
 * A file holds at least one packet, however small its limit. */
static inline bool
rotation_due_before(const struct rotation *r, size_t size)
{
    const struct rotation_limits *l = &r->limits;

    return r->packets
           && ((l->packets && r->packets >= l->packets)
               || (l->bytes && r->bytes + size + r->reserve > l->bytes));
}

/* Notes that a packet of 'size' bytes was laid into the open file. */
static inline void
rotation_add(struct rotation *r, size_t size)
{
    r->bytes += size;
    r->packets++;
}

#endif /* plugin/sink/rotation.h */
