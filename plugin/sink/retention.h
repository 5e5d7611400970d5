/* SPDX-License-Identifier: Apache-2.0 */

/* Which closed files must go?  Decided here, from numbers alone; the keeper
 * asks and then unlinks. */

#ifndef SPAN_SINK_RETENTION_H
#define SPAN_SINK_RETENTION_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What to do when there is no room for more. */
enum retention_on_full {
    RETENTION_DEFAULT,          /* Ring if there is a ring, pause if not. */
    RETENTION_RING,             /* Delete the oldest files. */
    RETENTION_STOP,             /* End the capture. */
    RETENTION_PAUSE,            /* Lose frames until there is room. */
};

/* Limits of a sink's directory; 0 = no such limit. */
struct retention_limits {
    uint64_t files;             /* Capture files, the open one included. */
    uint64_t bytes;             /* Of all of them together. */
    unsigned int min_free_percent; /* Of the file system, left free. */
    uint64_t min_free_bytes;    /* Left free on the file system. */
    uint64_t budget;            /* Bytes of all files, whatever happens. */
    enum retention_on_full on_full;
};

/* What is there now. */
struct retention_state {
    const uint64_t *sizes;      /* Bytes of the closed files, oldest first. */
    size_t n;                   /* Closed files. */
    bool open;                  /* Is a file open beside them? */
    uint64_t open_bytes;        /* What it holds, or may come to hold. */
    uint64_t fs_free;           /* Bytes that the recorder may still take. */
    uint64_t fs_total;          /* Bytes of the file system. */
};

bool retention_is_ring(const struct retention_limits *);
enum retention_on_full retention_on_full(const struct retention_limits *);
uint64_t retention_floor(const struct retention_limits *, uint64_t fs_total);
bool retention_fits(const struct retention_limits *,
                    const struct retention_state *);
size_t retention_excess(const struct retention_limits *,
                        const struct retention_state *, bool *starved);

#endif /* plugin/sink/retention.h */
