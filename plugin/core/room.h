/* SPDX-License-Identifier: Apache-2.0 */

/* How long a copy may be that leaves the host, and counting those that are
 * longer and so are cut. */

#ifndef SPAN_CORE_ROOM_H
#define SPAN_CORE_ROOM_H 1

#include <stdint.h>

struct switch_state;
struct wanted_leg;
struct wanted_session;
struct wanted_uplink;

int uplink_room(const struct wanted_leg *, const struct wanted_uplink *);
int session_room(const struct wanted_session *, const struct switch_state *);
char *room_check_actions(const struct wanted_session *,
                         const struct switch_state *);

#endif /* plugin/core/room.h */
