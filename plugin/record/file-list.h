/* SPDX-License-Identifier: Apache-2.0 */

/* The closed capture files of a sink, oldest first, and the directory they
 * are in.  The directory is the only memory: a recorder that starts finds in
 * it what the one before left. */

#ifndef SPAN_FILE_LIST_H
#define SPAN_FILE_LIST_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file_entry {
    char *name;
    uint64_t sequence;
    bool part;                  /* Was left open. */
};

struct file_list {
    struct file_entry *entries; /* By sequence. */
    uint64_t *sizes;            /* Bytes of each. */
    size_t n, allocated;
};

void file_list_destroy(struct file_list *);
int file_list_read(struct file_list *, int dirfd, const char *prefix);
void file_list_add(struct file_list *, const char *name, uint64_t sequence,
                   bool part, uint64_t size);
void file_list_remove(struct file_list *, size_t i);
void file_list_remove_oldest(struct file_list *, size_t n);

#endif /* plugin/record/file-list.h */
