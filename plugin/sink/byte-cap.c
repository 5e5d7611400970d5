/* SPDX-License-Identifier: Apache-2.0 */

/* A cap on bytes per second; see byte-cap.h.  Pure. */

#include <config.h>

#include "byte-cap.h"

#include <string.h>

#include "plugin/record/record-util.h"

/* A window is five seconds, which can touch one slot more than it is long.
 * What files need beside their frames is laid down in any case: some bytes are
 * kept for it. */
#define WINDOW_SLOTS (BYTE_CAP_SLOTS + 1)
#define RESERVE 4096

/* How many slots ahead an end of the window's bytes is seen coming. */
#define LOOK_AHEAD 5

/* Arrivals now are the mean of so many slots. */
#define RECENT 3

/* What a step would lay down gets so much on top before it is thought good
 * enough to go back to. */
#define SPARE(BYTES) ((BYTES) + (BYTES) / 16)

/* Steps aim at so much less than is allowed: what was laid down gets to the
 * disk in lumps, and shall keep the cap there, too. */
#define LESS(BYTES) ((BYTES) - (BYTES) / 16)

/* Time stamps that are so far back come from a clock that was set. */
#define CLOCK_SET_NS NSEC_PER_SEC

/* Returns the bytes that a window may have. */
static int64_t
get_window(const struct byte_cap *c)
{
    return c->rate * WINDOW_SLOTS / 10 - RESERVE;
}

/* Returns how many bytes each slot may have from now on, such that no window
 * will have too many.  Stores in '*hard' how many this slot may have at
 * most. */
static int64_t
get_allowance(const struct byte_cap *c, int64_t *hard)
{
    int64_t window = get_window(c);
    int64_t before = 0, least;

    /* In the order of the slots to come, the last one first: then nothing of
     * what was before is in the window any more. */
    least = (window - c->laid) / WINDOW_SLOTS;
    for (int i = BYTE_CAP_SLOTS - 1; i >= 0; i--) {
        int64_t each;

        before += c->laid_before[BYTE_CAP_SLOTS - 1 - i];
        each = (window - c->laid - before) / (i + 1);
        least = REC_MIN(least, each);
    }
    *hard = REC_MAX(window - c->laid - before, 0);
    return REC_MAX(least, 0);
}

/* Returns true if laying down 'each' bytes per slot soon is too much. */
static bool
is_near_end(const struct byte_cap *c, int64_t each)
{
    int64_t window = get_window(c) - c->laid;
    int64_t before = 0;

    for (int i = 0; i < WINDOW_SLOTS - LOOK_AHEAD; i++) {
        before += c->laid_before[i];
    }
    for (int i = LOOK_AHEAD; i > 0; i--) {
        if (before + each * i > window) {
            return true;
        }
        if (i > 1) {
            before += c->laid_before[WINDOW_SLOTS - i];
        }
    }
    return false;
}

/* Returns the first step that lays down no more than 'allowance' of 'a'; if
 * nothing is allowed that is the last one, even if nothing arrives. */
static unsigned int
find_step(const struct byte_cap_arrivals *a, int64_t allowance)
{
    uint64_t max = allowance;
    unsigned int step = BYTE_CAP_SAMPLED;

    if (!max) {
        return BYTE_CAP_PAUSED;
    }
    if (a->whole <= max) {
        return BYTE_CAP_WHOLE;
    }
    if (a->sliced <= max) {
        return BYTE_CAP_SLICED;
    }
    while (step < BYTE_CAP_PAUSED
           && a->sliced >> (step - BYTE_CAP_SLICED) > max) {
        step++;
    }
    return step;
}

/* Returns what arrives in a slot, as it was lately. */
static struct byte_cap_arrivals
get_recent(const struct byte_cap *c)
{
    struct byte_cap_arrivals a = { 0 };

    for (int i = 0; i < RECENT; i++) {
        a.whole += c->before[i].whole;
        a.sliced += c->before[i].sliced;
    }
    a.whole /= RECENT;
    a.sliced /= RECENT;
    return a;
}

/* Returns the most that arrived in any slot, with some to spare. */
static struct byte_cap_arrivals
get_most(const struct byte_cap *c)
{
    struct byte_cap_arrivals a = { 0 };

    for (int i = 0; i < BYTE_CAP_MEMORY; i++) {
        a.whole = REC_MAX(a.whole, SPARE(c->before[i].whole));
        a.sliced = REC_MAX(a.sliced, SPARE(c->before[i].sliced));
    }
    return a;
}

static void
set_step(struct byte_cap *c, unsigned int step)
{
    if (c->step != step) {
        c->step = step;
        c->age = 0;
    }
    c->mask = byte_cap_sample(c) - 1;
}

/* Sets what the slot may have.  That frames come by chance is made up for by
 * the next slots, so twice the allowance is not yet too much. */
static void
set_left(struct byte_cap *c, int64_t allowance, int64_t hard)
{
    int64_t recent = get_recent(c).whole;

    if (c->step == BYTE_CAP_PAUSED) {
        c->left = 0;
    } else if (c->step == BYTE_CAP_WHOLE) {
        c->left = REC_MIN(hard, REC_MAX(hard / 2, 2 * recent));
    } else {
        c->left = REC_MIN(hard, 2 * allowance);
    }
}

/* Chooses the step for a slot that begins. */
static void
choose_step(struct byte_cap *c)
{
    struct byte_cap_arrivals recent = get_recent(c);
    struct byte_cap_arrivals most = get_most(c);
    int64_t hard, allowance = get_allowance(c, &hard);
    unsigned int worse = find_step(&recent, LESS(allowance));
    unsigned int better = find_step(&most, LESS(allowance));

    if (c->step == BYTE_CAP_WHOLE && !is_near_end(c, recent.whole)) {
        worse = BYTE_CAP_WHOLE;
    }
    if (worse > c->step) {
        set_step(c, worse);
    } else if (better < c->step && c->age >= BYTE_CAP_MEMORY) {
        set_step(c, better);
    }
    set_left(c, allowance, hard);
}

/* Puts a slot with 'laid' bytes and arrivals 'a' before all others. */
static void
remember(struct byte_cap *c, int64_t laid, struct byte_cap_arrivals a)
{
    memmove(&c->laid_before[1], c->laid_before,
            (BYTE_CAP_SLOTS - 1) * sizeof *c->laid_before);
    memmove(&c->before[1], c->before,
            (BYTE_CAP_MEMORY - 1) * sizeof *c->before);
    c->laid_before[0] = laid;
    c->before[0] = a;
    c->age++;
}

/* Goes on to the slot that 'time' is in, if that is a later one.  To be called
 * for frames, and now and then while none come. */
void
byte_cap_turn(struct byte_cap *c, uint64_t time)
{
    uint64_t n;

    if (time < c->start) {
        if (c->start - time > CLOCK_SET_NS) {
            c->start = time;
        }
        return;
    }
    n = (time - c->start) / BYTE_CAP_SLOT_NS;
    if (!n) {
        return;
    }
    c->start += n * BYTE_CAP_SLOT_NS;
    remember(c, c->laid, c->now);
    for (uint64_t i = 1; i < REC_MIN(n, (uint64_t) WINDOW_SLOTS); i++) {
        remember(c, 0, (struct byte_cap_arrivals) { 0 });
    }
    c->laid = 0;
    c->now = (struct byte_cap_arrivals) { 0 };
    choose_step(c);
}

/* Called when a frame does not fit into the slot any more: goes on to a worse
 * step if frames were taken whole.  Returns true if a record of 'size' bytes,
 * which is the sliced frame's, fits then. */
bool
byte_cap_give_way(struct byte_cap *c, size_t size)
{
    int64_t hard, allowance;

    if (c->step == BYTE_CAP_WHOLE) {
        allowance = get_allowance(c, &hard);
        set_step(c, REC_MAX(find_step(&c->now, allowance),
                            (unsigned int) BYTE_CAP_SLICED));
        set_left(c, allowance, hard);
    }
    return (int64_t) size <= c->left;
}

/* From now on the cap is 'rate' bytes per second, at least BYTE_CAP_MIN and at
 * most BYTE_CAP_MAX, or 0 for no cap. */
void
byte_cap_set_rate(struct byte_cap *c, uint64_t rate)
{
    if (!rate || !c->rate) {
        *c = (struct byte_cap) { .rate = rate, .random = 1 };
    } else if (rate != c->rate) {
        c->rate = rate;
        choose_step(c);
    }
}

/* Returns how many bytes per second of whole frames arrive. */
uint64_t
byte_cap_arriving(const struct byte_cap *c)
{
    return REC_MAX(get_recent(c).whole, c->now.whole)
           * (NSEC_PER_SEC / BYTE_CAP_SLOT_NS);
}

/* Returns N if one frame in N is taken: 1 with the first two steps, and also
 * with the last, which is not about numbers. */
unsigned int
byte_cap_sample(const struct byte_cap *c)
{
    return (c->step < BYTE_CAP_SAMPLED || c->step == BYTE_CAP_PAUSED
            ? 1 : 2U << (c->step - BYTE_CAP_SAMPLED));
}
