/* SPDX-License-Identifier: Apache-2.0 */

/* Recorders in plan cases, those of ovs-spanctl capture as well: see
 * script.h. */

#include <config.h>
#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "svec.h"
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

/* Has a recorder say what 'args' have: its name, then KEY=VALUE. */
void
script_says(struct script *s, const struct svec *args, struct ds *output)
{
    struct switch_sink *sink = NULL;

    for (size_t i = 0; i < s->fake.state.n_sinks; i++) {
        if (!strcmp(s->fake.state.sinks[i]->name, args->names[1])) {
            sink = s->fake.state.sinks[i];
        }
    }
    if (!sink) {
        ds_put_format(output, "no recorder %s\n", args->names[1]);
        return;
    }
    for (size_t i = 2; i < args->n; i++) {
        const char *value;
        char *key;

        if (!script_split(args->names[i], &key, &value)) {
            continue;
        }
        char **text = (!strcmp(key, "error") ? &sink->error
                       : !strcmp(key, "code") ? &sink->error_code
                       : !strcmp(key, "since") ? &sink->since : NULL);

        if (text) {
            free(*text);
            *text = xstrdup(value);
        } else if (!strcmp(key, "pid")) {
            sink->pid = atoll(value);
        } else if (!strcmp(key, "held")) {
            sink->state = SINK_FAILED;
            sink->held = !strcmp(value, "yes");
        } else {
            smap_replace(&sink->counters, key, value);
        }
        free(key);
    }
}

/* How 's' says that the host is. */
struct resolve_config
script_config(const struct script *s)
{
    return (struct resolve_config) {
        .capture_dir = "/captures", .run_dir = "/run", .host = "kvm1",
        .now = s->now,
        .policy = &s->policy, .leaving = s->leaving,
    };
}
