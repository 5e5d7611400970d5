/* SPDX-License-Identifier: Apache-2.0 */

/* What is known of the sink's newest files, in memory: whoever opens, closes
 * or deletes one tells, and the main thread answers from it without touching
 * a disk.  Every function may be called by any thread. */

#ifndef SPAN_SINK_RECORDINGS_H
#define SPAN_SINK_RECORDINGS_H 1

#include <jansson.h>
#include <stdint.h>

/* More files than these are not remembered, the oldest are forgotten. */
#define RECORDINGS_MAX 1000

enum recording_state {
    RECORDING_OPEN,
    RECORDING_CLOSED,
    RECORDING_SUSPECT,          /* Something went wrong when it was closed. */
    RECORDING_RECOVERED,        /* Its recorder was killed. */
};

/* A file.  Texts that are NULL are not known. */
struct recording {
    char *name;                 /* When closed and not compressed. */
    uint64_t sequence;
    enum recording_state state;
    uint64_t first, last;       /* Nanoseconds since 1970, 0 if unknown. */
    uint64_t packets;
    uint64_t bytes;
    uint64_t lost;              /* Packets that are missing in it... */
    uint64_t gaps;              /* ...and in how many places. */
    char *sha256;
    char *compressed;           /* Name of the compressed file. */
};

struct recordings;

struct recordings *recordings_create(void);
void recordings_destroy(struct recordings *);

void recordings_put(struct recordings *, const struct recording *);
void recordings_grow(struct recordings *, const struct recording *);
void recordings_pack(struct recordings *, uint64_t sequence,
                     const char *sha256, const char *compressed);
void recordings_remove(struct recordings *, uint64_t sequence);

uint64_t recordings_seq(struct recordings *);
json_t *recordings_to_json(struct recordings *);
json_t *recordings_newest_open(struct recordings *);

const char *recording_state_name(enum recording_state);
enum recording_state recording_state_parse(const char *name);

#endif /* plugin/sink/recordings.h */
