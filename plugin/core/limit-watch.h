/* SPDX-License-Identifier: Apache-2.0 */

/* Which ports send from more addresses than the mac_limit of their group
 * allows, and what of that is news.
 *
 * A port is over its limit from the first frame on that the rules have counted
 * as such, until none has come for a minute. */

#ifndef SPAN_CORE_LIMIT_WATCH_H
#define SPAN_CORE_LIMIT_WATCH_H 1

#include <stddef.h>
#include "group-news.h"
#include "wanted.h"

struct limit_entry;

/* Remembers from pass to pass. */
struct limit_watch {
    struct limit_entry *entries;         /* Sorted by port and group. */
    size_t n;
};

void limit_watch_init(struct limit_watch *);
void limit_watch_destroy(struct limit_watch *);
void limit_watch_update(struct limit_watch *, const struct wanted *,
                        long long int now, struct group_news *);

#endif /* plugin/core/limit-watch.h */
