/* SPDX-License-Identifier: Apache-2.0 */

/* The legs of one session.  See "The private bridge" in DESIGN for what a leg
 * is, and wanted.h for its roles. */

#include <config.h>
#include "wanted-leg.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "source-match.h"
#include "switch-index.h"
#include "util.h"
#include "uuid.h"
#include "wanted-group.h"
#include "wanted-hook.h"
#include "wanted-uplink.h"

const char *
leg_role_to_string(enum leg_role role)
{
    switch (role) {
    case LEG_PORTS: return "ports";
    case LEG_PORTS_TO: return "ports-to";
    case LEG_VLANS: return "vlans";
    case LEG_VLANS_TO: return "vlans-to";
    case LEG_HOOK: return "hook";
    case LEG_BACK: return "back";
    }
    OVS_NOT_REACHED();
}

void
wanted_leg_destroy(struct wanted_leg *leg)
{
    free(leg->src);
    free(leg->dst);
    free(leg->vlans);
    free(leg->skip_vlans);
    free(leg->outputs);
    free(leg->uplinks);
}

/* Do copies go back to the bridge of 'leg' through it? */
bool
wanted_leg_has_outputs(const struct wanted_leg *leg)
{
    return leg->n_outputs || leg->n_uplinks;
}

/* Does any copy of 'ws' go back to a bridge? */
bool
wanted_session_has_outputs(const struct wanted_session *ws)
{
    for (size_t i = 0; i < ws->n_legs; i++) {
        if (wanted_leg_has_outputs(&ws->legs[i])) {
            return true;
        }
    }
    return false;
}

/* Takes all legs from 'ws': then nothing of it is on the switch. */
void
wanted_session_drop_legs(struct wanted_session *ws)
{
    for (size_t i = 0; i < ws->n_legs; i++) {
        wanted_leg_destroy(&ws->legs[i]);
    }
    ws->n_legs = 0;
}

/* Do the two directions take a leg each?  Each copy in ERSPAN type III says
 * the direction that it was mirrored in. */
bool
wanted_session_is_split(const struct wanted_session *ws)
{
    const struct session *session = ws->session;

    for (size_t i = 0; i < session->n_destinations; i++) {
        if (session->destinations[i].kind == DESTINATION_ERSPAN3) {
            return true;
        }
    }
    return false;
}

static bool
leg_has_sources(const struct wanted_leg *leg)
{
    return leg->n_src || leg->n_dst || leg->hook;
}

/* Does the session mirror anything on this host? */
bool
wanted_session_has_sources(const struct wanted_session *ws)
{
    for (size_t i = 0; i < ws->n_legs; i++) {
        if (leg_has_sources(&ws->legs[i])) {
            return true;
        }
    }
    return false;
}

/* Adds 'port' to the array that 'portsp' and 'n' describe, once, in the order
 * of UUIDs. */
static void
add_port(const struct switch_port ***portsp, size_t *n,
         const struct switch_port *port)
{
    size_t i = 0;

    while (i < *n && uuid_compare_3way(&(*portsp)[i]->uuid,
                                       &port->uuid) < 0) {
        i++;
    }
    if (i < *n && (*portsp)[i] == port) {
        return;
    }
    *portsp = xrealloc(*portsp, (*n + 1) * sizeof **portsp);
    memmove(*portsp + i + 1, *portsp + i, (*n - i) * sizeof **portsp);
    (*portsp)[i] = port;
    ++*n;
}

static void
add_vlan(uint16_t **vlansp, size_t *n, uint16_t vlan)
{
    size_t i = 0;

    while (i < *n && (*vlansp)[i] < vlan) {
        i++;
    }
    if (i < *n && (*vlansp)[i] == vlan) {
        return;
    }
    *vlansp = xrealloc(*vlansp, (*n + 1) * sizeof **vlansp);
    memmove(*vlansp + i + 1, *vlansp + i, (*n - i) * sizeof **vlansp);
    (*vlansp)[i] = vlan;
    ++*n;
}

/* Lets 'leg' not copy frames that are in 'vlan'. */
void
wanted_leg_skip_vlan(struct wanted_leg *leg, uint16_t vlan)
{
    add_vlan(&leg->skip_vlans, &leg->n_skip_vlans, vlan);
}

static void
remove_port(const struct switch_port **ports, size_t *n,
            const struct switch_port *port)
{
    for (size_t i = 0; i < *n; i++) {
        if (ports[i] == port) {
            memmove(ports + i, ports + i + 1,
                    (*n - i - 1) * sizeof *ports);
            --*n;
            return;
        }
    }
}

/* Returns a new last leg of 'ws', valid until the next call. */
struct wanted_leg *
wanted_session_add_leg(struct wanted_session *ws,
                       const struct switch_bridge *bridge, enum leg_role role)
{
    struct wanted_leg *leg;

    ws->legs = xrealloc(ws->legs, (ws->n_legs + 1) * sizeof *ws->legs);
    leg = &ws->legs[ws->n_legs++];
    memset(leg, 0, sizeof *leg);
    leg->bridge = bridge;
    leg->role = role;
    return leg;
}

/* Returns the leg of 'ws' for 'bridge' and 'role', which it appends if there
 * is none yet. */
static struct wanted_leg *
get_leg(struct wanted_session *ws, const struct switch_bridge *bridge,
        enum leg_role role)
{
    for (size_t i = 0; i < ws->n_legs; i++) {
        struct wanted_leg *leg = &ws->legs[i];

        if (leg->bridge == bridge && leg->role == role) {
            return leg;
        }
    }
    return wanted_session_add_leg(ws, bridge, role);
}

/* Is 'port' of 'bridge' named by any of the 'n' selectors, or a member of it,
 * with which goes the whole bond? */
bool
policy_forbids(const struct selector *selectors, size_t n,
               const struct switch_bridge *bridge,
               const struct switch_port *port)
{
    for (size_t i = 0; i < n; i++) {
        if (selectors[i].kind != SELECTOR_VLAN
            && (selector_matches_port(&selectors[i], bridge, port)
                || selector_names_bond_member(&selectors[i], port))) {
            return true;
        }
    }
    return false;
}

/* A frame that enters through a patch port has been through OVS's mirroring
 * on the bridge where it came from and is not looked at again
 * (ofproto/ofproto-dpif-xlate.c, patch_port_output()). */
static void
check_patch_source(struct wanted_session *ws, const struct source *source,
                   const struct switch_bridge *bridge,
                   const struct switch_port *port)
{
    bool wide = selector_is_wide(&source->selector);

    if (!strcmp(switch_port_type(port), "patch")
        && (wide ? source->direction == DIRECTION_FROM
                 : source->direction & DIRECTION_FROM)) {
        FAULT_ONCE(&ws->fault, "patch-source",
                   "Open vSwitch does not mirror frames that enter bridge %s "
                   "through its patch port %s; name a source on the bridge "
                   "where they come from.", bridge->name, port->name);
    }
}

/* Returns the leg of 'ws' for what 'selector' selects in 'direction' on
 * 'bridge'. */
static struct wanted_leg *
get_source_leg(struct wanted_session *ws, const struct switch_bridge *bridge,
               const struct selector *selector, enum direction direction)
{
    bool other = direction == DIRECTION_TO && wanted_session_is_split(ws);
    bool vlan = selector->kind == SELECTOR_VLAN;
    struct wanted_leg *leg = get_leg(
        ws, bridge, (vlan ? (other ? LEG_VLANS_TO : LEG_VLANS)
                     : other ? LEG_PORTS_TO : LEG_PORTS));

    if (vlan) {
        add_vlan(&leg->vlans, &leg->n_vlans, selector->vlan);
    }
    return leg;
}

/* Adds 'port' to the right leg of 'ws' if its 'i'th source names it and it may
 * be mirrored.  Returns true if that source names it. */
static bool
pick_port(struct wanted_session *ws, size_t i,
          const struct switch_bridge *bridge, const struct switch_port *port,
          const struct policy *policy)
{
    const struct source *source = &ws->session->sources[i];
    const struct selector *selector = &source->selector;

    if (!wanted_source_names(ws, i, bridge, port)
        || !switch_port_works(port)) {
        return false;
    }
    if (policy && policy_forbids(policy->never_source,
                                 policy->n_never_source, bridge, port)) {
        FAULT_ONCE(&ws->fault, "policy",
                   "This host's policy (never_source) does not let port %s be "
                   "mirrored.", port->name);
        return true;
    }
    check_patch_source(ws, source, bridge, port);

    if (source->direction & DIRECTION_FROM) {
        struct wanted_leg *leg = get_source_leg(ws, bridge, selector,
                                                DIRECTION_FROM);
        add_port(&leg->src, &leg->n_src, port);
    }
    if (source->direction & DIRECTION_TO) {
        struct wanted_leg *leg = get_source_leg(ws, bridge, selector,
                                                DIRECTION_TO);
        add_port(&leg->dst, &leg->n_dst, port);
    }
    return true;
}

static void
pick_sources(struct wanted_session *ws, const struct switch_state *state,
             const struct policy *policy)
{
    const struct session *session = ws->session;

    for (size_t i = 0; i < session->n_sources; i++) {
        const struct source *source = &session->sources[i];
        struct port_candidate *ports;
        bool found = false;

        if (source->selector.kind == SELECTOR_HOOK) {
            continue;
        }
        size_t n_ports = wanted_source_ports(ws, i, state, &ports);
        for (size_t j = 0; j < n_ports; j++) {
            found |= pick_port(ws, i, ports[j].bridge, ports[j].port, policy);
        }
        free(ports);
        if (!found) {
            char *text = source_to_string(source);
            FAULT_ONCE(&ws->fault, "source-missing",
                       "No port on this host matches source=%s now; it is "
                       "added by itself when one appears.", text);
            free(text);
        }
    }
}

/* Returns the port called 'name', and in '*bridgep' where it is; NULL if there
 * is none.  Ports of ours are no destinations. */
const struct switch_port *
wanted_find_port(const char *name, const struct switch_state *state,
                 const struct switch_bridge **bridgep)
{
    const struct index_node *best = NULL;
    const struct index_node *node;

    INDEX_FOR_EACH (node, index_hash_text(name), &state->index->ports) {
        const struct switch_port *port = node->object;

        if (!port->ours && !node->bridge->ours
            && (!best || node->order < best->order)
            && !strcmp(port->name, name)) {
            best = node;
        }
    }
    if (!best) {
        return NULL;
    }
    *bridgep = best->bridge;
    return best->object;
}

/* Returns the port that a port: destination names, and in '*bridgep' where it
 * is; NULL if there is none. */
const struct switch_port *
destination_find_port(const struct destination *destination,
                      const struct switch_state *state,
                      const struct switch_bridge **bridgep)
{
    return (destination->kind == DESTINATION_PORT
            ? wanted_find_port(destination->target, state, bridgep) : NULL);
}

/* The leg through which copies go back to 'bridge': one that mirrors there
 * anyway, else one of its own. */
struct wanted_leg *
wanted_session_back_leg(struct wanted_session *ws,
                        const struct switch_bridge *bridge)
{
    for (size_t i = 0; i < ws->n_legs; i++) {
        if (ws->legs[i].bridge == bridge) {
            return &ws->legs[i];
        }
    }
    return get_leg(ws, bridge, LEG_BACK);
}

static void
pick_destinations(struct wanted_session *ws, const struct switch_state *state)
{
    const struct session *session = ws->session;

    for (size_t i = 0; i < session->n_destinations; i++) {
        const struct destination *dest = &session->destinations[i];
        const struct switch_bridge *bridge;
        const struct switch_port *port;

        if (dest->kind != DESTINATION_PORT) {
            continue;
        }
        port = destination_find_port(dest, state, &bridge);
        if (!port || !switch_port_works(port)) {
            FAULT_ONCE(&ws->fault, "destination-missing",
                       "There is no working port %s on this host now; copies "
                       "go to it as soon as there is one.", dest->target);
        } else if (strcmp(switch_bridge_type(bridge), ws->datapath_type)) {
            FAULT_ONCE(&ws->fault, "datapath-mismatch",
                       "Port %s is on a bridge of datapath type %s, the "
                       "sources are on type %s; copies cannot cross.",
                       dest->target, switch_bridge_type(bridge),
                       ws->datapath_type);
        } else {
            struct wanted_leg *leg = wanted_session_back_leg(ws, bridge);

            add_port(&leg->outputs, &leg->n_outputs, port);
        }
    }
}

static int
compare_legs(const void *a_, const void *b_)
{
    const struct wanted_leg *a = a_, *b = b_;
    int cmp = strcmp(a->bridge->name, b->bridge->name);

    cmp = cmp ? cmp : (int) a->role - (int) b->role;
    return cmp || !a->hook ? cmp : strcmp(a->hook, b->hook);
}

static void
remove_leg(struct wanted_session *ws, size_t i)
{
    wanted_leg_destroy(&ws->legs[i]);
    memmove(&ws->legs[i], &ws->legs[i + 1],
            (ws->n_legs - i - 1) * sizeof *ws->legs);
    ws->n_legs--;
}

/* Returns the datapath type for 'ws': the one where it has a mirror already,
 * so that it is not moved about, else that of its first bridge. */
static const char *
pick_datapath_type(const struct wanted_session *ws,
                   const struct switch_state *state)
{
    const struct uuid *uuid = &ws->session->uuid;
    const struct wanted_leg *best = &ws->legs[0];
    size_t best_order = SIZE_MAX;
    const struct index_node *node;

    INDEX_FOR_EACH (node, index_hash_session(uuid), &state->index->mirrors) {
        const struct switch_mirror *mirror = node->object;

        for (size_t i = 0; i < ws->n_legs; i++) {
            if (uuid_equals(&mirror->session, uuid)
                && ws->legs[i].bridge == node->bridge
                && node->order < best_order) {
                best = &ws->legs[i];
                best_order = node->order;
            }
        }
    }
    return switch_bridge_type(best->bridge);
}

/* Patch ports join bridges of one datapath type only. */
static void
keep_one_datapath_type(struct wanted_session *ws,
                       const struct switch_state *state)
{
    if (!ws->n_legs) {
        return;
    }
    ws->datapath_type = pick_datapath_type(ws, state);
    for (size_t i = ws->n_legs; i-- > 0; ) {
        const struct switch_bridge *bridge = ws->legs[i].bridge;

        if (strcmp(switch_bridge_type(bridge), ws->datapath_type)) {
            FAULT_ONCE(&ws->fault, "datapath-mismatch",
                       "The sources are on bridges of datapath types %s and "
                       "%s; those on %s are left out.  Make a session for "
                       "each.", ws->datapath_type, switch_bridge_type(bridge),
                       bridge->name);
            remove_leg(ws, i);
        }
    }
}

static bool
is_of_ports(const struct wanted_leg *leg)
{
    return leg->role == LEG_PORTS || leg->role == LEG_PORTS_TO;
}

static bool
is_of_vlans(const struct wanted_leg *leg)
{
    return leg->role == LEG_VLANS || leg->role == LEG_VLANS_TO;
}

/* A frame that both the port leg and the VLAN leg of a bridge select is
 * copied by the VLAN leg alone. */
static void
set_skip_vlans(struct wanted_session *ws)
{
    for (size_t i = 0; i < ws->n_legs; i++) {
        struct wanted_leg *ports = &ws->legs[i];


        for (size_t j = 0; j < ws->n_legs; j++) {
            const struct wanted_leg *vlans = &ws->legs[j];

            if (is_of_ports(ports) && is_of_vlans(vlans)
                && ports->bridge == vlans->bridge) {
                for (size_t k = 0; k < vlans->n_vlans; k++) {
                    wanted_leg_skip_vlan(ports, vlans->vlans[k]);
                }
            }
        }
    }
}

/* Fills in the legs of 'ws', and its fault with the first thing that keeps a
 * part of the session from working. */
void
wanted_legs_build(struct wanted_session *ws, const struct switch_state *state,
                  const struct policy *policy)
{
    pick_sources(ws, state, policy);
    wanted_hooks_pick(ws, state);
    if (ws->n_legs > 1) {
        qsort(ws->legs, ws->n_legs, sizeof *ws->legs, compare_legs);
    }
    keep_one_datapath_type(ws, state);
    if (ws->n_legs) {
        pick_destinations(ws, state);
        wanted_uplinks_pick(ws, state);
        qsort(ws->legs, ws->n_legs, sizeof *ws->legs, compare_legs);
    }
    set_skip_vlans(ws);
}

/* Takes 'ports', through which copies go in 'direction', out of what 'ws'
 * mirrors, so that no copy is ever copied again, and drops what is then left
 * without a purpose. */
void
wanted_legs_exclude(struct wanted_session *ws,
                    const struct switch_port **ports, size_t n_ports,
                    enum direction direction)
{
    for (size_t i = ws->n_legs; i-- > 0; ) {
        struct wanted_leg *leg = &ws->legs[i];

        for (size_t j = 0; j < n_ports; j++) {
            if (direction & DIRECTION_FROM) {
                remove_port(leg->src, &leg->n_src, ports[j]);
            }
            if (direction & DIRECTION_TO) {
                remove_port(leg->dst, &leg->n_dst, ports[j]);
            }
        }
        if (!leg_has_sources(leg) && !wanted_leg_has_outputs(leg)) {
            remove_leg(ws, i);
        }
    }
}
