/* SPDX-License-Identifier: Apache-2.0 */

/* Uplinks that copies go out of: a part of resolve(). */

#ifndef SPAN_CORE_WANTED_UPLINK_H
#define SPAN_CORE_WANTED_UPLINK_H 1

#include <stdbool.h>
#include "wanted.h"

const struct switch_port *uplink_find_port(const struct destination *,
                                           const struct switch_state *,
                                           const struct switch_bridge **);
bool session_has_uplinks(const struct session *);
bool session_mirrors_vlan(const struct session *, int vlan);
void wanted_uplinks_pick(struct wanted_session *,
                         const struct switch_state *);
void wanted_uplinks_exclude(struct wanted_session *,
                            const struct switch_port **ports, size_t n_ports);
void wanted_uplinks_skip_vlan(struct wanted_session *,
                              const struct session *other);

#endif /* plugin/core/wanted-uplink.h */
