/* SPDX-License-Identifier: Apache-2.0 */

/* Relays: where a session takes one frame in so many and sends it to others
 * than recorders.
 *
 * No rule of OpenFlow takes a sample that a receiver could count on, but the
 * recorder's program does, in the kernel.  So the copies of such a session go
 * to an internal port of the private bridge first, the relay's; the relay, a
 * process like a recorder, sends one in so many out of the same port, by which
 * it is back on the bridge; and there the session's rate and its destinations
 * wait for it.  All of them see the same sample.  Sessions that send to
 * recorders only let these take the sample.
 *
 * Where the two directions go separate ways (wanted_session_is_split()) each
 * has a relay. */

#ifndef SPAN_CORE_RELAY_H
#define SPAN_CORE_RELAY_H 1

#include "leg-view.h"
#include "switch-state.h"
#include "wanted.h"

struct flow_list;
struct span_flow;

bool session_is_relayed(const struct session *);
int session_recorder_sample(const struct session *);

char *relay_name(const char *session, bool to);
const char *relay_session_name(const char *recorder);
char *recorder_title(const char *recorder);

bool wanted_leg_is_to(const struct wanted_leg *);
void wanted_relays_build(struct wanted *, const struct switch_state *,
                         const struct resolve_config *);
void wanted_relays_destroy(struct wanted *);

const char *relay_role(bool to);
const struct switch_port *relay_port_find(const struct switch_state *,
                                          const struct wanted_session *,
                                          bool to);
const struct switch_sink *relay_find_running(const struct switch_state *,
                                             const struct wanted_session *,
                                             bool to);
enum sink_use relay_use_of(const struct switch_state *,
                           const struct wanted_session *, bool to);
enum sink_use relays_use_of(const struct switch_state *,
                            const struct wanted_session *);
bool relay_judge(const struct wanted_session *, const struct switch_state *,
                 bool overdue, bool *pending, struct fault *);

bool relay_leg_flows_build(const struct wanted_session *,
                           const struct wanted_leg *,
                           const struct switch_state *, int64_t in_port,
                           const struct flow_list *direct,
                           struct flow_list *);
bool relay_flows_build(const struct wanted_session *,
                       const struct switch_state *, struct flow_list *);
bool relay_needs_flow(const struct wanted *, const struct switch_state *,
                      const struct switch_bridge *, const struct span_flow *);
bool relay_is_fed(const struct switch_state *, const struct switch_sink *);

#endif /* plugin/core/relay.h */
