/* SPDX-License-Identifier: Apache-2.0 */

/* The observed switch: building it up, and looking things up in it.  See
 * switch-state.h for who fills what. */

#include <config.h>
#include "switch-state.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "name.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "switch-index.h"
#include "util.h"
#include "uuid.h"

void
switch_state_init(struct switch_state *state, const char *system_id)
{
    memset(state, 0, sizeof *state);
    state->system_id = xstrdup(system_id);
    state->ovs_version = xstrdup("");
}

static void
switch_iface_destroy(struct switch_iface *iface)
{
    free(iface->name);
    free(iface->type);
    free(iface->mac);
    free(iface->error);
    free(iface->driver);
    smap_destroy(&iface->external_ids);
    smap_destroy(&iface->options);
    free(iface);
}

/* Frees 'port', which is in no state any more, like the next three. */
void
switch_port_destroy(struct switch_port *port)
{
    for (size_t i = 0; i < port->n_ifaces; i++) {
        switch_iface_destroy(port->ifaces[i]);
    }
    free(port->ifaces);
    free(port->name);
    free(port->bond_mode);
    free(port->active_mac);
    free(port->trunks);
    smap_destroy(&port->external_ids);
    free(port);
}

void
switch_mirror_destroy(struct switch_mirror *mirror)
{
    free(mirror->name);
    smap_destroy(&mirror->external_ids);
    free(mirror->src);
    free(mirror->dst);
    free(mirror->vlans);
    free(mirror);
}

void
switch_bridge_destroy(struct switch_bridge *bridge)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        switch_port_destroy(bridge->ports[i]);
    }
    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        switch_mirror_destroy(bridge->mirrors[i]);
    }
    for (size_t i = 0; i < bridge->n_flows; i++) {
        flow_destroy(&bridge->flows[i]);
    }
    free(bridge->ports);
    free(bridge->mirrors);
    free(bridge->flows);
    free(bridge->meters);
    free(bridge->fdb);
    free(bridge->name);
    free(bridge->datapath_type);
    free(bridge->fail_mode);
    smap_destroy(&bridge->external_ids);
    free(bridge);
}

void
switch_sink_destroy(struct switch_sink *sink)
{
    free(sink->name);
    free(sink->error);
    free(sink->error_code);
    free(sink->since);
    free(sink->file);
    free(sink->storage);
    smap_destroy(&sink->options);
    smap_destroy(&sink->counters);
    free(sink);
}

/* Frees everything that 'state' owns, but not 'state' itself. */
void
switch_state_destroy(struct switch_state *state)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        switch_bridge_destroy(state->bridges[i]);
    }
    for (size_t i = 0; i < state->n_sinks; i++) {
        switch_sink_destroy(state->sinks[i]);
    }
    for (size_t i = 0; i < state->n_routes; i++) {
        free(state->routes[i]->remote);
        free(state->routes[i]->dev);
        free(state->routes[i]->src);
        free(state->routes[i]);
    }
    switch_index_destroy(state->index);
    free(state->routes);
    free(state->bridges);
    free(state->sinks);
    free(state->system_id);
    free(state->ovs_version);
    memset(state, 0, sizeof *state);
}

/* Appends a new, zeroed element to ARRAY, which has N pointers. */
#define APPEND(ARRAY, N)                                                \
    ((ARRAY) = xrealloc((ARRAY), ((N) + 1) * sizeof *(ARRAY)),          \
     (ARRAY)[(N)++] = xzalloc(sizeof **(ARRAY)))

struct switch_bridge *
switch_state_add_bridge(struct switch_state *state, const char *name)
{
    struct switch_bridge *bridge = APPEND(state->bridges, state->n_bridges);

    bridge->name = xstrdup(name);
    bridge->datapath_type = xstrdup("");
    bridge->fail_mode = xstrdup("");
    bridge->mac_aging = SWITCH_MAC_AGING;
    smap_init(&bridge->external_ids);
    return bridge;
}

struct switch_port *
switch_bridge_add_port(struct switch_bridge *bridge, const char *name)
{
    struct switch_port *port = APPEND(bridge->ports, bridge->n_ports);

    port->name = xstrdup(name);
    port->bond_mode = xstrdup("");
    port->active_mac = xstrdup("");
    port->vlan_mode = VLAN_TRUNK;
    smap_init(&port->external_ids);
    return port;
}

struct switch_iface *
switch_port_add_iface(struct switch_port *port, const char *name)
{
    struct switch_iface *iface = APPEND(port->ifaces, port->n_ifaces);

    iface->name = xstrdup(name);
    iface->type = xstrdup("");
    iface->mac = xstrdup("");
    iface->error = xstrdup("");
    iface->driver = xstrdup("");
    smap_init(&iface->external_ids);
    smap_init(&iface->options);
    return iface;
}

struct switch_mirror *
switch_bridge_add_mirror(struct switch_bridge *bridge, const char *name)
{
    struct switch_mirror *mirror = APPEND(bridge->mirrors,
                                          bridge->n_mirrors);

    mirror->name = xstrdup(name);
    smap_init(&mirror->external_ids);
    return mirror;
}

/* Adds a copy of 'flow'. */
void
switch_bridge_add_flow(struct switch_bridge *bridge,
                       const struct span_flow *flow)
{
    bridge->flows = xrealloc(bridge->flows, ((bridge->n_flows + 1)
                                             * sizeof *bridge->flows));
    flow_clone(&bridge->flows[bridge->n_flows++], flow);
}

void
switch_bridge_add_meter(struct switch_bridge *bridge,
                        const struct span_meter *meter)
{
    bridge->meters = xrealloc(bridge->meters, ((bridge->n_meters + 1)
                                               * sizeof *bridge->meters));
    bridge->meters[bridge->n_meters++] = *meter;
}

void
switch_bridge_add_address(struct switch_bridge *bridge,
                          const struct switch_address *address)
{
    if (bridge->n_fdb >= bridge->allocated_fdb) {
        bridge->fdb = x2nrealloc(bridge->fdb, &bridge->allocated_fdb,
                                 sizeof *bridge->fdb);
    }
    bridge->fdb[bridge->n_fdb++] = *address;
}

struct switch_route *
switch_state_add_route(struct switch_state *state, const char *remote,
                       bool found, const char *dev, const char *src)
{
    struct switch_route *route = APPEND(state->routes, state->n_routes);

    route->remote = xstrdup(remote);
    route->found = found;
    route->dev = xstrdup(dev);
    route->src = xstrdup(src);
    return route;
}

struct switch_sink *
switch_state_add_sink(struct switch_state *state, const char *name)
{
    struct switch_sink *sink = APPEND(state->sinks, state->n_sinks);

    sink->name = xstrdup(name);
    sink->error = xstrdup("");
    sink->error_code = xstrdup("");
    sink->since = xstrdup("");
    sink->file = xstrdup("");
    sink->storage = xstrdup("");
    smap_init(&sink->options);
    smap_init(&sink->counters);
    return sink;
}

static int
compare_bridges(const void *a_, const void *b_)
{
    const struct switch_bridge *const *a = a_, *const *b = b_;
    return strcmp((*a)->name, (*b)->name);
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct switch_port *const *a = a_, *const *b = b_;
    return strcmp((*a)->name, (*b)->name);
}

static int
compare_ifaces(const void *a_, const void *b_)
{
    const struct switch_iface *const *a = a_, *const *b = b_;
    return strcmp((*a)->name, (*b)->name);
}

static int
compare_mirrors(const void *a_, const void *b_)
{
    const struct switch_mirror *const *a = a_, *const *b = b_;
    return uuid_compare_3way(&(*a)->uuid, &(*b)->uuid);
}

static int
compare_flows(const void *a, const void *b)
{
    return flow_compare_key(a, b);
}

static int
compare_sinks(const void *a_, const void *b_)
{
    const struct switch_sink *const *a = a_, *const *b = b_;
    return strcmp((*a)->name, (*b)->name);
}

static int
compare_uuids(const void *a, const void *b)
{
    return uuid_compare_3way(a, b);
}

static int
compare_vlans(const void *a_, const void *b_)
{
    const uint16_t *a = a_, *b = b_;
    return *a < *b ? -1 : *a > *b;
}

/* Orders addresses by port, then address, then VLAN. */
int
switch_address_compare(const void *a_, const void *b_)
{
    const struct switch_address *a = a_, *b = b_;
    int cmp = a->ofport < b->ofport ? -1 : a->ofport > b->ofport;

    if (!cmp) {
        cmp = eth_addr_compare_3way(a->mac, b->mac);
    }
    return cmp ? cmp : (int) a->vlan - (int) b->vlan;
}

/* Sorts 'array' unless it is sorted, as it mostly is, since little changes
 * from one observation to the next. */
static void
sort(void *array, size_t n, size_t size,
     int (*compare)(const void *, const void *))
{
    const char *p = array;

    for (size_t i = 1; i < n; i++, p += size) {
        if (compare(p, p + size) > 0) {
            qsort(array, n, size, compare);
            return;
        }
    }
}

/* A row is ours when it says so itself: names prove nothing. */
static bool
is_ours(const struct switch_state *state, const struct smap *external_ids,
        struct uuid *session)
{
    const char *owner = (smap_is_empty(external_ids) ? NULL
                         : smap_get(external_ids, SPAN_KEY_OWNER));
    bool ours = owner && !strcmp(owner, state->system_id);

    if (session) {
        const char *text = (ours ? smap_get(external_ids, SPAN_KEY_SESSION)
                            : NULL);

        if (!text || !uuid_from_string(session, text)) {
            *session = UUID_ZERO;
        }
    }
    return ours;
}

static void
switch_bridge_finish(const struct switch_state *state,
                     struct switch_bridge *bridge)
{
    bridge->ours = is_ours(state, &bridge->external_ids, NULL);
    for (size_t i = 0; i < bridge->n_ports; i++) {
        struct switch_port *port = bridge->ports[i];

        /* A private bridge's local port comes and goes with the bridge. */
        port->ours = is_ours(state, &port->external_ids, &port->session)
                     && !(bridge->ours && !strcmp(port->name, bridge->name));
        sort(port->ifaces, port->n_ifaces, sizeof *port->ifaces,
             compare_ifaces);
        sort(port->trunks, port->n_trunks, sizeof *port->trunks,
             compare_vlans);
    }
    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        struct switch_mirror *mirror = bridge->mirrors[i];

        mirror->ours = is_ours(state, &mirror->external_ids,
                               &mirror->session);
        sort(mirror->src, mirror->n_src, sizeof *mirror->src, compare_uuids);
        sort(mirror->dst, mirror->n_dst, sizeof *mirror->dst, compare_uuids);
        sort(mirror->vlans, mirror->n_vlans, sizeof *mirror->vlans,
             compare_vlans);
    }
    sort(bridge->ports, bridge->n_ports, sizeof *bridge->ports,
         compare_ports);
    sort(bridge->mirrors, bridge->n_mirrors, sizeof *bridge->mirrors,
         compare_mirrors);
    sort(bridge->flows, bridge->n_flows, sizeof *bridge->flows,
         compare_flows);
    sort(bridge->fdb, bridge->n_fdb, sizeof *bridge->fdb,
         switch_address_compare);
}

/* The bridge's datapath type; an empty column means "system" (vswitch.xml,
 * Bridge.datapath_type). */
const char *
switch_bridge_type(const struct switch_bridge *bridge)
{
    return bridge->datapath_type[0] ? bridge->datapath_type : "system";
}

/* Returns NULL when there is none, like all look-ups here. */
const struct switch_bridge *
switch_state_find_bridge(const struct switch_state *state, const char *name)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        if (!strcmp(state->bridges[i]->name, name)) {
            return state->bridges[i];
        }
    }
    return NULL;
}

/* The private bridge for 'datapath_type'. */
const struct switch_bridge *
switch_state_private_bridge(const struct switch_state *state,
                            const char *datapath_type)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct switch_bridge *bridge = state->bridges[i];

        if (bridge->ours
            && !strcmp(switch_bridge_type(bridge), datapath_type)) {
            return bridge;
        }
    }
    return NULL;
}

const struct switch_port *
switch_bridge_find_port(const struct switch_bridge *bridge, const char *name)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        if (!strcmp(bridge->ports[i]->name, name)) {
            return bridge->ports[i];
        }
    }
    return NULL;
}

const struct switch_port *
switch_bridge_find_port_by_uuid(const struct switch_bridge *bridge,
                                const struct uuid *uuid)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        if (uuid_equals(&bridge->ports[i]->uuid, uuid)) {
            return bridge->ports[i];
        }
    }
    return NULL;
}

const struct switch_route *
switch_state_find_route(const struct switch_state *state, const char *remote)
{
    for (size_t i = 0; i < state->n_routes; i++) {
        if (!strcmp(state->routes[i]->remote, remote)) {
            return state->routes[i];
        }
    }
    return NULL;
}

const struct switch_sink *
switch_state_find_sink(const struct switch_state *state, const char *name)
{
    for (size_t i = 0; i < state->n_sinks; i++) {
        if (!strcmp(state->sinks[i]->name, name)) {
            return state->sinks[i];
        }
    }
    return NULL;
}

/* Adds to 'names' every bridge, port and interface name in use: one name
 * space in Open vSwitch. */
void
switch_state_names(const struct switch_state *state, struct sset *names)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct switch_bridge *bridge = state->bridges[i];

        sset_add(names, bridge->name);
        for (size_t j = 0; j < bridge->n_ports; j++) {
            const struct switch_port *port = bridge->ports[j];

            sset_add(names, port->name);
            for (size_t k = 0; k < port->n_ifaces; k++) {
                sset_add(names, port->ifaces[k]->name);
            }
        }
    }
}

/* Are there ports of ours on 'bridge'? */
bool
switch_bridge_has_our_ports(const struct switch_bridge *bridge)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        if (bridge->ports[i]->ours) {
            return true;
        }
    }
    return false;
}

const char *
switch_mirror_role(const struct switch_mirror *mirror)
{
    return smap_get_def(&mirror->external_ids, SPAN_KEY_ROLE, "");
}

static void
put_uuids(struct ds *ds, const char *what, const struct uuid *uuids, size_t n)
{
    ds_put_cstr(ds, what);
    for (size_t i = 0; i < n; i++) {
        ds_put_format(ds, UUID_FMT" ", UUID_ARGS(&uuids[i]));
    }
}

static void
put_mirror(struct ds *ds, const struct switch_mirror *mirror)
{
    put_uuids(ds, "mirror ", &mirror->uuid, 1);
    put_uuids(ds, "src ", mirror->src, mirror->n_src);
    put_uuids(ds, "dst ", mirror->dst, mirror->n_dst);
    put_uuids(ds, "output ", &mirror->output_port, 1);
    ds_put_format(ds, "all %d vlans ", mirror->select_all);
    for (size_t i = 0; i < mirror->n_vlans; i++) {
        ds_put_format(ds, "%"PRIu16" ", mirror->vlans[i]);
    }
}

/* The epoch of all mirrors of ours on bridges of 'datapath_type': equal as
 * long as none of them changes.
 *
 * vswitchd (seen in 3.1) does not revalidate its datapath flows when a Mirror
 * row changes or goes: running traffic stays mirrored as it was.  A rule of
 * the private bridge carries this number; rewriting that rule makes vswitchd
 * revalidate every flow of the datapath type. */
static uint64_t
compute_epoch(const struct switch_state *state, const char *datapath_type)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    ovs_u128 hash;

    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct switch_bridge *bridge = state->bridges[i];

        if (strcmp(switch_bridge_type(bridge), datapath_type)) {
            continue;
        }
        for (size_t j = 0; j < bridge->n_mirrors; j++) {
            if (bridge->mirrors[j]->ours) {
                put_mirror(&ds, bridge->mirrors[j]);
            }
        }
    }
    hash_bytes128(ds_cstr(&ds), ds.length, 0, &hash);
    ds_destroy(&ds);
    return hash.u64.lo ? hash.u64.lo : 1;
}

/* Completes 'state' once the edges have filled it: sorts all of it, so that
 * equal switches give equal plans, and marks what is ours. */
void
switch_state_finish(struct switch_state *state)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        switch_bridge_finish(state, state->bridges[i]);
    }
    sort(state->bridges, state->n_bridges, sizeof *state->bridges,
         compare_bridges);
    sort(state->sinks, state->n_sinks, sizeof *state->sinks, compare_sinks);

    switch_index_destroy(state->index);
    state->index = switch_index_create(state);
    for (size_t i = 0; i < state->n_bridges; i++) {
        struct switch_bridge *bridge = state->bridges[i];

        bridge->epoch = 0;
        for (size_t j = 0; j < i && !bridge->epoch; j++) {
            if (!strcmp(switch_bridge_type(state->bridges[j]),
                        switch_bridge_type(bridge))) {
                bridge->epoch = state->bridges[j]->epoch;
            }
        }
        if (!bridge->epoch) {
            bridge->epoch = compute_epoch(state, switch_bridge_type(bridge));
        }
    }
}
