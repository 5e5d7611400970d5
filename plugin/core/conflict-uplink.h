/* SPDX-License-Identifier: Apache-2.0 */

/* What a session may not do with uplinks: a part of conflict_check(). */

#ifndef SPAN_CORE_CONFLICT_UPLINK_H
#define SPAN_CORE_CONFLICT_UPLINK_H 1

#include "wanted.h"

bool conflict_check_uplinks(const struct wanted_session *,
                            const struct wanted_session *const *accepted,
                            size_t n_accepted, const struct switch_state *,
                            const struct policy *, struct fault *);

#endif /* plugin/core/conflict-uplink.h */
