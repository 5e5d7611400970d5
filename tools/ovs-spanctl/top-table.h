/* SPDX-License-Identifier: Apache-2.0 */

/* What "top" shows, as lines of text. */

#ifndef TOOLS_TOP_TABLE_H
#define TOOLS_TOP_TABLE_H 1

#include <stdbool.h>
#include <stddef.h>

struct live_row;

/* The columns, by which the table is sorted, too. */
enum top_column {
    TOP_SESSION,
    TOP_HOST,
    TOP_STATE,
    TOP_PACKETS,                /* Per second. */
    TOP_BYTES,                  /* Per second. */
    TOP_MIRRORED,
    TOP_WRITTEN,
    TOP_LOST,
    TOP_FREE,
    TOP_REASON,
    N_TOP_COLUMNS
};

struct top_options {
    enum top_column sort;
    bool reverse;
    const char *filter;         /* Part of a session's, host's, state's or
                                 * reason's name; "" = all. */
    bool all_hosts;             /* Also those where a session waits? */
    bool flat;                  /* A line for each host, no sums, numbers in
                                 * full? */
    int width;                  /* Of lines, columns. */
};

struct top_line {
    char *text;
    bool trouble;
};

struct top_lines {
    struct top_line *lines;
    size_t n;
};

void top_table_compute(const struct live_row *, size_t n,
                       const struct top_options *, struct top_lines *);
void top_table_summary(const struct live_row *, size_t n, int width,
                       struct top_lines *);
void top_table_notes(const struct live_row *, size_t n,
                     const struct top_options *, struct top_lines *);
void top_lines_destroy(struct top_lines *);

const char *top_column_title(enum top_column);
bool top_column_for_key(int key, enum top_column *);

#endif /* tools/ovs-spanctl/top-table.h */
