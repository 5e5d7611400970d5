/* SPDX-License-Identifier: Apache-2.0 */

/* Sessions of ovs-spanctl capture in plan cases: see script.h. */

#include <config.h>
#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"
#include "wanted-live.h"

static struct session *
find_session(struct script *s, const char *name)
{
    for (size_t i = 0; i < s->n_sessions; i++) {
        if (!strcmp(s->sessions[i].name, name)) {
            return &s->sessions[i];
        }
    }
    return NULL;
}

static void
remove_sink(struct switch_state *state, const struct switch_sink *sink)
{
    for (size_t i = 0; i < state->n_sinks; i++) {
        if (state->sinks[i] == sink) {
            switch_sink_destroy(state->sinks[i]);
            state->sinks[i] = state->sinks[--state->n_sinks];
        }
    }
}

/* Makes 'host' the only destination of the session 'name', which must be
 * there, and its lease what 'state' says: "none", "starting" or "ready". */
void
script_lease(struct script *s, const char *name, const char *host,
             const char *state)
{
    struct session *session = find_session(s, name);
    char *sink_name = live_sink_name(name);
    struct switch_sink *sink = CONST_CAST(
        struct switch_sink *, switch_state_find_sink(&s->fake.state,
                                                     sink_name));

    session_clear_destinations(session);
    struct destination *live = session_add_destination(session);
    live->kind = DESTINATION_LIVE;
    live->target = xstrdup(host);

    if (!strcmp(state, "none")) {
        remove_sink(&s->fake.state, sink);
    } else {
        if (!sink) {
            sink = switch_state_add_sink(&s->fake.state, sink_name);
        }
        sink->live = true;
        sink->state = !strcmp(state, "ready") ? SINK_READY : SINK_STARTING;
    }
    free(sink_name);
}
