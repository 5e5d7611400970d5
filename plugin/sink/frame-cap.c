/* SPDX-License-Identifier: Apache-2.0 */

/* The cap on bytes per second; see frame-cap.h. */

#include <config.h>

#include "frame-cap.h"

#include <stdlib.h>

#include "plugin/record/record-util.h"
#include "report.h"

/* From now on no more than 'rate' bytes per second are to be laid down, or as
 * many as come if it is 0. */
void
frame_cap_set_rate(struct frame_cap *f, uint64_t rate)
{
    atomic_store(&f->rate, rate);
}

/* Returns the step of 'cap' as the status has it, or NULL if frames are taken
 * whole.  The caller must free it. */
static char *
name_step(const struct byte_cap *cap)
{
    switch (cap->step) {
    case BYTE_CAP_WHOLE: return NULL;
    case BYTE_CAP_SLICED: return rec_xstrdup("slice");
    case BYTE_CAP_PAUSED: return rec_xstrdup("pause");
    default: return rec_xasprintf("sample 1/%u", byte_cap_sample(cap));
    }
}

/* Tells 'report' about the step, if that changed. */
static void
tell(struct frame_cap *f, uint32_t snaplen, struct report *report)
{
    const struct byte_cap *cap = &f->cap;
    uint32_t cut = REC_MIN(snaplen, (uint32_t) BYTE_CAP_SLICE);
    char *step, *what;

    if (f->told_step == cap->step
        && (!cap->step || f->told_rate == cap->rate)) {
        return;
    }
    f->told_step = cap->step;
    f->told_rate = cap->rate;
    step = name_step(cap);
    report_set_degradation(report, step);
    if (!step) {
        report_clear_error(report, REPORT_BYTE_RATE);
        return;
    }
    what = (cap->step == BYTE_CAP_SLICED
            ? rec_xasprintf("frames are cut to %u bytes", cut)
            : cap->step == BYTE_CAP_PAUSED
            ? rec_xstrdup("no frames are taken for now")
            : rec_xasprintf("one frame in %u is taken, cut to %u bytes",
                            byte_cap_sample(cap), cut));
    report_set_error(report, REPORT_BYTE_RATE, "byte-rate",
                     "%.1f MB/s arrive and %.1f MB/s are the cap: %s",
                     byte_cap_arriving(cap) / 1e6, cap->rate / 1e6, what);
    free(what);
    free(step);
}

/* Takes the rate that was asked for, before there are any frames. */
void
frame_cap_begin(struct frame_cap *f)
{
    byte_cap_set_rate(&f->cap, atomic_load(&f->rate));
}

/* Takes the rate that is asked for, and tells 'report' what comes of it.
 * 'delivered' counts all frames so far: while none come, time goes by the
 * clock instead of their time stamps.  'snaplen' is what frames are cut to in
 * any case. */
void
frame_cap_tick(struct frame_cap *f, uint64_t delivered, uint32_t snaplen,
               struct report *report)
{
    byte_cap_set_rate(&f->cap, atomic_load(&f->rate));
    if (f->cap.rate && delivered == f->delivered) {
        byte_cap_turn(&f->cap, rec_time_wall());
    }
    f->delivered = delivered;
    tell(f, snaplen, report);
}
