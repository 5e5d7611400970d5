/* SPDX-License-Identifier: Apache-2.0 */

/* What a cap on bytes per second does, in words; see degradation.h. */

#include <config.h>

#include "degradation.h"

#include <stdlib.h>

#include "byte-cap.h"
#include "plugin/record/record-util.h"
#include "report.h"

/* Returns the step of 'cap' as status has it, or NULL if frames are taken
 * whole.  The caller must free it. */
char *
degradation_describe(const struct byte_cap *cap)
{
    switch (cap->step) {
    case BYTE_CAP_WHOLE: return NULL;
    case BYTE_CAP_SLICED: return rec_xstrdup("slice");
    case BYTE_CAP_PAUSED: return rec_xstrdup("pause");
    default: return rec_xasprintf("sample 1/%u", byte_cap_sample(cap));
    }
}

/* Tells 'report' about the step of 'cap', if that changed.  'snaplen' is what
 * frames are cut to in any case. */
void
degradation_tell(struct degradation *d, const struct byte_cap *cap,
                 uint32_t snaplen, struct report *report)
{
    uint32_t cut = REC_MIN(snaplen, (uint32_t) BYTE_CAP_SLICE);
    char *step, *what;

    if (d->step == cap->step && (!cap->step || d->rate == cap->rate)) {
        return;
    }
    d->step = cap->step;
    d->rate = cap->rate;
    step = degradation_describe(cap);
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
