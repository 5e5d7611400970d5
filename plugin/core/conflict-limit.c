/* SPDX-License-Identifier: Apache-2.0 */

/* The limit of mirrors on a bridge, which vswitchd itself only logs: sessions
 * and port groups that find no room are refused. */

#include <config.h>
#include "conflict.h"

#include <inttypes.h>

#include "openvswitch/util.h"
#include "promisc.h"

/* The mirrors that 'ws' takes on 'bridge': one a leg, one for each destination
 * port that is reserved. */
static size_t
count_mirrors(const struct wanted_session *ws,
              const struct switch_bridge *bridge)
{
    size_t n = 0;

    for (size_t i = 0; i < ws->n_legs; i++) {
        const struct wanted_leg *leg = &ws->legs[i];

        if (leg->bridge == bridge) {
            n += 1 + (ws->session->normal_traffic ? 0 : leg->n_outputs);
        }
    }
    return n;
}

static size_t
count_foreign_mirrors(const struct switch_bridge *bridge)
{
    size_t n = 0;

    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        n += !bridge->mirrors[i]->ours;
    }
    return n;
}

/* The mirrors on 'bridge' of groups whose mirrors are there already, but for
 * 'except'. */
static size_t
count_established_groups(const struct wanted *wanted,
                         const struct switch_state *state,
                         const struct switch_bridge *bridge,
                         const struct wanted_group *except)
{
    size_t n = 0;

    for (size_t i = 0; i < wanted->n_groups; i++) {
        const struct wanted_group *wg = &wanted->groups[i];

        if (wg != except && wg->bridge == bridge
            && wg->state == WANTED_RUNNING
            && promisc_is_established(wg, state)) {
            n += promisc_mirrors_needed(wg);
        }
    }
    return n;
}

/* Is there room for the mirrors of 'ws' beside those of other people, of the
 * 'n_accepted' sessions and of the groups of 'wanted' that run?  Returns
 * false, with 'fault' set, if not. */
bool
conflict_check_limit(const struct wanted_session *ws,
                     const struct wanted_session *const *accepted,
                     size_t n_accepted, const struct wanted *wanted,
                     const struct switch_state *state, struct fault *fault)
{
    for (size_t i = 0; i < ws->n_legs; i++) {
        const struct switch_bridge *bridge = ws->legs[i].bridge;
        size_t needed = count_mirrors(ws, bridge);
        size_t used = (count_foreign_mirrors(bridge)
                       + count_established_groups(wanted, state, bridge,
                                                  NULL));

        for (size_t j = 0; j < n_accepted; j++) {
            used += count_mirrors(accepted[j], bridge);
        }
        if (used + needed > SPAN_MAX_MIRRORS) {
            fault_set(fault, "mirror-limit",
                      "Bridge %s has %"PRIuSIZE" mirrors and this session "
                      "takes %"PRIuSIZE" more, but Open vSwitch allows %d a "
                      "bridge.  Remove a session or a mirror, or add this "
                      "source to another session.",
                      bridge->name, used, needed, SPAN_MAX_MIRRORS);
            return false;
        }
    }
    return true;
}

/* The mirrors on 'bridge' of the sessions of 'wanted'. */
static size_t
count_sessions(const struct wanted *wanted,
               const struct switch_bridge *bridge)
{
    size_t n = 0;

    for (size_t i = 0; i < wanted->n_sessions; i++) {
        n += count_mirrors(&wanted->sessions[i], bridge);
    }
    return n;
}

/* Checks whether there is room for the mirrors of 'wg', group 'i' of 'wanted',
 * beside those of other people, of sessions, and of groups that run or come
 * before it.  Returns false, with 'fault' set, if not. */
bool
conflict_check_group_limit(const struct wanted *wanted, size_t i,
                           const struct switch_state *state,
                           struct fault *fault)
{
    const struct wanted_group *wg = &wanted->groups[i];
    size_t needed = promisc_mirrors_needed(wg);

    if (!needed) {
        return true;
    }
    size_t used = (count_foreign_mirrors(wg->bridge)
                   + count_sessions(wanted, wg->bridge)
                   + count_established_groups(wanted, state, wg->bridge, wg));
    for (size_t j = 0; j < i; j++) {
        const struct wanted_group *other = &wanted->groups[j];

        if (other->bridge == wg->bridge && other->state == WANTED_RUNNING
            && !promisc_is_established(other, state)) {
            used += promisc_mirrors_needed(other);
        }
    }
    if (used + needed > SPAN_MAX_MIRRORS) {
        fault_set(fault, "mirror-limit",
                  "Bridge %s has %"PRIuSIZE" mirrors and the promiscuous "
                  "ports of this group take %"PRIuSIZE" more, but Open "
                  "vSwitch allows %d a bridge.  Remove a session or a "
                  "mirror, or put the ports into another group.",
                  wg->bridge->name, used, needed, SPAN_MAX_MIRRORS);
        return false;
    }
    return true;
}
