/* SPDX-License-Identifier: Apache-2.0 */

/* Tells, as events, what happens that no state of a session or group says: to
 * recorders, which ports begin and cease to be promiscuous, and which send
 * from too many addresses. */

#ifndef SPAN_DAEMON_WATCH_H
#define SPAN_DAEMON_WATCH_H 1

#include "plugin/core/limit-watch.h"
#include "plugin/core/promisc-watch.h"
#include "plugin/daemon/sink-watch.h"

struct events;
struct pass;

struct watch {
    struct sink_watch sinks;
    struct promisc_watch promisc;
    struct limit_watch limits;
};

void watch_init(struct watch *);
void watch_destroy(struct watch *);
void watch_update(struct watch *, const struct pass *, struct events *);

#endif /* plugin/daemon/watch.h */
