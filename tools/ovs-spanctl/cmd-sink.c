/* SPDX-License-Identifier: Apache-2.0 */

/* sink-add, sink-set, sink-del, sink-list. */

#include <config.h>

#include "cells.h"
#include "spanctl.h"

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/session-row.h"
#include "ovsdb-schema/span-idl.h"
#include "table.h"
#include "util.h"

/* Returns the names of the sessions that record to the sink 'name', separated
 * by spaces, for the caller to free. */
static char *
sink_users(const struct ovsdb_idl *idl, const char *name)
{
    const struct spanrec_session *row;
    struct svec users = SVEC_EMPTY_INITIALIZER;
    char *joined;

    SPANREC_SESSION_FOR_EACH (row, idl) {
        for (size_t i = 0; i < row->n_destinations; i++) {
            if (!strcmp(row->destinations[i]->kind, "sink")
                && !strcmp(row->destinations[i]->target, name)) {
                svec_add(&users, row->name);
            }
        }
    }
    svec_sort_unique(&users);
    joined = svec_join(&users, " ", "");
    svec_destroy(&users);
    return joined;
}

/* Is the session called 'name' refused somewhere already? */
static bool
session_is_refused(const struct ovsdb_idl *idl, const char *name)
{
    bool refused = false;
    size_t n;
    struct spanrec_binding **bindings = hosts_bindings(idl, name, &n);

    for (size_t i = 0; i < n; i++) {
        refused = refused || !strcmp(bindings[i]->state, "refused");
    }
    free(bindings);
    return refused;
}

/* Asks for a report on every session that records to the sink 'name', save
 * those whose trouble is older than the change of the sink. */
static void
report_users(struct ctl_context *ctx, const char *name)
{
    char *users = sink_users(ctx->idl, name);
    struct svec list = SVEC_EMPTY_INITIALIZER;

    svec_parse_words(&list, users);
    for (size_t i = 0; i < list.n; i++) {
        if (!session_is_refused(ctx->idl, list.names[i])) {
            changes_report(span_context_cast(ctx)->changes, list.names[i]);
        }
    }
    svec_destroy(&list);
    free(users);
}

/* Writes 'sink' over 'row', or as a new row when 'row' is NULL.  Changes
 * nothing when nothing changes. */
void
sink_store(struct ctl_context *ctx, const struct spanrec_sink *row,
           const struct sink_config *sink)
{
    struct changes *changes = span_context_cast(ctx)->changes;

    if (!row) {
        changes_note_sink(changes, sink->name, NULL);
        sink_row_insert(sink, ctx->txn);
        return;
    }

    struct sink_config old;

    sink_row_read(row, &old);
    if (!settings_same_sink(&old, sink)) {
        spanrec_sink_verify_name(row);
        changes_note_sink(changes, sink->name, row);
        sink_row_write(row, sink);
    }
    sink_config_destroy(&old);
}

/* Parses the key=value words from ctx->argv[2] on into 'sink' and checks the
 * whole.  Returns false, with an error reported, when something is wrong. */
static bool
parse_sink(struct ctl_context *ctx, struct sink_config *sink)
{
    struct fault fault = FAULT_INITIALIZER;
    char *key = settings_repeated_key(ctx->argv + 2, ctx->argc - 2);

    if (key) {
        ctl_error(ctx, "%.80s: %.80s= is given twice", sink->name, key);
        free(key);
        return false;
    }
    for (int i = 2; !fault_is_set(&fault) && i < ctx->argc; i++) {
        sink_config_parse_arg(sink, ctx->argv[i], &fault);
    }
    if (fault_is_set(&fault) || !sink_config_check(sink, &fault)) {
        ctl_error(ctx, "%.80s: %s (%s)", sink->name, fault.detail,
                  fault.reason);
        fault_clear(&fault);
        return false;
    }
    return true;
}

/* "sink-add" of a sink that exists: fine with --may-exist if it is the
 * same. */
static void
add_existing(struct ctl_context *ctx, const struct spanrec_sink *row,
             const struct sink_config *sink)
{
    struct sink_config old;

    sink_row_read(row, &old);
    if (!shash_find(&ctx->options, "--may-exist")) {
        ctl_error(ctx, "%.80s: a sink of this name exists already; use "
                  "\"sink-set\" to change it", sink->name);
    } else if (!settings_same_sink(&old, sink)) {
        ctl_error(ctx, "%.80s: a sink of this name exists already, with other "
                  "settings; use \"sink-set\" to change it", sink->name);
    }
    sink_config_destroy(&old);
}

void
cmd_sink_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const struct spanrec_sink *row = sink_row_find(ctx->idl, name);
    struct sink_config sink;

    sink_config_init(&sink, name);
    if (!parse_sink(ctx, &sink)) {
        /* Reported. */
    } else if (row) {
        add_existing(ctx, row, &sink);
    } else {
        sink_store(ctx, NULL, &sink);
    }
    sink_config_destroy(&sink);
}

void
cmd_sink_set(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const struct spanrec_sink *row = sink_row_find(ctx->idl, name);
    struct sink_config sink;

    if (!row) {
        if (!shash_find(&ctx->options, "--if-exists")) {
            ctl_error(ctx, "%.80s: there is no sink of this name; "
                      "\"sink-list\" shows which there are", name);
        }
        return;
    }
    sink_row_read(row, &sink);
    if (parse_sink(ctx, &sink)) {
        report_users(ctx, name);
        sink_store(ctx, row, &sink);
    }
    sink_config_destroy(&sink);
}

/* Deletes the sink 'row', which no session may use.  Its files stay. */
void
sink_delete(struct ctl_context *ctx, const struct spanrec_sink *row)
{
    spanrec_sink_verify_name(row);
    changes_note_sink(span_context_cast(ctx)->changes, row->name, row);
    spanrec_sink_delete(row);
}

void
cmd_sink_del(struct ctl_context *ctx)
{
    for (int i = 1; i < ctx->argc; i++) {
        const char *name = ctx->argv[i];
        const struct spanrec_sink *row = sink_row_find(ctx->idl, name);
        char *users = sink_users(ctx->idl, name);

        if (!row) {
            if (!shash_find(&ctx->options, "--if-exists")) {
                ctl_error(ctx, "%.80s: there is no sink of this name; "
                          "\"sink-list\" shows which there are", name);
            }
        } else if (users[0]) {
            ctl_error(ctx, "%.80s: still in use; delete the sessions that "
                      "record to it, or give them another dest=, first: %s",
                      name, users);
        } else {
            sink_delete(ctx, row);
        }
        free(users);
        if (ctx->error) {
            return;
        }
    }
}

static int
compare_sinks(const void *a_, const void *b_)
{
    const struct spanrec_sink *const *a = a_;
    const struct spanrec_sink *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

static void
list_sink(struct ctl_context *ctx, const struct spanrec_sink *row)
{
    struct svec settings = SVEC_EMPTY_INITIALIZER;
    struct sink_config sink;

    sink_row_read(row, &sink);
    settings_of_sink(&sink, &settings);
    table_add_row(ctx->table);
    cells_add_text(ctx->table, sink.name);
    cells_add_text(ctx->table, sink.format);
    cells_add_text(ctx->table, sink.dir[0] ? sink.dir : sink.name);
    cells_add_text_nocopy(ctx->table, sink_users(ctx->idl, sink.name));
    cells_add_text_nocopy(ctx->table, svec_join(&settings, " ", ""));
    sink_config_destroy(&sink);
    svec_destroy(&settings);
}

/* Returns the '*n' sinks sorted by name.  The caller must free the array. */
const struct spanrec_sink **
sink_rows_sorted(const struct ovsdb_idl *idl, size_t *n)
{
    const struct spanrec_sink **rows = NULL;
    const struct spanrec_sink *row;
    size_t allocated = 0;

    *n = 0;
    SPANREC_SINK_FOR_EACH (row, idl) {
        if (*n >= allocated) {
            rows = x2nrealloc(rows, &allocated, sizeof *rows);
        }
        rows[(*n)++] = row;
    }
    if (*n) {
        qsort(rows, *n, sizeof *rows, compare_sinks);
    }
    return rows;
}

void
cmd_sink_list(struct ctl_context *ctx)
{
    static const char *const headings[] = {
        "name", "format", "dir", "sessions", "settings",
    };
    size_t n;
    const struct spanrec_sink **rows = sink_rows_sorted(ctx->idl, &n);

    ctx->table = cells_create(headings, ARRAY_SIZE(headings));
    for (size_t i = 0; i < n; i++) {
        list_sink(ctx, rows[i]);
    }
    free(rows);
}
