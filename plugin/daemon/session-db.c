/* SPDX-License-Identifier: Apache-2.0 */

/* The edge to the database OVS_Span: an IDL that replicates the tables which
 * hosts read, and rows turned into the core's values.  Writing is
 * host-report.c's part.
 *
 * A lost connection changes nothing: the IDL keeps the last contents until it
 * has a complete new copy, so what was asked for last stays in force. */

#include <config.h>

#include "plugin/daemon/session-db.h"

#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/group-row.h"
#include "ovsdb-schema/session-row.h"
#include "ovsdb-schema/span-idl.h"
#include "util.h"

/* Milliseconds of silence after which the server is asked whether it is still
 * there.  Unix sockets have no probe unless one is set. */
#define PROBE_INTERVAL 5000

struct session_db {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_index *recordings;     /* By sink, then name. */
    unsigned int recordings_seqno;          /* Of their condition. */
    char *host;                 /* Whose events are replicated; or NULL. */
};

static void
watch_table(struct ovsdb_idl *idl, const struct ovsdb_idl_column *columns,
            size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ovsdb_idl_add_column(idl, &columns[i]);
    }
}

/* Replicates what this program only writes, without being woken by it. */
static void
keep_table(struct ovsdb_idl *idl, const struct ovsdb_idl_column *columns,
           size_t n)
{
    watch_table(idl, columns, n);
    for (size_t i = 0; i < n; i++) {
        ovsdb_idl_omit_alert(idl, &columns[i]);
    }
}

static void
register_idl(struct ovsdb_idl *idl)
{
    ovsdb_idl_add_column(idl, &spanrec_span_global_col_next_cfg);
    watch_table(idl, spanrec_session_columns, SPANREC_SESSION_N_COLUMNS);
    ovsdb_idl_omit_alert(idl, &spanrec_session_col_bindings);
    ovsdb_idl_omit(idl, &spanrec_session_col_external_ids);
    watch_table(idl, spanrec_source_columns, SPANREC_SOURCE_N_COLUMNS);
    ovsdb_idl_omit(idl, &spanrec_source_col_external_ids);
    watch_table(idl, spanrec_destination_columns,
                SPANREC_DESTINATION_N_COLUMNS);
    ovsdb_idl_omit(idl, &spanrec_destination_col_external_ids);
    watch_table(idl, spanrec_sink_columns, SPANREC_SINK_N_COLUMNS);
    ovsdb_idl_omit(idl, &spanrec_sink_col_external_ids);
    watch_table(idl, spanrec_port_group_columns,
                SPANREC_PORT_GROUP_N_COLUMNS);
    ovsdb_idl_omit_alert(idl, &spanrec_port_group_col_bindings);
    ovsdb_idl_omit(idl, &spanrec_port_group_col_external_ids);

    keep_table(idl, spanrec_host_columns, SPANREC_HOST_N_COLUMNS);
    ovsdb_idl_omit(idl, &spanrec_host_col_external_ids);
    keep_table(idl, spanrec_binding_columns, SPANREC_BINDING_N_COLUMNS);
    ovsdb_idl_omit(idl, &spanrec_binding_col_external_ids);
    keep_table(idl, spanrec_recording_columns, SPANREC_RECORDING_N_COLUMNS);
    ovsdb_idl_omit(idl, &spanrec_recording_col_external_ids);
    keep_table(idl, spanrec_inquiry_columns, SPANREC_INQUIRY_N_COLUMNS);
    keep_table(idl, spanrec_answer_columns, SPANREC_ANSWER_N_COLUMNS);
    ovsdb_idl_add_column(idl, &spanrec_event_col_host);
    ovsdb_idl_add_column(idl, &spanrec_event_col_time);
    ovsdb_idl_omit_alert(idl, &spanrec_event_col_host);
    ovsdb_idl_omit_alert(idl, &spanrec_event_col_time);
}

/* Connects to 'remote', one or several OVSDB connection methods separated by
 * commas.  A follower of a cluster and a relay will do as well as the leader:
 * they pass writes on, and a host need not read what is newer than what its
 * server tells it. */
struct session_db *
session_db_create(const char *remote)
{
    struct session_db *db = xzalloc(sizeof *db);
    struct ovsdb_idl_condition none = OVSDB_IDL_CONDITION_INIT(&none);

    db->idl = ovsdb_idl_create(remote, &spanrec_idl_class, false, true);
    ovsdb_idl_set_leader_only(db->idl, false);
    ovsdb_idl_set_probe_interval(db->idl, PROBE_INTERVAL);
    register_idl(db->idl);
    db->recordings = ovsdb_idl_index_create2(
        db->idl, &spanrec_recording_col_sink, &spanrec_recording_col_name);

    /* Events and files of other hosts are none of our business, and there may
     * be many; which are ours is not known before session_db_set_host(). */
    spanrec_event_set_condition(db->idl, &none);
    spanrec_recording_set_condition(db->idl, &none);
    ovsdb_idl_condition_destroy(&none);
    return db;
}

void
session_db_destroy(struct session_db *db)
{
    if (db) {
        ovsdb_idl_destroy(db->idl);
        free(db->host);
        free(db);
    }
}

void
session_db_run(struct session_db *db)
{
    ovsdb_idl_run(db->idl);
}

void
session_db_wait(struct session_db *db)
{
    ovsdb_idl_wait(db->idl);
}

/* Is there a complete copy of the database, however old? */
bool
session_db_is_synced(const struct session_db *db)
{
    return ovsdb_idl_has_ever_connected(db->idl);
}

bool
session_db_is_connected(const struct session_db *db)
{
    return ovsdb_idl_is_connected(db->idl);
}

/* Changes when what is asked for may have changed. */
unsigned int
session_db_seqno(const struct session_db *db)
{
    return ovsdb_idl_get_seqno(db->idl);
}

/* For host-report.c and events.c, which write. */
struct ovsdb_idl *
session_db_idl(const struct session_db *db)
{
    return db->idl;
}

/* Are the rows of this host's files all here? */
bool
session_db_recordings_are_known(const struct session_db *db)
{
    unsigned int now = ovsdb_idl_get_condition_seqno(db->idl);

    return (db->host && ovsdb_idl_has_ever_connected(db->idl)
            && (int) (now - db->recordings_seqno) >= 0);
}

/* Returns the index of the files by sink and name. */
struct ovsdb_idl_index *
session_db_recordings(const struct session_db *db)
{
    return db->recordings;
}

/* Says which host this is: its events, files, bindings and answers are
 * replicated. */
void
session_db_set_host(struct session_db *db, const char *system_id)
{
    struct ovsdb_idl_condition events = OVSDB_IDL_CONDITION_INIT(&events);
    struct ovsdb_idl_condition files = OVSDB_IDL_CONDITION_INIT(&files);
    struct ovsdb_idl_condition bindings = OVSDB_IDL_CONDITION_INIT(&bindings);
    struct ovsdb_idl_condition answers = OVSDB_IDL_CONDITION_INIT(&answers);

    if (db->host && !strcmp(db->host, system_id)) {
        return;
    }
    free(db->host);
    db->host = xstrdup(system_id);

    spanrec_event_add_clause_host(&events, OVSDB_F_EQ, system_id);
    spanrec_event_set_condition(db->idl, &events);
    ovsdb_idl_condition_destroy(&events);
    spanrec_recording_add_clause_host(&files, OVSDB_F_EQ, system_id);
    db->recordings_seqno = spanrec_recording_set_condition(db->idl, &files);
    ovsdb_idl_condition_destroy(&files);
    spanrec_binding_add_clause_system_id(&bindings, OVSDB_F_EQ, system_id);
    spanrec_binding_set_condition(db->idl, &bindings);
    ovsdb_idl_condition_destroy(&bindings);
    spanrec_answer_add_clause_system_id(&answers, OVSDB_F_EQ, system_id);
    spanrec_answer_set_condition(db->idl, &answers);
    ovsdb_idl_condition_destroy(&answers);
}

/* Returns the Host row of 'system_id', or NULL. */
const struct spanrec_host *
session_db_find_host(const struct session_db *db, const char *system_id)
{
    const struct spanrec_host *host;

    SPANREC_HOST_FOR_EACH (host, db->idl) {
        if (!strcmp(host->system_id, system_id)) {
            return host;
        }
    }
    return NULL;
}

static size_t
count_sessions(const struct ovsdb_idl *idl)
{
    const struct spanrec_session *row;
    size_t n = 0;

    SPANREC_SESSION_FOR_EACH (row, idl) {
        n++;
    }
    return n;
}

static size_t
count_sinks(const struct ovsdb_idl *idl)
{
    const struct spanrec_sink *row;
    size_t n = 0;

    SPANREC_SINK_FOR_EACH (row, idl) {
        n++;
    }
    return n;
}

static size_t
count_groups(const struct ovsdb_idl *idl)
{
    const struct spanrec_port_group *row;
    size_t n = 0;

    SPANREC_PORT_GROUP_FOR_EACH (row, idl) {
        n++;
    }
    return n;
}

static void
read_groups(const struct ovsdb_idl *idl, struct session_set *set)
{
    const struct spanrec_port_group *row;

    set->groups = xcalloc(count_groups(idl) + 1, sizeof *set->groups);
    SPANREC_PORT_GROUP_FOR_EACH (row, idl) {
        struct port_group *group = &set->groups[set->n_groups++];

        group_row_read(row, group);
        if (!fault_is_set(&group->fault)) {
            port_group_check(group, &group->fault);
        }
    }
}

/* Initializes '*set' with all that is asked for; a row that cannot be
 * understood or breaks a rule is there with its 'fault' set.  The caller must
 * destroy it with session_set_destroy(). */
void
session_db_read(const struct session_db *db, struct session_set *set)
{
    const struct spanrec_span_global *global
        = spanrec_span_global_first(db->idl);
    const struct spanrec_session *session;
    const struct spanrec_sink *sink;

    session_set_init(set);
    set->next_cfg = global ? global->next_cfg : 0;
    set->sessions = xcalloc(count_sessions(db->idl) + 1,
                            sizeof *set->sessions);
    SPANREC_SESSION_FOR_EACH (session, db->idl) {
        struct session *s = &set->sessions[set->n_sessions++];

        session_row_read(session, s);
        if (!fault_is_set(&s->fault)) {
            session_check(s, &s->fault);
        }
    }
    set->sinks = xcalloc(count_sinks(db->idl) + 1, sizeof *set->sinks);
    SPANREC_SINK_FOR_EACH (sink, db->idl) {
        struct sink_config *c = &set->sinks[set->n_sinks++];

        sink_row_read(sink, c);
        if (!fault_is_set(&c->fault)) {
            sink_config_check(c, &c->fault);
        }
    }
    read_groups(db->idl, set);
}

/* Makes '*set' an empty one. */
void
session_set_init(struct session_set *set)
{
    *set = (struct session_set) { .sessions = NULL };
}

/* Makes '*dst', uninitialized, a copy of 'src'. */
void
session_set_clone(struct session_set *dst, const struct session_set *src)
{
    session_set_init(dst);
    dst->next_cfg = src->next_cfg;
    dst->sessions = xcalloc(src->n_sessions + 1, sizeof *dst->sessions);
    for (size_t i = 0; i < src->n_sessions; i++) {
        session_clone(&dst->sessions[dst->n_sessions++], &src->sessions[i]);
    }
    dst->sinks = xcalloc(src->n_sinks + 1, sizeof *dst->sinks);
    for (size_t i = 0; i < src->n_sinks; i++) {
        sink_config_clone(&dst->sinks[dst->n_sinks++], &src->sinks[i]);
    }
    dst->groups = xcalloc(src->n_groups + 1, sizeof *dst->groups);
    for (size_t i = 0; i < src->n_groups; i++) {
        port_group_clone(&dst->groups[dst->n_groups++], &src->groups[i]);
    }
}

void
session_set_destroy(struct session_set *set)
{
    for (size_t i = 0; i < set->n_sessions; i++) {
        session_destroy(&set->sessions[i]);
    }
    free(set->sessions);
    for (size_t i = 0; i < set->n_sinks; i++) {
        sink_config_destroy(&set->sinks[i]);
    }
    free(set->sinks);
    for (size_t i = 0; i < set->n_groups; i++) {
        port_group_destroy(&set->groups[i]);
    }
    free(set->groups);
}
