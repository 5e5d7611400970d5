/* SPDX-License-Identifier: Apache-2.0 */

/* The parts of promiscuous delivery, wanted and observed: see promisc.h. */

#include <config.h>
#include "promisc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "openvswitch/util.h"
#include "switch-index.h"
#include "util.h"
#include "uuid.h"

/* How the mirror's role is called, for the caller to free. */
char *
promisc_mirror_role(size_t m)
{
    static const char *const names[] = {
        [PROMISC_COPY] = "promisc-copy",
        [PROMISC_FLOOD] = "promisc-flood",
        [PROMISC_PEER] = "promisc-peer",
        [PROMISC_RECEIVED] = "promisc-received",
        [PROMISC_SPARE] = "promisc-spare",
        [PROMISC_COPY_SHADOW] = "promisc-copy-shadow",
        [PROMISC_RECEIVED_SHADOW] = "promisc-received-shadow",
    };

    return (names[m] ? xstrdup(names[m])
            : xasprintf("promisc-address-%"PRIuSIZE, m - PROMISC_ADDRESS));
}

/* The patch port that mirror 'm' copies to. */
size_t
promisc_end(size_t m)
{
    return (m == PROMISC_COPY_SHADOW ? PROMISC_COPY
            : m == PROMISC_RECEIVED_SHADOW ? PROMISC_RECEIVED : m);
}

/* Does what mirror 'm' selects go to promiscuous ports, but for what other
 * mirrors say of it? */
bool
promisc_copies(size_t m)
{
    return m == PROMISC_COPY || m == PROMISC_RECEIVED;
}

bool
promisc_is_shadow(size_t m)
{
    return m == PROMISC_COPY_SHADOW || m == PROMISC_RECEIVED_SHADOW;
}

/* How the role of patch port 'end' is called, for the caller to free. */
char *
promisc_end_role(size_t end)
{
    return xasprintf("promisc-end-%"PRIuSIZE, end);
}

static const void *
find_own(const struct index_map *map, const struct wanted_group *wg,
         const char *role, bool port)
{
    const struct uuid *uuid = &wg->group->uuid;
    const struct index_node *node, *best = NULL;

    INDEX_FOR_EACH (node, index_hash_session(uuid), map) {
        const struct switch_port *p = port ? node->object : NULL;
        const struct switch_mirror *m = port ? NULL : node->object;

        if (node->bridge == wg->bridge && (!best || node->order < best->order)
            && uuid_equals(port ? &p->session : &m->session, uuid)
            && !strcmp(port ? switch_port_role(p) : switch_mirror_role(m),
                       role)) {
            best = node;
        }
    }
    return best ? best->object : NULL;
}

static void
find_parts(struct promisc *p, const struct switch_state *state)
{
    const struct switch_index *index = state->index;

    p->private_bridge = switch_state_private_bridge(
        state, switch_bridge_type(p->wg->bridge));
    p->sentinel = find_own(&index->own_ports, p->wg, SPAN_ROLE_SENTINEL,
                           true);
    for (size_t m = 0; m < PROMISC_MAX_MIRRORS; m++) {
        char *role = promisc_mirror_role(m);

        p->mirrors[m] = find_own(&index->mirrors, p->wg, role, false);
        free(role);
    }
    for (size_t end = 0; end < PROMISC_MAX_ENDS; end++) {
        char *role = promisc_end_role(end);

        p->ends[end] = find_own(&index->own_ports, p->wg, role, true);
        free(role);
    }
}

static bool
mirror_has(const struct uuid *uuids, size_t n, const struct switch_port *port)
{
    for (size_t i = 0; i < n; i++) {
        if (uuid_equals(&uuids[i], &port->uuid)) {
            return true;
        }
    }
    return false;
}

/* The slot that the mirrors that are there give 'port'; 0 = none. */
static unsigned int
observed_slot(const struct promisc *p, const struct switch_port *port)
{
    unsigned int slot = 0;

    for (size_t b = 0; b < PROMISC_SLOT_BITS; b++) {
        const struct switch_mirror *mirror = p->mirrors[PROMISC_ADDRESS + b];

        if (mirror && mirror_has(mirror->src, mirror->n_src, port)) {
            slot |= 1u << b;
        }
    }
    return slot;
}

/* Does the note of 'mirror' have 'port'? */
bool
promisc_note_has(const struct switch_mirror *mirror,
                 const struct switch_port *port)
{
    const char *note = smap_get_def(&mirror->external_ids, SPAN_KEY_NO_FLOOD,
                                    "");
    char *uuid = xasprintf(UUID_FMT, UUID_ARGS(&port->uuid));
    bool has = strstr(note, uuid) != NULL;

    free(uuid);
    return has;
}

static bool
is_wanted(const struct wanted_group *wg, const struct switch_port *port)
{
    for (size_t i = 0; i < wg->n_ports; i++) {
        if (wg->ports[i].port == port) {
            return (wg->ports[i].policy.promiscuous == DECISION_ACCEPT
                    && switch_port_works(port));
        }
    }
    return false;
}

static void
find_ports(struct promisc *p)
{
    const struct switch_bridge *bridge = p->wg->bridge;
    const struct switch_mirror *copy = p->mirrors[PROMISC_COPY];
    size_t allocated = 0;

    for (size_t i = 0; i < bridge->n_ports; i++) {
        struct promisc_port pp = { .port = bridge->ports[i] };

        if (pp.port->ours) {
            continue;
        }
        pp.wanted = is_wanted(p->wg, pp.port);
        pp.noted = copy && promisc_note_has(copy, pp.port);
        pp.slot = observed_slot(p, pp.port);
        if (pp.wanted || pp.noted || pp.slot) {
            if (p->n_ports >= allocated) {
                p->ports = x2nrealloc(p->ports, &allocated, sizeof *p->ports);
            }
            p->ports[p->n_ports++] = pp;
        }
    }
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct promisc_port *a = a_, *b = b_;

    return uuid_compare_3way(&a->port->uuid, &b->port->uuid);
}

/* Gives a slot to each port that has none.  The others keep theirs, by which
 * addresses are known already. */
static void
assign_slots(struct promisc *p)
{
    bool taken[PROMISC_MAX_PORTS + 1] = { true };
    size_t n = 0;

    for (size_t i = 0; i < p->n_ports; i++) {
        unsigned int slot = p->ports[i].slot;

        if (taken[slot]) {
            p->ports[i].slot = 0;
        }
        taken[slot] = true;
    }
    for (size_t i = 0; i < p->n_ports; i++) {
        unsigned int slot = p->ports[i].slot;

        for (unsigned int s = 1; !slot && s <= PROMISC_MAX_PORTS; s++) {
            slot = taken[s] ? 0 : s;
        }
        if (slot) {
            taken[slot] = true;
            p->ports[n] = p->ports[i];
            p->ports[n++].slot = slot;
        }
    }
    p->n_ports = n;
}

/* Is 'pp' to be selected by mirrors?  If not, it is to be forgotten. */
bool
promisc_takes_part(const struct promisc_port *pp)
{
    return pp->wanted || pp->noted;
}

/* How many of the first mirrors there are when 'slot' is the highest. */
static size_t
mirrors_for_slot(unsigned int slot)
{
    size_t n = PROMISC_ADDRESS;

    for (; slot; slot >>= 1) {
        n++;
    }
    return ROUND_UP(n, 2);
}

/* See promisc.h. */
static bool
goes_by_egress(const struct switch_bridge *bridge)
{
    if (!bridge->has_controller) {
        return false;
    }
    for (size_t i = 0; i < bridge->n_ports; i++) {
        const struct switch_port *port = bridge->ports[i];

        if (!port->ours && !strcmp(switch_port_type(port), "patch")) {
            return false;
        }
    }
    return true;
}

/* Fills in '*p' with what 'wg' takes and with what 'state' has of it.  The
 * caller must destroy it with promisc_destroy(); it borrows from both. */
void
promisc_find(struct promisc *p, const struct wanted_group *wg,
             const struct switch_state *state)
{
    unsigned int highest = 0;
    bool any = false;

    memset(p, 0, sizeof *p);
    p->wg = wg;
    if (!wg->bridge) {
        return;
    }
    find_parts(p, state);
    find_ports(p);
    if (p->n_ports) {
        qsort(p->ports, p->n_ports, sizeof *p->ports, compare_ports);
        assign_slots(p);
    }
    for (size_t i = 0; i < p->n_ports; i++) {
        highest = MAX(highest, p->ports[i].slot);
        any |= promisc_takes_part(&p->ports[i]);
    }
    p->by_egress = goes_by_egress(wg->bridge);
    if (!any) {
        p->n_ports = 0;
        return;
    }
    for (size_t m = 0; m < PROMISC_MAX_MIRRORS; m++) {
        p->has[m] = (m >= PROMISC_RECEIVED ? p->by_egress
                     : m < mirrors_for_slot(highest));
    }
}

void
promisc_destroy(struct promisc *p)
{
    free(p->ports);
    memset(p, 0, sizeof *p);
}

/* Is 'port' promiscuous on the switch already, as a member of 'wg'?  Then a
 * mirror learns its addresses. */
bool
promisc_port_runs(const struct wanted_group *wg,
                  const struct switch_port *port)
{
    char *role = promisc_mirror_role(PROMISC_ADDRESS);
    bool runs = false;

    for (size_t i = 0; i < wg->bridge->n_mirrors && !runs; i++) {
        const struct switch_mirror *m = wg->bridge->mirrors[i];

        runs = (m->ours && uuid_equals(&m->session, &wg->group->uuid)
                && !strncmp(switch_mirror_role(m), role, strlen(role) - 1)
                && mirror_has(m->src, m->n_src, port));
    }
    free(role);
    return runs;
}

/* Does the switch have mirrors for promiscuous ports of 'wg' already? */
bool
promisc_is_established(const struct wanted_group *wg,
                       const struct switch_state *state)
{
    char *role = promisc_mirror_role(PROMISC_COPY);
    bool established = find_own(&state->index->mirrors, wg, role, false);

    free(role);
    return established;
}

/* How many Mirror rows 'wg' takes on its bridge. */
size_t
promisc_mirrors_needed(const struct wanted_group *wg)
{
    unsigned int n = 0;

    for (size_t i = 0; i < wg->n_ports; i++) {
        n += is_wanted(wg, wg->ports[i].port);
    }
    return (n ? mirrors_for_slot(MIN(n, PROMISC_MAX_PORTS))
                + (goes_by_egress(wg->bridge)
                   ? PROMISC_MAX_MIRRORS - PROMISC_RECEIVED : 0) : 0);
}
