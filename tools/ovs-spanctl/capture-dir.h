/* SPDX-License-Identifier: Apache-2.0 */

/* Capture files in a directory, and what their manifests say. */

#ifndef TOOLS_CAPTURE_DIR_H
#define TOOLS_CAPTURE_DIR_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin/record/capture-check.h"
#include "plugin/record/file-name.h"

/* What a manifest says.  Numbers that it does not have are CAPTURE_UNKNOWN,
 * texts are NULL. */
struct manifest {
    char *state, *interface, *description, *filter;
    uint64_t first, last;       /* Nanoseconds since 1970. */
    struct capture_claims claims;
};

bool manifest_read(struct manifest *, const char *path);
void manifest_destroy(struct manifest *);

/* A file. */
struct capture_entry {
    char *path;
    char *sink;
    char *name;                 /* As it is called in its directory. */
    struct file_name parts;
    uint64_t size;              /* Bytes. */
    bool has_manifest;
    struct manifest manifest;   /* If there is one. */
};

struct capture_dir {
    struct capture_entry *entries;      /* By sink, oldest first. */
    size_t n, allocated;
};

char *capture_dir_read(struct capture_dir *, const char *dir,
                       const char *sink);
void capture_dir_destroy(struct capture_dir *);

#endif /* tools/ovs-spanctl/capture-dir.h */
