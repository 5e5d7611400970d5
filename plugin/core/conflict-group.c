/* SPDX-License-Identifier: Apache-2.0 */

/* Port groups and sessions that cannot be beside each other, with the names of
 * vSphere's faults (VMware vSphere API, VspanPromiscuousPortNotSupported and
 * its siblings).
 *
 * A promiscuous port is no destination, and no source of what it sends.  What
 * runs first stays: a port that is promiscuous already is left out of a
 * session or refuses it; a port that takes part in a running session does not
 * become promiscuous. */

#include <config.h>
#include "conflict-group.h"

#include <string.h>

#include "openvswitch/util.h"
#include "source-match.h"
#include "switch-index.h"
#include "uuid.h"
#include "wanted-group.h"
#include "wanted-leg.h"

static bool
is_promiscuous(const struct group_port *gp)
{
    return gp->policy.promiscuous == DECISION_ACCEPT;
}

static bool
is_destination(const struct session *session, const struct switch_port *port,
               const struct switch_state *state)
{
    for (size_t i = 0; i < session->n_destinations; i++) {
        const struct switch_bridge *bridge;

        if (destination_find_port(&session->destinations[i], state, &bridge)
            == port) {
            return true;
        }
    }
    return false;
}

/* Checks 'ws' against 'gp', a promiscuous port of 'wg'. */
static bool
check_port(struct wanted_session *ws, bool established,
           const struct wanted_group *wg, const struct group_port *gp,
           const struct switch_state *state, struct fault *fault)
{
    const struct switch_port *port = gp->port;

    if (is_destination(ws->session, port, state)) {
        fault_set(fault, "VspanPromiscuousPortNotSupported",
                  "Port %s is promiscuous in port group %s and cannot be a "
                  "destination; name another port, or take it out of the "
                  "group.", port->name, wg->group->name);
        return false;
    }
    if (!(wanted_session_names_port(ws, wg->bridge, port)
          & DIRECTION_FROM)) {
        return true;
    }
    if (!established) {
        fault_set(fault, "VspanPromiscuousPortNotSupported",
                  "Port %s is promiscuous in port group %s, and what it sends "
                  "cannot be a source; write ,to behind that source, or take "
                  "the port out of the group.", port->name, wg->group->name);
        return false;
    }
    FAULT_ONCE(&ws->fault, "VspanPromiscuousPortNotSupported",
               "Port %s is promiscuous in port group %s, and what it sends is "
               "left out; write ,to behind that source, or take the port out "
               "of the group.", port->name, wg->group->name);
    wanted_legs_exclude(ws, &port, 1, DIRECTION_FROM);
    return true;
}

/* Checks 'ws' against the promiscuous ports of all groups; if it is
 * 'established' on the switch, only those that are promiscuous there already
 * count.  Returns false, with 'fault' set, if it is to be refused; a session
 * that runs and grows over such a port goes on without it. */
bool
conflict_check_groups(struct wanted_session *ws, bool established,
                      const struct wanted *wanted,
                      const struct switch_state *state, struct fault *fault)
{
    for (size_t i = 0; i < wanted->n_groups; i++) {
        const struct wanted_group *wg = &wanted->groups[i];

        for (size_t j = 0; j < wg->n_ports; j++) {
            const struct group_port *gp = &wg->ports[j];

            if (is_promiscuous(gp) && (!established || gp->runs)
                && !check_port(ws, established, wg, gp, state, fault)) {
                return false;
            }
        }
    }
    return true;
}

/* Returns the first of the 'n' sessions in which 'port' takes part in a way
 * that a promiscuous port cannot, or NULL. */
static const struct session *
find_session(const struct wanted_group *wg, const struct switch_port *port,
             const struct wanted_session *const *accepted, size_t n,
             const struct switch_state *state)
{
    for (size_t i = 0; i < n; i++) {
        if (is_destination(accepted[i]->session, port, state)
            || (wanted_session_names_port(accepted[i], wg->bridge, port)
                & DIRECTION_FROM)) {
            return accepted[i]->session;
        }
    }
    return NULL;
}

/* Is a port of 'wg' promiscuous on the switch already; 'by_group', not by its
 * override? */
static bool
any_port_runs(const struct wanted_group *wg, bool by_group)
{
    for (size_t i = 0; i < wg->n_ports; i++) {
        if (wg->ports[i].runs && !(by_group && wg->ports[i].by_override)) {
            return true;
        }
    }
    return false;
}

/* Says that 'gp' does not become promiscuous, because of 'session'. */
static void
explain(const struct wanted_group *wg, const struct group_port *gp,
        const struct session *session, struct fault *fault)
{
    const char *port = gp->port->name, *group = wg->group->name;

    if (gp->by_override) {
        FAULT_ONCE(fault, "VspanPortPromiscChange",
                   "Port %s takes part in session %s and cannot become "
                   "promiscuous; take it out of the overrides of group %s, or "
                   "out of the session.", port, session->name, group);
    } else if (any_port_runs(wg, true)) {
        FAULT_ONCE(fault, "VspanPortMove",
                   "Port %s takes part in session %s and has come into the "
                   "promiscuous group %s; it does not become promiscuous.  "
                   "Take it out of the session, or give it "
                   "override=port:%s,promiscuous=reject.", port, session->name,
                   group, port);
    } else {
        FAULT_ONCE(fault, "VspanPortgroupPromiscChange",
                   "Port %s, a member of group %s, takes part in session %s, "
                   "so the group cannot become promiscuous; take it out of "
                   "one of them, or give it "
                   "override=port:%s,promiscuous=reject.", port, group,
                   session->name, port);
    }
}

/* Lets no port become promiscuous with 'wg' itself, rather than by its
 * override. */
static void
reject_group(struct wanted_group *wg)
{
    for (size_t i = 0; i < wg->n_ports; i++) {
        if (!wg->ports[i].by_override) {
            wg->ports[i].policy.promiscuous = DECISION_REJECT;
        }
    }
}

/* Lets the ports of 'wg' that take part in one of the sessions not become
 * promiscuous.  A group that has promiscuous ports already keeps them; one
 * that has none is refused.  If it has some by their overrides only, no other
 * becomes promiscuous. */
static void
yield(struct wanted_group *wg, const struct wanted_session *const *accepted,
      size_t n_accepted, const struct switch_state *state)
{
    bool runs = any_port_runs(wg, false);

    for (size_t i = 0; wg->state == WANTED_RUNNING && i < wg->n_ports; i++) {
        struct group_port *gp = &wg->ports[i];
        struct fault fault = FAULT_INITIALIZER;
        const struct session *session;

        if (!is_promiscuous(gp) || gp->runs) {
            continue;
        }
        session = find_session(wg, gp->port, accepted, n_accepted, state);
        if (!session) {
            continue;
        }
        if (!runs) {
            explain(wg, gp, session, &fault);
            wanted_group_refuse(wg, &fault);
            continue;
        }
        explain(wg, gp, session, &wg->fault);
        gp->policy.promiscuous = DECISION_REJECT;
        if (!gp->by_override && !any_port_runs(wg, true)) {
            reject_group(wg);
        }
    }
}

/* Lets all groups yield to the 'n_accepted' sessions that run already. */
void
conflict_yield_groups(struct wanted *wanted,
                      const struct wanted_session *const *accepted,
                      size_t n_accepted, const struct switch_state *state)
{
    for (size_t i = 0; i < wanted->n_groups; i++) {
        yield(&wanted->groups[i], accepted, n_accepted, state);
    }
}

/* Does 'session' name 'port' of 'bridge' by another source than 'group'?
 * Bridges and VLANs count, too. */
static bool
named_otherwise(const struct session *session, const struct port_group *group,
                const struct wanted *wanted,
                const struct switch_bridge *bridge,
                const struct switch_port *port)
{
    for (size_t i = 0; i < session->n_sources; i++) {
        const struct source *source = &session->sources[i];
        const struct selector *selector = &source->selector;
        const struct wanted_group *other
            = (selector->kind == SELECTOR_GROUP
               ? wanted_find_group(wanted, selector->value) : NULL);

        if (source_applies_to_bridge(source, bridge)
            && (other ? other->group != group
                        && wanted_group_find_port(other, port)
                : selector_matches_port(selector, bridge, port))) {
            return true;
        }
    }
    return false;
}

/* Is one of the 'n' ports of 'bridge' that a mirror of 'session' selects there
 * because of 'group', whatever bridge that names now? */
static bool
selects_member(const struct uuid *ports, size_t n,
               const struct switch_bridge *bridge,
               const struct session *session, const struct port_group *group,
               const struct wanted *wanted)
{
    for (size_t i = 0; i < n; i++) {
        const struct switch_port *port
            = switch_bridge_find_port_by_uuid(bridge, &ports[i]);

        for (size_t j = 0; port && j < group->n_members; j++) {
            if (selector_matches_port(&group->members[j], bridge, port)
                && !named_otherwise(session, group, wanted, bridge, port)) {
                return true;
            }
        }
    }
    return false;
}

/* Returns the bridge on which 'session' mirrors members of 'group', if that is
 * another one than the group names now; else NULL. */
static const struct switch_bridge *
find_old_bridge(const struct port_group *group, const struct session *session,
                const struct wanted *wanted, const struct switch_state *state)
{
    const struct index_node *node;

    if (!group->bridge[0]) {
        return NULL;            /* It goes where its members go. */
    }
    INDEX_FOR_EACH (node, index_hash_session(&session->uuid),
                    &state->index->mirrors) {
        const struct switch_mirror *m = node->object;

        if (uuid_equals(&m->session, &session->uuid) && !node->bridge->ours
            && strcmp(node->bridge->name, group->bridge)
            && (selects_member(m->src, m->n_src, node->bridge, session, group,
                               wanted)
                || selects_member(m->dst, m->n_dst, node->bridge, session,
                                  group, wanted))) {
            return node->bridge;
        }
    }
    return NULL;
}

/* Keeps each group that a running session mirrors on the bridge where it is
 * mirrored: one that names another bridge now is refused. */
void
conflict_keep_bridges(struct wanted *wanted, const struct switch_state *state)
{
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        const struct session *session = wanted->sessions[i].session;

        for (size_t j = 0; j < session->n_sources; j++) {
            const struct selector *selector = &session->sources[j].selector;
            struct wanted_group *wg
                = (selector->kind == SELECTOR_GROUP
                   ? CONST_CAST(struct wanted_group *,
                                wanted_find_group(wanted, selector->value))
                   : NULL);
            const struct switch_bridge *bridge
                = (wg && !fault_is_set(&wg->group->fault)
                   ? find_old_bridge(wg->group, session, wanted, state)
                   : NULL);

            if (bridge && bridge != wg->bridge) {
                wanted_group_keep_bridge(wg, bridge, session->name, state);
            }
        }
    }
}
