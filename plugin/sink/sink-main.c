/* SPDX-License-Identifier: Apache-2.0 */

/* The main thread: starts the recorder, serves its control socket, takes
 * signals, and shows counters.  It waits for no disk and no client, so that
 * the recorder can always be asked how it is. */

#include <config.h>

#include "sink-main.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "accounting.h"
#include "control.h"
#include "counter-line.h"
#include "list-files.h"
#include "list-sinks.h"
#include "options.h"
#include "plugin/record/record-util.h"
#include "recorder.h"
#include "recordings.h"
#include "report.h"
#include "status.h"

/* Clients are told the status, and people the counters, this often. */
#define PERIOD_NS NSEC_PER_SEC

struct sink {
    struct sink_options options;
    struct report *report;
    struct recorder *recorder;  /* NULL while it is being started. */
    struct control *control;    /* NULL if there is none. */
    struct counter_line *line;  /* NULL if nobody looks. */
    int signal_fd;
    char *complaint;            /* What a person was told last, or NULL. */
    uint64_t end;               /* Monotonic time to stop; UINT64_MAX: none. */
    bool begun;                 /* Recording has. */
    bool stop;                  /* Asked for. */
    int exit_status;
};

static void
complain(const char *message)
{
    fprintf(stderr, "ovs-span-sink: %s\n", message);
}

static json_t *
get_status(void *sink_)
{
    struct sink *sink = sink_;
    struct accounting_snapshot counters = { 0 };
    struct recorder_info info = { 0 };
    struct recordings *recordings = NULL;
    struct report_view view;
    json_t *json;

    if (sink->recorder) {
        recorder_get_info(sink->recorder, &info);
        recorder_get_counters(sink->recorder, &counters);
        recordings = recorder_get_recordings(sink->recorder);
    }
    report_view(sink->report, &view);
    json = status_to_json(&sink->options, &view, &info, &counters,
                          recordings, getpid());
    report_view_destroy(&view);
    return json;
}

static json_t *
get_recordings(void *sink_)
{
    struct sink *sink = sink_;

    return recordings_to_json(recorder_get_recordings(sink->recorder));
}

static char *
configure(void *sink_, const struct option_text *texts, size_t n)
{
    struct sink *sink = sink_;
    char *error = options_configure(&sink->options, texts, n);

    if (!error) {
        recorder_configure(sink->recorder, &sink->options.live);
    }
    return error;
}

static void
rotate(void *sink_)
{
    struct sink *sink = sink_;

    recorder_rotate(sink->recorder);
}

static void
stop(void *sink_)
{
    struct sink *sink = sink_;

    if (!sink->stop) {
        sink->stop = true;
        report_set_state(sink->report, REPORT_STOPPING);
        recorder_stop(sink->recorder);
    }
}

static const struct control_ops control_ops = {
    .status = get_status,
    .recordings = get_recordings,
    .configure = configure,
    .rotate = rotate,
    .stop = stop,
};

/* Ends the recorder because of 'message', the sentence for 'code'. */
static void
fail(struct sink *sink, int exit_status, const char *code,
     const char *message)
{
    if (!sink->exit_status) {
        sink->exit_status = exit_status;
        report_set_error(sink->report, REPORT_CAPTURE, code, "%s", message);
        report_set_state(sink->report, REPORT_FAILED);
        complain(message);
        if (sink->recorder) {
            stop(sink);
        }
    }
}

/* Tells a person at the terminal what is wrong, or well again: there is no
 * control socket to ask. */
static void
tell_complaint(struct sink *sink, const struct report_view *view)
{
    const char *was = sink->complaint ? sink->complaint : "";
    const char *is = view->message ? view->message : "";

    if (strcmp(was, is)) {
        counter_line_clear(sink->line);
        complain(*is ? is : "all is well again");
        free(sink->complaint);
        sink->complaint = *is ? rec_xstrdup(is) : NULL;
    }
}

/* Notes that recording has begun. */
static void
begin(struct sink *sink)
{
    const struct sink_options *o = &sink->options;
    struct recorder_info info;

    sink->begun = true;
    report_set_state(sink->report, REPORT_READY);
    if (o->duration) {
        sink->end = rec_time_monotonic() + o->duration * NSEC_PER_SEC;
    }
    if (!o->quiet) {
        recorder_get_info(sink->recorder, &info);
        fprintf(stderr,
                "%s what arrives at %s to %s, through a buffer of %llu MiB\n",
                o->relay ? "Relaying" : "Recording", o->interface,
                o->relay ? o->relay
                : strcmp(o->write, "-") ? o->write : "a pipe",
                (unsigned long long int) info.buffer >> 20);
    }
}

/* Ends the recorder because interface 'name' is gone. */
static void
fail_interface(struct sink *sink, const char *name)
{
    char *message = rec_xasprintf("interface %s is gone", name);

    fail(sink, SINK_EXIT_INTERFACE, "interface-gone", message);
    free(message);
}

/* Does what the recorder's threads report.  Returns false once they are
 * done. */
static bool
handle_report(struct sink *sink)
{
    struct report_view view;
    bool done;

    report_take_news(sink->report);
    report_view(sink->report, &view);
    if (view.events & REPORT_INTERFACE_GONE) {
        fail_interface(sink, sink->options.interface);
    }
    if (view.events & REPORT_RELAY_GONE) {
        fail_interface(sink, sink->options.relay);
    }
    if (view.events & REPORT_FULL && view.message) {
        fail(sink, SINK_EXIT_FULL, "no-space", view.message);
    }
    if (view.events & REPORT_READER_GONE) {
        stop(sink);
    }
    if (view.state == REPORT_STARTING && view.events & REPORT_FIRST_FILE) {
        begin(sink);
    } else if (view.state == REPORT_STARTING
               && view.events & REPORT_FIRST_FAILED) {
        fail(sink, SINK_EXIT_FAILURE, view.code, view.message);
    }
    if (!sink->options.quiet && !sink->exit_status) {
        tell_complaint(sink, &view);
    }
    done = view.events & REPORT_DONE;
    report_view_destroy(&view);
    if (sink->control) {
        control_broadcast(sink->control);
    }
    return !done;
}

/* Takes a signal.  The second SIGINT ends a recorder that somebody started by
 * hand and whose file takes no more. */
static void
handle_signal(struct sink *sink)
{
    struct signalfd_siginfo info;

    if (read(sink->signal_fd, &info, sizeof info) == sizeof info) {
        if (sink->stop && info.ssi_signo == SIGINT && !sink->options.sink) {
            _exit(SINK_EXIT_FAILURE);
        }
        stop(sink);
    }
}

/* Tells the counters to those who look. */
static void
show(struct sink *sink)
{
    struct accounting_snapshot counters;

    if (sink->control) {
        control_broadcast(sink->control);
    }
    if (sink->line) {
        recorder_get_counters(sink->recorder, &counters);
        counter_line_update(sink->line, &counters, rec_time_monotonic());
    }
}

/* Serves everybody until the recorder is done. */
static void
run(struct sink *sink)
{
    uint64_t next = rec_time_monotonic() + PERIOD_NS;
    bool running = true;

    while (running) {
        struct pollfd fds[] = {
            { .fd = sink->signal_fd, .events = POLLIN },
            { .fd = report_fd(sink->report), .events = POLLIN },
            { .fd = sink->control ? control_fd(sink->control) : -1,
              .events = POLLIN },
        };
        uint64_t now = rec_time_monotonic();

        if (now >= next) {
            next = now + PERIOD_NS;
            show(sink);
        }
        if (now >= sink->end) {
            stop(sink);
            sink->end = UINT64_MAX;
        }
        poll(fds, REC_ARRAY_SIZE(fds),
             (REC_MIN(next, sink->end) - now + NSEC_PER_MSEC - 1)
             / NSEC_PER_MSEC);
        if (fds[0].revents) {
            handle_signal(sink);
        }
        if (fds[1].revents) {
            running = handle_report(sink);
        }
        if (fds[2].revents) {
            control_run(sink->control);
        }
    }
}

/* Takes the signals that end us as bytes to read, and ignores those that a
 * terminal or a reader that leaves would send. */
static int
open_signals(void)
{
    sigset_t set;

    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Sets up everything.  Returns NULL or a sentence that the caller must
 * free. */
static char *
start(struct sink *sink)
{
    const struct sink_options *o = &sink->options;
    char *error = NULL;

    sink->signal_fd = open_signals();
    sink->report = report_create();
    if (sink->signal_fd < 0 || !sink->report) {
        return rec_xstrdup("there are not enough file descriptors");
    }
    if (o->control) {
        error = control_create(o->control, &control_ops, sink,
                               &sink->control);
    }
    if (!error) {
        error = recorder_start(o, sink->report, &sink->recorder);
    }
    if (!error && !o->quiet && (o->stats || isatty(STDERR_FILENO))) {
        sink->line = counter_line_create(isatty(STDERR_FILENO));
    }
    return error;
}

/* Ends everything, in the order in which that makes sense. */
static void
finish(struct sink *sink)
{
    struct accounting_snapshot counters;

    if (sink->control) {
        control_finish(sink->control);
    }
    if (sink->begun && !sink->options.quiet) {
        recorder_get_counters(sink->recorder, &counters);
        counter_line_finish(sink->line, &counters);
    }
    counter_line_destroy(sink->line);
    free(sink->complaint);
    recorder_destroy(sink->recorder);
    control_destroy(sink->control);
    report_destroy(sink->report);
    if (sink->signal_fd >= 0) {
        close(sink->signal_fd);
    }
}

/* Returns the exit status if the command line asks for nothing more. */
static int
parse(struct sink *sink, int argc, char *argv[])
{
    char *error = options_parse(&sink->options, argc, argv);

    if (error) {
        /* One line, because ovs-spand repeats the last one. */
        fprintf(stderr, "ovs-span-sink: %s; see ovs-span-sink --help\n",
                error);
        free(error);
        return SINK_EXIT_USAGE;
    }
    if (sink->options.help) {
        fputs(options_usage(), stdout);
        return SINK_EXIT_OK;
    }
    if (sink->options.list) {
        error = (sink->options.sink
                 ? list_files(&sink->options)
                 : list_sinks(sink->options.dir));
        if (error) {
            complain(error);
            free(error);
            return SINK_EXIT_FAILURE;
        }
        return SINK_EXIT_OK;
    }
    if (sink->options.version) {
        puts("ovs-span-sink " PACKAGE_VERSION);
        return SINK_EXIT_OK;
    }
    return -1;
}

/* Runs the program.  Returns its exit status. */
int
sink_main(int argc, char *argv[])
{
    struct sink sink = { .signal_fd = -1, .end = UINT64_MAX };
    int status = parse(&sink, argc, argv);

    if (status < 0) {
        char *error;

        /* Whoever started us must be free to go, and its files too. */
        closefrom(STDERR_FILENO + 1);
        error = start(&sink);
        if (error) {
            complain(error);
            sink.exit_status = SINK_EXIT_FAILURE;
        } else {
            run(&sink);
        }
        free(error);
        finish(&sink);
        status = sink.exit_status;
    }
    options_destroy(&sink.options);
    return status;
}
