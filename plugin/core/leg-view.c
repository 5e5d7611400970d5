/* SPDX-License-Identifier: Apache-2.0 */

/* The observed counterparts of wanted legs and sinks. */

#include <config.h>
#include "leg-view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "openvswitch/util.h"
#include "switch-index.h"
#include "util.h"
#include "uuid.h"

/* Do 'external_ids' say that something belongs to the hook of 'leg', or to
 * none if that has none? */
static bool
is_of_hook(const struct smap *external_ids, const struct wanted_leg *leg)
{
    return !strcmp(smap_get_def(external_ids, SPAN_KEY_HOOK, ""),
                   leg->hook ? leg->hook : "");
}

static const struct switch_port *
find_end(const struct switch_state *state, const struct switch_bridge *bridge,
         const struct uuid *session, const struct wanted_leg *leg,
         const char *production_bridge)
{
    const char *role = leg_role_to_string(leg->role);
    const struct index_node *best = NULL;
    const struct index_node *node;

    INDEX_FOR_EACH (node, index_hash_session(session),
                    &state->index->own_ports) {
        const struct switch_port *port = node->object;

        if (node->bridge == bridge && (!best || node->order < best->order)
            && uuid_equals(&port->session, session)
            && !strcmp(switch_port_role(port), role)
            && is_of_hook(&port->external_ids, leg)
            && (!leg->hook || production_bridge[0]
                || !strcmp(port->name, leg->hook))
            && !strcmp(smap_get_def(&port->external_ids, SPAN_KEY_BRIDGE, ""),
                       production_bridge)) {
            best = node;
        }
    }
    return best ? best->object : NULL;
}

/* The first Mirror of ours for 'session' in 'role' on 'bridge', that of the
 * hook of 'leg' and with 'output' where they are not NULL. */
static const struct switch_mirror *
find_mirror(const struct switch_state *state,
            const struct switch_bridge *bridge, const struct uuid *session,
            const char *role, const struct wanted_leg *leg,
            const struct uuid *output)
{
    const struct index_node *best = NULL;
    const struct index_node *node;

    INDEX_FOR_EACH (node, index_hash_session(session),
                    &state->index->mirrors) {
        const struct switch_mirror *mirror = node->object;

        if (node->bridge == bridge && (!best || node->order < best->order)
            && uuid_equals(&mirror->session, session)
            && !strcmp(switch_mirror_role(mirror), role)
            && (!leg || is_of_hook(&mirror->external_ids, leg))
            && (!output || uuid_equals(&mirror->output_port, output))) {
            best = node;
        }
    }
    return best ? best->object : NULL;
}

/* Fills in '*view' with what 'state' has of 'leg'. */
void
leg_view_find(struct leg_view *view, const struct wanted_session *ws,
              const struct wanted_leg *leg, const struct switch_state *state)
{
    const struct uuid *session = &ws->session->uuid;
    const struct switch_bridge *bridge = leg->bridge;

    memset(view, 0, sizeof *view);
    view->private_bridge = switch_state_private_bridge(
        state, switch_bridge_type(bridge));
    view->production_end = find_end(state, bridge, session, leg, "");
    if (view->private_bridge) {
        view->private_end = find_end(state, view->private_bridge, session,
                                     leg, bridge->name);
    }
    view->mirror = find_mirror(state, bridge, session,
                               leg_role_to_string(leg->role), leg, NULL);
}

/* Does the leg's mirror select anything? */
bool
leg_view_is_armed(const struct leg_view *view)
{
    return view->mirror && (view->mirror->n_src || view->mirror->n_dst);
}

/* Are there rules of 'session', or may there be, for what comes from the
 * leg? */
bool
leg_view_has_rules(const struct leg_view *view, const struct uuid *session)
{
    const struct switch_bridge *bridge = view->private_bridge;
    int64_t ofport = (view->private_end
                      ? switch_port_ofport(view->private_end) : 0);
    bool found = ofport > 0 && !bridge->flows_known;

    if (ofport > 0) {
        char *in_port = xasprintf("in_port=%"PRId64, ofport);
        size_t n = strlen(in_port);

        for (size_t i = 0; i < bridge->n_flows && !found; i++) {
            const struct span_flow *flow = &bridge->flows[i];

            found = (flow->cookie == flow_cookie(session)
                     && !strncmp(flow->match, in_port, n)
                     && (!flow->match[n] || flow->match[n] == ','));
        }
        free(in_port);
    }
    return found;
}

/* Is the production end shut to a controller's floods and packet-ins?  Before
 * that, no rule takes anything from it. */
bool
leg_view_is_guarded(const struct leg_view *view)
{
    return view->production_end && view->production_end->no_flood
           && view->production_end->no_packet_in;
}

/* The Mirror of ours that reserves 'output' for the copies of 'ws'. */
const struct switch_mirror *
reserve_mirror_find(const struct switch_state *state,
                    const struct wanted_session *ws,
                    const struct switch_bridge *bridge,
                    const struct switch_port *output)
{
    return find_mirror(state, bridge, &ws->session->uuid, SPAN_ROLE_RESERVE,
                       NULL, &output->uuid);
}

/* The capture port of 'sink' on the private bridge of 'datapath_type'. */
const struct switch_port *
capture_port_find(const struct switch_state *state, const char *datapath_type,
                  const char *sink)
{
    const struct switch_bridge *bridge
        = switch_state_private_bridge(state, datapath_type);
    const struct index_node *best = NULL;
    const struct index_node *node;

    INDEX_FOR_EACH (node, index_hash_text(sink), &state->index->own_ports) {
        const struct switch_port *port = node->object;

        if (node->bridge == bridge && (!best || node->order < best->order)
            && !strcmp(switch_port_role(port), SPAN_ROLE_CAPTURE)
            && !strcmp(smap_get_def(&port->external_ids, SPAN_KEY_SINK, ""),
                       sink)) {
            best = node;
        }
    }
    return best ? best->object : NULL;
}

/* Can 'ws' count on the recorder 'config'? */
enum sink_use
sink_use_of(const struct switch_state *state, const struct wanted_session *ws,
            const struct sink_config *config)
{
    const struct switch_sink *sink = switch_state_find_sink(state,
                                                            config->name);
    const struct switch_port *port = capture_port_find(
        state, ws->datapath_type, config->name);

    if (port && switch_port_ofport(port) < 0) {
        return SINK_USE_FAILED;
    }
    if (sink && sink->state == SINK_FAILED) {
        return SINK_USE_FAILED;
    }
    return (port && switch_port_ofport(port) > 0
            && sink && sink->state == SINK_READY
            ? SINK_USE_READY : SINK_USE_PENDING);
}
