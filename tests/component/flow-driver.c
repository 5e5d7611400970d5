/* SPDX-License-Identifier: Apache-2.0 */

/* Drives flow-conn and settle against the ovs-vswitchd of OVS_RUNDIR, without
 * the rest of the daemon.  tests/component/flow-conn and
 * tests/component/settle make the switch and call it:
 *
 *     flow-driver rules BRIDGE PORT CMD
 *         Rules of ours and of others, the flags of PORT, which is an internal
 *         port with number 5, and a restart of ovs-vswitchd by CMD.
 *     flow-driver settle BRIDGE N CMD
 *         N epochs.  "CMD ACTION" is called when one is settled and fails if a
 *         datapath flow does something else with what port 5 receives.
 *
 * It prints TAP. */

#include <config.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fatal-signal.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "plugin/core/flow-text.h"
#include "plugin/core/plan.h"
#include "plugin/core/switch-state.h"
#include "plugin/daemon/flow-conn.h"
#include "plugin/daemon/settle.h"
#include "sset.h"
#include "tests/tap.h"
#include "timeval.h"
#include "util.h"

#define COOKIE (SPAN_COOKIE_TAG | 0x1234)

static struct flow_conns *conns;
static struct settle *settle;
static const char *bridge_name;
static const char *port_name;

/* What is observed after each turn. */
static struct switch_state state;
static struct switch_bridge *bridge;

static void
observe(void)
{
    switch_state_destroy(&state);
    switch_state_init(&state, "driver");
    bridge = switch_state_add_bridge(&state, bridge_name);
    if (port_name) {
        struct switch_port *port = switch_bridge_add_port(bridge, port_name);
        switch_port_add_iface(port, port_name)->ofport = 5;
    }
    flow_conns_fill(conns, bridge);
    settle_fill(settle, bridge);
}

/* Runs the loop until 'done' or 'limit' msec have passed.  Returns the msec
 * that it took, -1 if it was not done. */
static long long int
run_until(bool (*done)(void), long long int limit)
{
    long long int start = time_msec();

    for (;;) {
        flow_conns_run(conns);
        settle_run(settle);
        observe();
        if (done()) {
            return time_msec() - start;
        } else if (time_msec() - start >= limit) {
            return -1;
        }
        flow_conns_wait(conns);
        settle_wait(settle);
        poll_timer_wait_until(start + limit);
        poll_block();
    }
}

static void shell(const char *, ...) OVS_PRINTF_FORMAT(1, 2);

static void
shell(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *command = xvasprintf(format, args);
    va_end(args);
    if (system(command)) {
        tap_ok(false, "%s", command);
    }
    free(command);
}

/* A plan under construction. */
static struct plan plan;

static struct op *
add_op(enum op_type type)
{
    if (plan.n_ops >= plan.allocated_ops) {
        plan.ops = x2nrealloc(plan.ops, &plan.allocated_ops,
                              sizeof *plan.ops);
    }
    struct op *op = plan.ops[plan.n_ops++] = xzalloc(sizeof *op);
    op->type = type;
    op->bridge = xstrdup(bridge_name);
    smap_init(&op->options);
    smap_init(&op->ids);
    return op;
}

static void
add_rule(enum op_type type, uint8_t table, uint16_t priority, uint64_t cookie,
         const char *match, const char *actions)
{
    struct fault fault = FAULT_INITIALIZER;

    if (!flow_init(&add_op(type)->flow, table, priority, cookie, match,
                   actions, &fault)) {
        ovs_fatal(0, "%s", fault.detail);
    }
}

static void
apply(void)
{
    flow_conns_apply(conns, &plan);
    plan_destroy(&plan);
    memset(&plan, 0, sizeof plan);
}

static bool
is_known(void)
{
    return bridge->flows_known;
}

static bool
is_unknown(void)
{
    return !bridge->flows_known;
}

static size_t n_wanted;

static bool
has_rules(void)
{
    return bridge->flows_known && bridge->n_flows == n_wanted;
}

/* Waits for exactly 'n' rules of ours. */
static bool
expect_rules(size_t n, long long int limit, const char *what)
{
    n_wanted = n;

    long long int took = run_until(has_rules, limit);
    bool ok = tap_ok(took >= 0, "%s: %"PRIuSIZE" rules", what, n);
    if (ok) {
        tap_diag("%s: %lld ms", what, took);
    } else {
        tap_diag("%"PRIuSIZE" rules, %s", bridge->n_flows,
                 bridge->flows_known ? "known" : "unknown");
    }
    return ok;
}

static void
expect_flow(uint8_t table, uint16_t priority, const char *match,
            const char *actions, const char *what)
{
    struct span_flow want;

    if (!flow_init(&want, table, priority, COOKIE, match, actions, NULL)) {
        ovs_fatal(0, "bad rule %s", match);
    }
    for (size_t i = 0; i < bridge->n_flows; i++) {
        if (flow_equals(&bridge->flows[i], &want)) {
            tap_ok(true, "%s", what);
            flow_destroy(&want);
            return;
        }
    }
    tap_ok(false, "%s", what);
    for (size_t i = 0; i < bridge->n_flows; i++) {
        char *text = flow_to_text(&bridge->flows[i]);
        tap_diag("is: %s", text);
        free(text);
    }
    char *text = flow_to_text(&want);
    tap_diag("want: %s", text);
    free(text);
    flow_destroy(&want);
}

/* Makes the bridge speak 'protocols' only, which ends all connections. */
static void
set_protocols(const char *protocols)
{
    shell("ovs-vsctl set Bridge %s protocols=%s", bridge_name, protocols);
    run_until(is_unknown, 1000);
    expect_rules(0, 3000, protocols);
}

static bool with_error;

static bool
has_error(void)
{
    return (flow_conns_error(conns, bridge_name) != NULL) == with_error;
}

/* The same with each OpenFlow version alone. */
static void
test_version(const char *protocols)
{
    static const char *const rules[][2] = {
        { "in_port=5,udp,tp_dst=53", "output(port=6,max_len=64)" },
        { "in_port=5,dl_vlan=7", "pop_vlan,output:6" },
        { "in_port=5,ipv6", "IN_PORT,output:6" },
        { "in_port=5,vlan_tci=0x1000/0x1000", "drop" },
    };

    tap_diag("%s", protocols);
    set_protocols(protocols);
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        add_rule(OP_ADD_FLOW, 0, 100 + i, COOKIE, rules[i][0], rules[i][1]);
    }
    add_rule(OP_ADD_FLOW, SPAN_TABLE_EPOCH, 0, COOKIE, "metadata=0x77",
             "drop");
    apply();
    expect_rules(5, 3000, "added");
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        expect_flow(0, 100 + i, rules[i][0], rules[i][1], rules[i][0]);
    }
    with_error = !strstr(protocols, "OpenFlow10");
    tap_ok(run_until(has_error, 1000) >= 0,
           "says that no-flood needs OpenFlow 1.0, if it is missing");

    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        add_rule(OP_DEL_FLOW, 0, 100 + i, COOKIE, rules[i][0], rules[i][1]);
    }
    add_rule(OP_DEL_FLOW, SPAN_TABLE_EPOCH, 0, COOKIE, "metadata=0x77",
             "drop");
    apply();
    expect_rules(0, 3000, "deleted");
}

static void
test_foreign(void)
{
    shell("ovs-ofctl add-flow %s 'cookie=0x5,priority=7,in_port=5 actions=6'",
          bridge_name);
    add_rule(OP_DEL_FLOW, 0, 7, COOKIE, "in_port=5", "output:6");
    add_rule(OP_ADD_FLOW, 0, 9, COOKIE, "in_port=5", "output:6");
    apply();
    expect_rules(1, 3000, "beside a rule of others");
    shell("ovs-ofctl dump-flows %s | grep -q cookie=0x5,", bridge_name);
    tap_ok(true, "a rule with another cookie is not deleted");

    /* Nobody tells of a new rule, but the next dump has it. */
    shell("ovs-ofctl add-flow %s 'cookie=0x5350414e00009999,priority=3,"
          "in_port=5 actions=drop'", bridge_name);
    expect_rules(2, 5000, "a rule with our cookie that another added");
    shell("ovs-ofctl -O OpenFlow14 --strict mod-flows %s "
          "'priority=9,in_port=5 actions=output:9'", bridge_name);
    run_until(is_known, 1);
    n_wanted = 99;
    long long int start = time_msec();
    while (time_msec() - start < 1000 && bridge->n_flows
           && strcmp(bridge->flows[0].actions, "output:9")) {
        run_until(has_rules, 5);
    }
    tap_str(bridge->n_flows ? bridge->flows[0].actions : "none", "output:9",
            "a changed rule is noticed");
    tap_diag("%lld ms", time_msec() - start);
    shell("ovs-ofctl del-flows %s", bridge_name);
    expect_rules(0, 1000, "wiped");
}

static void
test_refused(void)
{
    add_rule(OP_ADD_FLOW, 0, 1, COOKIE, "in_port=5", "group:77");
    add_rule(OP_ADD_FLOW, 0, 2, COOKIE, "in_port=6", "output:5");
    apply();
    expect_rules(0, 3000, "a bundle with a bad rule");
    tap_ok(flow_conns_error(conns, bridge_name) != NULL, "is refused");
    tap_diag("%s", flow_conns_error(conns, bridge_name));

    add_rule(OP_ADD_FLOW, 0, 1, COOKIE, "in_port=5", "group:77");
    add_rule(OP_ADD_FLOW, 0, 2, COOKIE, "in_port=6", "output:5");
    apply();
    expect_rules(1, 3000, "the second time, all but the bad one");
    tap_ok(flow_conns_error(conns, bridge_name) != NULL, "with a sentence");

    add_rule(OP_DEL_FLOW, 0, 2, COOKIE, "in_port=6", "output:5");
    apply();
    expect_rules(0, 3000, "good ones only");
    tap_ok(!flow_conns_error(conns, bridge_name), "nothing to complain of");
}

static void
test_many(void)
{
    enum { N = 3000 };

    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < N; i++) {
            char *match = xasprintf("in_port=%d,udp,tp_dst=%d", i % 7 + 1,
                                    i + 1);
            add_rule(pass ? OP_DEL_FLOW : OP_ADD_FLOW, 0, 5, COOKIE, match,
                     "output:9");
            free(match);
        }
        apply();
        expect_rules(pass ? 0 : N, 10000, pass ? "all gone" : "many");
    }
}

static void
test_rules(void)
{
    static const char *const versions[] = {
        "OpenFlow10", "OpenFlow11", "OpenFlow12", "OpenFlow13", "OpenFlow14",
        "OpenFlow15", "OpenFlow10,OpenFlow13", "OpenFlow10,OpenFlow14",
    };

    for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
        test_version(versions[i]);
    }
    set_protocols("[]");
    test_foreign();
    test_refused();
    test_many();
}

static bool
has_flags(void)
{
    return bridge->ports[0]->no_flood && bridge->ports[0]->no_packet_in;
}

static bool
has_no_flags(void)
{
    return !bridge->ports[0]->no_flood && !bridge->ports[0]->no_packet_in;
}

static bool
may_flood(void)
{
    return !bridge->ports[0]->no_flood && bridge->ports[0]->no_packet_in;
}

static bool
can_clear_flags(void)
{
    struct op *op = add_op(OP_CLEAR_PORT_FLAGS);

    op->name = xstrdup(port_name);
    op->ofport = 5;
    apply();
    return has_no_flags();
}

static bool
can_set_flags(void)
{
    struct op *op = add_op(OP_PORT_FLAGS);

    op->name = xstrdup(port_name);
    op->ofport = 5;
    apply();
    return has_flags();
}

static void
test_flags(const char *port)
{
    port_name = port;
    tap_ok(run_until(is_known, 3000) >= 0 && has_no_flags(), "no flags");
    tap_ok(run_until(can_set_flags, 3000) >= 0, "flags set");
    shell("ovs-ofctl -O OpenFlow10 show %s | grep -A1 '(%s)' "
          "| grep -q 'NO_FLOOD NO_PACKET_IN'", bridge_name, port_name);
    shell("ovs-ofctl mod-port %s %s flood", bridge_name, port_name);
    tap_ok(run_until(may_flood, 1000) >= 0, "another's change is noticed");
    tap_ok(run_until(can_set_flags, 3000) >= 0, "and undone");
    shell("ovs-vsctl del-port %s %s", bridge_name, port_name);
    shell("ovs-vsctl add-port %s %s -- set Interface %s "
          "type=internal ofport_request=5", bridge_name, port_name, port_name);
    tap_ok(run_until(has_no_flags, 1000) >= 0,
           "a port made anew has no flags");
    tap_ok(run_until(can_set_flags, 3000) >= 0, "until they are set");
    shell("test $(ovs-ofctl get-frags %s | grep -c normal) = 1", bridge_name);
    shell("ovs-ofctl set-frags %s nx-match", bridge_name);
    flow_conns_resync(conns);
    shell("test $(ovs-ofctl get-frags %s | grep -c nx-match) = 1",
          bridge_name);
    tap_ok(true, "how fragments are handled is left alone");

    tap_ok(run_until(can_clear_flags, 3000) >= 0, "flags cleared");
    shell("test $(ovs-ofctl -O OpenFlow10 show %s | grep -A1 '(%s)' "
          "| grep -c NO_FLOOD) = 0", bridge_name, port_name);
    set_protocols("OpenFlow14");
    tap_ok(run_until(has_flags, 3000) >= 0,
           "flags that cannot be had count as there");
    tap_ok(run_until(can_clear_flags, 3000) >= 0, "and as gone when cleared");
    set_protocols("[]");
    tap_ok(run_until(can_set_flags, 3000) >= 0, "and can be had again");
}

static void
test_restart(const char *command)
{
    expect_rules(0, 3000, "before");
    add_rule(OP_ADD_FLOW, 0, 2, COOKIE, "in_port=6", "output:5");
    apply();
    expect_rules(1, 3000, "one rule");
    shell("%s", command);
    tap_ok(run_until(is_unknown, 1000) >= 0, "the end is noticed");
    expect_rules(0, 3000, "after the restart");
}

static uint64_t epoch;

static bool
is_settled(void)
{
    return bridge->settled_epoch == epoch;
}

/* Makes 'epoch' the next one, and with it changes what becomes of a running
 * stream: "*action".  Returns the msec until it has settled, -1 if it has
 * not. */
static long long int
next_epoch(const char **action)
{
    char *old = xasprintf("metadata=0x%"PRIx64, epoch);
    char *new = xasprintf("metadata=0x%"PRIx64, epoch + 1);

    *action = epoch % 2 ? "output:6" : "output:7";
    if (epoch) {
        add_rule(OP_DEL_FLOW, SPAN_TABLE_EPOCH, 0, SPAN_COOKIE_TAG, old,
                 "drop");
    }
    add_rule(OP_ADD_FLOW, SPAN_TABLE_EPOCH, 0, SPAN_COOKIE_TAG, new, "drop");
    add_rule(OP_ADD_FLOW, 0, 9, COOKIE, "in_port=5", *action);
    epoch++;
    apply();
    free(old);
    free(new);

    return run_until(is_settled, 3000);
}

static void
test_settle(const char *run_dir, int rounds, const char *command)
{
    long long int worst = 0, total = 0;
    const char *action;
    int late = 0;

    expect_rules(0, 3000, "before");
    for (int i = 0; i < rounds; i++) {
        long long int took = next_epoch(&action);

        shell("%s %s", command, action);
        late += took < 0;
        worst = MAX(worst, took);
        total += took;
    }
    tap_int(late, 0, "%d epochs settled", rounds);
    tap_diag("%.1f ms on average, %lld ms at most", total * 1.0 / rounds,
             worst);

    /* vswitchd's control socket cannot be found. */
    char *file = xasprintf("%s/ovs-vswitchd.pid", run_dir);
    char *away = xasprintf("%s/away", run_dir);
    settle_destroy(settle);
    settle = settle_create(run_dir, conns);
    if (!rename(file, away)) {
        long long int took = next_epoch(&action);

        tap_ok(took >= 1000, "without vswitchd's word it takes longer");
        tap_diag("%lld ms", took);
        if (rename(away, file)) {
            tap_ok(false, "cannot put %s back", file);
        }
        shell("%s %s", command, action);
    }
    free(file);
    free(away);
}

int
main(int argc, char *argv[])
{
    struct sset bridges = SSET_INITIALIZER(&bridges);
    const char *run_dir = getenv("OVS_RUNDIR");

    if (argc != 5 || !run_dir) {
        ovs_fatal(0, "usage: see the head of tests/component/flow-driver.c");
    }
    set_program_name(argv[0]);
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    bridge_name = argv[2];
    sset_add(&bridges, bridge_name);
    switch_state_init(&state, "driver");
    conns = flow_conns_create(run_dir);
    settle = settle_create(run_dir, conns);
    flow_conns_set_bridges(conns, &bridges);
    if (!strcmp(argv[1], "rules")) {
        test_rules();
        test_flags(argv[3]);
        test_restart(argv[4]);
    } else {
        test_settle(run_dir, atoi(argv[3]), argv[4]);
    }
    settle_destroy(settle);
    flow_conns_destroy(conns);
    switch_state_destroy(&state);
    sset_destroy(&bridges);
    return tap_done();
}
