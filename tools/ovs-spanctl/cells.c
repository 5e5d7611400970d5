/* SPDX-License-Identifier: Apache-2.0 */

/* Tables that commands print.  See cells.h. */

#include <config.h>

#include "cells.h"

#include "openvswitch/json.h"
#include "spanctl.h"
#include "table.h"
#include "util.h"

/* Initializes 'table' with 'n' columns that have these 'headings', and no row.
 * The caller must destroy it. */
void
cells_begin(struct table *table, const char *const headings[], size_t n)
{
    table_init(table);
    for (size_t i = 0; i < n; i++) {
        table_add_column(table, "%s", headings[i]);
    }
}

/* Returns such a table, for the caller to destroy and to free. */
struct table *
cells_create(const char *const headings[], size_t n)
{
    struct table *table = xmalloc(sizeof *table);

    cells_begin(table, headings, n);
    return table;
}

/* Adds the next cell of the row, with 'text', of which what a terminal must
 * not get is replaced. */
void
cells_add_text(struct table *table, const char *text)
{
    cells_add_text_nocopy(table, xstrdup(text));
}

/* The same; takes 'text' over. */
void
cells_add_text_nocopy(struct table *table, char *text)
{
    table_add_cell(table)->text = settings_make_printable(text);
}

/* Adds the next cell of the row. */
void
cells_add_number(struct table *table, int64_t number)
{
    table_add_cell(table)->json = json_integer_create(number);
}
