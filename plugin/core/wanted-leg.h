/* SPDX-License-Identifier: Apache-2.0 */

/* The legs of one session: which ports and VLANs of which bridge it mirrors,
 * and to which ports of which bridge its copies go back. */

#ifndef SPAN_CORE_WANTED_LEG_H
#define SPAN_CORE_WANTED_LEG_H 1

#include "wanted.h"

/* Keeps the first fault: it is the one to mend first. */
#define FAULT_ONCE(FAULT, ...)                  \
    do {                                        \
        if (!fault_is_set(FAULT)) {             \
            fault_set(FAULT, __VA_ARGS__);      \
        }                                       \
    } while (0)

void wanted_legs_build(struct wanted_session *, const struct switch_state *,
                       const struct policy *);
void wanted_legs_exclude(struct wanted_session *,
                         const struct switch_port **ports, size_t n_ports,
                         enum direction);
void wanted_leg_destroy(struct wanted_leg *);
void wanted_leg_skip_vlan(struct wanted_leg *, uint16_t vlan);
void wanted_session_drop_legs(struct wanted_session *);
bool wanted_session_is_split(const struct wanted_session *);
bool wanted_session_has_sources(const struct wanted_session *);
struct wanted_leg *wanted_session_add_leg(struct wanted_session *,
                                          const struct switch_bridge *,
                                          enum leg_role);
struct wanted_leg *wanted_session_back_leg(struct wanted_session *,
                                           const struct switch_bridge *);
const struct switch_port *wanted_find_port(const char *name,
                                           const struct switch_state *,
                                           const struct switch_bridge **);
const struct switch_port *destination_find_port(
    const struct destination *, const struct switch_state *,
    const struct switch_bridge **);
bool policy_forbids(const struct selector *, size_t n,
                    const struct switch_bridge *, const struct switch_port *);

#endif /* plugin/core/wanted-leg.h */
