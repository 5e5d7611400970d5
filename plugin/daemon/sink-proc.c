/* SPDX-License-Identifier: Apache-2.0 */

/* Recorders as processes that outlive the daemon.  See sink-proc.h.
 *
 * What is true of a recorder is what its process (sink-child.c) and its
 * control socket (sink-link.c) say, never what was asked of it. */

#include <config.h>
#include "plugin/daemon/sink-proc.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "plugin/core/name.h"
#include "plugin/core/relay.h"
#include "plugin/core/switch-state.h"
#include "plugin/daemon/recordings.h"
#include "plugin/daemon/sink-child.h"
#include "plugin/daemon/sink-link.h"
#include "plugin/daemon/sink-proc-private.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sink_proc);

/* The name of a recorder's control socket is PREFIX NAME SUFFIX. */
#define PREFIX "span-sink."
#define SUFFIX ".ctl"

/* Milliseconds until a recorder that ended is started again, doubled each
 * time.  One that was ready for STABLE msec is started at once. */
#define BACKOFF_MIN 200
#define BACKOFF_MAX 5000
#define STABLE      10000

/* It ended because its interface did, which may be back in a moment. */
#define EXIT_INTERFACE_GONE 3

/* Milliseconds from the request to stop until it is left to itself (a slow
 * disk may take its time to drain) and until it is killed. */
#define STOP_PATIENCE 5000
#define STOP_KILL     30000

/* Milliseconds in which recorders found at start have to say what they do. */
#define ADOPTION_PATIENCE 2000

/* Milliseconds after which a recorder that is not ready yet is remarked on. */
#define START_PATIENCE 5000

/* Adds the recorder of sink 'name', which does not run yet. */
struct sink_proc *
sink_proc_add(struct sink_procs *sp, const char *name)
{
    struct sink_proc *proc = xzalloc(sizeof *proc);

    proc->name = xstrdup(name);
    proc->control = xasprintf("%s/" PREFIX "%s" SUFFIX, sp->run_dir, name);
    sink_child_init(&proc->child);
    smap_init(&proc->options);
    proc->backoff = BACKOFF_MIN;
    shash_add(&sp->procs, name, proc);
    sp->seq++;
    return proc;
}

/* Forgets 'proc', which lives on if it does. */
void
sink_proc_delete(struct sink_procs *sp, struct sink_proc *proc)
{
    shash_find_and_delete(&sp->procs, proc->name);
    sink_link_destroy(proc->link);
    sink_child_uninit(&proc->child);
    smap_destroy(&proc->options);
    free(proc->error);
    free(proc->control);
    free(proc->name);
    free(proc);
    sp->seq++;
}

static void
set_error(struct sink_procs *sp, struct sink_proc *proc, char *error)
{
    if (error) {
        VLOG_WARN("sink %s: %s", proc->name, error);
    }
    free(proc->error);
    proc->error = error;
    sp->seq++;
}

/* Takes note that the process of 'proc' is there. */
void
sink_proc_begin(struct sink_procs *sp, struct sink_proc *proc)
{
    proc->running = true;
    proc->link = sink_link_create(proc->control);
    proc->link_seq = sink_link_seq(proc->link);
    proc->since = time_msec();
    proc->ready_since = LLONG_MAX;
    proc->stopping = proc->abandoned = proc->hidden = proc->killed = false;
    proc->may_start = false;
    sp->seq++;
}

/* Takes over the recorder that serves control socket 'file_name' in the run
 * directory, if one does; removes the socket of a dead one. */
static void
adopt(struct sink_procs *sp, const char *file_name)
{
    size_t length = strlen(file_name);
    size_t affixes = strlen(PREFIX) + strlen(SUFFIX);
    int error;

    if (length <= affixes || strncmp(file_name, PREFIX, strlen(PREFIX))
        || strcmp(file_name + length - strlen(SUFFIX), SUFFIX)) {
        return;
    }

    char *name = xmemdup0(file_name + strlen(PREFIX), length - affixes);
    char *path = xasprintf("%s/%s", sp->run_dir, file_name);
    pid_t pid = sink_link_probe(path, &error);
    const char *session = relay_session_name(name);
    if (pid && name_is_valid(session ? session : name)) {
        struct sink_proc *proc = sink_proc_add(sp, name);

        VLOG_INFO("sink %s: found running (process %ld)", name, (long) pid);
        sink_child_adopt(&proc->child, pid);
        sink_proc_begin(sp, proc);
    } else if (error == ECONNREFUSED && !unlink(path)) {
        VLOG_INFO("%s: removed, its recorder has ended", path);
    }
    free(path);
    free(name);
}

/* Creates the recorders' supervisor and takes over those that are running.
 * 'program' is the recorder, found in PATH if it has no slash; control sockets
 * are in 'run_dir'; logs go to 'log_dir', or to our standard error if it is
 * NULL. */
struct sink_procs *
sink_procs_create(const char *program, const char *run_dir,
                  const char *log_dir)
{
    struct sink_procs *sp = xzalloc(sizeof *sp);

    sp->program = xstrdup(program);
    sp->run_dir = xstrdup(run_dir);
    sp->log_dir = nullable_xstrdup(log_dir);
    shash_init(&sp->procs);
    sp->adoption_end = time_msec() + ADOPTION_PATIENCE;

    DIR *dir = opendir(run_dir);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        adopt(sp, entry->d_name);
    }
    if (dir) {
        closedir(dir);
    }
    return sp;
}

/* Forgets the recorders without stopping them; the next daemon finds them. */
void
sink_procs_detach(struct sink_procs *sp)
{
    struct shash_node *node, *next;

    SHASH_FOR_EACH_SAFE (node, next, &sp->procs) {
        sink_proc_delete(sp, node->data);
    }
}

/* Does not stop any recorder either. */
void
sink_procs_destroy(struct sink_procs *sp)
{
    if (sp) {
        sink_procs_detach(sp);
        shash_destroy(&sp->procs);
        free(sp->program);
        free(sp->run_dir);
        free(sp->log_dir);
        free(sp);
    }
}

/* Did it end because there is no room, as its on-full=stop wants? */
static bool
is_full(const struct sink_proc *proc)
{
    const struct sink_report *report
        = proc->link ? sink_link_report(proc->link) : NULL;

    return (report && report->error_code
            && !strcmp(report->error_code, "no-space")
            && !strcmp(smap_get_def(&report->options, "on-full", ""),
                       "stop"));
}

/* Notes that 'proc' is not there, because of 'error', which is taken over, and
 * when it may be started again. */
void
sink_proc_fail(struct sink_procs *sp, struct sink_proc *proc, int exit_code,
               char *error)
{
    long long int now = time_msec();
    int wait = proc->backoff;

    if (proc->ready_since != LLONG_MAX && now - proc->ready_since >= STABLE) {
        wait = 0;               /* Every moment without it costs frames. */
    } else if (exit_code == EXIT_INTERFACE_GONE) {
        wait = BACKOFF_MIN;
    }
    proc->backoff = wait ? MIN(wait * 2, BACKOFF_MAX) : BACKOFF_MIN;
    proc->held = is_full(proc);
    proc->start_time = proc->held ? LLONG_MAX : now + wait;
    proc->may_start = false;
    proc->running = false;
    sink_link_destroy(proc->link);
    proc->link = NULL;
    set_error(sp, proc, error);
}

/* Did it end because it was asked to, by us or by a former daemon? */
static bool
ended_as_asked(const struct sink_proc *proc)
{
    const struct sink_report *report = sink_link_report(proc->link);

    return (proc->stopping ? !proc->abandoned || proc->hidden
            : report->valid && report->state == SINK_STOPPING
              && !report->error);
}

static void
handle_end(struct sink_procs *sp, struct sink_proc *proc)
{
    const struct sink_report *report = sink_link_report(proc->link);

    /* A recorder that is not root any more cannot do this itself. */
    unlink(proc->control);
    if (ended_as_asked(proc)) {
        VLOG_INFO("sink %s: has stopped", proc->name);
        sink_proc_delete(sp, proc);
        return;
    }
    sink_proc_fail(sp, proc, sink_child_exit_code(&proc->child),
                   report->error ? xstrdup(report->error)
                   : sink_child_epitaph(&proc->child));
}

/* A recorder that does not stop is not waited for. */
static void
watch_stop(struct sink_procs *sp, struct sink_proc *proc)
{
    long long int waited = time_msec() - proc->stop_since;

    if (waited >= STOP_PATIENCE && !proc->abandoned) {
        proc->abandoned = proc->hidden = true;
        set_error(sp, proc, xstrdup(
            "The recorder was asked to stop and has not; its storage may "
            "hang."));
        sink_child_kill(&proc->child, SIGTERM);
    }
    if (waited >= STOP_KILL && !proc->killed) {
        VLOG_WARN("sink %s: killing it, it has not stopped for %lld s",
                  proc->name, waited / 1000);
        proc->killed = true;
        sink_child_kill(&proc->child, SIGKILL);
    }
}

static void
watch_start(struct sink_procs *sp, struct sink_proc *proc)
{
    const struct sink_report *report = sink_link_report(proc->link);

    if (report->valid && report->state == SINK_READY) {
        if (proc->ready_since == LLONG_MAX) {
            /* One that was found has been there for some time. */
            proc->ready_since = time_msec() - (proc->child.ours ? 0 : STABLE);
            if (proc->error) {
                set_error(sp, proc, NULL);
            }
        }
    } else if (!proc->error && time_msec() - proc->since >= START_PATIENCE) {
        set_error(sp, proc, xstrdup("The recorder does not become ready."));
    }
}

static void
run_proc(struct sink_procs *sp, struct sink_proc *proc)
{
    if (!proc->running) {
        if (!proc->may_start && time_msec() >= proc->start_time) {
            proc->may_start = true;
            sp->seq++;
        }
        return;
    }
    sink_link_run(proc->link);
    if (proc->link_seq != sink_link_seq(proc->link)) {
        proc->link_seq = sink_link_seq(proc->link);
        sp->seq++;
    }
    if (proc->stopping) {
        watch_stop(sp, proc);
    } else {
        watch_start(sp, proc);
    }
    if (sink_child_has_ended(&proc->child)) {
        handle_end(sp, proc);
    }
}

/* Have all recorders that were found said what they do, or had the time to? */
static bool
adoption_is_over(const struct sink_procs *sp)
{
    struct shash_node *node;

    if (time_msec() >= sp->adoption_end) {
        return true;
    }
    SHASH_FOR_EACH (node, &sp->procs) {
        const struct sink_proc *proc = node->data;

        if (proc->running && !sink_link_report(proc->link)->valid) {
            return false;
        }
    }
    return true;
}

void
sink_procs_run(struct sink_procs *sp)
{
    struct shash_node *node, *next;

    SHASH_FOR_EACH_SAFE (node, next, &sp->procs) {
        run_proc(sp, node->data);
    }
    if (!sp->known && adoption_is_over(sp)) {
        sp->known = true;
        sp->seq++;
    }
}

static void
wait_proc(const struct sink_proc *proc)
{
    if (!proc->running) {
        if (!proc->may_start) {
            poll_timer_wait_until(proc->start_time);
        }
        return;
    }
    sink_link_wait(proc->link);
    sink_child_wait(&proc->child);
    if (proc->stopping) {
        if (!proc->abandoned) {
            poll_timer_wait_until(proc->stop_since + STOP_PATIENCE);
        } else if (!proc->killed) {
            poll_timer_wait_until(proc->stop_since + STOP_KILL);
        }
    } else if (proc->ready_since == LLONG_MAX && !proc->error) {
        poll_timer_wait_until(proc->since + START_PATIENCE);
    }
}

void
sink_procs_wait(struct sink_procs *sp)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &sp->procs) {
        wait_proc(node->data);
    }
    if (!sp->known) {
        poll_timer_wait_until(sp->adoption_end);
    }
}

/* Lets all that have ended be started again now, whatever the reason. */
void
sink_procs_retry(struct sink_procs *sp)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &sp->procs) {
        struct sink_proc *proc = node->data;

        if (!proc->running) {
            proc->held = false;
            proc->start_time = time_msec();
        }
    }
}

/* Changes when something did that a plan or a verdict depends on; counters and
 * file names do not count. */
unsigned int
sink_procs_seq(const struct sink_procs *sp)
{
    return sp->seq;
}

/* Returns true once the recorders that ran before us are known. */
bool
sink_procs_known(const struct sink_procs *sp)
{
    return sp->known;
}

/* Returns what 'proc' does, as far as anybody knows. */
enum sink_state
sink_proc_state(const struct sink_proc *proc)
{
    const struct sink_report *report;

    if (!proc->running || proc->abandoned) {
        return SINK_FAILED;
    } else if (proc->stopping) {
        return SINK_STOPPING;
    }
    report = sink_link_report(proc->link);
    return report->valid ? report->state : SINK_STARTING;
}

static const char *
proc_error(const struct sink_proc *proc)
{
    if (proc->error) {
        return proc->error;
    } else if (proc->running && sink_link_is_silent(proc->link)) {
        return "The recorder does not answer.";
    } else if (proc->running && sink_link_report(proc->link)->error) {
        return sink_link_report(proc->link)->error;
    }
    return "";
}

/* Tells 'recordings' what the recorders say of their files. */
void
sink_procs_tell(struct sink_procs *sp, struct recordings *recordings)
{
    struct shash_node *node;

    recordings_begin_round(recordings);
    SHASH_FOR_EACH (node, &sp->procs) {
        const struct sink_proc *proc = node->data;

        if (proc->running && !relay_session_name(proc->name)) {
            const struct sink_report *report = sink_link_report(proc->link);
            const char *dir = smap_get(report->valid ? &report->options
                                       : &proc->options, "dir");

            recordings_serve(recordings, proc->name, dir,
                             sink_link_take_recordings(proc->link),
                             report->open);
        }
    }
    recordings_end_round(recordings);
}

/* Adds each recorder to 'state'. */
void
sink_procs_fill(const struct sink_procs *sp, struct switch_state *state)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &sp->procs) {
        const struct sink_proc *proc = node->data;
        const struct sink_report *report
            = proc->running ? sink_link_report(proc->link) : NULL;
        const struct smap *options
            = report && report->valid ? &report->options : &proc->options;

        if (proc->hidden) {
            continue;
        }

        struct switch_sink *sink = switch_state_add_sink(state, proc->name);
        sink->state = sink_proc_state(proc);
        sink->may_start = proc->may_start;
        sink->held = proc->held && !proc->running;
        free(sink->error);
        sink->error = xstrdup(proc_error(proc));
        smap_destroy(&sink->options);
        smap_clone(&sink->options, options);
        if (report) {
            sink_report_fill(report, sink);
            if (proc->error) {
                sink->error_code[0] = '\0';
            }
        }
    }
}
