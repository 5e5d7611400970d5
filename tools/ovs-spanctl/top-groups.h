/* SPDX-License-Identifier: Apache-2.0 */

/* The sessions of "top", in order.
 *
 * A session on several hosts has the sum, then an item for each host.  Hosts
 * where it waits, for in a cluster its machines are on others, are left out as
 * long as there is one where it does not. */

#ifndef TOOLS_TOP_GROUPS_H
#define TOOLS_TOP_GROUPS_H 1

#include <stdbool.h>
#include <stddef.h>

#include "live-row.h"
#include "top-table.h"

/* A line of the table before it has columns: of one row, or the sum of a
 * session's. */
struct top_item {
    struct live_row row;        /* Borrows its strings, but 'host'. */
    bool member;                /* Of the sum above? */
};

/* A session: its items, the sum first if there are several. */
struct top_group {
    struct top_item *items;
    size_t n;
};

const struct live_row **top_rows_pick(const struct live_row *, size_t n,
                                      const char *filter, size_t *n_picked);
void top_row_add_up(struct live_row *sum, const struct live_row *);

struct top_group *top_groups_make(const struct live_row **, size_t n,
                                  const struct top_options *,
                                  size_t *n_groups);
void top_groups_sort(struct top_group *, size_t n,
                     const struct top_options *);
void top_groups_destroy(struct top_group *, size_t n);

#endif /* tools/ovs-spanctl/top-groups.h */
