/* SPDX-License-Identifier: Apache-2.0 */

/* Drives fdb-link against the ovs-vswitchd of OVS_RUNDIR, without the rest of
 * the daemon.  tests/component/fdb-link makes the switch and calls it:
 *
 *     fdb-driver BRIDGE CMD
 *         BRIDGE has ports p5 and p6 of these numbers; CMD restarts
 *         ovs-vswitchd.
 *
 * It prints TAP. */

#include <config.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fatal-signal.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "plugin/core/switch-state.h"
#include "plugin/core/wanted.h"
#include "plugin/daemon/fdb-link.h"
#include "tests/tap.h"
#include "timeval.h"
#include "util.h"

static struct fdb_link *fdb;
static const char *bridge_name;
static struct ds now = DS_EMPTY_INITIALIZER;    /* What it tells, as text. */

/* Writes into 'now' what is told of the bridge. */
static void
observe(void)
{
    struct switch_state state;
    struct switch_bridge *bridge;

    switch_state_init(&state, "driver");
    bridge = switch_state_add_bridge(&state, bridge_name);
    fdb_link_fill(fdb, &state);
    ds_clear(&now);
    ds_put_cstr(&now, bridge->fdb_known ? "known" : "unknown");
    for (size_t i = 0; i < bridge->n_fdb; i++) {
        const struct switch_address *a = &bridge->fdb[i];

        ds_put_format(&now, " %"PRId64"/%d/"ETH_ADDR_FMT, a->ofport, a->vlan,
                      ETH_ADDR_ARGS(a->mac));
    }
    switch_state_destroy(&state);
}

/* Runs the loop until it tells 'want' or, if that is NULL, for all of 'limit'
 * msec.  Returns the msec that it took. */
static long long int
run_until(const char *want, long long int limit)
{
    long long int start = time_msec();

    for (;;) {
        fdb_link_run(fdb);
        observe();
        if (time_msec() - start >= limit
            || (want && !strcmp(ds_cstr(&now), want))) {
            return time_msec() - start;
        }
        fdb_link_wait(fdb);
        poll_timer_wait_until(start + limit);
        poll_block();
    }
}

static void
expect(const char *want, long long int limit, const char *what)
{
    long long int took = run_until(want, limit);

    if (tap_str(ds_cstr(&now), want, "%s", what)) {
        tap_diag("%lld ms", took);
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

/* Asks for the ports with 'n' 'ofports', all of them promiscuous. */
static void
ask(const int *ofports, size_t n)
{
    struct port_group group;
    struct switch_state state;
    struct switch_bridge *bridge;
    struct group_port *ports = xcalloc(n + 1, sizeof *ports);
    struct wanted_group wg = {
        .group = &group, .state = WANTED_RUNNING, .ports = ports, .n_ports = n,
    };
    struct wanted wanted = { .groups = &wg, .n_groups = 1 };

    port_group_init(&group, "group");
    switch_state_init(&state, "driver");
    wg.bridge = bridge = switch_state_add_bridge(&state, bridge_name);
    for (size_t i = 0; i < n; i++) {
        struct switch_port *port = switch_bridge_add_port(bridge, "port");

        switch_port_add_iface(port, "port")->ofport = ofports[i];
        ports[i].port = port;
        ports[i].policy.promiscuous = DECISION_ACCEPT;
    }
    fdb_link_ask(fdb, &wanted);
    switch_state_destroy(&state);
    port_group_destroy(&group);
    free(ports);
}

static void
test_learning(void)
{
    static const int local_5_6[] = { 65534, 6, 5 };
    static const int only_5[] = { 5 };
    unsigned int seq;

    run_until(NULL, 300);
    tap_str(ds_cstr(&now), "unknown", "nobody asks");
    tap_int(fdb_link_seq(fdb), 0, "nothing has changed");

    ask(only_5, 1);
    expect("known", 1000, "an empty table is known");
    shell("ovs-appctl fdb/add %s p5 7 52:54:00:00:00:05", bridge_name);
    expect("known 5/7/52:54:00:00:00:05", 1500, "an address is learned");
    seq = fdb_link_seq(fdb);
    shell("ovs-appctl fdb/add %s p6 0 52:54:00:00:00:06", bridge_name);
    shell("ovs-appctl fdb/add %s %s 0 52:54:00:00:00:01", bridge_name,
          bridge_name);
    run_until(NULL, 2200);
    tap_int(fdb_link_seq(fdb), seq, "what is behind others does not matter");

    ask(local_5_6, 3);
    observe();
    tap_str(ds_cstr(&now), "known 5/7/52:54:00:00:00:05 "
            "6/0/52:54:00:00:00:06 65534/0/52:54:00:00:00:01",
            "another port: its addresses are known at once");
    tap_int(fdb_link_seq(fdb), seq + 1, "that is a change");

    shell("ovs-appctl fdb/del %s 0 52:54:00:00:00:06", bridge_name);
    expect("known 5/7/52:54:00:00:00:05 65534/0/52:54:00:00:00:01", 1500,
           "an address is forgotten");
    run_until(NULL, 1200);
    tap_int(fdb_link_seq(fdb), seq + 2, "each change counts once");
}

static void
test_restart(const char *command)
{
    static const int only_6[] = { 6 };

    shell("%s", command);
    expect("known", 4000, "a restart of vswitchd empties the table");
    shell("ovs-appctl fdb/add %s p6 9 52:54:00:00:00:06", bridge_name);
    ask(only_6, 1);
    expect("known 6/9/52:54:00:00:00:06", 1500, "it learns again");
    ask(NULL, 0);
    observe();
    tap_str(ds_cstr(&now), "unknown", "nobody asks any more");
}

/* vswitchd's control socket cannot be found. */
static void
test_away(const char *run_dir)
{
    static const int only_6[] = { 6 };
    char *file = xasprintf("%s/ovs-vswitchd.pid", run_dir);
    char *away = xasprintf("%s/away", run_dir);

    fdb_link_destroy(fdb);
    fdb = fdb_link_create(run_dir);
    if (rename(file, away)) {
        tap_ok(false, "cannot move %s", file);
    }
    ask(only_6, 1);
    long long int took = run_until("known", 5000);
    tap_ok(took >= 2000 && took < 5000,
           "without vswitchd's word a table counts as empty");
    tap_diag("%lld ms", took);
    if (rename(away, file)) {
        tap_ok(false, "cannot put %s back", file);
    }
    expect("known 6/9/52:54:00:00:00:06", 3000, "vswitchd is found again");
    free(file);
    free(away);
}

int
main(int argc, char *argv[])
{
    const char *run_dir = getenv("OVS_RUNDIR");

    if (argc != 3 || !run_dir) {
        ovs_fatal(0, "usage: see the head of tests/component/fdb-driver.c");
    }
    set_program_name(argv[0]);
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    bridge_name = argv[1];
    fdb = fdb_link_create(run_dir);
    test_learning();
    test_restart(argv[2]);
    test_away(run_dir);
    fdb_link_destroy(fdb);
    ds_destroy(&now);
    return tap_done();
}
