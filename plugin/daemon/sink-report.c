/* SPDX-License-Identifier: Apache-2.0 */

/* The status of a recorder; see sink-report.h. */

#include <config.h>
#include "plugin/daemon/sink-report.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "plugin/core/amount.h"
#include "plugin/daemon/recording-list.h"
#include "util.h"

void
sink_report_init(struct sink_report *report)
{
    memset(report, 0, sizeof *report);
    smap_init(&report->options);
    smap_init(&report->counters);
}

/* Frees what 'report' holds, but not itself. */
void
sink_report_uninit(struct sink_report *report)
{
    free(report->error);
    free(report->error_code);
    free(report->file);
    free(report->storage);
    recording_destroy(report->open);
    smap_destroy(&report->options);
    smap_destroy(&report->counters);
}

/* Returns member 'name' of 'object' if it is there and of 'type'; else
 * NULL. */
const struct json *
sink_report_member(const struct json *object, const char *name,
                   enum json_type type)
{
    const struct json *member = shash_find_data(json_object(object), name);

    return member && member->type == type ? member : NULL;
}

static const char *
get_string(const struct json *object, const char *name)
{
    const struct json *member = sink_report_member(object, name, JSON_STRING);

    return member ? json_string(member) : NULL;
}

/* Returns the whole number 'name', or 0. */
static int64_t
get_number(const struct json *object, const char *name)
{
    const struct json *member = sink_report_member(object, name,
                                                   JSON_INTEGER);

    return member ? json_integer(member) : 0;
}

/* Copies the strings and whole numbers in member 'name' to 'smap'. */
static void
get_map(const struct json *object, const char *name, struct smap *smap)
{
    const struct json *map = sink_report_member(object, name, JSON_OBJECT);
    struct shash_node *node;

    smap_init(smap);
    if (!map) {
        return;
    }
    SHASH_FOR_EACH (node, json_object(map)) {
        const struct json *value = node->data;

        if (value->type == JSON_STRING) {
            smap_replace(smap, node->name, json_string(value));
        } else if (value->type == JSON_INTEGER) {
            smap_remove(smap, node->name);
            smap_add_format(smap, node->name, "%"PRId64,
                            json_integer(value));
        }
    }
}

/* A recorder that has failed ends; until it has, there is nothing to be had of
 * it. */
static enum sink_state
get_state(const struct json *status)
{
    const char *state = get_string(status, "state");

    return (!state || !strcmp(state, "starting") ? SINK_STARTING
            : !strcmp(state, "ready") ? SINK_READY
            : SINK_STOPPING);
}

static bool
nullable_equal(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

/* Does 'new' complain about something else than 'old'?  The sentence on a byte
 * rate has numbers that change all the time. */
static bool
error_is_news(const struct sink_report *new, const struct sink_report *old)
{
    return (!nullable_equal(new->error_code, old->error_code)
            || (!nullable_equal(new->error, old->error)
                && !nullable_equal(new->error_code, "byte-rate")));
}

/* Returns in words what the recorder writes to, for the caller to free; NULL
 * if it does not know. */
static char *
get_storage(const struct json *status)
{
    const char *kind = get_string(status, "filesystem");
    const struct json *network = sink_report_member(status, "network_fs",
                                                    JSON_OBJECT);
    struct ds ds = DS_EMPTY_INITIALIZER;
    int64_t rate;

    if (!kind) {
        return NULL;
    }
    ds_put_cstr(&ds, kind);
    if (network) {
        ds_put_cstr(&ds, ", that others may use too");
        rate = get_number(network, "byte_rate");
        if (rate > 0) {
            ds_put_cstr(&ds, ": at most ");
            amount_put_scaled(&ds, rate, "B/s");
        }
    }
    return ds_steal_cstr(&ds);
}

/* Makes '*old' what 'status', an object, says.  Returns true if that is news
 * that matter: more than counters and the name of the file. */
bool
sink_report_update(struct sink_report *old, const struct json *status)
{
    struct sink_report new = { .valid = true, .state = get_state(status) };
    const struct json *error = sink_report_member(status, "error",
                                                  JSON_OBJECT);
    const struct json *recording = sink_report_member(status, "recording",
                                                      JSON_OBJECT);
    const struct json *disk = sink_report_member(status, "disk", JSON_OBJECT);
    int64_t pid = get_number(status, "pid");
    int64_t started = get_number(status, "started");
    bool news;

    new.error = nullable_xstrdup(error ? get_string(error, "message") : NULL);
    new.error_code = nullable_xstrdup(error ? get_string(error, "code")
                                      : NULL);
    new.file = nullable_xstrdup(get_string(status, "file"));
    new.storage = get_storage(status);
    if (pid > 0 && pid <= INT_MAX) {
        new.pid = pid;
    }
    if (started > 0 && started <= UINT32_MAX) {
        new.started = started;
    }
    if (disk) {
        new.disk_free = MAX(get_number(disk, "free"), 0);
        new.disk_size = MAX(get_number(disk, "size"), 0);
    }
    new.recordings_seq = get_number(status, "recordings_seq");
    new.open = recording ? recording_from_json(recording) : NULL;
    get_map(status, "options", &new.options);
    get_map(status, "counters", &new.counters);

    news = (!old->valid || new.state != old->state
            || error_is_news(&new, old)
            || !smap_equal(&new.options, &old->options));
    sink_report_uninit(old);
    *old = new;
    hmap_moved(&old->options.map);
    hmap_moved(&old->counters.map);
    return news;
}

/* Returns 'seconds' of Unix time as text, "" for 0.  The caller must free
 * it. */
static char *
time_to_text(int64_t seconds)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (seconds) {
        ds_put_strftime_msec(&ds, "%Y-%m-%dT%H:%M:%SZ", seconds * 1000, true);
    }
    return ds_steal_cstr(&ds);
}

/* Puts into 'sink' what 'report' says, but for its state, its options and the
 * sentence on what is wrong. */
void
sink_report_fill(const struct sink_report *report, struct switch_sink *sink)
{
    sink->pid = report->pid;
    sink->disk_free = report->disk_free;
    sink->disk_size = report->disk_size;
    free(sink->since);
    sink->since = time_to_text(report->started);
    free(sink->error_code);
    sink->error_code = xstrdup(report->error_code ? report->error_code : "");
    free(sink->file);
    sink->file = xstrdup(report->file ? report->file : "");
    free(sink->storage);
    sink->storage = xstrdup(report->storage ? report->storage : "");
    smap_destroy(&sink->counters);
    smap_clone(&sink->counters, &report->counters);
}
