/* SPDX-License-Identifier: Apache-2.0 */

/* Which closed files go, and their going; see archive.h.  retention.c has the
 * arithmetic. */

#include <config.h>

#include "archive.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "capture-place.h"
#include "plugin/record/file-name.h"
#include "plugin/record/record-util.h"
#include "recordings.h"
#include "report.h"

/* Deletes the 'n' oldest closed files.  Returns how many of them are gone: one
 * that cannot be deleted keeps its place, to be tried again. */
size_t
archive_delete_oldest(struct archive *a, size_t n)
{
    int dirfd = a->place->dirfd;
    size_t gone;

    for (gone = 0; gone < n; gone++) {
        const struct file_entry *e = &a->files.entries[gone];
        char *name;

        if (unlinkat(dirfd, e->name, 0) && errno != ENOENT) {
            char buffer[128];

            report_set_error(a->report, REPORT_DELETING, "write-error",
                             "%s cannot be deleted: %s", e->name,
                             rec_strerror(errno, buffer, sizeof buffer));
            break;
        }
        report_clear_error(a->report, REPORT_DELETING);
        archive_stop_packing(a, e->sequence);
        name = file_name_plain(e->name);
        archive_remove_manifest(a, name);
        free(name);
        recordings_remove(a->recordings, e->sequence);
        atomic_fetch_sub(&a->bytes, a->files.sizes[gone]);
    }
    file_list_remove_oldest(&a->files, gone);
    return gone;
}

/* Says whether the file system is too full to write to. */
static void
say_starved(struct archive *a, bool starved, const struct retention_state *s,
            uint64_t floor)
{
    if (starved) {
        report_set_error(a->report, REPORT_KEEPER, "no-space",
                         "the disk has %llu MB free, which is less than the "
                         "%llu MB that min-free keeps; frames are lost until "
                         "there is room",
                         (unsigned long long int) s->fs_free / 1000000,
                         (unsigned long long int) floor / 1000000);
    } else {
        report_clear_error(a->report, REPORT_KEEPER);
    }
}

/* Stores in '*s' how much room there is on the file system.  Returns false if
 * that cannot be told. */
bool
archive_measure(const struct archive *a, struct retention_state *s)
{
    struct statvfs fs;

    if (a->place->dirfd < 0 || fstatvfs(a->place->dirfd, &fs)) {
        return false;
    }
    s->fs_free = (uint64_t) fs.f_bavail * fs.f_frsize;
    s->fs_total = (uint64_t) fs.f_blocks * fs.f_frsize;
    return true;
}

/* Deletes what is too much beside 'open'.  If 'make_room', the file system
 * turned out to be full, and at least one file goes if files may go at all.
 * Returns true if any went, and stores in '*starved' whether nothing may be
 * written. */
bool
archive_retain(struct archive *a, const struct retention_limits *limits,
               const struct archive_open *open, bool make_room, bool *starved)
{
    struct retention_state s = {
        .sizes = a->files.sizes,
        .n = a->files.n,
        .open = open->open,
        .open_bytes = open->bytes + a->reserved,
    };
    size_t excess;

    if (!archive_measure(a, &s)) {
        return false;
    }
    atomic_store(&a->disk.free, s.fs_free);
    atomic_store(&a->disk.size, s.fs_total);
    excess = retention_excess(limits, &s, starved);
    if (make_room && !excess && s.n
        && retention_on_full(limits) == RETENTION_RING) {
        excess = 1;
    }
    excess = archive_delete_oldest(a, excess);
    say_starved(a, *starved, &s, retention_floor(limits, s.fs_total));
    return excess > 0;
}
