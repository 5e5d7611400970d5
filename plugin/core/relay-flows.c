/* SPDX-License-Identifier: Apache-2.0 */

/* The rules of sessions whose sample a relay takes.  See relay.h.
 *
 * On the private bridge, for what comes from a leg's patch port:
 *
 *     200  dl_vlan=V            drop
 *     100  FILTER               to the relay's port
 *       1                       drop, and so count, what FILTER rejects
 *
 * and for what comes from the relay's port:
 *
 *     103  tagged               meter, strip_vlan, outputs
 *     102                       meter, outputs */

#include <config.h>
#include "relay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "leg-flows.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

/* A tag that is taken off behind the relay does not count for the slice. */
static int
relay_max_len(const struct session *session)
{
    return (session->snaplen
            ? session->snaplen + VLAN_HEADER_LEN * session->strip_vlan : 0);
}

/* Builds into 'list' what the private bridge does with what comes from
 * 'in_port', the patch port of 'leg': it goes to the relay.  Where the session
 * had none until now 'direct', which sends to the destinations at once, stays
 * until the relay is ready; never if those rules are not there: then nobody
 * gets anything rather than more than was asked for.  Returns false if the
 * rules are not as they will be. */
bool
relay_leg_flows_build(const struct wanted_session *ws,
                      const struct wanted_leg *leg,
                      const struct switch_state *state, int64_t in_port,
                      const struct flow_list *direct, struct flow_list *list)
{
    bool to = wanted_leg_is_to(leg);
    const struct switch_port *port = relay_port_find(state, ws, to);
    enum sink_use use = relay_use_of(state, ws, to);
    struct ds actions = DS_EMPTY_INITIALIZER;

    if (use == SINK_USE_PENDING
        && flow_list_is_in(direct, switch_state_private_bridge(
                               state, ws->datapath_type))) {
        flow_list_copy(list, direct);
        return false;
    }
    if (port && switch_port_ofport(port) > 0) {
        flow_put_output(&actions, switch_port_ofport(port),
                        relay_max_len(ws->session));
        ds_chomp(&actions, ',');
    } else {
        ds_put_cstr(&actions, "drop");
    }
    bool ok = leg_flows_add_private(ws, leg, in_port, false,
                                    ds_cstr(&actions), list);
    ds_destroy(&actions);
    return ok && port && switch_port_ofport(port) && use != SINK_USE_PENDING;
}

/* Returns a leg of 'ws' that sends to that relay, or NULL. */
static const struct wanted_leg *
find_leg(const struct wanted_session *ws, bool to)
{
    for (size_t i = 0; i < ws->n_legs; i++) {
        if (ws->legs[i].role != LEG_BACK
            && wanted_leg_is_to(&ws->legs[i]) == to) {
            return &ws->legs[i];
        }
    }
    return NULL;
}

/* Builds into 'list', on top of what is there, what the private bridge does
 * with what comes from the relays of 'ws'.  Returns false if something of it
 * cannot be told yet. */
bool
relay_flows_build(const struct wanted_session *ws,
                  const struct switch_state *state, struct flow_list *list)
{
    bool complete = true;

    for (int to = 0; to < 2 && session_is_relayed(ws->session); to++) {
        const struct wanted_leg *leg = find_leg(ws, to);
        const struct switch_port *port;
        int64_t ofport;

        if (!leg) {
            continue;
        }
        port = relay_port_find(state, ws, to);
        ofport = port ? switch_port_ofport(port) : 0;
        if (ofport > 0) {
            struct ds actions = DS_EMPTY_INITIALIZER;

            complete &= leg_flows_put_outputs(&actions, ws, leg, true, state);
            complete &= leg_flows_add_relayed(ws, ofport, ds_cstr(&actions),
                                              list);
            ds_destroy(&actions);
        } else if (!ofport) {
            complete = false;
        }
    }
    return complete;
}

static const struct switch_port *
find_interface(const struct switch_bridge *bridge,
               const struct switch_sink *process)
{
    return switch_bridge_find_port(
        bridge, smap_get_def(&process->options, "interface", ""));
}

static bool
is_wanted(const struct wanted *wanted, const struct switch_sink *process)
{
    for (size_t i = 0; i < wanted->n_relays; i++) {
        if (!strcmp(wanted->relays[i]->name, process->name)) {
            return true;
        }
    }
    return false;
}

/* The port of relay 'process', NULL if it is not there. */
static const struct switch_port *
find_port_of(const struct switch_state *state,
             const struct switch_sink *process)
{
    const struct switch_port *port = NULL;

    for (size_t i = 0; !port && i < state->n_bridges; i++) {
        if (state->bridges[i]->ours) {
            port = find_interface(state->bridges[i], process);
        }
    }
    return port;
}

/* Does 'flow' of 'bridge' hand out what a relay sends that nobody wants any
 * more, but has not ended yet? */
bool
relay_needs_flow(const struct wanted *wanted, const struct switch_state *state,
                 const struct switch_bridge *bridge,
                 const struct span_flow *flow)
{
    for (size_t i = 0; (!bridge->ours || flow_is_relayed(flow)
                        || flow->table == SPAN_TABLE_CUT)
                       && i < state->n_sinks; i++) {
        const struct switch_sink *process = state->sinks[i];

        if (process->state != SINK_FAILED
            && relay_session_name(process->name)
            && !is_wanted(wanted, process)) {
            const struct switch_port *port = find_port_of(state, process);

            if (port && flow->cookie == flow_cookie(&port->session)) {
                return true;
            }
        }
    }
    return false;
}

static bool
sends_to(const struct span_flow *flow, int64_t ofport)
{
    char *plain = xasprintf("output:%"PRId64, ofport);
    char *cut = xasprintf("output(port=%"PRId64",", ofport);
    bool yes = (!strcmp(flow->actions, plain)
                || !strncmp(flow->actions, cut, strlen(cut)));

    free(plain);
    free(cut);
    return yes;
}

/* Do rules still send to the port of relay 'process'? */
bool
relay_is_fed(const struct switch_state *state,
             const struct switch_sink *process)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct switch_bridge *bridge = state->bridges[i];
        const struct switch_port *port
            = bridge->ours ? find_interface(bridge, process) : NULL;

        if (port && !bridge->flows_known && !state->unreachable) {
            return true;
        }
        for (size_t j = 0; port && switch_port_ofport(port) > 0
                           && j < bridge->n_flows; j++) {
            const struct span_flow *flow = &bridge->flows[j];

            if (flow->table == 0 && flow->priority == SPAN_PRIO_COPY
                && flow->cookie == flow_cookie(&port->session)
                && sends_to(flow, switch_port_ofport(port))) {
                return true;
            }
        }
    }
    return false;
}
