/* SPDX-License-Identifier: Apache-2.0 */

/* OpenFlow rules as text, their cookies and their comparison: see
 * flow-text.h. */

#include <config.h>
#include "flow-text.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "flow-codec.h"
#include "util.h"

/* Returns the cookie of the rules of 'session'; of the rules that belong to
 * none if it is zero. */
uint64_t
flow_cookie(const struct uuid *session)
{
    return SPAN_COOKIE_TAG | session->parts[0];
}

/* Returns true if 'cookie' marks a rule as ours. */
bool
flow_cookie_is_ours(uint64_t cookie)
{
    return (cookie & SPAN_COOKIE_MASK) == SPAN_COOKIE_TAG;
}

/* Returns true if 'flow', one of ours, hands out what a relay sends. */
bool
flow_is_relayed(const struct span_flow *flow)
{
    return (flow->table == 0
            && (flow->priority == SPAN_PRIO_RELAYED
                || flow->priority == SPAN_PRIO_RELAYED_STRIP));
}

/* Makes '*flow', whatever it held before, a rule with 'match' (NULL or ""
 * for every packet) and 'actions' in their canonical form.  The caller must
 * flow_destroy() it.  On failure, which for a filter that flow_filter_check()
 * took is a fault of the caller's, sets 'fault', leaves '*flow' with nothing
 * to destroy, and returns false. */
bool
flow_init(struct span_flow *flow, uint8_t table, uint16_t priority,
          uint64_t cookie, const char *match, const char *actions,
          struct fault *fault)
{
    *flow = (struct span_flow) {
        .table = table,
        .priority = priority,
        .cookie = cookie,
        .match = xstrdup(match ? match : ""),
        .actions = xstrdup(actions),
    };
    if (!flow_canonicalize(flow, fault)) {
        flow_destroy(flow);
        return false;
    }
    return true;
}

/* Makes '*dst', whatever it held before, a copy of 'src'. */
void
flow_clone(struct span_flow *dst, const struct span_flow *src)
{
    *dst = *src;
    dst->match = nullable_xstrdup(src->match);
    dst->actions = nullable_xstrdup(src->actions);
}

/* Frees what 'flow' owns and leaves nothing in it.  NULL is fine. */
void
flow_destroy(struct span_flow *flow)
{
    if (flow) {
        free(flow->match);
        free(flow->actions);
        memset(flow, 0, sizeof *flow);
    }
}

/* Compares by what tells one rule of a switch from another, in the order of
 * a dump: by table, by priority from the highest, by match.  Returns a
 * negative, zero or positive number as strcmp() does. */
int
flow_compare_key(const struct span_flow *a, const struct span_flow *b)
{
    if (a->table != b->table) {
        return a->table < b->table ? -1 : 1;
    } else if (a->priority != b->priority) {
        return a->priority > b->priority ? -1 : 1;
    }
    return strcmp(a->match, b->match);
}

/* Returns true if 'a' and 'b' are the same rule with the same cookie and
 * actions; what they have counted does not matter. */
bool
flow_equals(const struct span_flow *a, const struct span_flow *b)
{
    return (!flow_compare_key(a, b) && a->cookie == b->cookie
            && !strcmp(a->actions, b->actions));
}

/* Returns 'flow' as ovs-ofctl add-flow takes it.  The caller frees it. */
char *
flow_to_text(const struct span_flow *flow)
{
    return xasprintf("cookie=0x%"PRIx64",table=%"PRIu8",priority=%"PRIu16
                     "%s%s,actions=%s", flow->cookie, flow->table,
                     flow->priority, flow->match[0] ? "," : "", flow->match,
                     flow->actions);
}
