/* SPDX-License-Identifier: Apache-2.0 */

/* On which bridge of this host a port group is. */

#ifndef SPAN_CORE_GROUP_PLACE_H
#define SPAN_CORE_GROUP_PLACE_H 1

#include "wanted.h"

void group_place_find(struct wanted_group *, const struct switch_state *);

#endif /* plugin/core/group-place.h */
