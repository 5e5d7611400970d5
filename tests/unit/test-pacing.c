/* SPDX-License-Identifier: Apache-2.0 */

/* The bookkeeping of time: what is retried when, and which session is
 * overdue. */

#include <config.h>

#include <limits.h>
#include <string.h>

#include "plugin/core/session.h"
#include "plugin/core/verdict.h"
#include "plugin/daemon/pacing.h"
#include "tests/tap.h"

static void
test_gate(void)
{
    struct gate gate = GATE_INITIALIZER;
    long long int now = 1000;
    int passed = 0;

    tap_ok(!gate_pass(&gate, "", now), "nothing to do is not done");
    tap_ok(gate_next(&gate) == LLONG_MAX, "and not waited for");
    tap_ok(gate_pass(&gate, "a", now), "something new is done at once");
    tap_ok(gate_next(&gate) == LLONG_MAX, "and not waited for");
    tap_ok(!gate_pass(&gate, "a", now), "the same is not");
    tap_int(gate_next(&gate), 1100, "but after 0.1 s");
    tap_ok(gate_pass(&gate, "b", now + 1), "something else is at once");
    tap_ok(!gate_pass(&gate, "b", now + 100), "not before its time");
    tap_ok(gate_pass(&gate, "b", now + 101), "the same again, in time");
    tap_ok(!gate_pass(&gate, "b", now + 300), "the second time takes longer");

    for (now = 2000; now < 62000; now++) {
        passed += gate_pass(&gate, "c", now);
    }
    tap_int(passed, 34, "in a minute: 5 times quickly, then every 2 s");
    gate_pass(&gate, "", now);
    tap_ok(gate_pass(&gate, "c", now), "what helped for a while is new again");
    gate_destroy(&gate);
}

static void
test_grace(void)
{
    struct session sessions[2];
    struct verdict v[2];
    struct verdicts verdicts = {
        .verdicts = v, .n_verdicts = 2, .pending = true,
    };
    struct grace grace;

    memset(v, 0, sizeof v);
    for (size_t i = 0; i < 2; i++) {
        session_init(&sessions[i], i ? "b" : "a");
        sessions[i].uuid.parts[0] = i + 1;
        v[i].session = &sessions[i];
        v[i].pending = true;
    }
    grace_init(&grace);
    grace_update(&grace, &verdicts, 0);
    tap_int(grace.n_late, 0, "nobody is late at once");
    tap_int(grace.next, GRACE_PERIOD, "the first will be");

    v[1].pending = false;
    grace_update(&grace, &verdicts, GRACE_PERIOD - 1);
    tap_int(grace.n_late, 0, "nor just before the time");
    v[1].pending = true;
    grace_update(&grace, &verdicts, GRACE_PERIOD);
    tap_int(grace.n_late, 1, "one is late");
    tap_ok(grace_is_late(&grace, &sessions[0]), "that is the one");
    tap_ok(!grace_is_late(&grace, &sessions[1]),
           "the other has begun anew meanwhile");
    tap_int(grace.next, 2 * GRACE_PERIOD, "and has its own time");

    sessions[0].snaplen = 64;
    grace_update(&grace, &verdicts, GRACE_PERIOD + 1);
    tap_int(grace.n_late, 0, "a changed session gets new grace");
    v[0].pending = v[1].pending = false;
    grace_update(&grace, &verdicts, 10 * GRACE_PERIOD);
    tap_int(grace.n_late, 0, "nobody is on the way");
    tap_ok(grace.next == LLONG_MAX, "nothing to wait for");

    grace_destroy(&grace);
    for (size_t i = 0; i < 2; i++) {
        session_destroy(&sessions[i]);
    }
}

static void
test_counters(void)
{
    tap_int(counters_next(7200, 0), 8200, "counters each second");
    tap_int(counters_next(7203, 3), 8200, "also if the last were late");
    tap_int(counters_next(7950, 1), 8200, "behind the whole second");
    tap_int(counters_next(7100, 1), 7200, "soon, if that is when they come");
    tap_int(counters_next(7203, 25), 14200, "more rarely if passes take long");
}

int
main(void)
{
    test_counters();
    test_gate();
    test_grace();
    return tap_done();
}
