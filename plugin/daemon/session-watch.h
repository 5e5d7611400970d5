/* SPDX-License-Identifier: Apache-2.0 */

/* Tells, as events, what happens to sessions: their states, and the ports that
 * become their sources or cease to be. */

#ifndef SPAN_DAEMON_SESSION_WATCH_H
#define SPAN_DAEMON_SESSION_WATCH_H 1

#include "openvswitch/hmap.h"

struct events;
struct json;
struct pass;

struct session_watch {
    struct hmap sessions;       /* Contains "struct session_memory"s. */
};

void session_watch_init(struct session_watch *);
void session_watch_destroy(struct session_watch *);
void session_watch_update(struct session_watch *, const struct pass *,
                          struct events *);
struct json *session_watch_to_json(const struct session_watch *);

#endif /* plugin/daemon/session-watch.h */
