/* SPDX-License-Identifier: Apache-2.0 */

/* The way from the capture thread to the writer thread; see
 * segment-ring.h. */

#include <config.h>

#include "segment-ring.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "plugin/record/record-util.h"

struct segment_ring {
    struct segment *segments;
    struct segment_gap *gaps;
    unsigned int n;
    size_t size;                /* Bytes per segment. */
    uint8_t *memory;

    /* The empty ones: a stack, linked by 'below'.  Only one thread takes from
     * it, so that what it sees on top stays on the stack until it takes it. */
    atomic_int top;             /* Index, or -1. */
    int *below;
    sem_t free;

    /* The filled ones, in turn. */
    int *queue;
    unsigned int put_index;     /* Used by the thread that fills only. */
    unsigned int get_index;     /* Used by the thread that empties only. */
    sem_t filled;

    int filling;                /* Used by the thread that fills only. */
};

/* Puts segment 'i' on the stack of empty ones. */
static void
push(struct segment_ring *ring, int i)
{
    int top = atomic_load(&ring->top);

    do {
        ring->below[i] = top;
    } while (!atomic_compare_exchange_weak(&ring->top, &top, i));
}

/* Takes a segment from the stack, which must have one. */
static int
pop(struct segment_ring *ring)
{
    int top = atomic_load(&ring->top);

    while (!atomic_compare_exchange_weak(&ring->top, &top,
                                         ring->below[top])) {
        continue;
    }
    return top;
}

/* Returns a ring of 'n' segments of 'size' bytes each (a multiple of
 * SEGMENT_PAGE), or NULL if there is not so much memory.  Its pages come into
 * being when they are first used. */
struct segment_ring *
segment_ring_create(unsigned int n, size_t size)
{
    uint8_t *memory = mmap(NULL, n * size, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct segment_ring *ring;

    if (memory == MAP_FAILED) {
        return NULL;
    }
    ring = rec_xcalloc(1, sizeof *ring);
    ring->segments = rec_xcalloc(n, sizeof *ring->segments);
    ring->n = n;
    ring->size = size;
    ring->memory = memory;
    ring->gaps = rec_xcalloc((size_t) n * SEGMENT_GAPS_MAX,
                             sizeof *ring->gaps);
    ring->below = rec_xcalloc(n, sizeof *ring->below);
    ring->queue = rec_xcalloc(n, sizeof *ring->queue);
    atomic_init(&ring->top, -1);
    for (unsigned int i = 0; i < n; i++) {
        ring->segments[i].data = memory + i * size;
        ring->segments[i].gap_list = ring->gaps + i * SEGMENT_GAPS_MAX;
        push(ring, i);
    }
    sem_init(&ring->free, 0, n);
    sem_init(&ring->filled, 0, 0);
    return ring;
}

/* Frees 'ring', which no thread may use any more. */
void
segment_ring_destroy(struct segment_ring *ring)
{
    if (ring) {
        sem_destroy(&ring->free);
        sem_destroy(&ring->filled);
        munmap(ring->memory, ring->n * ring->size);
        free(ring->gaps);
        free(ring->segments);
        free(ring->below);
        free(ring->queue);
        free(ring);
    }
}

/* Returns the bytes that each segment has room for. */
size_t
segment_ring_size(const struct segment_ring *ring)
{
    return ring->size;
}

static bool
wait_for_free(struct segment_ring *ring, unsigned int timeout_ms)
{
    uint64_t until = rec_time_monotonic() + timeout_ms * NSEC_PER_MSEC;
    const struct timespec ts = {
        .tv_sec = until / NSEC_PER_SEC,
        .tv_nsec = until % NSEC_PER_SEC,
    };

    while (sem_clockwait(&ring->free, CLOCK_MONOTONIC, &ts)) {
        if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* Waits up to 'timeout_ms' for an empty segment.  Returns it, clean but for
 * its 'data' and 'gap_list', or NULL if none came free.  The caller fills
 * it and passes it on with segment_ring_put_filled(). */
struct segment *
segment_ring_get_free(struct segment_ring *ring, unsigned int timeout_ms)
{
    struct segment *s;

    if (sem_trywait(&ring->free)
        && (!timeout_ms || !wait_for_free(ring, timeout_ms))) {
        return NULL;
    }
    ring->filling = pop(ring);
    s = &ring->segments[ring->filling];
    *s = (struct segment) { .data = s->data, .gap_list = s->gap_list };
    return s;
}

/* Returns true if segment_ring_get_free() would not have to wait. */
bool
segment_ring_has_free(struct segment_ring *ring)
{
    int n = 0;

    sem_getvalue(&ring->free, &n);
    return n > 0;
}

/* Passes the segment of the last segment_ring_get_free() to the thread that
 * empties. */
void
segment_ring_put_filled(struct segment_ring *ring)
{
    ring->queue[ring->put_index] = ring->filling;
    ring->put_index = (ring->put_index + 1) % ring->n;
    sem_post(&ring->filled);
}

/* Returns how many filled segments wait to be emptied. */
unsigned int
segment_ring_waiting(struct segment_ring *ring)
{
    int n = 0;

    sem_getvalue(&ring->filled, &n);
    return n > 0 ? n : 0;
}

/* Waits for the next filled segment and returns it.  The caller gives it back
 * with segment_ring_put_free(). */
struct segment *
segment_ring_get_filled(struct segment_ring *ring)
{
    while (sem_wait(&ring->filled)) {
        /* Interrupted: nothing else can go wrong. */
    }
    return &ring->segments[ring->queue[ring->get_index]];
}

/* Gives the segment of the last segment_ring_get_filled() back. */
void
segment_ring_put_free(struct segment_ring *ring)
{
    push(ring, ring->queue[ring->get_index]);
    ring->get_index = (ring->get_index + 1) % ring->n;
    sem_post(&ring->free);
}
