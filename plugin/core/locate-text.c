/* SPDX-License-Identifier: Apache-2.0 */

/* A location as text: see locate.h. */

#include <config.h>
#include "locate.h"

#include <inttypes.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

/* In the order in which tables have them. */
const char *const locate_columns[LOCATE_N_COLUMNS] = {
    "host", "bridge", "port", "ofport", "link", "vlan", "vlan_mode", "trunks",
    "mac", "vm", "vm_uuid", "iface_id", "way_out", "uplink_vlan", "bond",
    "bond_members", "member", "member_why", "traffic", "sessions", "groups",
    "advice",
};

/* Adds to 'columns' the words of 's' as 'name', and ends 's'. */
static void
put(struct smap *columns, const char *name, struct ds *s)
{
    smap_add_nocopy(columns, xstrdup(name), ds_steal_cstr(s));
}

static void
put_all(struct smap *columns, const char *name, const struct svec *texts,
        const char *separator)
{
    smap_add_nocopy(columns, xstrdup(name),
                    svec_join(texts, separator, ""));
}

/* Returns the first of 'keys' that the port or an interface of it has, or
 * "". */
static const char *
find_id(const struct switch_port *port, const char *const *keys)
{
    for (; *keys; keys++) {
        const char *value = smap_get(&port->external_ids, *keys);

        for (size_t i = 0; i < port->n_ifaces && !value; i++) {
            value = smap_get(&port->ifaces[i]->external_ids, *keys);
        }
        if (value) {
            return value;
        }
    }
    return "";
}

static void
put_ids(const struct switch_port *port, struct smap *columns)
{
    static const char *const name[] = { "vm-name", NULL };
    static const char *const uuid[] = {
        "vm-id", "vm-uuid", "xs-vm-uuid", NULL,
    };
    static const char *const iface[] = { "iface-id", NULL };

    smap_add(columns, "vm", find_id(port, name));
    smap_add(columns, "vm_uuid", find_id(port, uuid));
    smap_add(columns, "iface_id", find_id(port, iface));
}

static void
put_vlans(const struct switch_port *port, struct smap *columns)
{
    struct ds trunks = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < port->n_trunks; i++) {
        ds_put_format(&trunks, "%s%"PRIu16, i ? " " : "", port->trunks[i]);
    }
    if (!port->n_trunks && port->vlan_mode != VLAN_ACCESS) {
        ds_put_cstr(&trunks, "all");
    }
    put(columns, "trunks", &trunks);
    smap_add(columns, "vlan_mode", switch_port_vlan_mode(port));
    smap_add_nocopy(columns, xstrdup("vlan"),
                    port->tag ? xasprintf("%d", port->tag) : xstrdup(""));
}

static const char *
link_words(const struct switch_port *port)
{
    if (!switch_port_works(port)) {
        return "not in the datapath";
    }
    for (size_t i = 0; i < port->n_ifaces; i++) {
        if (!port->ifaces[i]->link_down) {
            return "up";
        }
    }
    return "down";
}

static void
put_port(const struct location *l, struct smap *columns)
{
    const struct switch_port *port = l->port;
    struct ds ofports = DS_EMPTY_INITIALIZER, macs = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < port->n_ifaces; i++) {
        if (port->ifaces[i]->ofport > 0) {
            ds_put_format(&ofports, "%s%"PRId64, ofports.length ? " " : "",
                          port->ifaces[i]->ofport);
        }
        if (!l->n_addresses && port->ifaces[i]->mac[0]) {
            ds_put_format(&macs, "%s%s", macs.length ? " " : "",
                          port->ifaces[i]->mac);
        }
    }
    for (size_t i = 0; i < l->n_addresses; i++) {
        bool again = false;

        for (size_t j = 0; j < i; j++) {
            again |= eth_addr_equals(l->addresses[i].mac,
                                     l->addresses[j].mac);
        }
        if (!again) {
            ds_put_format(&macs, "%s"ETH_ADDR_FMT, macs.length ? " " : "",
                          ETH_ADDR_ARGS(l->addresses[i].mac));
        }
    }
    put(columns, "ofport", &ofports);
    put(columns, "mac", &macs);
    smap_add(columns, "link", link_words(port));
}

/* Adds 'text' to the words of several ways out in 's'. */
static void
add_word(struct ds *s, const char *text)
{
    if (*text) {
        ds_put_format(s, "%s%s", s->length ? "; " : "", text);
    }
}

static void
put_ways(const struct location *l, struct smap *columns)
{
    struct ds path = DS_EMPTY_INITIALIZER, vlan = DS_EMPTY_INITIALIZER;
    struct ds bond = DS_EMPTY_INITIALIZER, states = DS_EMPTY_INITIALIZER;
    struct ds member = DS_EMPTY_INITIALIZER, why = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < l->n_ways; i++) {
        const struct way_out *way = &l->ways[i];
        const char **names = sset_sort(&way->members);

        ds_put_cstr(&path, i ? "; " : "");
        for (size_t j = 0; j < way->n_bridges; j++) {
            ds_put_format(&path, "%s > ", way->bridges[j]->name);
        }
        ds_put_cstr(&path, way->uplink->name);
        if (way->vlan > 0) {
            ds_put_format(&vlan, "%s%d", vlan.length ? "; " : "", way->vlan);
        }
        if (way->bond_mode) {
            char *text = svec_join(&way->member_states, " ", "");

            add_word(&bond, way->bond_mode);
            add_word(&states, text);
            add_word(&why, way->member_why);
            for (size_t j = 0; j < sset_count(&way->members); j++) {
                ds_put_format(&member, "%s%s", member.length ? " " : "",
                              names[j]);
            }
            free(text);
        }
        free(names);
    }
    put(columns, "way_out", &path);
    put(columns, "uplink_vlan", &vlan);
    put(columns, "bond", &bond);
    put(columns, "bond_members", &states);
    put(columns, "member", &member);
    put(columns, "member_why", &why);
}

/* Adds to 'columns' a text for each of locate_columns, "" where there is
 * nothing to say.  Lists have spaces between their members, ways out
 * semicolons, sessions and groups commas, pieces of advice newlines. */
void
location_to_columns(const struct location *l, const char *host,
                    struct smap *columns)
{
    struct ds traffic = DS_EMPTY_INITIALIZER;

    smap_add(columns, "host", host);
    smap_add(columns, "bridge", l->bridge->name);
    smap_add(columns, "port", l->port->name);
    put_port(l, columns);
    put_vlans(l->port, columns);
    put_ids(l->port, columns);
    put_ways(l, columns);
    locate_put_traffic(l, &traffic);
    put(columns, "traffic", &traffic);
    put_all(columns, "sessions", &l->sessions, ", ");
    put_all(columns, "groups", &l->groups, ", ");
    put_all(columns, "advice", &l->advice, "\n");
}

static const char *
get(const struct smap *columns, const char *name)
{
    return smap_get_def(columns, name, "");
}

/* Adds to 's' a line with 'heading' and the columns that 'names' has, which
 * ends with NULL: each with a text in front, and only those that say
 * something. */
static void
put_line(const struct smap *columns, const char *heading,
         const char *const (*names)[2], struct ds *s)
{
    size_t start = s->length;

    for (; (*names)[1]; names++) {
        const char *value = get(columns, (*names)[1]);

        if (*value) {
            ds_put_format(s, "%s%s%s",
                          s->length == start ? "  " : ", ",
                          s->length == start ? heading : "", (*names)[0]);
            ds_put_cstr(s, value);
        }
    }
    if (s->length > start) {
        ds_put_char(s, '\n');
    }
}

/* Adds to 's' what 'columns' say, of location_to_columns(), for people; with
 * 'advice' that, too. */
void
locate_put_columns(const struct smap *columns, bool advice, struct ds *s)
{
    static const char *const port[][2] = {
        { "", "bridge" }, { "OpenFlow port ", "ofport" }, { "link ", "link" },
        { NULL, NULL },
    };
    static const char *const vlan[][2] = {
        { "", "vlan" }, { "", "vlan_mode" }, { "trunks ", "trunks" },
        { NULL, NULL },
    };
    static const char *const vm[][2] = {
        { "", "vm" }, { "", "vm_uuid" }, { "iface-id ", "iface_id" },
        { NULL, NULL },
    };
    static const char *const mac[][2] = { { "", "mac" }, { NULL, NULL } };
    static const char *const way[][2] = {
        { "", "way_out" }, { "in VLAN ", "uplink_vlan" }, { NULL, NULL },
    };
    static const char *const bond[][2] = {
        { "", "bond" }, { "", "bond_members" }, { NULL, NULL },
    };
    static const char *const member[][2] = {
        { "", "member" }, { "", "member_why" }, { NULL, NULL },
    };
    static const char *const traffic[][2] = {
        { "", "traffic" }, { NULL, NULL },
    };
    static const char *const sessions[][2] = {
        { "", "sessions" }, { NULL, NULL },
    };
    static const char *const groups[][2] = {
        { "", "groups" }, { NULL, NULL },
    };

    ds_put_format(s, "%s on %s\n", get(columns, "port"),
                  get(columns, "host"));
    put_line(columns, "bridge: ", port, s);
    put_line(columns, "vlan: ", vlan, s);
    put_line(columns, "mac: ", mac, s);
    put_line(columns, "vm: ", vm, s);
    put_line(columns, "way out: ", way, s);
    if (!*get(columns, "way_out")) {
        ds_put_cstr(s, "  way out: none\n");
    }
    put_line(columns, "bond: ", bond, s);
    put_line(columns, "carried by: ", member, s);
    put_line(columns, "traffic: ", traffic, s);
    put_line(columns, "sessions: ", sessions, s);
    put_line(columns, "groups: ", groups, s);
    if (advice) {
        locate_put_advice(get(columns, "advice"), s);
    }
}

/* Adds to 's' the pieces of advice in 'text'. */
void
locate_put_advice(const char *text, struct ds *s)
{
    while (*text) {
        size_t n = strcspn(text, "\n");

        ds_put_format(s, "  * %.*s\n", (int) n, text);
        text += n + (text[n] == '\n');
    }
}
