/* SPDX-License-Identifier: Apache-2.0 */

/* The recorders as sink-proc.c and sink-orders.c, and nobody else, see
 * them. */

#ifndef SPAN_DAEMON_SINK_PROC_PRIVATE_H
#define SPAN_DAEMON_SINK_PROC_PRIVATE_H 1

#include <limits.h>
#include "openvswitch/shash.h"
#include "plugin/core/switch-state.h"
#include "plugin/daemon/sink-child.h"
#include "plugin/daemon/sink-link.h"
#include "smap.h"

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
    bool held;                  /* It ended because the disk is full, as it
                                 * was asked to; not to be started again. */
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

struct sink_proc *sink_proc_add(struct sink_procs *, const char *name);
void sink_proc_delete(struct sink_procs *, struct sink_proc *);
void sink_proc_begin(struct sink_procs *, struct sink_proc *);
void sink_proc_fail(struct sink_procs *, struct sink_proc *, int exit_code,
                    char *error);
enum sink_state sink_proc_state(const struct sink_proc *);

#endif /* plugin/daemon/sink-proc-private.h */
