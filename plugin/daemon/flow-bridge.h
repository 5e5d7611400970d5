/* SPDX-License-Identifier: Apache-2.0 */

/* Our rules on one bridge: read, watched, changed over OpenFlow.
 *
 * flow-conn.c has one for each bridge. */

#ifndef SPAN_DAEMON_FLOW_BRIDGE_H
#define SPAN_DAEMON_FLOW_BRIDGE_H 1

#include <stdbool.h>
#include <stddef.h>

struct flow_bridge;
struct op;
struct span_flow;
struct span_meter;

struct flow_bridge *flow_bridge_create(const char *bridge, const char *target);
void flow_bridge_destroy(struct flow_bridge *);

void flow_bridge_run(struct flow_bridge *);
void flow_bridge_wait(struct flow_bridge *);
unsigned int flow_bridge_seq(const struct flow_bridge *);
unsigned int flow_bridge_link_seq(const struct flow_bridge *);
void flow_bridge_resync(struct flow_bridge *);

const struct span_flow *flow_bridge_flows(const struct flow_bridge *,
                                          size_t *n_flows);
void flow_bridge_want_meters(struct flow_bridge *);
const struct span_meter *flow_bridge_meters(const struct flow_bridge *,
                                            size_t *n_meters);
void flow_bridge_apply(struct flow_bridge *, const struct op *const ops[],
                       size_t n_ops);
bool flow_bridge_touch(struct flow_bridge *);
const char *flow_bridge_error(const struct flow_bridge *);

#endif /* plugin/daemon/flow-bridge.h */
