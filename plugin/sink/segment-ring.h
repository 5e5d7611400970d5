/* SPDX-License-Identifier: Apache-2.0 */

/* The way from the capture thread to the writer thread: a bounded ring of
 * large page-aligned pieces of memory.  One thread fills, one empties, and
 * they meet only in two semaphores and two words.
 *
 * Filled segments are emptied in turn.  Of those that are empty the one that
 * was emptied last is filled next: as long as the writer keeps up, only a few
 * are in use, and the processor has them in its cache.
 *
 * A file is a row of segments.  Each begins at a page boundary of the file:
 * what the one before it has beyond its last whole page is repeated at its
 * start ('carry' bytes), so that whole pages can go to the disk directly. */

#ifndef SPAN_SINK_SEGMENT_RING_H
#define SPAN_SINK_SEGMENT_RING_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accounting.h"

#define SEGMENT_PAGE 4096

/* Of the places where losses are noted, so many are remembered. */
#define SEGMENT_GAPS_MAX 1000

struct file_header;

/* A place where losses are noted. */
struct segment_gap {
    uint64_t after_packet;      /* Packets before it. */
    uint64_t time;              /* Of the packet after it. */
    uint64_t lost;              /* Packets. */
};

struct segment {
    uint8_t *data;              /* Page-aligned. */
    size_t len;                 /* Bytes in use, 'carry' included. */
    size_t carry;               /* Repeated from the segment before. */
    bool first;                 /* Starts a file. */
    bool last;                  /* Ends a file. */
    bool end;                   /* Nothing follows, ever. */
    struct file_header *header; /* If 'first': of the file.  Whoever empties
                                 * must let go of it. */

    /* What the bytes after 'carry' hold. */
    uint64_t packets;
    uint64_t dropcount;         /* Losses noted. */
    uint64_t gaps;              /* Places where losses are noted. */
    struct segment_gap *gap_list; /* The first SEGMENT_GAPS_MAX of them. */
    uint64_t first_time, last_time; /* Nanoseconds since 1970. */
    struct accounting_snapshot counters; /* If 'last': when the file was full,
                                          * up to 'cap_drop'. */
};

struct segment_ring;

struct segment_ring *segment_ring_create(unsigned int n, size_t size);
void segment_ring_destroy(struct segment_ring *);
size_t segment_ring_size(const struct segment_ring *);

/* For the thread that fills. */
struct segment *segment_ring_get_free(struct segment_ring *,
                                      unsigned int timeout_ms);
bool segment_ring_has_free(struct segment_ring *);
void segment_ring_put_filled(struct segment_ring *);

/* For the thread that empties. */
unsigned int segment_ring_waiting(struct segment_ring *);
struct segment *segment_ring_get_filled(struct segment_ring *);
void segment_ring_put_free(struct segment_ring *);

#endif /* plugin/sink/segment-ring.h */
