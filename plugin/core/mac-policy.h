/* SPDX-License-Identifier: Apache-2.0 */

/* What the members of port groups may use as source addresses: the rules that
 * see to mac_changes=reject and forged_transmits=reject.
 *
 * A port may send with its initial address only.  The rules must stay out of
 * the way of whatever rules the bridge has for such frames, so they match all
 * others: for each of the 48 bits those addresses that differ from the initial
 * one in that bit.  Open vSwitch makes of them at most 48 datapath flows a
 * port, whatever addresses the port tries. */

#ifndef SPAN_CORE_MAC_POLICY_H
#define SPAN_CORE_MAC_POLICY_H 1

#include <stdbool.h>
#include <stdint.h>
#include "leg-flows.h"
#include "switch-state.h"
#include "wanted.h"

/* By which part of the policy frames with another source are dropped.  A
 * switch cannot tell a changed address from a forged one. */
enum mac_breach {
    BREACH_NONE,                /* They are not. */
    BREACH_CHANGED,             /* mac_changes=reject alone. */
    BREACH_FORGED,              /* forged_transmits=reject. */
};

enum mac_breach mac_policy_of(const struct group_port *);
bool mac_policy_applies(const struct wanted_group *);
bool mac_policy_initial(const struct switch_bridge *,
                        const struct switch_port *, struct eth_addr *);
bool mac_policy_is_given(const struct switch_port *);
void mac_policy_check(struct wanted_group *);

void mac_policy_build(const struct wanted *, const struct switch_bridge *,
                      struct flow_list *);
bool mac_policy_knows(const struct span_flow *, enum mac_breach *);
void mac_policy_judge(const struct wanted_group *, bool overdue,
                      bool *pending, struct fault *);
uint64_t mac_policy_packets(const struct wanted_group *,
                            const struct group_port *);

#endif /* plugin/core/mac-policy.h */
