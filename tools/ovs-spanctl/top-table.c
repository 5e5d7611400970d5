/* SPDX-License-Identifier: Apache-2.0 */

/* What "top" shows: rows, one for each session and host, become sorted lines
 * that fit a width.  See top-table.h.  Pure. */

#include <config.h>

#include "top-groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live-row.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* A column: its heading, the key that sorts by it, how wide it is and which
 * columns go first when there is little room. */
static const struct column {
    const char *title;
    char key;
    int width;                  /* 0 = as wide as needed. */
    int drop;                   /* The higher, the earlier; 0 = never. */
    bool right;                 /* Numbers. */
} columns[N_TOP_COLUMNS] = {
    [TOP_SESSION] = { "SESSION", 'N', 0, 0, false },
    [TOP_HOST] = { "HOST", 'H', 0, 0, false },
    [TOP_STATE] = { "STATE", 'S', 8, 0, false },
    [TOP_PACKETS] = { "PKT/S", 'P', 6, 1, true },
    [TOP_BYTES] = { "B/S", 'B', 5, 4, true },
    [TOP_MIRRORED] = { "MIRRORED", 'M', 9, 3, true },
    [TOP_WRITTEN] = { "WRITTEN", 'W', 9, 5, true },
    [TOP_LOST] = { "LOST", 'L', 8, 2, true },
    [TOP_FREE] = { "FREE", 'F', 5, 6, true },
    [TOP_REASON] = { "REASON", 'E', 0, 7, false },
};

/* The least widths of the columns that are as wide as needed. */
#define MIN_SESSION 7
#define MIN_HOST 4
#define MIN_REASON 6

const char *
top_column_title(enum top_column column)
{
    return columns[column].title;
}

/* Returns true, and stores which, if the letter 'key' sorts by a column. */
bool
top_column_for_key(int key, enum top_column *column)
{
    for (int i = 0; i < N_TOP_COLUMNS; i++) {
        if (columns[i].key == key) {
            *column = i;
            return true;
        }
    }
    return false;
}

/* Frees the lines, but not 'l' itself. */
void
top_lines_destroy(struct top_lines *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->lines[i].text);
    }
    free(l->lines);
    l->lines = NULL;
    l->n = 0;
}

/* Appends 'text', which 'l' owns from then on. */
static void
add_line(struct top_lines *l, char *text, bool trouble)
{
    l->lines = xrealloc(l->lines, (l->n + 1) * sizeof *l->lines);
    l->lines[l->n++] = (struct top_line) { text, trouble };
}

/* ------------------------------------------------------------- columns -- */

/* Writes what column 'c' says of 'item' into 's'; "-" where nothing is
 * known. */
static void
put_cell(char *s, size_t size, const struct top_item *item, enum top_column c,
         const struct top_options *o)
{
    const struct live_row *row = &item->row;
    int width = o->flat ? 20 : columns[c].width;

    ovs_strlcpy(s, "-", size);
    if (c == TOP_PACKETS && row->rated) {
        live_put_number(s, size, row->rates[LIVE_PACKETS] + 0.5, width);
    } else if (c == TOP_BYTES && row->rated) {
        if (o->flat) {
            live_put_number(s, size, row->rates[LIVE_BYTES] + 0.5, width);
        } else {
            live_put_scaled(s, size, row->rates[LIVE_BYTES]);
        }
    } else if (c == TOP_MIRRORED && row->counts) {
        live_put_number(s, size, row->figures[LIVE_PACKETS], width);
    } else if (c == TOP_WRITTEN && row->records) {
        live_put_number(s, size, row->figures[LIVE_WRITTEN], width);
    } else if (c == TOP_LOST && row->counts) {
        live_put_number(s, size, row->figures[LIVE_LOST], width);
    } else if (c == TOP_FREE && row->disk_free >= 0) {
        if (o->flat) {
            live_put_number(s, size, row->disk_free, width);
        } else {
            live_put_scaled(s, size, row->disk_free);
        }
    }
}

/* Returns what column 'c' says of 'item', NULL if it is a number. */
static const char *
text_cell(const struct top_item *item, enum top_column c)
{
    return (c == TOP_SESSION ? item->member ? "" : item->row.session
            : c == TOP_HOST ? *item->row.host ? item->row.host : "-"
            : c == TOP_STATE ? item->row.state
            : c == TOP_REASON ? item->row.reason : NULL);
}

/* Returns the width that column 'c' would like to have for all 'groups'. */
static int
wanted_width(enum top_column c, const struct top_group *groups, size_t n,
             const struct top_options *o)
{
    int width = strlen(columns[c].title);

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < groups[i].n; j++) {
            const char *text = text_cell(&groups[i].items[j], c);
            char number[32];

            if (!text) {
                put_cell(number, sizeof number, &groups[i].items[j], c, o);
                text = number;
            }
            width = MAX(width, live_text_width(text));
        }
    }
    return width;
}

/* Finds the 'widths' of columns for lines of 'o->width'; 0 = not shown. */
static void
find_widths(const struct top_group *groups, size_t n,
            const struct top_options *o, int widths[N_TOP_COLUMNS])
{
    int session = wanted_width(TOP_SESSION, groups, n, o);
    int host = wanted_width(TOP_HOST, groups, n, o);
    int least = MIN(session, MIN_SESSION) + MIN(host, MIN_HOST) + 1;
    int left = o->width - least;
    int drop = 0;

    for (int i = 0; i < N_TOP_COLUMNS; i++) {
        widths[i] = (o->flat ? wanted_width(i, groups, n, o)
                     : columns[i].width);
        if (i != TOP_SESSION && i != TOP_HOST && i != TOP_REASON) {
            left -= widths[i] + 1;
        }
    }
    for (drop = 6; drop > 0 && left < 0; drop--) {
        for (int i = 0; i < N_TOP_COLUMNS; i++) {
            if (columns[i].drop == drop) {
                left += widths[i] + 1;
                widths[i] = 0;
            }
        }
    }

    /* Names take what is left, the host no more than a third of it. */
    left = MAX(left, 0);
    int more_host = MIN(MAX(host - MIN_HOST, 0), left);
    int more_session = MIN(MAX(session - MIN_SESSION, 0), left);
    if (more_host + more_session > left) {
        more_host = MIN(more_host, MAX(left / 3, left - more_session));
        more_session = left - more_host;
    }
    widths[TOP_HOST] = MIN(host, MIN_HOST) + more_host;
    widths[TOP_SESSION] = MIN(session, MIN_SESSION) + more_session;
    left -= more_host + more_session + 1;
    widths[TOP_REASON] = (left >= MIN_REASON
                          ? MIN(left, wanted_width(TOP_REASON, groups, n, o))
                          : 0);
}

/* Appends 'text' as the next cell, 'width' columns wide. */
static void
put_column(struct ds *line, const char *text, int width, bool right)
{
    char *cell = live_text_fit(text, width);
    int pad = width - live_text_width(cell);

    if (line->length) {
        ds_put_char(line, ' ');
    }
    ds_put_char_multiple(line, ' ', right ? pad : 0);
    ds_put_cstr(line, cell);
    ds_put_char_multiple(line, ' ', right ? 0 : pad);
    free(cell);
}

/* Returns 'line', which this takes, without blanks at its end and cut to
 * 'width'. */
static char *
finish_line(struct ds *line, int width)
{
    char *text;

    ds_chomp(line, '\n');
    while (ds_chomp(line, ' ')) {
        continue;
    }
    text = live_text_fit(ds_cstr(line), width);
    ds_destroy(line);
    return text;
}

/* Returns the line of 'item', or the headings if it is NULL. */
static char *
make_line(const struct top_item *item, const int widths[N_TOP_COLUMNS],
          const struct top_options *o)
{
    struct ds line = DS_EMPTY_INITIALIZER;

    for (int i = 0; i < N_TOP_COLUMNS; i++) {
        const char *text = item ? text_cell(item, i) : columns[i].title;
        char number[32];

        if (!text) {
            put_cell(number, sizeof number, item, i, o);
            text = number;
        }
        if (widths[i]) {
            put_column(&line, text, widths[i], columns[i].right);
        }
    }
    return finish_line(&line, o->width);
}

/* Makes '*l', for the caller to destroy, the table of the 'n' 'rows': a line
 * of headings, then the sessions. */
void
top_table_compute(const struct live_row *rows, size_t n,
                  const struct top_options *o, struct top_lines *l)
{
    int widths[N_TOP_COLUMNS];
    size_t n_picked, n_groups;
    const struct live_row **picked = top_rows_pick(rows, n, o->filter,
                                                   &n_picked);
    struct top_group *groups = top_groups_make(picked, n_picked, o, &n_groups);

    memset(l, 0, sizeof *l);
    top_groups_sort(groups, n_groups, o);
    find_widths(groups, n_groups, o, widths);
    add_line(l, make_line(NULL, widths, o), false);
    for (size_t i = 0; i < n_groups; i++) {
        for (size_t j = 0; j < groups[i].n; j++) {
            const struct top_item *item = &groups[i].items[j];

            add_line(l, make_line(item, widths, o),
                     live_row_is_trouble(&item->row));
        }
    }
    top_groups_destroy(groups, n_groups);
    free(picked);
}

/* ------------------------------------------------------------- summary -- */

/* Counts the sessions in 'rows', 'n' in the order of names, and of how many of
 * them the worst state is the one of each rank. */
static size_t
count_states(const struct live_row **rows, size_t n, size_t counts[],
             size_t n_counts)
{
    size_t n_sessions = 0;

    for (size_t i = 0; i < n; ) {
        int worst = live_state_rank(rows[i]->state);
        size_t start = i;

        for (i++; i < n && !strcmp(rows[i]->session, rows[start]->session);
             i++) {
            worst = MIN(worst, live_state_rank(rows[i]->state));
        }
        if (worst >= 0 && worst < n_counts) {
            counts[worst]++;
        }
        n_sessions++;
    }
    return n_sessions;
}

/* Makes '*l', for the caller to destroy, one line on all of the 'n' 'rows'. */
void
top_table_summary(const struct live_row *rows, size_t n, int width,
                  struct top_lines *l)
{
    static const char *const words[] = {
        "refused", "degraded", "active", "waiting", "expired", "disabled",
    };
    size_t counts[ARRAY_SIZE(words)] = { 0 };
    size_t n_picked;
    const struct live_row **picked = top_rows_pick(rows, n, "", &n_picked);
    size_t n_sessions = count_states(picked, n_picked, counts,
                                     ARRAY_SIZE(counts));
    struct live_row sum = { .state = "", .disk_free = -1 };
    struct ds line = DS_EMPTY_INITIALIZER;
    char packets[16], bytes[16];
    const char *separator = ":";

    for (size_t i = 0; i < n; i++) {
        top_row_add_up(&sum, &rows[i]);
    }
    ds_put_format(&line, "%"PRIuSIZE" session%s", n_sessions,
                  n_sessions == 1 ? "" : "s");
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (counts[i]) {
            ds_put_format(&line, "%s %"PRIuSIZE" %s", separator, counts[i],
                          words[i]);
            separator = ",";
        }
    }
    live_put_number(packets, sizeof packets, sum.rates[LIVE_PACKETS] + 0.5, 6);
    live_put_scaled(bytes, sizeof bytes, sum.rates[LIVE_BYTES]);
    ds_put_format(&line, "; %s packets/s, %sB/s mirrored", packets, bytes);
    memset(l, 0, sizeof *l);
    add_line(l, finish_line(&line, width), counts[0] || counts[1]);
    free(picked);
}

/* Adds 'text' to 'l' in lines of at most 'width' columns, cut between words,
 * all but the first indented. */
static void
add_wrapped(struct top_lines *l, const char *text, int width)
{
    const char *indent = "";

    while (*text) {
        int room = width - (int) strlen(indent);
        size_t length = 0, fits = 0;

        /* As many words as fit, and one at least. */
        while (text[length]) {
            size_t end = length + strcspn(text + length, " ");
            char *part = xmemdup0(text, end);
            bool ok = live_text_width(part) <= room;

            free(part);
            if (!ok && fits) {
                break;
            }
            fits = end;
            length = end + strspn(text + end, " ");
        }
        char *part = xmemdup0(text, fits);
        struct ds line = DS_EMPTY_INITIALIZER;

        ds_put_format(&line, "%s%s", indent, part);
        add_line(l, finish_line(&line, width), true);
        free(part);
        text += fits;
        text += strspn(text, " ");
        indent = "  ";
    }
}

/* Makes '*l', for the caller to destroy, sentences on what is wrong with those
 * of the 'n' 'rows' that are shown, in the order of names. */
void
top_table_notes(const struct live_row *rows, size_t n,
                const struct top_options *o, struct top_lines *l)
{
    size_t n_picked;
    const struct live_row **picked = top_rows_pick(rows, n, o->filter,
                                                   &n_picked);

    memset(l, 0, sizeof *l);
    for (size_t i = 0; i < n_picked; i++) {
        const struct live_row *row = picked[i];

        if (live_row_is_trouble(row)) {
            char *text = xasprintf("%s%s%s: %s: %s", row->session,
                                   *row->host ? " on " : "", row->host,
                                   row->reason, row->detail);

            add_wrapped(l, text, o->width);
            free(text);
        }
    }
    free(picked);
}
