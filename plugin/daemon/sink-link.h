/* SPDX-License-Identifier: Apache-2.0 */

/* The control socket of one recorder: its reports, our requests, over JSON-RPC
 * (RFC 7047, section 4).  ovs-span-sink(8) describes both. */

#ifndef SPAN_DAEMON_SINK_LINK_H
#define SPAN_DAEMON_SINK_LINK_H 1

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "plugin/daemon/sink-report.h"

struct json;
struct recording_list;
struct sink_link;

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
