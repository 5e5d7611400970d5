/* SPDX-License-Identifier: Apache-2.0 */

/* Port groups on this host: a part of resolve(). */

#ifndef SPAN_CORE_WANTED_GROUP_H
#define SPAN_CORE_WANTED_GROUP_H 1

#include "wanted.h"

void wanted_groups_build(struct wanted *, const struct port_group *, size_t n,
                         const struct switch_state *,
                         const struct resolve_config *);
void wanted_groups_settle(struct wanted *);
void wanted_groups_destroy(struct wanted *);

const struct wanted_group *wanted_find_group(const struct wanted *,
                                             const char *name);
const struct group_port *wanted_group_find_port(const struct wanted_group *,
                                                const struct switch_port *);

#endif /* plugin/core/wanted-group.h */
