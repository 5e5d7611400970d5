/* SPDX-License-Identifier: Apache-2.0 */

/* Learned addresses: which MAC addresses vswitchd has seen behind the ports of
 * port groups.
 *
 *     fdb_link_fill(f, state);
 *     fdb_link_ask(f, wanted);           for the next time
 *
 * and fdb_link_run(), fdb_link_wait(), fdb_link_seq() as with flow-conn. */

#ifndef SPAN_DAEMON_FDB_LINK_H
#define SPAN_DAEMON_FDB_LINK_H 1

struct fdb_link;
struct switch_state;
struct wanted;

struct fdb_link *fdb_link_create(const char *run_dir);
void fdb_link_destroy(struct fdb_link *);

void fdb_link_run(struct fdb_link *);
void fdb_link_wait(struct fdb_link *);
unsigned int fdb_link_seq(const struct fdb_link *);

void fdb_link_ask(struct fdb_link *, const struct wanted *);
void fdb_link_fill(const struct fdb_link *, struct switch_state *);

#endif /* plugin/daemon/fdb-link.h */
