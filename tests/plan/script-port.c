/* SPDX-License-Identifier: Apache-2.0 */

/* Ports, and the addresses behind them, in plan cases: see script.c. */

#include <config.h>
#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

#define MAX_TRUNKS 16

/* What a Port row says of VLANs. */
struct vlan_columns {
    const char *mode;
    int tag;
    uint16_t trunks[MAX_TRUNKS];
    size_t n_trunks;
};

/* Cuts KEY=VALUE in two: '*key' is the caller's to free.  Returns false if
 * there is no equals sign. */
bool
script_split(const char *text, char **key, const char **value)
{
    const char *equals = strchr(text, '=');

    if (equals) {
        *key = xmemdup0(text, equals - text);
        *value = equals + 1;
    }
    return equals != NULL;
}

static void
set_iface(struct switch_port *port, const char *key, const char *value)
{
    struct switch_iface *iface = port->ifaces[0];

    if (!strcmp(key, "type")) {
        free(iface->type);
        iface->type = xstrdup(value);
    } else if (!strcmp(key, "ofport")) {
        iface->ofport = atoi(value);
    } else if (!strcmp(key, "mtu")) {
        iface->mtu = atoi(value);
    } else if (!strcmp(key, "mac")) {
        free(iface->mac);
        iface->mac = xstrdup(value);
    } else if (!strcmp(key, "link")) {
        iface->link_down = !strcmp(value, "down");
    } else if (!strcmp(key, "member")) {
        iface = switch_port_add_iface(port, value);
        iface->ofport = 100;
        iface->mtu = 1500;
        free(iface->mac);
        iface->mac = xstrdup(value);
    } else if (!strcmp(key, "active")) {
        free(port->active_mac);
        port->active_mac = xstrdup(value);
    } else if (!strcmp(key, "bond_mode")) {
        free(port->bond_mode);
        port->bond_mode = xstrdup(value);
    } else if (!strcmp(key, "lb-output-action")) {
        port->lb_output = !strcmp(value, "true");
    } else {
        smap_replace(&iface->external_ids, key, value);
    }
}

static void
set_vlan(struct vlan_columns *vlans, const char *key, const char *value)
{
    if (!strcmp(key, "vlan_mode")) {
        vlans->mode = value;
    } else if (!strcmp(key, "tag")) {
        vlans->tag = atoi(value);
    } else {
        char *copy = xstrdup(value), *rest = copy, *word;

        while ((word = strsep(&rest, ",")) && vlans->n_trunks < MAX_TRUNKS) {
            vlans->trunks[vlans->n_trunks++] = atoi(word);
        }
        free(copy);
    }
}

static bool
is_of_vlans(const char *key)
{
    return (!strcmp(key, "vlan_mode") || !strcmp(key, "tag")
            || !strcmp(key, "trunks"));
}

static void
cmd_port(struct script *s, const struct svec *args)
{
    struct vlan_columns vlans = { .mode = "", .tag = -1 };
    struct switch_bridge *bridge = fake_bridge(&s->fake, args->names[1]);
    struct switch_port *port = fake_add_port(&s->fake, bridge,
                                             args->names[2], "");

    for (size_t i = 3; i < args->n; i++) {
        const char *value;
        char *key;

        if (script_split(args->names[i], &key, &value)) {
            if (is_of_vlans(key)) {
                set_vlan(&vlans, key, value);
            } else {
                set_iface(port, key, value);
            }
            free(key);
        }
    }
    switch_port_set_vlans(port, vlans.mode, vlans.tag, vlans.trunks,
                          vlans.n_trunks);
}

/* fdb BRIDGE PORT MAC [VLAN], fdb BRIDGE forget PORT, or fdb BRIDGE unknown
 * until there is one of the others. */
static void
cmd_fdb(struct script *s, const struct svec *args)
{
    struct switch_bridge *bridge = fake_bridge(&s->fake, args->names[1]);
    const char *what = args->names[2];

    bridge->fdb_known = strcmp(what, "unknown") != 0;
    if (!strcmp(what, "forget")) {
        fake_forget(bridge, args->names[3]);
    } else if (bridge->fdb_known) {
        fake_learn(bridge, what, args->names[3],
                   args->n > 4 ? atoi(args->names[4]) : 0);
    }
}

/* Carries out 'args' if it is a command for ports that are there or to come,
 * or for what is behind them; else returns false. */
bool
script_port_command(struct script *s, const struct svec *args)
{
    const char *cmd = args->names[0];
    struct switch_bridge *bridge = (args->n > 2
                                    ? fake_bridge(&s->fake, args->names[1])
                                    : NULL);

    if (!bridge) {
        return false;
    } else if (!strcmp(cmd, "port")) {
        cmd_port(s, args);
    } else if (!strcmp(cmd, "fdb")) {
        cmd_fdb(s, args);
    } else if (!strcmp(cmd, "del-port")) {
        fake_forget(bridge, args->names[2]);
        fake_del_port(bridge, args->names[2]);
    } else if (!strcmp(cmd, "fail-port")) {
        fake_fail_port(bridge, args->names[2]);
    } else if (!strcmp(cmd, "bond")) {
        fake_set_active(bridge, args->names[2], args->names[3]);
    } else {
        return false;
    }
    return true;
}
