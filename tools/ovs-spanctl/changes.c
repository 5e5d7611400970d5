/* SPDX-License-Identifier: Apache-2.0 */

/* What a command line changed.
 *
 * Before a command changes a session, a sink or a port group it notes it here,
 * with the value that it had.  When a host then refuses the change, one
 * transaction writes the old values back: what was made is deleted, what was
 * deleted is made again, the rest gets its old settings. */

#include <config.h>

#include "spanctl.h"

#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/group-row.h"
#include "ovsdb-schema/session-row.h"
#include "ovsdb-schema/span-idl.h"
#include "smap.h"
#include "util.h"

/* A session as it was before the first change to it. */
struct old_session {
    bool existed;
    bool lacks_ports;           /* See changes_touch_port_rules(). */
    struct session session;     /* Only if 'existed', as the next one. */
    struct smap external_ids;
};

struct old_sink {
    bool existed;
    struct sink_config sink;    /* Only if 'existed', as the next one. */
    struct smap external_ids;
};

struct old_group {
    bool existed;
    bool lacks_ports;           /* See changes_touch_port_rules(). */
    struct port_group group;    /* Only if 'existed', as the next one. */
    struct smap external_ids;
};

void
changes_init(struct changes *changes)
{
    shash_init(&changes->sessions);
    shash_init(&changes->sinks);
    shash_init(&changes->groups);
    svec_init(&changes->reported);
    svec_init(&changes->reported_groups);
    svec_init(&changes->isolations);
    svec_init(&changes->warnings);
    changes->strict = changes->differs = false;
}

/* Frees what 'changes' holds; it may be initialized again. */
void
changes_destroy(struct changes *changes)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &changes->sessions) {
        struct old_session *old = node->data;

        if (old->existed) {
            session_destroy(&old->session);
            smap_destroy(&old->external_ids);
        }
    }
    shash_destroy_free_data(&changes->sessions);
    SHASH_FOR_EACH (node, &changes->sinks) {
        struct old_sink *old = node->data;

        if (old->existed) {
            sink_config_destroy(&old->sink);
            smap_destroy(&old->external_ids);
        }
    }
    shash_destroy_free_data(&changes->sinks);
    SHASH_FOR_EACH (node, &changes->groups) {
        struct old_group *old = node->data;

        if (old->existed) {
            port_group_destroy(&old->group);
            smap_destroy(&old->external_ids);
        }
    }
    shash_destroy_free_data(&changes->groups);
    svec_destroy(&changes->reported);
    svec_destroy(&changes->reported_groups);
    svec_destroy(&changes->isolations);
    svec_destroy(&changes->warnings);
}

/* Is there a change that hosts have to follow? */
bool
changes_any(const struct changes *changes)
{
    return (!shash_is_empty(&changes->sessions)
            || !shash_is_empty(&changes->sinks)
            || !shash_is_empty(&changes->groups));
}

/* Does 'binding' leave ports out for what vSphere would refuse to change? */
static bool
lacks_ports(const struct spanrec_binding *binding)
{
    static const char *const reasons[] = {
        "VspanPortMove", "VspanPortPromiscChange",
        "VspanPortgroupPromiscChange", "VspanPromiscuousPortNotSupported",
    };

    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
        if (!strcmp(binding->state, "degraded")
            && !strcmp(binding->reason, reasons[i])) {
            return true;
        }
    }
    return false;
}

static bool
any_lacks_ports(struct spanrec_binding *const *bindings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (lacks_ports(bindings[i])) {
            return true;
        }
    }
    return false;
}

/* Does 'binding' leave ports out because of 'changes'?  A host keeps running
 * what it can of a group or session that has come to break a rule on
 * promiscuous ports; the command that made it so is refused all the same. */
bool
changes_touch_port_rules(const struct changes *changes,
                         const struct spanrec_binding *binding)
{
    const struct old_session *session
        = shash_find_data(&changes->sessions, binding->session_name);
    const struct old_group *group
        = shash_find_data(&changes->groups, binding->group_name);

    return (lacks_ports(binding)
            && ((session && !session->lacks_ports)
                || (group && !group->lacks_ports)));
}

/* To be called before the session 'name' is changed: 'row' is its row, or NULL
 * when it is about to be inserted. */
void
changes_note_session(struct changes *changes, const char *name,
                     const struct spanrec_session *row)
{
    if (!shash_find(&changes->sessions, name)) {
        struct old_session *old = xzalloc(sizeof *old);

        old->existed = row != NULL;
        if (row) {
            old->lacks_ports = any_lacks_ports(row->bindings, row->n_bindings);
            session_row_read(row, &old->session);
            smap_clone(&old->external_ids, &row->external_ids);
        }
        shash_add(&changes->sessions, name, old);
    }
}

/* To be called before the sink 'name' is changed: 'row' is its row, or NULL
 * when it is about to be inserted. */
void
changes_note_sink(struct changes *changes, const char *name,
                  const struct spanrec_sink *row)
{
    if (!shash_find(&changes->sinks, name)) {
        struct old_sink *old = xzalloc(sizeof *old);

        old->existed = row != NULL;
        if (row) {
            sink_row_read(row, &old->sink);
            smap_clone(&old->external_ids, &row->external_ids);
        }
        shash_add(&changes->sinks, name, old);
    }
}

/* To be called before the group 'name' is changed: 'row' is its row, or NULL
 * when it is about to be inserted. */
void
changes_note_group(struct changes *changes, const char *name,
                   const struct spanrec_port_group *row)
{
    if (!shash_find(&changes->groups, name)) {
        struct old_group *old = xzalloc(sizeof *old);

        old->existed = row != NULL;
        if (row) {
            old->lacks_ports = any_lacks_ports(row->bindings, row->n_bindings);
            group_row_read(row, &old->group);
            smap_clone(&old->external_ids, &row->external_ids);
        }
        shash_add(&changes->groups, name, old);
    }
}

/* Asks for a report on 'group' when the hosts have followed. */
void
changes_report_group(struct changes *changes, const char *group)
{
    if (!svec_contains_unsorted(&changes->reported_groups, group)) {
        svec_add(&changes->reported_groups, group);
    }
}

/* Asks for a warning if ports of 'group' are promiscuous without an end. */
void
changes_warn_of_group(struct changes *changes, const struct port_group *group)
{
    if (port_group_may_be_promiscuous(group) && !group->expires) {
        svec_add_nocopy(&changes->warnings, xasprintf(
            "group %s: its ports are promiscuous until somebody ends it; "
            "\"group-set %s ttl=SECONDS\" makes it end by itself",
            group->name, group->name));
    }
}

/* Asks for a report on 'session' when the hosts have followed. */
void
changes_report(struct changes *changes, const char *session)
{
    if (!svec_contains_unsorted(&changes->reported, session)) {
        svec_add(&changes->reported, session);
    }
}

static void
undo_session(const char *name, const struct old_session *old,
             const struct ovsdb_idl *idl, struct ovsdb_idl_txn *txn)
{
    const struct spanrec_session *row = session_row_find(idl, name);

    if (!old->existed) {
        if (row) {
            spanrec_session_delete(row);
        }
    } else if (row) {
        session_row_write(row, &old->session, txn);
    } else {
        row = session_row_insert(&old->session, txn);
        spanrec_session_set_external_ids(row, &old->external_ids);
    }
}

/* Is the sink 'name' a destination of a session? */
static bool
sink_is_used(const struct ovsdb_idl *idl, const char *name)
{
    const struct spanrec_session *row;

    SPANREC_SESSION_FOR_EACH (row, idl) {
        for (size_t i = 0; i < row->n_destinations; i++) {
            if (!strcmp(row->destinations[i]->kind, "sink")
                && !strcmp(row->destinations[i]->target, name)) {
                return true;
            }
        }
    }
    return false;
}

static void
undo_sink(const char *name, const struct old_sink *old,
          const struct ovsdb_idl *idl, struct ovsdb_idl_txn *txn)
{
    const struct spanrec_sink *row = sink_row_find(idl, name);

    if (!old->existed) {
        /* Somebody else's session may have come to use it meanwhile. */
        if (row && !sink_is_used(idl, name)) {
            spanrec_sink_delete(row);
        }
    } else if (row) {
        sink_row_write(row, &old->sink);
    } else {
        row = sink_row_insert(&old->sink, txn);
        spanrec_sink_set_external_ids(row, &old->external_ids);
    }
}

/* (A group that is new is deleted although somebody else's session may name it
 * meanwhile: then that session says so.) */
static void
undo_group(const char *name, const struct old_group *old,
           const struct ovsdb_idl *idl, struct ovsdb_idl_txn *txn)
{
    const struct spanrec_port_group *row = group_row_find(idl, name);

    if (!old->existed) {
        if (row) {
            spanrec_port_group_delete(row);
        }
    } else if (row) {
        group_row_write(row, &old->group);
    } else {
        row = group_row_insert(&old->group, txn);
        spanrec_port_group_set_external_ids(row, &old->external_ids);
    }
}

/* Writes into 'txn' what brings back the time before 'changes'. */
void
changes_undo(const struct changes *changes, const struct ovsdb_idl *idl,
             struct ovsdb_idl_txn *txn)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &changes->sessions) {
        undo_session(node->name, node->data, idl, txn);
    }
    SHASH_FOR_EACH (node, &changes->sinks) {
        undo_sink(node->name, node->data, idl, txn);
    }
    SHASH_FOR_EACH (node, &changes->groups) {
        undo_group(node->name, node->data, idl, txn);
    }
}

/* Increments Span_Global.next_cfg in 'txn', for the hosts to follow.  The new
 * value is ovsdb_idl_txn_get_increment_new_value() after the commit. */
void
changes_increment(struct ovsdb_idl *idl, struct ovsdb_idl_txn *txn)
{
    const struct spanrec_span_global *global = spanrec_span_global_first(idl);

    if (!global) {
        global = spanrec_span_global_insert(txn);
    }
    ovsdb_idl_txn_increment(txn, &global->header_,
                            &spanrec_span_global_col_next_cfg, false);
}
