/* SPDX-License-Identifier: Apache-2.0 */

/* What a command line changed.
 *
 * Before a command changes a session or a sink it notes it here, with the
 * value that it had.  When a host then refuses the change, one transaction
 * writes the old values back: what was made is deleted, what was deleted is
 * made again, the rest gets its old settings. */

#include <config.h>

#include "spanctl.h"

#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/session-row.h"
#include "ovsdb-schema/span-idl.h"
#include "smap.h"
#include "util.h"

/* A session as it was before the first change to it. */
struct old_session {
    bool existed;
    struct session session;     /* Only if 'existed', as the next one. */
    struct smap external_ids;
};

struct old_sink {
    bool existed;
    struct sink_config sink;    /* Only if 'existed', as the next one. */
    struct smap external_ids;
};

void
changes_init(struct changes *changes)
{
    shash_init(&changes->sessions);
    shash_init(&changes->sinks);
    svec_init(&changes->reported);
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
    svec_destroy(&changes->reported);
}

/* Is there a change that hosts have to follow? */
bool
changes_any(const struct changes *changes)
{
    return (!shash_is_empty(&changes->sessions)
            || !shash_is_empty(&changes->sinks));
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
