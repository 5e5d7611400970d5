/* SPDX-License-Identifier: Apache-2.0 */

/* Finds things in an observed switch: see switch-index.h. */

#include <config.h>
#include "switch-index.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "name.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "switch-state.h"
#include "util.h"
#include "uuid.h"

/* The same for texts that differ in case only: a UUID may be written in
 * either. */
uint32_t
index_hash_text(const char *text)
{
    uint32_t hash = 0;

    for (const char *p = text; *p; p++) {
        hash = (hash ^ (*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p)) * 16777619u;
    }
    return hash_finish(hash, 0);
}

uint32_t
index_hash_mac(struct eth_addr mac)
{
    return hash_mac(mac, 0, 1);
}

uint32_t
index_hash_session(const struct uuid *session)
{
    return uuid_hash(session);
}

uint32_t
index_hash_cookie(uint64_t cookie)
{
    return hash_uint64(cookie);
}

static void
add(struct index_map *map, uint32_t hash, const struct switch_bridge *bridge,
    const void *object)
{
    if (map->n >= map->allocated) {
        map->nodes = x2nrealloc(map->nodes, &map->allocated,
                                sizeof *map->nodes);
    }
    struct index_node *node = &map->nodes[map->n];
    node->hmap_node.hash = hash;
    node->order = map->n++;
    node->bridge = bridge;
    node->object = object;
}

/* Makes the map of its nodes, which from now on must not move. */
static void
complete(struct index_map *map)
{
    hmap_init(&map->map);
    hmap_reserve(&map->map, map->n);
    for (size_t i = 0; i < map->n; i++) {
        hmap_insert(&map->map, &map->nodes[i].hmap_node,
                    map->nodes[i].hmap_node.hash);
    }
}

static void
add_mac(struct index_map *map, const char *text,
        const struct switch_bridge *bridge, const struct switch_port *port)
{
    struct eth_addr mac;

    if (text[0] && eth_addr_from_string(text, &mac)) {
        add(map, index_hash_mac(mac), bridge, port);
    }
}

/* Adds 'port' under what identifies it in 'external_ids'. */
static void
add_ids(struct index_map *map, const struct smap *external_ids,
        const struct switch_bridge *bridge, const struct switch_port *port)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, external_ids) {
        if (!strcmp(node->key, "attached-mac")) {
            add_mac(map, node->value, bridge, port);
        } else {
            add(map, index_hash_text(node->value), bridge, port);
        }
    }
}

static void
add_port(struct index_map *map, const struct switch_bridge *bridge,
         const struct switch_port *port)
{
    add(map, index_hash_text(port->name), bridge, port);
    add_ids(map, &port->external_ids, bridge, port);
    for (size_t i = 0; i < port->n_ifaces; i++) {
        const struct switch_iface *iface = port->ifaces[i];

        if (strcmp(iface->name, port->name)) {
            add(map, index_hash_text(iface->name), bridge, port);
        }
        add_ids(map, &iface->external_ids, bridge, port);
        add_mac(map, iface->mac, bridge, port);
    }
}

static void
add_bridge(struct switch_index *index, const struct switch_bridge *bridge)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        const struct switch_port *port = bridge->ports[i];

        add_port(&index->ports, bridge, port);
        if (port->ours) {
            const char *sink = smap_get(&port->external_ids, SPAN_KEY_SINK);
            const char *collector = smap_get(&port->external_ids,
                                             SPAN_KEY_COLLECTOR);

            add(&index->own_ports, index_hash_session(&port->session),
                bridge, port);
            if (sink) {
                add(&index->own_ports, index_hash_text(sink), bridge, port);
            }
            if (collector) {
                add(&index->own_ports, index_hash_text(collector), bridge,
                    port);
            }
        }
    }
    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        const struct switch_mirror *mirror = bridge->mirrors[i];

        if (mirror->ours) {
            add(&index->mirrors, index_hash_session(&mirror->session),
                bridge, mirror);
        }
    }
    for (size_t i = 0; i < bridge->n_flows; i++) {
        add(&index->flows, index_hash_cookie(bridge->flows[i].cookie),
            bridge, &bridge->flows[i]);
    }
}

/* Returns an index of 'state', which must be sorted, have its marks of what is
 * ours, and not change as long as the index is used.  The caller must
 * switch_index_destroy() it. */
struct switch_index *
switch_index_create(const struct switch_state *state)
{
    struct switch_index *index = xzalloc(sizeof *index);

    for (size_t i = 0; i < state->n_bridges; i++) {
        add_bridge(index, state->bridges[i]);
    }
    complete(&index->ports);
    complete(&index->own_ports);
    complete(&index->mirrors);
    complete(&index->flows);
    return index;
}

static void
destroy_map(struct index_map *map)
{
    hmap_destroy(&map->map);
    free(map->nodes);
}

/* Frees 'index'; NULL is fine. */
void
switch_index_destroy(struct switch_index *index)
{
    if (index) {
        destroy_map(&index->ports);
        destroy_map(&index->own_ports);
        destroy_map(&index->mirrors);
        destroy_map(&index->flows);
        free(index);
    }
}
