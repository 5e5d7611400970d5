/* SPDX-License-Identifier: Apache-2.0 */

/* Whether promiscuous delivery is in place, and if not, why: see promisc.h. */

#include <config.h>
#include "promisc.h"

#include "openvswitch/util.h"

/* Is everything there, and does the datapath follow?  Then nothing is lost by
 * keeping floods from the promiscuous ports. */
bool
promisc_is_armed(const struct promisc *p, const struct switch_state *state)
{
    for (size_t m = 0; m < PROMISC_MAX_MIRRORS; m++) {
        if (p->has[m] && !promisc_mirror_is_right(p, m)) {
            return false;
        }
    }
    return (p->n_ports && state->config_settled && p->private_bridge
            && p->private_bridge->settled_epoch == p->wg->bridge->epoch
            && promisc_flows_are_in_place(p));
}

/* Are the patch ports shut to floods and packet-ins? */
bool
promisc_ends_are_guarded(const struct promisc *p)
{
    for (size_t end = 0; end < PROMISC_MAX_ENDS; end++) {
        const struct switch_port *port = p->ends[end];

        if (p->has[end]
            && (!port || !port->no_flood || !port->no_packet_in)) {
            return false;
        }
    }
    return true;
}

/* Finds what will not mend itself, whatever time passes. */
static bool
find_fault(const struct promisc *p, struct fault *fault)
{
    for (size_t m = 0; m < PROMISC_MAX_MIRRORS; m++) {
        const struct switch_port *end = p->ends[promisc_end(m)];

        if (!p->has[m]) {
            continue;
        }
        if (end && switch_port_ofport(end) < 0) {
            fault_set(fault, "port-failed",
                      "Open vSwitch could not make port %s: %s", end->name,
                      end->ifaces[0]->error);
        } else if (p->mirrors[m] && p->mirrors[m]->dead) {
            fault_set(fault, "mirror-dead",
                      "Open vSwitch does not run a mirror of the group on "
                      "bridge %s (its statistics stay empty); see "
                      "ovs-vswitchd.log.", p->wg->bridge->name);
        }
    }
    return fault_is_set(fault);
}

/* Says what is still lacking; only when it is overdue. */
static void
explain(const struct promisc *p, const struct switch_state *state,
        struct fault *fault)
{
    const char *bridge = p->wg->bridge->name;

    if (!state->config_settled) {
        fault_set(fault, "switch-down",
                  "ovs-vswitchd does not apply its database; is it running?");
    } else if (!p->wg->bridge->flows_known || !p->private_bridge
               || !p->private_bridge->flows_known) {
        fault_set(fault, "no-openflow",
                  "Bridge %s does not answer OpenFlow over its management "
                  "socket; is ovs-vswitchd running?", bridge);
    } else if (!promisc_flows_are_in_place(p)) {
        fault_set(fault, "flow-failed",
                  "Bridge %s did not take the rules that bring promiscuous "
                  "ports their frames; see ovs-spand.log.", bridge);
    } else {
        fault_set(fault, "not-applied",
                  "The ports and mirrors for promiscuous ports on bridge %s "
                  "are not as they should be; see ovs-spand.log.", bridge);
    }
}

/* Judges whether the promiscuous ports of 'wg' get what they should, and
 * nobody else does.  Returns true if so; else sets '*pending', or 'fault'. */
bool
promisc_judge(const struct wanted_group *wg, const struct switch_state *state,
              bool overdue, bool *pending, struct fault *fault)
{
    struct promisc p;
    bool done;

    promisc_find(&p, wg, state);
    done = !p.n_ports || promisc_is_armed(&p, state);
    for (size_t i = 0; i < p.n_ports; i++) {
        done = done && p.ports[i].wanted && p.ports[i].port->no_flood;
    }
    if (!done && !find_fault(&p, fault)) {
        if (overdue) {
            explain(&p, state, fault);
        } else {
            *pending = true;
        }
    }
    promisc_destroy(&p);
    return done;
}
