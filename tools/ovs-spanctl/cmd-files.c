/* SPDX-License-Identifier: Apache-2.0 */

/* files: the capture files that hosts tell of, or those in a directory. */

#include <config.h>

#include "cells.h"
#include "spanctl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture-dir.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "ovsdb-schema/span-idl.h"
#include "plugin/record/time-text.h"
#include "util.h"

/* A line of the table.  Numbers that are not known are CAPTURE_UNKNOWN. */
struct line {
    const char *host, *sink, *name, *state;
    uint64_t sequence;          /* Of the file. */
    uint64_t first, last;
    uint64_t packets, bytes, lost, gaps;
};

static void
add_number(struct table *table, uint64_t number)
{
    if (number == CAPTURE_UNKNOWN) {
        cells_add_text(table, "");
    } else {
        cells_add_number(table, number);
    }
}

static void
add_time(struct table *table, uint64_t ns)
{
    char text[TIME_TEXT_SIZE];

    cells_add_text(table, (ns == CAPTURE_UNKNOWN
                           ? "" : time_text_format(ns, text)));
}

static int
compare_lines(const void *a_, const void *b_)
{
    const struct line *a = a_, *b = b_;
    int cmp = strcmp(a->host, b->host);

    cmp = cmp ? cmp : strcmp(a->sink, b->sink);
    if (!cmp && a->sequence != b->sequence) {
        cmp = a->sequence < b->sequence ? -1 : 1;
    }
    return cmp ? cmp : strcmp(a->name, b->name);
}

/* Returns a table of the 'n' 'lines', which it sorts: newest last.  The caller
 * must destroy it. */
static struct table *
make_table(struct line *lines, size_t n)
{
    static const char *const headings[] = {
        "host", "sink", "name", "state", "first", "last", "packets", "bytes",
        "lost", "gaps",
    };
    struct table *table = cells_create(headings, ARRAY_SIZE(headings));

    if (n) {
        qsort(lines, n, sizeof *lines, compare_lines);
    }
    for (size_t i = 0; i < n; i++) {
        const struct line *line = &lines[i];

        table_add_row(table);
        cells_add_text(table, line->host);
        cells_add_text(table, line->sink);
        cells_add_text(table, line->name);
        cells_add_text(table, line->state);
        add_time(table, line->first);
        add_time(table, line->last);
        add_number(table, line->packets);
        add_number(table, line->bytes);
        add_number(table, line->lost);
        add_number(table, line->gaps);
    }
    return table;
}

/* Returns the name for people of the host 'system_id'. */
static const char *
find_host_name(const struct ovsdb_idl *idl, const char *system_id)
{
    const struct spanrec_host *host;

    SPANREC_HOST_FOR_EACH (host, idl) {
        if (!strcmp(host->system_id, system_id)) {
            return host_name(host);
        }
    }
    return system_id;
}

static uint64_t
get_optional(const int64_t *value)
{
    return value ? *value : CAPTURE_UNKNOWN;
}

/* files [SINK]: what the hosts say. */
void
cmd_files(struct ctl_context *ctx)
{
    const char *sink = ctx->argc > 1 ? ctx->argv[1] : NULL;
    const struct spanrec_recording *row;
    struct line *lines = NULL;
    size_t n = 0, allocated = 0;

    SPANREC_RECORDING_FOR_EACH (row, ctx->idl) {
        struct file_name parts;

        if (sink && strcmp(row->sink, sink)) {
            continue;
        }
        if (n >= allocated) {
            lines = x2nrealloc(lines, &allocated, sizeof *lines);
        }
        lines[n++] = (struct line) {
            .host = find_host_name(ctx->idl, row->host),
            .sink = row->sink,
            .name = row->name,
            .state = row->state,
            .sequence = (file_name_split(row->name, &parts)
                         ? parts.sequence : 0),
            .first = get_optional(row->first),
            .last = get_optional(row->last),
            .packets = row->packets,
            .bytes = row->bytes,
            .lost = row->lost,
            .gaps = row->gaps,
        };
    }
    ctx->table = make_table(lines, n);
    free(lines);
}

/* files --dir=DIR [SINK]: what is in 'dir' on this host, without a database.
 * 'sink' may be NULL.  Returns the exit code. */
int
files_run(const struct settings *settings, const char *dir, const char *sink)
{
    struct table_style style = settings->style;
    struct capture_dir files;
    char *error = capture_dir_read(&files, dir, sink);
    char host[256] = "";
    struct table *table;
    struct line *lines;

    if (error) {
        ovs_error(0, "%s", error);
        free(error);
        capture_dir_destroy(&files);
        return EXIT_REFUSED;
    }
    gethostname(host, sizeof host - 1);
    lines = xcalloc(files.n, sizeof *lines);
    for (size_t i = 0; i < files.n; i++) {
        const struct capture_entry *e = &files.entries[i];
        const struct manifest *m = e->has_manifest ? &e->manifest : NULL;

        lines[i] = (struct line) {
            .host = host,
            .sink = e->sink,
            .name = e->name,
            .state = (m && m->state ? m->state
                      : e->parts.part ? "open" : "closed"),
            .sequence = e->parts.sequence,
            .first = m ? m->first : CAPTURE_UNKNOWN,
            .last = m ? m->last : CAPTURE_UNKNOWN,
            .packets = m ? m->claims.packets : CAPTURE_UNKNOWN,
            .bytes = e->size,
            .lost = m ? m->claims.lost : CAPTURE_UNKNOWN,
            .gaps = m ? m->claims.gaps : CAPTURE_UNKNOWN,
        };
    }
    table = make_table(lines, files.n);
    if (!settings->style_given) {
        style.format = TF_TABLE;
    }
    table_print(table, &style);
    table_destroy(table);
    free(table);
    free(lines);
    capture_dir_destroy(&files);
    return EXIT_DONE;
}
