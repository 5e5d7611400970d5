/* SPDX-License-Identifier: Apache-2.0 */

/* How many source addresses port groups' members have: see mac-limit.h. */

#include <config.h>
#include "mac-limit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mac-policy.h"
#include "name.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"
#include "uuid.h"
#include "wanted-group.h"

/* Of the rules that are learned, one for each address that has a place, and
 * for each that was refused: they are neither compared nor restored, and go
 * with the rule that learns. */
#define COOKIE_PLACE   UINT64_C(0x5350414100000000)
#define COOKIE_REFUSED UINT64_C(0x5350415200000000)

/* So many refused addresses of a port are remembered: what comes from more of
 * them at a time is dropped as well, but not all of it counted. */
#define MAX_REFUSED 256

/* Of a bridge's own port (OFPP_LOCAL). */
#define OFPORT_LOCAL 65534

/* The rules of a port, by what they match in register 15. */
enum rule {
    RULE_ENTER,                 /* It comes in. */
    RULE_LEARN,                 /* Its address is not known. */
    RULE_PASS,                  /* It has a place. */
    RULE_REFUSE,                /* It has none. */
    RULE_OVER,                  /* It had none before, either. */
    RULE_REST,                  /* It may have one: see mac-limit.h. */
    N_RULES
};

static const struct {
    uint16_t priority;
    const char *stage;
} rules[N_RULES] = {
    [RULE_ENTER] = { SPAN_PRIO_LIMIT, "reg15=0/0xe0000000" },
    [RULE_LEARN] = { SPAN_PRIO_LIMIT_REST, "reg15=0x20000000/0xe0000000" },
    [RULE_PASS] = { SPAN_PRIO_LIMIT, "reg15=0x70000000/0xf8000000" },
    [RULE_REFUSE] = { SPAN_PRIO_LIMIT, "reg15=0x60000000/0xf0000000" },
    [RULE_OVER] = { SPAN_PRIO_LIMIT, "reg15=0x7c000000/0xfc000000" },
    [RULE_REST] = { SPAN_PRIO_LIMIT_REST, "reg15=0x40000000/0xc0000000" },
};

/* On to the rules of the bridge. */
#define GO_ON "set_field:0x80000000/0xfc000000->reg15,resubmit(,0)"

/* Is the limit of 'gp', a member of 'wg', in force?  Where a port must not
 * have a second address, there is nothing to count. */
static bool
limit_holds(const struct wanted_group *wg, const struct group_port *gp)
{
    return ((wg->state == WANTED_RUNNING || wg->state == WANTED_EXPIRED)
            && gp->policy.mac_limit > 0
            && mac_policy_of(gp) == BREACH_NONE);
}

/* Is the limit of 'a' stricter than that of 'b'? */
static bool
is_stricter(const struct port_policy *a, const struct port_policy *b)
{
    return (a->limit_policy != b->limit_policy
            ? a->limit_policy == MAC_LIMIT_DROP
            : a->mac_limit < b->mac_limit);
}

/* Does 'wg' have the rules for 'gp'?  Of several groups that is the first with
 * the strictest limit. */
static bool
has_rules(const struct wanted *wanted, const struct wanted_group *wg,
          const struct group_port *gp)
{
    for (size_t i = 0; i < wanted->n_groups; i++) {
        const struct wanted_group *other = &wanted->groups[i];
        const struct group_port *its = wanted_group_find_port(other, gp->port);

        if (other != wg && its && limit_holds(other, its)
            && (is_stricter(&its->policy, &gp->policy)
                || (other < wg
                    && !is_stricter(&gp->policy, &its->policy)))) {
            return false;
        }
    }
    return limit_holds(wg, gp);
}

static bool
share_number(const struct switch_port *a, const struct switch_port *b)
{
    for (size_t i = 0; i < a->n_ifaces; i++) {
        for (size_t j = 0; j < b->n_ifaces; j++) {
            if (a->ifaces[i]->ofport > 0
                && a->ifaces[i]->ofport == b->ifaces[j]->ofport) {
                return true;
            }
        }
    }
    return false;
}

/* Has a port before port 'n' of 'wg' rules that match one of its numbers?
 * When a number goes from one port to another, the database may have it at
 * both for a moment: rules for both would replace each other for ever. */
static bool
number_is_taken(const struct wanted *wanted, const struct wanted_group *wg,
                size_t n)
{
    for (const struct wanted_group *other = wanted->groups; other <= wg;
         other++) {
        size_t end = other == wg ? n : other->n_ports;

        for (size_t i = 0; other->bridge == wg->bridge && i < end; i++) {
            if (other->ports[i].limited
                && share_number(other->ports[i].port, wg->ports[n].port)) {
                return true;
            }
        }
    }
    return false;
}

/* Finds out which group's rules see to the limit of which port, when it is
 * known what becomes of each group. */
void
mac_limit_assign(struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->n_groups; i++) {
        struct wanted_group *wg = &wanted->groups[i];

        for (size_t j = 0; j < wg->n_ports; j++) {
            wg->ports[j].limited = (has_rules(wanted, wg, &wg->ports[j])
                                    && !number_is_taken(wanted, wg, j));
        }
    }
}

/* Are there limits that the rules of 'wg' see to? */
bool
mac_limit_applies(const struct wanted_group *wg)
{
    for (size_t i = 0; i < wg->n_ports; i++) {
        if (wg->ports[i].limited) {
            return true;
        }
    }
    return false;
}

/* The OpenFlow number by which the places of 'port' go, 0 if it has none yet.
 * A bond has one for all of its interfaces. */
static int64_t
find_key(const struct switch_port *port)
{
    for (size_t i = 0; i < port->n_ifaces; i++) {
        if (port->ifaces[i]->ofport > 0) {
            return port->ifaces[i]->ofport;
        }
    }
    return 0;
}

/* The lower half of the cookies of what is learned for 'gp': no other port of
 * the bridge has it, and with another limit it is another, which gives all
 * places anew. */
static uint64_t
learned_cookie(const struct wanted_group *wg, const struct group_port *gp)
{
    char *text = xasprintf(UUID_FMT"/"UUID_FMT"/%"PRId64,
                           UUID_ARGS(&wg->group->uuid),
                           UUID_ARGS(&gp->port->uuid), gp->policy.mac_limit);
    uint32_t hash = name_hash(text);

    free(text);
    return ((uint64_t) find_key(gp->port) << 16
            | ((hash ^ hash >> 16) & 0xffff));
}

/* Returns the name of port 'ofport' in rules, for the caller to free. */
static char *
port_name(int64_t ofport)
{
    return (ofport == OFPORT_LOCAL ? xstrdup("LOCAL")
            : xasprintf("%"PRId64, ofport));
}

/* Appends what learns the address of a frame, for as long as the bridge
 * remembers one: 'limit' of them, at the stage 'stage' of later frames, whose
 * bit 'bit' it then sets. */
static void
put_learning(struct ds *s, const struct wanted_group *wg, uint64_t cookie,
             int64_t limit, const char *result, const char *key, int stage,
             int bit)
{
    ds_put_format(s, "learn(table=0,idle_timeout=%d,priority=%d,"
                  "delete_learned,cookie=0x%"PRIx64",limit=%"PRId64",%s"
                  "in_port=%s,NXM_NX_REG15[29..31]=%d,NXM_OF_ETH_SRC[],"
                  "load:1->NXM_NX_REG15[%d])",
                  MIN(wg->bridge->mac_aging, UINT16_MAX), SPAN_PRIO_LIMIT,
                  cookie, limit, result, key, stage, bit);
}

/* Appends the actions of 'rule' for 'gp', whose name in rules is 'key'. */
static void
put_actions(struct ds *s, const struct wanted_group *wg,
            const struct group_port *gp, enum rule rule, const char *key)
{
    uint64_t cookie = learned_cookie(wg, gp);

    switch (rule) {
    case RULE_ENTER:
        ds_put_format(s, "set_field:0x20000000/0xfc000000->reg15,"
                      "resubmit(%s,0),set_field:0x60000000/0xe0000000->reg15,"
                      "resubmit(%s,0)", key, key);
        break;

    case RULE_LEARN:
        put_learning(s, wg, COOKIE_PLACE | cookie, gp->policy.mac_limit,
                     "result_dst=NXM_NX_REG15[28],", key, 1, 28);

        /* This one has no room, since the rule itself has its cookie. */
        ds_put_format(s, ",learn(table=0,priority=1,cookie=0x%"PRIx64","
                      "limit=1,result_dst=NXM_NX_REG15[27],in_port=%s,"
                      "NXM_NX_REG15[26..31]=63),"
                      "set_field:0x40000000/0xe0000000->reg15,resubmit(%s,0)",
                      flow_cookie(&wg->group->uuid), key, key);
        break;

    case RULE_REFUSE:
        put_learning(s, wg, COOKIE_REFUSED | cookie, MAX_REFUSED, "", key, 2,
                     26);
        ds_put_format(s, ",set_field:0x7c000000/0xfc000000->reg15,"
                      "resubmit(%s,0)", key);
        break;

    case RULE_PASS:
        ds_put_cstr(s, GO_ON);
        break;

    case RULE_OVER:
        ds_put_cstr(s, (gp->policy.limit_policy == MAC_LIMIT_ALLOW ? GO_ON
                        : "drop"));
        break;

    case RULE_REST:
    case N_RULES:
        ds_put_cstr(s, "drop");
        break;
    }
}

/* Makes '*flow' the rule 'rule' for 'gp' at its interface with number
 * 'ofport'. */
static bool
init_flow(struct span_flow *flow, const struct wanted_group *wg,
          const struct group_port *gp, enum rule rule, int64_t ofport)
{
    struct fault fault = FAULT_INITIALIZER;
    char *in_port = port_name(ofport);
    char *key = port_name(find_key(gp->port));
    char *match = xasprintf("in_port=%s,%s", in_port, rules[rule].stage);
    struct ds actions = DS_EMPTY_INITIALIZER;

    put_actions(&actions, wg, gp, rule, key);

    bool ok = flow_init(flow, 0, rules[rule].priority,
                        flow_cookie(&wg->group->uuid), match,
                        ds_cstr(&actions), &fault);

    fault_clear(&fault);
    ds_destroy(&actions);
    free(match);
    free(key);
    free(in_port);
    return ok;
}

/* Appends the rules for 'gp' to 'flows'; none while it has no number. */
static void
build_port(const struct wanted_group *wg, const struct group_port *gp,
           struct flow_list *flows)
{
    int64_t key = find_key(gp->port);
    struct span_flow flow;

    for (size_t i = 0; i < gp->port->n_ifaces; i++) {
        int64_t ofport = gp->port->ifaces[i]->ofport;

        if (ofport > 0 && init_flow(&flow, wg, gp, RULE_ENTER, ofport)) {
            flow_list_add(flows, &flow);
        }
    }
    for (enum rule rule = RULE_LEARN; key && rule < N_RULES; rule++) {
        if (init_flow(&flow, wg, gp, rule, key)) {
            flow_list_add(flows, &flow);
        }
    }
}

/* Appends to 'flows' the rules that 'bridge' should have for the groups of
 * 'wanted'. */
void
mac_limit_build(const struct wanted *wanted,
                const struct switch_bridge *bridge, struct flow_list *flows)
{
    for (size_t i = 0; i < wanted->n_groups; i++) {
        const struct wanted_group *wg = &wanted->groups[i];

        for (size_t j = 0; wg->bridge == bridge && j < wg->n_ports; j++) {
            if (wg->ports[j].limited) {
                build_port(wg, &wg->ports[j], flows);
            }
        }
    }
}

static bool
is_rule(const struct span_flow *flow, enum rule rule)
{
    return (!flow->table && flow->priority == rules[rule].priority
            && flow_cookie_is_ours(flow->cookie)
            && !strncmp(flow->match, rules[rule].stage,
                        strlen(rules[rule].stage)));
}

/* Is 'flow', an observed one, such a rule? */
bool
mac_limit_knows(const struct span_flow *flow)
{
    for (enum rule rule = 0; rule < N_RULES; rule++) {
        if (is_rule(flow, rule)) {
            return true;
        }
    }
    return false;
}

/* Does 'flow', an observed one, count frames over a limit?  Then sets
 * '*limit_policy' to what it does with them. */
bool
mac_limit_counts(const struct span_flow *flow,
                 enum mac_limit_policy *limit_policy)
{
    *limit_policy = (strcmp(flow->actions, "drop") ? MAC_LIMIT_ALLOW
                     : MAC_LIMIT_DROP);
    return is_rule(flow, RULE_OVER);
}

/* Judges whether all rules for the members of 'wg' are in place; else sets
 * 'pending', or 'fault' if they are 'overdue'. */
void
mac_limit_judge(const struct wanted_group *wg, bool overdue, bool *pending,
                struct fault *fault)
{
    for (size_t i = 0; i < wg->n_ports; i++) {
        struct flow_list list = { NULL, 0 };

        if (!wg->ports[i].limited) {
            continue;
        }
        build_port(wg, &wg->ports[i], &list);
        bool there = (wg->bridge->flows_known
                      && flow_list_is_in(&list, wg->bridge));

        flow_list_destroy(&list);
        if (there) {
            continue;
        } else if (!overdue) {
            *pending = true;
        } else if (!wg->bridge->flows_known) {
            fault_set(fault, "no-openflow",
                      "Bridge %s does not answer OpenFlow over its management "
                      "socket; is ovs-vswitchd running?", wg->bridge->name);
        } else {
            fault_set(fault, "flow-failed",
                      "Bridge %s did not take the rules for the mac_limit of "
                      "port %s; see ovs-spand.log.", wg->bridge->name,
                      wg->ports[i].port->name);
        }
        return;
    }
}

/* Returns how many frames over the limit of 'gp', a member of 'wg', the rules
 * have seen since they were made. */
uint64_t
mac_limit_packets(const struct wanted_group *wg, const struct group_port *gp)
{
    int64_t key = find_key(gp->port);
    const struct span_flow *flow;
    struct span_flow wanted;
    uint64_t packets = 0;

    if (gp->limited && key && init_flow(&wanted, wg, gp, RULE_OVER, key)) {
        flow = flow_find(wg->bridge->flows, wg->bridge->n_flows, &wanted);
        packets = flow && flow_equals(flow, &wanted) ? flow->packets : 0;
        flow_destroy(&wanted);
    }
    return packets;
}
