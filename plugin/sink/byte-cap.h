/* SPDX-License-Identifier: Apache-2.0 */

/* A cap on the bytes per second that a capture lays down, decided frame by
 * frame from numbers alone: sizes, and the time stamps of the frames.
 *
 * In any five seconds no more than 5.1 times the cap is laid down.  Within
 * that, bursts pass untouched.  When they do not fit any more, frames are
 * taken in steps, each of which is worse than the one before it:
 *
 *     0       whole
 *     1       the first BYTE_CAP_SLICE bytes of each
 *     2...    of these one in 2, 4, ... 256, by chance
 *     last    none
 *
 * The step is as bad as it has to be now, and gets better again when one that
 * is better would have done for all of the last second, with some to spare.
 *
 * Time is counted in slots.  A step is chosen for a slot from what arrived in
 * the slots before it, such that it could go on like that: bytes laid down in
 * a burst leave less for the five seconds after it. */

#ifndef SPAN_SINK_BYTE_CAP_H
#define SPAN_SINK_BYTE_CAP_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BYTE_CAP_SLICE 128

/* The least cap that can be kept, and the most that can be counted with. */
#define BYTE_CAP_MIN UINT64_C(100000)
#define BYTE_CAP_MAX UINT64_C(100000000000)

#define BYTE_CAP_SLOT_NS UINT64_C(100000000)
#define BYTE_CAP_SLOTS 50       /* Behind the present one, in the window. */
#define BYTE_CAP_MEMORY 10      /* Slots whose arrivals are remembered. */

enum byte_cap_step {
    BYTE_CAP_WHOLE,
    BYTE_CAP_SLICED,
    BYTE_CAP_SAMPLED,           /* One in 2; the next steps one in 4, ... */
    BYTE_CAP_PAUSED = BYTE_CAP_SAMPLED + 8,
};

enum byte_cap_verdict { BYTE_CAP_TAKE, BYTE_CAP_CUT, BYTE_CAP_LEAVE };

/* What arrived, in the sizes that its records would have. */
struct byte_cap_arrivals {
    uint64_t whole;             /* Bytes, with whole frames. */
    uint64_t sliced;            /* Bytes, with sliced ones. */
};

struct byte_cap {
    uint64_t rate;              /* Bytes per second; 0: no cap. */
    unsigned int step;          /* BYTE_CAP_WHOLE... */

    /* The slot. */
    uint64_t start;             /* When it began, as frames' times count. */
    int64_t left;               /* Bytes that may still be laid down. */
    int64_t laid;               /* Bytes that were. */
    uint32_t mask;              /* A frame is left if its number has these. */
    struct byte_cap_arrivals now;

    /* The slots before it, the last one first. */
    int64_t laid_before[BYTE_CAP_SLOTS];
    struct byte_cap_arrivals before[BYTE_CAP_MEMORY];

    unsigned int age;           /* Slots since the step changed. */
    uint64_t random;
};

void byte_cap_set_rate(struct byte_cap *, uint64_t rate);
void byte_cap_turn(struct byte_cap *, uint64_t time);
bool byte_cap_give_way(struct byte_cap *, size_t size);
uint64_t byte_cap_arriving(const struct byte_cap *);
unsigned int byte_cap_sample(const struct byte_cap *);

/* Counts 'n' bytes that are laid down whatever the cap says. */
static inline void
byte_cap_charge(struct byte_cap *c, size_t n)
{
    c->laid += n;
    c->left -= n;
}

/* Counts 'n' frames that were laid down whole without asking, because there
 * was room for their 'whole' bytes and the slot was not over; each has up to
 * 'sliced' bytes when sliced. */
static inline void
byte_cap_add(struct byte_cap *c, uint64_t n, uint64_t whole, size_t sliced)
{
    c->now.whole += whole;
    c->now.sliced += whole < n * sliced ? whole : n * sliced;
    byte_cap_charge(c, whole);
}

/* Decides about a frame with time stamp 'time' (nanoseconds) whose record
 * would have 'whole' bytes, or 'sliced' if it were cut to BYTE_CAP_SLICE.
 * Only for a cap with a rate. */
static inline enum byte_cap_verdict
byte_cap_decide(struct byte_cap *c, uint64_t time, size_t whole, size_t sliced)
{
    size_t size;

    if (time - c->start >= BYTE_CAP_SLOT_NS) {
        byte_cap_turn(c, time);
    }
    c->now.whole += whole;
    c->now.sliced += sliced;
    if (c->mask) {
        c->random = c->random * UINT64_C(6364136223846793005) + 1;
        if ((c->random >> 32) & c->mask) {
            return BYTE_CAP_LEAVE;
        }
    }
    size = c->step ? sliced : whole;
    if ((int64_t) size > c->left) {
        if (!byte_cap_give_way(c, sliced)) {
            return BYTE_CAP_LEAVE;
        }
        size = sliced;
    }
    byte_cap_charge(c, size);
    return c->step ? BYTE_CAP_CUT : BYTE_CAP_TAKE;
}

#endif /* plugin/sink/byte-cap.h */
