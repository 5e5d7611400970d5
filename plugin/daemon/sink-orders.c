/* SPDX-License-Identifier: Apache-2.0 */

/* What recorders are told to do: to start, to change, to stop, to begin a new
 * file.  The other half of sink-proc.c, which observes them. */

#include <config.h>
#include "plugin/daemon/sink-proc.h"

#include <signal.h>
#include <stdlib.h>

#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "plugin/core/plan.h"
#include "plugin/core/sink-options.h"
#include "plugin/daemon/sink-proc-private.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sink_orders);

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
        proc = sink_proc_add(sp, name);
    } else if (!proc->may_start && !proc->held) {
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
        sink_proc_fail(sp, proc, -1, error);
    } else {
        VLOG_INFO("sink %s: started (process %ld)", name,
                  (long) proc->child.pid);
        sink_proc_begin(sp, proc);
    }
}

/* Sends those of 'options' that a recorder takes while it runs
 * (ovs-span-sink(8), "configure"). */
static void
configure(struct sink_procs *sp, const char *name, const struct smap *options)
{
    const struct smap_node *node;
    struct sink_proc *proc = shash_find_data(&sp->procs, name);
    struct json *param;

    if (!proc || !proc->running) {
        return;
    }
    param = json_object_create();
    SMAP_FOR_EACH (node, options) {
        if (sink_option_is_live(options, node->key)) {
            json_object_put_string(param, node->key, node->value);
        }
    }
    if (sink_link_request(proc->link, "configure", param)) {
        sink_link_request(proc->link, "status", NULL);
    }
}

static void
stop(struct sink_procs *sp, const char *name)
{
    struct sink_proc *proc = shash_find_data(&sp->procs, name);

    if (!proc) {
        return;
    } else if (!proc->running) {
        sink_proc_delete(sp, proc);
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

    if (!proc || sink_proc_state(proc) != SINK_READY
        || !sink_link_request(proc->link, "rotate", NULL)) {
        return xasprintf("Sink \"%s\" is not recording now.", name);
    }
    return NULL;
}
