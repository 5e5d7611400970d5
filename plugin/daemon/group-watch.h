/* SPDX-License-Identifier: Apache-2.0 */

/* Tells, as events, what happens to port groups. */

#ifndef SPAN_DAEMON_GROUP_WATCH_H
#define SPAN_DAEMON_GROUP_WATCH_H 1

#include "openvswitch/hmap.h"

struct events;
struct json;
struct pass;

struct group_watch {
    struct hmap groups;         /* Contains "struct group_memory"s. */
};

void group_watch_init(struct group_watch *);
void group_watch_destroy(struct group_watch *);
void group_watch_update(struct group_watch *, const struct pass *,
                        struct events *);
struct json *group_watch_to_json(const struct group_watch *);

#endif /* plugin/daemon/group-watch.h */
