/* SPDX-License-Identifier: Apache-2.0 */

/* Tells, as events, what happens to recorders. */

#ifndef SPAN_DAEMON_SINK_WATCH_H
#define SPAN_DAEMON_SINK_WATCH_H 1

#include "openvswitch/shash.h"

struct events;
struct switch_state;

struct sink_watch {
    struct shash sinks;         /* Name to struct sink_memory. */
};

void sink_watch_init(struct sink_watch *);
void sink_watch_destroy(struct sink_watch *);
void sink_watch_update(struct sink_watch *, const struct switch_state *,
                       struct events *);

#endif /* plugin/daemon/sink-watch.h */
