/* SPDX-License-Identifier: Apache-2.0 */

/* The OpenFlow rules of a leg. */

#ifndef SPAN_CORE_LEG_FLOWS_H
#define SPAN_CORE_LEG_FLOWS_H 1

#include "flow-text.h"
#include "switch-state.h"
#include "wanted.h"

struct ds;

struct flow_list {
    struct span_flow *flows;
    size_t n;
};

void flow_list_destroy(struct flow_list *);
void flow_list_add(struct flow_list *, struct span_flow *);
void flow_list_copy(struct flow_list *, const struct flow_list *);
void flow_list_sort(struct flow_list *);
bool flow_list_is_in(const struct flow_list *, const struct switch_bridge *);
const struct span_flow *flow_find(const struct span_flow *, size_t n,
                                  const struct span_flow *key);

void flow_put_output(struct ds *actions, int64_t ofport, int snaplen);
bool leg_flows_put_outputs(struct ds *actions, const struct wanted_session *,
                           const struct wanted_leg *, bool relayed,
                           const struct switch_state *);
bool leg_flows_add_private(const struct wanted_session *,
                           const struct wanted_leg *, int64_t in_port,
                           bool last, const char *actions,
                           struct flow_list *);
bool leg_flows_add_relayed(const struct wanted_session *, int64_t in_port,
                           const char *actions, struct flow_list *);
bool leg_flows_build(const struct wanted_session *, const struct wanted_leg *,
                     const struct switch_state *,
                     struct flow_list *private_flows,
                     struct flow_list *production_flows);
bool leg_flows_are_in_place(const struct wanted_session *,
                            const struct wanted_leg *,
                            const struct switch_state *);
bool epoch_flow_build(struct span_flow *, uint64_t epoch);

#endif /* plugin/core/leg-flows.h */
