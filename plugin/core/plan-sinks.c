/* SPDX-License-Identifier: Apache-2.0 */

/* The part of a plan that starts, configures and stops recorders. */

#include <config.h>
#include "planner.h"

#include <string.h>

#include "openvswitch/util.h"
#include "sink-options.h"

/* Does every option of 'a', live ones aside if 'fixed_only', have the same
 * value in 'b'? */
static bool
options_are_in(const struct smap *a, const struct smap *b, bool fixed_only)
{
    struct smap_node *node;

    SMAP_FOR_EACH (node, a) {
        const char *value = smap_get(b, node->key);

        if (fixed_only && sink_option_is_live(node->key)) {
            continue;
        }
        if (!value || strcmp(value, node->value)) {
            return false;
        }
    }
    return true;
}

static bool
options_equal(const struct smap *a, const struct smap *b, bool fixed_only)
{
    return options_are_in(a, b, fixed_only)
           && options_are_in(b, a, fixed_only);
}

static struct op *
add_sink_op(struct planner *p, enum op_type type,
            const struct wanted_sink *sink, const struct smap *options)
{
    struct op *op = planner_add_op(p, type, NULL, sink->config->name);

    smap_destroy(&op->options);
    smap_clone(&op->options, options);
    return op;
}

static void
plan_recorder(struct planner *p, const struct wanted_sink *sink,
              const struct smap *options)
{
    const struct switch_sink *is = switch_state_find_sink(
        p->state, sink->config->name);

    planner_claim(p, is);
    if (sink->config->live) {
        p->waiting |= !is || is->state != SINK_READY;
        return;
    }
    if (!is) {
        add_sink_op(p, OP_START_SINK, sink, options);
        return;
    }
    switch (is->state) {
    case SINK_FAILED:
        if (is->may_start
            || (is->held && !options_equal(options, &is->options, false))) {
            add_sink_op(p, OP_START_SINK, sink, options);
        }
        break;
    case SINK_STARTING:
    case SINK_STOPPING:
        p->waiting = true;
        break;
    case SINK_READY:
        if (!options_equal(options, &is->options, true)) {
            planner_add_op(p, OP_STOP_SINK, NULL, is->name);
        } else if (!options_equal(options, &is->options, false)) {
            add_sink_op(p, OP_CONFIGURE_SINK, sink, options);
        }
        break;
    }
}

static void
plan_sink(struct planner *p, const struct wanted_sink *sink)
{
    const struct switch_port *port = capture_port_find(
        p->state, sink->datapath_type, sink->config->name);
    struct smap options;

    planner_claim(p, switch_state_find_sink(p->state, sink->config->name));
    if (!port || !switch_port_ofport(port)) {
        p->waiting = true;
        return;
    }
    if (switch_port_ofport(port) < 0) {
        return;
    }
    if (!port->ifaces[0]->link_ready) {
        planner_add_op(p, OP_LINK_UP, NULL, port->name);
        return;
    }
    smap_clone(&options, &sink->options);
    smap_replace(&options, "interface", port->name);
    plan_recorder(p, sink, &options);
    smap_destroy(&options);
}

/* Is what the recorders have taken all that they will get? */
static bool
is_drained(const struct planner *p)
{
    if (!planner_is_quiet(p)) {
        return false;
    }
    for (size_t i = 0; i < p->state->n_bridges; i++) {
        const struct switch_bridge *bridge = p->state->bridges[i];

        if (bridge->ours && !p->state->unreachable
            && switch_bridge_has_our_ports(bridge)
            && bridge->settled_epoch != bridge->epoch) {
            return false;
        }
    }
    return true;
}

/* Plans the recorders.  One that nobody wants is stopped when the datapath no
 * longer copies to it, so that its file has every frame. */
void
plan_sinks(struct planner *p)
{
    for (size_t i = 0; i < p->wanted->n_sinks; i++) {
        plan_sink(p, p->wanted->sinks[i]);
    }
    for (size_t i = 0; i < p->state->n_sinks; i++) {
        const struct switch_sink *sink = p->state->sinks[i];

        if (planner_is_claimed(p, sink) || sink->live) {
            continue;
        }
        if (sink->state != SINK_STOPPING && is_drained(p)) {
            planner_add_op(p, OP_STOP_SINK, NULL, sink->name);
        } else {
            p->waiting = true;
        }
    }
}
