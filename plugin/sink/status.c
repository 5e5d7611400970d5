/* SPDX-License-Identifier: Apache-2.0 */

/* What the recorder tells the world about itself; see status.h.  Pure. */

#include <config.h>

#include "status.h"

#include <stdlib.h>

#include "counters-json.h"
#include "options.h"
#include "plugin/record/record-util.h"
#include "recorder.h"
#include "recordings.h"
#include "report.h"

/* Ethernet (https://www.tcpdump.org/linktypes.html). */
#define LINKTYPE_ETHERNET 1

/* Returns 'text' as JSON, null if it is NULL.  What is not UTF-8, which JSON
 * cannot carry, becomes question marks. */
static json_t *
text_to_json(const char *text)
{
    json_t *json = text ? json_string(text) : json_null();

    if (!json) {
        char *ascii = rec_xstrdup(text);

        for (char *p = ascii; *p; p++) {
            if (*p & 0x80) {
                *p = '?';
            }
        }
        json = json_string(ascii);
        free(ascii);
    }
    return json;
}

static json_t *
error_to_json(const struct report_view *view)
{
    json_t *json;

    if (!view->code) {
        return json_null();
    }
    json = json_object();
    json_object_set_new(json, "code", text_to_json(view->code));
    json_object_set_new(json, "message", text_to_json(view->message));
    return json;
}

static json_t *
options_to_json(const struct sink_options *o)
{
    json_t *json = json_object();

    for (size_t i = 0; i < o->n_given; i++) {
        json_object_set_new(json, o->given[i].name,
                            text_to_json(o->given[i].value));
    }
    return json;
}

/* Returns what was decided about a network file system, null for others. */
static json_t *
network_fs_to_json(const struct fs_decision *fs)
{
    json_t *json;

    if (!fs->kind || !fs->kind->network) {
        return json_null();
    }
    json = json_object();
    json_object_set_new(json, "decision", json_string(fs->byte_rate
                                                      ? "capped"
                                                      : "allowed"));
    json_object_set_new(json, "byte_rate", json_integer(fs->byte_rate));
    return json;
}

/* Returns how much room there is for files, null if that is not known. */
static json_t *
disk_to_json(const struct recorder_info *info)
{
    json_t *json;

    if (!info->disk_size) {
        return json_null();
    }
    json = json_object();
    json_object_set_new(json, "free", json_integer(info->disk_free));
    json_object_set_new(json, "size", json_integer(info->disk_size));
    return json;
}

/* Returns the status object of the control protocol.  'recordings' is NULL as
 * long as there is none.  The caller owns it. */
json_t *
status_to_json(const struct sink_options *o, const struct report_view *view,
               const struct recorder_info *info,
               const struct accounting_snapshot *counters,
               struct recordings *recordings, pid_t pid)
{
    json_t *json = json_object();

    json_object_set_new(json, "sink", text_to_json(o->sink));
    json_object_set_new(json, "pid", json_integer(pid));
    json_object_set_new(json, "interface", text_to_json(o->interface));
    json_object_set_new(json, "ifindex", json_integer(info->ifindex));
    json_object_set_new(json, "state",
                        text_to_json(report_state_name(view->state)));
    json_object_set_new(json, "error", error_to_json(view));
    json_object_set_new(json, "degradation",
                        text_to_json(view->degradation));
    json_object_set_new(json, "options", options_to_json(o));
    json_object_set_new(json, "file", text_to_json(view->file));
    json_object_set_new(json, "recordings_seq",
                        json_integer(recordings
                                     ? recordings_seq(recordings) : 0));
    json_object_set_new(json, "recording",
                        (recordings
                         ? recordings_newest_open(recordings) : json_null()));
    json_object_set_new(json, "filesystem", (info->fs.kind
                                             ? json_string(info->fs.kind->name)
                                             : json_null()));
    json_object_set_new(json, "network_fs", network_fs_to_json(&info->fs));
    json_object_set_new(json, "disk", disk_to_json(info));
    json_object_set_new(json, "buffer", json_integer(info->buffer));
    json_object_set_new(json, "relay", text_to_json(o->relay));
    json_object_set_new(json, "counters",
                        (o->relay
                         ? counters_to_json_of_relay(counters)
                         : counters_to_json(counters)));
    json_object_set_new(json, "linktype", json_integer(LINKTYPE_ETHERNET));
    json_object_set_new(json, "started",
                        json_integer(info->started / NSEC_PER_SEC));
    return json;
}
