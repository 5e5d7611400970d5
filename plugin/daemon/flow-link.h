/* SPDX-License-Identifier: Apache-2.0 */

/* One OpenFlow connection to a local socket that reconnects by itself.
 *
 * libopenvswitch's rconn waits a second at least before it tries again, which
 * is long for a switch on the same host that has just restarted; this waits
 * 10 ms at first and never longer than half a second. */

#ifndef SPAN_DAEMON_FLOW_LINK_H
#define SPAN_DAEMON_FLOW_LINK_H 1

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/ofp-protocol.h"
#include "openvswitch/types.h"

struct flow_link;
struct ofpbuf;

/* How many messages a user should take in one turn of the loop, so that a
 * chatty switch does not keep the others waiting. */
#define FLOW_MESSAGES_PER_RUN 100

struct flow_link *flow_link_create(const char *target, uint32_t versions,
                                   uint32_t fallback);
void flow_link_destroy(struct flow_link *);

void flow_link_run(struct flow_link *);
void flow_link_wait(struct flow_link *);
void flow_link_retry_now(struct flow_link *);

bool flow_link_is_connected(const struct flow_link *);
bool flow_link_is_refused(const struct flow_link *);
unsigned int flow_link_seq(const struct flow_link *);
enum ofp_version flow_link_version(const struct flow_link *);

ovs_be32 flow_link_send(struct flow_link *, struct ofpbuf *);
struct ofpbuf *flow_link_recv(struct flow_link *);

#endif /* plugin/daemon/flow-link.h */
