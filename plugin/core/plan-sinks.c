/* SPDX-License-Identifier: Apache-2.0 */

/* The part of a plan that starts, configures and stops recorders and
 * relays. */

#include <config.h>
#include "planner.h"

#include <string.h>

#include "openvswitch/util.h"
#include "relay.h"
#include "sink-options.h"

/* Does every option of 'a', live ones aside if 'fixed_only', have the same
 * value in 'b'? */
static bool
options_are_in(const struct smap *a, const struct smap *b, bool fixed_only)
{
    struct smap_node *node;

    SMAP_FOR_EACH (node, a) {
        const char *value = smap_get(b, node->key);

        if (fixed_only && sink_option_is_live(a, node->key)) {
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

static void
add_sink_op(struct planner *p, enum op_type type, const char *name,
            const struct smap *options)
{
    struct op *op = planner_add_op(p, type, NULL, name);

    smap_destroy(&op->options);
    smap_clone(&op->options, options);
}

/* Brings the process 'name', a recorder or a relay, to 'options'. */
static void
plan_process(struct planner *p, const char *name, const struct smap *options)
{
    const struct switch_sink *is = switch_state_find_sink(p->state, name);

    if (!is) {
        add_sink_op(p, OP_START_SINK, name, options);
        return;
    }
    switch (is->state) {
    case SINK_FAILED:
        if (is->may_start
            || (is->held && !options_equal(options, &is->options, false))) {
            add_sink_op(p, OP_START_SINK, name, options);
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
            add_sink_op(p, OP_CONFIGURE_SINK, name, options);
        }
        break;
    }
}

/* Claims the process 'name', and says whether 'port', which it captures from,
 * is ready for it; sees to that if not. */
static bool
is_port_ready(struct planner *p, const char *name,
              const struct switch_port *port)
{
    planner_claim(p, switch_state_find_sink(p->state, name));
    if (!port || !switch_port_ofport(port)) {
        p->waiting = true;
        return false;
    }
    if (switch_port_ofport(port) < 0) {
        return false;
    }
    if (!port->ifaces[0]->link_ready) {
        planner_add_op(p, OP_LINK_UP, NULL, port->name);
        return false;
    }
    return true;
}

static void
plan_sink(struct planner *p, const struct wanted_sink *sink)
{
    const struct switch_port *port = capture_port_find(
        p->state, sink->datapath_type, sink->config->name);
    struct smap options;

    if (!is_port_ready(p, sink->config->name, port)) {
        return;
    }
    if (sink->config->live) {
        const struct switch_sink *is = switch_state_find_sink(
            p->state, sink->config->name);

        p->waiting |= !is || is->state != SINK_READY;
    } else {
        smap_clone(&options, &sink->options);
        smap_replace(&options, "interface", port->name);
        plan_process(p, sink->config->name, &options);
        smap_destroy(&options);
    }
}

static void
plan_relay(struct planner *p, const struct wanted_relay *relay)
{
    const struct switch_port *port = relay_port_find(
        p->state, relay->session, relay->to);
    struct smap options;

    if (is_port_ready(p, relay->name, port)) {
        smap_clone(&options, &relay->options);
        smap_replace(&options, "interface", port->name);
        smap_replace(&options, "relay", port->name);
        plan_process(p, relay->name, &options);
        smap_destroy(&options);
    }
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

/* Does a relay that nobody wants still run?  It may feed recorders. */
static bool
has_idle_relays(const struct planner *p)
{
    for (size_t i = 0; i < p->state->n_sinks; i++) {
        const struct switch_sink *sink = p->state->sinks[i];

        if (relay_session_name(sink->name) && !planner_is_claimed(p, sink)
            && sink->state != SINK_FAILED) {
            return true;
        }
    }
    return false;
}

/* May 'sink', which nobody wants, be stopped?  All that is on its way to it
 * has to have arrived. */
static bool
may_stop(const struct planner *p, const struct switch_sink *sink)
{
    return (sink->state != SINK_STOPPING && is_drained(p)
            && (relay_session_name(sink->name)
                ? !relay_is_fed(p->state, sink) : !has_idle_relays(p)));
}

/* Plans the recorders and relays.  One that nobody wants is stopped when the
 * datapath no longer copies to it, so that every frame gets to its file. */
void
plan_sinks(struct planner *p)
{
    for (size_t i = 0; i < p->wanted->n_relays; i++) {
        plan_relay(p, p->wanted->relays[i]);
    }
    for (size_t i = 0; i < p->wanted->n_sinks; i++) {
        plan_sink(p, p->wanted->sinks[i]);
    }
    for (size_t i = 0; i < p->state->n_sinks; i++) {
        const struct switch_sink *sink = p->state->sinks[i];

        if (planner_is_claimed(p, sink) || sink->live) {
            continue;
        }
        if (may_stop(p, sink)) {
            planner_add_op(p, OP_STOP_SINK, NULL, sink->name);
        } else {
            p->waiting = true;
        }
    }
}
