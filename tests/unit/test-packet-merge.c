/* SPDX-License-Identifier: Apache-2.0
 *
 * Merging packets of several streams by time, and the times that people write
 * to say which they want. */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "plugin/record/packet-merge.h"
#include "plugin/record/record-util.h"
#include "plugin/record/time-text.h"
#include "tests/tap.h"

#define N_STREAMS 5
#define N_PACKETS 20000
#define WINDOW 1000

/* What a packet carries. */
struct mark {
    uint64_t time;
    uint32_t stream, number;
};

/* xorshift64star, so that every machine tries the same. */
static uint64_t state = 88172645463325252;

static size_t
below(size_t n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (state * UINT64_C(2685821657736338717) >> 33) % n;
}

/* The time of packet 'number' of 'stream': they come at different paces, and
 * now and then one is up to 'jitter' late. */
static uint64_t
make_time(size_t stream, size_t number, size_t jitter)
{
    uint64_t time = 1000000 + number * 10 * (stream + 1);

    return time - (jitter && !below(3) ? below(jitter) : 0);
}

/* What came of a merge. */
struct outcome {
    size_t packets, disordered, altered;
    size_t waiting;             /* Most that waited at once. */
    uint64_t last;
};

static void
take_all(struct packet_merge *m, struct outcome *o, size_t added)
{
    const uint8_t *data;
    uint64_t time;
    size_t n;

    while ((data = packet_merge_take(m, &time, &n)) != NULL) {
        struct mark mark;

        memcpy(&mark, data, sizeof mark);
        o->altered += (mark.time != time
                       || n != sizeof mark + mark.number % 1500);
        o->disordered += time < o->last;
        o->last = REC_MAX(o->last, time);
        o->packets++;
    }
    o->waiting = REC_MAX(o->waiting, added - o->packets);
}

static struct outcome
merge(size_t jitter, size_t memory)
{
    struct packet_merge *m = packet_merge_create(N_STREAMS, WINDOW, memory);
    size_t next[N_STREAMS] = { 0 };
    struct outcome o = { 0 };
    size_t stream, added = 0;

    while (packet_merge_wants(m, &stream)) {
        if (next[stream] == N_PACKETS) {
            packet_merge_end(m, stream);
        } else {
            struct mark mark = {
                make_time(stream, next[stream], jitter), stream, next[stream],
            };
            uint8_t *data = packet_merge_add(
                m, stream, mark.time,
                sizeof mark + next[stream]++ % 1500);

            memcpy(data, &mark, sizeof mark);
            added++;
        }
        take_all(m, &o, added);
    }
    take_all(m, &o, added);
    packet_merge_destroy(m);
    return o;
}

static void
test_merge(void)
{
    struct outcome o = merge(0, 64 << 20);

    tap_int(o.packets, N_STREAMS * N_PACKETS, "in order: all packets");
    tap_int(o.disordered, 0, "in order: in order");
    tap_int(o.altered, 0, "in order: as they were");
    tap_ok(o.waiting < 1000, "in order: %zu at most wait", o.waiting);
    o = merge(WINDOW, 64 << 20);
    tap_int(o.packets, N_STREAMS * N_PACKETS, "late ones: all packets");
    tap_int(o.disordered, 0, "late ones: in order");
    tap_int(o.altered, 0, "late ones: as they were");
    o = merge(100 * WINDOW, 64 << 20);
    tap_int(o.packets, N_STREAMS * N_PACKETS, "too late: all packets");
    tap_ok(o.disordered > 0, "too late: %zu of them", o.disordered);
    o = merge(WINDOW, 2 << 20);
    tap_int(o.packets, N_STREAMS * N_PACKETS, "little memory: all packets");
    tap_int(o.altered, 0, "little memory: as they were");

    struct packet_merge *m = packet_merge_create(2, WINDOW, 1 << 20);

    packet_merge_add(m, 0, 5, 100);
    packet_merge_add(m, 1, 4, 3 << 20);
    packet_merge_destroy(m);
    tap_ok(true, "one that is given up");
}

static void
test_times(void)
{
    /* 2026-01-31 23:59:59.5 UTC; TZ is an hour east of it, and it is
     * 2026-02-01 00:59:59.5 there. */
    const uint64_t now = UINT64_C(1769903999500000000);
    static const struct {
        const char *text;
        int64_t ns;             /* Relative to 'now'; -1: not a time. */
    } cases[] = {
        { "now", 0 },
        { "1769903999.5", 0 },
        { "1769904000", 500000000 },
        { "1769904000.000000001", 500000001 },
        { "-0s", 0 },
        { "2026-01-31T23:59:59.500000007Z", 7 },
        { "2026-01-31t23:59:59.5z", 0 },
        { "2026-02-01T01:29:59.5+01:30", 0 },
        { "2026-01-31T22:59:59.5-0100", 0 },
        { "2026-02-01 00:59:59.5", 0 },
        { "2026-02-01T01:00", 500000000 },
        { "00:59:59.5", 0 },
        { "01:00", 500000000 },
        { "", -1 }, { "x", -1 }, { "-", -1 }, { "-5y", -1 }, { "-5mm", -1 },
        { "1.", -1 }, { "25:00", -1 }, { "12:60", -1 },
        { "12:00:", -1 }, { "12:00:00x", -1 }, { "2026-02-30T00:00:00Z", -1 },
        { "2026-13-01T00:00:00Z", -1 }, { "2026-01-31", -1 },
        { "2026-01-31T23:59:59+1", -1 }, { "99999999999999999999", -1 },
        { "1960-01-01T00:00:00Z", -1 },
    };
    char text[TIME_TEXT_SIZE];
    uint64_t ns;

    setenv("TZ", "Test-1", 1);
    for (size_t i = 0; i < REC_ARRAY_SIZE(cases); i++) {
        bool ok = time_text_parse(cases[i].text, now, &ns);

        if (cases[i].ns < 0) {
            tap_ok(!ok, "\"%s\" is no time", cases[i].text);
        } else {
            tap_ok(ok && ns == now + cases[i].ns, "\"%s\" is a time",
                   cases[i].text);
        }
    }
    tap_ok(time_text_parse("12", now, &ns) && ns == 12 * NSEC_PER_SEC,
           "\"12\" is seconds");
    tap_ok(time_text_parse("-10m", now, &ns)
           && ns == now - 600 * NSEC_PER_SEC, "ten minutes ago");
    tap_ok(time_text_parse("-2h", now, &ns)
           && ns == now - 7200 * NSEC_PER_SEC, "two hours ago");
    tap_ok(time_text_parse("-1d", now, &ns)
           && ns == now - 86400 * NSEC_PER_SEC, "a day ago");
    tap_ok(time_text_parse("-4000000000d", now, &ns) && !ns,
           "before all times");
    tap_str(time_text_format(now + 7, text),
            "2026-01-31T23:59:59.500000007Z", "a time as text");
    tap_str(time_text_format(UINT64_MAX, text),
            "2554-07-21T23:34:33.709551615Z", "the last one");
}

int
main(void)
{
    test_merge();
    test_times();
    return tap_done();
}
