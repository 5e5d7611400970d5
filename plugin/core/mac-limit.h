/* SPDX-License-Identifier: Apache-2.0 */

/* From how many source addresses the members of port groups may send: the
 * rules that see to mac_limit.
 *
 * The first N addresses of a port have a place each, for as long as a bridge
 * remembers addresses; what comes from another one is dropped, or passes and
 * is counted.  The switch itself keeps the places, as rules that a rule of
 * ours learns, so that it is exact from the first frame on and needs no
 * daemon: no frame of one address too many gets to the rules of the bridge,
 * nor into its MAC table.
 *
 * In table 0, where frames come in, only a rule can tell known addresses from
 * others and yet leave them to whatever rules the bridge has: it looks the
 * frame up in table 0 again, with a mark that our rules pass by.  The mark is
 * bit 31 of register 15, and it stays: it is all that rules of others can see
 * of ours.  The six upper bits are ours on the way:
 *
 *     31-29  0: it comes in; 1: is its address known? 2: if not, has it been
 *            refused before? 3: what becomes of it?  4: on it goes
 *     28     its address has a place
 *     27     that is only supposed
 *     26     it has been refused before
 *
 * Open vSwitch handles frames again, without a frame, to tell whether its
 * datapath flows are right still and what counters they add to.  It then takes
 * it for granted that addresses are learned, even if they never could be: what
 * is over the limit would count as passed, and get into the MAC table.  A rule
 * for which there never is room is as good as learned then, too, and at no
 * other time: that tells.  Only what was refused before counts as over the
 * limit then; the rest is of addresses that sent before there was a limit. */

#ifndef SPAN_CORE_MAC_LIMIT_H
#define SPAN_CORE_MAC_LIMIT_H 1

#include <stdbool.h>
#include <stdint.h>
#include "leg-flows.h"
#include "switch-state.h"
#include "wanted.h"

void mac_limit_assign(struct wanted *);
bool mac_limit_applies(const struct wanted_group *);

void mac_limit_build(const struct wanted *, const struct switch_bridge *,
                     struct flow_list *);
bool mac_limit_knows(const struct span_flow *);
bool mac_limit_counts(const struct span_flow *, enum mac_limit_policy *);
void mac_limit_judge(const struct wanted_group *, bool overdue,
                     bool *pending, struct fault *);
uint64_t mac_limit_packets(const struct wanted_group *,
                           const struct group_port *);

#endif /* plugin/core/mac-limit.h */
