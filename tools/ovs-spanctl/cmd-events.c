/* SPDX-License-Identifier: Apache-2.0 */

/* events: what has happened, from table Event; or what happens now on this
 * host, from the socket of its daemon. */

#include <config.h>

#include "cells.h"
#include "spanctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dirs.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "ovsdb-schema/span-idl.h"
#include "plugin/record/time-text.h"
#include "socket-util.h"
#include "util.h"

static int
compare_rows(const void *a_, const void *b_)
{
    const struct spanrec_event *const *a = a_, *const *b = b_;

    if ((*a)->time != (*b)->time) {
        return (*a)->time < (*b)->time ? -1 : 1;
    }
    return uuid_compare_3way(&(*a)->header_.uuid, &(*b)->header_.uuid);
}

/* Writes the time 'ms', Unix time in milliseconds, into 'buffer', and returns
 * it. */
static const char *
format_time(int64_t ms, char buffer[TIME_TEXT_SIZE])
{
    time_text_format((uint64_t) ms * 1000000, buffer);
    strcpy(buffer + strlen("2026-01-31T23:59:59.123"), "Z");
    return buffer;
}

/* Returns the name for people of the host 'system_id'. */
static const char *
find_host_name(const struct ovsdb_idl *idl, const char *system_id)
{
    const struct spanrec_host *host;

    SPANREC_HOST_FOR_EACH (host, idl) {
        if (!strcmp(host->system_id, system_id)) {
            return host_name(host);
        }
    }
    return system_id;
}

static void
add_row(struct table *table, const struct spanrec_event *row,
        const struct ovsdb_idl *idl)
{
    char time[TIME_TEXT_SIZE];

    table_add_row(table);
    cells_add_text(table, format_time(row->time, time));
    cells_add_text(table, find_host_name(idl, row->host));
    cells_add_text(table, row->session);
    cells_add_text(table, row->kind);
    cells_add_text(table, row->detail);
}

/* events [SESSION]: what hosts have told. */
void
cmd_events(struct ctl_context *ctx)
{
    static const char *const headings[] = {
        "time", "host", "session", "kind", "detail",
    };
    const char *session = ctx->argc > 1 ? ctx->argv[1] : NULL;
    const struct spanrec_event **rows = NULL;
    const struct spanrec_event *row;
    size_t n = 0, allocated = 0;

    SPANREC_EVENT_FOR_EACH (row, ctx->idl) {
        if (session && strcmp(row->session, session)) {
            continue;
        }
        if (n >= allocated) {
            rows = x2nrealloc(rows, &allocated, sizeof *rows);
        }
        rows[n++] = row;
    }
    if (n) {
        qsort(rows, n, sizeof *rows, compare_rows);
    }
    ctx->table = cells_create(headings, ARRAY_SIZE(headings));
    for (size_t i = 0; i < n; i++) {
        add_row(ctx->table, rows[i], ctx->idl);
    }
    free(rows);
}

static const char *
get_text(const struct json *object, const char *name)
{
    const struct json *member = (object->type == JSON_OBJECT
                                 ? shash_find_data(json_object(object), name)
                                 : NULL);

    return member && member->type == JSON_STRING ? json_string(member) : "";
}

/* Prints one event for people. */
static void
print_event(int64_t time, const struct json *event, const char *kind)
{
    const char *session = get_text(event, "session");
    const char *state = (!strcmp(kind, "state") ? get_text(event, "state")
                         : "");
    const char *reason = get_text(event, "reason");
    struct ds ds = DS_EMPTY_INITIALIZER;
    char text[TIME_TEXT_SIZE];

    ds_put_format(&ds, "%s %s", format_time(time, text), kind);
    if (*session) {
        ds_put_format(&ds, " %s", session);
    }
    if (*state) {
        ds_put_format(&ds, " %s%s%s", state, *reason ? " " : "", reason);
    }
    if (strcmp(state, "deleted")) {
        ds_put_format(&ds, "%s%s", *state && *reason ? ": " : " ",
                      get_text(event, "detail"));
    }
    while (ds.length && ds_last(&ds) == ' ') {
        ds_chomp(&ds, ' ');
    }
    char *printable = settings_make_printable(ds_steal_cstr(&ds));
    printf("%s\n", printable);
    free(printable);
}

/* Is 'session' (NULL = any) the session of 'event', or one of several? */
static bool
is_about(const struct json *event, const char *session)
{
    const struct json *all = (event->type == JSON_OBJECT
                              ? shash_find_data(json_object(event), "sessions")
                              : NULL);
    bool about = !session || !strcmp(get_text(event, "session"), session);

    for (size_t i = 0; !about && all && all->type == JSON_ARRAY
                       && i < json_array(all)->n; i++) {
        const struct json *one = json_array(all)->elems[i];

        about = (one->type == JSON_STRING
                 && !strcmp(json_string(one), session));
    }
    return about;
}

/* Prints what 'line', a line of the socket, tells about 'session' (NULL =
 * about any). */
static void
print_line(const char *line, const char *session)
{
    struct json *event = json_from_string(line);
    const char *kind = get_text(event, "event");
    const struct json *time = (*kind ? shash_find_data(json_object(event),
                                                       "time") : NULL);
    int64_t ms = (time && time->type == JSON_INTEGER
                  ? json_integer(time) : 0);

    if (!strcmp(kind, "snapshot")) {
        const struct json *sessions = shash_find_data(json_object(event),
                                                      "sessions");

        for (size_t i = 0; sessions && sessions->type == JSON_ARRAY
                           && i < json_array(sessions)->n; i++) {
            const struct json *one = json_array(sessions)->elems[i];

            if (is_about(one, session)) {
                print_event(ms, one, "state");
            }
        }
    } else if (*kind && is_about(event, session)) {
        print_event(ms, event, kind);
    }
    json_destroy(event);
}

/* Prints what the daemon of this host tells, about 'session' unless that is
 * NULL, until it ends.  With --format=json prints its lines as they are.
 * Returns the exit code. */
int
events_run(const struct settings *settings, const char *session)
{
    bool raw = (settings->style_given
                && settings->style.format == TF_JSON);
    char *path = xasprintf("%s/span-events.sock", ovs_rundir());
    int fd = make_unix_socket(SOCK_STREAM, false, NULL, path);
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    char *line = NULL;
    size_t size = 0;
    ssize_t n;

    if (!file) {
        ovs_error(fd < 0 ? -fd : errno, "%s: no ovs-spand serves it", path);
        free(path);
        return EXIT_REFUSED;
    }
    while ((n = getline(&line, &size, file)) > 0) {
        line[n - 1] = '\0';
        if (!raw) {
            print_line(line, session);
        } else {
            puts(line);
        }
        if (fflush(stdout)) {
            break;              /* Whoever read it has gone. */
        }
    }
    if (n <= 0) {
        ovs_error(0, "%s: ovs-spand has ended", path);
    }
    free(line);
    fclose(file);
    free(path);
    return EXIT_REFUSED;
}
