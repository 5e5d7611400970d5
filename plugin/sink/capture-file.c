/* SPDX-License-Identifier: Apache-2.0 */

/* One capture file; see capture-file.h. */

#include <config.h>

#include "capture-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "capture-place.h"
#include "file-header.h"
#include "fs-kind.h"
#include "plugin/record/file-name.h"
#include "plugin/record/record-util.h"
#include "segment-ring.h"

/* Smaller pieces go through the page cache: they come from quiet interfaces,
 * where nothing is gained otherwise. */
#define DIRECT_MIN (1 << 20)

/* Numbers tried before giving up on a directory full of such names. */
#define SEQUENCE_TRIES 1000

#define MODE 0640

/* Returns true if the file system of 'fd' is known to be no good for direct
 * writes: it is memory, or somewhere else, or on top of another one. */
static bool
is_indirect(int fd)
{
    struct statfs fs;

    return fstatfs(fd, &fs) || fs_kind_lookup(fs.f_type)->indirect;
}

/* Turns direct writes on or off.  Returns true if that worked. */
static bool
set_direct(int fd, bool on)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0
           && !fcntl(fd, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT);
}

static bool
can_write_directly(int fd)
{
    return !is_indirect(fd) && set_direct(fd, true) && set_direct(fd, false);
}

static struct capture_file *
new_file(void)
{
    struct capture_file *f = rec_xcalloc(1, sizeof *f);

    f->fd = -1;
    f->aligned = true;
    return f;
}

/* Opens a file for later under 'place', which has no name until then: nobody
 * sees it, and if it is not used it is gone.  Returns it, or NULL if the file
 * system has no such thing; then files are opened when they are needed. */
struct capture_file *
capture_file_prepare(const struct capture_place *place)
{
    struct capture_file *f;
    int fd;

    if (place->single) {
        return NULL;
    }
    fd = openat(place->dirfd, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, MODE);
    if (fd < 0) {
        return NULL;
    }
    f = new_file();
    f->fd = fd;
    return f;
}

/* Gives the open file 'f' its name under 'place'. */
static int
name_open_file(const struct capture_place *place, const struct capture_file *f)
{
    char self[64];

    snprintf(self, sizeof self, "/proc/self/fd/%d", f->fd);
    return (linkat(AT_FDCWD, self, place->dirfd, f->part, AT_SYMLINK_FOLLOW)
            ? errno : 0);
}

/* Opens the file of which 'f' has the name, under 'place'. */
static int
open_numbered(const struct capture_place *place, struct capture_file *f)
{
    if (f->fd >= 0) {
        int error = name_open_file(place, f);

        if (!error || error == EEXIST) {
            return error;
        }
        close(f->fd);
    }
    f->fd = openat(place->dirfd, f->part,
                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                   MODE);
    return f->fd < 0 ? errno : 0;
}

static int
open_single(const struct capture_place *place, struct capture_file *f)
{
    const char *path = place->single;
    const char *slash = strrchr(path, '/');
    struct stat st;

    f->fd = (strcmp(path, "-")
             ? openat(place->dirfd, slash ? slash + 1 : path,
                      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE)
             : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
    if (f->fd < 0 || fstat(f->fd, &st)) {
        return errno;
    }
    f->stream = !S_ISREG(st.st_mode) || !strcmp(path, "-");
    return 0;
}

/* Makes the next file of 'place', or its only one, of 'ahead', which it takes
 * over, if that is not NULL.  Returns 0 and stores it in '*fp', or returns a
 * positive errno value. */
int
capture_file_create(struct capture_place *place, struct capture_file *ahead,
                    struct capture_file **fp)
{
    struct capture_file *f = ahead ? ahead : new_file();
    int error = EEXIST;

    f->stats.opened = rec_time_wall();
    *fp = NULL;
    if (place->single) {
        f->name = rec_xstrdup(place->single);
        error = open_single(place, f);
    }
    for (int i = 0; !place->single && error == EEXIST && i < SEQUENCE_TRIES;
         i++) {
        free(f->name);
        free(f->part);
        f->sequence = ++place->sequence;
        f->name = file_name_format(place->prefix, f->sequence,
                                   f->stats.opened, place->extension);
        f->part = rec_xasprintf("%s%s", f->name, FILE_NAME_PART);
        error = open_numbered(place, f);
        if (error == ENOENT && capture_place_restore(place)) {
            error = open_numbered(place, f);
        }
    }
    if (error) {
        /* The number was not used. */
        place->sequence -= !place->single;
        capture_file_free(f);
        return error;
    }
    f->direct = !f->stream && can_write_directly(f->fd);
    *fp = f;
    return 0;
}

/* Writes 'n' bytes at 'offset' (or wherever a stream is).  Returns 0 or a
 * positive errno value.  Adds to '*done' what was written in either case. */
static int
write_fully(const struct capture_file *f, const uint8_t *data, size_t n,
            uint64_t offset, size_t *done)
{
    return (f->stream ? rec_write_all(f->fd, data, n, done)
            : rec_pwrite_all(f->fd, data, n, offset, done));
}

/* Waits until the 'n' bytes at 'start' are on the disk.  What goes wrong here
 * fdatasync() does not tell again. */
static void
wait_for_disk(struct capture_file *f, uint64_t start, uint64_t n)
{
    if (sync_file_range(f->fd, start, n,
                        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE
                        | SYNC_FILE_RANGE_WAIT_AFTER)
        && (errno == EIO || errno == ENOSPC || errno == EDQUOT)) {
        f->sync_error = errno;
    }
}

/* Starts to bring what was just written to the disk, and lets go of what was
 * written before it, so that a capture neither fills the page cache nor leaves
 * a mountain of dirty pages for later. */
static void
write_behind(struct capture_file *f, uint64_t start, uint64_t end)
{
    if (f->stream || end - start < DIRECT_MIN) {
        return;
    }
    sync_file_range(f->fd, start, end - start, SYNC_FILE_RANGE_WRITE);
    if (f->behind < start) {
        wait_for_disk(f, f->behind, start - f->behind);
        posix_fadvise(f->fd, f->behind, start - f->behind,
                      POSIX_FADV_DONTNEED);
    }
    f->behind = start;
}

/* Writes the whole pages of 's' past the page cache.  Adds to '*done' what was
 * written; the rest is left to the caller.  A file system that refuses is not
 * asked again. */
static int
write_pages(struct capture_file *f, const struct segment *s, uint64_t offset,
            size_t *done)
{
    size_t n = s->len - s->len % SEGMENT_PAGE;
    int error;

    if (!set_direct(f->fd, true)) {
        f->direct = false;
        return 0;
    }
    error = write_fully(f, s->data, n, offset, done);
    set_direct(f->fd, false);
    if (error == EINVAL || error == EOPNOTSUPP) {
        f->direct = false;
        error = 0;
    }
    return error;
}

/* Appends what 's' holds to 'f'.  Returns 0 or a positive errno value.  In
 * either case '*size' is how long the file is now; it may end within a record
 * if something went wrong, and the caller must then capture_file_cut() it. */
int
capture_file_append(struct capture_file *f, const struct segment *s,
                    uint64_t *size)
{
    uint64_t start;
    size_t done = 0;
    int error = 0;

    if (!f->aligned || f->stream || f->size < s->carry
        || (f->size - s->carry) % SEGMENT_PAGE) {
        return capture_file_append_raw(f, s->data + s->carry,
                                       s->len - s->carry, size);
    }
    start = f->size - s->carry;
    if (f->direct && s->len >= DIRECT_MIN) {
        error = write_pages(f, s, start, &done);
        if (!error) {
            error = write_fully(f, s->data + done, s->len - done,
                                start + done, &done);
        }
    } else {
        done = s->carry;
        error = write_fully(f, s->data + done, s->len - done, f->size, &done);
        write_behind(f, start, start + done);
    }
    *size = REC_MAX(f->size, start + done);
    f->size = *size;
    return error;
}

/* Appends the 'n' bytes at 'data' to 'f'; otherwise the same.  From then on
 * the pages of the file are not those of the segments. */
int
capture_file_append_raw(struct capture_file *f, const void *data, size_t n,
                        uint64_t *size)
{
    size_t done = 0;
    int error = write_fully(f, data, n, f->size, &done);

    f->aligned = false;
    *size = f->size += done;
    return error;
}

/* Notes the gaps before the first 'packets' packets of 's', which 'f' has got
 * behind the 'f->stats.packets' counted so far. */
void
capture_file_note_gaps(struct capture_file *f, const struct segment *s,
                       uint64_t packets)
{
    size_t listed = REC_MIN(s->gaps, (uint64_t) SEGMENT_GAPS_MAX);
    size_t n = 0;

    while (n < listed && s->gap_list[n].after_packet < packets) {
        n++;
    }
    f->stats.gaps += packets < s->packets ? n : s->gaps;
    if (!f->gaps && n) {
        f->gaps = rec_xcalloc(CAPTURE_FILE_GAPS_MAX, sizeof *f->gaps);
    }
    for (size_t i = 0; i < n && f->n_gaps < CAPTURE_FILE_GAPS_MAX; i++) {
        struct segment_gap *gap = &f->gaps[f->n_gaps++];

        *gap = s->gap_list[i];
        gap->after_packet += f->stats.packets;
    }
}

/* Cuts 'f' to its first 'size' bytes, the last of which ends a record. */
void
capture_file_cut(struct capture_file *f, uint64_t size)
{
    f->aligned = false;
    if (!f->stream) {
        f->uncut = ftruncate(f->fd, size);
        f->size = size;
    }
}

/* Calls the file 'from' in 'dirfd' 'to' from now on; no other must have that
 * name.  Not every file system can promise that: NFS has no such call.
 * Returns 0 or a positive errno value. */
int
capture_file_rename(int dirfd, const char *from, const char *to)
{
    struct stat st;

    if (!renameat2(dirfd, from, dirfd, to, RENAME_NOREPLACE)) {
        return 0;
    }
    if (errno != EINVAL) {
        return errno;
    }
    if (!fstatat(dirfd, to, &st, AT_SYMLINK_NOFOLLOW)) {
        return EEXIST;
    }
    return renameat(dirfd, from, dirfd, to) ? errno : 0;
}

/* Brings 'f' safely to the disk, closes it, and gives it its final name; then
 * 'part' is NULL.  A file that could not be cut does not get it.  Returns 0 or
 * a positive errno value; the file is closed in either case. */
int
capture_file_finish(struct capture_file *f, int dirfd)
{
    int error = f->sync_error;

    f->uncut = f->uncut && ftruncate(f->fd, f->size);
    if (f->uncut) {
        error = errno;
    }
    if (!f->stream && fdatasync(f->fd)) {
        error = errno;
    }
    if (close(f->fd) && !error) {
        error = errno;
    }
    f->fd = -1;
    if (f->part && !f->uncut) {
        int rename_error = capture_file_rename(dirfd, f->part, f->name);

        if (rename_error) {
            return error ? error : rename_error;
        }
        free(f->part);
        f->part = NULL;
        if (fsync(dirfd) && !error) {
            error = errno;
        }
    }
    return error;
}

/* Closes and removes 'f', which holds nothing. */
void
capture_file_discard(struct capture_file *f, int dirfd)
{
    if (f->fd >= 0) {
        close(f->fd);
        f->fd = -1;
    }
    if (f->part) {
        unlinkat(dirfd, f->part, 0);
    }
}

/* Frees 'f', and closes it if it is open. */
void
capture_file_free(struct capture_file *f)
{
    if (f) {
        if (f->fd >= 0) {
            close(f->fd);
        }
        file_header_unref(f->header);
        free(f->gaps);
        free(f->name);
        free(f->part);
        free(f);
    }
}
