/* SPDX-License-Identifier: Apache-2.0 */

/* What a session may not do with uplinks.
 *
 * An uplink carries its own traffic and the copies of any number of sessions.
 * But no session mirrors what leaves through it, since copies do; and no
 * session that sends copies to uplinks mirrors what arrives through it, since
 * the copies of another host may.  What such a session names is refused; what
 * it merely includes, with a bridge or a VLAN, is left out. */

#include <config.h>
#include "conflict-uplink.h"

#include <string.h>

#include "name.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "source-match.h"
#include "util.h"
#include "wanted-group.h"
#include "wanted-leg.h"
#include "wanted-uplink.h"

static bool
policy_allows(const struct policy *policy, const char *uplink)
{
    for (size_t i = 0; policy && i < policy->n_uplinks; i++) {
        if (name_glob_matches(policy->uplinks[i], uplink)) {
            return true;
        }
    }
    return false;
}

/* Is 'name' that of a member of a bond?  Copies follow the active member of a
 * bond, so the bond is to be named. */
static bool
check_no_member(const char *name, const struct switch_state *state,
                struct fault *fault)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct switch_bridge *bridge = state->bridges[i];

        for (size_t j = 0; j < bridge->n_ports; j++) {
            const struct switch_port *port = bridge->ports[j];

            for (size_t k = 0; port->n_ifaces > 1 && k < port->n_ifaces;
                 k++) {
                if (!strcmp(port->ifaces[k]->name, name)) {
                    fault_set(fault, "bond-member",
                              "%s is a member of bond %s, which chooses the "
                              "member that sends; write rspan:%s.",
                              name, port->name, port->name);
                    return false;
                }
            }
        }
    }
    return true;
}

/* Is 'port' of 'bridge' a destination port of 'other'? */
static bool
has_output(const struct session *other, const struct switch_port *port,
           const struct switch_state *state)
{
    for (size_t i = 0; i < other->n_destinations; i++) {
        const struct switch_bridge *bridge;

        if (destination_find_port(&other->destinations[i], state, &bridge)
            == port) {
            return true;
        }
    }
    return false;
}

/* Checks that 'ws' does not mirror the uplink 'port' that copies leave
 * through, those of 'user', which may be the same session. */
static bool
check_loop(const struct wanted_session *ws, const struct session *user,
           const struct switch_bridge *bridge, const struct switch_port *port,
           struct fault *fault)
{
    const struct session *session = ws->session;
    int named = wanted_session_names_port(ws, bridge, port);

    if (session_has_uplinks(session) ? named : named & DIRECTION_TO) {
        fault_set(fault, "mirror-loop",
                  "Copies of session %s go out of uplink %s, which is a "
                  "source of %s%s: they would be copied again.  Mirror the "
                  "VMs' ports instead%s.", user->name, port->name,
                  session == user ? "the same session" : "session ",
                  session == user ? "" : session->name,
                  session_has_uplinks(session) ? "" : ", or only what comes "
                  "from the uplink");
        return false;
    }
    return true;
}

/* Checks one uplink of 'ws' by itself. */
static bool
check_uplink(const struct wanted_session *ws,
             const struct switch_bridge *bridge,
             const struct switch_port *port, const struct policy *policy,
             const struct switch_state *state, struct fault *fault)
{
    if (!port_is_uplink(port)) {
        fault_set(fault, "destination-unsuitable",
                  "Port %s is no uplink: it leads to this host or to another "
                  "bridge.  Name a physical port or a bond.", port->name);
    } else if (policy && policy_forbids(policy->never_destination,
                                        policy->n_never_destination,
                                        bridge, port)) {
        fault_set(fault, "policy",
                  "This host's policy (never_destination) does not let copies "
                  "go to port %s.", port->name);
    } else if (has_output(ws->session, port, state)) {
        fault_set(fault, "VspanDestPortConflict",
                  "Port %s is there as port: and as rspan:; write one of "
                  "them.", port->name);
    } else {
        return check_loop(ws, ws->session, bridge, port, fault);
    }
    return false;
}

/* Checks the uplinks of 'session' against 'mirroring': what that mirrors and
 * where it sends it. */
static bool
check_against(const struct session *session,
              const struct wanted_session *mirroring,
              const struct switch_state *state, struct fault *fault)
{
    const struct session *other = mirroring->session;

    for (size_t i = 0; i < session->n_destinations; i++) {
        const struct switch_bridge *bridge;
        const struct switch_port *port
            = uplink_find_port(&session->destinations[i], state, &bridge);

        if (!port) {
            continue;
        }
        if (has_output(other, port, state)) {
            fault_set(fault, "VspanDestPortConflict",
                      "Port %s is an uplink of session %s and a destination "
                      "port of session %s; use another port.", port->name,
                      session->name, other->name);
            return false;
        }
        if (!check_loop(mirroring, session, bridge, port, fault)) {
            return false;
        }
    }
    return true;
}

/* Do the copies of 'session' come back to it as a VLAN that it mirrors, by way
 * of the sessions of which some mirror VLANs in which others send? */
static bool
check_vlan_cycle(const struct session *session,
                 const struct wanted_session *const *accepted,
                 size_t n_accepted, struct fault *fault)
{
    bool reached[VLAN_VID_MASK + 1] = { false };
    bool changed = session->encap_vlan != 0;

    reached[session->encap_vlan & VLAN_VID_MASK] = changed;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < n_accepted; i++) {
            const struct session *other = accepted[i]->session;
            int vlan = other->encap_vlan & VLAN_VID_MASK;

            for (size_t j = 0; vlan && !reached[vlan]
                 && j < other->n_sources; j++) {
                const struct selector *s = &other->sources[j].selector;

                if (s->kind == SELECTOR_VLAN && reached[s->vlan]) {
                    changed = reached[vlan] = true;
                }
            }
            if (reached[vlan] && session_mirrors_vlan(session, vlan)) {
                fault_set(fault, "mirror-loop",
                          "The session mirrors VLAN %d, in which session %s "
                          "sends on what this one sends in VLAN %d: it would "
                          "be copied again.  Write another encap_vlan.",
                          vlan, other->name, session->encap_vlan);
                return false;
            }
        }
    }
    return true;
}

/* Checks the uplinks of 'ws' by themselves and with the 'n_accepted' sessions
 * that run already.  Returns true if all is well, else false with 'fault'
 * set.  A host from which nothing would be copied needs no policy for it. */
bool
conflict_check_uplinks(const struct wanted_session *ws,
                       const struct wanted_session *const *accepted,
                       size_t n_accepted, const struct switch_state *state,
                       const struct policy *policy, struct fault *fault)
{
    const struct session *session = ws->session;
    bool here = wanted_session_has_sources(ws);

    for (size_t i = 0; i < session->n_destinations; i++) {
        const struct destination *dest = &session->destinations[i];
        const struct switch_bridge *bridge;
        const struct switch_port *port;

        if (dest->kind != DESTINATION_RSPAN) {
            continue;
        }
        port = uplink_find_port(dest, state, &bridge);
        if (!port && !check_no_member(dest->target, state, fault)) {
            return false;
        }
        if (here && !policy_allows(policy, dest->target)) {
            fault_set(fault, "policy",
                      "This host's policy does not let copies leave it "
                      "through %s; its owner allows that in "
                      "/etc/ovs-span/policy.json: \"uplinks\": [\"%s\"].",
                      dest->target, dest->target);
            return false;
        }
        if (port
            && !check_uplink(ws, bridge, port, policy, state, fault)) {
            return false;
        }
    }
    for (size_t i = 0; i < n_accepted; i++) {
        if (!check_against(session, accepted[i], state, fault)
            || !check_against(accepted[i]->session, ws, state, fault)) {
            return false;
        }
    }
    return check_vlan_cycle(session, accepted, n_accepted, fault);
}
