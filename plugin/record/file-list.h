/* SPDX-License-Identifier: Apache-2.0 */

/* The closed capture files of a sink, oldest first, and the directory they
 * are in.  The directory is the only memory: a recorder that starts finds in
 * it what the one before left.  A file that is there twice, as it was and
 * compressed, is listed once, as it was. */

#ifndef SPAN_FILE_LIST_H
#define SPAN_FILE_LIST_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file_entry {
    char *name;
    uint64_t sequence;
    bool part;                  /* Was left open. */
    bool zstd;                  /* Is compressed. */
    bool settled;               /* Of no concern here: the recorder's. */
};

struct file_list {
    struct file_entry *entries; /* By sequence. */
    uint64_t *sizes;            /* Bytes of each. */
    size_t n, allocated;

    char **leftovers;           /* Names of second copies, made by a recorder
                                 * that was killed when it compressed. */
    size_t n_leftovers;
};

void file_list_destroy(struct file_list *);
int file_list_read(struct file_list *, int dirfd, const char *prefix);
void file_list_add(struct file_list *, const char *name, uint64_t sequence,
                   bool part, uint64_t size);
void file_list_remove(struct file_list *, size_t i);
void file_list_remove_oldest(struct file_list *, size_t n);

#endif /* plugin/record/file-list.h */
