/* SPDX-License-Identifier: Apache-2.0
 *
 * The recorder's decisions: when a file ends, which files go, and whether the
 * counters add up. */

#include <config.h>
#include "plugin/sink/accounting.h"
#include "plugin/sink/fs-kind.h"
#include "plugin/sink/retention.h"
#include "plugin/sink/rotation.h"
#include "plugin/record/record-util.h"
#include "tests/tap.h"

#define SECOND NSEC_PER_SEC

static void
test_rotation_by_size(void)
{
    struct rotation r = { .limits = { .bytes = 1000 } };

    rotation_open(&r, 0, 200, 100);
    tap_ok(!rotation_due_before(&r, 5000),
           "the first frame belongs in the file, however large");
    rotation_add(&r, 300);
    tap_ok(!rotation_due_before(&r, 400), "exactly full is not too full");
    tap_ok(rotation_due_before(&r, 401), "a byte more is");
    tap_ok(!rotation_due_on_time(&r, 100 * SECOND), "time does not matter");
    rotation_open(&r, 0, 200, 100);
    tap_ok(!rotation_due_before(&r, 5000), "a new file starts over");
    tap_int(r.limits.bytes, 1000, "and keeps the limits");
}

static void
test_rotation_by_time(void)
{
    struct rotation r = { .limits = { .seconds = 10 } };

    rotation_open(&r, 5 * SECOND, 0, 0);
    tap_ok(!rotation_due_on_time(&r, 15 * SECOND - 1), "not before its time");
    tap_ok(rotation_due_on_time(&r, 15 * SECOND),
           "at its time, also with no frame in it");
    rotation_add(&r, 100);
    tap_ok(!rotation_due_before(&r, 1 << 30), "size does not matter");
    r.limits.seconds = 0;
    tap_ok(!rotation_due_on_time(&r, UINT64_MAX), "0 seconds is no limit");
}

static void
test_rotation_by_packets(void)
{
    struct rotation r = { .limits = { .packets = 2 } };

    rotation_open(&r, 0, 0, 0);
    rotation_add(&r, 1);
    tap_ok(!rotation_due_before(&r, 1), "room for a second frame");
    tap_ok(!rotation_due_on_time(&r, 0), "and it is waited for");
    rotation_add(&r, 1);
    tap_ok(rotation_due_before(&r, 1), "no room for a third");
    tap_ok(rotation_due_on_time(&r, 0), "a full file is not kept open");
}

/* Returns how many of 'n' files of 100 bytes must go. */
static size_t
excess(const struct retention_limits *l, size_t n, bool open,
       uint64_t open_bytes, uint64_t fs_free, bool *starved)
{
    static const uint64_t sizes[] = {
        100, 100, 100, 100, 100, 100, 100, 100, 100, 100,
    };
    struct retention_state s = {
        .sizes = sizes,
        .n = n,
        .open = open,
        .open_bytes = open_bytes,
        .fs_free = fs_free,
        .fs_total = 10000,
    };

    return retention_excess(l, &s, starved);
}

static void
test_retention_ring(void)
{
    struct retention_limits l = { .files = 4 };
    bool starved;

    tap_int(excess(&l, 3, true, 50, 5000, &starved), 0,
            "three closed and one open are four");
    tap_int(excess(&l, 4, true, 50, 5000, &starved), 1,
            "with a fourth closed one, one goes");
    tap_int(excess(&l, 10, false, 0, 5000, &starved), 6,
            "what an earlier recorder left goes too");
    l = (struct retention_limits) { .files = 1 };
    tap_int(excess(&l, 3, true, 50, 5000, &starved), 3,
            "one file is the open one");
    l = (struct retention_limits) { .bytes = 500 };
    tap_int(excess(&l, 4, true, 100, 5000, &starved), 0,
            "bytes: just enough");
    tap_int(excess(&l, 4, true, 101, 5000, &starved), 1,
            "bytes: one too many");
    tap_int(excess(&l, 4, true, 900, 5000, &starved), 4,
            "the open file is never among those that go");
    tap_ok(!starved, "and that has nothing to do with free space");
}

static void
test_retention_floor(void)
{
    struct retention_limits l = { .min_free_percent = 10 };
    bool starved;

    tap_int(retention_floor(&l, 10000), 1000, "10%% of 10000");
    l.min_free_bytes = 2000;
    tap_int(retention_floor(&l, 10000), 2000, "or bytes, if more");
    l = (struct retention_limits) { .min_free_percent = 10 };
    tap_int(excess(&l, 5, true, 0, 1000, &starved), 0, "enough is free");
    tap_ok(!starved, "so writing goes on");
    tap_int(excess(&l, 5, true, 0, 999, &starved), 0,
            "without a ring nothing is ever deleted");
    tap_ok(starved, "but writing stops");
    l.files = 100;
    tap_int(excess(&l, 5, true, 0, 850, &starved), 2,
            "in a ring the oldest make room");
    tap_ok(!starved, "and writing goes on");
    tap_int(excess(&l, 5, true, 0, 100, &starved), 5,
            "as many as there are");
    tap_ok(starved, "and if that is not enough, writing stops");
    l = (struct retention_limits) { .files = 3 };
    tap_ok(retention_is_ring(&l), "a ring of files");
    l = (struct retention_limits) { .min_free_percent = 10 };
    tap_ok(!retention_is_ring(&l), "a floor alone is no ring");
}

static void
test_counter32(void)
{
    struct accounting_counter32 c;

    accounting_counter32_start(&c, 5);
    tap_int(accounting_counter32_update(&c, 5), 0, "nothing counted yet");
    tap_int(accounting_counter32_update(&c, 7), 2, "two more");
    accounting_counter32_start(&c, UINT32_MAX - 1);
    tap_int(accounting_counter32_update(&c, 3), 5, "across its end");
    tap_int(accounting_counter32_update(&c, 2), 5 + (long long int) UINT32_MAX,
            "and almost all the way round again");
    tap_int(accounting_counter32_update(&c, 2), 5 + (long long int) UINT32_MAX,
            "no news is no count");
}

static void
test_balance(void)
{
    struct accounting a = { 0 };
    struct accounting_snapshot s;

    accounting_set(&a.ps_recv, 100);
    accounting_set(&a.ps_drop, 10);
    accounting_add(&a.delivered, 90);
    accounting_add(&a.queued, 88);
    accounting_add(&a.ring_drop, 2);
    accounting_add(&a.written, 85);
    accounting_add(&a.write_drop, 3);
    accounting_add(&a.noted, 12);
    accounting_read(&a, &s);
    tap_ok(accounting_balances(&s), "the equations hold");
    tap_int(accounting_lost(&s), 15, "all losses");
    tap_int(accounting_unnoted(&s), 3, "those that no file notes yet");
    accounting_sub(&a.noted, 12);
    accounting_read(&a, &s);
    tap_int(accounting_unnoted(&s), 15, "a lost note is to be made again");
    s.written--;
    tap_ok(!accounting_balances(&s), "a frame that went nowhere is noticed");
}

int
main(void)
{
    test_rotation_by_size();
    test_rotation_by_time();
    test_rotation_by_packets();
    test_retention_ring();
    test_retention_floor();
    test_counter32();
    test_balance();
    return tap_done();
}
