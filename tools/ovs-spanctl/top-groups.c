/* SPDX-License-Identifier: Apache-2.0 */

/* The sessions of "top", in order: see top-groups.h.  Pure. */

#include <config.h>

#include "top-groups.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

static bool
contains(const char *text, const char *part)
{
    size_t length = strlen(part);

    for (; strlen(text) >= length; text++) {
        if (!strncasecmp(text, part, length)) {
            return true;
        }
    }
    return false;
}

static bool
passes(const struct live_row *row, const char *filter)
{
    return (contains(row->session, filter) || contains(row->host, filter)
            || contains(row->state, filter) || contains(row->reason, filter));
}

static int
compare_names(const void *a_, const void *b_)
{
    const struct live_row *const *a = a_;
    const struct live_row *const *b = b_;
    int cmp = strcmp((*a)->session, (*b)->session);

    cmp = cmp ? cmp : strcmp((*a)->host, (*b)->host);
    return cmp ? cmp : strcmp((*a)->system_id, (*b)->system_id);
}

/* Returns those of the 'n' 'rows' that pass the filter, '*n_picked' of them,
 * by session and host, for the caller to free. */
const struct live_row **
top_rows_pick(const struct live_row *rows, size_t n, const char *filter,
          size_t *n_picked)
{
    const struct live_row **picked = xcalloc(n + 1, sizeof *picked);

    *n_picked = 0;
    for (size_t i = 0; i < n; i++) {
        if (passes(&rows[i], filter)) {
            picked[(*n_picked)++] = &rows[i];
        }
    }
    if (*n_picked) {
        qsort(picked, *n_picked, sizeof *picked, compare_names);
    }
    return picked;
}

/* Adds 'row' to the sum 'sum', which has its worst state. */
void
top_row_add_up(struct live_row *sum, const struct live_row *row)
{
    if (live_state_rank(row->state) < live_state_rank(sum->state)) {
        sum->state = row->state;
        sum->reason = row->reason;
    }
    sum->counts |= row->counts;
    sum->records |= row->records;
    sum->rated |= row->rated;
    for (size_t i = 0; i < N_LIVE_FIGURES; i++) {
        sum->figures[i] += row->figures[i];
        sum->rates[i] += row->rates[i];
    }
    if (row->disk_free >= 0
        && (sum->disk_free < 0 || row->disk_free < sum->disk_free)) {
        sum->disk_free = row->disk_free;
    }
}

/* Appends 'row' to 'g', which owns 'host' from then on. */
static void
add_item(struct top_group *g, const struct live_row *row, char *host,
         bool member)
{
    g->items = xrealloc(g->items, (g->n + 1) * sizeof *g->items);
    g->items[g->n] = (struct top_item) { *row, member };
    g->items[g->n++].row.host = host;
}

/* Makes the group of one session out of its 'n' 'rows', at least one. */
static void
make_group(struct top_group *g, const struct live_row **rows, size_t n,
           const struct top_options *o)
{
    size_t n_shown = 0, last = 0;

    memset(g, 0, sizeof *g);
    for (size_t i = 0; i < n; i++) {
        if (o->all_hosts || !live_row_waits(rows[i])) {
            n_shown++;
            last = i;
        }
    }
    if (n_shown == 1 || n == 1) {
        add_item(g, rows[last], xstrdup(rows[last]->host), false);
        return;
    }

    bool all = !n_shown;
    for (size_t i = 0; i < n; i++) {
        if (!all && !o->all_hosts && live_row_waits(rows[i])) {
            continue;
        }
        if (!g->n) {
            add_item(g, rows[i], xasprintf("%"PRIuSIZE" hosts",
                                           all ? n : n_shown), false);
        } else {
            top_row_add_up(&g->items[0].row, rows[i]);
        }
        if (!all) {
            add_item(g, rows[i], xstrdup(rows[i]->host), true);
        }
    }
}

/* Returns the '*n_groups' sessions in the 'n' 'rows', which are in the order
 * of names, for the caller to free with top_groups_destroy(). */
struct top_group *
top_groups_make(const struct live_row **rows, size_t n,
            const struct top_options *o, size_t *n_groups)
{
    struct top_group *groups = xcalloc(n + 1, sizeof *groups);
    size_t start = 0;

    *n_groups = 0;
    for (size_t i = 1; i <= n; i++) {
        if (i < n && !o->flat
            && !strcmp(rows[i]->session, rows[start]->session)) {
            continue;
        }
        make_group(&groups[(*n_groups)++], rows + start, i - start, o);
        start = i;
    }
    return groups;
}

/* Frees the 'n' 'groups'. */
void
top_groups_destroy(struct top_group *groups, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < groups[i].n; j++) {
            free(groups[i].items[j].row.host);
        }
        free(groups[i].items);
    }
    free(groups);
}

static int
compare_numbers(double a, double b)
{
    return a < b ? -1 : a > b;
}

/* Does the order by 'column' begin with the largest? */
static bool
largest_first(enum top_column column)
{
    return column >= TOP_PACKETS && column <= TOP_LOST;
}

/* Compares 'a' and 'b' by 'column', the first to be shown first. */
static int
compare_rows(const struct live_row *a, const struct live_row *b,
             enum top_column column)
{
    int cmp = 0;

    switch (column) {
    case TOP_SESSION:
        cmp = strcmp(a->session, b->session);
        break;
    case TOP_HOST:
        cmp = strcmp(a->host, b->host);
        break;
    case TOP_STATE:
        cmp = live_state_rank(a->state) - live_state_rank(b->state);
        break;
    case TOP_REASON:
        cmp = !*a->reason - !*b->reason;
        cmp = cmp ? cmp : strcmp(a->reason, b->reason);
        break;
    case TOP_PACKETS:
        cmp = compare_numbers(a->rates[LIVE_PACKETS], b->rates[LIVE_PACKETS]);
        break;
    case TOP_BYTES:
        cmp = compare_numbers(a->rates[LIVE_BYTES], b->rates[LIVE_BYTES]);
        break;
    case TOP_MIRRORED:
        cmp = compare_numbers(a->figures[LIVE_PACKETS],
                              b->figures[LIVE_PACKETS]);
        break;
    case TOP_WRITTEN:
        cmp = compare_numbers(a->figures[LIVE_WRITTEN],
                              b->figures[LIVE_WRITTEN]);
        break;
    case TOP_LOST:
        cmp = compare_numbers(a->figures[LIVE_LOST], b->figures[LIVE_LOST]);
        break;
    case TOP_FREE:              /* What is not known comes last. */
        cmp = compare_numbers((uint64_t) a->disk_free,
                              (uint64_t) b->disk_free);
        break;
    case N_TOP_COLUMNS:
    default:
        OVS_NOT_REACHED();
    }
    return largest_first(column) ? -cmp : cmp;
}

/* An insertion sort: qsort() passes no options and is not stable; here, what
 * is equal stays in the order of names. */
static void
sort_items(struct top_item *items, size_t n, const struct top_options *o)
{
    for (size_t i = 1; i < n; i++) {
        struct top_item item = items[i];
        size_t j = i;

        while (j > 0) {
            int cmp = compare_rows(&items[j - 1].row, &item.row, o->sort);

            if ((o->reverse ? -cmp : cmp) <= 0) {
                break;
            }
            items[j] = items[j - 1];
            j--;
        }
        items[j] = item;
    }
}

/* Puts the 'n' 'groups' and their items into the order that 'o' asks for. */
void
top_groups_sort(struct top_group *groups, size_t n,
                const struct top_options *o)
{
    for (size_t i = 1; i < n; i++) {
        struct top_group group = groups[i];
        size_t j = i;

        while (j > 0) {
            int cmp = compare_rows(&groups[j - 1].items[0].row,
                                   &group.items[0].row, o->sort);

            if ((o->reverse ? -cmp : cmp) <= 0) {
                break;
            }
            groups[j] = groups[j - 1];
            j--;
        }
        groups[j] = group;
    }
    for (size_t i = 0; i < n; i++) {
        if (groups[i].n > 1) {
            sort_items(groups[i].items + 1, groups[i].n - 1, o);
        }
    }
}
