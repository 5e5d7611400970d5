/* SPDX-License-Identifier: Apache-2.0 */

/* What the mirrors of promiscuous delivery select: see promisc.h. */

#include <config.h>
#include "promisc.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"
#include "uuid.h"

static const struct promisc_port *
find_port(const struct promisc *p, const struct switch_port *port)
{
    for (size_t i = 0; i < p->n_ports; i++) {
        if (p->ports[i].port == port && promisc_takes_part(&p->ports[i])) {
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
        n += promisc_takes_part(&p->ports[i]);
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

        if (!promisc_takes_part(pp)) {
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
