/* SPDX-License-Identifier: Apache-2.0 */

/* The line of counters that a person at a terminal sees; see counter-line.h.
 * It goes to the standard error, because the capture itself may go to the
 * standard output. */

#include <config.h>

#include "counter-line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "accounting.h"
#include "plugin/record/record-util.h"

struct counter_line {
    bool in_place;              /* Each line takes the place of the last. */
    uint64_t when;              /* Monotonic time of the last one. */
    uint64_t written;           /* Frames written then. */
};

/* Returns a line that is written over itself if 'in_place'. */
struct counter_line *
counter_line_create(bool in_place)
{
    struct counter_line *line = rec_xcalloc(1, sizeof *line);

    line->in_place = in_place;
    line->when = rec_time_monotonic();
    return line;
}

/* Shows the counters 's' of the time 'now', in monotonic nanoseconds. */
void
counter_line_update(struct counter_line *line,
                    const struct accounting_snapshot *s, uint64_t now)
{
    uint64_t elapsed = REC_MAX(now - line->when, NSEC_PER_MSEC);
    double rate = (s->written - line->written) * (double) NSEC_PER_SEC
                  / elapsed;

    fprintf(stderr,
            "%s%"PRIu64" frames (%.0f/s), %.1f MB, %"PRIu64" files, "
            "%"PRIu64" lost%s",
            line->in_place ? "\r" : "", s->written, rate, s->bytes / 1e6,
            s->files, accounting_lost(s), line->in_place ? "\033[K" : "\n");
    line->when = now;
    line->written = s->written;
}

/* Says what came of it all, and frees 'line', which may be NULL. */
void
counter_line_finish(struct counter_line *line,
                    const struct accounting_snapshot *s)
{
    fprintf(stderr,
            "%s%"PRIu64" frames written, %"PRIu64" lost (%"PRIu64" in the "
            "kernel, %"PRIu64" at the file)\n",
            line && line->in_place ? "\r\033[K" : "", s->written,
            accounting_lost(s), s->ps_drop, s->write_drop);
    free(line);
}
