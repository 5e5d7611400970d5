/* SPDX-License-Identifier: Apache-2.0 */

/* Looks for capture files where no recorder tells of them.  See sink-dirs.h;
 * the recorder's program knows how to list a directory, see "--list" in
 * ovs-span-sink(8). */

#include <config.h>
#include "plugin/daemon/sink-dirs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "plugin/core/name.h"
#include "plugin/daemon/recording-list.h"
#include "plugin/daemon/recordings.h"
#include "plugin/daemon/sink-child.h"
#include "sset.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sink_dirs);
static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Milliseconds that a look may take, and until the next attempt when it took
 * longer or failed. */
#define PATIENCE 10000
#define RETRY    60000

/* Bytes that it may print: a thousand files of the longest names. */
#define MAX_OUTPUT (4 * 1024 * 1024)

struct sink_dirs {
    char *program;
    char *capture_dir;
    struct recordings *recordings;      /* Borrowed. */
    bool scan_due;
    long long int retry_at;     /* A scan is due then, msec; LLONG_MAX. */

    struct sink_child child;
    bool running;
    char *sink, *dir;           /* What it looks at; NULL = all, a scan. */
    int fd;                     /* Its output; -1 = all of it is read. */
    struct ds output;
    long long int deadline;     /* msec. */
    bool killed;
};

/* Creates what looks for files below 'capture_dir', by the recorder 'program',
 * and tells 'recordings', which must outlive it. */
struct sink_dirs *
sink_dirs_create(const char *program, const char *capture_dir,
                 struct recordings *recordings)
{
    struct sink_dirs *sd = xzalloc(sizeof *sd);

    sd->program = xstrdup(program);
    sd->capture_dir = xstrdup(capture_dir);
    sd->recordings = recordings;
    sd->retry_at = LLONG_MAX;
    sd->fd = -1;
    sink_child_init(&sd->child);
    ds_init(&sd->output);
    return sd;
}

static void
close_output(struct sink_dirs *sd)
{
    if (sd->fd >= 0) {
        close(sd->fd);
        sd->fd = -1;
    }
}

void
sink_dirs_destroy(struct sink_dirs *sd)
{
    if (sd) {
        sink_child_kill(&sd->child, SIGKILL);
        sink_child_uninit(&sd->child);
        close_output(sd);
        ds_destroy(&sd->output);
        free(sd->program);
        free(sd->capture_dir);
        free(sd->sink);
        free(sd->dir);
        free(sd);
    }
}

/* Asks for a look at everything. */
void
sink_dirs_scan(struct sink_dirs *sd)
{
    sd->scan_due = true;
    sd->retry_at = LLONG_MAX;
}

static void
start(struct sink_dirs *sd)
{
    struct svec argv = SVEC_EMPTY_INITIALIZER;
    char *error;

    svec_add(&argv, sd->program);
    svec_add(&argv, "--list");
    svec_add_nocopy(&argv, xasprintf("--dir=%s",
                                     sd->dir ? sd->dir : sd->capture_dir));
    if (sd->sink) {
        svec_add_nocopy(&argv, xasprintf("--sink=%s", sd->sink));
    }
    svec_terminate(&argv);
    error = sink_child_run(&sd->child, argv.names, &sd->fd);
    svec_destroy(&argv);
    if (error) {
        VLOG_WARN_RL(&rl, "%s", error);
        free(error);
        sd->retry_at = time_msec() + RETRY;
        return;
    }
    sd->running = true;
    sd->killed = false;
    sd->deadline = time_msec() + PATIENCE;
    ds_clear(&sd->output);
}

/* Starts the next look, if there is one to be taken. */
static void
start_next(struct sink_dirs *sd)
{
    free(sd->sink);
    free(sd->dir);
    sd->sink = sd->dir = NULL;
    if (time_msec() >= sd->retry_at) {
        sink_dirs_scan(sd);
    }
    if (sd->scan_due) {
        sd->scan_due = false;
        start(sd);
    } else if (recordings_next_unlisted(sd->recordings, &sd->sink,
                                        &sd->dir)) {
        start(sd);
    }
}

/* Reads what the child prints. */
static void
receive(struct sink_dirs *sd)
{
    while (sd->fd >= 0) {
        size_t space = 65536;
        ssize_t n;

        ds_reserve(&sd->output, sd->output.length + space);
        n = read(sd->fd, sd->output.string + sd->output.length, space);
        if (n > 0) {
            sd->output.length += n;
            sd->output.string[sd->output.length] = '\0';
            if (sd->output.length > MAX_OUTPUT) {
                close_output(sd);
            }
        } else if (n < 0 && errno == EAGAIN) {
            return;
        } else if (n == 0 || errno != EINTR) {
            close_output(sd);
        }
    }
}

static const char *
get_string(const struct json *object, const char *name)
{
    const struct json *member = shash_find_data(json_object(object), name);

    return (member && member->type == JSON_STRING
            ? json_string(member) : NULL);
}

/* Takes the answer to a scan.  Returns false if it is none. */
static bool
take_scan(struct sink_dirs *sd, const struct json *json)
{
    struct sset found = SSET_INITIALIZER(&found);
    const struct json *sinks = (json->type == JSON_OBJECT
                                ? shash_find_data(json_object(json), "sinks")
                                : NULL);

    if (!sinks || sinks->type != JSON_ARRAY) {
        return false;
    }
    for (size_t i = 0; i < json_array(sinks)->n; i++) {
        const struct json *element = json_array(sinks)->elems[i];
        bool is_object = element->type == JSON_OBJECT;
        const char *sink = is_object ? get_string(element, "sink") : NULL;
        const char *dir = is_object ? get_string(element, "dir") : NULL;

        if (sink && dir && name_is_valid(sink)) {
            sset_add(&found, sink);
            recordings_find(sd->recordings, sink, dir);
        }
    }
    recordings_scanned(sd->recordings, &found);
    sset_destroy(&found);
    return true;
}

/* Takes what the child has printed.  Returns false if that is no answer. */
static bool
take_output(struct sink_dirs *sd)
{
    struct json *json = json_from_string(ds_cstr(&sd->output));
    struct recording_list *list;
    bool ok;

    if (!sd->sink) {
        ok = take_scan(sd, json);
    } else {
        list = recording_list_from_json(json);
        ok = list != NULL;
        if (ok) {
            recordings_list(sd->recordings, sd->sink, list);
        }
    }
    json_destroy(json);
    return ok;
}

/* The child has ended, and all that it printed is here. */
static void
finish(struct sink_dirs *sd)
{
    sd->running = false;
    if (sd->killed || sink_child_exit_code(&sd->child) != 0
        || !take_output(sd)) {
        VLOG_WARN_RL(&rl, "%s%s%s: capture files could not be listed%s",
                     sd->dir ? sd->dir : sd->capture_dir,
                     sd->sink ? "/" : "", sd->sink ? sd->sink : "",
                     sd->killed ? ", it took too long" : "");
        sd->retry_at = MIN(sd->retry_at, time_msec() + RETRY);
    }
    ds_clear(&sd->output);
}

void
sink_dirs_run(struct sink_dirs *sd)
{
    if (sd->running) {
        receive(sd);
        if (!sd->killed && time_msec() >= sd->deadline) {
            /* What hangs in the kernel takes no notice.  Then nothing else is
             * looked at until it does. */
            sd->killed = true;
            sink_child_kill(&sd->child, SIGKILL);
            close_output(sd);
        }
        if (sd->fd < 0 && sink_child_has_ended(&sd->child)) {
            finish(sd);
        }
    }
    if (!sd->running) {
        start_next(sd);
    }
}

void
sink_dirs_wait(const struct sink_dirs *sd)
{
    if (!sd->running) {
        if (sd->retry_at != LLONG_MAX) {
            poll_timer_wait_until(sd->retry_at);
        }
        return;
    }
    if (sd->fd >= 0) {
        poll_fd_wait(sd->fd, POLLIN);
    } else {
        sink_child_wait(&sd->child);
    }
    if (!sd->killed) {
        poll_timer_wait_until(sd->deadline);
    }
}
