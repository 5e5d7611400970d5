/* SPDX-License-Identifier: Apache-2.0 */

/* When is the open capture file full?  See rotation.h.  Pure: the time is an
 * argument, and it is the monotonic clock's, so that setting the wall clock
 * neither delays nor repeats a rotation. */

#include <config.h>

#include "rotation.h"

#include "plugin/record/record-util.h"

/* Starts over for a file opened at 'now' (monotonic nanoseconds) whose header
 * has 'header' bytes and whose closing block needs 'reserve'.  The limits
 * stay. */
void
rotation_open(struct rotation *r, uint64_t now, size_t header, size_t reserve)
{
    r->bytes = header;
    r->packets = 0;
    r->opened = now;
    r->reserve = reserve;
}

/* Returns true if the file's time is over at 'now', or if it holds all the
 * packets it may (then waiting for one more packet would only keep a complete
 * file from its readers). */
bool
rotation_due_on_time(const struct rotation *r, uint64_t now)
{
    const struct rotation_limits *l = &r->limits;

    return (l->seconds && now - r->opened >= l->seconds * NSEC_PER_SEC)
           || (l->packets && r->packets >= l->packets);
}
