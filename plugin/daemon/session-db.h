/* SPDX-License-Identifier: Apache-2.0 */

/* The database OVS_Span as the daemon sees it: what is asked for, as values,
 * and the row that is this host. */

#ifndef SPAN_DAEMON_SESSION_DB_H
#define SPAN_DAEMON_SESSION_DB_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "plugin/core/port-group.h"
#include "plugin/core/session.h"

struct ovsdb_idl;
struct ovsdb_idl_index;
struct session_db;
struct spanrec_host;

/* All that is asked for, read in one go. */
struct session_set {
    struct session *sessions;
    size_t n_sessions;
    struct sink_config *sinks;
    size_t n_sinks;
    struct port_group *groups;
    size_t n_groups;
    int64_t next_cfg;           /* Span_Global.next_cfg; 0 without a row. */
};

struct session_db *session_db_create(const char *remote);
void session_db_destroy(struct session_db *);
void session_db_run(struct session_db *);
void session_db_wait(struct session_db *);

bool session_db_is_synced(const struct session_db *);
bool session_db_is_connected(const struct session_db *);
unsigned int session_db_seqno(const struct session_db *);
struct ovsdb_idl *session_db_idl(const struct session_db *);
bool session_db_recordings_are_known(const struct session_db *);
struct ovsdb_idl_index *session_db_recordings(const struct session_db *);
void session_db_set_host(struct session_db *, const char *system_id);
const struct spanrec_host *session_db_find_host(const struct session_db *,
                                                const char *system_id);

void session_db_read(const struct session_db *, struct session_set *);
void session_set_init(struct session_set *);
void session_set_clone(struct session_set *, const struct session_set *);
void session_set_destroy(struct session_set *);

#endif /* plugin/daemon/session-db.h */
