/* SPDX-License-Identifier: Apache-2.0 */

/* A fault: why something was refused or does not work in full.
 *
 * 'reason' is the stable reason code that ends up in Binding.reason: a
 * vSphere fault name where vSphere has one (VspanDestPortConflict, ...), else
 * a lower-case word with dashes.  'detail' is a sentence for people that says
 * what is wrong and what to do about it.  A fault without a reason is no
 * fault.
 *
 * The reason codes, explained to people under Binding.reason in
 * ovsdb-schema/span.xml (tests/check-reasons compares the lists):
 *
 *   Of what is wrong with a session or sink by itself:
 *     bad-argument bad-destination bad-filter bad-flow bad-name bad-selector
 *     bad-source bad-text duplicate-destination encap-vlan no-destination
 *     no-source out-of-range session-type too-many unsupported vlan-direction
 *     VspanSameSessionPortConflict
 *
 *   Of what this host does not allow, or has not got:
 *     VspanDestPortConflict VspanPortConflict VspanPortMove
 *     VspanPortPromiscChange VspanPortgroupPromiscChange
 *     VspanPortgroupTypeChange VspanPromiscuousPortNotSupported bond-member
 *     datapath-mismatch destination-missing destination-unsuitable
 *     group-bridge group-missing hook-bridge hook-conflict mac-unknown
 *     member-conflict member-missing mirror-limit mirror-loop no-member
 *     patch-source policy port-unsuitable sample-conflict sink-missing
 *     source-missing
 *
 *   Of what does not work:
 *     byte-rate copied-twice flow-failed mirror-dead no-neighbor no-openflow
 *     no-route not-applied packets-lost port-failed relay-failed sink-error
 *     sink-failed switch-down uplink-down vlan-in-use
 *
 *   Of what will not work in full (Binding.estimate):
 *     oversubscribed
 *
 *   Of what is as it was asked for:
 *     disabled expired lease-over other-host
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
