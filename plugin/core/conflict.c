/* SPDX-License-Identifier: Apache-2.0 */

/* Sessions that cannot run beside each other, with the names of vSphere's
 * faults (VMware vSphere API, VspanPortConflict and its siblings). */

#include <config.h>
#include "conflict.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conflict-uplink.h"
#include "openvswitch/util.h"
#include "relay.h"
#include "source-match.h"
#include "uuid.h"
#include "wanted-group.h"
#include "wanted-leg.h"

static bool
session_names_destination(const struct session *session, const char *port)
{
    for (size_t i = 0; i < session->n_destinations; i++) {
        if (session->destinations[i].kind == DESTINATION_PORT
            && !strcmp(session->destinations[i].target, port)) {
            return true;
        }
    }
    return false;
}

/* Checks one port that the 'i'th source of 'ws' may name. */
static bool
check_source(const struct wanted_session *ws, size_t i,
             const struct switch_bridge *bridge,
             const struct switch_port *port, const struct policy *policy,
             struct fault *fault)
{
    const struct selector *selector = &ws->session->sources[i].selector;

    if (selector_names_bond_member(selector, port)) {
        fault_set(fault, "bond-member",
                  "%s is a member of bond %s, and a mirror takes whole ports; "
                  "use uplink:%s, which is the whole bond.",
                  selector->value, port->name, port->name);
    } else if (policy && wanted_source_names(ws, i, bridge, port)
               && policy_forbids(policy->never_source,
                                 policy->n_never_source, bridge, port)) {
        fault_set(fault, "policy",
                  "This host's policy (never_source) does not let port %s be "
                  "mirrored.", port->name);
    }
    return !fault_is_set(fault);
}

/* Checks the ports that 'ws' names as sources.  (Those that it only
 * includes, with a bridge or a VLAN, are left out instead.) */
static bool
check_sources(const struct wanted_session *ws,
              const struct switch_state *state, const struct policy *policy,
              struct fault *fault)
{
    for (size_t i = 0; i < ws->session->n_sources; i++) {
        struct port_candidate *ports;
        bool ok = true;

        if (selector_is_wide(&ws->session->sources[i].selector)) {
            continue;
        }
        size_t n_ports = wanted_source_ports(ws, i, state, &ports);
        for (size_t j = 0; ok && j < n_ports; j++) {
            ok = check_source(ws, i, ports[j].bridge, ports[j].port, policy,
                              fault);
        }
        free(ports);
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* Checks one destination port of 'ws' by itself.  Returns false, with
 * 'fault' set, if it cannot be. */
static bool
check_destination(const struct wanted_session *ws,
                  const struct switch_bridge *bridge,
                  const struct switch_port *port,
                  const struct policy *policy, struct fault *fault)
{
    if (!strcmp(switch_port_type(port), "patch")) {
        fault_set(fault, "destination-unsuitable",
                  "Port %s is a patch port: copies would enter another "
                  "bridge as if they were traffic.  Name a VM's or a physical "
                  "port.", port->name);
    } else if (policy && policy_forbids(policy->never_destination,
                                        policy->n_never_destination,
                                        bridge, port)) {
        fault_set(fault, "policy",
                  "This host's policy (never_destination) does not let copies "
                  "go to port %s.", port->name);
    } else if (wanted_session_names_port(ws, bridge, port)) {
        fault_set(fault, "VspanSameSessionPortConflict",
                  "Port %s is a source and a destination of this session; "
                  "take it out of one of them.", port->name);
    }
    return !fault_is_set(fault);
}

static bool
check_destination_against(const struct wanted_session *accepted,
                          const struct switch_bridge *bridge,
                          const struct switch_port *port,
                          struct fault *fault)
{
    const struct session *other = accepted->session;

    if (session_names_destination(other, port->name)) {
        fault_set(fault, "VspanDestPortConflict",
                  "Port %s is the destination of session %s already; use "
                  "another port, or add this source to that session.",
                  port->name, other->name);
    } else if (wanted_session_names_port(accepted, bridge, port)) {
        fault_set(fault, "VspanPortConflict",
                  "Port %s is a source of session %s; a port cannot be both. "
                  "Use another destination.", port->name, other->name);
    }
    return !fault_is_set(fault);
}

/* Is a source that 'ws' names a destination of 'other'? */
static bool
check_sources_against(const struct wanted_session *ws,
                      const struct session *other,
                      const struct switch_state *state, struct fault *fault)
{
    for (size_t i = 0; i < other->n_destinations; i++) {
        const struct switch_bridge *bridge;
        const struct switch_port *port
            = destination_find_port(&other->destinations[i], state, &bridge);

        if (port && wanted_session_names_port(ws, bridge, port)) {
            fault_set(fault, "VspanPortConflict",
                      "Port %s is the destination of session %s; a port "
                      "cannot be a source too.", port->name, other->name);
            return false;
        }
    }
    return true;
}

/* Checks the ports of 'ws' by themselves and against the 'n_accepted' sessions
 * that run already.  Returns true if all is well, else false with 'fault'
 * set. */
bool
conflict_check(const struct wanted_session *ws,
               const struct wanted_session *const *accepted,
               size_t n_accepted, const struct switch_state *state,
               const struct policy *policy, struct fault *fault)
{
    const struct session *session = ws->session;

    if (!check_sources(ws, state, policy, fault)) {
        return false;
    }
    for (size_t i = 0; i < session->n_destinations; i++) {
        const struct switch_bridge *bridge;
        const struct switch_port *port
            = destination_find_port(&session->destinations[i], state,
                                    &bridge);

        if (!port) {
            continue;
        }
        if (!check_destination(ws, bridge, port, policy, fault)) {
            return false;
        }
        for (size_t j = 0; j < n_accepted; j++) {
            if (!check_destination_against(accepted[j], bridge, port, fault)) {
                return false;
            }
        }
    }
    for (size_t j = 0; j < n_accepted; j++) {
        if (!check_sources_against(ws, accepted[j]->session, state, fault)) {
            return false;
        }
    }
    return conflict_check_uplinks(ws, accepted, n_accepted, state, policy,
                                  fault);
}

static bool
session_names_sink(const struct session *session, const char *sink)
{
    for (size_t i = 0; i < session->n_destinations; i++) {
        if (session->destinations[i].kind == DESTINATION_SINK
            && !strcmp(session->destinations[i].target, sink)) {
            return true;
        }
    }
    return false;
}

/* Says that 'session' and 'other' cannot both send to 'sink'. */
static void
refuse_sample(const struct session *session, const struct session *other,
              const char *sink, struct fault *fault)
{
    if (session->sample != other->sample) {
        fault_set(fault, "sample-conflict",
                  "Session %s has sample=%d and this one sample=%d, "
                  "and both send to sink %s, which takes one sample "
                  "of all that it gets.  Give this session a sink of "
                  "its own, or the same sample.", other->name,
                  other->sample, session->sample, sink);
    } else {
        fault_set(fault, "sample-conflict",
                  "Session %s and this one both send to sink %s, but only "
                  "one of them sends to other destinations too: what it "
                  "sends is a sample already, and of the other the sink is "
                  "to take one.  Give this session a sink of its own.",
                  other->name, sink);
    }
}

/* A recorder takes one sample of all that it gets.  Returns false, with
 * 'fault' set, if one of the 'n_accepted' sessions wants another sample of a
 * sink of 'ws'. */
bool
conflict_check_sample(const struct wanted_session *ws,
                      const struct wanted_session *const *accepted,
                      size_t n_accepted, struct fault *fault)
{
    const struct session *session = ws->session;

    for (size_t i = 0; i < ws->n_sinks; i++) {
        const char *sink = ws->sinks[i]->name;

        for (size_t j = 0; j < n_accepted; j++) {
            const struct session *other = accepted[j]->session;

            if (session_recorder_sample(other)
                != session_recorder_sample(session)
                && session_names_sink(other, sink)) {
                refuse_sample(session, other, sink, fault);
                return false;
            }
        }
    }
    return true;
}
