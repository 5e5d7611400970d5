/* SPDX-License-Identifier: Apache-2.0 */

/* Port groups and sessions that cannot be beside each other. */

#ifndef SPAN_CORE_CONFLICT_GROUP_H
#define SPAN_CORE_CONFLICT_GROUP_H 1

#include "wanted.h"

void conflict_keep_bridges(struct wanted *, const struct switch_state *);
bool conflict_check_groups(struct wanted_session *, bool established,
                           const struct wanted *, const struct switch_state *,
                           struct fault *);
void conflict_yield_groups(struct wanted *,
                           const struct wanted_session *const *accepted,
                           size_t n_accepted, const struct switch_state *);

#endif /* plugin/core/conflict-group.h */
