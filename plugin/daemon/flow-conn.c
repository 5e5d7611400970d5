/* SPDX-License-Identifier: Apache-2.0 */

/* OpenFlow: one pair of connections to each bridge that concerns us.  See
 * flow-conn.h.  flow-bridge.c does the rules, port-flags.c the ports' flags;
 * this keeps the set of bridges, fills the state and hands out plans. */

#include <config.h>
#include "plugin/daemon/flow-conn.h"

#include <stdlib.h>

#include "openvswitch/shash.h"
#include "plugin/core/name.h"
#include "plugin/core/plan.h"
#include "plugin/core/switch-state.h"
#include "plugin/daemon/flow-bridge.h"
#include "plugin/daemon/port-flags.h"
#include "sset.h"
#include "util.h"

struct flow_conn {
    struct flow_bridge *rules;
    struct port_flags *ports;
    unsigned int rules_seq, ports_seq, link_seq;
};

struct flow_conns {
    char *run_dir;
    struct shash conns;         /* By bridge; "struct flow_conn"s. */
    unsigned int seq;
};

/* Creates connections to no bridge yet, over the sockets in 'run_dir'. */
struct flow_conns *
flow_conns_create(const char *run_dir)
{
    struct flow_conns *fc = xzalloc(sizeof *fc);

    fc->run_dir = xstrdup(run_dir);
    shash_init(&fc->conns);
    return fc;
}

static struct flow_conn *
conn_create(const struct flow_conns *fc, const char *bridge)
{
    struct flow_conn *conn = xzalloc(sizeof *conn);
    char *target = xasprintf("unix:%s/%s.mgmt", fc->run_dir, bridge);

    conn->rules = flow_bridge_create(bridge, target);
    conn->ports = port_flags_create(bridge, target);
    free(target);
    return conn;
}

static void
conn_destroy(struct flow_conn *conn)
{
    flow_bridge_destroy(conn->rules);
    port_flags_destroy(conn->ports);
    free(conn);
}

void
flow_conns_destroy(struct flow_conns *fc)
{
    if (fc) {
        struct sset none = SSET_INITIALIZER(&none);

        flow_conns_set_bridges(fc, &none);
        sset_destroy(&none);
        shash_destroy(&fc->conns);
        free(fc->run_dir);
        free(fc);
    }
}

/* Connects to exactly the bridges in 'bridges'.  They may come into being
 * later; until then their rules are unknown. */
void
flow_conns_set_bridges(struct flow_conns *fc, const struct sset *bridges)
{
    struct shash_node *node, *next;
    const char *name;

    SHASH_FOR_EACH_SAFE (node, next, &fc->conns) {
        if (!sset_contains(bridges, node->name)) {
            conn_destroy(node->data);
            shash_delete(&fc->conns, node);
        }
    }
    SSET_FOR_EACH (name, bridges) {
        if (!shash_find(&fc->conns, name)) {
            shash_add(&fc->conns, name, conn_create(fc, name));
        }
    }
}

void
flow_conns_run(struct flow_conns *fc)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &fc->conns) {
        struct flow_conn *conn = node->data;

        flow_bridge_run(conn->rules);
        if (conn->link_seq != flow_bridge_link_seq(conn->rules)) {
            /* vswitchd ends all connections when the versions that it speaks
             * change; what it refused before it may take now. */
            conn->link_seq = flow_bridge_link_seq(conn->rules);
            port_flags_retry(conn->ports);
        }
        port_flags_run(conn->ports);
        if (conn->rules_seq != flow_bridge_seq(conn->rules)
            || conn->ports_seq != port_flags_seq(conn->ports)) {
            conn->rules_seq = flow_bridge_seq(conn->rules);
            conn->ports_seq = port_flags_seq(conn->ports);
            fc->seq++;
        }
    }
}

void
flow_conns_wait(struct flow_conns *fc)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &fc->conns) {
        struct flow_conn *conn = node->data;

        flow_bridge_wait(conn->rules);
        port_flags_wait(conn->ports);
    }
}

/* Changes in flow_conns_run() when something changed that a plan depends on:
 * rules, port flags, whether they are known.  Counters are read once a second
 * and do not count as a change. */
unsigned int
flow_conns_seq(const struct flow_conns *fc)
{
    return fc->seq;
}

/* Writes what is known of 'bridge' into it: our rules ('flows_known',
 * 'flows'), on a private bridge its meters, and the flags of its ports, which
 * must be there already.  All or none: rules that seem to stand behind an open
 * port would be taken away. */
void
flow_conns_fill(struct flow_conns *fc, struct switch_bridge *bridge)
{
    struct flow_conn *conn = shash_find_data(&fc->conns, bridge->name);
    size_t n_flows, n_meters;

    bridge->flows_known = false;
    if (conn && smap_get(&bridge->external_ids, SPAN_KEY_OWNER)) {
        flow_bridge_want_meters(conn->rules);
    }
    if (!conn || !port_flags_are_known(conn->ports)) {
        return;
    }

    const struct span_flow *flows = flow_bridge_flows(conn->rules, &n_flows);
    if (!flows) {
        return;
    }
    bridge->flows_known = true;
    for (size_t i = 0; i < n_flows; i++) {
        switch_bridge_add_flow(bridge, &flows[i]);
    }
    const struct span_meter *meters = flow_bridge_meters(conn->rules,
                                                         &n_meters);
    for (size_t i = 0; i < n_meters; i++) {
        switch_bridge_add_meter(bridge, &meters[i]);
    }
    for (size_t i = 0; i < bridge->n_ports; i++) {
        struct switch_port *port = bridge->ports[i];

        if (port->n_ifaces) {
            port_flags_get(conn->ports, port->ifaces[0]->ofport,
                           port->ifaces[0]->name, &port->no_flood,
                           &port->no_packet_in);
        }
    }
}

/* Carries out the rules and meters of 'plan' that are of 'bridge'. */
static void
apply_rules(struct flow_conn *conn, const char *bridge,
            const struct plan *plan)
{
    const struct op **ops = xmalloc(plan->n_ops * sizeof *ops);
    size_t n_ops = 0;

    for (size_t i = 0; i < plan->n_ops; i++) {
        const struct op *op = plan->ops[i];

        if (op->type >= OP_DEL_METER && op->type <= OP_ADD_FLOW
            && !strcmp(op->bridge, bridge)) {
            ops[n_ops++] = op;
        }
    }
    if (n_ops) {
        flow_bridge_apply(conn->rules, ops, n_ops);
    }
    free(ops);
}

/* Sends the OpenFlow part of 'plan'; what has become of it is to be observed
 * later.  What concerns a bridge that is not connected is left out. */
void
flow_conns_apply(struct flow_conns *fc, const struct plan *plan)
{
    struct shash_node *node;

    for (size_t i = 0; i < plan->n_ops; i++) {
        const struct op *op = plan->ops[i];

        if (op->type >= OP_PORT_FLAGS && op->type <= OP_RESUME_FLOOD) {
            struct flow_conn *conn = shash_find_data(&fc->conns, op->bridge);
            if (conn) {
                port_flags_set(conn->ports, op->ofport, op->name,
                               (op->type == OP_PORT_FLAGS
                                || op->type == OP_STOP_FLOOD),
                               op->type <= OP_CLEAR_PORT_FLAGS);
            }
        }
    }
    SHASH_FOR_EACH (node, &fc->conns) {
        apply_rules(node->data, node->name, plan);
    }
}

/* Forgets what is known and reads it again. */
void
flow_conns_resync(struct flow_conns *fc)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &fc->conns) {
        struct flow_conn *conn = node->data;

        flow_bridge_resync(conn->rules);
        port_flags_resync(conn->ports);
    }
}

/* Makes vswitchd revalidate its datapath flows at once, through the private
 * bridge 'bridge' and without changing anything in it.  Returns false if that
 * cannot be done now. */
bool
flow_conns_touch(struct flow_conns *fc, const char *bridge)
{
    struct flow_conn *conn = shash_find_data(&fc->conns, bridge);

    return conn && flow_bridge_touch(conn->rules);
}

/* Returns a sentence on what 'bridge' refused and has not accepted since, or
 * NULL. */
const char *
flow_conns_error(const struct flow_conns *fc, const char *bridge)
{
    const struct flow_conn *conn = shash_find_data(&fc->conns, bridge);

    if (!conn) {
        return NULL;
    }
    const char *error = flow_bridge_error(conn->rules);
    return error ? error : port_flags_error(conn->ports);
}
