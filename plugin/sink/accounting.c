/* SPDX-License-Identifier: Apache-2.0 */

/* Where did every packet go?  See accounting.h. */

#include <config.h>

#include "accounting.h"

#include "plugin/record/record-util.h"

/* Starts to follow a 32-bit counter that reads 'now': what it counted before
 * is not ours. */
void
accounting_counter32_start(struct accounting_counter32 *c, uint32_t now)
{
    c->last = now;
    c->total = 0;
}

/* Notes that the 32-bit counter reads 'now'.  Returns all it counted since
 * accounting_counter32_start(). */
uint64_t
accounting_counter32_update(struct accounting_counter32 *c, uint32_t now)
{
    c->total += (uint32_t) (now - c->last);
    c->last = now;
    return c->total;
}

/* Sets the counters of 's' that follow from the others. */
static void
derive(struct accounting_snapshot *s)
{
    s->filter_reject = s->rx - s->ps_recv;
    s->undelivered = s->ps_recv - s->ps_drop - s->delivered;
}

/* Copies the counters of 'a' to 's'.  The threads go on meanwhile, and some
 * counters are brought up to date later than those that come after them; then
 * what is known of these is taken for the former too. */
void
accounting_read(const struct accounting *a, struct accounting_snapshot *s)
{
#define ACCOUNTING_COUNTER(NAME) \
    s->NAME = atomic_load_explicit(&a->NAME, memory_order_relaxed);
#define ACCOUNTING_DERIVED(NAME)
    ACCOUNTING_COUNTERS
    ACCOUNTING_RELAY_COUNTERS
#undef ACCOUNTING_DERIVED
#undef ACCOUNTING_COUNTER
    s->queued = REC_MAX(s->queued, (s->written + s->write_drop
                                    + s->relayed + s->tx_drop));
    s->delivered = REC_MAX(s->delivered,
                           s->queued + s->ring_drop + s->cap_drop);
    s->ps_recv = REC_MAX(s->ps_recv, s->ps_drop + s->delivered);
    s->rx = REC_MAX(s->rx, s->ps_recv);
    derive(s);
}

/* Subtracts what 'before' says from 's': what was counted since. */
void
accounting_subtract(struct accounting_snapshot *s,
                    const struct accounting_snapshot *before)
{
#define ACCOUNTING_COUNTER(NAME) s->NAME -= before->NAME;
#define ACCOUNTING_DERIVED(NAME) s->NAME -= before->NAME;
    ACCOUNTING_COUNTERS
    ACCOUNTING_RELAY_COUNTERS
#undef ACCOUNTING_DERIVED
#undef ACCOUNTING_COUNTER
}

/* Returns the packets of 's' that passed the filter and are in no file, nor
 * sent on. */
uint64_t
accounting_lost(const struct accounting_snapshot *s)
{
    return s->ps_drop + s->ring_drop + s->cap_drop + s->write_drop
           + s->tx_drop;
}

/* Returns the losses of 's' that no file notes yet: the next packet's
 * epb_dropcount. */
uint64_t
accounting_unnoted(const struct accounting_snapshot *s)
{
    uint64_t lost = accounting_lost(s);

    return lost > s->noted ? lost - s->noted : 0;
}

/* Returns true if the equations hold for 's', which must be at rest. */
bool
accounting_balances(const struct accounting_snapshot *s)
{
    return s->rx == s->filter_reject + s->ps_recv
           && s->ps_recv == s->ps_drop + s->delivered
           && !s->undelivered
           && s->delivered == s->queued + s->ring_drop + s->cap_drop
           && s->queued == (s->written + s->write_drop + s->relayed
                         + s->tx_drop)
           && s->noted <= accounting_lost(s);
}
