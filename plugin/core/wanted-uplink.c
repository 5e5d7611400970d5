/* SPDX-License-Identifier: Apache-2.0 */

/* Uplinks: the destinations rspan:UPLINK.
 *
 * Copies go out of an uplink in the session's encap_vlan, behind the uplink's
 * normal traffic.  Out of a bond they go through its active member, that which
 * vswitchd names in Port.bond_active_slave. */

#include <config.h>
#include "wanted-uplink.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "switch-index.h"
#include "util.h"
#include "wanted-leg.h"

/* Returns the port of somebody else's that has the uplink's name, and in
 * '*bridgep' where it is; NULL if there is none. */
const struct switch_port *
uplink_find_port(const struct destination *destination,
                 const struct switch_state *state,
                 const struct switch_bridge **bridgep)
{
    return (destination->kind == DESTINATION_RSPAN
            ? wanted_find_port(destination->target, state, bridgep) : NULL);
}

/* Does 'session' send copies to an uplink? */
bool
session_has_uplinks(const struct session *session)
{
    for (size_t i = 0; i < session->n_destinations; i++) {
        if (session->destinations[i].kind == DESTINATION_RSPAN) {
            return true;
        }
    }
    return false;
}

/* Does 'session' name 'vlan' as a source? */
bool
session_mirrors_vlan(const struct session *session, int vlan)
{
    for (size_t i = 0; i < session->n_sources; i++) {
        const struct selector *selector = &session->sources[i].selector;

        if (selector->kind == SELECTOR_VLAN && selector->vlan == vlan) {
            return true;
        }
    }
    return false;
}

/* Returns the interface of 'port' that copies go out of, or NULL if none
 * works: of a bond the active one.  (As long as vswitchd names none, any does
 * no harm.) */
static const struct switch_iface *
pick_member(const struct switch_port *port)
{
    const struct switch_iface *best = NULL;

    for (size_t i = 0; i < port->n_ifaces; i++) {
        const struct switch_iface *iface = port->ifaces[i];

        if (iface->ofport <= 0) {
            continue;
        }
        if (port->active_mac[0] && !strcmp(iface->mac, port->active_mac)) {
            return iface;
        }
        if (!best || (best->link_down && !iface->link_down)) {
            best = iface;
        }
    }
    return best;
}

/* Says if 'uplink' has no link, and if others than copies use the VLAN that
 * they go out in. */
static void
check_uplink(struct wanted_session *ws, const struct switch_bridge *bridge,
             const struct wanted_uplink *uplink)
{
    int vlan = ws->session->encap_vlan;

    if (uplink->member->link_down) {
        FAULT_ONCE(&ws->fault, "uplink-down",
                   "Uplink %s has no link now; copies go out as soon as it "
                   "has.", uplink->port->name);
    }
    for (size_t i = 0; i < bridge->n_ports; i++) {
        const struct switch_port *port = bridge->ports[i];

        if (!port->ours && port->tag == vlan) {
            FAULT_ONCE(&ws->fault, "vlan-in-use",
                       "Port %s is in VLAN %d, the encap_vlan: others on that "
                       "VLAN get the copies, and its own frames are not "
                       "copied.  Write a VLAN that only copies use.",
                       port->name, vlan);
            return;
        }
    }
}

static void
add_uplink(struct wanted_leg *leg, const struct wanted_uplink *uplink)
{
    size_t i = 0;

    while (i < leg->n_uplinks
           && strcmp(leg->uplinks[i].port->name, uplink->port->name) < 0) {
        i++;
    }
    leg->uplinks = xrealloc(leg->uplinks, ((leg->n_uplinks + 1)
                                           * sizeof *leg->uplinks));
    memmove(&leg->uplinks[i + 1], &leg->uplinks[i],
            (leg->n_uplinks - i) * sizeof *leg->uplinks);
    leg->uplinks[i] = *uplink;
    leg->n_uplinks++;
}

/* Adds the uplinks that 'ws' sends to, to its legs. */
void
wanted_uplinks_pick(struct wanted_session *ws,
                    const struct switch_state *state)
{
    const struct session *session = ws->session;

    for (size_t i = 0; i < session->n_destinations; i++) {
        const struct destination *dest = &session->destinations[i];
        const struct switch_bridge *bridge;
        struct wanted_uplink uplink;

        if (dest->kind != DESTINATION_RSPAN) {
            continue;
        }
        uplink.port = uplink_find_port(dest, state, &bridge);
        uplink.member = uplink.port ? pick_member(uplink.port) : NULL;
        if (!uplink.member) {
            FAULT_ONCE(&ws->fault, "destination-missing",
                       "There is no working uplink %s on this host now; "
                       "copies go out of it as soon as there is one.",
                       dest->target);
        } else if (strcmp(switch_bridge_type(bridge), ws->datapath_type)) {
            FAULT_ONCE(&ws->fault, "datapath-mismatch",
                       "Uplink %s is on a bridge of datapath type %s, the "
                       "sources are on type %s; copies cannot cross.",
                       dest->target, switch_bridge_type(bridge),
                       ws->datapath_type);
        } else {
            check_uplink(ws, bridge, &uplink);
            add_uplink(wanted_session_back_leg(ws, bridge), &uplink);
        }
    }
}

/* Takes 'ports', the uplinks of all sessions, out of what 'ws' mirrors: 'to'
 * them, because copies leave there, and 'from' them, too, if 'ws' sends copies
 * to uplinks itself: those of another host may arrive there. */
void
wanted_uplinks_exclude(struct wanted_session *ws,
                       const struct switch_port **ports, size_t n_ports)
{
    wanted_legs_exclude(ws, ports, n_ports,
                        session_has_uplinks(ws->session)
                        ? DIRECTION_BOTH : DIRECTION_TO);
}

/* Says if ports that 'leg' mirrors are in 'vlan', where 'other' sends its
 * copies. */
static void
check_sources(struct wanted_session *ws, const struct wanted_leg *leg,
              int vlan, const struct session *other)
{
    for (size_t i = 0; i < leg->n_src + leg->n_dst; i++) {
        const struct switch_port *port
            = (i < leg->n_src ? leg->src[i] : leg->dst[i - leg->n_src]);

        if (port->tag == vlan) {
            FAULT_ONCE(&ws->fault, "vlan-in-use",
                       "Port %s is in VLAN %d, in which session %s sends its "
                       "copies: frames of that VLAN are not copied.  Write an "
                       "encap_vlan that only copies use.", port->name, vlan,
                       other->name);
            return;
        }
    }
}

/* Keeps 'ws', if it sends copies to uplinks, from copying what 'other' sends
 * there.  Where that VLAN is flooded it comes to the ports that 'ws' mirrors;
 * two such sessions, or one on two hosts, would copy each other's copies for
 * ever.  A VLAN that 'ws' names as a source is what it is for. */
void
wanted_uplinks_skip_vlan(struct wanted_session *ws,
                         const struct session *other)
{
    int vlan = other->encap_vlan;

    if (!vlan || !session_has_uplinks(ws->session)
        || session_mirrors_vlan(ws->session, vlan)) {
        return;
    }
    for (size_t i = 0; i < ws->n_legs; i++) {
        struct wanted_leg *leg = &ws->legs[i];

        if (leg->role != LEG_BACK) {
            check_sources(ws, leg, vlan, other);
            wanted_leg_skip_vlan(leg, vlan);
        }
    }
}
