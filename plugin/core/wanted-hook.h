/* SPDX-License-Identifier: Apache-2.0 */

/* Hooks: the sources hook:NAME, ports that an SDN controller feeds. */

#ifndef SPAN_CORE_WANTED_HOOK_H
#define SPAN_CORE_WANTED_HOOK_H 1

#include "wanted.h"

void wanted_hooks_pick(struct wanted_session *, const struct switch_state *);
bool wanted_hooks_check(const struct wanted_session *,
                        const struct wanted_session *const *accepted,
                        size_t n_accepted, const struct switch_state *,
                        const struct policy *, struct fault *);

#endif /* plugin/core/wanted-hook.h */
