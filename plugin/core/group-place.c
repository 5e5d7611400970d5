/* SPDX-License-Identifier: Apache-2.0 */

/* On which bridge of this host a port group is: the one that it names, or,
 * without a name, the one that has all its members.  A part of them is not
 * enough: such a group is for ports that have to meet, and those that are here
 * without the others shall not become promiscuous meanwhile. */

#include <config.h>
#include "group-place.h"

#include <stdlib.h>

#include "openvswitch/util.h"
#include "source-match.h"
#include "util.h"

/* Returns the first bridge, other than 'other', that has a port which
 * 'selector' names, or NULL. */
static const struct switch_bridge *
find_bridge(const struct selector *selector, const struct switch_state *state,
            const struct switch_bridge *other)
{
    struct source source = {
        .selector = *selector,
        .bridge = CONST_CAST(char *, ""),
    };
    const struct switch_bridge *bridge = NULL;
    struct port_candidate *ports;
    size_t n = source_find_candidates(&source, state, &ports);

    for (size_t i = 0; i < n && !bridge; i++) {
        if (ports[i].bridge != other
            && selector_matches_port(selector, ports[i].bridge,
                                     ports[i].port)) {
            bridge = ports[i].bridge;
        }
    }
    free(ports);
    return bridge;
}

/* Says that members of 'wg' are on two bridges, 'bridge' and where 'selector'
 * has some. */
static void
refuse_two_bridges(struct wanted_group *wg, const struct selector *selector,
                   const struct switch_bridge *bridge,
                   const struct switch_bridge *other)
{
    char *text = selector_to_string(selector);

    wg->state = WANTED_REFUSED;
    fault_set(&wg->fault, "group-bridge",
              "%s is on bridge %s, other members are on bridge %s, and a port "
              "group is on one bridge; say which, with bridge=, or leave the "
              "others out.", text, other->name, bridge->name);
    free(text);
}

static void
wait_for_member(struct wanted_group *wg, const struct selector *selector)
{
    char *text = selector_to_string(selector);

    wg->state = WANTED_WAITING;
    fault_set(&wg->fault, "member-missing",
              "%s is not on this host, and a group without bridge= is where "
              "all its members are; it works as soon as they are.", text);
    free(text);
}

/* Finds the bridge of 'wg'.  When it names none and has members on several, it
 * is refused; when some are missing, it waits. */
void
group_place_find(struct wanted_group *wg, const struct switch_state *state)
{
    const struct port_group *group = wg->group;
    const struct switch_bridge *bridge = NULL;
    const struct selector *missing = NULL;

    if (group->bridge[0]) {
        bridge = switch_state_find_bridge(state, group->bridge);
        wg->bridge = bridge && !bridge->ours ? bridge : NULL;
        return;
    }
    for (size_t i = 0; i < group->n_members; i++) {
        const struct selector *selector = &group->members[i];
        const struct switch_bridge *one = find_bridge(selector, state, NULL);
        const struct switch_bridge *other
            = find_bridge(selector, state, bridge ? bridge : one);

        if (!one) {
            missing = missing ? missing : selector;
        } else if (other) {
            refuse_two_bridges(wg, selector, bridge ? bridge : one, other);
            return;
        } else {
            bridge = one;
        }
    }
    if (bridge && missing) {
        wait_for_member(wg, missing);
    } else {
        wg->bridge = bridge;
    }
}
