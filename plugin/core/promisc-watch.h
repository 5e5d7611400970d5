/* SPDX-License-Identifier: Apache-2.0 */

/* Which ports are promiscuous on the switch, by whom, why and until when, and
 * what of that is news.
 *
 * What counts is what is observed, not what is asked for: a port is
 * promiscuous while a mirror of ours learns its addresses and the one of its
 * group that copies selects something.  It never gets a frame by our rules
 * otherwise. */

#ifndef SPAN_CORE_PROMISC_WATCH_H
#define SPAN_CORE_PROMISC_WATCH_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "group-news.h"
#include "openvswitch/uuid.h"
#include "smap.h"
#include "switch-state.h"
#include "wanted.h"

struct promisc_entry;

/* Remembers from pass to pass. */
struct promisc_watch {
    struct promisc_entry *entries;       /* Sorted by port and group. */
    size_t n;
    bool known;                 /* Was there a pass before? */
};

void promisc_watch_init(struct promisc_watch *);
void promisc_watch_destroy(struct promisc_watch *);
void promisc_watch_update(struct promisc_watch *, const struct switch_state *,
                          const struct wanted *, struct group_news *);

void promisc_watch_ports(const struct wanted_group *, struct smap *ports);
size_t promisc_watch_count(const struct smap *ports);

#endif /* plugin/core/promisc-watch.h */
