/* SPDX-License-Identifier: Apache-2.0 */

/* What a recorder says of itself, the status of ovs-span-sink(8), as a
 * value. */

#ifndef SPAN_DAEMON_SINK_REPORT_H
#define SPAN_DAEMON_SINK_REPORT_H 1

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "openvswitch/json.h"
#include "plugin/core/switch-state.h"
#include "smap.h"

struct recording;

/* What a recorder says of itself. */
struct sink_report {
    bool valid;                 /* It has said something. */
    enum sink_state state;
    char *error;                /* Sentence; NULL = none. */
    char *error_code;           /* One word; NULL = none. */
    char *file;                 /* NULL = none. */
    char *storage;              /* NULL = unknown. */
    struct smap options;
    struct smap counters;
    int64_t disk_free, disk_size;   /* Bytes; 0 and 0 = unknown. */
    pid_t pid;                  /* 0 = unknown. */
    int64_t started;            /* Unix time, seconds; 0 = unknown. */
    int64_t recordings_seq;     /* Of the list of its files; 0 = none. */
    struct recording *open;     /* The open file; NULL = none. */
};

void sink_report_init(struct sink_report *);
void sink_report_uninit(struct sink_report *);
bool sink_report_update(struct sink_report *, const struct json *status);
void sink_report_fill(const struct sink_report *, struct switch_sink *);
const struct json *sink_report_member(const struct json *, const char *name,
                                      enum json_type);

#endif /* plugin/daemon/sink-report.h */
