/* SPDX-License-Identifier: Apache-2.0 */

/* By which ports frames of a port leave the host, through patch ports and
 * other bridges. */

#ifndef SPAN_CORE_WAY_OUT_H
#define SPAN_CORE_WAY_OUT_H 1

#include <stdbool.h>
#include <stddef.h>
#include "hmapx.h"
#include "sset.h"
#include "svec.h"
#include "switch-state.h"

/* In a VLAN that is not known, or in several. */
#define WAY_ANY_VLAN (-1)

/* Pointers are borrowed from the state. */
struct way_out {
    const struct switch_bridge **bridges;        /* From the port's own to the
                                                  * uplink's. */
    size_t n_bridges;
    const struct switch_port *uplink;
    int vlan;                   /* Of the frames when they leave, 0 = without a
                                 * tag; or WAY_ANY_VLAN. */

    /* Of a bond: see locate-bond.c. */
    char *bond_mode;            /* NULL = it is none. */
    struct sset members;        /* Those that carry the port's frames now. */
    const char *member_why;     /* Why those, or why none is known. */
    struct svec member_states;  /* "NAME=enabled", "NAME=disabled". */
};

void ways_out_uplinks(const struct switch_state *, struct hmapx *);
size_t ways_out_find(const struct switch_state *, const struct hmapx *uplinks,
                     const struct switch_bridge *,
                     const struct switch_port *, int vlan, struct way_out **);
void ways_out_destroy(struct way_out *, size_t n);
bool port_leaves_host(const struct switch_port *);

#endif /* plugin/core/way-out.h */
