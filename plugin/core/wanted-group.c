/* SPDX-License-Identifier: Apache-2.0 */

/* Port groups on this host: which ports are members now, and what each may
 * do.  Membership holds whatever becomes of the policy, since sessions may
 * name the group as a source. */

#include <config.h>
#include "wanted-group.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "group-place.h"
#include "mac-limit.h"
#include "mac-policy.h"
#include "openvswitch/util.h"
#include "promisc.h"
#include "source-match.h"
#include "util.h"
#include "uuid.h"
#include "wanted-leg.h"

static int
compare_groups(const void *a_, const void *b_)
{
    const struct wanted_group *a = a_, *b = b_;
    int cmp = strcmp(a->group->name, b->group->name);

    return cmp ? cmp : uuid_compare_3way(&a->group->uuid, &b->group->uuid);
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct group_port *a = a_, *b = b_;

    return uuid_compare_3way(&a->port->uuid, &b->port->uuid);
}

/* Returns the group called 'name', or NULL. */
const struct wanted_group *
wanted_find_group(const struct wanted *wanted, const char *name)
{
    size_t low = 0, high = wanted->n_groups;

    while (low < high) {
        size_t i = low + (high - low) / 2;
        int cmp = strcmp(wanted->groups[i].group->name, name);

        if (!cmp) {
            return &wanted->groups[i];
        } else if (cmp < 0) {
            low = i + 1;
        } else {
            high = i;
        }
    }
    return NULL;
}

/* Returns what 'port' is in 'wg', or NULL if it is no member. */
const struct group_port *
wanted_group_find_port(const struct wanted_group *wg,
                       const struct switch_port *port)
{
    struct group_port key = { .port = port };

    return (wg->n_ports
            ? bsearch(&key, wg->ports, wg->n_ports, sizeof key, compare_ports)
            : NULL);
}

/* Does it matter which addresses are behind 'gp', a member of 'wg'? */
bool
wanted_group_port_needs_fdb(const struct wanted_group *wg,
                            const struct group_port *gp)
{
    return ((wg->state == WANTED_RUNNING || wg->state == WANTED_EXPIRED)
            && (gp->policy.promiscuous == DECISION_ACCEPT
                || (mac_policy_of(gp) != BREACH_NONE
                    && !mac_policy_is_given(gp->port))));
}

/* Of two decisions on the same port the stricter one holds. */
static void
restrict_decision(enum port_decision *decision, enum port_decision other)
{
    if (other != DECISION_INHERIT && *decision != DECISION_REJECT) {
        *decision = other;
    }
}

/* The same of limits: the lower one, and to drop what is over it. */
static void
restrict_limit(struct port_policy *policy, const struct port_policy *other)
{
    if (other->mac_limit
        && (policy->mac_limit <= 0
            || (other->mac_limit > 0
                && other->mac_limit < policy->mac_limit))) {
        policy->mac_limit = other->mac_limit;
    }
    if (other->limit_policy != MAC_LIMIT_INHERIT
        && policy->limit_policy != MAC_LIMIT_DROP) {
        policy->limit_policy = other->limit_policy;
    }
}

/* Returns the policy for 'port' of 'bridge', a member of 'group'.  When
 * several overrides name the port, each part is accepted only if all of them
 * that say something of it accept it. */
static struct port_policy
policy_of_port(const struct port_group *group,
               const struct switch_bridge *bridge,
               const struct switch_port *port)
{
    struct port_policy own = { DECISION_INHERIT, };

    for (size_t i = 0; i < group->n_overrides; i++) {
        const struct port_override *o = &group->overrides[i];

        if (selector_matches_port(&o->selector, bridge, port)) {
            restrict_decision(&own.promiscuous, o->policy.promiscuous);
            restrict_decision(&own.mac_changes, o->policy.mac_changes);
            restrict_decision(&own.forged_transmits,
                              o->policy.forged_transmits);
            restrict_limit(&own, &o->policy);
        }
    }
    return own;
}

static void
add_port(struct wanted_group *wg, const struct switch_port *port,
         size_t *allocated)
{
    const struct port_policy *of_group = &wg->group->policy;
    struct port_policy own = policy_of_port(wg->group, wg->bridge, port);
    struct group_port *gp;

    if (wg->n_ports >= *allocated) {
        wg->ports = x2nrealloc(wg->ports, allocated, sizeof *wg->ports);
    }
    gp = &wg->ports[wg->n_ports++];
    *gp = (struct group_port) {
        .port = port,
        .policy = *of_group,
        .by_override = own.promiscuous == DECISION_ACCEPT,
        .runs = promisc_port_runs(wg, port),
    };
    if (own.promiscuous != DECISION_INHERIT) {
        gp->policy.promiscuous = own.promiscuous;
    }
    if (own.mac_changes != DECISION_INHERIT) {
        gp->policy.mac_changes = own.mac_changes;
    }
    if (own.forged_transmits != DECISION_INHERIT) {
        gp->policy.forged_transmits = own.forged_transmits;
    }
    if (own.mac_limit) {
        gp->policy.mac_limit = own.mac_limit;
    }
    if (own.limit_policy != MAC_LIMIT_INHERIT) {
        gp->policy.limit_policy = own.limit_policy;
    }
}

/* Sorts the ports of 'wg' and takes out those that are there twice. */
static void
sort_ports(struct wanted_group *wg)
{
    size_t n = 0;

    if (!wg->n_ports) {
        return;
    }
    qsort(wg->ports, wg->n_ports, sizeof *wg->ports, compare_ports);
    for (size_t i = 0; i < wg->n_ports; i++) {
        if (!n || wg->ports[n - 1].port != wg->ports[i].port) {
            wg->ports[n++] = wg->ports[i];
        }
    }
    wg->n_ports = n;
}

/* Finds the members of 'wg' on its bridge. */
static void
find_ports(struct wanted_group *wg, const struct switch_state *state)
{
    const struct port_group *group = wg->group;
    size_t allocated = 0;

    for (size_t i = 0; wg->bridge && i < group->n_members; i++) {
        struct source source = {
            .selector = group->members[i],
            .bridge = wg->bridge->name,
        };
        struct port_candidate *ports;
        size_t n = source_find_candidates(&source, state, &ports);

        for (size_t j = 0; j < n; j++) {
            const struct switch_port *port = ports[j].port;

            if (selector_names_bond_member(&source.selector, port)) {
                FAULT_ONCE(&wg->fault, "bond-member",
                           "%s is a member of bond %s, and a port group has "
                           "whole ports; use uplink:%s, which is the whole "
                           "bond.", source.selector.value, port->name,
                           port->name);
            } else if (selector_matches_port(&source.selector, wg->bridge,
                                             port)) {
                add_port(wg, port, &allocated);
            }
        }
        free(ports);
    }
    sort_ports(wg);
}

static void
forbid_promiscuity(struct wanted_group *wg)
{
    for (size_t i = 0; i < wg->n_ports; i++) {
        wg->ports[i].policy.promiscuous = DECISION_REJECT;
    }
}

/* Refuses 'wg' because of 'fault', which is taken over.  Its members stay, for
 * the sessions that name it. */
void
wanted_group_refuse(struct wanted_group *wg, struct fault *fault)
{
    wg->state = WANTED_REFUSED;
    fault_move(&wg->fault, fault);
    forbid_promiscuity(wg);
}

/* Keeps 'wg' on 'bridge', where the running session called 'session' mirrors
 * it, and refuses the bridge that it names now. */
void
wanted_group_keep_bridge(struct wanted_group *wg,
                         const struct switch_bridge *bridge,
                         const char *session, const struct switch_state *state)
{
    struct fault fault = FAULT_INITIALIZER;

    wg->bridge = bridge;
    wg->n_ports = 0;
    find_ports(wg, state);
    fault_set(&fault, "VspanPortgroupTypeChange",
              "Session %s mirrors the group on bridge %s, so it cannot go to "
              "bridge %s; take it out of the session first.", session,
              bridge->name, wg->group->bridge);
    wanted_group_refuse(wg, &fault);
}

/* Sorts out what the host's owner and the time say. */
static void
resolve_policy(struct wanted_group *wg, const struct resolve_config *config)
{
    const struct port_group *group = wg->group;
    const struct policy *policy = config->policy;
    struct fault fault = FAULT_INITIALIZER;

    if (!port_group_may_be_promiscuous(group)) {
        return;
    }
    if (group->expires && group->expires <= config->now) {
        wg->state = WANTED_EXPIRED;
        fault_set(&fault, "expired",
                  "The time of its promiscuous ports is over, and none is "
                  "promiscuous any more; ovs-spanctl group-set %s ttl=SECONDS "
                  "gives them more.", group->name);
        fault_move(&wg->fault, &fault);
        forbid_promiscuity(wg);
    } else if (policy && policy->no_promiscuous) {
        fault_set(&fault, "policy",
                  "This host's policy (promiscuous) does not let ports be "
                  "promiscuous; write promiscuous=reject and "
                  "promiscuous_ports=.");
        wanted_group_refuse(wg, &fault);
    } else if (policy && policy->max_ttl
               && (!group->expires
                   || group->expires - config->now > policy->max_ttl)) {
        fault_set(&fault, "policy",
                  "This host's policy (max_ttl) wants promiscuous ports to "
                  "end by themselves; give the group ttl=%"PRId64" or less.",
                  policy->max_ttl);
        wanted_group_refuse(wg, &fault);
    }
}

static void
resolve_group(struct wanted_group *wg, const struct switch_state *state,
              const struct resolve_config *config)
{
    if (!port_group_check(wg->group, &wg->fault)) {
        wg->state = WANTED_REFUSED;
        return;
    }
    wg->state = WANTED_RUNNING;
    group_place_find(wg, state);
    if (wg->state == WANTED_RUNNING) {
        find_ports(wg, state);
        resolve_policy(wg, config);
    }
}

/* Resolves the 'n' 'groups' against 'state' into 'wanted', sorted by name. */
void
wanted_groups_build(struct wanted *wanted, const struct port_group *groups,
                    size_t n, const struct switch_state *state,
                    const struct resolve_config *config)
{
    wanted->groups = xcalloc(n + 1, sizeof *wanted->groups);
    wanted->n_groups = n;
    for (size_t i = 0; i < n; i++) {
        wanted->groups[i].group = &groups[i];
    }
    qsort(wanted->groups, n, sizeof *wanted->groups, compare_groups);
    for (size_t i = 0; i < n; i++) {
        resolve_group(&wanted->groups[i], state, config);
    }
}

/* Finds the groups that the sources of 'ws' name. */
void
wanted_groups_bind(const struct wanted *wanted, struct wanted_session *ws)
{
    const struct session *session = ws->session;

    for (size_t i = 0; i < session->n_sources; i++) {
        const struct selector *selector = &session->sources[i].selector;

        if (selector->kind != SELECTOR_GROUP) {
            continue;
        }
        if (!ws->groups) {
            ws->groups = xcalloc(session->n_sources, sizeof *ws->groups);
        }
        ws->groups[i] = wanted_find_group(wanted, selector->value);
        if (!ws->groups[i]) {
            FAULT_ONCE(&ws->fault, "group-missing",
                       "There is no port group %s; make it with ovs-spanctl "
                       "group-add %s.", selector->value, selector->value);
        }
    }
}

/* Finds in 'state' all ports that the 'i'th source of 'ws' may name, in the
 * order of the switch or of the group, and puts them into '*portsp', which the
 * caller must free.  Returns how many they are. */
size_t
wanted_source_ports(const struct wanted_session *ws, size_t i,
                    const struct switch_state *state,
                    struct port_candidate **portsp)
{
    const struct source *source = &ws->session->sources[i];
    const struct wanted_group *wg;
    struct port_candidate *ports;

    if (source->selector.kind != SELECTOR_GROUP) {
        return source_find_candidates(source, state, portsp);
    }
    wg = ws->groups[i];
    if (!wg || !wg->bridge || !source_applies_to_bridge(source, wg->bridge)) {
        *portsp = NULL;
        return 0;
    }
    ports = xcalloc(wg->n_ports + 1, sizeof *ports);
    for (size_t j = 0; j < wg->n_ports; j++) {
        ports[j] = (struct port_candidate) {
            j, wg->bridge, wg->ports[j].port,
        };
    }
    *portsp = ports;
    return wg->n_ports;
}

/* Does the 'i'th source of 'ws' name 'port' of 'bridge', on which it looks? */
bool
wanted_source_names(const struct wanted_session *ws, size_t i,
                    const struct switch_bridge *bridge,
                    const struct switch_port *port)
{
    const struct selector *selector = &ws->session->sources[i].selector;

    return (selector->kind == SELECTOR_GROUP
            ? ws->groups[i] && wanted_group_find_port(ws->groups[i], port)
            : selector_matches_port(selector, bridge, port));
}

/* Does 'ws' name 'port' itself as a source, not just its bridge or VLAN?
 * (Those leave out instead what may not be mirrored.)  Returns the directions
 * of DIRECTION_FROM and DIRECTION_TO, 0 if it does not. */
int
wanted_session_names_port(const struct wanted_session *ws,
                          const struct switch_bridge *bridge,
                          const struct switch_port *port)
{
    int directions = 0;

    for (size_t i = 0; i < ws->session->n_sources; i++) {
        const struct source *source = &ws->session->sources[i];

        if (!selector_is_wide(&source->selector)
            && source_applies_to_bridge(source, bridge)
            && wanted_source_names(ws, i, bridge, port)) {
            directions |= source->direction;
        }
    }
    return directions;
}

/* Says what becomes of each group, when all conflicts are known. */
void
wanted_groups_settle(struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->n_groups; i++) {
        struct wanted_group *wg = &wanted->groups[i];

        if (wg->state == WANTED_REFUSED) {
            continue;
        }
        if (!wg->n_ports && !fault_is_set(&wg->fault)) {
            wg->state = WANTED_WAITING;
            fault_clear(&wg->fault);
            fault_set(&wg->fault, "no-member",
                      "No port of a bridge%s%s on this host is a member of "
                      "the group now; each is one as soon as it appears.",
                      wg->group->bridge[0] ? " " : "", wg->group->bridge);
        } else {
            mac_policy_check(wg);
        }
    }
    mac_limit_assign(wanted);
}

/* Frees what wanted_groups_build() made. */
void
wanted_groups_destroy(struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->n_groups; i++) {
        free(wanted->groups[i].ports);
        fault_clear(&wanted->groups[i].fault);
    }
    free(wanted->groups);
}
