/* SPDX-License-Identifier: Apache-2.0 */

/* OpenFlow: one connection to each bridge that concerns us.
 *
 * It observes (our own rules with their counters, the flags of ports) and
 * carries out the OpenFlow part of a plan.  What was sent is believed only
 * when the switch says so: after flow_conns_apply() a bridge's flows are
 * unknown until they have been read back.
 *
 *     flow_conns_set_bridges();          which bridges there are
 *     flow_conns_run();                  in each turn of the loop
 *     if (flow_conns_seq() changed) {
 *         flow_conns_fill() for each bridge of the state; decide;
 *         flow_conns_apply();
 *     }
 *     flow_conns_wait(); poll_block(); */

#ifndef SPAN_DAEMON_FLOW_CONN_H
#define SPAN_DAEMON_FLOW_CONN_H 1

#include <stdbool.h>

struct flow_conns;
struct plan;
struct sset;
struct switch_bridge;

struct flow_conns *flow_conns_create(const char *run_dir);
void flow_conns_destroy(struct flow_conns *);

void flow_conns_set_bridges(struct flow_conns *, const struct sset *bridges);
void flow_conns_run(struct flow_conns *);
void flow_conns_wait(struct flow_conns *);

unsigned int flow_conns_seq(const struct flow_conns *);
void flow_conns_fill(struct flow_conns *, struct switch_bridge *);
void flow_conns_apply(struct flow_conns *, const struct plan *);
void flow_conns_resync(struct flow_conns *);

bool flow_conns_touch(struct flow_conns *, const char *bridge);
const char *flow_conns_error(const struct flow_conns *, const char *bridge);

#endif /* plugin/daemon/flow-conn.h */
