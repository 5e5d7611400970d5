/* SPDX-License-Identifier: Apache-2.0 */

/* Port groups on this host: a part of resolve(). */

#ifndef SPAN_CORE_WANTED_GROUP_H
#define SPAN_CORE_WANTED_GROUP_H 1

#include "source-match.h"
#include "wanted.h"

void wanted_groups_build(struct wanted *, const struct port_group *, size_t n,
                         const struct switch_state *,
                         const struct resolve_config *);
void wanted_groups_settle(struct wanted *);
void wanted_groups_destroy(struct wanted *);

void wanted_groups_bind(const struct wanted *, struct wanted_session *);
void wanted_group_refuse(struct wanted_group *, struct fault *);
void wanted_group_keep_bridge(struct wanted_group *,
                              const struct switch_bridge *,
                              const char *session,
                              const struct switch_state *);

const struct wanted_group *wanted_find_group(const struct wanted *,
                                             const char *name);
const struct group_port *wanted_group_find_port(const struct wanted_group *,
                                                const struct switch_port *);
bool wanted_group_port_needs_fdb(const struct wanted_group *,
                                 const struct group_port *);

/* What the sources of a session name, groups included. */
size_t wanted_source_ports(const struct wanted_session *, size_t source,
                           const struct switch_state *,
                           struct port_candidate **);
bool wanted_source_names(const struct wanted_session *, size_t source,
                         const struct switch_bridge *,
                         const struct switch_port *);
int wanted_session_names_port(const struct wanted_session *,
                              const struct switch_bridge *,
                              const struct switch_port *);

#endif /* plugin/core/wanted-group.h */
