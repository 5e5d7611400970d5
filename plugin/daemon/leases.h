/* SPDX-License-Identifier: Apache-2.0 */

/* Leases: the connections of those who watch a session live, and with it the
 * life of that session.
 *
 * A Unix socket, RUNDIR/span-lease.sock, speaks JSON-RPC 1.0 (RFC 7047,
 * section 4).
 *
 *     hold   [SESSION]     {"system_id": ..., "host": ...}; the session of
 *                          this name, made before or after, lives as long as
 *                          the connection
 *     status [{...}]       a notification: what the recorder says of itself
 *     port   [NAME]        a notification of ours: the capture port is NAME
 *
 * What a killed process leaves cannot hold anything: the kernel ends its
 * connection.  When ovs-spand itself has been away, holders get a moment to
 * come back. */

#ifndef SPAN_DAEMON_LEASES_H
#define SPAN_DAEMON_LEASES_H 1

#include <stdbool.h>

struct leases;
struct session_db;
struct session_set;
struct switch_state;

struct leases *leases_create(const char *run_dir);
void leases_destroy(struct leases *);
void leases_set_host(struct leases *, const char *system_id,
                     const char *host);

void leases_run(struct leases *);
void leases_wait(struct leases *);
unsigned int leases_seq(const struct leases *);

bool leases_known(struct leases *, const struct session_db *);
void leases_fill(const struct leases *, struct switch_state *);
void leases_tell(struct leases *, const struct switch_state *);
void leases_sweep(struct leases *, struct session_db *,
                  const struct session_set *);

#endif /* plugin/daemon/leases.h */
