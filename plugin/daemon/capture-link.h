/* SPDX-License-Identifier: Apache-2.0 */

/* The network devices of our capture ports. */

#ifndef SPAN_DAEMON_CAPTURE_LINK_H
#define SPAN_DAEMON_CAPTURE_LINK_H 1

struct plan;
struct switch_state;

void capture_link_fill(struct switch_state *);
void capture_link_apply(const struct plan *);
void capture_link_bury(const struct plan *, const struct switch_state *);

#endif /* plugin/daemon/capture-link.h */
