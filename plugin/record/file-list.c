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
    for (size_t i = 0; i < list->n_leftovers; i++) {
        free(list->leftovers[i]);
    }
    free(list->leftovers);
    free(list->entries);
    free(list->sizes);
    memset(list, 0, sizeof *list);
}

/* Adds a file behind all others. */
static void
append(struct file_list *list, const char *name, uint64_t sequence, bool part,
       bool zstd, uint64_t size)
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
        .zstd = zstd,
    };
    list->sizes[list->n++] = size;
}

/* Adds a file at its place. */
void
file_list_add(struct file_list *list, const char *name, uint64_t sequence,
              bool part, uint64_t size)
{
    size_t i;

    append(list, name, sequence, part, false, size);
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

    if (a->entry.sequence != b->entry.sequence) {
        return a->entry.sequence > b->entry.sequence ? 1 : -1;
    }
    /* Compressed copies last. */
    return strcmp(a->entry.name, b->entry.name);
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

static void
add_leftover(struct file_list *list, const char *name)
{
    list->leftovers = rec_xrealloc(
        list->leftovers, (list->n_leftovers + 1) * sizeof *list->leftovers);
    list->leftovers[list->n_leftovers++] = rec_xstrdup(name);
}

/* Takes compressed files out of 'list' whose originals are there, too. */
static void
set_aside_copies(struct file_list *list)
{
    for (size_t i = list->n; i-- > 1; ) {
        const struct file_entry *e = &list->entries[i];
        const struct file_entry *before = &list->entries[i - 1];

        if (e->zstd && !before->zstd && e->sequence == before->sequence
            && !strncmp(e->name, before->name,
                        strlen(e->name) - strlen(FILE_NAME_ZSTD))) {
            add_leftover(list, e->name);
            file_list_remove(list, i);
        }
    }
}

/* Adds the file 'name' in 'dirfd' to 'list', if it is ours for 'prefix'. */
static void
read_entry(struct file_list *list, int dirfd, const char *name,
           const char *prefix)
{
    struct file_name parts;
    struct stat st;

    if (!file_name_split(name, &parts) || parts.prefix_len != strlen(prefix)
        || strncmp(name, prefix, parts.prefix_len)
        || fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW)
        || !S_ISREG(st.st_mode)) {
        return;
    }
    if (parts.zstd && parts.part) {
        add_leftover(list, name);
    } else {
        append(list, name, parts.sequence, parts.part, parts.zstd,
               st.st_size);
    }
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
        read_entry(list, dirfd, d->d_name, prefix);
    }
    closedir(dir);
    sort(list);
    set_aside_copies(list);
    return 0;
}
