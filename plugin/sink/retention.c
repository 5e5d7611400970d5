/* SPDX-License-Identifier: Apache-2.0 */

/* Which closed files must go?  See retention.h.  Pure. */

#include <config.h>

#include "retention.h"

#include "plugin/record/record-util.h"

/* Returns true if 'l' asks for old files to make room for new ones, however
 * much room there is. */
bool
retention_is_ring(const struct retention_limits *l)
{
    return l->files || l->bytes;
}

/* Returns what to do when there is no room, never RETENTION_DEFAULT.  Without
 * a ring no file is deleted unless somebody says so, not even on a full disk:
 * recordings that nobody declared expendable are kept, and the new packets are
 * the loss, which is counted and reported. */
enum retention_on_full
retention_on_full(const struct retention_limits *l)
{
    return (l->on_full != RETENTION_DEFAULT ? l->on_full
            : retention_is_ring(l) ? RETENTION_RING
            : RETENTION_PAUSE);
}

/* Returns the bytes that must stay free on a file system of 'fs_total'. */
uint64_t
retention_floor(const struct retention_limits *l, uint64_t fs_total)
{
    uint64_t share = fs_total / 100 * l->min_free_percent;

    return REC_MAX(share, l->min_free_bytes);
}

static uint64_t
add_up(const struct retention_state *s)
{
    uint64_t bytes = s->open_bytes;

    for (size_t i = 0; i < s->n; i++) {
        bytes += s->sizes[i];
    }
    return bytes;
}

/* Returns true if 's' keeps within 'l' as it is; the number of files does not
 * matter. */
bool
retention_fits(const struct retention_limits *l,
               const struct retention_state *s)
{
    uint64_t bytes = add_up(s);

    return ((!l->bytes || bytes <= l->bytes)
            && (!l->budget || bytes <= l->budget)
            && s->fs_free >= retention_floor(l, s->fs_total));
}

/* Returns how many of the oldest closed files must go for 's' to keep within
 * 'l'.  Stores in '*starved' whether free space is below its floor even when
 * all of those are gone, so that nothing more may be written. */
size_t
retention_excess(const struct retention_limits *l,
                 const struct retention_state *s, bool *starved)
{
    uint64_t floor = retention_floor(l, s->fs_total);
    uint64_t free = s->fs_free;
    uint64_t bytes = add_up(s);
    bool ring = retention_on_full(l) == RETENTION_RING;
    size_t excess = 0;

    while (excess < s->n
           && ((l->files && s->n - excess + s->open > l->files)
               || (l->bytes && bytes > l->bytes)
               || (ring && ((l->budget && bytes > l->budget)
                            || free < floor)))) {
        bytes -= s->sizes[excess];
        free += s->sizes[excess];
        excess++;
    }
    *starved = free < floor;
    return excess;
}
