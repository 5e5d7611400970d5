/* SPDX-License-Identifier: Apache-2.0 */

/* Which relays there have to be, and how those that are there do.  See
 * relay.h; relay-flows.c has their rules. */

#include <config.h>
#include "relay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "switch-index.h"
#include "util.h"
#include "uuid.h"
#include "wanted-sink.h"

/* Bytes of the ring that the kernel keeps copies in until the relay takes
 * them.  It waits for no disk; this is for a processor that is busy. */
#define BUFFER (64 << 20)

/* What the names of relays, as processes, begin with; no sink's does. */
static const char *const prefixes[] = { "relay:", "relayto:" };

/* Is the sample of 's' taken by a relay? */
bool
session_is_relayed(const struct session *s)
{
    for (size_t i = 0; s->sample > 1 && i < s->n_destinations; i++) {
        if (s->destinations[i].kind != DESTINATION_SINK) {
            return true;
        }
    }
    return false;
}

/* Returns the sample that the recorders have to take which 's' feeds. */
int
session_recorder_sample(const struct session *s)
{
    return session_is_relayed(s) ? 1 : s->sample;
}

/* Returns the name of the relay of the session called 'session' for what the
 * sources receive, if 'to', else for what they send or for both.  The caller
 * must free it. */
char *
relay_name(const char *session, bool to)
{
    return xasprintf("%s%s", prefixes[to], session);
}

/* Returns the name of the session that 'recorder', the name of a process, is
 * a relay of; NULL if it is a sink's. */
const char *
relay_session_name(const char *recorder)
{
    for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
        size_t n = strlen(prefixes[i]);

        if (!strncmp(recorder, prefixes[i], n)) {
            return recorder + n;
        }
    }
    return NULL;
}

/* Returns what people call the process 'recorder', for the caller to free:
 * "Sink web", "The relay of session web". */
char *
recorder_title(const char *recorder)
{
    const char *session = relay_session_name(recorder);

    return (session ? xasprintf("The relay of session %s", session)
            : xasprintf("Sink %s", recorder));
}

/* The span-role of a relay's port. */
const char *
relay_role(bool to)
{
    return to ? "relay-to" : "relay";
}

/* Is 'leg' the one of two for what the sources receive? */
bool
wanted_leg_is_to(const struct wanted_leg *leg)
{
    return leg->role == LEG_PORTS_TO || leg->role == LEG_VLANS_TO;
}

static bool
needs_relay(const struct wanted_session *ws, bool to)
{
    for (size_t i = 0; i < ws->n_legs; i++) {
        const struct wanted_leg *leg = &ws->legs[i];

        if (leg->role != LEG_BACK && wanted_leg_is_to(leg) == to) {
            return session_is_relayed(ws->session);
        }
    }
    return false;
}

static void
want_relay(struct wanted *wanted, const struct wanted_session *ws, bool to,
           const struct switch_state *state,
           const struct resolve_config *config)
{
    struct wanted_relay *relay = xzalloc(sizeof *relay);

    wanted->relays = xrealloc(wanted->relays, ((wanted->n_relays + 1)
                                               * sizeof *wanted->relays));
    wanted->relays[wanted->n_relays++] = relay;
    relay->session = ws;
    relay->to = to;
    relay->name = relay_name(ws->session->name, to);
    relay->mtu = wanted_capture_mtu(state, ws->datapath_type);
    smap_init(&relay->options);
    smap_add_format(&relay->options, "control", "%s/span-sink.%s.ctl",
                    config->run_dir, relay->name);
    smap_add_format(&relay->options, "sample", "%d", ws->session->sample);
    smap_add_format(&relay->options, "buffer", "%d", BUFFER);
}

/* Fills in which relays run, in the order of the sessions. */
void
wanted_relays_build(struct wanted *wanted, const struct switch_state *state,
                    const struct resolve_config *config)
{
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        const struct wanted_session *ws = &wanted->sessions[i];

        for (int to = 0; to < 2; to++) {
            if (needs_relay(ws, to)) {
                want_relay(wanted, ws, to, state, config);
            }
        }
    }
}

void
wanted_relays_destroy(struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->n_relays; i++) {
        smap_destroy(&wanted->relays[i]->options);
        free(wanted->relays[i]->name);
        free(wanted->relays[i]);
    }
    free(wanted->relays);
}

/* The port of that relay of 'ws', NULL if it is not there. */
const struct switch_port *
relay_port_find(const struct switch_state *state,
                const struct wanted_session *ws, bool to)
{
    const struct uuid *session = &ws->session->uuid;
    const struct switch_bridge *bridge
        = switch_state_private_bridge(state, ws->datapath_type);
    const struct index_node *best = NULL;
    const struct index_node *node;

    INDEX_FOR_EACH (node, index_hash_session(session),
                    &state->index->own_ports) {
        const struct switch_port *port = node->object;

        if (node->bridge == bridge && (!best || node->order < best->order)
            && uuid_equals(&port->session, session)
            && !strcmp(switch_port_role(port), relay_role(to))) {
            best = node;
        }
    }
    return best ? best->object : NULL;
}

static const struct switch_sink *
find_process(const struct switch_state *state,
             const struct wanted_session *ws, bool to)
{
    char *name = relay_name(ws->session->name, to);
    const struct switch_sink *process = switch_state_find_sink(state, name);

    free(name);
    return process;
}

/* Returns the relay of 'ws' that runs, NULL if it needs none or it does
 * not. */
const struct switch_sink *
relay_find_running(const struct switch_state *state,
                   const struct wanted_session *ws, bool to)
{
    const struct switch_sink *process
        = needs_relay(ws, to) ? find_process(state, ws, to) : NULL;

    return process && process->state == SINK_READY ? process : NULL;
}

/* Can 'ws' count on that relay? */
enum sink_use
relay_use_of(const struct switch_state *state,
             const struct wanted_session *ws, bool to)
{
    const struct switch_sink *process = find_process(state, ws, to);
    const struct switch_port *port = relay_port_find(state, ws, to);

    if ((port && switch_port_ofport(port) < 0)
        || (process && process->state == SINK_FAILED)) {
        return SINK_USE_FAILED;
    }
    return (port && switch_port_ofport(port) > 0
            && process && process->state == SINK_READY
            && !strcmp(smap_get_def(&process->options, "interface", ""),
                       port->name)
            ? SINK_USE_READY : SINK_USE_PENDING);
}

/* Can 'ws' count on all relays that it has to have? */
enum sink_use
relays_use_of(const struct switch_state *state,
              const struct wanted_session *ws)
{
    enum sink_use all = SINK_USE_READY;

    for (int to = 0; to < 2; to++) {
        if (needs_relay(ws, to)) {
            all = MAX(all, relay_use_of(state, ws, to));
        }
    }
    return all;
}

static void
explain(const struct wanted_session *ws, const struct switch_state *state,
        bool to, struct fault *fault)
{
    const struct switch_sink *process = find_process(state, ws, to);
    const struct switch_port *port = relay_port_find(state, ws, to);
    const char *why = (process && process->error[0] ? process->error
                       : port && port->n_ifaces && port->ifaces[0]->error[0]
                       ? port->ifaces[0]->error : "it did not get ready");

    fault_set(fault, "relay-failed",
              "The relay that takes this session's sample does not run, and "
              "so no copies get anywhere: %s", why);
}

/* Does a relay of 'ws' that runs, if it has to, say that something is
 * wrong? */
static void
judge_errors(const struct wanted_session *ws,
             const struct switch_state *state, bool to, struct fault *fault)
{
    const struct switch_sink *process
        = needs_relay(ws, to) ? find_process(state, ws, to) : NULL;

    if (process && process->error[0] && !fault_is_set(fault)) {
        fault_set(fault, "relay-failed",
                  "The relay that takes this session's sample: %s",
                  process->error);
    }
}

/* Judges the relays of 'ws'.  Returns true if all run, or if it needs none;
 * else sets 'pending', or 'fault' if that has none yet. */
bool
relay_judge(const struct wanted_session *ws, const struct switch_state *state,
            bool overdue, bool *pending, struct fault *fault)
{
    bool ready = true;

    for (int to = 0; to < 2; to++) {
        enum sink_use use = (needs_relay(ws, to)
                             ? relay_use_of(state, ws, to) : SINK_USE_READY);

        if (use == SINK_USE_READY) {
            judge_errors(ws, state, to, fault);
            continue;
        }
        ready = false;
        if (use == SINK_USE_PENDING && !overdue) {
            *pending = true;
        } else if (!fault_is_set(fault)) {
            explain(ws, state, to, fault);
        }
    }
    return ready;
}
