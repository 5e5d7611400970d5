/* SPDX-License-Identifier: Apache-2.0 */

/* What of a session's sources is mirrored on this host, in the words of
 * source=: the ports that selectors and groups have come to, VLANs, hooks.
 * See wanted-sources.h. */

#include <config.h>
#include "wanted-sources.h"

#include <inttypes.h>
#include <stdlib.h>

#include "openvswitch/util.h"
#include "session.h"
#include "smap.h"
#include "switch-state.h"
#include "util.h"
#include "wanted.h"

/* The longest name of a virtual machine that is told, bytes. */
#define MAX_VM 64

/* Returns the value of the first of the keys under which a virtual machine is
 * named, of the port or one of its interfaces; NULL if there is none.  A name
 * says more to people than an identifier. */
static const char *
vm_of_port(const struct switch_port *port)
{
    static const char *const keys[] = {
        "vm-name", "vm-id", "vm-uuid", "xs-vm-uuid",
    };

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        const char *vm = smap_get(&port->external_ids, keys[i]);

        for (size_t j = 0; j < port->n_ifaces && !vm; j++) {
            vm = smap_get(&port->ifaces[j]->external_ids, keys[i]);
        }
        if (vm) {
            return vm;
        }
    }
    return NULL;
}

/* Returns a copy of 'vm', "" for NULL, of at most MAX_VM bytes and no part of
 * a character, for the caller to free. */
static char *
cut_vm(const char *vm)
{
    size_t length = vm ? strlen(vm) : 0;

    if (length > MAX_VM) {
        length = MAX_VM;
        /* Bytes 10xxxxxx continue a character. */
        while (length && (vm[length] & 0xc0) == 0x80) {
            length--;
        }
    }
    return xmemdup0(vm ? vm : "", length);
}

/* Adds to 'sources' that 'kind':'name' of 'bridge' is mirrored in 'direction',
 * where the other may be there already. */
static void
add_source(struct smap *sources, const char *kind, const char *name,
           enum direction direction, const char *bridge, const char *vm)
{
    enum direction other = (direction == DIRECTION_FROM ? DIRECTION_TO
                            : DIRECTION_FROM);
    char *both = xasprintf("%s:%s,both,bridge=%s", kind, name, bridge);
    char *one = xasprintf("%s:%s,%s,bridge=%s", kind, name,
                          direction_to_string(direction), bridge);
    char *opposite = xasprintf("%s:%s,%s,bridge=%s", kind, name,
                               direction_to_string(other), bridge);

    if (smap_get_node(sources, opposite)) {
        smap_remove(sources, opposite);
        smap_add_nocopy(sources, xstrdup(both), cut_vm(vm));
    } else if (!smap_get_node(sources, both)
               && !smap_get_node(sources, one)) {
        smap_add_nocopy(sources, xstrdup(one), cut_vm(vm));
    }
    free(both);
    free(one);
    free(opposite);
}

static void
add_ports(struct smap *sources, const struct wanted_leg *leg,
          const struct switch_port **ports, size_t n,
          enum direction direction)
{
    for (size_t i = 0; i < n; i++) {
        add_source(sources, "port", ports[i]->name, direction,
                   leg->bridge->name, vm_of_port(ports[i]));
    }
}

/* A VLAN leg's ports are all that may carry it: the VLAN says it shorter. */
static void
add_vlans(struct smap *sources, const struct wanted_leg *leg)
{
    for (size_t i = 0; i < leg->n_vlans; i++) {
        char *vlan = xasprintf("%"PRIu16, leg->vlans[i]);

        if (leg->n_src) {
            add_source(sources, "vlan", vlan, DIRECTION_FROM,
                       leg->bridge->name, NULL);
        }
        if (leg->n_dst) {
            add_source(sources, "vlan", vlan, DIRECTION_TO,
                       leg->bridge->name, NULL);
        }
        free(vlan);
    }
}

/* Adds to 'sources' what 'ws' mirrors: a key for each, as source= has it with
 * direction and bridge, whose value is the name of the virtual machine of a
 * port; "" if it has none. */
void
wanted_sources_fill(const struct wanted_session *ws, struct smap *sources)
{
    for (size_t i = 0; i < ws->n_legs; i++) {
        const struct wanted_leg *leg = &ws->legs[i];

        if (leg->hook) {
            add_source(sources, "hook", leg->hook, DIRECTION_FROM,
                       leg->bridge->name, NULL);
        } else if (leg->n_vlans) {
            add_vlans(sources, leg);
        } else {
            add_ports(sources, leg, leg->src, leg->n_src, DIRECTION_FROM);
            add_ports(sources, leg, leg->dst, leg->n_dst, DIRECTION_TO);
        }
    }
}
