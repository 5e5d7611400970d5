/* SPDX-License-Identifier: Apache-2.0 */

/* Sessions whose copies somebody watches live: see wanted-live.c. */

#ifndef SPAN_CORE_WANTED_LIVE_H
#define SPAN_CORE_WANTED_LIVE_H 1

#include <stdbool.h>

struct destination;
struct session;
struct switch_state;
struct wanted;
struct wanted_session;

const struct destination *session_live_destination(const struct session *);
char *live_sink_name(const char *session);
bool wanted_live_resolve(struct wanted *, struct wanted_session *,
                         const struct switch_state *);
void wanted_live_destroy(struct wanted *);

#endif /* plugin/core/wanted-live.h */
