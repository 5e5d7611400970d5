/* SPDX-License-Identifier: Apache-2.0 */

/* What is known about a closed capture file, as JSON beside it, in
 * NAME.json. */

#ifndef SPAN_SINK_MANIFEST_H
#define SPAN_SINK_MANIFEST_H 1

#include <jansson.h>
#include <stdint.h>

#include "capture-file.h"

struct accounting_snapshot;
struct file_header;
struct segment_gap;
struct sink_options;

struct manifest {
    const char *name;           /* Of the capture file. */
    const char *state;          /* "closed", "recovered" or "suspect". */
    const struct sink_options *options;
    uint64_t size;
    struct capture_file_stats stats;
    const struct file_header *header; /* What it starts with, or NULL. */
    const struct segment_gap *gaps; /* The first of 'stats.gaps'. */
    size_t n_gaps;
    /* Of the recorder when it was full, or NULL. */
    const struct accounting_snapshot *counters;
    const struct accounting_snapshot *counters_since_open;
};

/* What became of a file after it was closed; NULL for what did not. */
struct manifest_packing {
    const char *sha256;         /* Of the file as it was closed. */
    const char *compressed;     /* Name of what took its place. */
    uint64_t compressed_bytes;
    const char *compressed_sha256;
};

json_t *manifest_to_json(const struct manifest *);
int manifest_store(int dirfd, const char *file, json_t *);
int manifest_amend(int dirfd, const char *name,
                   const struct manifest_packing *);
void manifest_remove(int dirfd, const char *name);

#endif /* plugin/sink/manifest.h */
