/* SPDX-License-Identifier: Apache-2.0 */

/* Which ports of the observed switch a source names.  A selector is matched
 * against what vswitchd and the hypervisors write into the database, never
 * against learned state, so that it cannot widen to a port that merely carries
 * the traffic. */

#include <config.h>
#include "source-match.h"

#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "switch-index.h"
#include "util.h"
#include "uuid.h"

/* Does the selector name whatever is there (a bridge, a VLAN) rather than
 * certain ports?  Ports that a session may not mirror are then left out,
 * where a named one would be a conflict. */
bool
selector_is_wide(const struct selector *selector)
{
    return selector->kind == SELECTOR_BRIDGE
           || selector->kind == SELECTOR_VLAN;
}

/* Identifiers are what somebody else chose, letter case included, but a UUID
 * may be written in either case. */
static bool
id_equals(const char *id, const char *value)
{
    struct uuid a, b;

    return id && (!strcmp(id, value)
                  || (uuid_from_string(&a, id) && uuid_from_string(&b, value)
                      && uuid_equals(&a, &b)));
}

static bool
external_id_is(const struct switch_port *port, const char *key,
               const char *value)
{
    if (id_equals(smap_get(&port->external_ids, key), value)) {
        return true;
    }
    for (size_t i = 0; i < port->n_ifaces; i++) {
        if (id_equals(smap_get(&port->ifaces[i]->external_ids, key), value)) {
            return true;
        }
    }
    return false;
}

/* The keys under which hypervisors leave the VM's identity: vm-id is
 * libvirt's, xs-vm-uuid is in OVS's Documentation/topics/integration.rst,
 * vm-name and vm-uuid are what people add by hand. */
static bool
is_port_of_vm(const struct switch_port *port, const char *vm)
{
    static const char *keys[] = {
        "vm-id", "vm-uuid", "vm-name", "xs-vm-uuid",
    };

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        if (external_id_is(port, keys[i], vm)) {
            return true;
        }
    }
    return false;
}

static bool
mac_text_is(const char *text, struct eth_addr mac)
{
    struct eth_addr parsed;

    return text && eth_addr_from_string(text, &parsed)
           && eth_addr_equals(parsed, mac);
}

static bool
is_port_of_mac(const struct switch_port *port, struct eth_addr mac)
{
    for (size_t i = 0; i < port->n_ifaces; i++) {
        const struct switch_iface *iface = port->ifaces[i];

        if (mac_text_is(smap_get(&iface->external_ids, "attached-mac"), mac)
            || mac_text_is(iface->mac, mac)) {
            return true;
        }
    }
    return false;
}

/* May 'port' lead out of the host? */
bool
port_is_uplink(const struct switch_port *port)
{
    const char *type = switch_port_type(port);

    return strcmp(type, "internal") && strcmp(type, "patch");
}

/* Does 'selector' name 'port' of 'bridge'?  Never a port of ours, never any of
 * a private bridge.  A VLAN selector names no ports, so it names every one. */
bool
selector_matches_port(const struct selector *selector,
                      const struct switch_bridge *bridge,
                      const struct switch_port *port)
{
    if (port->ours || bridge->ours) {
        return false;
    }
    switch (selector->kind) {
    case SELECTOR_PORT:
        return name_glob_matches(selector->value, port->name);
    case SELECTOR_IFACE_ID:
        return external_id_is(port, "iface-id", selector->value);
    case SELECTOR_MAC:
        return is_port_of_mac(port, selector->mac);
    case SELECTOR_VM:
        return is_port_of_vm(port, selector->value);
    case SELECTOR_VLAN:
        return true;
    case SELECTOR_BRIDGE:
        return !strcmp(bridge->name, selector->value);
    case SELECTOR_UPLINK:
        return !strcmp(port->name, selector->value) && port_is_uplink(port);
    case SELECTOR_GROUP:
    case SELECTOR_HOOK:
        return false;
    }
    return false;
}

/* Does 'selector' name one member of the bond 'port', rather than the bond?
 * A Mirror selects whole ports only. */
bool
selector_names_bond_member(const struct selector *selector,
                           const struct switch_port *port)
{
    if ((selector->kind != SELECTOR_PORT && selector->kind != SELECTOR_UPLINK)
        || port->n_ifaces < 2 || !strcmp(port->name, selector->value)) {
        return false;
    }
    for (size_t i = 0; i < port->n_ifaces; i++) {
        if (!strcmp(port->ifaces[i]->name, selector->value)) {
            return true;
        }
    }
    return false;
}

bool
source_applies_to_bridge(const struct source *source,
                         const struct switch_bridge *bridge)
{
    return !bridge->ours
           && (!source->bridge[0] || !strcmp(source->bridge, bridge->name));
}

/* Returns true, and in '*hash' under what the index has the ports that
 * 'selector' names or whose member it names; false if only a walk over the
 * bridges finds them. */
static bool
selector_hash(const struct selector *selector, uint32_t *hash)
{
    switch (selector->kind) {
    case SELECTOR_PORT:
        if (name_is_glob(selector->value)) {
            return false;
        }
        /* Fall through. */
    case SELECTOR_IFACE_ID:
    case SELECTOR_VM:
    case SELECTOR_UPLINK:
        *hash = index_hash_text(selector->value);
        return true;
    case SELECTOR_MAC:
        *hash = index_hash_mac(selector->mac);
        return true;
    case SELECTOR_VLAN:
    case SELECTOR_BRIDGE:
    case SELECTOR_GROUP:
    case SELECTOR_HOOK:
        return false;
    }
    return false;
}

static int
compare_candidates(const void *a_, const void *b_)
{
    const struct port_candidate *a = a_, *b = b_;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* All ports of the bridges to which 'source' applies. */
static size_t
list_ports(const struct source *source, const struct switch_state *state,
           struct port_candidate **candidatesp)
{
    struct port_candidate *candidates = NULL;
    size_t n = 0;

    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct switch_bridge *bridge = state->bridges[i];

        if (!source_applies_to_bridge(source, bridge)) {
            continue;
        }
        candidates = xrealloc(candidates, ((n + bridge->n_ports + 1)
                                           * sizeof *candidates));
        for (size_t j = 0; j < bridge->n_ports; j++) {
            candidates[n] = (struct port_candidate) {
                n, bridge, bridge->ports[j],
            };
            n++;
        }
    }
    *candidatesp = candidates;
    return n;
}

/* Finds in 'state' all ports that 'source' may name, in the order of the
 * switch, and puts them into '*candidatesp', which the caller must free.
 * Returns how many they are. */
size_t
source_find_candidates(const struct source *source,
                       const struct switch_state *state,
                       struct port_candidate **candidatesp)
{
    struct port_candidate *candidates = NULL;
    const struct index_node *node;
    size_t n = 0, allocated = 0;
    uint32_t hash;

    if (!selector_hash(&source->selector, &hash)) {
        return list_ports(source, state, candidatesp);
    }
    INDEX_FOR_EACH (node, hash, &state->index->ports) {
        if (!source_applies_to_bridge(source, node->bridge)) {
            continue;
        }
        if (n >= allocated) {
            candidates = x2nrealloc(candidates, &allocated,
                                    sizeof *candidates);
        }
        candidates[n++] = (struct port_candidate) {
            node->order, node->bridge, node->object,
        };
    }
    if (n > 1) {
        qsort(candidates, n, sizeof *candidates, compare_candidates);
    }
    *candidatesp = candidates;
    return n;
}
