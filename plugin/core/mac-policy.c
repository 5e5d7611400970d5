/* SPDX-License-Identifier: Apache-2.0 */

/* Source addresses of port groups' members: see mac-policy.h. */

#include <config.h>
#include "mac-policy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"
#include "wanted-group.h"
#include "wanted-leg.h"

#define N_BITS 48

/* Of a bridge's own port (OFPP_LOCAL). */
#define OFPORT_LOCAL 65534

/* Returns by what 'gp', a member, may not send with other addresses. */
enum mac_breach
mac_policy_of(const struct group_port *gp)
{
    return (gp->policy.forged_transmits == DECISION_REJECT ? BREACH_FORGED
            : gp->policy.mac_changes == DECISION_REJECT ? BREACH_CHANGED
            : BREACH_NONE);
}

/* Is the policy of 'wg' in force, and is there something in it for rules to
 * see to? */
bool
mac_policy_applies(const struct wanted_group *wg)
{
    if (wg->state != WANTED_RUNNING && wg->state != WANTED_EXPIRED) {
        return false;
    }
    for (size_t i = 0; i < wg->n_ports; i++) {
        if (mac_policy_of(&wg->ports[i]) != BREACH_NONE) {
            return true;
        }
    }
    return false;
}

/* Finds the address that somebody says 'port' was given: its interface's
 * external_ids:attached-mac, or an internal port's device.  The device of
 * another port is not the virtual machine's. */
static bool
find_given(const struct switch_port *port, struct eth_addr *mac)
{
    for (size_t i = 0; i < port->n_ifaces; i++) {
        const char *text = smap_get(&port->ifaces[i]->external_ids,
                                    "attached-mac");

        if (text && eth_addr_from_string(text, mac)) {
            return true;
        }
    }
    return (port->n_ifaces == 1 && !strcmp(switch_port_type(port), "internal")
            && eth_addr_from_string(port->ifaces[0]->mac, mac));
}

/* Does somebody say which address 'port' was given? */
bool
mac_policy_is_given(const struct switch_port *port)
{
    struct eth_addr mac;

    return find_given(port, &mac);
}

/* Finds the address that the rules on 'bridge' hold 'port' to now. */
static bool
find_held(const struct switch_bridge *bridge, const struct switch_port *port,
          struct eth_addr *mac)
{
    uint64_t address = 0, seen = 0;

    for (size_t i = 0; i < bridge->n_flows; i++) {
        const struct span_flow *flow = &bridge->flows[i];
        struct eth_addr value, mask;
        enum mac_breach breach;
        int in_port;

        if (mac_policy_knows(flow, &breach)
            && ovs_scan(flow->match, "in_port=%d,dl_src="ETH_ADDR_SCAN_FMT
                        "/"ETH_ADDR_SCAN_FMT, &in_port,
                        ETH_ADDR_SCAN_ARGS(value), ETH_ADDR_SCAN_ARGS(mask))
            && in_port == switch_port_ofport(port)) {
            uint64_t bit = eth_addr_to_uint64(mask);

            seen |= bit;
            address |= eth_addr_to_uint64(value) & bit ? 0 : bit;
        }
    }
    eth_addr_from_uint64(address, mac);
    return seen == (UINT64_C(1) << N_BITS) - 1;
}

/* Finds the only address that 'bridge' has learned at 'port'. */
static bool
find_learned(const struct switch_bridge *bridge,
             const struct switch_port *port, struct eth_addr *mac)
{
    bool found = false;

    for (size_t i = 0; i < bridge->n_fdb; i++) {
        const struct switch_address *a = &bridge->fdb[i];

        if (a->ofport == switch_port_ofport(port)) {
            if (found && !eth_addr_equals(*mac, a->mac)) {
                return false;
            }
            *mac = a->mac;
            found = true;
        }
    }
    return found;
}

/* Finds the initial address of 'port': the one that it was given.  Where
 * nobody says which that is, it is the one that the port is held to already,
 * else the only one that 'bridge' has learned there.  Returns false if it is
 * not known. */
bool
mac_policy_initial(const struct switch_bridge *bridge,
                   const struct switch_port *port, struct eth_addr *mac)
{
    return (find_given(port, mac) || find_held(bridge, port, mac)
            || find_learned(bridge, port, mac));
}

/* Says if there are members of 'wg' whose address is not known. */
void
mac_policy_check(struct wanted_group *wg)
{
    for (size_t i = 0; i < wg->n_ports; i++) {
        const struct group_port *gp = &wg->ports[i];
        struct eth_addr mac;

        if (mac_policy_of(gp) != BREACH_NONE
            && switch_port_works(gp->port)
            && !mac_policy_initial(wg->bridge, gp->port, &mac)) {
            FAULT_ONCE(&wg->fault, "mac-unknown",
                       "Nobody says which address port %s was given, and it "
                       "is not the only one that has been seen there, so it "
                       "may send with any; set external_ids:attached-mac of "
                       "its Interface.", gp->port->name);
        }
    }
}

/* Makes '*flow', whatever it held before, the rule for 'bit' of 'mac', in the
 * form that flow_init() gives, without its detours: there are many. */
static void
init_flow(struct span_flow *flow, int64_t ofport, struct eth_addr mac,
          int bit, enum mac_breach breach, uint64_t cookie)
{
    uint64_t mask = UINT64_C(1) << bit;
    struct eth_addr mask_addr, value;
    char port[24];

    eth_addr_from_uint64(mask, &mask_addr);
    eth_addr_from_uint64(~eth_addr_to_uint64(mac) & mask, &value);
    snprintf(port, sizeof port, "%"PRId64, ofport);
    *flow = (struct span_flow) {
        .priority = (breach == BREACH_FORGED ? SPAN_PRIO_FORGED
                     : SPAN_PRIO_CHANGED),
        .cookie = cookie,
        .match = xasprintf("in_port=%s,dl_src="ETH_ADDR_FMT"/"ETH_ADDR_FMT,
                           ofport == OFPORT_LOCAL ? "LOCAL" : port,
                           ETH_ADDR_ARGS(value), ETH_ADDR_ARGS(mask_addr)),
        .actions = xstrdup("drop"),
    };
}

/* Does 'wg' have the rules for 'port', a member that it does not let send with
 * other addresses by 'breach'?  Of several groups that is the first with the
 * greatest part of the policy. */
static bool
has_rules(const struct wanted *wanted, const struct wanted_group *wg,
          const struct switch_port *port, enum mac_breach breach)
{
    for (size_t i = 0; i < wanted->n_groups; i++) {
        const struct wanted_group *other = &wanted->groups[i];
        const struct group_port *gp = wanted_group_find_port(other, port);
        enum mac_breach its = gp ? mac_policy_of(gp) : BREACH_NONE;

        if (its > breach || (its == breach && other < wg)) {
            if (mac_policy_applies(other)) {
                return false;
            }
        }
    }
    return true;
}

static void
build_port(const struct wanted_group *wg, const struct group_port *gp,
           struct flow_list *flows)
{
    struct eth_addr mac;

    if (!mac_policy_initial(wg->bridge, gp->port, &mac)) {
        return;
    }
    for (size_t i = 0; i < gp->port->n_ifaces; i++) {
        int64_t ofport = gp->port->ifaces[i]->ofport;

        for (int bit = 0; bit < N_BITS && ofport > 0; bit++) {
            struct span_flow flow;

            init_flow(&flow, ofport, mac, bit, mac_policy_of(gp),
                      flow_cookie(&wg->group->uuid));
            flow_list_add(flows, &flow);
        }
    }
}

/* Appends to 'flows' the rules that 'bridge' should have for the groups of
 * 'wanted'. */
void
mac_policy_build(const struct wanted *wanted,
                 const struct switch_bridge *bridge, struct flow_list *flows)
{
    for (size_t i = 0; i < wanted->n_groups; i++) {
        const struct wanted_group *wg = &wanted->groups[i];

        if (wg->bridge != bridge || !mac_policy_applies(wg)) {
            continue;
        }
        for (size_t j = 0; j < wg->n_ports; j++) {
            const struct group_port *gp = &wg->ports[j];
            enum mac_breach breach = mac_policy_of(gp);

            if (breach != BREACH_NONE
                && has_rules(wanted, wg, gp->port, breach)) {
                build_port(wg, gp, flows);
            }
        }
    }
}

/* Is 'flow', an observed one, such a rule?  Then sets '*breach'. */
bool
mac_policy_knows(const struct span_flow *flow, enum mac_breach *breach)
{
    const char *source;

    if (flow->table
        || (flow->priority != SPAN_PRIO_FORGED
            && flow->priority != SPAN_PRIO_CHANGED)
        || strncmp(flow->match, "in_port=", 8)
        || strcmp(flow->actions, "drop")
        || !flow_cookie_is_ours(flow->cookie)) {
        return false;
    }
    source = strchr(flow->match, ',');
    *breach = (flow->priority == SPAN_PRIO_FORGED ? BREACH_FORGED
               : BREACH_CHANGED);
    return (source && !strncmp(source, ",dl_src=", 8)
            && strchr(source, '/'));
}

/* Returns the rule for 'bit' of 'mac' that 'bridge' has, whichever group's it
 * is, or NULL. */
static const struct span_flow *
find_flow(const struct switch_bridge *bridge, int64_t ofport,
          struct eth_addr mac, int bit)
{
    static const enum mac_breach breaches[] = {
        BREACH_FORGED, BREACH_CHANGED,
    };

    for (size_t i = 0; i < ARRAY_SIZE(breaches); i++) {
        const struct span_flow *flow;
        struct span_flow key;

        init_flow(&key, ofport, mac, bit, breaches[i], 0);
        flow = flow_find(bridge->flows, bridge->n_flows, &key);
        if (flow && flow_cookie_is_ours(flow->cookie)
            && !strcmp(flow->actions, key.actions)) {
            flow_destroy(&key);
            return flow;
        }
        flow_destroy(&key);
    }
    return NULL;
}

/* Counts of the rules that 'gp' of 'wg' should have those that are there, and
 * what they have counted. */
static size_t
count_flows(const struct wanted_group *wg, const struct group_port *gp,
            size_t *n_wanted, uint64_t *packets)
{
    struct eth_addr mac;
    size_t n = 0;

    *n_wanted = 0;
    *packets = 0;
    if (mac_policy_of(gp) == BREACH_NONE
        || !mac_policy_initial(wg->bridge, gp->port, &mac)) {
        return 0;
    }
    for (size_t i = 0; i < gp->port->n_ifaces; i++) {
        int64_t ofport = gp->port->ifaces[i]->ofport;

        for (int bit = 0; bit < N_BITS && ofport > 0; bit++) {
            const struct span_flow *flow = find_flow(wg->bridge, ofport, mac,
                                                     bit);

            ++*n_wanted;
            n += flow != NULL;
            *packets += flow ? flow->packets : 0;
        }
    }
    return n;
}

/* Returns how many frames of 'gp', a member of 'wg', the rules have dropped
 * since they were made. */
uint64_t
mac_policy_packets(const struct wanted_group *wg, const struct group_port *gp)
{
    uint64_t packets;
    size_t n_wanted;

    count_flows(wg, gp, &n_wanted, &packets);
    return packets;
}

/* Judges whether all rules for the members of 'wg' are in place; else sets
 * 'pending', or 'fault' if they are 'overdue'. */
void
mac_policy_judge(const struct wanted_group *wg, bool overdue, bool *pending,
                 struct fault *fault)
{
    for (size_t i = 0; i < wg->n_ports && mac_policy_applies(wg); i++) {
        uint64_t packets;
        size_t n_wanted;
        size_t n = count_flows(wg, &wg->ports[i], &n_wanted, &packets);

        if (wg->bridge->flows_known && n == n_wanted) {
            continue;
        }
        if (!overdue) {
            *pending = true;
        } else if (!wg->bridge->flows_known) {
            fault_set(fault, "no-openflow",
                      "Bridge %s does not answer OpenFlow over its management "
                      "socket; is ovs-vswitchd running?", wg->bridge->name);
        } else {
            fault_set(fault, "flow-failed",
                      "Bridge %s did not take the rules for port %s; see "
                      "ovs-spand.log.", wg->bridge->name,
                      wg->ports[i].port->name);
        }
        return;
    }
}
