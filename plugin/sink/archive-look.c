/* SPDX-License-Identifier: Apache-2.0 */

/* Notices that somebody else has deleted files; see archive.h.  They count no
 * more, and are told of no more. */

#include <config.h>

#include "archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "capture-place.h"
#include "options.h"
#include "plugin/record/file-name.h"
#include "plugin/record/record-util.h"
#include "recordings.h"

/* The time between two looks: this, or so many times what one took. */
#define PERIOD_NS (2 * NSEC_PER_SEC)
#define PERIOD_FACTOR 50

/* Returns true if names may have gone from the directory since the last call.
 * A change is seen by its time, so after one that is hardly over another may
 * not be seen. */
static bool
has_changed(struct archive *a)
{
    struct stat st;
    bool changed;

    if (fstat(a->place->dirfd, &st)) {
        return false;
    }
    changed = (st.st_ino != a->looked.st_ino
               || st.st_dev != a->looked.st_dev
               || st.st_mtim.tv_sec != a->looked.st_mtim.tv_sec
               || st.st_mtim.tv_nsec != a->looked.st_mtim.tv_nsec);
    a->looked = st;
    if (rec_time_wall() < (st.st_mtim.tv_sec + 2) * NSEC_PER_SEC) {
        a->looked.st_ino = 0;
    }
    return changed;
}

/* Forgets file number 'i', which is gone, and removes its manifest. */
static void
forget(struct archive *a, size_t i)
{
    const struct file_entry *e = &a->files.entries[i];
    char *name = file_name_plain(e->name);

    archive_stop_packing(a, e->sequence);
    archive_remove_manifest(a, name);
    free(name);
    recordings_remove(a->recordings, e->sequence);
    atomic_fetch_sub(&a->bytes, a->files.sizes[i]);
    file_list_remove(&a->files, i);
}

/* Looks for files that are gone, if it is time to. */
void
archive_look(struct archive *a)
{
    uint64_t now = rec_time_monotonic();

    if (a->place->dirfd < 0 || !a->options->sink || now < a->next_look) {
        return;
    }
    if (has_changed(a)) {
        for (size_t i = a->files.n; i-- > 0; ) {
            struct stat st;

            if (fstatat(a->place->dirfd, a->files.entries[i].name, &st,
                        AT_SYMLINK_NOFOLLOW)
                && errno == ENOENT) {
                forget(a, i);
            }
        }
    }
    a->next_look = now + REC_MAX(PERIOD_NS, PERIOD_FACTOR
                                 * (rec_time_monotonic() - now));
}
