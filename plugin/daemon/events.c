/* SPDX-License-Identifier: Apache-2.0 */

/* The log of what happened, for people and controllers: rows of table Event.
 *
 * Events wait in memory until a transaction has stored them, so that a
 * database which is away for a while costs none of them; beyond a bound the
 * oldest go, in memory as in the table. */

#include <config.h>

#include "plugin/daemon/events.h"

#include <stdarg.h>

#include "openvswitch/json.h"
#include "openvswitch/list.h"
#include "openvswitch/util.h"
#include "ovsdb-schema/span-idl.h"
#include "plugin/daemon/db-text.h"
#include "timeval.h"
#include "util.h"

/* Lengths that the schema allows (span.ovsschema, table Event). */
#define MAX_SESSION 64
#define MAX_DETAIL 4096

struct event {
    struct ovs_list node;       /* In struct events, oldest first. */
    int64_t time;               /* Unix time, milliseconds. */
    char *session;              /* "" = about none. */
    char *kind;
    char *detail;
};

struct events {
    struct ovs_list queue;
    size_t n;
    events_listener *listener;  /* NULL = nobody listens. */
    void *aux;
};

struct events *
events_create(void)
{
    struct events *events = xzalloc(sizeof *events);

    ovs_list_init(&events->queue);
    return events;
}

static void
event_destroy(struct event *event)
{
    ovs_list_remove(&event->node);
    free(event->session);
    free(event->kind);
    free(event->detail);
    free(event);
}

void
events_destroy(struct events *events)
{
    if (events) {
        events_written(events, events->n);
        free(events);
    }
}

/* Lets 'listener' hear of all that happens from now on. */
void
events_listen(struct events *events, events_listener *listener, void *aux)
{
    events->listener = listener;
    events->aux = aux;
}

/* Tells who listens of an event.  Takes 'more' over. */
static void
tell(const struct events *events, int64_t time, const char *session,
     const char *kind, struct json *more, const char *detail)
{
    struct json *line = more ? more : json_object_create();

    if (events->listener) {
        json_object_put_string(line, "event", kind);
        json_object_put(line, "time", json_integer_create(time));
        if (*session) {
            json_object_put_string(line, "session", session);
        }
        json_object_put_string(line, "detail", detail);
        events->listener(line, events->aux);
    }
    json_destroy(line);
}

/* Tells those who listen, and only them, of an event about 'session' ("" =
 * about none), of 'kind', a lower-case word, with a sentence and what the
 * object 'more', which this takes over, or NULL, says besides. */
void
events_tell(struct events *events, const char *session, const char *kind,
            struct json *more, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *detail = xvasprintf(format, args);
    va_end(args);
    tell(events, time_wall_msec(), session, kind, more, detail);
    free(detail);
}

/* The same, and queues the event for the database, without 'more'. */
void
events_add(struct events *events, const char *session, const char *kind,
           struct json *more, const char *format, ...)
{
    struct event *event = xzalloc(sizeof *event);
    va_list args;

    event->time = time_wall_msec();
    event->session = xstrdup(session);
    event->kind = xstrdup(kind);
    va_start(args, format);
    event->detail = xvasprintf(format, args);
    va_end(args);
    tell(events, event->time, session, kind, more, event->detail);
    ovs_list_push_back(&events->queue, &event->node);
    if (++events->n > EVENTS_MAX_ROWS) {
        events_written(events, 1);
    }
}

/* Returns how many events wait to be stored. */
size_t
events_pending(const struct events *events)
{
    return events->n;
}

static void
row_insert(struct ovsdb_idl_txn *txn, int64_t time, const char *host,
           const char *session, const char *kind, const char *detail)
{
    struct spanrec_event *row = spanrec_event_insert(txn);
    char *short_session = text_cut(session, MAX_SESSION);
    char *short_detail = text_cut(detail, MAX_DETAIL);

    spanrec_event_set_time(row, time);
    spanrec_event_set_host(row, host);
    spanrec_event_set_session(row, short_session);
    spanrec_event_set_kind(row, kind);
    spanrec_event_set_detail(row, short_detail);
    free(short_session);
    free(short_detail);
}

/* Adds to 'txn' an event that happens now, without the queue: for what is true
 * exactly when 'txn' is stored. */
void
event_row_insert(struct ovsdb_idl_txn *txn, const char *host,
                 const char *session, const char *kind, const char *detail)
{
    row_insert(txn, time_wall_msec(), host, session, kind, detail);
}

/* Adds all queued events to 'txn'.  Returns their number, for
 * events_written() when 'txn' has been stored. */
size_t
events_write(const struct events *events, struct ovsdb_idl_txn *txn,
             const char *host)
{
    const struct event *event;

    LIST_FOR_EACH (event, node, &events->queue) {
        row_insert(txn, event->time, host, event->session, event->kind,
                   event->detail);
    }
    return events->n;
}

/* Takes the oldest 'n' events off the queue. */
void
events_written(struct events *events, size_t n)
{
    while (n-- && events->n) {
        struct event *event = CONTAINER_OF(ovs_list_front(&events->queue),
                                           struct event, node);

        event_destroy(event);
        events->n--;
    }
}

static int
compare_rows(const void *a_, const void *b_)
{
    const struct spanrec_event *const *a = a_;
    const struct spanrec_event *const *b = b_;

    return (*a)->time < (*b)->time ? -1 : (*a)->time > (*b)->time;
}

/* Deletes, in the open transaction of 'idl', the oldest stored events of
 * 'host' beyond the bound.  Returns how many. */
size_t
events_prune(struct ovsdb_idl *idl, const char *host)
{
    const struct spanrec_event **rows = NULL;
    const struct spanrec_event *row;
    size_t n = 0, allocated = 0, n_pruned;

    SPANREC_EVENT_FOR_EACH (row, idl) {
        if (!strcmp(row->host, host)) {
            if (n >= allocated) {
                rows = x2nrealloc(rows, &allocated, sizeof *rows);
            }
            rows[n++] = row;
        }
    }
    n_pruned = n > EVENTS_MAX_ROWS ? n - EVENTS_MAX_ROWS : 0;
    if (n_pruned) {
        qsort(rows, n, sizeof *rows, compare_rows);
        for (size_t i = 0; i < n_pruned; i++) {
            spanrec_event_delete(rows[i]);
        }
    }
    free(rows);
    return n_pruned;
}
