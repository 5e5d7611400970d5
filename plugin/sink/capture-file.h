/* SPDX-License-Identifier: Apache-2.0 */

/* One capture file, from its making to its closing.  While open it is called
 * NAME.part.  Whatever goes wrong, it ends with a whole record. */

#ifndef SPAN_SINK_CAPTURE_FILE_H
#define SPAN_SINK_CAPTURE_FILE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accounting.h"

struct capture_place;
struct file_header;
struct segment;
struct segment_gap;

/* What a file holds. */
struct capture_file_stats {
    uint64_t opened, closed;    /* Nanoseconds since 1970. */
    uint64_t first, last;       /* Of its frames, same; 0 if none. */
    uint64_t packets;
    uint64_t dropcount;         /* Losses noted in it. */
    uint64_t gaps;              /* Places where losses are noted. */
    uint64_t write_drop;        /* Frames that did not get into it. */
};

/* The first of the gaps that a file has are remembered. */
#define CAPTURE_FILE_GAPS_MAX 1000

struct capture_file {
    char *name;                 /* When closed. */
    char *part;                 /* What it is called now, NULL if 'name'. */
    uint64_t sequence;
    uint64_t size;              /* Bytes, all of them whole records. */
    struct capture_file_stats stats;
    struct accounting_snapshot counters, counters_since_open; /* When full. */
    struct segment_gap *gaps;   /* The first of 'stats.gaps'. */
    size_t n_gaps;
    struct file_header *header; /* What it was begun with, or NULL. */

    int fd;
    bool stream;                /* A pipe or device: no going back. */
    bool direct;                /* Takes whole pages past the page cache. */
    bool aligned;               /* Each segment so far is in it entirely. */
    bool uncut;                 /* Something is behind 'size'. */
    int sync_error;             /* Errno value: some of it may not be there. */
    uint64_t behind;            /* Start of what was written last. */
};

struct capture_file *capture_file_prepare(const struct capture_place *);
int capture_file_create(struct capture_place *, struct capture_file *ahead,
                        struct capture_file **);
int capture_file_append(struct capture_file *, const struct segment *,
                        uint64_t *size);
int capture_file_append_raw(struct capture_file *, const void *, size_t,
                            uint64_t *size);
void capture_file_note_gaps(struct capture_file *, const struct segment *,
                            uint64_t packets);
void capture_file_cut(struct capture_file *, uint64_t size);
int capture_file_rename(int dirfd, const char *from, const char *to);
int capture_file_finish(struct capture_file *, int dirfd);
void capture_file_discard(struct capture_file *, int dirfd);
void capture_file_free(struct capture_file *);

#endif /* plugin/sink/capture-file.h */
