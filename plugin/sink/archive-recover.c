/* SPDX-License-Identifier: Apache-2.0 */

/* What earlier recorders left: taking stock of it, and mending what was not
 * closed; see archive.h. */

#include <config.h>

#include "archive.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture-place.h"
#include "manifest.h"
#include "manifest-read.h"
#include "options.h"
#include "packer.h"
#include "plugin/record/file-name.h"
#include "plugin/record/record-format.h"
#include "plugin/record/record-util.h"

/* What is read at a time of a file that was left open; more than a record. */
#define RECOVER_CHUNK (4 << 20)

/* Removes the files that were left open before anything was in them. */
static void
remove_empty(struct archive *a)
{
    for (size_t i = a->files.n; i-- > 0; ) {
        if (a->files.entries[i].part && !a->files.sizes[i]) {
            unlinkat(a->place->dirfd, a->files.entries[i].name, 0);
            file_list_remove(&a->files, i);
        }
    }
}

/* Takes stock of the directory: what is in it, and the next number. */
void
archive_read(struct archive *a)
{
    struct capture_place *place = a->place;

    if (a->options->sink
        && !file_list_read(&a->files, place->dirfd, place->prefix)) {
        remove_empty(a);
        if (a->files.n) {
            place->sequence = a->files.entries[a->files.n - 1].sequence;
        }
    }
    for (size_t i = 0; i < a->files.n; i++) {
        atomic_fetch_add(&a->bytes, a->files.sizes[i]);
    }
}

/* Frees what 'a' holds. */
void
archive_destroy(struct archive *a)
{
    packer_destroy(a->packer);
    if (a->packing) {
        /* The copy of a file that was not finished, if it is there. */
        unlinkat(a->place->dirfd, a->packing, 0);
    }
    free(a->packing);
    archive_forget_manifests(a);
    file_list_destroy(&a->files);
}

/* Returns what the file 'fd' holds, as far as it can be read. */
static struct record_contents
walk_file(const struct record_format *format, int fd)
{
    uint8_t *buffer = rec_xcalloc(1, RECOVER_CHUNK);
    struct record_contents all = { 0 }, got;

    do {
        ssize_t n = pread(fd, buffer, RECOVER_CHUNK, all.bytes);

        got = format->walk(buffer, n > 0 ? n : 0, !all.bytes);
        all.bytes += got.bytes;
        all.packets += got.packets;
        all.dropcount += got.dropcount;
    } while (got.bytes);
    free(buffer);
    return all;
}

/* Cuts the file called 'part' to its whole records.  Returns what it then
 * holds, which is nothing if that did not work. */
static struct record_contents
cut_to_records(const struct archive *a, const char *part)
{
    const struct record_format *format = (strstr(part, ".pcapng.")
                                          ? &record_format_pcapng
                                          : &record_format_pcap);
    int fd = openat(a->place->dirfd, part,
                    O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    struct record_contents got = { 0 };

    if (fd >= 0) {
        got = walk_file(format, fd);
        if (got.bytes && (ftruncate(fd, got.bytes) || fdatasync(fd))) {
            got.bytes = 0;
        }
        close(fd);
    }
    return got;
}

/* Mends the file number 'i', which a recorder that was killed left open. */
static void
recover_file(struct archive *a, size_t i)
{
    struct file_entry *e = &a->files.entries[i];
    struct record_contents got = cut_to_records(a, e->name);
    struct capture_file_stats stats = {
        .packets = got.packets,
        .dropcount = got.dropcount,
    };
    char *name;

    if (!got.bytes) {
        /* There is nothing that could be read, now at least. */
        e->part = false;
        return;
    }
    name = archive_closed_name(e);
    archive_write_manifest(a, &(struct manifest) {
        .name = name,
        .state = "recovered",
        .size = got.bytes,
        .stats = stats,
    });
    free(name);
    atomic_fetch_sub(&a->bytes, a->files.sizes[i] - got.bytes);
    a->files.sizes[i] = got.bytes;
}

/* Mends what a recorder that was killed left, and tells what is there. */
void
archive_recover(struct archive *a)
{
    for (size_t i = 0; i < a->files.n; i++) {
        if (a->files.entries[i].part) {
            recover_file(a, i);
        }
    }
    archive_rename(a);
    archive_recover_packing(a);
    manifest_read_all(a->place->dirfd, &a->files, a->recordings);
}
