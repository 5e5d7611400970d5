/* SPDX-License-Identifier: Apache-2.0 */

/* Where did every packet go?  See accounting.h. */

#include <config.h>

#include "accounting.h"

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

/* Copies the counters of 'a' to 's'.  The threads go on meanwhile, so the
 * equations hold exactly only when they rest. */
void
accounting_read(const struct accounting *a, struct accounting_snapshot *s)
{
#define ACCOUNTING_COUNTER(NAME) \
    s->NAME = atomic_load_explicit(&a->NAME, memory_order_relaxed);
    ACCOUNTING_COUNTERS
#undef ACCOUNTING_COUNTER
}

/* Returns the packets of 's' that are in no file though they should be. */
uint64_t
accounting_lost(const struct accounting_snapshot *s)
{
    return s->ps_drop + s->ring_drop + s->cap_drop + s->write_drop;
}

/* Returns the losses of 's' that no file notes yet: the next packet's
 * epb_dropcount. */
uint64_t
accounting_unnoted(const struct accounting_snapshot *s)
{
    uint64_t lost = accounting_lost(s);

    return lost > s->noted ? lost - s->noted : 0;
}

/* Returns true if the equations hold for 's'. */
bool
accounting_balances(const struct accounting_snapshot *s)
{
    return s->ps_recv == s->ps_drop + s->delivered
           && s->delivered == s->queued + s->ring_drop + s->cap_drop
           && s->queued == s->written + s->write_drop
           && s->noted <= accounting_lost(s);
}
