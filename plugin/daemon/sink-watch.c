/* SPDX-License-Identifier: Apache-2.0 */

/* Tells, as events, what happens to recorders: that one has started, stopped
 * or failed, and that it has lost packets.  Compares what recorders say of
 * themselves with what they said before. */

#include <config.h>

#include "plugin/daemon/sink-watch.h"

#include <inttypes.h>

#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "plugin/core/relay.h"
#include "plugin/core/sink-loss.h"
#include "plugin/core/switch-state.h"
#include "plugin/daemon/events.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"

/* At most one event about loss per recorder in this time, milliseconds. */
#define LOSS_INTERVAL 10000

struct sink_memory {
    enum sink_state state;
    char *error;                /* Of the last failure that was told, until it
                                 * records again; or NULL. */
    bool ready_once;
    bool seen;
    int64_t pid;                /* Of the process that 'told' is about. */
    struct sink_loss told;      /* What events have told of its loss. */
    long long int told_at;      /* When, monotonic milliseconds. */
};

void
sink_watch_init(struct sink_watch *watch)
{
    shash_init(&watch->sinks);
}

/* Forgets the recorder of 'node'. */
static void
forget(struct sink_watch *watch, struct shash_node *node)
{
    struct sink_memory *m = node->data;

    shash_delete(&watch->sinks, node);
    free(m->error);
    free(m);
}

void
sink_watch_destroy(struct sink_watch *watch)
{
    struct shash_node *node;

    SHASH_FOR_EACH_SAFE (node, &watch->sinks) {
        forget(watch, node);
    }
    shash_destroy(&watch->sinks);
}

/* Returns what an event says beside its sentence, for events_add(). */
static struct json *
describe(const char *sink, const char *state)
{
    struct json *more = json_object_create();

    json_object_put_string(more, "sink", sink);
    json_object_put_string(more, "state", state);
    return more;
}

static struct json *
describe_loss(const struct switch_sink *sink, const struct sink_loss *news,
              const struct sink_loss *all)
{
    struct json *sessions = json_array_create_empty();
    struct json *more = json_object_create();
    char *copy = xstrdup(smap_get_def(&sink->options, "sessions", ""));
    char *rest = copy;

    for (char *name; (name = strsep(&rest, ",")) != NULL; ) {
        if (*name) {
            json_array_add(sessions, json_string_create(name));
        }
    }
    free(copy);
    json_object_put_string(more, "sink", sink->name);
    json_object_put(more, "sessions", sessions);
    json_object_put(more, "packets", json_integer_create(news->total));
    json_object_put(more, "total", json_integer_create(all->total));
    return more;
}

static void
tell_state(const struct switch_sink *sink, const char *title,
           struct sink_memory *m, struct events *events)
{
    if (sink->state == SINK_READY && m->state != SINK_READY) {
        bool relay = relay_session_name(sink->name) != NULL;

        events_add(events, "", "sink",
                   describe(sink->name, relay ? "runs" : "records"),
                   "%s %s%s.", title, relay ? "runs" : "records",
                   m->ready_once ? " again; packets of the time between are "
                   "missing" : "");
        m->ready_once = true;
        free(m->error);
        m->error = NULL;
        m->pid = sink->pid;
        sink_loss_read(&sink->counters, &m->told);
    } else if (sink->state == SINK_FAILED
               && (!m->error || strcmp(m->error, sink->error))) {
        /* It is tried again and again, and fails for the same reason. */
        free(m->error);
        m->error = xstrdup(sink->error);
        events_add(events, "", "sink", describe(sink->name, "failed"),
                   "%s failed: %s", title,
                   *sink->error ? sink->error : "no reason is known.");
    }
    m->state = sink->state;
}

static void
tell_loss(const struct switch_sink *sink, const char *title,
          struct sink_memory *m, struct events *events)
{
    long long int now = time_msec();
    struct sink_loss loss, news;

    if (sink->pid != m->pid) {
        m->pid = sink->pid;     /* A new process counts from 0. */
        memset(&m->told, 0, sizeof m->told);
    }
    sink_loss_read(&sink->counters, &loss);
    news = loss;
    sink_loss_subtract(&news, &m->told);
    if (loss.total > m->told.total
        && (!m->told_at || now >= m->told_at + LOSS_INTERVAL)) {
        char *places = sink_loss_places(&news);

        events_add(events, "", "loss", describe_loss(sink, &news, &loss),
                   "%s lost %"PRIu64" packets: %s.", title, news.total,
                   places);
        free(places);
        m->told = loss;
        m->told_at = now;
    }
}

/* Adds to 'events' what has happened to recorders since the last call. */
void
sink_watch_update(struct sink_watch *watch, const struct switch_state *state,
                  struct events *events)
{
    struct shash_node *node;

    for (size_t i = 0; i < state->n_sinks; i++) {
        const struct switch_sink *sink = state->sinks[i];
        struct sink_memory *m = shash_find_data(&watch->sinks, sink->name);

        if (!m) {
            m = xzalloc(sizeof *m);
            m->state = SINK_STARTING;
            shash_add(&watch->sinks, sink->name, m);
        }
        char *title = recorder_title(sink->name);
        m->seen = true;
        tell_state(sink, title, m, events);
        tell_loss(sink, title, m, events);
        free(title);
    }
    SHASH_FOR_EACH_SAFE (node, &watch->sinks) {
        struct sink_memory *m = node->data;

        if (!m->seen) {
            char *title = recorder_title(node->name);

            events_add(events, "", "sink", describe(node->name, "stopped"),
                       "%s stopped.", title);
            free(title);
            forget(watch, node);
        } else {
            m->seen = false;
        }
    }
}
