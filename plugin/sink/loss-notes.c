/* SPDX-License-Identifier: Apache-2.0 */

/* Which frame is to tell of a loss?  See loss-notes.h. */

#include <config.h>

#include "loss-notes.h"

#include <string.h>

/* Takes note that the kernel has lost 'lost' frames in all by the time when
 * 'passed' had found room, and that 'taken' of these were taken out.  No loss
 * that all frames before it were taken for is held back any more. */
void
loss_notes_update(struct loss_notes *ln, uint64_t lost, uint64_t passed,
                  uint64_t taken)
{
    size_t due = 0;

    if (lost > ln->known) {
        struct loss_note new = { .at = passed, .lost = lost - ln->known };

        if (ln->n == LOSS_NOTES_MAX) {
            new.lost += ln->notes[--ln->n].lost;
        }
        ln->notes[ln->n++] = new;
        ln->known = lost;
    }
    while (due < ln->n && ln->notes[due].at <= taken) {
        due++;
    }
    ln->n -= due;
    memmove(ln->notes, ln->notes + due, ln->n * sizeof *ln->notes);
}

/* Returns the frames lost that are not to be told of yet. */
uint64_t
loss_notes_held(const struct loss_notes *ln)
{
    uint64_t held = 0;

    for (size_t i = 0; i < ln->n; i++) {
        held += ln->notes[i].lost;
    }
    return held;
}

/* Returns how many frames must have been taken before the next loss is to be
 * told of; UINT64_MAX if none is held back. */
uint64_t
loss_notes_next(const struct loss_notes *ln)
{
    return ln->n ? ln->notes[0].at : UINT64_MAX;
}
