/* SPDX-License-Identifier: Apache-2.0 */

/* A fault: why something was refused or does not work in full.
 *
 * 'reason' is the stable reason code that ends up in Binding.reason: a
 * vSphere fault name where vSphere has one (VspanDestPortConflict, ...), else
 * a lower-case word with dashes.  'detail' is a sentence for people that says
 * what is wrong and what to do about it.  A fault without a reason is no
 * fault.
 *
 * Reason codes of what is refused before any switch is looked at:
 *
 *   bad-argument           a key=value that is unknown or makes no sense
 *   bad-name               a name with other characters than [A-Za-z0-9_.-]
 *   bad-text               a text too long, not UTF-8, or with control
 *                          characters
 *   bad-selector           a source's selector that cannot be read
 *   bad-source             a source's direction or bridge that cannot be read
 *   bad-destination        a destination that cannot be read, or that no
 *                          switch could send to
 *   bad-filter             a filter that is no pure match of packet fields
 *   bad-flow               a rule that OpenFlow cannot express
 *   out-of-range           a number outside its limits
 *   no-source              a session without a source
 *   no-destination         a session without a destination
 *   too-many               more sources or destinations than a session has
 *   duplicate-destination  the same destination twice in a session
 *   vlan-direction         directions of VLAN sources that contradict
 *   unsupported            understood, but beyond this version
 *   VspanSameSessionPortConflict
 *                          a port that is source and destination of a session
 */

#ifndef SPAN_CORE_FAULT_H
#define SPAN_CORE_FAULT_H 1

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct fault {
    char *reason;               /* Owned; NULL when there is no fault. */
    char *detail;               /* Owned; NULL when there is no fault. */
};

#define FAULT_INITIALIZER { NULL, NULL }

/* Longest 'detail', bytes: fits Binding.detail with room for a prefix. */
#define FAULT_MAX_DETAIL 1024

void fault_set(struct fault *, const char *reason, const char *detail, ...)
    OVS_PRINTF_FORMAT(3, 4);
void fault_move(struct fault *dst, struct fault *src);
void fault_copy(struct fault *dst, const struct fault *src);
void fault_clear(struct fault *);
bool fault_is_set(const struct fault *);

#endif /* plugin/core/fault.h */
