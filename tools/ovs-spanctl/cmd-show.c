/* SPDX-License-Identifier: Apache-2.0 */

/* list and show: what is asked for, and what the hosts say about it. */

#include <config.h>

#include "cells.h"
#include "spanctl.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/session-row.h"
#include "ovsdb-schema/span-idl.h"
#include "util.h"

static int
compare_sessions(const void *a_, const void *b_)
{
    const struct spanrec_session *const *a = a_;
    const struct spanrec_session *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

/* Returns the '*n' sessions sorted by name.  The caller must free the
 * array. */
const struct spanrec_session **
session_rows_sorted(const struct ovsdb_idl *idl, size_t *n)
{
    const struct spanrec_session **rows = NULL;
    const struct spanrec_session *row;
    size_t allocated = 0;

    *n = 0;
    SPANREC_SESSION_FOR_EACH (row, idl) {
        if (*n >= allocated) {
            rows = x2nrealloc(rows, &allocated, sizeof *rows);
        }
        rows[(*n)++] = row;
    }
    if (*n) {
        qsort(rows, *n, sizeof *rows, compare_sessions);
    }
    return rows;
}

/* Returns the sources of 's', separated by spaces, for the caller to free. */
static char *
join_sources(const struct session *s)
{
    struct svec list = SVEC_EMPTY_INITIALIZER;
    char *joined;

    for (size_t i = 0; i < s->n_sources; i++) {
        svec_add_nocopy(&list, source_to_string(&s->sources[i]));
    }
    joined = svec_join(&list, " ", "");
    svec_destroy(&list);
    return joined;
}

/* Returns the destinations of 's', separated by spaces, for the caller to
 * free. */
static char *
join_destinations(const struct session *s)
{
    struct svec list = SVEC_EMPTY_INITIALIZER;
    char *joined;

    for (size_t i = 0; i < s->n_destinations; i++) {
        svec_add_nocopy(&list, destination_to_string(&s->destinations[i]));
    }
    joined = svec_join(&list, " ", "");
    svec_destroy(&list);
    return joined;
}

/* Adds the line of 's' on the host of 'binding'; NULL when no host says
 * anything about it. */
static void
list_line(struct table *table, const struct session *s,
          const struct spanrec_binding *binding)
{
    table_add_row(table);
    cells_add_text(table, s->name);
    cells_add_text(table, binding ? binding_host(binding) : "");
    cells_add_text(table, (binding ? binding->state
                           : s->enabled ? "waiting" : "disabled"));
    cells_add_text(table, binding ? binding->reason : "no-host");
    cells_add_text(table, session_type_to_string(s->type));
    cells_add_text_nocopy(table, join_sources(s));
    cells_add_text_nocopy(table, join_destinations(s));
    cells_add_text(table, s->filter);
    cells_add_number(table, s->snaplen);
    cells_add_text(table, s->owner);
}

void
cmd_list(struct ctl_context *ctx)
{
    static const char *const headings[] = {
        "name", "host", "state", "reason", "type", "sources",
        "destinations", "filter", "snaplen", "owner",
    };
    size_t n;
    const struct spanrec_session **rows = session_rows_sorted(ctx->idl, &n);

    ctx->table = cells_create(headings, ARRAY_SIZE(headings));
    for (size_t i = 0; i < n; i++) {
        size_t n_bindings;
        struct spanrec_binding **bindings
            = hosts_bindings(ctx->idl, rows[i]->name, &n_bindings);
        struct session s;

        session_row_read(rows[i], &s);
        for (size_t j = 0; j < n_bindings; j++) {
            list_line(ctx->table, &s, bindings[j]);
        }
        if (!n_bindings) {
            list_line(ctx->table, &s, NULL);
        }
        session_destroy(&s);
        free(bindings);
    }
    free(rows);
}

/* Returns the directory of the files of the sink 'name' on the host of
 * 'binding', for the caller to free. */
static char *
sink_directory(const struct ovsdb_idl *idl, const char *name,
               const struct spanrec_binding *binding)
{
    const struct spanrec_sink *row = sink_row_find(idl, name);
    const char *dir = row && row->dir[0] ? row->dir : name;
    const char *root = (binding->host
                        ? smap_get(&binding->host->status, "capture_dir")
                        : NULL);

    return root ? xasprintf("%s/%s", root, dir) : xstrdup(dir);
}

/* Shows where the sink 'name' records on the host of 'binding': the files that
 * are being written, or the last one. */
static void
show_sink(struct ds *out, const struct ovsdb_idl *idl, const char *name,
          const struct spanrec_binding *binding)
{
    const struct spanrec_recording *row, *last = NULL;
    char *dir = sink_directory(idl, name, binding);
    bool open = false;

    ds_put_format(out, "        sink %s: files in %s\n", name, dir);
    SPANREC_RECORDING_FOR_EACH (row, idl) {
        if (strcmp(row->host, binding->system_id)
            || strcmp(row->sink, name)) {
            continue;
        }
        if (!last || strcmp(row->name, last->name) > 0) {
            last = row;
        }
        if (!strcmp(row->state, "open")) {
            ds_put_format(out, "        file: %s/%s, open\n", dir, row->name);
            open = true;
        }
    }
    if (last && !open) {
        ds_put_format(out, "        file: %s/%s, %s, %"PRId64" packets, "
                      "%"PRId64" bytes\n", dir, last->name, last->state,
                      last->packets, last->bytes);
    }
    free(dir);
}

static void
show_binding(struct ds *out, const struct ovsdb_idl *idl,
             const struct session *s, const struct spanrec_binding *binding)
{
    show_verdict(out, binding);
    for (size_t i = 0; i < s->n_destinations; i++) {
        if (s->destinations[i].kind == DESTINATION_SINK) {
            show_sink(out, idl, s->destinations[i].target, binding);
        }
    }
}

static void
show_session(struct ctl_context *ctx, const struct spanrec_session *row)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    struct ds *out = &ctx->output;
    size_t n;
    struct spanrec_binding **bindings
        = hosts_bindings(ctx->idl, row->name, &n);
    struct session s;

    session_row_read(row, &s);
    settings_of_session(&s, &lines);
    show_settings(out, "session", row->name, &lines, &s.fault);
    show_expiry(out, "expires", s.expires);
    for (size_t i = 0; i < n; i++) {
        show_binding(out, ctx->idl, &s, bindings[i]);
    }
    if (!n) {
        ds_put_cstr(out, "    no host says anything about it, so nothing is "
                    "mirrored\n");
    }
    session_destroy(&s);
    svec_destroy(&lines);
    free(bindings);
}

void
cmd_show(struct ctl_context *ctx)
{
    size_t n;
    const struct spanrec_session **rows;

    if (ctx->argc > 1) {
        const struct spanrec_session *row
            = session_row_find(ctx->idl, ctx->argv[1]);

        if (row) {
            show_session(ctx, row);
        } else {
            ctl_error(ctx, "%.80s: there is no session of this name; \"list\" "
                      "shows which there are", ctx->argv[1]);
        }
        return;
    }

    rows = session_rows_sorted(ctx->idl, &n);
    for (size_t i = 0; i < n; i++) {
        show_session(ctx, rows[i]);
    }
    free(rows);
}
