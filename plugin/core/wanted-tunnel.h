/* SPDX-License-Identifier: Apache-2.0 */

/* The tunnels of sessions: which are wanted, and which cannot be. */

#ifndef SPAN_CORE_WANTED_TUNNEL_H
#define SPAN_CORE_WANTED_TUNNEL_H 1

#include "wanted.h"

void wanted_session_add_tunnels(struct wanted_session *);
bool wanted_tunnels_check(const struct wanted_session *,
                          const struct wanted_session *const *accepted,
                          size_t n_accepted, const struct switch_state *,
                          const struct policy *, struct fault *);
void wanted_tunnels_exclude(struct wanted_session *,
                            const struct wanted_session *sending,
                            const struct switch_state *);
const struct switch_port *tunnel_uplink(const struct destination *,
                                        const struct switch_state *);
void wanted_tunnels_build(struct wanted *);

#endif /* plugin/core/wanted-tunnel.h */
