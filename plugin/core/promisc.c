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

    return names[m] ? xstrdup(names[m]) : xasprintf("promisc-address-%"PRIuSIZE, m - PROMISC_ADDRESS);
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

/* Does the note of 'mirror' name 'port'? */
bool
promisc_note_has(const struct switch_mirror *mirror, const char *port)
{
    const char *note = smap_get_def(&mirror->external_ids, SPAN_KEY_NO_FLOOD,
                                    "");
    size_t n = strlen(port);

    for (const char *s = note; (s = strstr(s, port)) != NULL; s += n) {
        if ((s == note || s[-1] == ' ') && (!s[n] || s[n] == ' ')) {
            return n > 0;
        }
    }
    return false;
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
        pp.noted = copy && promisc_note_has(copy, pp.port->name);
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

static bool
takes_part(const struct promisc_port *pp)
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
        any |= takes_part(&p->ports[i]);
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

static const struct promisc_port *
find_port(const struct promisc *p, const struct switch_port *port)
{
    for (size_t i = 0; i < p->n_ports; i++) {
        if (p->ports[i].port == port && takes_part(&p->ports[i])) {
            return &p->ports[i];
        }
    }
    return NULL;
}

static int
compare_switch_ports(const void *a_, const void *b_)
{
    const struct switch_port *const *a = a_, *const *b = b_;

    return uuid_compare_3way(&(*a)->uuid, &(*b)->uuid);
}

static size_t
count_ports(const struct promisc *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n_ports; i++) {
        n += takes_part(&p->ports[i]);
    }
    return n;
}

/* What the only promiscuous port sends is of no interest to anybody. */
static bool
is_only_one(const struct promisc *p, const struct switch_port *port)
{
    return find_port(p, port) && count_ports(p) == 1;
}

static void
add_src(struct promisc_selection *s, const struct switch_port *port)
{
    s->src[s->n_src++] = port;
}

static void
add_dst(struct promisc_selection *s, const struct switch_port *port)
{
    s->dst[s->n_dst++] = port;
}

/* Adds to 's' what mirror 'm' selects of 'port', a member. */
static void
select_member(const struct promisc *p, size_t m,
              const struct switch_port *port, struct promisc_selection *s)
{
    bool only_one = is_only_one(p, port);

    if (m == PROMISC_COPY_SHADOW ? only_one
        : m == PROMISC_RECEIVED_SHADOW
          || (m == PROMISC_COPY && !p->by_egress && !only_one)) {
        add_src(s, port);
    }
    if (promisc_copies(m) && !find_port(p, port)) {
        add_dst(s, port);
    }
}

/* The same of a port that is none. */
static void
select_other(const struct promisc *p, size_t m,
             const struct switch_port *port, struct promisc_selection *s)
{
    if (m == PROMISC_COPY_SHADOW) {
        add_src(s, port);
    }
    if (m == PROMISC_COPY && p->by_egress && !find_port(p, port)) {
        add_dst(s, port);
    }
}

static bool
is_member(const struct wanted_group *wg, const struct switch_port *port)
{
    for (size_t i = 0; i < wg->n_ports; i++) {
        if (wg->ports[i].port == port) {
            return true;
        }
    }
    return false;
}

static void
select_traffic(const struct promisc *p, size_t m, struct promisc_selection *s)
{
    const struct switch_bridge *bridge = p->wg->bridge;

    for (size_t i = 0; i < bridge->n_ports; i++) {
        const struct switch_port *port = bridge->ports[i];

        if (port->ours || !switch_port_works(port)) {
            continue;
        }
        if (is_member(p->wg, port)) {
            select_member(p, m, port, s);
        } else {
            select_other(p, m, port, s);
        }
    }
}

static void
select_promiscuous(const struct promisc *p, size_t m,
                   struct promisc_selection *s)
{
    for (size_t i = 0; i < p->n_ports; i++) {
        const struct promisc_port *pp = &p->ports[i];

        if (!takes_part(pp)) {
            continue;
        }
        if (m == PROMISC_PEER) {
            s->dst[s->n_dst++] = pp->port;
        } else if (pp->slot & (1u << (m - PROMISC_ADDRESS))) {
            s->src[s->n_src++] = pp->port;
        }
    }
    if (m == PROMISC_PEER && count_ports(p) < 2) {
        s->n_dst = 0;           /* There are no others. */
    }
}

/* Fills in '*s' with what mirror 'm' is to select; the caller must destroy it
 * with promisc_selection_destroy(). */
void
promisc_select(const struct promisc *p, size_t m, struct promisc_selection *s)
{
    size_t room = p->wg->bridge->n_ports + 1;

    memset(s, 0, sizeof *s);
    s->src = xmalloc(room * sizeof *s->src);
    s->dst = xmalloc(room * sizeof *s->dst);
    if (promisc_copies(m) || promisc_is_shadow(m)) {
        select_traffic(p, m, s);
    } else if (m >= PROMISC_PEER && m < PROMISC_RECEIVED) {
        select_promiscuous(p, m, s);
    }
    if (p->sentinel && (promisc_copies(m) || m == PROMISC_FLOOD)) {
        add_dst(s, p->sentinel);
    }
    if ((promisc_copies(m) || m == PROMISC_PEER) && s->n_src + s->n_dst) {
        s->vlans = p->wg->group->vlans;
        s->n_vlans = p->wg->group->n_vlans;
    }
    qsort(s->src, s->n_src, sizeof *s->src, compare_switch_ports);
    qsort(s->dst, s->n_dst, sizeof *s->dst, compare_switch_ports);
}

void
promisc_selection_destroy(struct promisc_selection *s)
{
    free(s->src);
    free(s->dst);
}

static bool
is_selection(const struct switch_port **ports, size_t n_ports,
             const struct uuid *uuids, size_t n_uuids)
{
    bool same = n_ports == n_uuids;

    for (size_t i = 0; same && i < n_ports; i++) {
        same = uuid_equals(&ports[i]->uuid, &uuids[i]);
    }
    return same;
}

/* Does mirror 'm' select what it should, and copy to where it should? */
bool
promisc_mirror_is_right(const struct promisc *p, size_t m)
{
    const struct switch_mirror *mirror = p->mirrors[m];
    const struct switch_port *end = p->ends[promisc_end(m)];
    struct promisc_selection s;

    if (!mirror || mirror->select_all || !end || !p->sentinel
        || !uuid_equals(&mirror->output_port, &end->uuid)) {
        return false;
    }
    promisc_select(p, m, &s);
    bool right = (is_selection(s.src, s.n_src, mirror->src, mirror->n_src)
                  && is_selection(s.dst, s.n_dst, mirror->dst, mirror->n_dst)
                  && s.n_vlans == mirror->n_vlans
                  && (!s.n_vlans
                      || !memcmp(s.vlans, mirror->vlans,
                                 s.n_vlans * sizeof *s.vlans)));
    promisc_selection_destroy(&s);
    return right;
}

/* Is everything there, and does the datapath follow?  Then nothing is lost by
 * keeping floods from the promiscuous ports. */
bool
promisc_is_armed(const struct promisc *p, const struct switch_state *state)
{
    for (size_t m = 0; m < PROMISC_MAX_MIRRORS; m++) {
        if (p->has[m] && !promisc_mirror_is_right(p, m)) {
            return false;
        }
    }
    return (p->n_ports && state->config_settled && p->private_bridge
            && p->private_bridge->settled_epoch == p->wg->bridge->epoch
            && promisc_flows_are_in_place(p));
}

/* Are the patch ports shut to floods and packet-ins? */
bool
promisc_ends_are_guarded(const struct promisc *p)
{
    for (size_t end = 0; end < PROMISC_MAX_ENDS; end++) {
        const struct switch_port *port = p->ends[end];

        if (p->has[end]
            && (!port || !port->no_flood || !port->no_packet_in)) {
            return false;
        }
    }
    return true;
}

/* Finds what will not mend itself, whatever time passes. */
static bool
find_fault(const struct promisc *p, struct fault *fault)
{
    for (size_t m = 0; m < PROMISC_MAX_MIRRORS; m++) {
        const struct switch_port *end = p->ends[promisc_end(m)];

        if (!p->has[m]) {
            continue;
        }
        if (end && switch_port_ofport(end) < 0) {
            fault_set(fault, "port-failed",
                      "Open vSwitch could not make port %s: %s", end->name,
                      end->ifaces[0]->error);
        } else if (p->mirrors[m] && p->mirrors[m]->dead) {
            fault_set(fault, "mirror-dead",
                      "Open vSwitch does not run a mirror of the group on "
                      "bridge %s (its statistics stay empty); see "
                      "ovs-vswitchd.log.", p->wg->bridge->name);
        }
    }
    return fault_is_set(fault);
}

/* Says what is still lacking; only when it is overdue. */
static void
explain(const struct promisc *p, const struct switch_state *state,
        struct fault *fault)
{
    const char *bridge = p->wg->bridge->name;

    if (!state->config_settled) {
        fault_set(fault, "switch-down",
                  "ovs-vswitchd does not apply its database; is it running?");
    } else if (!p->wg->bridge->flows_known || !p->private_bridge
               || !p->private_bridge->flows_known) {
        fault_set(fault, "no-openflow",
                  "Bridge %s does not answer OpenFlow over its management "
                  "socket; is ovs-vswitchd running?", bridge);
    } else if (!promisc_flows_are_in_place(p)) {
        fault_set(fault, "flow-failed",
                  "Bridge %s did not take the rules that bring promiscuous "
                  "ports their frames; see ovs-spand.log.", bridge);
    } else {
        fault_set(fault, "not-applied",
                  "The ports and mirrors for promiscuous ports on bridge %s "
                  "are not as they should be; see ovs-spand.log.", bridge);
    }
}

/* Judges whether the promiscuous ports of 'wg' get what they should, and
 * nobody else does.  Returns true if so; else sets '*pending', or 'fault'. */
bool
promisc_judge(const struct wanted_group *wg, const struct switch_state *state,
              bool overdue, bool *pending, struct fault *fault)
{
    struct promisc p;
    bool done;

    promisc_find(&p, wg, state);
    done = !p.n_ports || promisc_is_armed(&p, state);
    for (size_t i = 0; i < p.n_ports; i++) {
        done = done && p.ports[i].wanted && p.ports[i].port->no_flood;
    }
    if (!done && !find_fault(&p, fault)) {
        if (overdue) {
            explain(&p, state, fault);
        } else {
            *pending = true;
        }
    }
    promisc_destroy(&p);
    return done;
}
