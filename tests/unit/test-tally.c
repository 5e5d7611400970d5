/* SPDX-License-Identifier: Apache-2.0 */

/* Counts that never go back: rules rewritten, bridges away, recorders started
 * again, sessions that come and go. */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "plugin/core/flow-text.h"
#include "plugin/core/switch-state.h"
#include "plugin/core/tally.h"
#include "plugin/core/verdict.h"
#include "plugin/core/wanted.h"
#include "tests/tap.h"
#include "util.h"

static struct tally tally;
static struct session sessions[2];
static char sink_name[] = "a", session_names[][2] = { "s", "t" };
static struct sink_config config = { .name = sink_name };
static const struct sink_config *sinks[] = { &config };

/* The meter of the sessions with a rate limit, and what counts the cut copies
 * of the first. */
static uint32_t meter, cut_meter;

/* What is observed in one pass, and what came of it. */
static struct switch_state state;
static struct switch_bridge *bridge;
static struct wanted wanted;
static struct verdicts verdicts;

static void
begin(void)
{
    switch_state_init(&state, "host-1");
    bridge = switch_state_add_bridge(&state, "br-span");
    bridge->flows_known = true;
    smap_add(&bridge->external_ids, "span-owner", "host-1");
    smap_add(&bridge->external_ids, "span-role", "private");
}

static void
put_rule(int session, int priority, const char *match, uint64_t packets)
{
    struct fault fault = FAULT_INITIALIZER;
    struct span_flow flow;

    flow_init(&flow, 0, priority, flow_cookie(&sessions[session].uuid), match,
              "drop", &fault);
    flow.packets = packets;
    flow.bytes = packets * 100;
    switch_bridge_add_flow(bridge, &flow);
    flow_destroy(&flow);
}

static void
put_meter(uint32_t number, uint64_t dropped)
{
    struct span_meter m;

    meter_init(&m, number, 10);
    m.packets = dropped;
    m.bytes = dropped * 100;
    switch_bridge_add_meter(bridge, &m);
}

static void
put_recorder(int64_t pid, const char *written)
{
    struct switch_sink *sink = switch_state_add_sink(&state, "a");

    sink->pid = pid;
    sink->state = SINK_READY;
    if (written) {
        smap_add(&sink->counters, "written", written);
    }
}

/* Counts what was put, for the first 'n' sessions. */
static void
end(size_t n)
{
    static struct wanted_session ws[2];
    static struct verdict v[2];

    for (size_t i = 0; i < n; i++) {
        ws[i] = (struct wanted_session) {
            .session = &sessions[i], .state = WANTED_RUNNING,
            .sinks = sinks, .n_sinks = 1, .datapath_type = "system",
            .meter = i ? 0 : meter,
            .cut_meter = i ? 0 : cut_meter,
        };
        smap_init(&v[i].counters);
    }
    wanted = (struct wanted) { .sessions = ws, .n_sessions = n };
    verdicts = (struct verdicts) { .verdicts = v, .n_verdicts = n };
    switch_state_finish(&state);
    tally_update(&tally, &state, &wanted);
    tally_fill(&tally, &wanted, &verdicts);
}

static void
clear(void)
{
    for (size_t i = 0; i < verdicts.n_verdicts; i++) {
        smap_destroy(&verdicts.verdicts[i].counters);
    }
    switch_state_destroy(&state);
}

static unsigned long long int
counter(int session, const char *key)
{
    return smap_get_ullong(&verdicts.verdicts[session].counters, key, 0);
}

static void
test_rules(void)
{
    begin();
    put_rule(0, SPAN_PRIO_COPY, "in_port=1", 10);
    put_rule(0, SPAN_PRIO_STRIP, "in_port=1", 5);
    put_rule(0, SPAN_PRIO_REST, "in_port=1", 7);
    put_rule(1, SPAN_PRIO_COPY, "in_port=2", 100);
    end(2);
    tap_int(counter(0, "mirrored_packets"), 15, "copies of all its rules");
    tap_int(counter(0, "mirrored_bytes"), 1500, "bytes");
    tap_int(counter(0, "filtered_packets"), 7, "what its filter rejects");
    tap_int(counter(1, "mirrored_packets"), 100, "another session's apart");
    tap_int(tally_mirrored_to(&wanted, &verdicts, "a"), 115,
            "both for the sink that they feed");
    tap_int(tally_mirrored_to(&wanted, &verdicts, "b"), 0, "none for others");
    clear();

    begin();
    put_rule(0, SPAN_PRIO_COPY, "in_port=1", 3);
    put_rule(0, SPAN_PRIO_REST, "in_port=1", 7);
    put_rule(1, SPAN_PRIO_COPY, "in_port=2", 100);
    end(2);
    tap_int(counter(0, "mirrored_packets"), 18,
            "one begins with 0 again, one is gone: it goes on");
    clear();

    begin();
    put_rule(0, SPAN_PRIO_COPY, "in_port=9,udp", 1);
    end(2);
    tap_int(counter(0, "mirrored_packets"), 19, "another rule instead");
    tap_int(counter(0, "filtered_packets"), 7, "none for the filter");
    tap_int(counter(1, "mirrored_packets"), 100, "no rule at all");
    clear();
}

static void
test_absence(void)
{
    begin();
    bridge->flows_known = false;
    end(2);
    tap_int(counter(0, "mirrored_packets"), 19, "not known now: as it was");
    clear();

    begin();
    put_rule(0, SPAN_PRIO_COPY, "in_port=9,udp", 4);
    end(2);
    tap_int(counter(0, "mirrored_packets"), 22, "the same rule, known again");
    clear();

    switch_state_init(&state, "host-1");
    end(2);
    tap_int(counter(0, "mirrored_packets"), 22,
            "no private bridge: as it was");
    clear();

    begin();
    put_rule(0, SPAN_PRIO_COPY, "in_port=9,udp", 5);
    end(2);
    tap_int(counter(0, "mirrored_packets"), 27, "a new one counts from 0");
    clear();

    begin();
    end(0);
    clear();
    begin();
    end(2);
    tap_int(counter(0, "mirrored_packets"), 0,
            "a session that was gone begins with 0");
    clear();
}

static void
test_recorders(void)
{
    begin();
    put_recorder(7, "1000");
    end(2);
    tap_int(counter(0, "written"), 1000, "what a recorder counts");
    tap_int(counter(1, "written"), 1000, "in each session that feeds it");
    clear();

    begin();
    put_recorder(8, NULL);
    end(2);
    tap_int(counter(0, "written"), 1000, "it is started again");
    clear();

    begin();
    put_recorder(8, "2000");
    end(2);
    tap_int(counter(0, "written"), 3000, "and counts from 0, but fast");
    clear();

    begin();
    end(1);
    tap_int(counter(0, "written"), 3000, "it has stopped");
    clear();

    begin();
    end(0);
    clear();
    begin();
    put_recorder(9, "1");
    end(1);
    tap_int(counter(0, "written"), 1, "forgotten when nobody has it");
    clear();
}

static void
expect(uint64_t mirrored, uint64_t metered, const char *what)
{
    end(2);
    tap_int(counter(0, "mirrored_packets"), mirrored, "%s", what);
    tap_int(counter(0, "mirrored_bytes"), mirrored * 100, "and its bytes");
    tap_int(counter(0, "metered"), metered, "and what the meter drops");
    clear();
}

static void
test_meter(void)
{
    sessions[0].rate_limit = 10;
    meter = 7;
    begin();
    put_rule(0, SPAN_PRIO_COPY, "in_port=1", 100);
    put_meter(7, 30);
    put_meter(8, 5000);
    expect(70, 30, "a meter drops 30 of 100");

    begin();
    put_rule(0, SPAN_PRIO_COPY, "in_port=1", 110);
    put_meter(7, 60);
    expect(70, 60, "the rules count later: nothing is taken back");

    begin();
    put_rule(0, SPAN_PRIO_COPY, "in_port=1", 200);
    put_meter(7, 0);
    expect(140, 60, "changed, and counts from 0");

    begin();
    put_rule(0, SPAN_PRIO_COPY, "in_port=1", 200);
    expect(140, 60, "deleted");

    begin();
    put_rule(0, SPAN_PRIO_COPY, "in_port=1", 300);
    put_meter(7, 50);
    expect(190, 110, "made again");

    meter = 9;
    begin();
    put_rule(0, SPAN_PRIO_COPY, "in_port=1", 300);
    put_meter(9, 1);
    expect(190, 111, "another number");

    begin();
    end(2);
    tap_int(counter(1, "metered"), 0, "no meter, none dropped");
    clear();
    meter = 0;
    sessions[0].rate_limit = 0;
}

static void
put_counting_meter(uint32_t number, uint64_t seen)
{
    struct span_meter m;

    meter_init_counting(&m, number);
    m.in_packets = seen;
    switch_bridge_add_meter(bridge, &m);
}

static void
test_cut(void)
{
    cut_meter = 7;
    begin();
    put_rule(0, SPAN_PRIO_COPY, "in_port=1", 100);
    put_counting_meter(7, 30);
    put_counting_meter(8, 5000);
    end(2);
    uint64_t mirrored = counter(0, "mirrored_packets");
    tap_int(counter(0, "cut_packets"), 30, "30 of 100 copies are cut");
    tap_int(counter(0, "metered"), 0, "none of them is dropped");
    tap_ok(!smap_get(&verdicts.verdicts[1].counters, "cut_packets"),
           "of another session none can be");
    clear();

    begin();
    put_rule(0, SPAN_PRIO_COPY, "in_port=1", 100);
    put_counting_meter(7, 5);
    end(2);
    tap_int(counter(0, "cut_packets"), 35, "made again, it counts from 0");
    tap_int(counter(0, "mirrored_packets"), mirrored, "all are mirrored");
    clear();
    cut_meter = 0;
}

int
main(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
        sessions[i].uuid.parts[0] = 0xa000 + i;
        sessions[i].name = session_names[i];
    }
    tally_init(&tally);
    test_rules();
    test_absence();
    test_recorders();
    test_meter();
    test_cut();
    tally_destroy(&tally);
    return tap_done();
}
