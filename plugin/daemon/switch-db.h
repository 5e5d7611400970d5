/* SPDX-License-Identifier: Apache-2.0 */

/* The database Open_vSwitch of the local switch: what of it is observed, and
 * the one transaction at a time by which it is changed. */

#ifndef SPAN_DAEMON_SWITCH_DB_H
#define SPAN_DAEMON_SWITCH_DB_H 1

#include <stdbool.h>
#include <stdint.h>

struct ovsdb_idl;
struct ovsdb_idl_txn;
struct ovsrec_open_vswitch;
struct switch_db;
struct switch_state;

struct switch_db *switch_db_create(const char *remote);
void switch_db_destroy(struct switch_db *);
void switch_db_run(struct switch_db *);
void switch_db_wait(struct switch_db *);

bool switch_db_is_synced(const struct switch_db *);
bool switch_db_is_connected(const struct switch_db *);
bool switch_db_is_contended(const struct switch_db *);
unsigned int switch_db_seqno(const struct switch_db *);
struct ovsdb_idl *switch_db_idl(const struct switch_db *);
const struct ovsrec_open_vswitch *switch_db_root(const struct switch_db *);
const char *switch_db_system_id(const struct switch_db *);
const char *switch_db_ovs_version(const struct switch_db *);
const char *switch_db_schema_version(const struct switch_db *);
bool switch_db_has_mirror_filter(const struct switch_db *);

void switch_db_fill(struct switch_db *, struct switch_state *);

/* Changing it. */
bool switch_db_is_busy(const struct switch_db *);
struct ovsdb_idl_txn *switch_db_begin(struct switch_db *);
void switch_db_commit(struct switch_db *);

#endif /* plugin/daemon/switch-db.h */
