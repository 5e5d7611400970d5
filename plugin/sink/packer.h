/* SPDX-License-Identifier: Apache-2.0 */

/* The packing thread: reads closed capture files, one at a time, for their
 * SHA-256, and compresses them.  It runs when nobody else wants the processor
 * or the disk, stands still when told to, and holds no lock that another
 * thread could have to wait for. */

#ifndef SPAN_SINK_PACKER_H
#define SPAN_SINK_PACKER_H 1

#include <stdbool.h>
#include <stdint.h>

#include "plugin/record/sha256.h"

/* Why it stands still: files are to be closed, or the writer is behind. */
enum packer_reason {
    PACKER_CLOSING = 1 << 0,
    PACKER_WRITING = 1 << 1,
};

/* What is to be done with a file. */
struct packer_job {
    const char *name;
    uint64_t sequence;
    uint64_t size;              /* Bytes. */
    bool sha256;
    bool compress;              /* Into NAME.zst.part. */
};

/* What became of it. */
struct packer_result {
    uint64_t sequence;
    uint64_t size;              /* As it was given. */
    int error;                  /* 0 or a positive errno value. */
    bool compress;              /* As it was given. */
    uint64_t packed_size;       /* Bytes, if compressed. */
    char sha256[SHA256_HEX_SIZE]; /* Of the file, "" if not asked for. */
    char packed_sha256[SHA256_HEX_SIZE]; /* Of the compressed one, same. */
};

struct packer;

struct packer *packer_create(int dirfd, void (*done)(void *aux), void *aux);
void packer_destroy(struct packer *);
void packer_pause(struct packer *, enum packer_reason, bool);
bool packer_is_idle(const struct packer *);
bool packer_give(struct packer *, const struct packer_job *);
bool packer_take(struct packer *, struct packer_result *);
void packer_cancel(struct packer *);

#endif /* plugin/sink/packer.h */
