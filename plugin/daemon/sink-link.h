/* SPDX-License-Identifier: Apache-2.0 */

/* The control socket of one recorder: its reports, our requests, over JSON-RPC
 * (RFC 7047, section 4).  ovs-span-sink(8) describes both. */

#ifndef SPAN_DAEMON_SINK_LINK_H
#define SPAN_DAEMON_SINK_LINK_H 1

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "plugin/core/switch-state.h"
#include "smap.h"

struct json;
struct recording;
struct recording_list;
struct sink_link;

/* What a recorder says of itself. */
struct sink_report {
    bool valid;                 /* It has said something. */
    enum sink_state state;
    char *error;                /* Sentence; NULL = none. */
    char *error_code;           /* One word; NULL = none. */
    char *file;                 /* NULL = none. */
    struct smap options;
    struct smap counters;
    pid_t pid;                  /* 0 = unknown. */
    int64_t started;            /* Unix time, seconds; 0 = unknown. */
    int64_t recordings_seq;     /* Of the list of its files; 0 = none. */
    struct recording *open;     /* The open file; NULL = none. */
};

struct sink_link *sink_link_create(const char *socket);
void sink_link_destroy(struct sink_link *);

void sink_link_run(struct sink_link *);
void sink_link_wait(struct sink_link *);
unsigned int sink_link_seq(const struct sink_link *);

const struct sink_report *sink_link_report(const struct sink_link *);
bool sink_link_is_connected(const struct sink_link *);
bool sink_link_is_silent(const struct sink_link *);

struct recording_list *sink_link_take_recordings(struct sink_link *);
bool sink_link_request(struct sink_link *, const char *method,
                       struct json *param);

pid_t sink_link_probe(const char *socket, int *error);

#endif /* plugin/daemon/sink-link.h */
