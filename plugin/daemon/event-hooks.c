/* SPDX-License-Identifier: Apache-2.0 */

/* Runs the programs of a directory for each event.  See event-hooks.h.
 *
 * A child looks into the directory and runs what is there (hook-runner.c), for
 * one event after the other, so that each program gets the events in their
 * order; its standard error is a pipe that says what went wrong, and by its
 * end that the child is done. */

#include <config.h>
#include "plugin/daemon/event-hooks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "plugin/daemon/hook-runner.h"
#include "socket-util.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(event_hooks);
static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 40);

/* Events that may wait. */
#define MAX_WAITING 1000

/* Bytes of a report that are read. */
#define MAX_REPORT 4096

struct waiting {
    struct ovs_list node;       /* In "struct event_hooks"'s 'queue'. */
    char *line;
};

struct event_hooks {
    char *dir;
    struct ovs_list queue;      /* Of "struct waiting", oldest first. */
    size_t n;
    pid_t pid;                  /* Of the child; 0 = none. */
    int fd;                     /* Its report; -1 = all of it is read. */
    struct ds report;
};

/* Creates what runs the programs in 'dir'. */
struct event_hooks *
event_hooks_create(const char *dir)
{
    struct event_hooks *eh = xzalloc(sizeof *eh);

    eh->dir = xstrdup(dir);
    eh->fd = -1;
    ovs_list_init(&eh->queue);
    ds_init(&eh->report);
    return eh;
}

static char *
take_first(struct event_hooks *eh)
{
    struct waiting *w = CONTAINER_OF(ovs_list_pop_front(&eh->queue),
                                     struct waiting, node);
    char *line = w->line;

    eh->n--;
    free(w);
    return line;
}

/* What runs ends by itself; what waits is forgotten. */
void
event_hooks_destroy(struct event_hooks *eh)
{
    if (eh) {
        while (eh->n) {
            free(take_first(eh));
        }
        if (eh->fd >= 0) {
            close(eh->fd);
        }
        ds_destroy(&eh->report);
        free(eh->dir);
        free(eh);
    }
}

/* Runs the programs with 'line' as soon as those before are done. */
void
event_hooks_add(struct event_hooks *eh, const char *line)
{
    struct waiting *w;

    if (eh->n >= MAX_WAITING) {
        VLOG_WARN_RL(&rl, "%s: programs are too slow: an event is left out",
                     eh->dir);
        return;
    }
    w = xzalloc(sizeof *w);
    w->line = xstrdup(line);
    ovs_list_push_back(&eh->queue, &w->node);
    eh->n++;
}

static void
start(struct event_hooks *eh)
{
    char *line = take_first(eh);
    int fds[2];

    if (pipe(fds)) {
        VLOG_WARN_RL(&rl, "%s: %s", eh->dir, ovs_strerror(errno));
        free(line);
        return;
    }
    eh->pid = fork();
    if (!eh->pid) {
        hook_runner_main(eh->dir, line, fds[1]);
    } else if (eh->pid < 0) {
        VLOG_WARN_RL(&rl, "%s: %s", eh->dir, ovs_strerror(errno));
        eh->pid = 0;
        close(fds[0]);
    } else {
        eh->fd = fds[0];
        set_nonblocking(eh->fd);
    }
    close(fds[1]);
    free(line);
}

static void
read_report(struct event_hooks *eh)
{
    char buffer[512];
    ssize_t n;

    while ((n = read(eh->fd, buffer, sizeof buffer)) > 0) {
        if (eh->report.length + n <= MAX_REPORT) {
            ds_put_buffer(&eh->report, buffer, n);
        }
    }
    if (!n || (errno != EAGAIN && errno != EINTR)) {
        close(eh->fd);
        eh->fd = -1;
    }
}

static void
log_report(struct event_hooks *eh)
{
    char *rest = ds_cstr(&eh->report);

    for (char *line; (line = strsep(&rest, "\n")) != NULL; ) {
        if (*line) {
            VLOG_WARN_RL(&rl, "%s", line);
        }
    }
    ds_clear(&eh->report);
}

void
event_hooks_run(struct event_hooks *eh)
{
    if (eh->fd >= 0) {
        read_report(eh);
    }
    if (eh->pid && eh->fd < 0 && waitpid(eh->pid, NULL, WNOHANG)) {
        eh->pid = 0;
        log_report(eh);
    }
    if (!eh->pid && eh->n) {
        start(eh);
    }
}

void
event_hooks_wait(const struct event_hooks *eh)
{
    if (eh->fd >= 0) {
        poll_fd_wait(eh->fd, POLLIN);
    } else if (eh->pid) {
        poll_timer_wait(1);     /* It is just ending. */
    } else if (eh->n) {
        poll_immediate_wake();
    }
}
