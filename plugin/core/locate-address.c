/* SPDX-License-Identifier: Apache-2.0 */

/* Which addresses are behind a port: a part of locate().
 *
 * What is configured (attached-mac) comes first; the rest is what the bridge
 * has learned, which tells the VLAN as well. */

#include <config.h>
#include "locate.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

/* What "fdb/show" of a bridge says, sorted by port. */
struct fdb_view {
    struct switch_address *addresses;
    size_t n, allocated;
};

/* Returns the answer to 'question', borrowed, "" if vswitchd refuses to say;
 * NULL, and the question is noted, if it has not been asked. */
const char *
locate_ask(const struct locate_input *in, struct located *found,
           const char *question)
{
    const char *answer = shash_find_data(in->facts, question);

    if (!answer && !svec_contains_unsorted(&found->questions, question)) {
        svec_add(&found->questions, question);
    }
    return answer;
}

static struct fdb_view *
parse(const char *answer)
{
    struct fdb_view *fdb = xzalloc(sizeof *fdb);
    char *copy = xstrdup(answer), *text = copy, *line;

    while ((line = strsep(&text, "\n"))) {
        struct switch_address address;

        if (!switch_address_parse(&address, line)) {
            continue;
        }
        if (fdb->n >= fdb->allocated) {
            fdb->addresses = x2nrealloc(fdb->addresses, &fdb->allocated,
                                        sizeof *fdb->addresses);
        }
        fdb->addresses[fdb->n++] = address;
    }
    free(copy);
    if (fdb->n) {
        qsort(fdb->addresses, fdb->n, sizeof *fdb->addresses,
              switch_address_compare);
    }
    return fdb;
}

/* Returns what 'bridge' has learned, owned by 'found'; NULL if nobody has
 * said. */
static const struct fdb_view *
learned(const struct locate_input *in, struct located *found,
        const struct switch_bridge *bridge)
{
    struct fdb_view *fdb = shash_find_data(&found->fdbs, bridge->name);

    if (!fdb) {
        char *question = xasprintf("fdb/show\n%s", bridge->name);
        const char *answer = locate_ask(in, found, question);

        free(question);
        if (answer) {
            fdb = parse(answer);
            shash_add(&found->fdbs, bridge->name, fdb);
        }
    }
    return fdb;
}

/* Frees what was learned. */
void
locate_forget_addresses(struct located *found)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &found->fdbs) {
        struct fdb_view *fdb = node->data;

        free(fdb->addresses);
        free(fdb);
    }
    shash_destroy(&found->fdbs);
}

/* Is 'mac' among the addresses of 'l' in 'vlan', or in any if that is
 * negative? */
static bool
has_address(const struct location *l, struct eth_addr mac, int vlan)
{
    for (size_t i = 0; i < l->n_addresses; i++) {
        if (eth_addr_equals(l->addresses[i].mac, mac)
            && (vlan < 0 || l->addresses[i].vlan == vlan)) {
            return true;
        }
    }
    return false;
}

static void
add_address(struct location *l, struct eth_addr mac, uint16_t vlan,
            int64_t ofport)
{
    if (l->n_addresses < LOCATE_MAX_ADDRESSES && !has_address(l, mac, vlan)) {
        l->addresses[l->n_addresses++] = (struct switch_address) {
            mac, vlan, ofport,
        };
    }
}

static void
add_learned(const struct fdb_view *fdb, struct location *l, int64_t ofport,
            const struct eth_addr *only)
{
    for (size_t i = 0; fdb && i < fdb->n; i++) {
        const struct switch_address *a = &fdb->addresses[i];

        if (a->ofport == ofport && (!only || eth_addr_equals(a->mac, *only))) {
            add_address(l, a->mac, a->vlan, ofport);
        }
    }
}

/* Returns the address of 'iface' that its machine has, as far as it is
 * configured: a tap device has another one than who sends through it. */
static bool
configured_mac(const struct switch_iface *iface, struct eth_addr *mac)
{
    const char *text = smap_get(&iface->external_ids, "attached-mac");

    return (text && eth_addr_from_string(text, mac))
           || (!strcmp(iface->type, "internal")
               && eth_addr_from_string(iface->mac, mac));
}

/* Finds out which addresses are behind the port of 'l'.  Of one that leads to
 * others, it does not matter. */
void
locate_addresses(const struct locate_input *in, struct located *found,
                 struct location *l)
{
    const struct switch_port *port = l->port;
    const struct fdb_view *fdb;

    if (port->ours || !strcmp(switch_port_type(port), "patch")
        || hmapx_contains(&found->uplinks, port)) {
        return;
    }
    fdb = learned(in, found, l->bridge);
    for (size_t i = 0; i < port->n_ifaces; i++) {
        const struct switch_iface *iface = port->ifaces[i];
        struct eth_addr mac;

        if (configured_mac(iface, &mac)) {
            add_learned(fdb, l, iface->ofport, &mac);
            if (!has_address(l, mac, -1)) {
                add_address(l, mac, port->tag, iface->ofport);
            }
        }
        add_learned(fdb, l, iface->ofport, NULL);
    }
}

/* Has the bridge lately learned an address in 'vlan' at the port of 'l'? */
bool
locate_has_sent(const struct locate_input *in, struct located *found,
                const struct location *l, uint16_t vlan)
{
    const struct fdb_view *fdb = learned(in, found, l->bridge);

    for (size_t i = 0; fdb && i < fdb->n; i++) {
        if (fdb->addresses[i].vlan == vlan
            && switch_port_has_ofport(l->port, fdb->addresses[i].ofport)) {
            return true;
        }
    }
    return false;
}
