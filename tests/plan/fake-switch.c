/* SPDX-License-Identifier: Apache-2.0 */

/* A switch that exists in memory only.  See fake-switch.h. */

#include <config.h>
#include "fake-switch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"
#include "uuid.h"

void
fake_switch_init(struct fake_switch *fake, const char *system_id)
{
    memset(fake, 0, sizeof *fake);
    switch_state_init(&fake->state, system_id);
    fake->state.config_settled = true;
}

void
fake_switch_destroy(struct fake_switch *fake)
{
    switch_state_destroy(&fake->state);
}

/* A new UUID each call, the same ones each run. */
struct uuid
fake_switch_uuid(struct fake_switch *fake)
{
    unsigned int n = ++fake->n_uuids;
    struct uuid uuid = { .parts = { n, 0, 0, n } };

    return uuid;
}

struct switch_bridge *
fake_bridge(struct fake_switch *fake, const char *name)
{
    return CONST_CAST(struct switch_bridge *,
                      switch_state_find_bridge(&fake->state, name));
}

struct switch_port *
fake_port(struct switch_bridge *bridge, const char *name)
{
    return CONST_CAST(struct switch_port *,
                      switch_bridge_find_port(bridge, name));
}

static void
replace(char **textp, const char *text)
{
    free(*textp);
    *textp = xstrdup(text);
}

struct switch_bridge *
fake_add_bridge(struct fake_switch *fake, const char *name,
                const char *datapath_type)
{
    struct switch_bridge *bridge = switch_state_add_bridge(&fake->state,
                                                           name);

    bridge->uuid = fake_switch_uuid(fake);
    bridge->flows_known = bridge->fdb_known = true;
    replace(&bridge->datapath_type, datapath_type);
    fake_add_port(fake, bridge, name, "internal")->ifaces[0]->ofport = 65534;
    return bridge;
}

/* Adds a port with one interface and the next free OpenFlow number. */
struct switch_port *
fake_add_port(struct fake_switch *fake, struct switch_bridge *bridge,
              const char *name, const char *type)
{
    int64_t ofport = 1;

    for (size_t i = 0; i < bridge->n_ports; i++) {
        int64_t used = switch_port_ofport(bridge->ports[i]);

        if (used < 65534 && used >= ofport) {
            ofport = used + 1;
        }
    }

    struct switch_port *port = switch_bridge_add_port(bridge, name);
    struct switch_iface *iface = switch_port_add_iface(port, name);

    port->uuid = fake_switch_uuid(fake);
    replace(&iface->type, type);
    iface->ofport = ofport;
    iface->mtu = 1500;
    return port;
}

struct switch_mirror *
fake_add_mirror(struct fake_switch *fake, struct switch_bridge *bridge,
                const char *name, const char *output)
{
    const struct switch_port *port = switch_bridge_find_port(bridge, output);
    struct switch_mirror *mirror = switch_bridge_add_mirror(bridge, name);

    mirror->uuid = fake_switch_uuid(fake);
    if (port) {
        mirror->output_port = port->uuid;
    }
    return mirror;
}

/* Takes 'element' out of an array of pointers. */
static void
remove_pointer(void **array, size_t *n, const void *element)
{
    for (size_t i = 0; i < *n; i++) {
        if (array[i] == element) {
            memmove(&array[i], &array[i + 1],
                    (*n - i - 1) * sizeof *array);
            --*n;
            return;
        }
    }
}

static void
remove_uuid(struct uuid *uuids, size_t *n, const struct uuid *uuid)
{
    for (size_t i = 0; i < *n; i++) {
        if (uuid_equals(&uuids[i], uuid)) {
            memmove(&uuids[i], &uuids[i + 1],
                    (*n - i - 1) * sizeof *uuids);
            --*n;
            return;
        }
    }
}

static void
insert_uuid(struct uuid **uuidsp, size_t *n, const struct uuid *uuid)
{
    remove_uuid(*uuidsp, n, uuid);
    *uuidsp = xrealloc(*uuidsp, (*n + 1) * sizeof **uuidsp);
    (*uuidsp)[(*n)++] = *uuid;
}

/* References to ports are weak: they go with the port. */
static void
forget_port(struct switch_bridge *bridge, const struct uuid *port)
{
    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        struct switch_mirror *mirror = bridge->mirrors[i];

        remove_uuid(mirror->src, &mirror->n_src, port);
        remove_uuid(mirror->dst, &mirror->n_dst, port);
        if (uuid_equals(&mirror->output_port, port)) {
            mirror->output_port = UUID_ZERO;
        }
    }
}

bool
fake_del_port(struct switch_bridge *bridge, const char *name)
{
    struct switch_port *port = fake_port(bridge, name);

    if (!port) {
        return false;
    }
    forget_port(bridge, &port->uuid);
    remove_pointer((void **) bridge->ports, &bridge->n_ports, port);
    switch_port_destroy(port);
    return true;
}

static void
del_mirror(struct switch_bridge *bridge, const struct uuid *row)
{
    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        struct switch_mirror *mirror = bridge->mirrors[i];

        if (uuid_equals(&mirror->uuid, row)) {
            remove_pointer((void **) bridge->mirrors, &bridge->n_mirrors,
                           mirror);
            switch_mirror_destroy(mirror);
            return;
        }
    }
}

static void
del_bridge(struct fake_switch *fake, const char *name)
{
    struct switch_bridge *bridge = fake_bridge(fake, name);
    struct switch_state *state = &fake->state;

    if (!bridge) {
        return;
    }
    remove_pointer((void **) state->bridges, &state->n_bridges, bridge);
    switch_bridge_destroy(bridge);
}

/* All that vswitchd keeps in memory only is gone. */
void
fake_restart_vswitchd(struct fake_switch *fake)
{
    for (size_t i = 0; i < fake->state.n_bridges; i++) {
        struct switch_bridge *bridge = fake->state.bridges[i];

        while (bridge->n_flows) {
            fake_del_flow(bridge, &bridge->flows[0]);
        }
        bridge->settled_epoch = 0;
        bridge->n_meters = bridge->n_fdb = 0;
        for (size_t j = 0; j < bridge->n_ports; j++) {
            bridge->ports[j]->no_flood = false;
            bridge->ports[j]->no_packet_in = false;
            for (size_t k = 0; k < bridge->ports[j]->n_ifaces; k++) {
                bridge->ports[j]->ifaces[k]->link_ready = false;
            }
        }
    }
}

static void
set_mirror(struct switch_bridge *bridge, const struct op *op)
{
    const struct smap_node *id;

    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        struct switch_mirror *m = bridge->mirrors[i];

        if (!uuid_equals(&m->uuid, &op->row)) {
            continue;
        }
        for (size_t j = 0; j < op->n_del_src; j++) {
            remove_uuid(m->src, &m->n_src, &op->del_src[j]);
        }
        for (size_t j = 0; j < op->n_add_src; j++) {
            insert_uuid(&m->src, &m->n_src, &op->add_src[j]);
        }
        for (size_t j = 0; j < op->n_del_dst; j++) {
            remove_uuid(m->dst, &m->n_dst, &op->del_dst[j]);
        }
        for (size_t j = 0; j < op->n_add_dst; j++) {
            insert_uuid(&m->dst, &m->n_dst, &op->add_dst[j]);
        }
        for (size_t j = 0; j < op->n_del_vlans; j++) {
            for (size_t k = 0; k < m->n_vlans; k++) {
                if (m->vlans[k] == op->del_vlans[j]) {
                    m->vlans[k] = m->vlans[--m->n_vlans];
                    break;
                }
            }
        }
        m->vlans = xrealloc(m->vlans, ((m->n_vlans + op->n_add_vlans + 1)
                                       * sizeof *m->vlans));
        for (size_t j = 0; j < op->n_add_vlans; j++) {
            m->vlans[m->n_vlans++] = op->add_vlans[j];
        }
        if (op->clear_select_all) {
            m->select_all = false;
        }
        SMAP_FOR_EACH (id, &op->ids) {
            smap_replace(&m->external_ids, id->key, id->value);
        }
        if (op->output) {
            m->output_port = fake_port(bridge, op->output)->uuid;
        }
    }
}

static void
apply_port(struct fake_switch *fake, struct switch_bridge *bridge,
           const struct op *op)
{
    struct switch_port *port
        = (op->type == OP_ADD_PORT
           ? fake_add_port(fake, bridge, op->name, op->iface_type)
           : fake_port(bridge, op->name));

    if (op->type == OP_ADD_PORT) {
        smap_destroy(&port->external_ids);
        smap_clone(&port->external_ids, &op->ids);
    }
    if (op->mtu) {
        port->ifaces[0]->mtu_request = op->mtu;
    }
    if (!smap_is_empty(&op->options)) {
        smap_destroy(&port->ifaces[0]->options);
        smap_clone(&port->ifaces[0]->options, &op->options);
    }
}

static void
apply_database_op(struct fake_switch *fake, const struct op *op)
{
    struct switch_bridge *bridge
        = op->bridge ? fake_bridge(fake, op->bridge) : NULL;

    switch (op->type) {
    case OP_DEL_MIRROR:
        del_mirror(bridge, &op->row);
        break;
    case OP_SET_MIRROR:
        set_mirror(bridge, op);
        break;
    case OP_DEL_PORT:
        fake_del_port(bridge, op->name);
        break;
    case OP_DEL_BRIDGE:
        del_bridge(fake, op->name);
        break;
    case OP_ADD_BRIDGE:
        bridge = fake_add_bridge(fake, op->name, op->iface_type);
        smap_destroy(&bridge->external_ids);
        smap_clone(&bridge->external_ids, &op->ids);
        smap_destroy(&bridge->ports[0]->external_ids);
        smap_clone(&bridge->ports[0]->external_ids, &op->ids);
        replace(&bridge->fail_mode, "secure");
        break;
    case OP_SET_BRIDGE:
        replace(&fake_bridge(fake, op->name)->fail_mode, "secure");
        break;
    case OP_ADD_PORT:
    case OP_SET_PORT:
        apply_port(fake, bridge, op);
        break;
    case OP_ADD_MIRROR: {
        struct switch_mirror *mirror = fake_add_mirror(fake, bridge, op->name,
                                                       op->output);
        smap_destroy(&mirror->external_ids);
        smap_clone(&mirror->external_ids, &op->ids);
        mirror->has_statistics = true;
        break;
    }
    case OP_LINK_UP:
    case OP_PORT_FLAGS:
    case OP_CLEAR_PORT_FLAGS:
    case OP_STOP_FLOOD:
    case OP_RESUME_FLOOD:
    case OP_DEL_METER:
    case OP_SET_METER:
    case OP_ADD_METER:
    case OP_DEL_FLOW:
    case OP_ADD_FLOW:
    case OP_START_SINK:
    case OP_CONFIGURE_SINK:
    case OP_STOP_SINK:
        OVS_NOT_REACHED();
    }
    fake->state.config_settled = !fake->lag;
}

static void
apply_link_up(struct fake_switch *fake, const char *name)
{
    for (size_t i = 0; i < fake->state.n_bridges; i++) {
        struct switch_port *port = fake_port(fake->state.bridges[i], name);

        if (port) {
            port->ifaces[0]->link_ready = true;
        }
    }
}

static void
apply_sink_op(struct fake_switch *fake, const struct op *op)
{
    struct switch_state *state = &fake->state;
    struct switch_sink *sink = CONST_CAST(
        struct switch_sink *, switch_state_find_sink(state, op->name));

    if (op->type == OP_STOP_SINK) {
        remove_pointer((void **) state->sinks, &state->n_sinks, sink);
        switch_sink_destroy(sink);
        return;
    }
    if (!sink) {
        sink = switch_state_add_sink(state, op->name);
    }
    smap_destroy(&sink->options);
    smap_clone(&sink->options, &op->options);
    if (op->type == OP_START_SINK) {
        sink->state = fake->sinks_fail ? SINK_FAILED : SINK_STARTING;
        sink->may_start = false;
        replace(&sink->error, fake->sinks_fail ? "no such device" : "");
    }
}

/* Time passes: what was begun is done. */
void
fake_switch_tick(struct fake_switch *fake)
{
    fake->state.config_settled = true;
    for (size_t i = 0; i < fake->state.n_sinks; i++) {
        struct switch_sink *sink = fake->state.sinks[i];
        bool starts = sink->state == SINK_STARTING && !sink->live;
        sink->state = starts ? SINK_READY : sink->state;
    }
    switch_state_finish(&fake->state);
}

/* Carries out 'plan'. */
void
fake_switch_apply(struct fake_switch *fake, const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_ops; i++) {
        const struct op *op = plan->ops[i];

        if (op->type < OP_LINK_UP) {
            apply_database_op(fake, op);
        } else if (op->type == OP_LINK_UP) {
            apply_link_up(fake, op->name);
        } else if (op->type < OP_START_SINK) {
            fake_apply_openflow(fake, op);
        } else {
            apply_sink_op(fake, op);
        }
    }
    switch_state_finish(&fake->state);
}

/* Of what others refer to, only what is others' too: a reference to a port of
 * ours goes with the port. */
static void
put_uuids(struct ds *ds, const struct switch_bridge *bridge, bool ours,
          const char *label, const struct uuid *uuids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct switch_port *port
            = switch_bridge_find_port_by_uuid(bridge, &uuids[i]);

        if (ours || (port && !port->ours)) {
            ds_put_format(ds, " %s=%u", label, uuids[i].parts[0]);
        }
    }
}

static void
put_bridge(struct ds *ds, const struct switch_bridge *bridge, bool ours)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        const struct switch_port *port = bridge->ports[i];

        if (port->ours == ours && !(bridge->ours && !port->ours)) {
            ds_put_format(ds, "port %s %s of=%"PRId64" %u\n", bridge->name,
                          port->name, switch_port_ofport(port),
                          port->uuid.parts[0]);
        }
    }
    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        const struct switch_mirror *mirror = bridge->mirrors[i];

        if (mirror->ours == ours) {
            ds_put_format(ds, "mirror %s %s %u all=%d", bridge->name,
                          mirror->name, mirror->uuid.parts[0],
                          mirror->select_all);
            put_uuids(ds, bridge, ours, "src", mirror->src,
                      mirror->n_src);
            put_uuids(ds, bridge, ours, "dst", mirror->dst,
                      mirror->n_dst);
            put_uuids(ds, bridge, ours, "out", &mirror->output_port, 1);
            ds_put_char(ds, '\n');
        }
    }
    for (size_t i = 0; i < bridge->n_flows && ours; i++) {
        char *flow = flow_to_text(&bridge->flows[i]);
        ds_put_format(ds, "flow %s %s\n", bridge->name, flow);
        free(flow);
    }
    for (size_t i = 0; i < bridge->n_meters && ours; i++) {
        ds_put_format(ds, "meter %s %"PRIu32" rate=%"PRId64"\n",
                      bridge->name, bridge->meters[i].number,
                      bridge->meters[i].rate);
    }
}

/* Everything of ours, or everything of others, one line each.  The caller must
 * free it. */
char *
fake_switch_to_string(const struct fake_switch *fake, bool ours)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < fake->state.n_bridges; i++) {
        const struct switch_bridge *bridge = fake->state.bridges[i];

        if (bridge->ours == ours) {
            ds_put_format(&ds, "bridge %s %s\n", bridge->name,
                          bridge->datapath_type);
        }
        put_bridge(&ds, bridge, ours);
    }
    for (size_t i = 0; i < fake->state.n_sinks && ours; i++) {
        ds_put_format(&ds, "sink %s\n", fake->state.sinks[i]->name);
    }
    return ds_steal_cstr(&ds);
}

/* How many lines fake_switch_to_string() has for what is ours. */
size_t
fake_switch_count_ours(const struct fake_switch *fake)
{
    char *text = fake_switch_to_string(fake, true);
    size_t n = 0;

    for (const char *p = text; *p; p++) {
        n += *p == '\n';
    }
    free(text);
    return n;
}
