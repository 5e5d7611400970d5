/* SPDX-License-Identifier: Apache-2.0 */

/* A dump of rules: what flow-bridge.c gets from the switch in one or more
 * messages and compares with what it got before. */

#ifndef SPAN_DAEMON_FLOW_DUMP_H
#define SPAN_DAEMON_FLOW_DUMP_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/ofp-protocol.h"

struct ofpbuf;
struct span_flow;

struct flow_dump {
    struct span_flow *flows;    /* Owned. */
    size_t n, allocated;
};

void flow_dump_clear(struct flow_dump *);
void flow_dump_uninit(struct flow_dump *);
int flow_dump_add(struct flow_dump *, struct ofpbuf *msg,
                  enum ofputil_protocol);
void flow_dump_sort(struct flow_dump *);
bool flow_dump_equals(const struct flow_dump *, const struct flow_dump *);

#endif /* plugin/daemon/flow-dump.h */
