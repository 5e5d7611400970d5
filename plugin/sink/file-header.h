/* SPDX-License-Identifier: Apache-2.0 */

/* What a file starts with, and what is said there about its source.  This may
 * change while the recorder runs, and then holds from the next file on; so
 * each file keeps the one it was begun with.  A header never changes; it is
 * freed when the last who has it lets go of it. */

#ifndef SPAN_SINK_FILE_HEADER_H
#define SPAN_SINK_FILE_HEADER_H 1

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin/record/record-format.h"

struct sink_options;

struct file_header {
    atomic_uint n_refs;
    char *sessions;             /* Separated by commas, or NULL. */
    char *description;          /* Or NULL. */
    size_t len;
    uint8_t data[RECORD_HEADER_MAX];
};

/* The header of the next file. */
struct file_headers {
    pthread_mutex_t mutex;
    struct file_header *next;
};

struct file_header *file_header_create(const struct sink_options *,
                                       uint64_t speed);
struct file_header *file_header_ref(struct file_header *);
void file_header_unref(struct file_header *);

void file_headers_init(struct file_headers *);
void file_headers_destroy(struct file_headers *);
void file_headers_set(struct file_headers *, struct file_header *);
struct file_header *file_headers_get(struct file_headers *);

#endif /* plugin/sink/file-header.h */
