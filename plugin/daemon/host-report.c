/* SPDX-License-Identifier: Apache-2.0 */

/* Writes what this host has to tell into the database OVS_Span.
 *
 * A report is compared with the rows that are there and only the difference is
 * written, in one transaction, so that cur_cfg never runs ahead of the
 * bindings that it vouches for.  One transaction is under way at a time;
 * whoever reports tries again while there is. */

#include <config.h>

#include "plugin/daemon/host-report.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/span-idl.h"
#include "plugin/daemon/binding-counts.h"
#include "plugin/daemon/events.h"
#include "plugin/daemon/recording-rows.h"
#include "plugin/daemon/recordings.h"
#include "plugin/daemon/session-db.h"
#include "plugin/daemon/db-text.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(host_report);

/* Lengths that the schema allows (span.ovsschema, table Binding). */
#define MAX_REASON 256
#define MAX_DETAIL 4096

struct host_report {
    struct session_db *db;      /* Borrowed. */
    struct events *events;      /* Borrowed. */
    struct recordings *recordings;      /* Borrowed. */
    struct ovsdb_idl_txn *txn;  /* Under way, or NULL. */
    size_t n_events;            /* From the queue, in 'txn'. */
    long long int looked;       /* When counters were looked at last, and all
                                 * that had changed was written, Unix time in
                                 * milliseconds; 0 = unknown. */
};

/* Returns a writer for 'db' that also stores what 'events' and 'recordings'
 * hold. */
struct host_report *
host_report_create(struct session_db *db, struct events *events,
                   struct recordings *recordings)
{
    struct host_report *hr = xzalloc(sizeof *hr);

    hr->db = db;
    hr->events = events;
    hr->recordings = recordings;
    return hr;
}

void
host_report_destroy(struct host_report *hr)
{
    if (hr) {
        if (hr->txn) {
            ovsdb_idl_txn_destroy(hr->txn);
        }
        free(hr);
    }
}

bool
host_report_is_busy(const struct host_report *hr)
{
    return hr->txn != NULL;
}

/* Is there something to be stored beside what is reported? */
bool
host_report_is_pending(const struct host_report *hr)
{
    return (session_db_recordings_are_known(hr->db)
            && recordings_pending(hr->recordings));
}

/* Looks after the transaction under way.  Returns false when it has just
 * failed: the report has to be made again. */
bool
host_report_run(struct host_report *hr)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    enum ovsdb_idl_txn_status status;
    bool ok;

    if (!hr->txn) {
        return true;
    }
    status = ovsdb_idl_txn_commit(hr->txn);
    if (status == TXN_INCOMPLETE) {
        return true;
    }
    ok = status == TXN_SUCCESS || status == TXN_UNCHANGED;
    recordings_written(hr->recordings, ok);
    if (!ok) {
        hr->looked = 0;
    }
    if (ok) {
        events_written(hr->events, hr->n_events);
    } else if (status != TXN_TRY_AGAIN) {
        VLOG_WARN_RL(&rl, "report was not stored: %s: %s",
                     ovsdb_idl_txn_status_to_string(status),
                     ovsdb_idl_txn_get_error(hr->txn));
    }
    ovsdb_idl_txn_destroy(hr->txn);
    hr->txn = NULL;
    return ok;
}

void
host_report_wait(const struct host_report *hr)
{
    if (hr->txn) {
        ovsdb_idl_txn_wait(hr->txn);
    }
}

static void
begin(struct host_report *hr)
{
    hr->txn = ovsdb_idl_txn_create(session_db_idl(hr->db));
    hr->n_events = 0;
    ovsdb_idl_txn_add_comment(hr->txn, "ovs-spand");
}

/* Starts storing the open transaction. */
static bool
commit(struct host_report *hr)
{
    return host_report_run(hr);
}

static bool
capabilities_differ(const struct spanrec_host *row, const struct sset *set)
{
    if (row->n_capabilities != sset_count(set)) {
        return true;
    }
    for (size_t i = 0; i < row->n_capabilities; i++) {
        if (!sset_contains(set, row->capabilities[i])) {
            return true;
        }
    }
    return false;
}

/* Brings our Host row up to date, making it when it is missing. */
static const struct spanrec_host *
write_host(struct host_report *hr, const struct report *report)
{
    const struct spanrec_host *row
        = session_db_find_host(hr->db, report->system_id);

    if (!row) {
        row = spanrec_host_insert(hr->txn);
        spanrec_host_set_system_id(row, report->system_id);
    }
    if (!row->name || strcmp(row->name, report->name)) {
        spanrec_host_set_name(row, report->name);
    }
    if (!smap_equal(&row->versions, report->versions)) {
        spanrec_host_set_versions(row, report->versions);
    }
    if (!smap_equal(&row->status, report->status)) {
        spanrec_host_set_status(row, report->status);
    }
    if (capabilities_differ(row, report->capabilities)) {
        const char **array = sset_array(report->capabilities);

        spanrec_host_set_capabilities(row, array,
                                      sset_count(report->capabilities));
        free(array);
    }
    if (report->cur_cfg >= 0 && row->cur_cfg != report->cur_cfg) {
        spanrec_host_set_cur_cfg(row, report->cur_cfg);
    }
    return row;
}

/* What a Binding says, of a session or of a port group. */
struct finding {
    bool of_group;
    const char *name;
    const char *owner;          /* Who asked for it, and why; "" = unknown. */
    const char *why;
    enum binding_state state;
    const struct fault *fault;
    bool counts;                /* Does the detail change all the time? */
};

/* Says who asked for it, and why, as far as they said so. */
static void
put_origin(struct ds *ds, const struct finding *f)
{
    if (*f->owner || *f->why) {
        ds_put_format(ds, " (asked for%s%s%s%s)", *f->owner ? " by " : "",
                      f->owner, *f->why ? ": " : "", f->why);
    }
}

/* Tells that the host's owner does not let a group be promiscuous, as the
 * sentence 'text' says; to those, too, who look for who could see what: see
 * watch.c. */
static void
tell_denial(struct host_report *hr, const struct report *report,
            const char *text)
{
    VLOG_WARN("promiscuous: %s", text);
    event_row_insert(hr->txn, report->system_id, "", "promiscuous", text);
}

/* Stores that the state in 'row' becomes that of 'f', and tells so. */
static void
write_state(struct host_report *hr, const struct report *report,
            const struct spanrec_binding *row, const struct finding *f,
            const char *reason, const char *detail)
{
    const char *state = binding_state_to_string(f->state);
    bool news = (!row->state || strcmp(row->state, state)
                 || strcmp(row->reason, reason));

    spanrec_binding_set_state(row, state);
    spanrec_binding_set_reason(row, reason);
    spanrec_binding_set_detail(row, detail);
    if (news) {
        struct ds text = DS_EMPTY_INITIALIZER;

        spanrec_binding_set_since(row, time_wall_msec());
        if (f->of_group) {
            ds_put_format(&text, "%s: ", f->name);
        }
        ds_put_cstr(&text, state);
        if (*reason) {
            ds_put_format(&text, ": %s: %s", reason, detail);
        }
        put_origin(&text, f);
        event_row_insert(hr->txn, report->system_id,
                         f->of_group ? "" : f->name,
                         f->of_group ? "group" : "state", ds_cstr(&text));
        VLOG_INFO("%s%s%s", f->of_group ? "group " : f->name,
                  f->of_group ? "" : ": ", ds_cstr(&text));
        if (f->of_group && !strcmp(reason, "policy")) {
            tell_denial(hr, report, ds_cstr(&text));
        }
        ds_destroy(&text);
    }
}

/* Brings 'row', new if 'is_new', up to date with 'f'. */
static void
write_finding(struct host_report *hr, const struct report *report,
              const struct spanrec_binding *row, bool is_new,
              const struct finding *f)
{
    const struct fault *fault = f->fault;
    char *reason = text_cut(fault->reason ? fault->reason : "", MAX_REASON);
    char *detail = text_cut(fault->detail ? fault->detail : "", MAX_DETAIL);

    if (is_new || strcmp(row->state, binding_state_to_string(f->state))
        || strcmp(row->reason, reason)
        || ((report->counters || !f->counts) && strcmp(row->detail, detail))) {
        write_state(hr, report, row, f, reason, detail);
    }
    free(reason);
    free(detail);
}

/* Makes the Binding of 'session' on this host.  When the session has been
 * deleted meanwhile, the new row hangs from nothing and never comes into
 * being. */
static const struct spanrec_binding *
insert_binding(struct host_report *hr, const struct report *report,
               const struct spanrec_session *session,
               const struct spanrec_host *host)
{
    struct spanrec_binding *row = spanrec_binding_insert(hr->txn);

    spanrec_binding_set_session_name(row, session->name);
    spanrec_binding_set_system_id(row, report->system_id);
    spanrec_binding_set_session(row, session);
    spanrec_binding_set_host(row, host);
    spanrec_session_update_bindings_addvalue(session, row);
    return row;
}

/* Has the server's table Binding 'column'?  One of an older version may not:
 * what has no place there is left out, so that the rest is stored. */
static bool
server_has(const struct host_report *hr,
           const struct ovsdb_idl_column *column)
{
    if (ovsdb_idl_server_has_column(session_db_idl(hr->db), column)) {
        return true;
    }
    VLOG_WARN_ONCE("the database OVS_Span is of an older version and has no "
                   "place for all that is to be reported; \"ovs-span-setup "
                   "add-db\" where its ovsdb-server runs brings it up to "
                   "date");
    return false;
}

/* Brings 'row' up to date with what was counted, 'disk_free' is NULL for
 * none. */
static void
write_counts(const struct host_report *hr, const struct report *report,
             const struct spanrec_binding *row, const struct smap *counters,
             const struct smap *disk_free)
{
    binding_counts_write(row, counters,
                         (server_has(hr, &spanrec_binding_col_disk_free)
                          ? disk_free : NULL),
                         server_has(hr, &spanrec_binding_col_counted),
                         hr->looked, report->next_counters);
}

static void
write_binding(struct host_report *hr, const struct report *report,
              const struct spanrec_host *host, struct shash *bindings,
              const struct verdict *v)
{
    const struct spanrec_session *session = spanrec_session_get_for_uuid(
        session_db_idl(hr->db), &v->session->uuid);
    const struct finding finding = {
        .name = v->session->name, .owner = v->session->owner,
        .why = v->session->reason, .state = v->state, .fault = &v->fault,
        .counts = v->counts,
    };
    static const struct smap none = SMAP_INITIALIZER(&none);
    const struct smap *estimate = v->estimate ? v->estimate : &none;
    const struct spanrec_binding *row;
    bool is_new;

    if (!session || v->pending) {
        return;
    }
    row = shash_find_data(bindings, session->name);
    is_new = !row;
    if (is_new) {
        row = insert_binding(hr, report, session, host);
    } else if (row->host != host) {
        spanrec_binding_set_host(row, host);
    }
    write_finding(hr, report, row, is_new, &finding);
    if (server_has(hr, &spanrec_binding_col_sources)
        && !smap_equal(&row->sources, &v->sources)) {
        spanrec_binding_set_sources(row, &v->sources);
    }
    if (is_new || report->counters) {
        write_counts(hr, report, row, &v->counters, &v->disk_free);
    }
    if (server_has(hr, &spanrec_binding_col_estimate)
        && !smap_equal(&row->estimate, estimate)) {
        spanrec_binding_set_estimate(row, estimate);
    }
}

/* As insert_binding(), for a port group. */
static const struct spanrec_binding *
insert_group_binding(struct host_report *hr, const struct report *report,
                     const struct spanrec_port_group *group,
                     const struct spanrec_host *host)
{
    struct spanrec_binding *row = spanrec_binding_insert(hr->txn);

    spanrec_binding_set_group_name(row, group->name);
    spanrec_binding_set_system_id(row, report->system_id);
    spanrec_binding_set_group(row, group);
    spanrec_binding_set_host(row, host);
    spanrec_port_group_update_bindings_addvalue(group, row);
    return row;
}

static void
write_group_binding(struct host_report *hr, const struct report *report,
                    const struct spanrec_host *host, struct shash *bindings,
                    const struct group_verdict *v)
{
    const struct spanrec_port_group *group = spanrec_port_group_get_for_uuid(
        session_db_idl(hr->db), &v->group->uuid);
    const struct finding finding = {
        .of_group = true, .name = v->group->name, .owner = v->group->owner,
        .why = v->group->reason, .state = v->state, .fault = &v->fault,
    };
    const struct spanrec_binding *row;
    bool is_new;

    if (!group || v->pending || !server_has(hr, &spanrec_binding_col_group)) {
        return;
    }
    row = shash_find_data(bindings, group->name);
    is_new = !row;
    if (is_new) {
        row = insert_group_binding(hr, report, group, host);
    } else if (row->host != host) {
        spanrec_binding_set_host(row, host);
    }
    write_finding(hr, report, row, is_new, &finding);
    if (is_new || report->counters) {
        write_counts(hr, report, row, &v->counters, NULL);
    }
    if (server_has(hr, &spanrec_binding_col_ports)
        && !smap_equal(&row->ports, &v->ports)) {
        spanrec_binding_set_ports(row, &v->ports);
    }
}

/* Brings all Binding rows of this host up to date. */
static void
write_bindings(struct host_report *hr, const struct report *report,
               const struct spanrec_host *host)
{
    struct shash sessions = SHASH_INITIALIZER(&sessions);
    struct shash groups = SHASH_INITIALIZER(&groups);
    const struct verdicts *verdicts = report->verdicts;
    const struct spanrec_binding *row;

    SPANREC_BINDING_FOR_EACH (row, session_db_idl(hr->db)) {
        if (!strcmp(row->system_id, report->system_id)) {
            shash_add_once(row->group_name[0] ? &groups : &sessions,
                           (row->group_name[0] ? row->group_name
                            : row->session_name), row);
        }
    }
    for (size_t i = 0; i < verdicts->n_verdicts; i++) {
        write_binding(hr, report, host, &sessions, &verdicts->verdicts[i]);
    }
    for (size_t i = 0; i < verdicts->n_groups; i++) {
        write_group_binding(hr, report, host, &groups, &verdicts->groups[i]);
    }
    shash_destroy(&sessions);
    shash_destroy(&groups);
}

/* Stores what differs between 'report' and the database.  Pending verdicts
 * leave their binding as it is.  Returns true when all is stored or on its
 * way; false when an earlier report still is: then try again later. */
bool
host_report_write(struct host_report *hr, const struct report *report)
{
    if (hr->txn) {
        return false;
    }
    begin(hr);
    write_bindings(hr, report, write_host(hr, report));
    if (session_db_recordings_are_known(hr->db)) {
        recordings_write(hr->recordings, hr->db, hr->txn, report->system_id,
                         report->counters);
    }
    if (report->counters) {
        hr->looked = time_wall_msec();
    }
    hr->n_events = events_write(hr->events, hr->txn, report->system_id);
    events_prune(session_db_idl(hr->db), report->system_id);
    return commit(hr);
}

/* Takes the bindings of 'system_id' off their sessions and groups. */
static void
delete_bindings(struct ovsdb_idl *idl, const char *system_id)
{
    const struct spanrec_port_group *group;
    const struct spanrec_session *session;

    SPANREC_SESSION_FOR_EACH (session, idl) {
        for (size_t i = 0; i < session->n_bindings; i++) {
            if (!strcmp(session->bindings[i]->system_id, system_id)) {
                spanrec_session_update_bindings_delvalue(
                    session, session->bindings[i]);
            }
        }
    }
    SPANREC_PORT_GROUP_FOR_EACH (group, idl) {
        for (size_t i = 0; i < group->n_bindings; i++) {
            if (!strcmp(group->bindings[i]->system_id, system_id)) {
                spanrec_port_group_update_bindings_delvalue(
                    group, group->bindings[i]);
            }
        }
    }
}

/* Takes the rows of 'system_id' out of the database: its host, bindings and
 * files, for a daemon that leaves for good.  Returns false when that has to be
 * tried again; '*more' says whether it has to be done again for the rest. */
bool
host_report_leave(struct host_report *hr, const char *system_id, bool *more)
{
    const struct spanrec_host *host;

    *more = true;
    if (hr->txn) {
        return false;
    }
    begin(hr);
    delete_bindings(session_db_idl(hr->db), system_id);
    *more = recording_rows_delete(hr->db, system_id);
    host = session_db_find_host(hr->db, system_id);
    if (host && !*more) {
        spanrec_host_delete(host);
    }
    hr->n_events = events_write(hr->events, hr->txn, system_id);
    return commit(hr);
}
