/* SPDX-License-Identifier: Apache-2.0 */

/* Which ports can be promiscuous, and how many: a part of resolve(). */

#include <config.h>
#include "promisc.h"

#include <string.h>

#include "conflict.h"
#include "mac-policy.h"
#include "openvswitch/util.h"
#include "wanted-leg.h"

/* Is 'port' one that a virtual machine may be at the other end of? */
static bool
is_suitable(const struct switch_port *port)
{
    static const char *const types[] = {
        "", "system", "internal", "tap", "afxdp", "afxdp-nonpmd",
        "dpdkvhostuser", "dpdkvhostuserclient", "dummy",
    };

    for (size_t i = 0; port->n_ifaces == 1 && i < ARRAY_SIZE(types); i++) {
        if (!strcmp(switch_port_type(port), types[i])) {
            return true;
        }
    }
    return false;
}

/* Is 'port' promiscuous in one of the first 'n' groups of 'wanted'? */
static const struct wanted_group *
find_other_group(const struct wanted *wanted, size_t n,
                 const struct switch_port *port)
{
    for (size_t i = 0; i < n; i++) {
        const struct wanted_group *wg = &wanted->groups[i];

        for (size_t j = 0; j < wg->n_ports; j++) {
            if (wg->ports[j].port == port
                && wg->ports[j].policy.promiscuous == DECISION_ACCEPT) {
                return wg;
            }
        }
    }
    return NULL;
}

/* Checks the promiscuous ports of group 'g' of 'wanted'.  Those that cannot be
 * are not, and the group's fault says why. */
static void
check_ports(struct wanted *wanted, size_t g)
{
    struct wanted_group *wg = &wanted->groups[g];
    size_t n = 0;

    for (size_t i = 0; i < wg->n_ports; i++) {
        struct group_port *gp = &wg->ports[i];
        const struct wanted_group *other;

        if (gp->policy.promiscuous != DECISION_ACCEPT) {
            continue;
        }
        other = find_other_group(wanted, g, gp->port);
        if (!is_suitable(gp->port)) {
            FAULT_ONCE(&wg->fault, "port-unsuitable",
                       "Port %s is a bond, a tunnel or a patch port and "
                       "cannot be promiscuous; name the ports of virtual "
                       "machines in promiscuous_ports.", gp->port->name);
        } else if (other) {
            FAULT_ONCE(&wg->fault, "member-conflict",
                       "Port %s is promiscuous in group %s already and is "
                       "not in this one; a port is promiscuous in one group.",
                       gp->port->name, other->group->name);
        } else if (++n > PROMISC_MAX_PORTS) {
            FAULT_ONCE(&wg->fault, "too-many",
                       "A group has %d promiscuous ports at the most on a "
                       "host; the others, %s among them, are not.",
                       PROMISC_MAX_PORTS, gp->port->name);
        } else {
            continue;
        }
        gp->policy.promiscuous = DECISION_REJECT;
    }
}

/* Where a controller does what the switch would, the switch learns no
 * addresses. */
static void
check_addresses(struct wanted_group *wg)
{
    const struct switch_port *unknown = NULL;
    size_t n = 0;

    for (size_t i = 0; i < wg->n_ports; i++) {
        const struct group_port *gp = &wg->ports[i];

        if (gp->policy.promiscuous == DECISION_ACCEPT) {
            n++;
            unknown = mac_policy_is_given(gp->port) ? unknown : gp->port;
        }
    }
    if (n > 1 && unknown && wg->bridge->has_controller) {
        FAULT_ONCE(&wg->fault, "mac-unknown",
                   "Nobody says which address port %s was given; until it has "
                   "sent something, frames for it do not reach the other "
                   "promiscuous ports.  Set external_ids:attached-mac of its "
                   "Interface.", unknown->name);
    }
}

/* Checks the promiscuous ports of all groups of 'wanted', when all that else
 * keeps them from being so is known. */
void
promisc_check_groups(struct wanted *wanted, const struct switch_state *state)
{
    for (size_t i = 0; i < wanted->n_groups; i++) {
        struct wanted_group *wg = &wanted->groups[i];
        struct fault fault = FAULT_INITIALIZER;

        if (wg->state != WANTED_RUNNING || !wg->bridge) {
            continue;
        }
        check_ports(wanted, i);
        check_addresses(wg);
        if (!conflict_check_group_limit(wanted, i, state, &fault)) {
            wg->state = WANTED_REFUSED;
            fault_move(&wg->fault, &fault);
        }
    }
}
