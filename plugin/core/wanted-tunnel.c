/* SPDX-License-Identifier: Apache-2.0 */

/* The tunnels of sessions: see wanted-tunnel.h and tunnel.h. */

#include <config.h>
#include "wanted-tunnel.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "packets.h"
#include "source-match.h"
#include "tunnel.h"
#include "util.h"
#include "wanted-group.h"
#include "wanted-leg.h"

/* Fills in ws->tunnels. */
void
wanted_session_add_tunnels(struct wanted_session *ws)
{
    const struct session *session = ws->session;

    for (size_t i = 0; i < session->n_destinations; i++) {
        if (destination_is_tunnel(&session->destinations[i])) {
            ws->tunnels = xrealloc(ws->tunnels, (ws->n_tunnels + 1)
                                                * sizeof *ws->tunnels);
            ws->tunnels[ws->n_tunnels++] = &session->destinations[i];
        }
    }
}

static bool
net_contains(const struct collector_net *net, const struct in6_addr *address)
{
    struct in6_addr a = ipv6_addr_bitand(address, &net->mask);
    struct in6_addr b = ipv6_addr_bitand(&net->address, &net->mask);

    return (IN6_IS_ADDR_V4MAPPED(&net->address)
            == IN6_IS_ADDR_V4MAPPED(address) && ipv6_addr_equals(&a, &b));
}

/* Does the host's policy let copies go to the collector 'd'? */
static bool
check_policy(const struct destination *d, const struct policy *policy,
             struct fault *fault)
{
    bool v6 = strchr(d->target, ':') != NULL;
    struct in6_addr address;
    ovs_be32 ip;

    if (v6 ? inet_pton(AF_INET6, d->target, &address) == 1
           : inet_pton(AF_INET, d->target, &ip) == 1) {
        if (!v6) {
            in6_addr_set_mapped_ipv4(&address, ip);
        }
        for (size_t i = 0; policy && i < policy->n_collectors; i++) {
            if (net_contains(&policy->collectors[i], &address)) {
                return true;
            }
        }
    }
    fault_set(fault, "policy",
              "This host's policy does not let copies go to %s; its owner "
              "allows that in /etc/ovs-span/policy.json: \"collectors\": "
              "[\"%s/%d\"].",
              d->target, d->target, v6 ? 128 : 32);
    return false;
}

/* Where the packets to a collector leave: through a port of a bridge that has
 * the host's address. */
struct underlay {
    const struct switch_bridge *bridge;
    const struct switch_port *local;
};

/* Looks for the underlay of 'd'; false if it is not a bridge, or not known. */
static bool
find_underlay(const struct destination *d, const struct switch_state *state,
              struct underlay *underlay)
{
    char remote[INET6_ADDRSTRLEN];
    const struct switch_route *route = switch_state_find_route(
        state, collector_address(d, remote, sizeof remote));

    for (size_t i = 0; route && route->found && i < state->n_bridges; i++) {
        underlay->bridge = state->bridges[i];
        underlay->local = switch_bridge_find_port(underlay->bridge,
                                                  route->dev);
        if (underlay->local) {
            return true;
        }
    }
    return false;
}

static bool
check_own_address(const struct destination *d,
                  const struct switch_state *state, struct fault *fault)
{
    char remote[INET6_ADDRSTRLEN];
    const struct switch_route *route = switch_state_find_route(
        state, collector_address(d, remote, sizeof remote));

    if (route && route->found && !strcmp(route->src, remote)) {
        fault_set(fault, "bad-destination",
                  "%s is an address of this host: copies would come back to "
                  "the switch.  Use a sink: to record here.", d->target);
        return false;
    }
    return true;
}

/* May 'port' lead out of the host?  Not if it is a virtual machine's. */
static bool
leads_out(const struct switch_port *port)
{
    for (size_t i = 0; i < port->n_ifaces; i++) {
        const struct smap *ids = &port->ifaces[i]->external_ids;

        if (smap_get(ids, "iface-id") || smap_get(ids, "attached-mac")
            || smap_get(ids, "vm-id")) {
            return false;
        }
    }
    return port_is_uplink(port);
}

/* In which directions would a mirror of 'port' copy what leaves through
 * 'underlay'?  It enters the bridge at its own port and leaves at an
 * uplink. */
static int
loop_directions(const struct underlay *underlay,
                const struct switch_port *port)
{
    return (port->ours ? 0
            : port == underlay->local ? DIRECTION_FROM
            : leads_out(port) ? DIRECTION_TO : 0);
}

/* Returns the port by which copies for 'd' leave the host, or NULL if that is
 * not known, or it may be one of several. */
const struct switch_port *
tunnel_uplink(const struct destination *d, const struct switch_state *state)
{
    const struct switch_port *uplink = NULL;
    struct underlay underlay;

    if (!find_underlay(d, state, &underlay)) {
        return NULL;
    }
    for (size_t i = 0; i < underlay.bridge->n_ports; i++) {
        const struct switch_port *port = underlay.bridge->ports[i];

        if (!port->ours && port != underlay.local && leads_out(port)) {
            if (uplink || port->n_ifaces != 1) {
                return NULL;
            }
            uplink = port;
        }
    }
    return uplink;
}

/* Returns the port that 'ws' names as a source and by which it would
 * mirror what leaves through 'underlay', or NULL. */
static const struct switch_port *
find_loop_port(const struct wanted_session *ws,
               const struct underlay *underlay)
{
    for (size_t i = 0; i < underlay->bridge->n_ports; i++) {
        const struct switch_port *port = underlay->bridge->ports[i];
        int directions = loop_directions(underlay, port);

        if (directions
            && directions & wanted_session_names_port(
                ws, underlay->bridge, port)) {
            return port;
        }
    }
    return NULL;
}

/* Does 'mirroring', which has tunnels itself, name as a source what the
 * tunnels of 'sending' leave by?  What it sends would be mirrored again. */
static bool
check_loop(const struct wanted_session *mirroring,
           const struct wanted_session *sending,
           const struct switch_state *state, struct fault *fault)
{
    for (size_t i = 0; mirroring->n_tunnels && i < sending->n_tunnels; i++) {
        const struct destination *d = sending->tunnels[i];
        const struct switch_port *port;
        struct underlay underlay;

        if (find_underlay(d, state, &underlay)
            && (port = find_loop_port(mirroring, &underlay)) != NULL) {
            fault_set(fault, "mirror-loop",
                      "Copies of session %s leave for %s through bridge %s, "
                      "and session %s mirrors port %s there: they would be "
                      "copied again and again.  Take that source out, or send "
                      "to a sink: or a port:.", sending->session->name,
                      d->target, underlay.bridge->name,
                      mirroring->session->name, port->name);
            return false;
        }
    }
    return true;
}

/* Checks the tunnels of 'ws' by themselves and against the 'n_accepted'
 * sessions that run already.  Returns false, with 'fault' set, if one cannot
 * be.  A host from which nothing would be copied needs no policy for it. */
bool
wanted_tunnels_check(const struct wanted_session *ws,
                     const struct wanted_session *const *accepted,
                     size_t n_accepted, const struct switch_state *state,
                     const struct policy *policy, struct fault *fault)
{
    bool here = wanted_session_has_sources(ws);

    for (size_t i = 0; here && i < ws->n_tunnels; i++) {
        if (!check_policy(ws->tunnels[i], policy, fault)
            || !check_own_address(ws->tunnels[i], state, fault)) {
            return false;
        }
    }
    if (!check_loop(ws, ws, state, fault)) {
        return false;
    }
    for (size_t i = 0; i < n_accepted; i++) {
        if (!check_loop(ws, accepted[i], state, fault)
            || !check_loop(accepted[i], ws, state, fault)) {
            return false;
        }
    }
    return true;
}

static void
exclude(struct wanted_session *ws, const struct underlay *underlay)
{
    for (size_t i = 0; i < underlay->bridge->n_ports; i++) {
        const struct switch_port *port = underlay->bridge->ports[i];
        int directions = loop_directions(underlay, port);

        if (directions) {
            wanted_legs_exclude(ws, &port, 1, directions);
        }
    }
}

/* Takes out of what 'ws' mirrors, if it has tunnels itself, what the tunnels
 * of 'sending' leave by.  (By now it can only be included in a bridge or a
 * VLAN.) */
void
wanted_tunnels_exclude(struct wanted_session *ws,
                       const struct wanted_session *sending,
                       const struct switch_state *state)
{
    for (size_t i = 0; ws->n_tunnels && i < sending->n_tunnels; i++) {
        struct underlay underlay;

        if (find_underlay(sending->tunnels[i], state, &underlay)) {
            exclude(ws, &underlay);
        }
    }
}

/* Fills in the ports that the tunnels of the sessions in 'wanted' need. */
void
wanted_tunnels_build(struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        const struct wanted_session *ws = &wanted->sessions[i];

        for (size_t j = 0; ws->n_legs && j < ws->n_tunnels; j++) {
            struct wanted_tunnel tunnel;
            size_t k = 0;

            tunnel_init(&tunnel, ws->tunnels[j], ws->datapath_type);
            while (k < wanted->n_tunnels
                   && !tunnel_equals(&wanted->tunnels[k], &tunnel)) {
                k++;
            }
            if (k == wanted->n_tunnels) {
                wanted->tunnels = xrealloc(
                    wanted->tunnels, (k + 1) * sizeof *wanted->tunnels);
                wanted->tunnels[wanted->n_tunnels++] = tunnel;
            }
        }
    }
}
