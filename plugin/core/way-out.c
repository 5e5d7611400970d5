/* SPDX-License-Identifier: Apache-2.0 */

/* By which ports frames of a port leave the host: see way-out.h.
 *
 * A walk over bridges that are joined by patch ports, the nearest first.  On
 * its way a frame gets and loses tags as NORMAL would have it.  A bridge with
 * a controller, or one that waits for rules (fail_mode=secure, as OVN's and
 * OpenStack's do), may do anything else, so from there on no VLAN is known. */

#include <config.h>
#include "way-out.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "source-match.h"
#include "switch-index.h"
#include "util.h"

/* A bridge that frames come to. */
struct step {
    const struct switch_bridge *bridge;
    const struct switch_port *in_port;
    int vlan;
    size_t parent;              /* Step before; its own number in the first. */
};

struct walk {
    const struct switch_state *state;
    const struct hmapx *uplinks;
    struct step *steps;
    size_t n_steps;
    struct way_out *ways;
    size_t n_ways;
};

/* Who made the interface with these 'ids' said that it is a machine's: libvirt
 * (iface-id, attached-mac, vm-id), integration.rst of OVS (xs-...),
 * ovs-docker (container_id), people (vm-name, vm-uuid). */
static bool
has_machine(const struct smap *ids)
{
    static const char *const keys[] = {
        "iface-id", "attached-mac", "vm-id", "vm-name", "vm-uuid",
        "xs-vm-uuid", "xs-vif-uuid", "container_id",
    };

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        if (smap_get(ids, keys[i])) {
            return true;
        }
    }
    return false;
}

/* Does 'port', as far as can be known, lead out of the host: a network card, a
 * bond, a tunnel, but no machine's interface?  Nothing in the database says so
 * in so many words.  What is not known to be a machine's counts as a way out,
 * so that nothing is called internal that is not. */
bool
port_leaves_host(const struct switch_port *port)
{
    if (port->ours || !port_is_uplink(port) || has_machine(&port->external_ids)
        || !strncmp(switch_port_type(port), "dpdkvhostuser", 13)) {
        return false;
    }
    for (size_t i = 0; i < port->n_ifaces; i++) {
        if (has_machine(&port->ifaces[i]->external_ids)
            || !strcmp(port->ifaces[i]->driver, "tun")) {
            return false;
        }
    }
    return port->n_ifaces > 0;
}

/* Do frames in 'vlan' go out of 'port' of 'bridge', as far as is known? */
static bool
carries(const struct switch_port *port, int vlan)
{
    return vlan == WAY_ANY_VLAN || switch_port_carries(port, vlan);
}

/* Returns the other end of the patch port 'port', and in '*bridge' where it
 * is; NULL if there is none. */
static const struct switch_port *
find_peer(const struct switch_state *state, const struct switch_port *port,
          const struct switch_bridge **bridge)
{
    const char *name = (port->n_ifaces
                        ? smap_get(&port->ifaces[0]->options, "peer") : NULL);
    const struct index_node *node;

    if (!name || port->ours || strcmp(switch_port_type(port), "patch")) {
        return NULL;
    }
    INDEX_FOR_EACH (node, index_hash_text(name), &state->index->ports) {
        const struct switch_port *peer = node->object;
        const char *back = (peer->n_ifaces
                            ? smap_get(&peer->ifaces[0]->options, "peer")
                            : NULL);

        if (!strcmp(peer->name, name) && back && !strcmp(back, port->name)
            && !strcmp(switch_port_type(peer), "patch")) {
            *bridge = node->bridge;
            return peer;
        }
    }
    return NULL;
}

static bool
was_at(const struct walk *walk, const struct switch_bridge *bridge)
{
    for (size_t i = 0; i < walk->n_steps; i++) {
        if (walk->steps[i].bridge == bridge) {
            return true;
        }
    }
    return false;
}

static void
add_step(struct walk *walk, const struct switch_bridge *bridge,
         const struct switch_port *in_port, int vlan, size_t parent)
{
    bool any = bridge->has_controller || !strcmp(bridge->fail_mode, "secure");

    walk->steps[walk->n_steps++] = (struct step) {
        bridge, in_port, any ? WAY_ANY_VLAN : vlan, parent,
    };
}

/* Frames of 'step' go through the patch port 'port': where to? */
static void
cross(struct walk *walk, size_t step, const struct switch_port *port)
{
    const struct switch_bridge *bridge;
    const struct switch_port *peer = find_peer(walk->state, port, &bridge);
    int vlan = walk->steps[step].vlan;

    if (!peer || bridge->ours || was_at(walk, bridge)
        || !carries(port, vlan)) {
        return;
    }
    if (vlan != WAY_ANY_VLAN) {
        vlan = switch_port_tags(port, vlan) ? vlan : peer->tag;
    }
    if (carries(peer, vlan)) {
        add_step(walk, bridge, peer, vlan, step);
    }
}

/* Frames of 'step' leave the host through 'port'. */
static void
add_way(struct walk *walk, size_t step, const struct switch_port *port)
{
    int vlan = walk->steps[step].vlan;
    struct way_out *way;
    size_t n = 1;

    for (size_t i = step; walk->steps[i].parent != i;
         i = walk->steps[i].parent) {
        n++;
    }
    way = &walk->ways[walk->n_ways++];
    *way = (struct way_out) { .uplink = port, .n_bridges = n };
    way->bridges = xcalloc(n, sizeof *way->bridges);
    for (size_t i = step; n; i = walk->steps[i].parent) {
        way->bridges[--n] = walk->steps[i].bridge;
    }
    way->vlan = (vlan == WAY_ANY_VLAN ? WAY_ANY_VLAN
                 : switch_port_tags(port, vlan) ? vlan : 0);
    sset_init(&way->members);
    svec_init(&way->member_states);
}

static void
look_around(struct walk *walk, size_t step, const struct switch_port *from)
{
    const struct switch_bridge *bridge = walk->steps[step].bridge;

    for (size_t i = 0; i < bridge->n_ports; i++) {
        const struct switch_port *port = bridge->ports[i];

        if (port == from || port == walk->steps[step].in_port) {
            continue;
        }
        if (!strcmp(switch_port_type(port), "patch")) {
            cross(walk, step, port);
        } else if (hmapx_contains(walk->uplinks, port)
                   && carries(port, walk->steps[step].vlan)) {
            add_way(walk, step, port);
        }
    }
}

/* Adds to 'uplinks' all ports of 'state' that lead out of the host. */
void
ways_out_uplinks(const struct switch_state *state, struct hmapx *uplinks)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct switch_bridge *bridge = state->bridges[i];

        for (size_t j = 0; j < bridge->n_ports; j++) {
            if (!bridge->ours && port_leaves_host(bridge->ports[j])) {
                hmapx_add(uplinks, bridge->ports[j]);
            }
        }
    }
}

/* Finds by which ports frames that 'port' of 'bridge' sends in 'vlan' (0 =
 * without a tag, or WAY_ANY_VLAN) leave the host, out of the 'uplinks' of
 * ways_out_uplinks(), and puts them into '*waysp', for the caller to free with
 * ways_out_destroy().  Returns how many they are.  The way out of a port that
 * leads out itself is that port. */
size_t
ways_out_find(const struct switch_state *state, const struct hmapx *uplinks,
              const struct switch_bridge *bridge,
              const struct switch_port *port, int vlan,
              struct way_out **waysp)
{
    struct walk walk = { .state = state, .uplinks = uplinks };

    /* Each bridge is met once, and an sset does not bear to be moved. */
    walk.ways = xcalloc(hmapx_count(uplinks) + 1, sizeof *walk.ways);
    walk.steps = xcalloc(state->n_bridges + 1, sizeof *walk.steps);
    add_step(&walk, bridge, port, vlan, 0);
    if (hmapx_contains(uplinks, port)) {
        add_way(&walk, 0, port);
    } else if (!strcmp(switch_port_type(port), "patch")) {
        cross(&walk, 0, port);
    } else {
        look_around(&walk, 0, port);
    }
    for (size_t i = 1; i < walk.n_steps; i++) {
        look_around(&walk, i, port);
    }
    free(walk.steps);
    *waysp = walk.ways;
    return walk.n_ways;
}

void
ways_out_destroy(struct way_out *ways, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(ways[i].bridges);
        free(ways[i].bond_mode);
        sset_destroy(&ways[i].members);
        svec_destroy(&ways[i].member_states);
    }
    free(ways);
}
