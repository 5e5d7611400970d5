/* SPDX-License-Identifier: Apache-2.0 */

/* Where is what a selector names: see locate.h. */

#include <config.h>
#include "locate.h"

#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "openvswitch/util.h"
#include "session.h"
#include "source-match.h"
#include "util.h"
#include "verdict.h"
#include "wanted-group.h"
#include "wanted.h"

/* Is 'port' on 'vlan' by its configuration?  One that takes every VLAN, for
 * want of any, is not. */
static bool
is_of_vlan(const struct switch_port *port, uint16_t vlan)
{
    return ((port->tag || port->n_trunks)
            && switch_port_carries(port, vlan));
}

static bool
has_address_in(const struct location *l, uint16_t vlan)
{
    for (size_t i = 0; i < l->n_addresses; i++) {
        if (l->addresses[i].vlan == vlan) {
            return true;
        }
    }
    return false;
}

/* Is 'port' the end of a hook on its bridge? */
static bool
is_hook(const struct switch_port *port, const char *name)
{
    return (port->ours && !strcmp(port->name, name)
            && !strcmp(switch_port_role(port), leg_role_to_string(LEG_HOOK)));
}

/* Does the selector name the port of 'l', on its bridge? */
static bool
names(const struct locate_input *in, struct located *found,
      struct location *l)
{
    const struct selector *s = in->selector;
    const struct wanted_group *group;

    switch (s->kind) {
    case SELECTOR_GROUP:
        group = wanted_find_group(in->wanted, s->value);
        return group && wanted_group_find_port(group, l->port);
    case SELECTOR_HOOK:
        return is_hook(l->port, s->value);
    case SELECTOR_VLAN:
        if (l->port->ours || l->bridge->ours) {
            return false;
        }
        return (is_of_vlan(l->port, s->vlan)
                || locate_has_sent(in, found, l, s->vlan));
    case SELECTOR_PORT:
    case SELECTOR_UPLINK:
        l->by_member = (!l->port->ours && !l->bridge->ours
                        && selector_names_bond_member(s, l->port));
        return l->by_member || selector_matches_port(s, l->bridge, l->port);
    case SELECTOR_IFACE_ID:
    case SELECTOR_MAC:
    case SELECTOR_VM:
    case SELECTOR_BRIDGE:
    default:
        return selector_matches_port(s, l->bridge, l->port);
    }
}

/* In which VLAN do frames leave that the port of 'l' sends? */
static int
vlan_of(const struct location *l)
{
    const struct switch_port *port = l->port;
    bool any = (port->n_trunks || !strcmp(switch_port_type(port), "patch")
                || port_leaves_host(port));
    int vlan = port->tag ? port->tag : any ? WAY_ANY_VLAN : 0;

    for (size_t i = 0; i < l->n_addresses; i++) {
        if (i && l->addresses[i].vlan != l->addresses[0].vlan) {
            return WAY_ANY_VLAN;
        }
        vlan = l->addresses[0].vlan;
    }
    return vlan;
}

/* Does 'ws' mirror frames of the port of 'l' to or from its VLAN or bridge? */
static bool
has_wide_source(const struct wanted_session *ws, const struct location *l)
{
    for (size_t i = 0; i < ws->session->n_sources; i++) {
        const struct source *source = &ws->session->sources[i];

        if (!source_applies_to_bridge(source, l->bridge)) {
            continue;
        }
        if (source->selector.kind == SELECTOR_BRIDGE
            && selector_matches_port(&source->selector, l->bridge, l->port)) {
            return true;
        }
        if (source->selector.kind == SELECTOR_VLAN && !l->port->ours
            && (is_of_vlan(l->port, source->selector.vlan)
                || has_address_in(l, source->selector.vlan))) {
            return true;
        }
    }
    return false;
}

static bool
is_hook_of(const struct wanted_session *ws, const struct location *l)
{
    for (size_t i = 0; i < ws->session->n_sources; i++) {
        const struct selector *s = &ws->session->sources[i].selector;

        if (s->kind == SELECTOR_HOOK && is_hook(l->port, s->value)) {
            return true;
        }
    }
    return false;
}

static bool
is_destination(const struct session *s, const struct location *l)
{
    for (size_t i = 0; i < s->n_destinations; i++) {
        const struct destination *d = &s->destinations[i];

        if ((d->kind == DESTINATION_PORT || d->kind == DESTINATION_RSPAN)
            && !strcmp(d->target, l->port->name)) {
            return true;
        }
    }
    return false;
}

/* Is one of the ways out of 'l' a source of 'ws'? */
static bool
mirrors_way_out(const struct wanted_session *ws, const struct location *l)
{
    for (size_t i = 0; i < l->n_ways; i++) {
        const struct way_out *way = &l->ways[i];

        if (way->uplink != l->port
            && wanted_session_names_port(ws, way->bridges[way->n_bridges - 1],
                                         way->uplink)) {
            return true;
        }
    }
    return false;
}

/* Returns what the port of 'l' is to session 'ws', NULL if it is nothing. */
static const char *
part_in(const struct wanted_session *ws, const struct location *l)
{
    return (is_destination(ws->session, l) ? "destination"
            : is_hook_of(ws, l) ? "hook"
            : !l->port->ours && wanted_session_names_port(ws, l->bridge,
                                                          l->port)
            ? "source"
            : has_wide_source(ws, l) ? "source"
            : mirrors_way_out(ws, l) ? "its uplink"
            : NULL);
}

static const char *
state_words(bool pending, enum binding_state state)
{
    return pending ? "being applied" : binding_state_to_string(state);
}

static void
add_sessions(const struct locate_input *in, struct location *l)
{
    for (size_t i = 0; i < in->wanted->n_sessions; i++) {
        const struct wanted_session *ws = &in->wanted->sessions[i];
        const struct verdict *v = &in->verdicts->verdicts[i];
        const char *part = part_in(ws, l);

        if (part) {
            svec_add_nocopy(&l->sessions, xasprintf(
                "%s (%s, %s)", ws->session->name, part,
                state_words(v->pending, v->state)));
        }
    }
}

static void
add_groups(const struct locate_input *in, struct location *l)
{
    for (size_t i = 0; i < in->wanted->n_groups; i++) {
        const struct wanted_group *wg = &in->wanted->groups[i];
        const struct group_verdict *v = &in->verdicts->groups[i];

        if (wanted_group_find_port(wg, l->port)) {
            svec_add_nocopy(&l->groups, xasprintf(
                "%s (%s, %s)", wg->group->name,
                smap_get_def(&v->ports, l->port->name, "member"),
                state_words(v->pending, v->state)));
        }
    }
}

static void
init_location(struct location *l, const struct port_candidate *c)
{
    *l = (struct location) { .bridge = c->bridge, .port = c->port };
    svec_init(&l->sessions);
    svec_init(&l->groups);
    svec_init(&l->advice);
}

static void
destroy_location(struct location *l)
{
    ways_out_destroy(l->ways, l->n_ways);
    svec_destroy(&l->sessions);
    svec_destroy(&l->groups);
    svec_destroy(&l->advice);
}

/* Finds out all about 'l'. */
static void
complete(const struct locate_input *in, struct located *found,
         struct location *l)
{
    locate_addresses(in, found, l);
    l->n_ways = ways_out_find(in->state, &found->uplinks, l->bridge, l->port,
                              vlan_of(l), &l->ways);
    for (size_t i = 0; i < l->n_ways; i++) {
        locate_bond(in, found, l, &l->ways[i]);
    }
    l->traffic_known = port_rates_sum(in->rates, l->port, in->now,
                                      &l->traffic);
    add_sessions(in, l);
    add_groups(in, l);
}

static void
add_location(struct located *found, const struct location *l)
{
    found->locations = xrealloc(found->locations,
                                ((found->n_locations + 1)
                                 * sizeof *found->locations));
    found->locations[found->n_locations++] = *l;
}

/* Initializes '*found', for the caller to destroy, with the ports that the
 * selector names, as far as the facts tell.  It borrows from what 'in'
 * borrows. */
void
locate(const struct locate_input *in, struct located *found)
{
    struct source source = { .selector = *in->selector,
                             .bridge = CONST_CAST(char *, "") };
    struct port_candidate *candidates;
    size_t n = source_find_candidates(&source, in->state, &candidates);

    *found = (struct located) { .host = in->host };
    svec_init(&found->near);
    svec_init(&found->questions);
    shash_init(&found->fdbs);
    hmapx_init(&found->uplinks);
    ways_out_uplinks(in->state, &found->uplinks);
    for (size_t i = 0; i < n; i++) {
        struct location l;

        if (i && candidates[i].port == candidates[i - 1].port) {
            continue;           /* Found by its name and by another one. */
        }
        init_location(&l, &candidates[i]);
        if (!names(in, found, &l)) {
            destroy_location(&l);
        } else if (found->n_locations >= LOCATE_MAX_PORTS) {
            found->n_more++;
            destroy_location(&l);
        } else {
            complete(in, found, &l);
            add_location(found, &l);
        }
    }
    free(candidates);
    for (size_t i = 0; i < found->n_locations; i++) {
        locate_advise(in, found->n_locations + found->n_more,
                      &found->locations[i]);
    }
    if (!found->n_locations) {
        locate_near(in, found);
    }
}

void
located_destroy(struct located *found)
{
    for (size_t i = 0; i < found->n_locations; i++) {
        destroy_location(&found->locations[i]);
    }
    free(found->locations);
    svec_destroy(&found->near);
    svec_destroy(&found->questions);
    locate_forget_addresses(found);
    hmapx_destroy(&found->uplinks);
}
