/* SPDX-License-Identifier: Apache-2.0 */

/* The outside worlds together. */

#ifndef SPAN_DAEMON_EDGES_H
#define SPAN_DAEMON_EDGES_H 1

#include <stdbool.h>
#include <stdint.h>
#include "plugin/daemon/pacing.h"

struct fdb_link;
struct flow_conns;
struct plan;
struct reconciler_config;
struct port_stats;
struct route_link;
struct session_set;
struct session_db;
struct settle;
struct sink_procs;
struct switch_db;
struct switch_state;
struct wanted;

/* Parts of a plan that fail and are retried independently. */
enum part { PART_ROWS, PART_LINKS, PART_FLOWS, PART_SINKS, N_PARTS };

struct edges {
    struct session_db *session_db;
    struct switch_db *switch_db;
    struct port_stats *stats;
    struct flow_conns *flows;
    struct settle *settle;
    struct route_link *routes;
    struct fdb_link *fdb;
    struct sink_procs *sinks;
    struct leases *leases;
    struct gate gates[N_PARTS];
};

void edges_init(struct edges *, const struct reconciler_config *);
void edges_destroy(struct edges *);
void edges_run(struct edges *);
void edges_wait(struct edges *);
uint64_t edges_seq(const struct edges *);
long long int edges_next(const struct edges *);
void edges_resync(struct edges *);
char *edges_explain(const struct edges *, const struct reconciler_config *);

void edges_observe(struct edges *, const struct session_set *asked,
                   struct switch_state *);
void edges_ask(struct edges *, const struct wanted *);
bool edges_apply(struct edges *, const struct plan *,
                 const struct switch_state *);

#endif /* plugin/daemon/edges.h */
