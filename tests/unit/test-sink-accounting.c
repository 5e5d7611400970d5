/* SPDX-License-Identifier: Apache-2.0
 *
 * Where every packet went: counters that follow from others, what was lost at
 * the port, and what is remembered of each file. */

#include <config.h>
#include "plugin/sink/accounting.h"
#include "plugin/sink/loss-notes.h"
#include "plugin/sink/port-counters.h"
#include "plugin/sink/recordings.h"
#include "tests/tap.h"
#include <stdio.h>

static void
test_derived(void)
{
    struct accounting a = { 0 };
    struct accounting_snapshot s, before;

    accounting_set(&a.ps_recv, 100);
    accounting_set(&a.ps_drop, 10);
    accounting_add(&a.delivered, 60);
    accounting_add(&a.queued, 50);
    accounting_add(&a.cap_drop, 10);
    accounting_add(&a.written, 50);
    accounting_read(&a, &s);
    tap_int(s.rx, 100, "with no filter, what passed it arrived");
    tap_int(s.filter_reject, 0, "and nothing was rejected");
    tap_int(s.undelivered, 30, "the rest is in the ring");
    tap_ok(!accounting_balances(&s), "which is no rest");
    tap_int(accounting_lost(&s), 20, "a frame left out is lost too");
    before = s;

    accounting_set(&a.rx, 250);
    accounting_add(&a.delivered, 30);
    accounting_add(&a.queued, 30);
    accounting_add(&a.written, 30);
    accounting_read(&a, &s);
    tap_int(s.rx, 250, "the port's own count");
    tap_int(s.filter_reject, 150, "less what passed the filter");
    tap_int(s.undelivered, 0, "the ring is empty");
    tap_ok(accounting_balances(&s), "the equations hold");
    accounting_subtract(&s, &before);
    tap_ok(s.rx == 150 && s.filter_reject == 150 && !s.ps_recv
           && s.delivered == 30 && s.written == 30, "since then");
}

static void
test_lag(void)
{
    struct accounting a = { 0 };
    struct accounting_snapshot s;

    accounting_set(&a.rx, 3);
    accounting_set(&a.ps_drop, 2);
    accounting_add(&a.written, 7);
    accounting_add(&a.write_drop, 1);
    accounting_add(&a.ring_drop, 4);
    accounting_read(&a, &s);
    tap_ok(s.queued == 8 && s.delivered == 12 && s.ps_recv == 14
           && s.rx == 14, "counters that lag behind are brought along");
    tap_ok(accounting_balances(&s), "so that the equations hold");
}

/* Adds what happened between two samples to 'before', and returns what became
 * of it: rx and drop. */
static struct port_totals
add(bool was_up, bool is_up, uint64_t packets, uint64_t dropped,
    uint64_t backlog, bool early)
{
    struct port_sample before = {
        .up = was_up, .packets = 1000, .dropped = 500, .backlog = 70,
    };
    struct port_sample after = {
        .up = is_up, .packets = 1000 + packets, .dropped = 500 + dropped,
        .backlog = 70 + backlog,
    };
    struct port_totals t = { .rx = 0 };

    port_totals_add(&t, &before, &after, early);
    return t;
}

static void
test_port(void)
{
    struct port_sample high = { .up = true, .packets = 9, .backlog = 9 };
    struct port_sample low = { .up = true, .missed = 4 };
    struct port_totals t = add(true, true, 10, 0, 0, false);

    tap_ok(t.rx == 10 && !t.drop, "10 frames");
    t = add(true, true, 10, 10, 0, false);
    tap_ok(t.rx == 10 && !t.drop, "that no protocol took");
    t = add(true, true, 10, 3, 3, false);
    tap_ok(t.rx == 10 && t.drop == 3, "3 more lost from a backlog");
    t = add(true, true, 10, 3, 100, false);
    tap_ok(t.rx == 10 && t.drop == 3, "and others of another interface");
    t = add(true, true, 10, 12, 0, false);
    tap_ok(t.rx == 10 && t.drop == 2, "drops that can be no such frames");
    t = add(false, false, 0, 6, 0, false);
    tap_ok(!t.rx && t.drop == 6, "all that comes while it is down");
    t = add(true, false, 10, 6, 0, false);
    tap_ok(t.rx == 10 && !t.drop, "not what came before it went down");
    t = add(false, true, 0, 6, 0, false);
    tap_ok(!t.rx && t.drop == 6, "but all until it came up");
    t = add(true, true, 10, 3, 3, true);
    tap_ok(t.rx == 7 && t.drop == 3, "a driver that counts early");
    t = add(false, false, 0, 3, 0, true);
    tap_ok(!t.rx && t.drop == 3, "also while it is down");
    t = (struct port_totals) { .rx = 5, .drop = 1 };
    port_totals_add(&t, &high, &low, false);
    tap_ok(t.rx == 5 && t.drop == 5, "counters set back; missed frames");
}

static void
put(struct recordings *r, uint64_t sequence, enum recording_state state,
    uint64_t packets)
{
    char name[32];

    snprintf(name, sizeof name, "f%u", (unsigned int) sequence);
    recordings_put(r, &(struct recording) {
        .name = name, .sequence = sequence, .state = state,
        .packets = packets,
    });
}

/* Returns how many files are remembered, and stores the first and last. */
static size_t
get(struct recordings *r, char first[32], char last[32])
{
    json_t *json = recordings_to_json(r);
    json_t *list = json_object_get(json, "recordings");
    size_t n = json_array_size(list);

    *first = *last = '\0';
    if (n) {
        json_t *from = json_array_get(list, 0);
        json_t *to = json_array_get(list, n - 1);

        snprintf(first, 32, "%s",
                 json_string_value(json_object_get(from, "name")));
        snprintf(last, 32, "%s",
                 json_string_value(json_object_get(to, "name")));
    }
    json_decref(json);
    return n;
}

static void
test_recordings(void)
{
    struct recordings *r = recordings_create();
    struct recording growth = { .sequence = 8, .packets = 5 };
    char first[32], last[32];
    uint64_t seq;
    json_t *open;

    tap_int(get(r, first, last), 0, "no files");
    put(r, 7, RECORDING_OPEN, 0);
    put(r, 8, RECORDING_OPEN, 0);
    seq = recordings_seq(r);
    recordings_grow(r, &growth);
    open = recordings_newest_open(r);
    tap_int(json_integer_value(json_object_get(open, "packets")), 5,
            "the newest file grows");
    json_decref(open);
    tap_int(recordings_seq(r), seq, "which is no news");
    put(r, 7, RECORDING_CLOSED, 3);
    put(r, 5, RECORDING_CLOSED, 3);
    tap_int(get(r, first, last), 3, "one more, and one better known");
    tap_str(first, "f5", "in order");
    tap_ok(recordings_seq(r) > seq, "which is news");
    recordings_remove(r, 6);
    recordings_remove(r, 8);
    tap_int(get(r, first, last), 2, "one less");
    open = recordings_newest_open(r);
    tap_ok(json_is_null(open), "none is open");
    json_decref(open);
    for (uint64_t i = 10; i < 10 + RECORDINGS_MAX; i++) {
        put(r, i, RECORDING_CLOSED, 1);
    }
    put(r, 5, RECORDING_CLOSED, 1);
    tap_int(get(r, first, last), RECORDINGS_MAX, "the newest 1000");
    tap_str(first, "f10", "from here");
    tap_str(last, "f1009", "to here");
    recordings_destroy(r);
}

static void
test_loss_notes(void)
{
    struct loss_notes ln = { .n = 0 };

    tap_int(loss_notes_next(&ln), UINT64_MAX, "nothing is lost");
    loss_notes_update(&ln, 7, 100, 40);
    tap_int(loss_notes_held(&ln), 7, "60 frames come before the loss");
    tap_int(loss_notes_next(&ln), 100, "the next one tells of it");
    loss_notes_update(&ln, 7, 130, 99);
    tap_int(loss_notes_held(&ln), 7, "not a frame too early");
    loss_notes_update(&ln, 9, 150, 100);
    tap_int(loss_notes_held(&ln), 2, "then another loss is held");
    tap_int(loss_notes_next(&ln), 150, "for a later frame");
    loss_notes_update(&ln, 9, 150, 160);
    tap_int(loss_notes_held(&ln), 0, "until that is taken");
    for (uint64_t i = 1; i <= LOSS_NOTES_MAX + 5; i++) {
        loss_notes_update(&ln, 9 + i, 200 + i, 160);
    }
    tap_int(loss_notes_held(&ln), LOSS_NOTES_MAX + 5, "none is forgotten");
    loss_notes_update(&ln, 9 + LOSS_NOTES_MAX + 5, 300,
                      200 + LOSS_NOTES_MAX - 1);
    tap_int(loss_notes_held(&ln), 6, "the last ones are told of as one");
    tap_int(loss_notes_next(&ln), 200 + LOSS_NOTES_MAX + 5,
            "once all before them were taken");
}

int
main(void)
{
    test_derived();
    test_loss_notes();
    test_lag();
    test_port();
    test_recordings();
    return tap_done();
}
