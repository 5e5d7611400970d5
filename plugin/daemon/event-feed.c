/* SPDX-License-Identifier: Apache-2.0 */

/* Tells programs on this host what happens.  See event-feed.h.
 *
 * All that is told goes through "struct events": its listener is here.  The
 * socket is there from the first pass on, so that the snapshot, which each
 * reader gets first, has something to say. */

#include <config.h>
#include "plugin/daemon/event-feed.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "plugin/daemon/event-hooks.h"
#include "plugin/daemon/event-stream.h"
#include "plugin/daemon/events.h"
#include "plugin/daemon/group-watch.h"
#include "plugin/daemon/session-watch.h"
#include "timeval.h"
#include "util.h"

struct event_feed {
    struct events *events;      /* Borrowed. */
    struct event_stream *stream;
    struct event_hooks *hooks;  /* NULL = none. */
    struct session_watch sessions;
    struct group_watch groups;
    char *host, *name;
    bool began;                 /* Has there been a pass? */
};

/* Adds to 'line' whose host it is, and returns it as text, for the caller to
 * free. */
static char *
line_to_text(const struct event_feed *feed, struct json *line)
{
    json_object_put_string(line, "host", feed->host);
    return json_to_string(line, JSSF_SORT);
}

static void
hear(struct json *line, void *feed_)
{
    struct event_feed *feed = feed_;

    if (!feed->hooks && !event_stream_has_readers(feed->stream)) {
        return;
    }
    char *text = line_to_text(feed, line);

    event_stream_send(feed->stream, text);
    if (feed->hooks) {
        event_hooks_add(feed->hooks, text);
    }
    free(text);
}

/* Listens to 'events', and serves the socket in 'run_dir'; runs the programs
 * in 'hooks_dir', unless that is NULL. */
struct event_feed *
event_feed_create(struct events *events, const char *run_dir,
                  const char *hooks_dir)
{
    struct event_feed *feed = xzalloc(sizeof *feed);
    char *path = xasprintf("%s/span-events.sock", run_dir);

    feed->events = events;
    feed->stream = event_stream_create(path);
    feed->hooks = hooks_dir ? event_hooks_create(hooks_dir) : NULL;
    feed->host = xstrdup("");
    feed->name = xstrdup("");
    session_watch_init(&feed->sessions);
    group_watch_init(&feed->groups);
    events_listen(events, hear, feed);
    free(path);
    return feed;
}

void
event_feed_destroy(struct event_feed *feed)
{
    if (feed) {
        events_listen(feed->events, NULL, NULL);
        session_watch_destroy(&feed->sessions);
        group_watch_destroy(&feed->groups);
        event_hooks_destroy(feed->hooks);
        event_stream_destroy(feed->stream);
        free(feed->host);
        free(feed->name);
        free(feed);
    }
}

static void
set_text(char **s, const char *value)
{
    if (strcmp(*s, value)) {
        free(*s);
        *s = xstrdup(value);
    }
}

/* Says which host this is. */
void
event_feed_set_host(struct event_feed *feed, const char *system_id,
                    const char *name)
{
    bool is_first = !*feed->host;

    set_text(&feed->host, system_id);
    set_text(&feed->name, name);
    if (is_first) {
        events_add(feed->events, "", "daemon", NULL, "ovs-spand %s started.",
                   SPAN_VERSION);
    }
}

/* Tells what 'pass' has concluded that is new. */
void
event_feed_update(struct event_feed *feed, const struct pass *pass)
{
    session_watch_update(&feed->sessions, pass, feed->events);
    group_watch_update(&feed->groups, pass, feed->events);
    feed->began = true;
}

/* Returns the line that a reader gets first, for the caller to free. */
static char *
make_snapshot(const struct event_feed *feed)
{
    struct json *line = json_object_create();

    json_object_put_string(line, "event", "snapshot");
    json_object_put(line, "time", json_integer_create(time_wall_msec()));
    json_object_put_string(line, "name", feed->name);
    json_object_put_string(line, "version", SPAN_VERSION);
    json_object_put(line, "sessions",
                    session_watch_to_json(&feed->sessions));
    json_object_put(line, "groups", group_watch_to_json(&feed->groups));
    char *text = line_to_text(feed, line);
    json_destroy(line);
    return text;
}

void
event_feed_run(struct event_feed *feed)
{
    while (feed->began && event_stream_accept(feed->stream)) {
        char *snapshot = make_snapshot(feed);

        event_stream_greet(feed->stream, snapshot);
        free(snapshot);
    }
    event_stream_run(feed->stream);
    if (feed->hooks) {
        event_hooks_run(feed->hooks);
    }
}

void
event_feed_wait(struct event_feed *feed)
{
    if (feed->began) {
        event_stream_wait(feed->stream);
    }
    if (feed->hooks) {
        event_hooks_wait(feed->hooks);
    }
}
