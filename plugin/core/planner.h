/* SPDX-License-Identifier: Apache-2.0 */

/* Shared by the files that make a plan, and by nobody else. */

#ifndef SPAN_CORE_PLANNER_H
#define SPAN_CORE_PLANNER_H 1

#include "hmapx.h"
#include "leg-view.h"
#include "plan.h"
#include "sset.h"

struct planner {
    const struct wanted *wanted;
    const struct switch_state *state;
    struct plan *plan;
    struct sset taken;          /* Use planner_taken(). */
    struct hmapx claimed;       /* Observed things of ours that stay. */
    bool waiting;               /* Something is on its way. */
    bool dismantling;           /* Mirrors of ours are still to go. */
};

struct op *planner_add_op(struct planner *, enum op_type, const char *bridge,
                          const char *name);
void planner_drop_last_op(struct planner *);
struct sset *planner_taken(struct planner *);
void planner_claim(struct planner *, const void *);
bool planner_is_claimed(const struct planner *, const void *);
bool planner_is_quiet(const struct planner *);

char *planner_private_bridge(struct planner *, const char *datapath_type);
void planner_mark_ours(const struct planner *, struct op *,
                       const struct uuid *owner, const char *role);
void planner_mend_patch_port(struct planner *, const char *bridge,
                             const struct switch_port *, const char *peer);

/* What a mirror should select.  Borrows. */
struct mirror_selection {
    const struct switch_port *output;    /* NULL = as it is. */
    const struct switch_port *const *src;
    size_t n_src;
    const struct switch_port *const *dst;
    size_t n_dst;
    const uint16_t *vlans;
    size_t n_vlans;
};
void planner_set_mirror(struct planner *, const struct switch_bridge *,
                        const struct switch_mirror *,
                        const struct mirror_selection *);

void plan_ports(struct planner *);      /* Bridges, ports, mirrors. */
void plan_promisc_ports(struct planner *);
void plan_promisc_flags(struct planner *);
void plan_meters(struct planner *);
void plan_tunnels(struct planner *);
void plan_flows(struct planner *);
void plan_sinks(struct planner *);
void plan_sweep(struct planner *);      /* What is ours and not wanted. */

#endif /* plugin/core/planner.h */
