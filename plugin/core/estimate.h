/* SPDX-License-Identifier: Apache-2.0 */

/* How much a session will copy, and whether its destinations can take it.
 *
 * What the sources carry now, cut, limited and sampled as the session says,
 * is held against the caps of recorders and the speed of links.  It is an
 * upper bound: what a filter leaves out is not known, and a frame that two
 * sources carry counts twice.  Nothing is decided by it: whoever asked is
 * told. */

#ifndef SPAN_CORE_ESTIMATE_H
#define SPAN_CORE_ESTIMATE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "wanted.h"

struct ds;
struct port_rates;

/* What the copies to one destination need, bytes per second: in the files of a
 * recorder, on the wire of a link. */
struct estimate_end {
    char *name;                 /* As people write destinations. */
    bool link;                  /* Or a recorder. */
    double own;                 /* For the copies of this session. */
    double others;              /* For what else goes there. */
    double capacity;            /* 0 = not known; of recorders: no cap. */
    char *through;              /* Tunnel: the port that it leaves by; or
                                 * NULL. */
    int room;                   /* Frames longer than that are cut; 0: none. */
};

struct estimate {
    double packets, bytes;      /* Copies to each destination, per second. */
    size_t n_ports;             /* Sources on this host; 0: no estimate. */
    size_t n_unknown;           /* Of which the rate is not known yet. */
    int64_t window;             /* Of the measurement, milliseconds. */
    bool filtered;              /* Does a filter leave out some of it? */
    struct estimate_end *ends;
    size_t n_ends;
};

/* What is known. */
struct estimate_world {
    const struct wanted *wanted;
    const struct switch_state *state;
    const struct port_rates *rates;
    long long int now;          /* Monotonic milliseconds. */
};

void estimate_compute(const struct wanted_session *,
                      const struct estimate_world *, struct estimate *);
void estimate_destroy(struct estimate *);
bool estimate_end_is_over(const struct estimate_end *);
bool estimate_is_over(const struct estimate *, struct fault *);
void estimate_put(const struct estimate *, struct ds *);

#endif /* plugin/core/estimate.h */
