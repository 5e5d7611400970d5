/* SPDX-License-Identifier: Apache-2.0 */

/* list and show: what is asked for, and what the hosts say about it. */

#include <config.h>

#include "spanctl.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/session-row.h"
#include "ovsdb-schema/span-idl.h"
#include "timeval.h"
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

static void
add_text(struct table *table, const char *text)
{
    table_add_cell(table)->text = settings_make_printable(xstrdup(text));
}

static void
add_number(struct table *table, int64_t number)
{
    table_add_cell(table)->json = json_integer_create(number);
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
    add_text(table, s->name);
    add_text(table, binding ? binding_host(binding) : "");
    add_text(table, (binding ? binding->state
                     : s->enabled ? "waiting" : "disabled"));
    add_text(table, binding ? binding->reason : "no-host");
    add_text(table, session_type_to_string(s->type));
    table_add_cell(table)->text = settings_make_printable(join_sources(s));
    table_add_cell(table)->text
        = settings_make_printable(join_destinations(s));
    add_text(table, s->filter);
    add_number(table, s->snaplen);
    add_text(table, s->owner);
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

    ctx->table = xmalloc(sizeof *ctx->table);
    table_init(ctx->table);
    for (size_t i = 0; i < ARRAY_SIZE(headings); i++) {
        table_add_column(ctx->table, "%s", headings[i]);
    }
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

/* Appends 'what' and the time 'msec', in milliseconds since 1970. */
void
show_time(struct ds *out, const char *what, int64_t msec)
{
    struct tm_msec tm;
    char text[64];

    if (gmtime_msec(msec, &tm)
        && strftime_msec(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm)) {
        ds_put_format(out, "%s%s UTC", what, text);
    }
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
show_counters(struct ds *out, const struct spanrec_binding *binding)
{
    for (size_t i = 0; i < binding->n_counters; i++) {
        const char *key = binding->key_counters[i];
        int64_t value = binding->value_counters[i];
        bool cut = value && !strcmp(key, "cut_packets");

        ds_put_format(out, "        %s: %"PRId64"%s\n", key, value,
                      cut ? " (longer than what fits on the way)" : "");
    }
}

static void
show_estimate(struct ds *out, const struct spanrec_binding *binding)
{
    const char *text = smap_get(&binding->estimate, "text");

    if (text) {
        char *line = settings_make_printable(xstrdup(text));

        ds_put_format(out, "        %s\n", line);
        free(line);
    }
}

/* Appends the state in 'binding' and the reasons for it, and the counters. */
void
show_verdict(struct ds *out, const struct spanrec_binding *binding)
{
    ds_put_format(out, "    %s on %s", binding->state,
                  binding_host(binding));
    if (binding->since) {
        show_time(out, " since ", binding->since);
    }
    if (binding->reason[0]) {
        ds_put_format(out, ": %s", binding->reason);
    }
    ds_put_char(out, '\n');
    if (binding->detail[0]) {
        ds_put_format(out, "        %s\n", binding->detail);
    }
    show_estimate(out, binding);
    show_counters(out, binding);
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
    char *name = settings_make_printable(xstrdup(row->name));

    ds_put_format(out, "session %s\n", name);
    free(name);
    for (size_t i = 0; i < lines.n; i++) {
        ds_put_format(out, "    %s\n",
                      settings_make_printable(lines.names[i]));
    }
    if (fault_is_set(&s.fault)) {
        ds_put_format(out, "    stored, but not understood: %s\n",
                      s.fault.detail);
    }
    if (s.expires) {
        show_time(out, "    expires ",
                  MIN(s.expires, INT64_MAX / 1000) * 1000);
        ds_put_char(out, '\n');
    }
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
