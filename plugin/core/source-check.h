/* SPDX-License-Identifier: Apache-2.0 */

/* Is what a session or a group mirrors copied once?
 *
 * A bond with bond_mode=balance-tcp sends each frame through the datapath a
 * second time, to choose the member by a hash of its headers.  Open vSwitch
 * used to copy it in both passes, to every mirror that selects what the bond
 * is given (ofproto/ofproto-dpif-xlate.c, compose_output_action__()).  What
 * comes in through a bond, and what other modes send, is copied once.
 *
 * OVN brings floods to each port itself, to promiscuous ones as well. */

#ifndef SPAN_CORE_SOURCE_CHECK_H
#define SPAN_CORE_SOURCE_CHECK_H 1

#include <stdbool.h>
#include "wanted.h"

bool source_version_copies_once(const char *ovs_version);
bool source_check_session(const struct wanted_session *,
                          const struct switch_state *, struct fault *);
bool source_check_group(const struct wanted_group *,
                        const struct switch_state *, struct fault *);

#endif /* plugin/core/source-check.h */
