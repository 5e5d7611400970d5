/* SPDX-License-Identifier: Apache-2.0 */

/* A recorder as a process: started so that it outlives the daemon, or found
 * running; watched until it ends, and why. */

#ifndef SPAN_DAEMON_SINK_CHILD_H
#define SPAN_DAEMON_SINK_CHILD_H 1

#include <stdbool.h>
#include <sys/types.h>

struct smap;

struct sink_child {
    pid_t pid;                  /* 0 = none. */
    bool ours;                  /* We are its parent. */
    int pidfd;                  /* -1 = none. */
    int status;                 /* Ended, ours: as of waitpid(). */
    char *log;                  /* Where its standard error goes, or NULL. */
    off_t log_start;            /* Size of 'log' when it was started. */
};

void sink_child_init(struct sink_child *);
void sink_child_uninit(struct sink_child *);

char *sink_child_start(struct sink_child *, const char *program,
                       const struct smap *options, const char *log);
char *sink_child_run(struct sink_child *, char *argv[], int *output);
void sink_child_adopt(struct sink_child *, pid_t);

bool sink_child_has_ended(struct sink_child *);
void sink_child_wait(const struct sink_child *);
void sink_child_kill(const struct sink_child *, int signr);

int sink_child_exit_code(const struct sink_child *);
char *sink_child_epitaph(const struct sink_child *);

#endif /* plugin/daemon/sink-child.h */
