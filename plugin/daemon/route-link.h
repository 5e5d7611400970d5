/* SPDX-License-Identifier: Apache-2.0 */

/* Routes: which way vswitchd sees to the collectors of sessions.
 *
 *     route_link_ask(r, session);        for each session, before filling
 *     route_link_fill(r, state);
 *
 * and route_link_run(), route_link_wait(), route_link_seq() as with
 * flow-conn. */

#ifndef SPAN_DAEMON_ROUTE_LINK_H
#define SPAN_DAEMON_ROUTE_LINK_H 1

#include <stddef.h>

struct route_link;
struct session;
struct switch_state;

struct route_link *route_link_create(const char *run_dir);
void route_link_destroy(struct route_link *);

void route_link_run(struct route_link *);
void route_link_wait(struct route_link *);
unsigned int route_link_seq(const struct route_link *);

void route_link_ask(struct route_link *, const struct session *, size_t n,
                    const struct switch_state *);
void route_link_fill(const struct route_link *, struct switch_state *);

#endif /* plugin/daemon/route-link.h */
