/* SPDX-License-Identifier: Apache-2.0 */

/* Which recorders run on this host, and from which datapath. */

#include <config.h>
#include "wanted-sink.h"

#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "openvswitch/util.h"
#include "sink-options.h"
#include "switch-index.h"
#include "util.h"
#include "wanted-leg.h"

/* Returns the MTU that a capture port needs: 8 bytes (two VLAN tags) above the
 * largest of any bridge of its kind; 65535 is the most that a tap device
 * takes. */
int64_t
wanted_capture_mtu(const struct switch_state *state, const char *datapath_type)
{
    int64_t mtu = 1500;

    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct switch_bridge *bridge = state->bridges[i];

        if (bridge->ours
            || strcmp(switch_bridge_type(bridge), datapath_type)) {
            continue;
        }
        for (size_t j = 0; j < bridge->n_ports; j++) {
            for (size_t k = 0; k < bridge->ports[j]->n_ifaces; k++) {
                mtu = MAX(mtu, bridge->ports[j]->ifaces[k]->mtu);
            }
        }
    }
    return MIN(mtu + 8, 65535);
}

/* The datapath type whose private bridge has the capture port of 'sink' now,
 * or NULL. */
static const char *
observed_sink_type(const struct switch_state *state,
                   const struct sink_config *sink)
{
    const struct index_node *best = NULL;
    const struct index_node *node;

    INDEX_FOR_EACH (node, index_hash_text(sink->name),
                    &state->index->own_ports) {
        const struct switch_port *port = node->object;

        if (node->bridge->ours && (!best || node->order < best->order)
            && !strcmp(smap_get_def(&port->external_ids, SPAN_KEY_SINK, ""),
                       sink->name)) {
            best = node;
        }
    }
    return best ? switch_bridge_type(best->bridge) : NULL;
}

static struct wanted_sink *
find_wanted_sink(struct wanted *wanted, const struct sink_config *config)
{
    for (size_t i = 0; i < wanted->n_sinks; i++) {
        if (wanted->sinks[i]->config == config) {
            return wanted->sinks[i];
        }
    }
    return NULL;
}

/* wanted_capture_mtu(), which the other recorders may know already. */
static int64_t
find_mtu(const struct wanted *wanted, const struct switch_state *state,
         const char *datapath_type)
{
    for (size_t i = 0; i < wanted->n_sinks; i++) {
        if (wanted->sinks[i]->mtu
            && !strcmp(wanted->sinks[i]->datapath_type, datapath_type)) {
            return wanted->sinks[i]->mtu;
        }
    }
    return wanted_capture_mtu(state, datapath_type);
}

static void
want_sink(struct wanted *wanted, const struct switch_state *state,
          const struct sink_config *sink_config, const char *datapath_type)
{
    struct wanted_sink *sink = xzalloc(sizeof *sink);

    wanted->sinks = xrealloc(wanted->sinks,
                             (wanted->n_sinks + 1) * sizeof *wanted->sinks);
    wanted->sinks[wanted->n_sinks++] = sink;
    sink->config = sink_config;
    sink->datapath_type = datapath_type;
    sink->mtu = find_mtu(wanted, state, datapath_type);
    smap_init(&sink->options);
}

/* The turns in which sessions get their recorders. */
enum turn {
    TURN_HERE,                  /* Sessions where the recorder is already. */
    TURN_ANYWHERE,              /* Others that mirror something. */
    TURN_WAITING,               /* Those that wait: a recorder that runs goes
                                 * on, so that a VM that comes back finds it
                                 * ready. */
    N_TURNS
};

static bool
is_turn(const struct switch_state *state, const struct wanted_session *ws,
        const struct sink_config *config, enum turn turn)
{
    const char *observed = observed_sink_type(state, config);

    switch (turn) {
    case TURN_HERE:
        return ws->n_legs && observed
               && !strcmp(observed, ws->datapath_type);
    case TURN_ANYWHERE:
        return ws->n_legs > 0;
    case TURN_WAITING:
        return !ws->n_legs && observed
               && switch_state_find_sink(state, config->name);
    case N_TURNS:
        break;
    }
    OVS_NOT_REACHED();
}

/* A recorder records from one datapath type; a session on another one does
 * without it. */
static void
drop_sinks_elsewhere(struct wanted *wanted, struct wanted_session *ws)
{
    for (size_t i = ws->n_sinks; ws->n_legs && i-- > 0; ) {
        const struct wanted_sink *sink = find_wanted_sink(wanted,
                                                          ws->sinks[i]);

        if (strcmp(sink->datapath_type, ws->datapath_type)) {
            if (!fault_is_set(&ws->fault)) {
                fault_set(&ws->fault, "datapath-mismatch",
                          "Sink %s records from datapath type %s, this "
                          "session is on type %s; give it another sink.",
                          sink->config->name, sink->datapath_type,
                          ws->datapath_type);
            }
            memmove(&ws->sinks[i], &ws->sinks[i + 1],
                    (ws->n_sinks - i - 1) * sizeof *ws->sinks);
            ws->n_sinks--;
        }
    }
    if (!wanted_session_has_outputs(ws) && !ws->n_sinks && !ws->n_tunnels) {
        wanted_session_drop_legs(ws);
    }
}

static int
compare_wanted_sinks(const void *a_, const void *b_)
{
    const struct wanted_sink *const *a = a_, *const *b = b_;
    return strcmp((*a)->config->name, (*b)->config->name);
}

/* Fills in which recorders run, and takes from the sessions those that they
 * cannot have. */
void
wanted_sinks_build(struct wanted *wanted, const struct switch_state *state,
                   const struct resolve_config *config)
{
    for (enum turn turn = 0; turn < N_TURNS; turn++) {
        for (size_t i = 0; i < wanted->n_sessions; i++) {
            const struct wanted_session *ws = &wanted->sessions[i];

            for (size_t j = 0; j < ws->n_sinks; j++) {
                const struct sink_config *sink = ws->sinks[j];

                if (!find_wanted_sink(wanted, sink)
                    && is_turn(state, ws, sink, turn)) {
                    want_sink(wanted, state, sink,
                              ws->n_legs ? ws->datapath_type
                              : observed_sink_type(state, sink));
                }
            }
        }
    }
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        drop_sinks_elsewhere(wanted, &wanted->sessions[i]);
    }
    if (wanted->n_sinks > 1) {
        qsort(wanted->sinks, wanted->n_sinks, sizeof *wanted->sinks,
              compare_wanted_sinks);
    }
    for (size_t i = 0; i < wanted->n_sinks; i++) {
        struct wanted_sink *sink = wanted->sinks[i];

        if (sink->config->live) {
            continue;           /* Its options are not ours. */
        }
        smap_destroy(&sink->options);
        sink_options_build(wanted, sink->config, config, &sink->options);
    }
}
