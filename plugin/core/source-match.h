/* SPDX-License-Identifier: Apache-2.0 */

/* Which ports of the observed switch a source names. */

#ifndef SPAN_CORE_SOURCE_MATCH_H
#define SPAN_CORE_SOURCE_MATCH_H 1

#include <stdbool.h>
#include "session.h"
#include "switch-state.h"

bool selector_is_wide(const struct selector *);
bool selector_matches_port(const struct selector *,
                           const struct switch_bridge *,
                           const struct switch_port *);
bool selector_names_bond_member(const struct selector *,
                                const struct switch_port *);

/* A port that a source may name; it has to be matched. */
struct port_candidate {
    size_t order;               /* Where in the sorted switch it is. */
    const struct switch_bridge *bridge;
    const struct switch_port *port;
};

size_t source_find_candidates(const struct source *,
                              const struct switch_state *,
                              struct port_candidate **);
bool port_is_uplink(const struct switch_port *);
bool source_applies_to_bridge(const struct source *,
                              const struct switch_bridge *);

#endif /* plugin/core/source-match.h */
