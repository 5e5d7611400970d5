/* SPDX-License-Identifier: Apache-2.0 */

/* Plans: how they are made, and what they look like.
 *
 * The order of things, over several passes:
 *
 *   - bridge, ports and Mirror rows, in one transaction; the mirrors select
 *     nothing yet, which reserves their ports;
 *   - capture links up, recorders started, guards set on patch ports;
 *   - OpenFlow rules;
 *   - mirrors armed, last; the epoch rule then makes them take effect.
 *
 * And back: mirrors first; when vswitchd has dropped them, the rules; when the
 * datapath is settled, the recorders and then the ports; the private bridge
 * last. */

#include <config.h>
#include "plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "planner.h"
#include "util.h"
#include "uuid.h"

/* Appends an operation; 'bridge' and 'name' may be NULL. */
struct op *
planner_add_op(struct planner *p, enum op_type type, const char *bridge,
               const char *name)
{
    struct plan *plan = p->plan;
    struct op *op;

    if (plan->n_ops >= plan->allocated_ops) {
        plan->ops = x2nrealloc(plan->ops, &plan->allocated_ops,
                               sizeof *plan->ops);
    }
    op = plan->ops[plan->n_ops++] = xzalloc(sizeof *op);
    op->type = type;
    op->bridge = nullable_xstrdup(bridge);
    op->name = nullable_xstrdup(name);
    smap_init(&op->options);
    smap_init(&op->ids);
    return op;
}

static void
op_destroy(struct op *op)
{
    free(op->bridge);
    free(op->name);
    free(op->iface_type);
    free(op->output);
    smap_destroy(&op->options);
    smap_destroy(&op->ids);
    free(op->add_src);
    free(op->del_src);
    free(op->add_dst);
    free(op->del_dst);
    free(op->add_vlans);
    free(op->del_vlans);
    flow_destroy(&op->flow);
    free(op);
}

/* Takes back the operation that was planned last. */
void
planner_drop_last_op(struct planner *p)
{
    op_destroy(p->plan->ops[--p->plan->n_ops]);
}

/* The names in use, those of planned things included.  They are many, and few
 * plans make new ones. */
struct sset *
planner_taken(struct planner *p)
{
    if (sset_is_empty(&p->taken)) {
        switch_state_names(p->state, &p->taken);
    }
    return &p->taken;
}

/* Says that 'object', a part of the observed state, is to stay. */
void
planner_claim(struct planner *p, const void *object)
{
    if (object) {
        hmapx_add(&p->claimed, CONST_CAST(void *, object));
    }
}

bool
planner_is_claimed(const struct planner *p, const void *object)
{
    return hmapx_contains(&p->claimed, object);
}

/* Are all unwanted mirrors gone, from the database and from vswitchd?  With
 * vswitchd gone there is nobody to wait for. */
bool
planner_is_quiet(const struct planner *p)
{
    return p->state->unreachable
           || (!p->dismantling && p->state->config_settled);
}

/* Operations are carried out in the order of their types; among equals the
 * order in which they were planned stays. */
static void
sort_ops(struct plan *plan)
{
    struct op **sorted = xmalloc((plan->n_ops + 1) * sizeof *sorted);
    size_t n = 0;

    for (int type = OP_DEL_MIRROR; type <= OP_STOP_SINK; type++) {
        for (size_t i = 0; i < plan->n_ops; i++) {
            if (plan->ops[i]->type == type) {
                sorted[n++] = plan->ops[i];
            }
        }
    }
    ovs_assert(n == plan->n_ops);
    free(plan->ops);
    plan->ops = sorted;
    plan->allocated_ops = plan->n_ops + 1;
}

/* Computes into '*plan', which the caller must destroy with plan_destroy(),
 * what is to be done now to bring the switch from 'state' to 'wanted'. */
void
plan_compute(const struct wanted *wanted, const struct switch_state *state,
             struct plan *plan)
{
    struct planner p = {
        .wanted = wanted, .state = state, .plan = plan,
    };

    memset(plan, 0, sizeof *plan);
    sset_init(&p.taken);
    hmapx_init(&p.claimed);

    plan_ports(&p);
    plan_meters(&p);
    plan_flows(&p);
    plan_sinks(&p);
    plan_sweep(&p);
    sort_ops(plan);
    plan->complete = !plan->n_ops && !p.waiting;

    hmapx_destroy(&p.claimed);
    sset_destroy(&p.taken);
}

/* Frees what plan_compute() made, but not 'plan' itself. */
void
plan_destroy(struct plan *plan)
{
    for (size_t i = 0; i < plan->n_ops; i++) {
        op_destroy(plan->ops[i]);
    }
    free(plan->ops);
    memset(plan, 0, sizeof *plan);
}

const char *
op_type_to_string(enum op_type type)
{
    switch (type) {
    case OP_DEL_MIRROR: return "del-mirror";
    case OP_SET_MIRROR: return "set-mirror";
    case OP_DEL_PORT: return "del-port";
    case OP_DEL_BRIDGE: return "del-bridge";
    case OP_ADD_BRIDGE: return "add-bridge";
    case OP_SET_BRIDGE: return "set-bridge";
    case OP_ADD_PORT: return "add-port";
    case OP_SET_PORT: return "set-port";
    case OP_ADD_MIRROR: return "add-mirror";
    case OP_LINK_UP: return "link-up";
    case OP_PORT_FLAGS: return "port-flags";
    case OP_CLEAR_PORT_FLAGS: return "clear-port-flags";
    case OP_STOP_FLOOD: return "stop-flood";
    case OP_RESUME_FLOOD: return "resume-flood";
    case OP_DEL_METER: return "del-meter";
    case OP_SET_METER: return "set-meter";
    case OP_ADD_METER: return "add-meter";
    case OP_DEL_FLOW: return "del-flow";
    case OP_ADD_FLOW: return "add-flow";
    case OP_START_SINK: return "start-sink";
    case OP_CONFIGURE_SINK: return "configure-sink";
    case OP_STOP_SINK: return "stop-sink";
    }
    OVS_NOT_REACHED();
}

static void
put_smap(struct ds *ds, const struct smap *smap)
{
    const struct smap_node **nodes = smap_sort(smap);

    for (size_t i = 0; i < smap_count(smap); i++) {
        ds_put_format(ds, " %s=%s", nodes[i]->key, nodes[i]->value);
    }
    free(nodes);
}

static void
put_uuids(struct ds *ds, const char *label, const struct uuid *uuids,
          size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ds_put_format(ds, " %s"UUID_FMT, label, UUID_ARGS(&uuids[i]));
    }
}

static void
put_vlans(struct ds *ds, const char *label, const uint16_t *vlans, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ds_put_format(ds, " %s%"PRIu16, label, vlans[i]);
    }
}

/* One line without a line feed; the caller must free it. */
char *
op_to_string(const struct op *op)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&ds, op_type_to_string(op->type));
    if (op->bridge) {
        ds_put_format(&ds, " %s", op->bridge);
    }
    if (op->name) {
        ds_put_format(&ds, " %s", op->name);
    }
    if (op->iface_type) {
        ds_put_format(&ds, " type=%s", op->iface_type);
    }
    if (op->output) {
        ds_put_format(&ds, " output=%s", op->output);
    }
    if (op->mtu) {
        ds_put_format(&ds, " mtu=%"PRId64, op->mtu);
    }
    if (op->snaplen) {
        ds_put_format(&ds, " snaplen=%d", op->snaplen);
    }
    if (op->clear_select_all) {
        ds_put_cstr(&ds, " select_all=false");
    }
    put_smap(&ds, &op->options);
    put_smap(&ds, &op->ids);
    put_uuids(&ds, "-src=", op->del_src, op->n_del_src);
    put_uuids(&ds, "+src=", op->add_src, op->n_add_src);
    put_uuids(&ds, "-dst=", op->del_dst, op->n_del_dst);
    put_uuids(&ds, "+dst=", op->add_dst, op->n_add_dst);
    put_vlans(&ds, "-vlan=", op->del_vlans, op->n_del_vlans);
    put_vlans(&ds, "+vlan=", op->add_vlans, op->n_add_vlans);
    if (op->meter.number) {
        ds_put_format(&ds, " meter=%"PRIu32" rate=%"PRId64" burst=%"PRIu32,
                      op->meter.number, op->meter.rate, op->meter.burst);
    }
    if (op->flow.match) {
        char *flow = flow_to_text(&op->flow);
        ds_put_format(&ds, " %s", flow);
        free(flow);
    }
    return ds_steal_cstr(&ds);
}

/* One line an operation; "" for an empty plan.  The caller must free it. */
char *
plan_to_string(const struct plan *plan)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < plan->n_ops; i++) {
        char *op = op_to_string(plan->ops[i]);
        ds_put_format(&ds, "%s\n", op);
        free(op);
    }
    return ds_steal_cstr(&ds);
}
