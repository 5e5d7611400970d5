/* SPDX-License-Identifier: Apache-2.0 */

/* Which frame is to tell of a loss in the kernel's ring?
 *
 * When the kernel says that frames found no room, those that did are still
 * waiting in the ring, and came before the loss.  So the loss is held back
 * until all of them were taken, and the next frame tells of it.  Pure. */

#ifndef SPAN_SINK_LOSS_NOTES_H
#define SPAN_SINK_LOSS_NOTES_H 1

#include <stddef.h>
#include <stdint.h>

/* Losses held back at a time.  They are looked for several times a second, and
 * a ring is taken in less than a few seconds; else the last two are told of as
 * one. */
#define LOSS_NOTES_MAX 16

struct loss_notes {
    struct loss_note {
        uint64_t at;            /* Frames that came before it. */
        uint64_t lost;
    } notes[LOSS_NOTES_MAX];    /* By 'at'. */
    size_t n;
    uint64_t known;             /* The kernel's count of losses so far. */
};

void loss_notes_update(struct loss_notes *, uint64_t lost, uint64_t passed,
                       uint64_t taken);
uint64_t loss_notes_held(const struct loss_notes *);
uint64_t loss_notes_next(const struct loss_notes *);

#endif /* plugin/sink/loss-notes.h */
