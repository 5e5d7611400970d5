/* SPDX-License-Identifier: Apache-2.0 */

/* Carries out the part of a plan that is rows of the database Open_vSwitch. */

#ifndef SPAN_DAEMON_MIRROR_APPLY_H
#define SPAN_DAEMON_MIRROR_APPLY_H 1

#include <stdbool.h>

struct op;
struct plan;
struct switch_db;

bool mirror_apply_handles(const struct op *);
void mirror_apply(struct switch_db *, const struct plan *);

#endif /* plugin/daemon/mirror-apply.h */
