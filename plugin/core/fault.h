/* SPDX-License-Identifier: Apache-2.0 */

/* A fault: why something was refused or does not work in full.
 *
 * 'reason' is the stable reason code that ends up in Binding.reason: a
 * vSphere fault name where vSphere has one (VspanDestPortConflict, ...), else
 * a lower-case word with dashes.  'detail' is a sentence for people that says
 * what is wrong and what to do about it.  A fault without a reason is no
 * fault. */

#ifndef SPAN_CORE_FAULT_H
#define SPAN_CORE_FAULT_H 1

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct fault {
    char *reason;               /* Owned; NULL when there is no fault. */
    char *detail;               /* Owned; NULL when there is no fault. */
};

#define FAULT_INITIALIZER { NULL, NULL }

void fault_set(struct fault *, const char *reason, const char *detail, ...)
    OVS_PRINTF_FORMAT(3, 4);
void fault_move(struct fault *dst, struct fault *src);
void fault_copy(struct fault *dst, const struct fault *src);
void fault_clear(struct fault *);
bool fault_is_set(const struct fault *);

#endif /* plugin/core/fault.h */
