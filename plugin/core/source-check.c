/* SPDX-License-Identifier: Apache-2.0 */

/* Frames that a mirror would copy twice: see source-check.h. */

#include <config.h>
#include "source-check.h"

#include <string.h>

#include "openvswitch/util.h"
#include "promisc.h"
#include "smap.h"
#include "util.h"

/* The first release of each branch with "ofproto-dpif-xlate: Avoid mirroring
 * on recirculation"; later branches begin with it. */
static const struct mended {
    int major, minor, patch;
} mended[] = { { 3, 3, 8 }, { 3, 4, 5 }, { 3, 5, 3 }, { 3, 6, 2 } };
#define MENDED_TEXT "3.3.8, 3.4.5, 3.5.3, 3.6.2 or 3.7"

/* What is on the way to X.Y+1.0 is called X.Y.90. */
#define DEVELOPMENT 90

/* Does 'ovs_version', as in Open_vSwitch.ovs_version, copy once what a bond
 * hashes?  One that cannot be read, "" for example, does not. */
bool
source_version_copies_once(const char *ovs_version)
{
    int major = 0, minor = 0, patch = 0;

    if (!ovs_scan(ovs_version, "%d.%d.%d", &major, &minor, &patch)
        && !ovs_scan(ovs_version, "%d.%d", &major, &minor)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_SIZE(mended); i++) {
        if (major == mended[i].major && minor == mended[i].minor) {
            return patch >= mended[i].patch && patch < DEVELOPMENT;
        }
    }
    return major > 3 || (major == 3 && minor > 6);
}

/* Does each frame that leaves 'bridge' through 'port' pass the datapath twice?
 * The datapath in userspace can do without. */
static bool
passes_twice(const struct switch_bridge *bridge,
             const struct switch_port *port)
{
    return (port->n_ifaces > 1 && !strcmp(port->bond_mode, "balance-tcp")
            && !(port->lb_output
                 && !strcmp(switch_bridge_type(bridge), "netdev")));
}

/* Does 'port' carry one of 'vlans'?  None stands for all. */
static bool
carries_any(const struct switch_port *port, const uint16_t *vlans,
            size_t n_vlans)
{
    for (size_t i = 0; i < n_vlans; i++) {
        if (switch_port_carries(port, vlans[i])) {
            return true;
        }
    }
    return !n_vlans;
}

/* Returns the first of the ports 'dst' of 'bridge' that makes a mirror of what
 * they are given in 'vlans' take frames twice, or NULL. */
static const struct switch_port *
find_doubling(const struct switch_bridge *bridge,
              const struct switch_port *const *dst, size_t n_dst,
              const uint16_t *vlans, size_t n_vlans)
{
    for (size_t i = 0; i < n_dst; i++) {
        if (passes_twice(bridge, dst[i])
            && carries_any(dst[i], vlans, n_vlans)) {
            return dst[i];
        }
    }
    return NULL;
}

/* Says that what leaves through 'port' is copied twice, and what helps: what
 * always does and 'remedy'. */
static void
say_twice(const struct switch_bridge *bridge, const struct switch_port *port,
          const struct switch_state *state, const char *remedy,
          struct fault *fault)
{
    bool known = state->ovs_version[0] != '\0';

    fault_set(fault, "copied-twice",
              "Open vSwitch%s%s copies twice what leaves through bond %s, "
              "which has bond_mode=balance-tcp.  Write bond_mode=balance-slb "
              "or active-backup%s%s, or upgrade Open vSwitch to "MENDED_TEXT
              ".", known ? " " : ", of a version that is not known,",
              known ? state->ovs_version : "", port->name,
              strcmp(switch_bridge_type(bridge), "netdev")
              ? "" : ", or other_config:lb-output-action=true", remedy);
}

/* Checks that no frame is copied twice to 'ws'.  Returns true if so, else
 * false with 'fault' set. */
bool
source_check_session(const struct wanted_session *ws,
                     const struct switch_state *state, struct fault *fault)
{
    if (source_version_copies_once(state->ovs_version)) {
        return true;
    }
    for (size_t i = 0; i < ws->n_legs; i++) {
        const struct wanted_leg *leg = &ws->legs[i];
        const struct switch_port *port
            = find_doubling(leg->bridge, leg->dst, leg->n_dst, leg->vlans,
                            leg->n_vlans);

        if (port) {
            say_twice(leg->bridge, port, state,
                      ", mirror only what comes from it", fault);
            return false;
        }
    }
    return true;
}

/* Does an ovn-controller run 'bridge'?  It keeps notes there. */
static bool
is_ovn(const struct switch_bridge *bridge)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &bridge->external_ids) {
        if (!strncmp(node->key, "ct-zone-", 8)
            || !strcmp(node->key, "ovn-nb-cfg")) {
            return true;
        }
    }
    return false;
}

/* Finds the bond whose frames reach the ports of 'p' twice, or NULL. */
static const struct switch_port *
find_group_doubling(const struct promisc *p, const struct switch_state *state)
{
    static const size_t mirrors[] = { PROMISC_COPY, PROMISC_COPY_SHADOW };
    const struct switch_port *port = NULL;

    if (source_version_copies_once(state->ovs_version)) {
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_SIZE(mirrors) && !port; i++) {
        struct promisc_selection s;

        if (p->has[mirrors[i]]) {
            promisc_select(p, mirrors[i], &s);
            port = find_doubling(p->wg->bridge, s.dst, s.n_dst, s.vlans,
                                 s.n_vlans);
            promisc_selection_destroy(&s);
        }
    }
    return port;
}

/* Checks that no frame reaches the promiscuous ports of 'wg' twice.  Returns
 * true if so, else false with 'fault' set. */
bool
source_check_group(const struct wanted_group *wg,
                   const struct switch_state *state, struct fault *fault)
{
    const struct switch_port *bond;
    struct promisc p;

    promisc_find(&p, wg, state);
    bond = find_group_doubling(&p, state);
    if (bond) {
        say_twice(wg->bridge, bond, state,
                  p.by_egress ? "" : ", take it out of the group", fault);
    } else if (p.n_ports && is_ovn(wg->bridge)) {
        /* Its flows send them to each port, whatever no-flood says. */
        fault_set(fault, "copied-twice",
                  "OVN runs bridge %s and sends broadcasts and multicasts to "
                  "each port of a logical switch itself: they reach "
                  "promiscuous ports twice, all else once.  For each frame "
                  "once use a session with source=group:%s.",
                  wg->bridge->name, wg->group->name);
    }
    promisc_destroy(&p);
    return !fault_is_set(fault);
}
