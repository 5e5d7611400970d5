/* SPDX-License-Identifier: Apache-2.0 */

/* Merges packets by time; see packet-merge.h.
 *
 * Of each stream, packets that are not earlier than the one before wait in a
 * queue, the others in a heap, so that what is in order costs nothing.  Their
 * bytes are in chunks; a chunk goes when all its packets have gone. */

#include <config.h>

#include "packet-merge.h"

#include <stdlib.h>

#include "record-util.h"

#define CHUNK (1 << 20)

/* Bytes of packets, and how many of them still wait. */
struct chunk {
    struct chunk *next_free;
    size_t size, len;
    size_t n_packets;
    uint8_t data[];
};

struct packet {
    uint64_t time;
    uint64_t number;            /* Of all of the stream. */
    struct chunk *chunk;
    uint32_t offset, n;
};

/* Packets in the order in which they came: 'n' of them from 'start' on, in a
 * ring of 'allocated', a power of two. */
struct queue {
    struct packet *packets;
    size_t start, n, allocated;
};

/* Packets as a binary heap, the earliest first. */
struct heap {
    struct packet *packets;
    size_t n, allocated;
};

struct stream {
    struct queue queue;
    struct heap heap;
    uint64_t latest;            /* Time that it has got to. */
    uint64_t number;
    bool ended;
};

struct packet_merge {
    struct stream *streams;
    size_t n_streams;
    uint64_t window;
    size_t memory, used;        /* Bytes, at most and now. */
    struct chunk *chunk;        /* That is being filled, or NULL. */
    struct chunk *free;         /* Empty ones of CHUNK bytes. */
    struct packet taken;        /* Handed out last; no chunk if none. */
};

/* Returns a merge of 'n_streams' streams that keeps about 'memory' bytes at
 * most.  The caller must destroy it. */
struct packet_merge *
packet_merge_create(size_t n_streams, uint64_t window, size_t memory)
{
    struct packet_merge *m = rec_xcalloc(1, sizeof *m);

    m->streams = rec_xcalloc(n_streams, sizeof *m->streams);
    m->n_streams = n_streams;
    m->window = window;
    m->memory = memory;
    return m;
}

/* Takes one packet out of 'chunk', or adds none.  An empty chunk is free. */
static void
release(struct packet_merge *m, struct chunk *chunk, size_t n)
{
    chunk->n_packets -= n;
    if (chunk->n_packets || chunk == m->chunk) {
        return;
    }
    m->used -= chunk->size;
    if (chunk->size == CHUNK) {
        chunk->next_free = m->free;
        m->free = chunk;
    } else {
        free(chunk);
    }
}

/* Returns room for 'n' bytes, in m->chunk. */
static uint8_t *
get_room(struct packet_merge *m, size_t n)
{
    struct chunk *full = m->chunk;

    if (!full || full->size - full->len < n) {
        size_t size = REC_MAX(n, (size_t) CHUNK);
        struct chunk *chunk = size == CHUNK ? m->free : NULL;

        if (chunk) {
            m->free = chunk->next_free;
        } else {
            chunk = rec_xrealloc(NULL, sizeof *chunk + size);
            chunk->size = size;
        }
        chunk->len = 0;
        chunk->n_packets = 0;
        m->used += size;
        m->chunk = chunk;
        if (full) {
            release(m, full, 0);
        }
    }
    m->chunk->len += n;
    return m->chunk->data + m->chunk->len - n;
}

static struct packet *
queue_at(const struct queue *q, size_t i)
{
    return &q->packets[(q->start + i) & (q->allocated - 1)];
}

static void
queue_add(struct queue *q, const struct packet *packet)
{
    if (q->n == q->allocated) {
        struct queue old = *q;

        q->allocated = REC_MAX(64, 2 * old.allocated);
        q->packets = rec_xcalloc(q->allocated, sizeof *q->packets);
        q->start = 0;
        for (size_t i = 0; i < q->n; i++) {
            q->packets[i] = *queue_at(&old, i);
        }
        free(old.packets);
    }
    *queue_at(q, q->n++) = *packet;
}

static bool
is_earlier(const struct packet *a, const struct packet *b)
{
    return a->time < b->time || (a->time == b->time && a->number < b->number);
}

static void
heap_add(struct heap *h, const struct packet *packet)
{
    size_t i;

    if (h->n == h->allocated) {
        h->allocated = REC_MAX(64, 2 * h->allocated);
        h->packets = rec_xrealloc(h->packets,
                                  h->allocated * sizeof *h->packets);
    }
    for (i = h->n++; i > 0; i = (i - 1) / 2) {
        if (!is_earlier(packet, &h->packets[(i - 1) / 2])) {
            break;
        }
        h->packets[i] = h->packets[(i - 1) / 2];
    }
    h->packets[i] = *packet;
}

/* Removes the earliest of 'h', which is not empty. */
static void
heap_remove(struct heap *h)
{
    const struct packet last = h->packets[--h->n];
    size_t i = 0;

    for (;;) {
        size_t child = 2 * i + 1;

        if (child + 1 < h->n
            && is_earlier(&h->packets[child + 1], &h->packets[child])) {
            child++;
        }
        if (child >= h->n || !is_earlier(&h->packets[child], &last)) {
            break;
        }
        h->packets[i] = h->packets[child];
        i = child;
    }
    h->packets[i] = last;
}

/* Frees 'm', which may be NULL, with whatever still waits. */
void
packet_merge_destroy(struct packet_merge *m)
{
    uint64_t time;
    size_t n;

    if (!m) {
        return;
    }
    for (size_t i = 0; i < m->n_streams; i++) {
        m->streams[i].ended = true;
    }
    while (packet_merge_take(m, &time, &n)) {
        continue;
    }
    for (size_t i = 0; i < m->n_streams; i++) {
        free(m->streams[i].queue.packets);
        free(m->streams[i].heap.packets);
    }
    free(m->streams);
    free(m->chunk);
    while (m->free) {
        struct chunk *chunk = m->free;

        m->free = chunk->next_free;
        free(chunk);
    }
    free(m);
}

/* Stores in '*stream' the stream that is farthest back.  Returns false if all
 * have ended. */
bool
packet_merge_wants(const struct packet_merge *m, size_t *stream)
{
    bool found = false;

    for (size_t i = 0; i < m->n_streams; i++) {
        if (!m->streams[i].ended
            && (!found
                || m->streams[i].latest < m->streams[*stream].latest)) {
            *stream = i;
            found = true;
        }
    }
    return found;
}

/* Adds a packet of 'n' bytes, fewer than 4 GiB, to 'stream'.  Returns where
 * the caller must put them before anything else is done. */
uint8_t *
packet_merge_add(struct packet_merge *m, size_t stream, uint64_t time,
                 size_t n)
{
    struct stream *s = &m->streams[stream];
    uint8_t *data = get_room(m, n);
    struct packet packet = {
        .time = time,
        .number = s->number++,
        .chunk = m->chunk,
        .offset = data - m->chunk->data,
        .n = n,
    };

    m->chunk->n_packets++;
    if (!s->queue.n || time >= queue_at(&s->queue, s->queue.n - 1)->time) {
        queue_add(&s->queue, &packet);
    } else {
        heap_add(&s->heap, &packet);
    }
    s->latest = REC_MAX(s->latest, time);
    return data;
}

/* Says that 'stream' has got to its end. */
void
packet_merge_end(struct packet_merge *m, size_t stream)
{
    m->streams[stream].ended = true;
}

/* Returns the earliest packet that waits in 's', or NULL. */
static const struct packet *
get_earliest(const struct stream *s)
{
    const struct packet *q = s->queue.n ? queue_at(&s->queue, 0) : NULL;
    const struct packet *h = s->heap.n ? &s->heap.packets[0] : NULL;

    return !q || (h && is_earlier(h, q)) ? h : q;
}

static void
remove_earliest(struct stream *s, const struct packet *packet)
{
    if (s->heap.n && packet == &s->heap.packets[0]) {
        heap_remove(&s->heap);
    } else {
        s->queue.start = (s->queue.start + 1) & (s->queue.allocated - 1);
        s->queue.n--;
    }
}

/* Returns true if a packet of 'time' may go. */
static bool
may_go(const struct packet_merge *m, uint64_t time)
{
    size_t back = 0;

    if (m->used > m->memory || !packet_merge_wants(m, &back)) {
        return true;
    }
    return m->streams[back].latest >= m->window
           && time <= m->streams[back].latest - m->window;
}

/* Takes the earliest packet, if it may go already: returns its '*n' bytes,
 * which hold until the next call of any kind, and stores its '*time'; else
 * returns NULL. */
const uint8_t *
packet_merge_take(struct packet_merge *m, uint64_t *time, size_t *n)
{
    const struct packet *earliest = NULL;
    struct stream *from = NULL;

    if (m->taken.chunk) {
        release(m, m->taken.chunk, 1);
        m->taken.chunk = NULL;
    }
    for (size_t i = 0; i < m->n_streams; i++) {
        const struct packet *p = get_earliest(&m->streams[i]);

        if (p && (!earliest || p->time < earliest->time)) {
            earliest = p;
            from = &m->streams[i];
        }
    }
    if (!earliest || !may_go(m, earliest->time)) {
        return NULL;
    }
    m->taken = *earliest;
    remove_earliest(from, earliest);
    *time = m->taken.time;
    *n = m->taken.n;
    return m->taken.chunk->data + m->taken.offset;
}
