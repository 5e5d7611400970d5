/* SPDX-License-Identifier: Apache-2.0 */

/* The packing of closed files: their SHA-256, and their compression; see
 * archive.h.  The packer works on NAME.zst.part; here it gets its name and the
 * original goes, so that a kill at any time leaves one whole copy.  The oldest
 * file comes first, and old files make room for that if they may. */

#include <config.h>

#include "archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture-place.h"
#include "manifest.h"
#include "manifest-read.h"
#include "packer.h"
#include "plugin/record/file-name.h"
#include "plugin/record/record-util.h"
#include "recordings.h"
#include "report.h"

/* Says why the file 'name' stays as it is. */
static void
complain(struct archive *a, const char *name, int error)
{
    char buffer[128];

    report_set_error(a->report, REPORT_PACKING, "not-packed",
                     "%s stays as it is: %s", name,
                     rec_strerror(error, buffer, sizeof buffer));
}

/* Puts the compressed file in the place of number 'i', and tells everybody.
 * 'r' may be NULL if only that much is known. */
static void
replace(struct archive *a, size_t i, char *packed, uint64_t size,
        const struct packer_result *r)
{
    struct file_entry *e = &a->files.entries[i];
    const char *sha256 = r && r->sha256[0] ? r->sha256 : NULL;

    manifest_amend(a->place->dirfd, e->name, &(struct manifest_packing) {
        .sha256 = sha256,
        .compressed = packed,
        .compressed_bytes = size,
        .compressed_sha256 = (r && r->packed_sha256[0]
                              ? r->packed_sha256 : NULL),
    });
    unlinkat(a->place->dirfd, e->name, 0);
    recordings_pack(a->recordings, e->sequence, sha256, packed);
    atomic_fetch_sub(&a->bytes, a->files.sizes[i] - size);
    a->files.sizes[i] = size;
    free(e->name);
    e->name = packed;
    e->zstd = true;
}

/* Gives the compressed copy of number 'i' its name, and then its place. */
static int
accept_copy(struct archive *a, size_t i, const struct packer_result *r)
{
    int dirfd = a->place->dirfd;
    char *packed = rec_xasprintf("%s%s", a->files.entries[i].name,
                                 FILE_NAME_ZSTD);
    char *part = rec_xasprintf("%s%s", packed, FILE_NAME_PART);
    int error = 0;

    if (renameat(dirfd, part, dirfd, packed)) {
        error = errno;
        unlinkat(dirfd, part, 0);
    } else if (fsync(dirfd)) {
        error = errno;
        unlinkat(dirfd, packed, 0);
    }
    free(part);
    if (error) {
        free(packed);
        return error;
    }
    replace(a, i, packed, r->packed_size, r);
    return 0;
}

/* Does what there is to do when the packer is done with a file. */
static void
finish(struct archive *a, const struct packer_result *r)
{
    struct file_entry *e;
    int error = r->error;
    size_t i = 0;

    atomic_fetch_sub(&a->bytes, a->reserved);
    a->reserved = 0;
    while (i < a->files.n && a->files.entries[i].sequence != r->sequence) {
        i++;
    }
    if (i == a->files.n || error == ECANCELED) {
        /* A file that went meanwhile has no use for a copy. */
        if (!error && r->compress) {
            unlinkat(a->place->dirfd, a->packing, 0);
        }
        return;
    }
    e = &a->files.entries[i];
    e->settled = true;
    if (!error && r->compress && r->packed_size < r->size) {
        error = accept_copy(a, i, r);
    } else if (!error) {
        if (r->compress) {
            /* Nothing was gained. */
            unlinkat(a->place->dirfd, a->packing, 0);
        }
        manifest_amend(a->place->dirfd, e->name, &(struct manifest_packing) {
            .sha256 = r->sha256[0] ? r->sha256 : NULL,
        });
        recordings_pack(a->recordings, e->sequence,
                        r->sha256[0] ? r->sha256 : NULL, NULL);
    }
    if (error) {
        complain(a, e->name, error);
    } else {
        report_clear_error(a->report, REPORT_PACKING);
    }
}

/* Looks whether there is room for a copy of file number 'i', and deletes files
 * older than that one if they may go for it. */
static bool
make_room(struct archive *a, const struct retention_limits *limits,
          const struct archive_open *open, size_t *i)
{
    struct retention_limits l = *limits;
    struct retention_state s = { .sizes = a->files.sizes, .n = *i };
    uint64_t size = a->files.sizes[*i];
    bool starved;
    size_t n;

    if (!archive_measure(a, &s)) {
        return false;
    }
    l.files = 0;
    s.open_bytes = open->bytes + size;
    for (size_t k = *i; k < a->files.n; k++) {
        s.open_bytes += a->files.sizes[k];
    }
    s.fs_free -= REC_MIN(size, s.fs_free);
    n = retention_excess(&l, &s, &starved);
    for (size_t k = 0; k < n; k++) {
        s.fs_free += s.sizes[k];
    }
    s.sizes += n;
    s.n -= n;
    if (!retention_fits(&l, &s)) {
        return false;
    }
    *i -= n;
    return archive_delete_oldest(a, n) == n;
}

/* Returns true if nothing is to be done to 'e': it is compressed, or there is
 * reason to leave it alone, or what is wanted is known of it. */
static bool
is_settled(const struct archive *a, const struct file_entry *e,
           const struct archive_wish *wish)
{
    struct recording r = { .state = RECORDING_CLOSED };
    bool settled;

    if (e->settled || e->zstd || e->part) {
        return true;
    }
    settled = (!manifest_read(a->place->dirfd, e->name, &r)
               || r.state == RECORDING_SUSPECT
               || (r.sha256 && !wish->compress));
    free(r.sha256);
    free(r.compressed);
    return settled;
}

/* Has the packer take the file number 'i'. */
static void
start(struct archive *a, size_t i, const struct archive_wish *wish)
{
    const struct file_entry *e = &a->files.entries[i];
    const struct packer_job job = {
        .name = e->name,
        .sequence = e->sequence,
        .size = a->files.sizes[i],
        .sha256 = wish->sha256,
        .compress = wish->compress,
    };

    if (packer_give(a->packer, &job)) {
        a->packing_sequence = e->sequence;
        a->reserved = wish->compress ? job.size : 0;
        atomic_fetch_add(&a->bytes, a->reserved);
        free(a->packing);
        a->packing = rec_xasprintf("%s%s%s", e->name, FILE_NAME_ZSTD,
                                   FILE_NAME_PART);
    }
}

/* Finds something to do for the packer, which is idle. */
static void
find_work(struct archive *a, const struct archive_wish *wish,
          const struct retention_limits *limits,
          const struct archive_open *open)
{
    for (size_t i = 0; i < a->files.n; i++) {
        struct file_entry *e = &a->files.entries[i];

        if (is_settled(a, e, wish)) {
            /* What was left open is so only as long as it has no name. */
            e->settled = !e->part;
            continue;
        }
        if (!wish->compress || make_room(a, limits, open, &i)) {
            start(a, i, wish);
        } else {
            complain(a, e->name, ENOSPC);
        }
        return;
    }
}

/* Goes on packing files as 'wish' says.  Returns true if the packer has
 * something to do. */
bool
archive_pack(struct archive *a, const struct archive_wish *wish,
             const struct retention_limits *limits,
             const struct archive_open *open)
{
    struct packer_result r;

    if (wish->compress != a->wish.compress
        || wish->sha256 != a->wish.sha256) {
        a->wish = *wish;
        for (size_t i = 0; i < a->files.n; i++) {
            a->files.entries[i].settled = false;
        }
        /* What it is doing may not be what is wanted. */
        packer_cancel(a->packer);
        report_clear_error(a->report, REPORT_PACKING);
    }
    if (packer_take(a->packer, &r)) {
        finish(a, &r);
    }
    if (packer_is_idle(a->packer) && (wish->compress || wish->sha256)) {
        find_work(a, wish, limits, open);
    }
    return !packer_is_idle(a->packer);
}

/* Has the packer drop the file number 'sequence', which is about to go. */
void
archive_stop_packing(struct archive *a, uint64_t sequence)
{
    if (!packer_is_idle(a->packer) && a->packing_sequence == sequence) {
        packer_cancel(a->packer);
    }
}

/* Ends what a recorder that was killed while it packed has left: a compressed
 * copy that has its name is whole. */
void
archive_recover_packing(struct archive *a)
{
    int dirfd = a->place->dirfd;

    for (size_t k = 0; k < a->files.n_leftovers; k++) {
        const char *name = a->files.leftovers[k];
        struct file_name parts;
        size_t i = a->files.n;
        struct stat st;

        file_name_split(name, &parts);
        while (!parts.part && i-- > 0) {
            const struct file_entry *e = &a->files.entries[i];

            if (!e->part && strlen(e->name) == parts.plain_len
                && !strncmp(e->name, name, parts.plain_len)) {
                break;
            }
        }
        if (parts.part) {
            unlinkat(dirfd, name, 0);
        } else if (i < a->files.n
                   && !fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW)) {
            replace(a, i, rec_xstrdup(name), st.st_size, NULL);
        }
    }
}
