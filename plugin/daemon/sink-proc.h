/* SPDX-License-Identifier: Apache-2.0 */

/* Recorders as processes that outlive the daemon.
 *
 * Each sink is an ovs-span-sink of its own, started here, known by its control
 * socket RUN_DIR/span-sink.NAME.ctl and spoken to over JSON-RPC.  A daemon
 * that starts finds the ones that its predecessor left, by their sockets, and
 * goes on with them.  Nothing here ever waits for a recorder.
 *
 *     sink_procs_run();                  in each turn of the loop
 *     if (sink_procs_seq() changed) {
 *         sink_procs_fill(); decide; sink_procs_apply();
 *     }
 *     sink_procs_wait(); poll_block(); */

#ifndef SPAN_DAEMON_SINK_PROC_H
#define SPAN_DAEMON_SINK_PROC_H 1

#include <stdbool.h>

struct plan;
struct recordings;
struct sink_procs;
struct switch_state;

struct sink_procs *sink_procs_create(const char *program, const char *run_dir,
                                     const char *log_dir);
void sink_procs_destroy(struct sink_procs *);

void sink_procs_run(struct sink_procs *);
void sink_procs_wait(struct sink_procs *);
unsigned int sink_procs_seq(const struct sink_procs *);
bool sink_procs_known(const struct sink_procs *);

void sink_procs_tell(struct sink_procs *, struct recordings *);
void sink_procs_fill(const struct sink_procs *, struct switch_state *);
void sink_procs_apply(struct sink_procs *, const struct plan *);
void sink_procs_retry(struct sink_procs *);
char *sink_procs_rotate(struct sink_procs *, const char *name);
void sink_procs_detach(struct sink_procs *);

#endif /* plugin/daemon/sink-proc.h */
