/* SPDX-License-Identifier: Apache-2.0 */

/* The closed capture files of one recorder, and what becomes of them: they are
 * brought to the disk and get their names (archive-close.c) and manifests
 * (archive-manifest.c), what a killed
 * recorder left is mended (archive-recover.c), they are compressed
 * (archive-pack.c), the oldest go (archive-retain.c), and those that somebody
 * else deletes are forgotten (archive-look.c).
 *
 * Of the keeper's thread alone, 'bytes' aside, to which the writer adds what
 * it passes on, and 'disk', which others read; every function may take its
 * time. */

#ifndef SPAN_SINK_ARCHIVE_H
#define SPAN_SINK_ARCHIVE_H 1

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "capture-file.h"
#include "plugin/record/file-list.h"
#include "retention.h"

struct capture_place;
struct manifest;
struct packer;
struct recordings;
struct report;
struct sink_options;

/* What is to be done with closed files. */
struct archive_wish {
    bool compress;
    bool sha256;
};

/* A manifest that could not be written yet. */
struct archive_manifest {
    char *name;                 /* Of the file. */
    json_t *json;
};

/* The pointers are lent, all but the packer; they must outlive the archive. */
struct archive {
    struct capture_place *place;
    struct report *report;
    struct recordings *recordings;
    const struct sink_options *options; /* What never changes of it. */
    struct file_list files;
    _Atomic uint64_t bytes;     /* Of all files but the open one. */
    struct {
        _Atomic uint64_t free;  /* As retention.h has them; 0 and 0 = not */
        _Atomic uint64_t size;  /* known. */
    } disk;

    struct archive_manifest *unwritten;
    size_t n_unwritten;

    struct packer *packer;
    struct archive_wish wish;   /* As it was last. */
    uint64_t packing_sequence;  /* The file that the packer has, */
    char *packing;              /* the name of the copy that it makes, */
    uint64_t reserved;          /* and the bytes, of 'bytes', for that. */

    uint64_t next_look;         /* Monotonic time of archive_look()... */
    struct stat looked;         /* ...and the directory then. */
};

/* What is beside the closed files. */
struct archive_open {
    bool open;                  /* Is a file open? */
    uint64_t bytes;             /* What it holds, or may come to hold. */
};

void archive_read(struct archive *);
void archive_destroy(struct archive *);
void archive_close(struct archive *, struct capture_file *);
void archive_rename(struct archive *);
void archive_recover(struct archive *);
bool archive_retain(struct archive *, const struct retention_limits *,
                    const struct archive_open *, bool make_room,
                    bool *starved);
void archive_look(struct archive *);
bool archive_pack(struct archive *, const struct archive_wish *,
                  const struct retention_limits *,
                  const struct archive_open *);

void archive_write_late(struct archive *);

/* For the other files of this part. */
void archive_remove_manifest(struct archive *, const char *name);
void archive_forget_manifests(struct archive *);
bool archive_measure(const struct archive *, struct retention_state *);
size_t archive_delete_oldest(struct archive *, size_t n);
void archive_stop_packing(struct archive *, uint64_t sequence);
void archive_recover_packing(struct archive *);
char *archive_closed_name(const struct file_entry *);
void archive_write_manifest(struct archive *, struct manifest *);

#endif /* plugin/sink/archive.h */
