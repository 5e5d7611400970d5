/* SPDX-License-Identifier: Apache-2.0 */

/* What there is to say of one port of an observed switch: see
 * switch-state.h. */

#include <config.h>
#include "switch-state.h"

#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

/* Of a bridge's own port, as the database has it (OFPP_LOCAL). */
#define OFPORT_LOCAL 65534

/* The OpenFlow number of a port with one interface; 0 = none yet, -1 = it
 * will have none until somebody mends it.  A bond has no number of its own;
 * that of the first of its interfaces that has one stands for it. */
int64_t
switch_port_ofport(const struct switch_port *port)
{
    for (size_t i = 0; i < port->n_ifaces; i++) {
        if (port->ifaces[i]->ofport > 0) {
            return port->ifaces[i]->ofport;
        }
    }
    return port->n_ifaces ? port->ifaces[0]->ofport : 0;
}

/* Does vswitchd have the port in its datapath, at least one interface of it?
 * A row alone carries nothing: its device may not be there. */
bool
switch_port_works(const struct switch_port *port)
{
    for (size_t i = 0; i < port->n_ifaces; i++) {
        if (port->ifaces[i]->ofport > 0) {
            return true;
        }
    }
    return false;
}

/* The type of the port's first interface; "" = system. */
const char *
switch_port_type(const struct switch_port *port)
{
    return port->n_ifaces ? port->ifaces[0]->type : "";
}

/* What a port of ours is for; "" = it does not say. */
const char *
switch_port_role(const struct switch_port *port)
{
    return smap_get_def(&port->external_ids, SPAN_KEY_ROLE, "");
}

/* Is 'ofport' the OpenFlow number of an interface of 'port'? */
bool
switch_port_has_ofport(const struct switch_port *port, int64_t ofport)
{
    for (size_t i = 0; i < port->n_ifaces && ofport > 0; i++) {
        if (port->ifaces[i]->ofport == ofport) {
            return true;
        }
    }
    return false;
}

static bool
trunks_contain(const struct switch_port *port, uint16_t vlan)
{
    for (size_t i = 0; i < port->n_trunks; i++) {
        if (port->trunks[i] == vlan) {
            return true;
        }
    }
    return !port->n_trunks;
}

/* Do frames of 'vlan', 0 for those without one, go in and out of 'port'?  (OVS
 * ofproto/ofproto-dpif.c, bundle_set(): the native VLAN is always carried, and
 * frames without a VLAN never are where there is one.) */
bool
switch_port_carries(const struct switch_port *port, uint16_t vlan)
{
    switch (port->vlan_mode) {
    case VLAN_NATIVE_TAGGED:
    case VLAN_NATIVE_UNTAGGED:
        if (port->tag) {
            return (vlan == port->tag
                    || (vlan && trunks_contain(port, vlan)));
        }
        /* fall through */
    case VLAN_TRUNK:
        return trunks_contain(port, vlan);
    case VLAN_ACCESS:
    case VLAN_DOT1Q_TUNNEL:
    default:
        return vlan == port->tag;
    }
}

/* Do frames of 'vlan', which 'port' carries, leave it with the tag of that
 * VLAN?  (OVS ofproto/ofproto-dpif-xlate.c, xvlan_output_translate().) */
bool
switch_port_tags(const struct switch_port *port, uint16_t vlan)
{
    switch (port->vlan_mode) {
    case VLAN_TRUNK:
    case VLAN_NATIVE_TAGGED:
        return vlan != 0;
    case VLAN_NATIVE_UNTAGGED:
        return vlan != 0 && vlan != port->tag;
    case VLAN_ACCESS:
    case VLAN_DOT1Q_TUNNEL:
    default:
        return false;
    }
}

/* As in Port.vlan_mode. */
static const char *const vlan_modes[] = {
    [VLAN_ACCESS] = "access",
    [VLAN_TRUNK] = "trunk",
    [VLAN_NATIVE_TAGGED] = "native-tagged",
    [VLAN_NATIVE_UNTAGGED] = "native-untagged",
    [VLAN_DOT1Q_TUNNEL] = "dot1q-tunnel",
};

/* Returns the mode of 'port' as it is written in Port.vlan_mode. */
const char *
switch_port_vlan_mode(const struct switch_port *port)
{
    return vlan_modes[port->vlan_mode];
}

/* Sets what 'port' does with VLANs from its columns: 'mode' is Port.vlan_mode,
 * "" if it is empty, and 'tag' is -1 if there is none.  As in OVS
 * vswitchd/bridge.c, port_configure(): without a mode a port with a tag is an
 * access port; a trunk has no use for a tag, and an access port none for
 * trunks. */
void
switch_port_set_vlans(struct switch_port *port, const char *mode, int tag,
                      const uint16_t *trunks, size_t n_trunks)
{
    port->vlan_mode = !mode[0] && tag >= 0 ? VLAN_ACCESS : VLAN_TRUNK;
    for (size_t i = 0; i < ARRAY_SIZE(vlan_modes); i++) {
        if (!strcmp(mode, vlan_modes[i])) {
            port->vlan_mode = i;
        }
    }
    port->tag = port->vlan_mode == VLAN_TRUNK ? 0 : MAX(tag, 0);
    free(port->trunks);
    port->trunks = NULL;
    port->n_trunks = 0;
    if (n_trunks && port->vlan_mode != VLAN_ACCESS
        && port->vlan_mode != VLAN_DOT1Q_TUNNEL) {
        port->trunks = xmemdup(trunks, n_trunks * sizeof *trunks);
        port->n_trunks = n_trunks;
    }
}

/* Reads 'line' of what vswitchd's command "fdb/show" prints, PORT VLAN MAC
 * AGE.  Returns false if it is none, as the heading. */
bool
switch_address_parse(struct switch_address *address, const char *line)
{
    char port[16];
    int vlan;

    if (!ovs_scan(line, " %15s %d "ETH_ADDR_SCAN_FMT, port, &vlan,
                  ETH_ADDR_SCAN_ARGS(address->mac))
        || vlan < 0 || vlan > 4095) {
        return false;
    }
    address->vlan = vlan;
    address->ofport = (!strcmp(port, "LOCAL") ? OFPORT_LOCAL
                       : strtoll(port, NULL, 10));
    return address->ofport > 0;
}
