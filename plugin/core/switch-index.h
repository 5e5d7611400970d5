/* SPDX-License-Identifier: Apache-2.0 */

/* Finds things in an observed switch without a walk over all of it.
 *
 * An index knows things by a hash only.  What it finds is a candidate that the
 * caller has to look at; nothing that has the hash is missing. */

#ifndef SPAN_CORE_SWITCH_INDEX_H
#define SPAN_CORE_SWITCH_INDEX_H 1

#include <stddef.h>
#include <stdint.h>
#include "openvswitch/hmap.h"
#include "openvswitch/types.h"
#include "openvswitch/uuid.h"

struct switch_bridge;
struct switch_state;

struct index_node {
    struct hmap_node hmap_node;
    size_t order;               /* Where in the sorted switch it is. */
    const struct switch_bridge *bridge;
    const void *object;
};

struct index_map {
    struct hmap map;
    struct index_node *nodes;
    size_t n, allocated;
};

struct switch_index {
    struct index_map ports;     /* By the hash of each name, identifier and
                                 * MAC that a selector may give. */
    struct index_map own_ports; /* Of ours: by session, sink and
                                 * collector. */
    struct index_map mirrors;   /* Of ours: by session. */
    struct index_map flows;     /* With our cookie: by cookie. */
};

struct switch_index *switch_index_create(const struct switch_state *);
void switch_index_destroy(struct switch_index *);

uint32_t index_hash_text(const char *);
uint32_t index_hash_mac(struct eth_addr);
uint32_t index_hash_session(const struct uuid *);
uint32_t index_hash_cookie(uint64_t);

/* Visits the candidates for HASH, in no order. */
#define INDEX_FOR_EACH(NODE, HASH, MAP) \
    HMAP_FOR_EACH_WITH_HASH (NODE, hmap_node, HASH, &(MAP)->map)

#endif /* plugin/core/switch-index.h */
