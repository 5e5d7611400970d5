/* SPDX-License-Identifier: Apache-2.0 */

/* The OpenFlow messages that we send, as pure functions. */

#ifndef SPAN_DAEMON_FLOW_MESSAGE_H
#define SPAN_DAEMON_FLOW_MESSAGE_H 1

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/list.h"
#include "openvswitch/ofp-protocol.h"
#include "openvswitch/types.h"

struct ofpbuf;

struct ofpbuf *flow_message_controller_id(enum ofp_version);
struct ofpbuf *flow_message_port_status(enum ofp_version);
struct ofpbuf *flow_message_get_config(enum ofp_version);

struct ofpbuf *flow_message_dump(enum ofputil_protocol, uint64_t cookie,
                                 uint64_t cookie_mask);
struct ofpbuf *flow_message_monitor(enum ofputil_protocol, uint32_t id,
                                    const ofp_port_t *in_port);
struct ofpbuf *flow_message_monitor_cancel(enum ofputil_protocol, uint32_t id);

bool flow_message_can_bundle(enum ofp_version);
void flow_message_bundle(enum ofp_version, uint32_t bundle_id,
                         struct ovs_list *msgs);

#endif /* plugin/daemon/flow-message.h */
