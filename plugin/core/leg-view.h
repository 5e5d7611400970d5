/* SPDX-License-Identifier: Apache-2.0 */

/* What is there of a leg and of a sink: the observed counterparts of wanted
 * things, by ownership marks and never by name. */

#ifndef SPAN_CORE_LEG_VIEW_H
#define SPAN_CORE_LEG_VIEW_H 1

#include "switch-state.h"
#include "wanted.h"

struct leg_view {
    const struct switch_bridge *private_bridge; /* NULL: not there, ... */
    const struct switch_port *production_end;   /* ...like the others. */
    const struct switch_port *private_end;
    const struct switch_mirror *mirror;
};

void leg_view_find(struct leg_view *, const struct wanted_session *,
                   const struct wanted_leg *, const struct switch_state *);
bool leg_view_is_armed(const struct leg_view *);
bool leg_view_has_rules(const struct leg_view *, const struct uuid *session);
bool leg_view_is_guarded(const struct leg_view *);
const struct switch_mirror *reserve_mirror_find(
    const struct switch_state *, const struct wanted_session *,
    const struct switch_bridge *, const struct switch_port *output);
const struct switch_port *capture_port_find(const struct switch_state *,
                                            const char *datapath_type,
                                            const char *sink);

/* What a recorder is to a session. */
enum sink_use {
    SINK_USE_READY,             /* Records. */
    SINK_USE_PENDING,           /* On its way. */
    SINK_USE_FAILED,            /* Will not record until something changes. */
};
enum sink_use sink_use_of(const struct switch_state *,
                          const struct wanted_session *,
                          const struct sink_config *);

#endif /* plugin/core/leg-view.h */
