/* SPDX-License-Identifier: Apache-2.0 */

/* Which ports are promiscuous on the switch, and what of it is news: see
 * promisc-watch.h. */

#include <config.h>
#include "promisc-watch.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "promisc.h"
#include "util.h"
#include "uuid.h"
#include "wanted-group.h"

/* A promiscuous port.  What is said of its group is what was asked for when
 * the group's policy last held. */
struct promisc_entry {
    struct uuid port;           /* Port row, group row: the key. */
    struct uuid group;
    char *port_name;
    char *bridge;
    char *group_name;           /* NULL = never known, as the next two. */
    char *owner;
    char *why;
    int64_t expires;            /* Unix time in seconds; 0 = never. */
    bool by_override;
};

static int
compare_entries(const void *a_, const void *b_)
{
    const struct promisc_entry *a = a_, *b = b_;
    int cmp = uuid_compare_3way(&a->port, &b->port);

    return cmp ? cmp : uuid_compare_3way(&a->group, &b->group);
}

void
promisc_watch_init(struct promisc_watch *watch)
{
    memset(watch, 0, sizeof *watch);
}

static void
entry_destroy(struct promisc_entry *entry)
{
    free(entry->port_name);
    free(entry->bridge);
    free(entry->group_name);
    free(entry->owner);
    free(entry->why);
}

static void
entries_destroy(struct promisc_entry *entries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        entry_destroy(&entries[i]);
    }
    free(entries);
}

void
promisc_watch_destroy(struct promisc_watch *watch)
{
    entries_destroy(watch->entries, watch->n);
    memset(watch, 0, sizeof *watch);
}

static bool
has_role(const struct switch_mirror *mirror, size_t m)
{
    char *role = promisc_mirror_role(m);
    bool has = !strcmp(switch_mirror_role(mirror), role);

    free(role);
    return has;
}

static bool
learns(const struct switch_mirror *mirror)
{
    for (size_t bit = 0; bit < PROMISC_SLOT_BITS; bit++) {
        if (has_role(mirror, PROMISC_ADDRESS + bit)) {
            return true;
        }
    }
    return false;
}

/* Does the group whose row is 'group' copy anything on 'bridge'? */
static bool
group_copies(const struct switch_bridge *bridge, const struct uuid *group)
{
    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        const struct switch_mirror *m = bridge->mirrors[i];

        if (m->ours && uuid_equals(&m->session, group)
            && has_role(m, PROMISC_COPY) && (m->n_src || m->n_dst)) {
            return true;
        }
    }
    return false;
}

/* Calls 'cb' for each port of 'bridge' that is promiscuous there in a group;
 * maybe several times for the same. */
static void
for_each_port(const struct switch_bridge *bridge,
              void (*cb)(const struct switch_bridge *,
                         const struct switch_port *,
                         const struct uuid *group, void *aux), void *aux)
{
    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        const struct switch_mirror *m = bridge->mirrors[i];

        if (!m->ours || !m->n_src || !learns(m)
            || !group_copies(bridge, &m->session)) {
            continue;
        }
        for (size_t j = 0; j < m->n_src; j++) {
            const struct switch_port *port
                = switch_bridge_find_port_by_uuid(bridge, &m->src[j]);

            if (port) {
                cb(bridge, port, &m->session, aux);
            }
        }
    }
}

struct seen {
    struct promisc_entry *entries;
    size_t n, allocated;
};

static void
see(const struct switch_bridge *bridge, const struct switch_port *port,
    const struct uuid *group, void *seen_)
{
    struct seen *seen = seen_;

    if (seen->n >= seen->allocated) {
        seen->entries = x2nrealloc(seen->entries, &seen->allocated,
                                   sizeof *seen->entries);
    }
    seen->entries[seen->n++] = (struct promisc_entry) {
        .port = port->uuid,
        .group = *group,
        .port_name = xstrdup(port->name),
        .bridge = xstrdup(bridge->name),
    };
}

static void
sort_seen(struct seen *seen)
{
    size_t n = 0;

    if (!seen->n) {
        return;
    }
    qsort(seen->entries, seen->n, sizeof *seen->entries, compare_entries);
    for (size_t i = 0; i < seen->n; i++) {
        if (n && !compare_entries(&seen->entries[n - 1], &seen->entries[i])) {
            entry_destroy(&seen->entries[i]);
        } else {
            seen->entries[n++] = seen->entries[i];
        }
    }
    seen->n = n;
}

static const struct wanted_group *
find_group(const struct wanted *wanted, const struct uuid *uuid)
{
    for (size_t i = 0; i < wanted->n_groups; i++) {
        if (uuid_equals(&wanted->groups[i].group->uuid, uuid)) {
            return &wanted->groups[i];
        }
    }
    return NULL;
}

static const struct group_port *
find_member(const struct wanted_group *wg, const struct uuid *port)
{
    for (size_t i = 0; i < wg->n_ports; i++) {
        if (uuid_equals(&wg->ports[i].port->uuid, port)) {
            return &wg->ports[i];
        }
    }
    return NULL;
}

static struct promisc_entry *
find_entry(struct promisc_entry *entries, size_t n,
           const struct promisc_entry *key)
{
    return (n ? bsearch(key, entries, n, sizeof *key, compare_entries)
            : NULL);
}

/* Fills in what is asked for, from 'wanted'; where that does not hold, or no
 * more, from 'old', which may be NULL. */
static void
set_terms(struct promisc_entry *entry, const struct promisc_entry *old,
          const struct wanted *wanted)
{
    const struct wanted_group *wg = find_group(wanted, &entry->group);
    const struct group_port *gp
        = (wg && wg->state == WANTED_RUNNING
           ? find_member(wg, &entry->port) : NULL);

    if (gp && gp->policy.promiscuous == DECISION_ACCEPT) {
        entry->group_name = xstrdup(wg->group->name);
        entry->owner = xstrdup(wg->group->owner);
        entry->why = xstrdup(wg->group->reason);
        entry->expires = wg->group->expires;
        entry->by_override = gp->by_override;
    } else if (old) {
        entry->group_name = nullable_xstrdup(old->group_name);
        entry->owner = nullable_xstrdup(old->owner);
        entry->why = nullable_xstrdup(old->why);
        entry->expires = old->expires;
        entry->by_override = old->by_override;
    }
}

static bool
same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static bool
same_terms(const struct promisc_entry *a, const struct promisc_entry *b)
{
    return (same_text(a->owner, b->owner) && same_text(a->why, b->why)
            && a->expires == b->expires && a->by_override == b->by_override);
}

/* Adds that the port of 'entry' 'does' something, and on whose behalf. */
static void
add_news(struct group_news *news, const struct promisc_entry *entry,
         const char *does, const char *why_not)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, does);
    if (why_not) {
        ds_put_format(&s, ": %s", why_not);
    } else if (entry->by_override) {
        ds_put_cstr(&s, " by its override");
    }
    if (entry->owner && (*entry->owner || *entry->why)) {
        ds_put_format(&s, " (asked for%s%s%s%s)", *entry->owner ? " by " : "",
                      entry->owner, *entry->why ? ": " : "", entry->why);
    }
    group_news_add(news, entry->group_name ? entry->group_name : "unknown",
                   entry->port_name, entry->bridge, ds_steal_cstr(&s),
                   !why_not, entry->expires);
}

static bool
port_exists(const struct switch_state *state, const struct uuid *port)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        if (switch_bridge_find_port_by_uuid(state->bridges[i], port)) {
            return true;
        }
    }
    return false;
}

/* Returns why the port of 'entry' is not promiscuous any more. */
static const char *
explain_end(const struct promisc_entry *entry,
            const struct switch_state *state, const struct wanted *wanted)
{
    const struct wanted_group *wg = find_group(wanted, &entry->group);
    const struct group_port *gp = wg ? find_member(wg, &entry->port) : NULL;

    return (!port_exists(state, &entry->port) ? "the port is gone"
            : wanted->leaving ? "ovs-spand leaves"
            : !wg ? "the group was deleted"
            : wg->state == WANTED_EXPIRED ? "its time is over"
            : wg->state == WANTED_REFUSED && wg->fault.reason
            ? wg->fault.reason
            : !gp ? "it is no member any more"
            : gp->policy.promiscuous != DECISION_ACCEPT
            ? "the group's policy does not let it"
            : "somebody took its mirrors away");
}

/* Brings 'watch' up to date with what 'state' shows and 'wanted' asks for.
 * '*news' says what has changed, for group_news_destroy(); the first time,
 * that what is there goes on. */
void
promisc_watch_update(struct promisc_watch *watch,
                     const struct switch_state *state,
                     const struct wanted *wanted, struct group_news *news)
{
    struct seen seen = { NULL, 0, 0 };

    memset(news, 0, sizeof *news);
    for (size_t i = 0; i < state->n_bridges; i++) {
        for_each_port(state->bridges[i], see, &seen);
    }
    sort_seen(&seen);
    for (size_t i = 0; i < watch->n; i++) {
        struct promisc_entry *entry = &watch->entries[i];

        if (!find_entry(seen.entries, seen.n, entry)) {
            add_news(news, entry, "is not promiscuous any more",
                     explain_end(entry, state, wanted));
        }
    }
    for (size_t i = 0; i < seen.n; i++) {
        struct promisc_entry *entry = &seen.entries[i];
        const struct promisc_entry *old
            = find_entry(watch->entries, watch->n, entry);

        set_terms(entry, old, wanted);
        if (!old) {
            add_news(news, entry, (watch->known ? "is promiscuous now"
                                   : "goes on being promiscuous"), NULL);
        } else if (!same_terms(entry, old)) {
            add_news(news, entry, "goes on being promiscuous", NULL);
        }
    }
    entries_destroy(watch->entries, watch->n);
    watch->entries = seen.entries;
    watch->n = seen.n;
    watch->known = true;
}

struct group_ports {
    const struct wanted_group *wg;
    struct smap *ports;
};

static void
note_promiscuous(const struct switch_bridge *bridge OVS_UNUSED,
                 const struct switch_port *port, const struct uuid *group,
                 void *aux_)
{
    const struct group_ports *aux = aux_;

    if (uuid_equals(group, &aux->wg->group->uuid)
        && wanted_group_find_port(aux->wg, port)) {
        smap_replace(aux->ports, port->name, "promiscuous");
    }
}

/* Adds to 'ports' the members of 'wg' with what they are: "member", or
 * "promiscuous" on the switch. */
void
promisc_watch_ports(const struct wanted_group *wg, struct smap *ports)
{
    struct group_ports aux = { wg, ports };

    for (size_t i = 0; i < wg->n_ports; i++) {
        smap_replace(ports, wg->ports[i].port->name, "member");
    }
    if (wg->bridge) {
        for_each_port(wg->bridge, note_promiscuous, &aux);
    }
}

/* How many of the ports that promisc_watch_ports() has found are promiscuous?
 */
size_t
promisc_watch_count(const struct smap *ports)
{
    const struct smap_node *node;
    size_t n = 0;

    SMAP_FOR_EACH (node, ports) {
        n += !strcmp(node->value, "promiscuous");
    }
    return n;
}
