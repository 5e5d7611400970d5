/* SPDX-License-Identifier: Apache-2.0 */

/* Settling: when is the datapath known to do what the rules say?
 *
 * A rule that the switch has accepted is not yet a rule that each packet
 * meets: cached datapath flows go on as before until vswitchd has revalidated
 * them.  The plan marks each change of the armed mirrors by an epoch rule in
 * the private bridge; once that rule is observed, settling waits until a
 * revalidation has begun and ended after it.
 *
 *     flow_conns_fill(fc, bridge);
 *     settle_fill(s, bridge);            sets bridge->settled_epoch
 *
 * and settle_run(), settle_wait(), settle_seq() as with flow-conn. */

#ifndef SPAN_DAEMON_SETTLE_H
#define SPAN_DAEMON_SETTLE_H 1

#include <stdint.h>

struct flow_conns;
struct settle;
struct switch_bridge;

struct settle *settle_create(const char *run_dir, struct flow_conns *);
void settle_destroy(struct settle *);

void settle_run(struct settle *);
void settle_wait(struct settle *);
unsigned int settle_seq(const struct settle *);

void settle_fill(struct settle *, struct switch_bridge *);
void settle_set_epoch(struct settle *, const char *bridge, uint64_t epoch);
uint64_t settle_epoch(const struct settle *, const char *bridge);

#endif /* plugin/daemon/settle.h */
