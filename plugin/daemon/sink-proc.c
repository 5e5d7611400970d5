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

#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "plugin/core/name.h"
#include "plugin/core/plan.h"
#include "plugin/core/switch-state.h"
#include "plugin/daemon/sink-child.h"
#include "plugin/daemon/sink-link.h"
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

struct sink_proc {
    char *name;
    char *control;              /* Its control socket. */
    struct sink_child child;
    bool running;               /* The process is there. */
    struct sink_link *link;     /* NULL if not 'running'. */
    unsigned int link_seq;
    struct smap options;        /* Those of its start, until it reports. */
    long long int since;        /* Started or found, msec. */
    long long int ready_since;  /* msec; LLONG_MAX = not ready. */

    bool stopping;              /* Asked to end. */
    long long int stop_since;   /* msec. */
    bool abandoned;             /* Stopping for too long. */
    bool hidden;                /* ... and nobody wants it any more. */
    bool killed;

    char *error;                /* How it ended, or what it lacks; or NULL. */
    int backoff;                /* msec. */
    long long int start_time;   /* It may be started then, msec. */
    bool may_start;
};

struct sink_procs {
    char *program;
    char *run_dir;
    char *log_dir;              /* NULL = log to standard error. */
    struct shash procs;         /* "struct sink_proc"s. */
    unsigned int seq;
    long long int adoption_end; /* msec. */
    bool known;
};

static struct sink_proc *
add_proc(struct sink_procs *sp, const char *name)
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

static void
delete_proc(struct sink_procs *sp, struct sink_proc *proc)
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

static void
begin(struct sink_procs *sp, struct sink_proc *proc)
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
    if (pid && name_is_valid(name)) {
        struct sink_proc *proc = add_proc(sp, name);

        VLOG_INFO("sink %s: found running (process %ld)", name, (long) pid);
        sink_child_adopt(&proc->child, pid);
        begin(sp, proc);
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
        delete_proc(sp, node->data);
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

/* Notes that 'proc' is not there, and when it may be started again. */
static void
fail(struct sink_procs *sp, struct sink_proc *proc, int exit_code, char *error)
{
    long long int now = time_msec();
    int wait = proc->backoff;

    if (proc->ready_since != LLONG_MAX && now - proc->ready_since >= STABLE) {
        wait = 0;               /* Every moment without it costs frames. */
    } else if (exit_code == EXIT_INTERFACE_GONE) {
        wait = BACKOFF_MIN;
    }
    proc->backoff = wait ? MIN(wait * 2, BACKOFF_MAX) : BACKOFF_MIN;
    proc->start_time = now + wait;
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
        delete_proc(sp, proc);
        return;
    }
    fail(sp, proc, sink_child_exit_code(&proc->child),
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

static enum sink_state
proc_state(const struct sink_proc *proc)
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
        sink->state = proc_state(proc);
        sink->may_start = proc->may_start;
        free(sink->error);
        sink->error = xstrdup(proc_error(proc));
        smap_destroy(&sink->options);
        smap_clone(&sink->options, options);
        if (report) {
            free(sink->file);
            sink->file = xstrdup(report->file ? report->file : "");
            smap_destroy(&sink->counters);
            smap_clone(&sink->counters, &report->counters);
        }
    }
}

static void
start(struct sink_procs *sp, const char *name, const struct smap *options)
{
    struct sink_proc *proc = shash_find_data(&sp->procs, name);

    if (proc && proc->running) {
        if (proc->hidden) {
            /* The old one has to go first; now it matters again. */
            proc->hidden = false;
            sp->seq++;
        }
        return;
    } else if (!proc) {
        proc = add_proc(sp, name);
    } else if (!proc->may_start) {
        return;
    }
    smap_destroy(&proc->options);
    smap_clone(&proc->options, options);

    char *log = (sp->log_dir
                 ? xasprintf("%s/ovs-span-sink-%s.log", sp->log_dir, name)
                 : NULL);
    char *error = sink_child_start(&proc->child, sp->program, options, log);
    free(log);
    if (error) {
        proc->ready_since = LLONG_MAX;
        fail(sp, proc, -1, error);
    } else {
        VLOG_INFO("sink %s: started (process %ld)", name,
                  (long) proc->child.pid);
        begin(sp, proc);
    }
}

/* Sends those of 'options' that a recorder takes while it runs
 * (ovs-span-sink(8), "configure"). */
static void
configure(struct sink_procs *sp, const char *name, const struct smap *options)
{
    static const char *const live[] = {
        "filesize", "seconds", "packets", "files", "max-bytes", "min-free",
    };
    struct sink_proc *proc = shash_find_data(&sp->procs, name);
    struct json *param;

    if (!proc || !proc->running) {
        return;
    }
    param = json_object_create();
    for (size_t i = 0; i < ARRAY_SIZE(live); i++) {
        const char *value = smap_get(options, live[i]);
        if (value) {
            json_object_put_string(param, live[i], value);
        }
    }
    sink_link_request(proc->link, "configure", param);
}

static void
stop(struct sink_procs *sp, const char *name)
{
    struct sink_proc *proc = shash_find_data(&sp->procs, name);

    if (!proc) {
        return;
    } else if (!proc->running) {
        delete_proc(sp, proc);
    } else if (!proc->stopping) {
        proc->stopping = true;
        proc->stop_since = time_msec();
        if (!sink_link_request(proc->link, "stop", NULL)) {
            sink_child_kill(&proc->child, SIGTERM);
        }
        sp->seq++;
    } else if (proc->abandoned && !proc->hidden) {
        proc->hidden = true;
        sp->seq++;
    }
}

/* Starts, configures and stops recorders as 'plan' says.  What becomes of it
 * is to be observed later. */
void
sink_procs_apply(struct sink_procs *sp, const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_ops; i++) {
        const struct op *op = plan->ops[i];

        if (op->type == OP_START_SINK) {
            start(sp, op->name, &op->options);
        } else if (op->type == OP_CONFIGURE_SINK) {
            configure(sp, op->name, &op->options);
        } else if (op->type == OP_STOP_SINK) {
            stop(sp, op->name);
        }
    }
}

/* Makes recorder 'name' close its file and begin the next.  Returns NULL, or a
 * sentence, for the caller to free, if it cannot be asked. */
char *
sink_procs_rotate(struct sink_procs *sp, const char *name)
{
    struct sink_proc *proc = shash_find_data(&sp->procs, name);

    if (!proc || proc_state(proc) != SINK_READY
        || !sink_link_request(proc->link, "rotate", NULL)) {
        return xasprintf("Sink \"%s\" is not recording now.", name);
    }
    return NULL;
}
