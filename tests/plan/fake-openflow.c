/* SPDX-License-Identifier: Apache-2.0 */

/* The OpenFlow part of a switch that exists in memory only: rules, meters and
 * port flags.  See fake-switch.h. */

#include <config.h>
#include "fake-switch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

void
fake_del_flow(struct switch_bridge *bridge, const struct span_flow *key)
{
    for (size_t i = 0; i < bridge->n_flows; i++) {
        struct span_flow *flow = &bridge->flows[i];

        if (!flow_compare_key(flow, key)) {
            flow_destroy(flow);
            memmove(flow, flow + 1,
                    (bridge->n_flows - i - 1) * sizeof *flow);
            bridge->n_flows--;
            return;
        }
    }
}

static void
del_meter(struct switch_bridge *bridge, uint32_t number)
{
    for (size_t i = 0; i < bridge->n_meters; i++) {
        if (bridge->meters[i].number == number) {
            bridge->meters[i] = bridge->meters[--bridge->n_meters];
            return;
        }
    }
}

/* With a meter go the rules that use it. */
void
fake_del_meters(struct switch_bridge *bridge)
{
    for (size_t i = bridge->n_flows; i-- > 0; ) {
        if (!strncmp(bridge->flows[i].actions, "meter:", 6)) {
            fake_del_flow(bridge, &bridge->flows[i]);
        }
    }
    bridge->n_meters = 0;
}

/* Refuses what a switch refuses: a second meter of a number, none to change,
 * one to go that is used. */
static void
apply_meter_op(struct switch_bridge *bridge, const struct op *op)
{
    const struct span_meter *is = meter_find(bridge, op->meter.number);

    if ((op->type == OP_ADD_METER) == (is != NULL)) {
        return;
    }
    if (op->type == OP_DEL_METER) {
        ovs_assert(!meter_is_used(bridge, op->meter.number));
    }
    del_meter(bridge, op->meter.number);
    if (op->type != OP_DEL_METER) {
        switch_bridge_add_meter(bridge, &op->meter);
    }
}

/* Carries out 'op', which is about OpenFlow. */
void
fake_apply_openflow(struct fake_switch *fake, const struct op *op)
{
    struct switch_bridge *bridge = fake_bridge(fake, op->bridge);

    if (op->type == OP_PORT_FLAGS || op->type == OP_CLEAR_PORT_FLAGS) {
        struct switch_port *port = fake_port(bridge, op->name);

        port->no_flood = port->no_packet_in = op->type == OP_PORT_FLAGS;
        return;
    }
    if (op->type == OP_STOP_FLOOD || op->type == OP_RESUME_FLOOD) {
        fake_port(bridge, op->name)->no_flood = op->type == OP_STOP_FLOOD;
        return;
    }
    if (op->type >= OP_DEL_METER && op->type <= OP_ADD_METER) {
        if (bridge) {
            apply_meter_op(bridge, op);
        }
        return;
    }
    fake_del_flow(bridge, &op->flow);
    if (op->type == OP_ADD_FLOW) {
        switch_bridge_add_flow(bridge, &op->flow);
        if (op->flow.table == SPAN_TABLE_EPOCH) {
            bridge->settled_epoch = strtoull(
                strchr(op->flow.match, '=') + 1, NULL, 0);
        }
    }
}
