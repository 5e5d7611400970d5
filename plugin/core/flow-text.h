/* SPDX-License-Identifier: Apache-2.0 */

/* OpenFlow rules as text: cookies, the canonical form by which an asked-for
 * rule and a dumped one are compared, and the check of a session's filter.
 *
 * The canonical form is what libopenvswitch's formatters make of a rule, so
 * that equal rules have equal text whatever spelling they were asked in. */

#ifndef SPAN_CORE_FLOW_TEXT_H
#define SPAN_CORE_FLOW_TEXT_H 1

#include <stdbool.h>
#include <stdint.h>
#include "fault.h"
#include "openvswitch/uuid.h"

/* "SPAN" in the upper half marks a rule as ours; the lower half is the first
 * 32 bits of the session's UUID, or 0 for the epoch rule. */
#define SPAN_COOKIE_TAG  UINT64_C(0x5350414e00000000)
#define SPAN_COOKIE_MASK UINT64_C(0xffffffff00000000)

/* Tables and priorities of our rules. */
#define SPAN_TABLE_CUT   1       /* Counts the copies that are cut. */
#define SPAN_TABLE_EPOCH 253     /* Below OVS's internal table 254. */
#define SPAN_PRIO_SKIP   200
#define SPAN_PRIO_RELAYED_STRIP 103 /* As RELAYED, with a VLAN tag. */
#define SPAN_PRIO_RELAYED 102    /* Hands out what a relay sends. */
#define SPAN_PRIO_STRIP  101     /* As COPY, for frames with a VLAN tag. */
#define SPAN_PRIO_COPY   100
#define SPAN_PRIO_REST   1       /* Counts what the filter rejects. */
#define SPAN_PRIO_BACK   65535   /* On production bridges: before anybody's. */
#define SPAN_PRIO_UPLINK 65534   /* As BACK, to an uplink; BACK then has what
                                  * must not leave the host. */
#define SPAN_PRIO_FORGED 65535   /* What a member of a port group must not */
#define SPAN_PRIO_CHANGED 65534  /* send: see mac-policy.h. */
#define SPAN_PRIO_LIMIT  65533   /* From how many addresses it may: see */
#define SPAN_PRIO_LIMIT_REST 65532   /* mac-limit.h. */

struct span_flow {
    uint8_t table;
    uint16_t priority;
    uint64_t cookie;
    char *match;                /* Owned; canonical; "" = everything. */
    char *actions;              /* Owned; canonical. */
    uint64_t packets, bytes;    /* Observed rules only. */
};

bool flow_is_relayed(const struct span_flow *);
uint64_t flow_cookie(const struct uuid *session);
bool flow_cookie_is_ours(uint64_t cookie);

bool flow_init(struct span_flow *, uint8_t table, uint16_t priority,
               uint64_t cookie, const char *match, const char *actions,
               struct fault *);
void flow_clone(struct span_flow *, const struct span_flow *);
void flow_destroy(struct span_flow *);
int flow_compare_key(const struct span_flow *, const struct span_flow *);
bool flow_equals(const struct span_flow *, const struct span_flow *);
char *flow_to_text(const struct span_flow *);

bool flow_filter_check(const char *filter, struct fault *);
char *flow_filter_tagged(const char *filter);

#endif /* plugin/core/flow-text.h */
