/* SPDX-License-Identifier: Apache-2.0 */

/* The closing of files: to the disk, to their names, to their manifests; see
 * archive.h. */

#include <config.h>

#include "archive.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture-place.h"
#include "manifest.h"
#include "plugin/record/file-name.h"
#include "plugin/record/record-util.h"
#include "recordings.h"
#include "report.h"

/* Ends 'f', which the writer has passed on, and frees it. */
void
archive_close(struct archive *a, struct capture_file *f)
{
    const char *state = "closed";
    char buffer[128];
    int error;

    if (!f->size && !f->stream && f->part) {
        /* Nothing to subtract from 'bytes'. */
        capture_file_discard(f, a->place->dirfd);
        recordings_remove(a->recordings, f->sequence);
        capture_file_free(f);
        return;
    }
    error = capture_file_finish(f, a->place->dirfd);
    if (error) {
        state = "suspect";
        report_set_error(a->report, REPORT_CLOSING, "write-error",
                         "%s may be incomplete: %s", f->name,
                         rec_strerror(error, buffer, sizeof buffer));
    } else {
        report_clear_error(a->report, REPORT_CLOSING);
    }
    archive_write_manifest(a, &(struct manifest) {
        .name = f->name,
        .state = state,
        .size = f->size,
        .stats = f->stats,
        .header = f->header,
        .gaps = f->gaps,
        .n_gaps = f->n_gaps,
        .counters = &f->counters,
        .counters_since_open = &f->counters_since_open,
    });
    file_list_add(&a->files, f->part ? f->part : f->name, f->sequence,
                  f->part != NULL, f->size);
    capture_file_free(f);
}

/* Returns what 'e', which is still called as it was while open, is to be
 * called.  The caller must free it. */
char *
archive_closed_name(const struct file_entry *e)
{
    return rec_xstrndup(e->name, strlen(e->name) - strlen(FILE_NAME_PART));
}

/* Cuts 'name' to 'size' bytes, if it has more.  Returns true if it has no more
 * then. */
static bool
cut(int dirfd, const char *name, uint64_t size)
{
    int fd = openat(dirfd, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    bool ok;

    if (fd < 0) {
        return false;
    }
    ok = (!fstat(fd, &st)
          && ((uint64_t) st.st_size <= size
              || (!ftruncate(fd, size) && !fdatasync(fd))));
    close(fd);
    return ok;
}

/* Tries once more to give their names to closed files that could not get
 * them, and to cut those that could not be cut. */
void
archive_rename(struct archive *a)
{
    int dirfd = a->place->dirfd;

    for (size_t i = 0; i < a->files.n; i++) {
        struct file_entry *e = &a->files.entries[i];
        char *name;

        if (!e->part) {
            continue;
        }
        name = archive_closed_name(e);
        if (cut(dirfd, e->name, a->files.sizes[i])
            && !capture_file_rename(dirfd, e->name, name)) {
            free(e->name);
            e->name = name;
            e->part = false;
        } else {
            free(name);
        }
    }
}
