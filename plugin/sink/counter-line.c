/* SPDX-License-Identifier: Apache-2.0 */

/* The line of counters that a person at a terminal sees; see counter-line.h.
 * It goes to the standard error, because the capture itself may go to the
 * standard output. */

#include <config.h>

#include "counter-line.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "accounting.h"
#include "plugin/record/record-util.h"

/* Blanks the line that the cursor is in. */
#define CLEAR "\r\033[K"

struct counter_line {
    bool in_place;              /* Each line takes the place of the last. */
    uint64_t when;              /* Monotonic time of the last one. */
    uint64_t done;              /* Frames written or relayed then. */
    uint64_t bytes;             /* Bytes written then. */
};

/* Where frames get lost, in the order of their way. */
static const struct place {
    size_t counter;             /* Offset in struct accounting_snapshot. */
    const char *name;
} places[] = {
    { offsetof(struct accounting_snapshot, port_drop), "at the port" },
    { offsetof(struct accounting_snapshot, ps_drop), "in the kernel" },
    { offsetof(struct accounting_snapshot, ring_drop), "in the recorder" },
    { offsetof(struct accounting_snapshot, cap_drop), "by the byte rate" },
    { offsetof(struct accounting_snapshot, write_drop), "at the file" },
    { offsetof(struct accounting_snapshot, tx_drop), "on the way out" },
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

/* Prints how many frames were lost, and where. */
static void
print_losses(const struct accounting_snapshot *s)
{
    uint64_t all = 0;

    for (size_t i = 0; i < REC_ARRAY_SIZE(places); i++) {
        all += *(const uint64_t *) ((const char *) s + places[i].counter);
    }
    fprintf(stderr, "%"PRIu64" lost", all);
    for (size_t i = 0, n = 0; i < REC_ARRAY_SIZE(places); i++) {
        uint64_t lost
            = *(const uint64_t *) ((const char *) s + places[i].counter);

        if (lost) {
            fprintf(stderr, "%s%"PRIu64" %s", n++ ? ", " : " (", lost,
                    places[i].name);
        }
    }
    fputs(all ? ")" : "", stderr);
}

/* Prints 'bytes' in the unit that suits it. */
static void
print_bytes(double bytes)
{
    static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB" };
    size_t i = 0;

    while (bytes >= 1000 && i < REC_ARRAY_SIZE(units) - 1) {
        bytes /= 1000;
        i++;
    }
    fprintf(stderr, "%.*f %s", i ? 1 : 0, bytes, units[i]);
}

/* Prints how many files there were. */
static void
print_files(const struct accounting_snapshot *s)
{
    fprintf(stderr, "%"PRIu64" file%s", s->files, s->files == 1 ? "" : "s");
}

/* Prints how many bytes there were, and in how many files. */
static void
print_volume(const struct accounting_snapshot *s)
{
    print_bytes(s->bytes);
    if (s->files) {
        fputs(" in ", stderr);
        print_files(s);
    }
}

/* Returns the frames that are where they belong. */
static uint64_t
get_done(const struct accounting_snapshot *s)
{
    return s->written + s->relayed;
}

/* Shows the counters 's' of the time 'now', in monotonic nanoseconds. */
void
counter_line_update(struct counter_line *line,
                    const struct accounting_snapshot *s, uint64_t now)
{
    double seconds = (REC_MAX(now - line->when, NSEC_PER_MSEC)
                      / (double) NSEC_PER_SEC);

    fprintf(stderr, "%s%"PRIu64" frames (%.0f/s), ",
            line->in_place ? CLEAR : "", get_done(s),
            (get_done(s) - line->done) / seconds);
    print_bytes(s->bytes);
    fputs(" (", stderr);
    print_bytes((s->bytes - line->bytes) / seconds);
    fputs("/s), ", stderr);
    if (s->files) {
        print_files(s);
        fputs(", ", stderr);
    }
    print_losses(s);
    fputs(line->in_place ? "" : "\n", stderr);
    line->when = now;
    line->done = get_done(s);
    line->bytes = s->bytes;
}

/* Makes room for something else to be printed.  'line' may be NULL. */
void
counter_line_clear(struct counter_line *line)
{
    if (line && line->in_place) {
        fputs(CLEAR, stderr);
    }
}

/* Says what came of it all.  'line' may be NULL. */
void
counter_line_finish(struct counter_line *line,
                    const struct accounting_snapshot *s)
{
    counter_line_clear(line);
    fprintf(stderr, "%"PRIu64" frames received, %"PRIu64" %s (", s->ps_recv,
            get_done(s), s->files ? "written" : "relayed");
    print_volume(s);
    fputs("), ", stderr);
    print_losses(s);
    fputc('\n', stderr);
}

/* Frees 'line', which may be NULL. */
void
counter_line_destroy(struct counter_line *line)
{
    free(line);
}
