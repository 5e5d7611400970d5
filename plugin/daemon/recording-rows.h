/* SPDX-License-Identifier: Apache-2.0 */

/* The rows of table Recording that are this host's. */

#ifndef SPAN_DAEMON_RECORDING_ROWS_H
#define SPAN_DAEMON_RECORDING_ROWS_H 1

#include <stdbool.h>
#include <stddef.h>

struct ovsdb_idl_txn;
struct recording;
struct recording_list;
struct session_db;
struct sset;

/* Rows that one transaction changes at most, but for growth. */
#define RECORDING_ROWS_MAX 1000

bool recording_rows_sync(struct session_db *, struct ovsdb_idl_txn *,
                         const char *host, const char *sink,
                         const struct recording_list *, size_t *budget);
void recording_rows_grow(struct session_db *, const char *host,
                         const char *sink, const struct recording *);
void recording_rows_sinks(struct session_db *, const char *host,
                          struct sset *);
bool recording_rows_delete(struct session_db *, const char *host);

#endif /* plugin/daemon/recording-rows.h */
