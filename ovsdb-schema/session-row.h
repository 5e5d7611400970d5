/* SPDX-License-Identifier: Apache-2.0 */

/* Between rows of OVS_Span and the core's values.
 *
 * ovs-spanctl and ovs-spand both go through here, so that what one writes the
 * other reads as the same thing, absent columns and their defaults
 * included. */

#ifndef OVSDB_SCHEMA_SESSION_ROW_H
#define OVSDB_SCHEMA_SESSION_ROW_H 1

#include "plugin/core/session.h"

struct ovsdb_idl;
struct ovsdb_idl_txn;
struct spanrec_session;
struct spanrec_sink;

void session_row_read(const struct spanrec_session *, struct session *);
void session_row_write(const struct spanrec_session *, const struct session *,
                       struct ovsdb_idl_txn *);
struct spanrec_session *session_row_insert(const struct session *,
                                           struct ovsdb_idl_txn *);
const struct spanrec_session *session_row_find(const struct ovsdb_idl *,
                                               const char *name);

void sink_row_read(const struct spanrec_sink *, struct sink_config *);
void sink_row_write(const struct spanrec_sink *, const struct sink_config *);
struct spanrec_sink *sink_row_insert(const struct sink_config *,
                                     struct ovsdb_idl_txn *);
const struct spanrec_sink *sink_row_find(const struct ovsdb_idl *,
                                         const char *name);

#endif /* ovsdb-schema/session-row.h */
