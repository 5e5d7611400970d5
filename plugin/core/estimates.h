/* SPDX-License-Identifier: Apache-2.0 */

/* The estimates of all sessions, each made when its session begins or changes,
 * or when what is missing for it becomes known.
 *
 *     estimates_update(&estimates, &world);      in each pass
 *     estimates_fill(&estimates, &verdicts); */

#ifndef SPAN_CORE_ESTIMATES_H
#define SPAN_CORE_ESTIMATES_H 1

#include "openvswitch/hmap.h"

struct estimate;
struct estimate_world;
struct smap;
struct verdicts;
struct wanted_session;

struct estimates {
    struct hmap sessions;       /* "struct session_estimate", by UUID. */
};

void estimates_init(struct estimates *);
void estimates_destroy(struct estimates *);
void estimates_update(struct estimates *, const struct estimate_world *);
void estimates_fill(const struct estimates *, struct verdicts *);
void estimates_compute(const struct estimates *,
                       const struct wanted_session *,
                       const struct estimate_world *, struct estimate *);

#endif /* plugin/core/estimates.h */
