/* SPDX-License-Identifier: Apache-2.0 */

/* The outside worlds together: each has a file of its own, this one calls them
 * in turn. */

#include <config.h>

#include "plugin/daemon/edges.h"

#include <limits.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "plugin/core/plan.h"
#include "plugin/core/switch-state.h"
#include "plugin/daemon/capture-link.h"
#include "plugin/daemon/fdb-link.h"
#include "plugin/daemon/flow-conn.h"
#include "plugin/daemon/leases.h"
#include "plugin/daemon/mirror-apply.h"
#include "plugin/daemon/port-stats.h"
#include "plugin/daemon/reconciler.h"
#include "plugin/daemon/route-link.h"
#include "plugin/daemon/session-db.h"
#include "plugin/daemon/settle.h"
#include "plugin/daemon/sink-proc.h"
#include "plugin/daemon/switch-db.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(edges);

/* Connects to the outside worlds that 'config' names. */
void
edges_init(struct edges *e, const struct reconciler_config *config)
{
    memset(e, 0, sizeof *e);
    e->session_db = session_db_create(config->session_remote);
    e->switch_db = switch_db_create(config->switch_remote);
    e->stats = port_stats_create(config->switch_remote);
    e->flows = flow_conns_create(config->run_dir);
    e->settle = settle_create(config->run_dir, e->flows);
    e->routes = route_link_create(config->run_dir);
    e->fdb = fdb_link_create(config->run_dir);
    e->sinks = sink_procs_create(config->sink_program, config->run_dir,
                                 config->log_dir);
    e->leases = leases_create(config->run_dir);
}

void
edges_destroy(struct edges *e)
{
    for (size_t i = 0; i < N_PARTS; i++) {
        gate_destroy(&e->gates[i]);
    }
    leases_destroy(e->leases);
    sink_procs_destroy(e->sinks);
    fdb_link_destroy(e->fdb);
    route_link_destroy(e->routes);
    settle_destroy(e->settle);
    flow_conns_destroy(e->flows);
    port_stats_destroy(e->stats);
    switch_db_destroy(e->switch_db);
    session_db_destroy(e->session_db);
}

void
edges_run(struct edges *e)
{
    session_db_run(e->session_db);
    switch_db_run(e->switch_db);
    port_stats_run(e->stats);
    flow_conns_run(e->flows);
    settle_run(e->settle);
    route_link_run(e->routes);
    fdb_link_run(e->fdb);
    sink_procs_run(e->sinks);
    leases_run(e->leases);
}

void
edges_wait(struct edges *e)
{
    session_db_wait(e->session_db);
    switch_db_wait(e->switch_db);
    port_stats_wait(e->stats);
    flow_conns_wait(e->flows);
    settle_wait(e->settle);
    route_link_wait(e->routes);
    fdb_link_wait(e->fdb);
    sink_procs_wait(e->sinks);
    leases_wait(e->leases);
}

/* Changes when something that an edge observes may have changed.  (Each part
 * only ever grows.) */
uint64_t
edges_seq(const struct edges *e)
{
    return ((uint64_t) session_db_seqno(e->session_db)
            + switch_db_seqno(e->switch_db) + flow_conns_seq(e->flows)
            + settle_seq(e->settle) + route_link_seq(e->routes)
            + fdb_link_seq(e->fdb) + sink_procs_seq(e->sinks)
            + leases_seq(e->leases));
}

/* Returns when (monotonic milliseconds) something that could not be done may
 * be tried again, LLONG_MAX if there is nothing of the kind. */
long long int
edges_next(const struct edges *e)
{
    long long int next = LLONG_MAX;

    for (size_t i = 0; i < N_PARTS; i++) {
        next = MIN(next, gate_next(&e->gates[i]));
    }
    return next;
}

/* Forgets what was tried, and what is known of the flows. */
void
edges_resync(struct edges *e)
{
    for (size_t i = 0; i < N_PARTS; i++) {
        gate_destroy(&e->gates[i]);
    }
    flow_conns_resync(e->flows);
    sink_procs_retry(e->sinks);
}

/* Initializes '*state' with what the edges see of the switch, and of where
 * 'asked' wants to send copies. */
void
edges_observe(struct edges *e, const struct session_set *asked,
              struct switch_state *state)
{
    struct sset bridges = SSET_INITIALIZER(&bridges);

    switch_state_init(state, switch_db_system_id(e->switch_db));
    switch_db_fill(e->switch_db, state);
    for (size_t i = 0; i < state->n_bridges; i++) {
        sset_add(&bridges, state->bridges[i]->name);
    }
    flow_conns_set_bridges(e->flows, &bridges);
    for (size_t i = 0; i < state->n_bridges; i++) {
        flow_conns_fill(e->flows, state->bridges[i]);
        settle_fill(e->settle, state->bridges[i]);
    }
    route_link_ask(e->routes, asked->sessions, asked->n_sessions, state);
    route_link_fill(e->routes, state);
    fdb_link_fill(e->fdb, state);
    capture_link_fill(state);
    sink_procs_fill(e->sinks, state);
    leases_fill(e->leases, state);
    switch_state_finish(state);
    leases_tell(e->leases, state);
    sset_destroy(&bridges);
}

/* Looks from now on at what, beside the switch itself, decisions for 'wanted'
 * depend on. */
void
edges_ask(struct edges *e, const struct wanted *wanted)
{
    fdb_link_ask(e->fdb, wanted);
}

static enum part
op_part(const struct op *op)
{
    return (mirror_apply_handles(op) ? PART_ROWS
            : op->type == OP_LINK_UP ? PART_LINKS
            : op->type <= OP_ADD_FLOW ? PART_FLOWS
            : PART_SINKS);
}

/* Carries out 'plan' for 'state', part by part; a part that is the same as the
 * last time only when its gate says so.  Returns true if the edges have to be
 * observed at once, because no sequence number will tell. */
bool
edges_apply(struct edges *e, const struct plan *plan,
            const struct switch_state *state)
{
    struct ds texts[N_PARTS] = { DS_EMPTY_INITIALIZER };
    long long int now = time_msec();
    bool look = false;

    for (size_t i = 0; i < plan->n_ops; i++) {
        char *text = op_to_string(plan->ops[i]);

        ds_put_format(&texts[op_part(plan->ops[i])], "%s\n", text);
        VLOG_DBG("plan: %s", text);
        free(text);
    }
    if (!switch_db_is_busy(e->switch_db)
        && gate_pass(&e->gates[PART_ROWS], ds_cstr(&texts[PART_ROWS]), now)) {
        mirror_apply(e->switch_db, plan);
        if (state->unreachable) {
            capture_link_bury(plan, state);
        }
    }
    if (gate_pass(&e->gates[PART_LINKS], ds_cstr(&texts[PART_LINKS]), now)) {
        capture_link_apply(plan);
        look = true;
    }
    if (gate_pass(&e->gates[PART_FLOWS], ds_cstr(&texts[PART_FLOWS]), now)) {
        flow_conns_apply(e->flows, plan);
    }
    if (gate_pass(&e->gates[PART_SINKS], ds_cstr(&texts[PART_SINKS]), now)) {
        sink_procs_apply(e->sinks, plan);
    }
    for (size_t i = 0; i < N_PARTS; i++) {
        ds_destroy(&texts[i]);
    }
    return look;
}

/* Returns a sentence for the caller to free that says which world, of those
 * that 'config' names, is not known well enough to decide anything, or
 * NULL. */
char *
edges_explain(const struct edges *e, const struct reconciler_config *config)
{
    if (switch_db_is_contended(e->switch_db)) {
        return xasprintf("Another ovs-spand works on this switch; stop one "
                         "of them.");
    } else if (!switch_db_is_synced(e->switch_db)) {
        return xasprintf("The database Open_vSwitch at %s does not answer; "
                         "is ovsdb-server running there?",
                         config->switch_remote);
    } else if (!session_db_is_synced(e->session_db)) {
        return xasprintf("The database OVS_Span at %s does not answer; is it "
                         "served there (ovs-appctl -t ovsdb-server "
                         "ovsdb-server/list-dbs)?", config->session_remote);
    } else if (!switch_db_system_id(e->switch_db)) {
        return xasprintf("The database Open_vSwitch is empty; run "
                         "\"ovs-vsctl init\".");
    }
    return NULL;
}
