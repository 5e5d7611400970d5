/* SPDX-License-Identifier: Apache-2.0 */

/* The meters of one bridge: what flow-bridge.c reads of them, in the wake of
 * each dump of rules, and the messages that change them. */

#ifndef SPAN_DAEMON_FLOW_METERS_H
#define SPAN_DAEMON_FLOW_METERS_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/ofp-protocol.h"
#include "openvswitch/types.h"

struct flow_link;
struct ofpbuf;
struct op;
struct span_meter;

struct meter_dump {
    struct span_meter *meters;  /* Owned. */
    size_t n, allocated;
};

struct flow_meters {
    bool wanted;                /* Are they to be read at all? */
    struct meter_dump current;  /* The last complete dump. */
    struct meter_dump dump;     /* The one that is coming in. */
    ovs_be32 config_xid;        /* Of its requests; 0 = none is. */
    ovs_be32 stats_xid;
};

void flow_meters_clear(struct flow_meters *);
void flow_meters_uninit(struct flow_meters *);
void flow_meters_request(struct flow_meters *, struct flow_link *);
bool flow_meters_are_coming(const struct flow_meters *);
bool flow_meters_receive(struct flow_meters *, struct ofpbuf *msg);
bool flow_meters_refused(struct flow_meters *, ovs_be32 xid);
bool flow_meters_finish(struct flow_meters *);

struct ofpbuf *flow_meters_encode(enum ofp_version, const struct op *);

#endif /* plugin/daemon/flow-meters.h */
