/* SPDX-License-Identifier: Apache-2.0 */

/* Drives sink-proc with tests/component/fake-sink, in a directory of its own
 * that tests/component/sink-proc makes:
 *
 *     sink-driver PROGRAM DIR
 *
 * It prints TAP. */

#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fatal-signal.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "plugin/core/plan.h"
#include "plugin/core/switch-state.h"
#include "plugin/daemon/sink-link.h"
#include "plugin/daemon/sink-proc.h"
#include "smap.h"
#include "tests/tap.h"
#include "timeval.h"
#include "util.h"

static struct sink_procs *procs;
static const char *program;
static const char *dir;

/* What is observed after each turn; 'sink' is the one of name "a". */
static struct switch_state state;
static const struct switch_sink *sink;

static void
observe(void)
{
    switch_state_destroy(&state);
    switch_state_init(&state, "driver");
    sink_procs_fill(procs, &state);
    switch_state_finish(&state);
    sink = switch_state_find_sink(&state, "a");
}

static long long int
run_until(bool (*done)(void), long long int limit)
{
    long long int start = time_msec();

    for (;;) {
        sink_procs_run(procs);
        observe();
        if (done()) {
            return time_msec() - start;
        } else if (time_msec() - start >= limit) {
            return -1;
        }
        sink_procs_wait(procs);
        poll_timer_wait_until(start + limit);
        poll_block();
    }
}

/* Applies one operation on sink "a"; 'pairs' are its options, to NULL. */
static void
apply(enum op_type type, const char *manner, const char *filesize)
{
    struct op *op = xzalloc(sizeof *op);
    struct plan plan = { .ops = &op, .n_ops = 1 };

    op->type = type;
    op->name = xstrdup("a");
    smap_init(&op->options);
    smap_init(&op->ids);
    smap_add(&op->options, "sink", "a");
    smap_add(&op->options, "interface", "span-a");
    smap_add_nocopy(&op->options, xstrdup("control"),
                    xasprintf("%s/span-sink.a.ctl", dir));
    if (manner) {
        smap_add(&op->options, "description", manner);
    }
    if (filesize) {
        smap_add(&op->options, "filesize", filesize);
    }
    sink_procs_apply(procs, &plan);
    smap_destroy(&op->options);
    smap_destroy(&op->ids);
    free(op->name);
    free(op);
}

static bool
is_absent(void)
{
    return !sink;
}

static bool
is_ready(void)
{
    return sink && sink->state == SINK_READY;
}

static bool
is_failed(void)
{
    return sink && sink->state == SINK_FAILED;
}

static bool
may_start(void)
{
    return is_failed() && sink->may_start;
}

static bool
is_configured(void)
{
    return is_ready() && !strcmp(smap_get_def(&sink->options, "filesize", ""),
                                 "2MB");
}

static bool
is_rotated(void)
{
    return is_ready() && !strcmp(sink->file, "f_1");
}

static bool
is_known(void)
{
    return sink_procs_known(procs);
}

static void
expect(bool (*done)(void), long long int limit, const char *what)
{
    long long int took = run_until(done, limit);

    tap_ok(took >= 0, "%s", what);
    tap_diag("%lld ms%s%s", took, sink && sink->error[0] ? ", " : "",
             sink ? sink->error : "");
}

static void
restart_daemon(void)
{
    sink_procs_destroy(procs);
    procs = sink_procs_create(program, dir, dir);
}

/* Returns the process that serves the control socket, or 0. */
static pid_t
find_pid(void)
{
    char *socket = xasprintf("%s/span-sink.a.ctl", dir);
    int error;
    pid_t pid = sink_link_probe(socket, &error);

    free(socket);
    return pid;
}

static void
test_life(void)
{
    struct stat s;
    char *socket = xasprintf("%s/span-sink.a.ctl", dir);

    expect(is_known, 100, "nothing to adopt");
    apply(OP_START_SINK, NULL, "1MB");
    expect(is_ready, 3000, "ready");
    tap_str(smap_get(&sink->options, "filesize"), "1MB", "says its options");
    apply(OP_CONFIGURE_SINK, NULL, "2MB");
    expect(is_configured, 1000, "configured while it runs");
    free(sink_procs_rotate(procs, "a"));
    expect(is_rotated, 3000, "rotated");
    tap_str(smap_get(&sink->counters, "written"), "1", "counts");

    pid_t pid = find_pid();
    restart_daemon();
    expect(is_ready, 1000, "adopted");
    expect(is_known, 1000, "all are known");
    tap_int(find_pid(), pid, "it is the same");
    apply(OP_STOP_SINK, NULL, NULL);
    tap_ok(run_until(is_ready, 1) < 0, "no longer ready");
    expect(is_absent, 2000, "stopped");
    tap_ok(stat(socket, &s) && !find_pid(), "nothing left of it");
    free(socket);
}

static void
test_death(void)
{
    apply(OP_START_SINK, NULL, NULL);
    expect(is_ready, 3000, "ready");
    kill(find_pid(), SIGKILL);
    expect(is_failed, 1000, "its death is noticed");
    expect(may_start, 1000, "it may be started again");
    apply(OP_START_SINK, NULL, NULL);
    expect(is_ready, 3000, "ready again");

    kill(find_pid(), SIGKILL);
    usleep(100000);
    restart_daemon();
    expect(is_known, 100, "of one that died meanwhile");
    tap_ok(!sink, "nothing is adopted");

    apply(OP_START_SINK, NULL, NULL);
    expect(is_ready, 3000, "ready");
    restart_daemon();
    expect(is_ready, 1000, "adopted");
    kill(find_pid(), SIGKILL);
    expect(is_failed, 1000, "an adopted one's death is noticed");
    apply(OP_STOP_SINK, NULL, NULL);
    expect(is_absent, 100, "forgotten");
}

static void
test_mischief(void)
{
    apply(OP_START_SINK, "wrong", NULL);
    expect(is_failed, 2000, "one that cannot start");
    tap_ok(strstr(sink->error, "no such interface") != NULL,
           "is quoted");
    long long int start = time_msec();
    for (int i = 0; i < 4; i++) {
        expect(may_start, 6000, "back-off");
        apply(OP_START_SINK, "wrong", NULL);
        expect(is_failed, 2000, "failed");
    }
    tap_ok(time_msec() - start >= 3000, "the back-off grows");
    apply(OP_STOP_SINK, NULL, NULL);

    apply(OP_START_SINK, "brief", NULL);
    expect(is_failed, 2000, "one whose interface is gone");
    expect(may_start, 400, "may start soon");
    apply(OP_STOP_SINK, NULL, NULL);

    apply(OP_START_SINK, "deaf", NULL);
    expect(is_ready, 3000, "one that does not stop");
    pid_t pid = find_pid();
    apply(OP_STOP_SINK, NULL, NULL);
    expect(is_absent, 6000, "is abandoned");
    tap_int(find_pid(), pid, "it lives on");
    apply(OP_START_SINK, NULL, NULL);
    expect(is_failed, 100, "but has to end before another");
    kill(pid, SIGKILL);
    expect(may_start, 1000, "which then may start");
    apply(OP_STOP_SINK, NULL, NULL);

    apply(OP_START_SINK, NULL, NULL);
    expect(is_ready, 3000, "one that hangs");
    pid = find_pid();
    kill(pid, SIGSTOP);
    restart_daemon();
    expect(is_known, 2500, "does not hold up a new daemon");
    tap_ok(sink != NULL, "which knows of it");
    kill(pid, SIGCONT);
    expect(is_ready, 2000, "and hears it when it goes on");
    apply(OP_STOP_SINK, NULL, NULL);
    expect(is_absent, 2000, "stopped");

    sink_procs_destroy(procs);
    procs = sink_procs_create("/nonexistent/ovs-span-sink", dir, dir);
    apply(OP_START_SINK, NULL, NULL);
    expect(is_failed, 1000, "no program");
    tap_ok(strstr(sink->error, "--sink") != NULL, "the sentence helps");
    apply(OP_STOP_SINK, NULL, NULL);
}

static void
test_birth(void)
{
    char *born = xasprintf("%s/span-sink.a.ctl.born", dir);
    char text[512] = "";
    FILE *file = fopen(born, "r");

    if (file && fread(text, 1, sizeof text - 1, file)) {
        fclose(file);
    }
    tap_str(text, "{\"fds\": [0, 1, 2], \"sid\": true, \"signals\": "
            "\"SigBlk:\\t0000000000000000\\n"
            "SigIgn:\\t0000000001001000\\n\"}",
            "born with three files, a session and clean signals");
    free(born);
}

int
main(int argc, char *argv[])
{
    if (argc != 3) {
        ovs_fatal(0, "usage: sink-driver PROGRAM DIR");
    }
    set_program_name(argv[0]);
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    program = argv[1];
    dir = argv[2];
    switch_state_init(&state, "driver");
    procs = sink_procs_create(program, dir, dir);
    test_life();
    test_birth();
    test_death();
    test_mischief();
    sink_procs_destroy(procs);
    switch_state_destroy(&state);
    return tap_done();
}
