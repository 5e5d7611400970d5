/* SPDX-License-Identifier: Apache-2.0 */

/* The capture files of this host, and table Recording.
 *
 * What files there are is told by the recorder that serves a sink, or, where
 * none does, by a look into its directory (sink-dirs.c).  The rows of this
 * host are made to say the same, a bounded number in each transaction. */

#ifndef SPAN_DAEMON_RECORDINGS_H
#define SPAN_DAEMON_RECORDINGS_H 1

#include <stdbool.h>

struct events;
struct ovsdb_idl_txn;
struct recording;
struct recording_list;
struct recordings;
struct session_db;
struct sset;

struct recordings *recordings_create(struct events *);
void recordings_destroy(struct recordings *);

/* From recorders: a round tells of all that run. */
void recordings_begin_round(struct recordings *);
void recordings_serve(struct recordings *, const char *sink, const char *dir,
                      struct recording_list *, const struct recording *open);
void recordings_end_round(struct recordings *);

/* From directories. */
bool recordings_next_unlisted(struct recordings *, char **sink, char **dir);
void recordings_find(struct recordings *, const char *sink, const char *dir);
void recordings_list(struct recordings *, const char *sink,
                     struct recording_list *);
void recordings_scanned(struct recordings *, const struct sset *found);

/* To the database. */
void recordings_recheck(struct recordings *);
bool recordings_pending(const struct recordings *);
void recordings_write(struct recordings *, struct session_db *,
                      struct ovsdb_idl_txn *, const char *host, bool growth);
void recordings_written(struct recordings *, bool ok);

#endif /* plugin/daemon/recordings.h */
