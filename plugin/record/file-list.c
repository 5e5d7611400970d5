/* SPDX-License-Identifier: Apache-2.0 */

/* The closed capture files of a sink; see file-list.h. */

#include <config.h>

#include "file-list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file-name.h"
#include "record-util.h"

/* Frees what 'list' holds. */
void
file_list_destroy(struct file_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->entries[i].name);
    }
    free(list->entries);
    free(list->sizes);
    memset(list, 0, sizeof *list);
}

/* Adds a file behind all others. */
static void
append(struct file_list *list, const char *name, uint64_t sequence, bool part,
       uint64_t size)
{
    if (list->n == list->allocated) {
        list->allocated = list->allocated ? 2 * list->allocated : 16;
        list->entries = rec_xrealloc(
            list->entries, list->allocated * sizeof *list->entries);
        list->sizes = rec_xrealloc(list->sizes,
                                    list->allocated * sizeof *list->sizes);
    }
    list->entries[list->n] = (struct file_entry) {
        .name = rec_xstrdup(name),
        .sequence = sequence,
        .part = part,
    };
    list->sizes[list->n++] = size;
}

/* Adds a file at its place. */
void
file_list_add(struct file_list *list, const char *name, uint64_t sequence,
              bool part, uint64_t size)
{
    size_t i;

    append(list, name, sequence, part, size);
    for (i = list->n - 1; i > 0; i--) {
        struct file_entry entry = list->entries[i];

        if (list->entries[i - 1].sequence <= sequence) {
            break;
        }
        list->entries[i] = list->entries[i - 1];
        list->entries[i - 1] = entry;
        list->sizes[i] = list->sizes[i - 1];
        list->sizes[i - 1] = size;
    }
}

/* Removes file number 'i' from 'list'. */
void
file_list_remove(struct file_list *list, size_t i)
{
    free(list->entries[i].name);
    list->n--;
    memmove(&list->entries[i], &list->entries[i + 1],
            (list->n - i) * sizeof *list->entries);
    memmove(&list->sizes[i], &list->sizes[i + 1],
            (list->n - i) * sizeof *list->sizes);
}

/* Removes the 'n' oldest files from 'list'. */
void
file_list_remove_oldest(struct file_list *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(list->entries[i].name);
    }
    list->n -= n;
    if (n && list->n) {
        memmove(list->entries, list->entries + n,
                list->n * sizeof *list->entries);
        memmove(list->sizes, list->sizes + n,
                list->n * sizeof *list->sizes);
    }
}

/* An entry with its size, to be sorted together. */
struct sized_entry {
    struct file_entry entry;
    uint64_t size;
};

static int
compare_entries(const void *a_, const void *b_)
{
    const struct sized_entry *a = a_, *b = b_;

    return (a->entry.sequence > b->entry.sequence)
           - (a->entry.sequence < b->entry.sequence);
}

static void
sort(struct file_list *list)
{
    struct sized_entry *sorted = rec_xcalloc(list->n, sizeof *sorted);

    for (size_t i = 0; i < list->n; i++) {
        sorted[i].entry = list->entries[i];
        sorted[i].size = list->sizes[i];
    }
    qsort(sorted, list->n, sizeof *sorted, compare_entries);
    for (size_t i = 0; i < list->n; i++) {
        list->entries[i] = sorted[i].entry;
        list->sizes[i] = sorted[i].size;
    }
    free(sorted);
}

/* Reads into 'list', which must be empty, the files in 'dirfd' whose names are
 * ours for 'prefix'.  Whatever else is there is not ours.  Returns 0 or a
 * positive errno value. */
int
file_list_read(struct file_list *list, int dirfd, const char *prefix)
{
    int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *d;

    if (!dir) {
        int error = errno;

        if (fd >= 0) {
            close(fd);
        }
        return error;
    }
    while ((d = readdir(dir)) != NULL) {
        uint64_t sequence;
        struct stat st;
        bool part;

        if (file_name_parse(d->d_name, prefix, &sequence, &part)
            && !fstatat(dirfd, d->d_name, &st, AT_SYMLINK_NOFOLLOW)
            && S_ISREG(st.st_mode)) {
            append(list, d->d_name, sequence, part, st.st_size);
        }
    }
    closedir(dir);
    sort(list);
    return 0;
}
