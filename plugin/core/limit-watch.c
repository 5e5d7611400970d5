/* SPDX-License-Identifier: Apache-2.0 */

/* Which ports are over their limit of addresses, and what of it is news: see
 * limit-watch.h. */

#include <config.h>
#include "limit-watch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mac-limit.h"
#include "openvswitch/util.h"
#include "util.h"
#include "uuid.h"

/* A port is within its limit when it has sent nothing over it for so long, in
 * milliseconds. */
#define QUIET 60000

/* A port with a limit. */
struct limit_entry {
    struct uuid port;           /* Port row, group row: the key. */
    struct uuid group;
    char *port_name, *group_name, *bridge;
    uint64_t packets;           /* Over the limit, by its rule. */
    uint64_t sum;               /* The same since it is over. */
    long long int last;         /* When some were seen, milliseconds. */
    bool seen;                  /* Has its rule been looked at? */
    bool over;
};

static int
compare_entries(const void *a_, const void *b_)
{
    const struct limit_entry *a = a_, *b = b_;
    int cmp = uuid_compare_3way(&a->port, &b->port);

    return cmp ? cmp : uuid_compare_3way(&a->group, &b->group);
}

void
limit_watch_init(struct limit_watch *watch)
{
    memset(watch, 0, sizeof *watch);
}

static void
entries_destroy(struct limit_entry *entries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(entries[i].port_name);
        free(entries[i].group_name);
        free(entries[i].bridge);
    }
    free(entries);
}

void
limit_watch_destroy(struct limit_watch *watch)
{
    entries_destroy(watch->entries, watch->n);
    memset(watch, 0, sizeof *watch);
}

/* Adds that 'entry' is over its limit or not; 'what', which is taken over,
 * says so after the name of the port. */
static void
add_news(struct group_news *news, const struct limit_entry *entry, bool over,
         char *what)
{
    group_news_add(news, entry->group_name, entry->port_name, entry->bridge,
                   what, over, 0);
}

static const struct limit_entry *
find_entry(const struct limit_entry *entries, size_t n,
           const struct limit_entry *key)
{
    return (n ? bsearch(key, entries, n, sizeof *key, compare_entries)
            : NULL);
}

/* Takes what the rule of 'entry' counts now, 'packets'. */
static void
count(struct limit_entry *entry, const struct port_policy *policy,
      uint64_t packets, long long int now, struct group_news *news)
{
    bool drops = policy->limit_policy == MAC_LIMIT_DROP;

    /* A rule that was made anew begins at 0. */
    uint64_t more = packets - (packets < entry->packets ? 0 : entry->packets);

    entry->packets = packets;
    if (!entry->seen) {
        entry->seen = true;
    } else if (more) {
        entry->sum += more;
        entry->last = now;
        if (!entry->over) {
            entry->over = true;
            add_news(news, entry, true, xasprintf(
                "sends from more than %"PRId64" addresses; what comes from "
                "others than the first %"PRId64" %s", policy->mac_limit,
                policy->mac_limit, drops ? "is dropped" : "passes"));
        }
    } else if (entry->over && now - entry->last >= QUIET) {
        entry->over = false;
        add_news(news, entry, false, xasprintf(
            "has sent from no more than %"PRId64" addresses for a minute; "
            "%"PRIu64" frames from others %s", policy->mac_limit, entry->sum,
            drops ? "were dropped" : "have passed"));
        entry->sum = 0;
    }
}

/* Makes '*entry' that of 'gp' as of now; 'old', NULL if there is none, is how
 * it was. */
static void
fill(struct limit_entry *entry, const struct limit_entry *old,
     const struct wanted_group *wg, const struct group_port *gp)
{
    entry->port_name = xstrdup(gp->port->name);
    entry->group_name = xstrdup(wg->group->name);
    entry->bridge = xstrdup(wg->bridge->name);
    if (old) {
        entry->packets = old->packets;
        entry->sum = old->sum;
        entry->last = old->last;
        entry->seen = old->seen;
        entry->over = old->over;
    }
}

/* Says of those in 'watch' that were over their limit, and are not among the
 * 'n' 'entries', that they have none any more. */
static void
tell_ends(const struct limit_watch *watch, const struct limit_entry *entries,
          size_t n, struct group_news *news)
{
    for (size_t i = 0; i < watch->n; i++) {
        const struct limit_entry *old = &watch->entries[i];

        if (old->over && !find_entry(entries, n, old)) {
            add_news(news, old, false, xasprintf(
                "has no limit here any more; %"PRIu64" frames were over it",
                old->sum));
        }
    }
}

/* Returns the ports of 'wanted' that have a limit, as '*n' entries sorted by
 * their keys, the only things that are set. */
static struct limit_entry *
list_ports(const struct wanted *wanted, size_t *n)
{
    struct limit_entry *entries = NULL;
    size_t allocated = 0;

    *n = 0;
    for (size_t i = 0; i < wanted->n_groups; i++) {
        const struct wanted_group *wg = &wanted->groups[i];

        for (size_t j = 0; j < wg->n_ports; j++) {
            if (!wg->ports[j].limited) {
                continue;
            }
            if (*n >= allocated) {
                entries = x2nrealloc(entries, &allocated, sizeof *entries);
            }
            entries[(*n)++] = (struct limit_entry) {
                .port = wg->ports[j].port->uuid,
                .group = wg->group->uuid,
            };
        }
    }
    if (*n) {
        qsort(entries, *n, sizeof *entries, compare_entries);
    }
    return entries;
}

/* Brings 'watch' up to date with what the rules of 'wanted' count at 'now', in
 * milliseconds.  '*news' says what has changed, for group_news_destroy().
 * What a rule has counted that is there before the limit is looked at for the
 * first time is old. */
void
limit_watch_update(struct limit_watch *watch, const struct wanted *wanted,
                   long long int now, struct group_news *news)
{
    size_t n;
    struct limit_entry *entries = list_ports(wanted, &n);

    memset(news, 0, sizeof *news);
    for (size_t i = 0; i < wanted->n_groups; i++) {
        const struct wanted_group *wg = &wanted->groups[i];

        for (size_t j = 0; j < wg->n_ports; j++) {
            const struct group_port *gp = &wg->ports[j];
            struct limit_entry key = {
                .port = gp->port->uuid, .group = wg->group->uuid,
            };
            struct limit_entry *entry;

            if (!gp->limited) {
                continue;
            }
            entry = CONST_CAST(struct limit_entry *,
                               find_entry(entries, n, &key));
            fill(entry, find_entry(watch->entries, watch->n, &key), wg, gp);
            if (wg->bridge->flows_known) {
                count(entry, &gp->policy, mac_limit_packets(wg, gp), now,
                      news);
            }
        }
    }
    tell_ends(watch, entries, n, news);
    entries_destroy(watch->entries, watch->n);
    watch->entries = entries;
    watch->n = n;
}
