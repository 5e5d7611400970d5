/* SPDX-License-Identifier: Apache-2.0 */

/* ovs-spand: mirrors what the database OVS_Span asks for on the Open vSwitch
 * of this host.  Here is only what makes it a process: options, signals, and
 * the turning of the loop; the work is the reconciler's. */

#include <config.h>

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon.h"
#include "dirs.h"
#include "fatal-signal.h"
#include "memory.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "plugin/daemon/control.h"
#include "plugin/daemon/inquiry.h"
#include "plugin/daemon/locator.h"
#include "plugin/daemon/metrics-export.h"
#include "plugin/daemon/options.h"
#include "plugin/daemon/pass.h"
#include "plugin/daemon/policy-file.h"
#include "plugin/daemon/reconciler.h"
#include "plugin/daemon/service-notify.h"
#include "simap.h"
#include "socket-util.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(spand);

/* A detaching start returns when both databases are there, or after this long
 * (milliseconds); ovs-spand goes on trying. */
#define START_PERIOD 3000

/* The capture directory is waited for so long, milliseconds. */
#define CAPTURE_DIR_PERIOD 3000

/* Signals that mean "exit"; the handler only writes to a pipe. */
static const int exit_signals[] = { SIGTERM, SIGINT, SIGHUP };
static int signal_fds[2];

static void
handle_signal(int signr OVS_UNUSED)
{
    int error = errno;

    ignore(write(signal_fds[1], "", 1));
    errno = error;
}

/* libopenvswitch dies of these signals at once; we tidy up first. */
static void
catch_signals(void)
{
    struct sigaction sa = { .sa_handler = handle_signal };

    fatal_signal_init();
    xpipe_nonblocking(signal_fds);
    sigemptyset(&sa.sa_mask);
    for (size_t i = 0; i < ARRAY_SIZE(exit_signals); i++) {
        sigaction(exit_signals[i], &sa, NULL);
    }
}

/* Has a signal to exit come since the last call? */
static bool
got_signal(void)
{
    char buffer[16];

    return read(signal_fds[0], buffer, sizeof buffer) > 0;
}

/* Makes 'dir', and the directories above it, for the group "span" to read. */
static void
make_capture_dir(const char *dir)
{
    const struct group *group = getgrnam("span");
    char *path = xstrdup(dir);
    struct stat s;

    for (char *p = path + 1; ; p++) {
        if (*p == '/' || !*p) {
            char c = *p;

            *p = '\0';
            if (stat(path, &s)) {
                if (mkdir(path, c ? 0755 : 0750)) {
                    VLOG_FATAL("%s: %s", path, ovs_strerror(errno));
                }
                if (!c && group && chown(path, -1, group->gr_gid)) {
                    VLOG_WARN("%s: group span: %s", path,
                              ovs_strerror(errno));
                }
            }
            *p = c;
            if (!c) {
                break;
            }
        }
    }
    if (stat(path, &s) || !S_ISDIR(s.st_mode)) {
        VLOG_FATAL("%s is not a directory", path);
    }
    free(path);
}

/* The same, but in a child: on storage that hangs only that waits, and mirrors
 * and everything else go on.  Ends the program if it cannot be made. */
static void
prepare_capture_dir(const char *dir)
{
    long long int start = time_msec();
    pid_t pid = fork();
    int status = 0;

    if (pid < 0) {
        VLOG_FATAL("fork: %s", ovs_strerror(errno));
    } else if (!pid) {
        make_capture_dir(dir);
        _exit(EXIT_SUCCESS);
    }
    while (!waitpid(pid, &status, WNOHANG)) {
        if (time_msec() - start >= CAPTURE_DIR_PERIOD) {
            VLOG_WARN("%s: does not answer; is its storage there?", dir);
            return;
        }
        xnanosleep_no_quiesce(5 * 1000 * 1000);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status)) {
        exit(EXIT_FAILURE);     /* The child has said why. */
    }
}

static struct policy *
read_policy(const struct options *o)
{
    struct policy *policy;
    char *error = policy_file_read(o->policy, o->policy_given, &policy);

    if (error) {
        VLOG_FATAL("%s", error);
    }
    return policy;
}

static void
run_memory(void)
{
    memory_run();
    if (memory_should_report()) {
        struct simap usage = SIMAP_INITIALIZER(&usage);

        memory_report(&usage);
        simap_destroy(&usage);
    }
    memory_wait();
}

/* All that the loop turns. */
struct daemon {
    struct reconciler *reconciler;
    struct metrics_export metrics;
    struct locator *locator;
    struct inquiries *inquiries;
    struct control *control;
    struct unixctl_server *unixctl;
    struct service_notify notify;
};

/* Tells the service manager how it is, or what it is that we wait for. */
static void
tell_status(struct daemon *d)
{
    if (d->notify.heard) {
        const struct pass *pass = reconciler_last_pass(d->reconciler);
        char *status = reconciler_explain(d->reconciler);

        if (!status) {
            status = verdicts_summary(&pass->verdicts);
        }
        service_notify_status(&d->notify, status);
        free(status);
    }
}

static void
run(struct daemon *d)
{
    reconciler_run(d->reconciler);
    metrics_export_run(&d->metrics);
    unixctl_server_run(d->unixctl);
    inquiries_run(d->inquiries);
    locator_run(d->locator);
    tell_status(d);
    service_notify_run(&d->notify);
    run_memory();
}

static void
wait_for_something(struct daemon *d)
{
    reconciler_wait(d->reconciler);
    metrics_export_wait(&d->metrics);
    unixctl_server_wait(d->unixctl);
    inquiries_wait(d->inquiries);
    locator_wait(d->locator);
    service_notify_wait(&d->notify);
    poll_fd_wait(signal_fds[0], POLLIN);
}

/* Turns the loop until the reconciler has left, and all is tidied up. */
static void
loop(struct daemon *d)
{
    long long int start = time_msec();
    bool started = false;

    service_notify_init(&d->notify);
    while (!reconciler_is_gone(d->reconciler)) {
        run(d);
        if (got_signal()) {
            service_notify_stopping(&d->notify);
            reconciler_leave(d->reconciler);
        }
        if (!started && (reconciler_is_connected(d->reconciler)
                         || time_msec() >= start + START_PERIOD)) {
            started = true;
            daemonize_complete();
            service_notify_ready(&d->notify);
        }
        wait_for_something(d);
        if (!started) {
            poll_timer_wait_until(start + START_PERIOD);
        }
        poll_block();
    }
    service_notify_stopping(&d->notify);
    metrics_export_destroy(&d->metrics);
    control_leave(d->control);
    unixctl_server_run(d->unixctl);
    service_notify_destroy(&d->notify);
}

int
main(int argc, char *argv[])
{
    struct options options;
    struct policy *policy;
    struct daemon d;

    ovs_set_program_name(argv[0], SPAN_VERSION);
    options_parse(&options, argc, argv);
    fatal_ignore_sigpipe();
    policy = read_policy(&options);
    prepare_capture_dir(options.capture_dir);
    daemonize_start(false);
    catch_signals();
    if (unixctl_server_create(options.unixctl, &d.unixctl)) {
        exit(EXIT_FAILURE);
    }

    d.reconciler = reconciler_create(&(struct reconciler_config) {
        .session_remote = options.session_remote,
        .switch_remote = options.switch_remote,
        .policy = policy,
        .capture_dir = options.capture_dir,
        .run_dir = ovs_rundir(),
        .log_dir = access(ovs_logdir(), W_OK) ? NULL : ovs_logdir(),
        .sink_program = options.sink,
    });
    d.locator = locator_create(d.reconciler, ovs_rundir());
    d.inquiries = inquiries_create(d.reconciler, d.locator);
    d.control = control_create(d.reconciler, d.locator);
    metrics_export_init(&d.metrics, d.reconciler, options.metrics_socket,
                        options.metrics_file, options.metrics_interval);
    loop(&d);

    locator_destroy(d.locator);
    inquiries_destroy(d.inquiries);
    unixctl_server_destroy(d.unixctl);
    control_destroy(d.control);
    reconciler_destroy(d.reconciler);
    policy_file_destroy(policy);
    options_destroy(&options);
    return EXIT_SUCCESS;
}
