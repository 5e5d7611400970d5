/* SPDX-License-Identifier: Apache-2.0 */

/* The monitors of one OpenFlow connection: of which rules the switch tells us
 * when somebody changes them.  flow-bridge.c says which and why. */

#ifndef SPAN_DAEMON_FLOW_MONITORS_H
#define SPAN_DAEMON_FLOW_MONITORS_H 1

#include <stdbool.h>
#include "openvswitch/ofp-protocol.h"

struct flow_dump;
struct flow_link;
struct sset;

void flow_monitors_update(struct sset *monitors, const struct flow_dump *,
                          bool private, struct flow_link *,
                          enum ofputil_protocol);

#endif /* plugin/daemon/flow-monitors.h */
