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
#include "sink-util.h"

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

/* Adds a file at its place. */
void
file_list_add(struct file_list *list, const char *name, uint64_t sequence,
              bool part, uint64_t size)
{
    size_t i;

    if (list->n == list->allocated) {
        list->allocated = list->allocated ? 2 * list->allocated : 16;
        list->entries = sink_xrealloc(
            list->entries, list->allocated * sizeof *list->entries);
        list->sizes = sink_xrealloc(list->sizes,
                                    list->allocated * sizeof *list->sizes);
    }
    for (i = list->n; i > 0; i--) {
        if (list->entries[i - 1].sequence <= sequence) {
            break;
        }
        list->entries[i] = list->entries[i - 1];
        list->sizes[i] = list->sizes[i - 1];
    }
    list->entries[i] = (struct file_entry) {
        .name = sink_xstrdup(name),
        .sequence = sequence,
        .part = part,
    };
    list->sizes[i] = size;
    list->n++;
}

/* Removes the file number 'index' from 'list'. */
void
file_list_remove(struct file_list *list, size_t index)
{
    free(list->entries[index].name);
    list->n--;
    memmove(&list->entries[index], &list->entries[index + 1],
            (list->n - index) * sizeof *list->entries);
    memmove(&list->sizes[index], &list->sizes[index + 1],
            (list->n - index) * sizeof *list->sizes);
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
            file_list_add(list, d->d_name, sequence, part, st.st_size);
        }
    }
    closedir(dir);
    return 0;
}
