/* SPDX-License-Identifier: Apache-2.0 */

/* The part of a plan that brings the meters of private bridges to what the
 * sessions want.
 *
 * A meter comes in the same plan as the rules that use it, before them.  It
 * goes when none uses it any more: with a meter, Open vSwitch takes away the
 * rules that use it. */

#include <config.h>
#include "planner.h"

#include <string.h>

#include "meter.h"
#include "openvswitch/util.h"

static void
add_meter_op(struct planner *p, enum op_type type,
             const struct switch_bridge *bridge,
             const struct span_meter *meter)
{
    planner_add_op(p, type, bridge->name, NULL)->meter = *meter;
}

/* Plans the meters of 'ws' on 'bridge', its private bridge. */
static void
plan_session_meters(struct planner *p, const struct wanted_session *ws,
                    const struct switch_bridge *bridge)
{
    struct span_meter should[MAX_SESSION_METERS];
    size_t n = session_meters(ws, should);

    for (size_t i = 0; i < n; i++) {
        const struct span_meter *is = meter_find(bridge, should[i].number);

        planner_claim(p, is);
        if (!is) {
            add_meter_op(p, OP_ADD_METER, bridge, &should[i]);
        } else if (!meter_equals(is, &should[i])) {
            add_meter_op(p, OP_SET_METER, bridge, &should[i]);
        }
    }
}

static void
sweep_meters(struct planner *p, const struct switch_bridge *bridge)
{
    for (size_t i = 0; i < bridge->n_meters; i++) {
        const struct span_meter *meter = &bridge->meters[i];

        if (planner_is_claimed(p, meter)) {
            continue;
        }
        if (meter_is_used(bridge, meter->number)) {
            p->waiting = true;
        } else {
            add_meter_op(p, OP_DEL_METER, bridge, meter);
        }
    }
}

/* Plans the meters of all private bridges. */
void
plan_meters(struct planner *p)
{
    for (size_t i = 0; i < p->state->n_bridges; i++) {
        const struct switch_bridge *bridge = p->state->bridges[i];

        if (!bridge->ours || !bridge->flows_known) {
            continue;
        }
        for (size_t j = 0; j < p->wanted->n_sessions; j++) {
            const struct wanted_session *ws = &p->wanted->sessions[j];

            if (ws->n_legs && !strcmp(switch_bridge_type(bridge),
                                      ws->datapath_type)) {
                plan_session_meters(p, ws, bridge);
            }
        }
        sweep_meters(p, bridge);
    }
}
