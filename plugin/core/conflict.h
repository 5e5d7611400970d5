/* SPDX-License-Identifier: Apache-2.0 */

/* Sessions that cannot run beside each other. */

#ifndef SPAN_CORE_CONFLICT_H
#define SPAN_CORE_CONFLICT_H 1

#include "wanted.h"

bool conflict_check(const struct wanted_session *,
                    const struct wanted_session *const *accepted,
                    size_t n_accepted, const struct switch_state *,
                    const struct policy *, struct fault *);
bool conflict_check_limit(const struct wanted_session *,
                          const struct wanted_session *const *accepted,
                          size_t n_accepted, const struct wanted *,
                          const struct switch_state *, struct fault *);
bool conflict_check_group_limit(const struct wanted *, size_t i,
                                const struct switch_state *,
                                struct fault *);
bool conflict_check_sample(const struct wanted_session *,
                           const struct wanted_session *const *accepted,
                           size_t n_accepted, struct fault *);

#endif /* plugin/core/conflict.h */
