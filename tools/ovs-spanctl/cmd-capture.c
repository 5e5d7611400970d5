/* SPDX-License-Identifier: Apache-2.0 */

/* capture: packets of a virtual machine, now.
 *
 *   hold a lease -> make a session -> be given a capture port -> record there
 *   -> until it is enough -> delete the session
 *
 * Whatever ends this process, the kernel then ends its connection to ovs-spand
 * and its socket to the recorder, so that neither a session nor a recorder
 * outlives it. */

#include <config.h>

#include "capture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "random.h"
#include "spanctl.h"
#include "timeval.h"
#include "util.h"

/* Counts are shown this often, msec. */
#define SHOW_INTERVAL 1000

struct capture {
    struct capture_options options;
    char *name;                 /* Of the session. */
    char *what;                 /* It captures, for people. */
    struct capture_lease *lease;
    struct capture_session *session;
    struct capture_child *child;
    int signals;                /* Descriptor that they are read from. */
    char *told;                 /* The last sentence from hosts; or NULL. */
    bool show;                  /* The counts, each second. */
    bool begun;                 /* The recorder was started. */
    bool active;                /* The switch mirrors. */
    bool stop;                  /* Asked to. */
    int status;                 /* To exit with, unless it is DONE. */
    uint64_t shown;             /* Packets in the last line. */
    long long int next_show;    /* msec. */
};

/* Tells people 'sentence'. */
static void
say(const char *sentence)
{
    capture_counts_clear();
    fprintf(stderr, "%s: %s\n", program_name, sentence);
}

static void
stop(struct capture *c, int status)
{
    if (!c->stop) {
        c->stop = true;
        c->status = status;
        capture_child_stop(c->child, false);
    }
}

/* Takes signals.  The second of those that ask to stop does not wait for
 * what cannot be written. */
static void
run_signals(struct capture *c)
{
    struct signalfd_siginfo info;

    while (read(c->signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD) {
            continue;
        }
        if (c->stop) {
            capture_child_stop(c->child, true);
        }
        stop(c, CAPTURE_DONE);
    }
}

static int
open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGCHLD);
    if (signal(SIGHUP, SIG_IGN) != SIG_IGN) {   /* As nohup(1) wants it. */
        signal(SIGHUP, SIG_DFL);
        sigaddset(&set, SIGHUP);
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Listens to what hosts say of the session. */
static void
run_session(struct capture *c)
{
    char *sentence;
    enum capture_outlook outlook;

    capture_session_run(c->session);
    outlook = capture_session_look(c->session, &sentence);
    if (sentence && (!c->told || strcmp(c->told, sentence))) {
        say(sentence);
        free(c->told);
        c->told = xstrdup(sentence);
    }
    free(sentence);
    c->active |= outlook == OUTLOOK_ACTIVE;
    if (capture_child_is_running(c->child) ? outlook == OUTLOOK_DELETED
        : outlook == OUTLOOK_NOWHERE ? !c->options.wait
        : outlook != OUTLOOK_OPEN && outlook != OUTLOOK_ACTIVE) {
        stop(c, c->begun ? CAPTURE_BROKEN : CAPTURE_REFUSED);
    }
}

/* Starts the recorder when there is a port for it, and looks after it. */
static void
run_child(struct capture *c)
{
    const struct capture_counts *counts = capture_child_counts(c->child);
    const char *port = capture_lease_port(c->lease);
    char *error;

    if (port && !c->stop && !capture_child_is_running(c->child)
        && !c->begun) {
        error = capture_child_record(c->child, port, c->name,
                                     capture_lease_host(c->lease));
        c->begun = true;
        if (error) {
            say(error);
            free(error);
            stop(c, CAPTURE_REFUSED);
        }
    }
    capture_child_run(c->child, c->lease);
    if (capture_child_reader_is_gone(c->child)) {
        stop(c, CAPTURE_DONE);
    }
    if (c->options.max_bytes && counts->bytes >= c->options.max_bytes) {
        stop(c, CAPTURE_DONE);
    }
}

/* Says that it has begun, once, and then how many packets there are. */
static void
show(struct capture *c)
{
    const struct capture_counts *counts = capture_child_counts(c->child);
    long long int now = time_msec();

    if (!counts->began || !c->active || c->options.quiet) {
        return;
    }
    if (!c->next_show) {
        if (c->options.write) {
            fprintf(stderr, "Capturing %s%s%s\n", c->what,
                    strcmp(c->options.write, "-") ? " to " : "",
                    strcmp(c->options.write, "-") ? c->options.write : "");
        }
        c->next_show = now + SHOW_INTERVAL;
    }
    if (c->show && now >= c->next_show) {
        capture_counts_line(counts, c->shown);
        c->shown = counts->captured;
        c->next_show = now + SHOW_INTERVAL;
    }
}

/* Returns true when there is nothing more to come. */
static bool
run(struct capture *c)
{
    run_signals(c);
    capture_lease_run(c->lease);
    run_session(c);
    run_child(c);
    show(c);
    return ((c->stop || c->begun) && !capture_child_is_running(c->child));
}

static void
wait_for_something(struct capture *c)
{
    poll_fd_wait(c->signals, POLLIN);
    capture_lease_wait(c->lease);
    capture_session_wait(c->session);
    capture_child_wait(c->child);
    if (c->show && c->next_show) {
        poll_timer_wait_until(c->next_show);
    }
    poll_block();
}

/* Sets up everything.  Returns NULL or a sentence for the caller to free. */
static char *
start(struct capture *c)
{
    char *error = capture_child_create(&c->options, &c->child);

    if (!error) {
        error = capture_lease_hold(c->lease);
    }
    if (!error) {
        error = capture_session_begin(c->session, c->name, &c->options,
                                      capture_lease_system_id(c->lease));
    }
    return error;
}

/* Is there nothing to be said in the end?  Wireshark, which reads from a pipe,
 * shows whatever is said as an error. */
static bool
is_silent(const struct capture *c)
{
    return (c->options.quiet && c->options.write
            && !strcmp(c->options.write, "-")
            && smap_is_empty(&capture_child_counts(c->child)->dropped));
}

/* Ends everything.  Returns the exit code. */
static int
finish(struct capture *c)
{
    const struct capture_counts *counts = capture_child_counts(c->child);
    int status;

    capture_session_end(c->session);
    status = capture_child_finish(c->child);
    if (counts->began && !is_silent(c)) {
        capture_counts_finish(counts);
    }
    return c->status ? c->status : c->stop ? CAPTURE_DONE : status;
}

/* Runs "capture" with its options and arguments.  Returns the exit code. */
int
capture_run(const struct settings *settings, int argc, char *argv[])
{
    struct capture c = { .signals = -1 };
    char *error;
    int status;

    capture_options_parse(&c.options, argc, argv);
    random_init();
    c.name = xasprintf("capture-%08x", random_uint32());
    c.what = capture_options_describe(&c.options);
    c.show = (!c.options.quiet && c.options.write
              && isatty(STDERR_FILENO));
    c.lease = capture_lease_create(c.name);
    c.session = capture_session_create(c.options.db ? c.options.db
                                       : settings->db);
    c.signals = open_signals();
    error = start(&c);
    if (error) {
        say(error);
        free(error);
        status = CAPTURE_REFUSED;
        capture_child_finish(c.child);
    } else {
        while (!run(&c)) {
            wait_for_something(&c);
        }
        status = finish(&c);
    }

    capture_child_destroy(c.child);
    capture_session_destroy(c.session);
    capture_lease_destroy(c.lease);
    capture_options_destroy(&c.options);
    close(c.signals);
    free(c.told);
    free(c.what);
    free(c.name);
    return status;
}
