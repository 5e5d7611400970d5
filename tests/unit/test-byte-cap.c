/* SPDX-License-Identifier: Apache-2.0
 *
 * The cap on bytes per second: it holds in any five seconds whatever comes,
 * changes nothing as long as it is not reached, and gets better again. */

#include <config.h>
#include "plugin/sink/byte-cap.h"
#include "plugin/record/record-util.h"
#include "tests/tap.h"
#include <stdlib.h>
#include <string.h>

#define RATE UINT64_C(10000000)
#define START UINT64_C(1700000000123456789)
#define MS NSEC_PER_MSEC
#define SECONDS 40

/* What became of a run. */
struct run {
    struct byte_cap cap;
    uint64_t time;
    uint64_t laid[SECONDS * 1000]; /* Bytes in each millisecond. */
    uint64_t frames, taken, cut, left;
    unsigned int changes, worst;
    double worst_window;        /* Of its five seconds' share. */
};

/* Lets 'n' frames of 'size' bytes arrive within a millisecond. */
static void
arrive(struct run *r, unsigned int n, size_t size)
{
    size_t ms = (r->time - START) / MS;

    for (unsigned int i = 0; i < n; i++) {
        unsigned int step = r->cap.step;
        size_t sliced = REC_MIN(size, (size_t) BYTE_CAP_SLICE + 32);

        r->frames++;
        switch (byte_cap_decide(&r->cap, r->time + i * MS / n, size,
                                sliced)) {
        case BYTE_CAP_TAKE:
            r->taken++;
            r->laid[ms] += size;
            break;
        case BYTE_CAP_CUT:
            r->cut++;
            r->laid[ms] += sliced;
            break;
        case BYTE_CAP_LEAVE:
            r->left++;
            break;
        }
        r->changes += r->cap.step != step;
        r->worst = REC_MAX(r->worst, r->cap.step);
    }
    r->time += MS;
}

/* Lets frames of 'size' bytes arrive for 'ms' milliseconds, such that they are
 * 'rate' bytes per second. */
static void
arrive_for(struct run *r, unsigned int ms, uint64_t rate, size_t size)
{
    uint64_t owed = 0;

    for (unsigned int i = 0; i < ms; i++) {
        owed += rate;
        arrive(r, owed / 1000 / size, size);
        owed -= owed / 1000 / size * size * 1000;
    }
}

static struct run *
start(uint64_t rate)
{
    struct run *r = rec_xcalloc(1, sizeof *r);

    r->time = START;
    byte_cap_set_rate(&r->cap, rate);
    return r;
}

/* Looks at every window of five seconds that begins with a millisecond. */
static void
finish(struct run *r, uint64_t rate)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < SECONDS * 1000; i++) {
        sum += r->laid[i];
        if (i >= 5000) {
            sum -= r->laid[i - 5000];
        }
        r->worst_window = REC_MAX(r->worst_window, sum / (5.0 * rate));
    }
    tap_ok(r->worst_window <= 1.02, "at most %.4f of the cap in any 5 s, of "
           "%.1f MB", r->worst_window, r->frames / 1e6);
    free(r);
}

static void
test_not_reached(void)
{
    struct run *r = start(RATE);

    arrive_for(r, 20000, RATE * 99 / 100, 1000);
    tap_int(r->taken, r->frames, "steady at 0.99 of the cap: all are taken");
    tap_int(r->changes, 0, "and nothing changes");
    finish(r, RATE);

    r = start(RATE);
    for (int i = 0; i < 4; i++) {
        arrive_for(r, 100, 20 * RATE, 1000);
        arrive_for(r, 4900, 0, 1000);
    }
    tap_int(r->taken, r->frames, "bursts of twenty times the cap: all are "
            "taken if they are short");
    finish(r, RATE);

    r = start(0);
    tap_int(r->cap.rate, 0, "no cap is no cap");
    free(r);
}

static void
test_slice(void)
{
    struct run *r = start(RATE);

    arrive_for(r, 20000, 4 * RATE, 1600);
    tap_int(r->cap.step, BYTE_CAP_SLICED, "four times the cap: sliced");
    tap_int(r->changes, 1, "at once and for good");
    tap_ok(r->taken * 1600 > RATE && r->left == 0,
           "%llu whole before, none left out",
           (unsigned long long) r->taken);
    tap_int(byte_cap_arriving(&r->cap), 4 * RATE, "it knows what arrives");
    arrive_for(r, 950, RATE / 2, 1600);
    tap_int(r->cap.step, BYTE_CAP_SLICED, "less: it waits for a second");
    arrive_for(r, 300, RATE / 2, 1600);
    tap_int(r->cap.step, BYTE_CAP_WHOLE, "and then all is well again");
    finish(r, RATE);
}

static void
test_sample(void)
{
    struct run *r = start(RATE);
    uint64_t before;

    arrive_for(r, 15000, 10 * RATE, 100);
    tap_int(r->cap.step, BYTE_CAP_SAMPLED + 3, "small frames, ten times the "
            "cap: one in 16");
    tap_int(byte_cap_sample(&r->cap), 16, "as it says");
    before = r->cut;
    arrive_for(r, 5000, 10 * RATE, 100);
    tap_ok(llabs((long long) (r->cut - before) - 5000000 / 16) < 3000,
           "%llu of 5000000", (unsigned long long) (r->cut - before));
    for (uint64_t rate = 8; rate; rate /= 2) {
        arrive_for(r, 1600, rate * RATE / 2, 100);
    }
    byte_cap_turn(&r->cap, r->time + 2000 * MS);
    tap_int(r->cap.step, BYTE_CAP_WHOLE, "step by step it is well again");
    finish(r, RATE);
}

static void
test_pause(void)
{
    struct run *r = start(BYTE_CAP_MIN);

    arrive_for(r, 10000, 600 * BYTE_CAP_MIN, 100);
    tap_int(r->cap.step, BYTE_CAP_PAUSED, "600 times the cap: pause");
    tap_int(byte_cap_sample(&r->cap), 1, "which is no sample");
    byte_cap_turn(&r->cap, r->time + 1500 * MS);
    tap_int(r->cap.step, BYTE_CAP_WHOLE, "with time alone it ends");
    finish(r, BYTE_CAP_MIN);

    r = start(100 * RATE);
    arrive_for(r, 3000, 3 * RATE, 1000);
    tap_int(r->changes, 0, "a large cap");
    byte_cap_set_rate(&r->cap, RATE);
    arrive_for(r, 1000, 3 * RATE, 1000);
    tap_int(r->cap.step, BYTE_CAP_PAUSED, "a smaller one, and all of it "
            "is used up: pause");
    arrive_for(r, 4000, RATE / 2, 1000);
    tap_int(r->cap.step, BYTE_CAP_WHOLE, "until there is room again");
    byte_cap_set_rate(&r->cap, 0);
    tap_int(r->cap.step, BYTE_CAP_WHOLE, "without a cap it is well at once");
    free(r);
}

/* The clock is set: back, and forward. */
static void
test_clock(void)
{
    struct run *r = start(RATE);

    arrive_for(r, 1000, RATE / 2, 1000);
    tap_int(byte_cap_decide(&r->cap, START - 3600 * NSEC_PER_SEC, 1000, 160),
            BYTE_CAP_TAKE, "an hour back: goes on");
    tap_ok(r->cap.start < START, "with the new time");
    byte_cap_turn(&r->cap, START);
    tap_int(byte_cap_decide(&r->cap, START - 5 * MS, 1000, 160),
            BYTE_CAP_TAKE, "a frame that is a little late is none of that");
    tap_ok(r->cap.start + BYTE_CAP_SLOT_NS > START, "which keeps its time");
    free(r);
}

/* Whatever comes. */
static void
test_random(void)
{
    srandom(1);
    for (int round = 0; round < 12; round++) {
        uint64_t rate = BYTE_CAP_MIN << (round % 8);
        struct run *r = start(rate);

        while (r->time < START + (SECONDS - 3) * NSEC_PER_SEC) {
            arrive_for(r, 1 + random() % 2500,
                       random() % 3 ? rate * (random() % 4000) / 1000
                       : rate * (random() % 60),
                       60 + random() % 1900);
        }
        tap_diag("%llu whole, %llu cut, %llu left out, %u changes",
                 (unsigned long long) r->taken, (unsigned long long) r->cut,
                 (unsigned long long) r->left, r->changes);
        finish(r, rate);
    }
}

int
main(void)
{
    test_not_reached();
    test_slice();
    test_sample();
    test_pause();
    test_clock();
    test_random();
    return tap_done();
}
