/* SPDX-License-Identifier: Apache-2.0 */

/* Sessions with a destination live:HOST, whose copies somebody watches.
 *
 * Such a session is carried out on that one host, as long as a process there
 * holds its lease.  That process also starts the recorder, at the capture port
 * which it is given, so the frames go where it wants them.  To the plan it is
 * a sink like others that it neither starts nor stops: the lease is observed
 * as the recorder of a sink named after the session. */

#include <config.h>
#include "wanted-live.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "switch-state.h"
#include "util.h"
#include "wanted-leg.h"
#include "wanted.h"

/* The destination of 'session' that is live, or NULL. */
const struct destination *
session_live_destination(const struct session *session)
{
    for (size_t i = 0; i < session->n_destinations; i++) {
        if (session->destinations[i].kind == DESTINATION_LIVE) {
            return &session->destinations[i];
        }
    }
    return NULL;
}

/* Returns the name of the sink that stands for the lease of the session named
 * 'session'; no other sink can have it.  The caller must free it. */
char *
live_sink_name(const char *session)
{
    return xasprintf("live:%s", session);
}

static const struct sink_config *
add_live_sink(struct wanted *wanted, char *name)
{
    struct sink_config *sink = xmalloc(sizeof *sink);

    sink_config_init(sink, name);
    sink->live = true;
    free(name);
    wanted->live = xrealloc(wanted->live,
                            (wanted->n_live + 1) * sizeof *wanted->live);
    wanted->live[wanted->n_live++] = sink;
    return sink;
}

/* Gives 'ws' the sink of its lease, if it is a live session.  Returns false if
 * that keeps it from running here; then it has nothing on the switch. */
bool
wanted_live_resolve(struct wanted *wanted, struct wanted_session *ws,
                    const struct switch_state *state)
{
    const struct destination *live = session_live_destination(ws->session);

    if (!live) {
        return true;
    }
    if (strcmp(live->target, state->system_id)) {
        if (wanted_session_has_sources(ws)) {
            ws->state = WANTED_WAITING;
            fault_clear(&ws->fault);
            fault_set(&ws->fault, "other-host",
                      "What it captures is on this host, but ovs-spanctl "
                      "capture runs on another one.  Run it here.");
        }
        wanted_session_drop_legs(ws);
        return false;
    }

    char *name = live_sink_name(ws->session->name);
    if (!switch_state_find_sink(state, name)) {
        free(name);
        ws->state = WANTED_EXPIRED;
        fault_clear(&ws->fault);
        fault_set(&ws->fault, "lease-over",
                  "The ovs-spanctl capture that made the session is gone.");
        wanted_session_drop_legs(ws);
        return false;
    }
    ws->sinks = xrealloc(ws->sinks, (ws->n_sinks + 1) * sizeof *ws->sinks);
    ws->sinks[ws->n_sinks++] = add_live_sink(wanted, name);
    return true;
}

/* Frees what wanted_live_resolve() added to 'wanted'. */
void
wanted_live_destroy(struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->n_live; i++) {
        sink_config_destroy(wanted->live[i]);
        free(wanted->live[i]);
    }
    free(wanted->live);
}
