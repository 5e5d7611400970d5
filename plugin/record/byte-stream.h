/* SPDX-License-Identifier: Apache-2.0 */

/* The bytes of a capture file from its start to its end, whether they are
 * stored as they are or compressed by zstd.  Memory is bounded whatever the
 * file says. */

#ifndef SPAN_BYTE_STREAM_H
#define SPAN_BYTE_STREAM_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sha256.h"

/* The most bytes that byte_stream_peek() shows at once. */
#define BYTE_STREAM_MAX (16 << 20)

/* Why a stream ends. */
enum byte_stream_end {
    BYTE_STREAM_OPEN,           /* It does not, as far as is known. */
    BYTE_STREAM_END,            /* The end of the file. */
    BYTE_STREAM_CUT,            /* The end of the file within a frame. */
    BYTE_STREAM_DAMAGED,        /* What follows is no frame of zstd. */
    BYTE_STREAM_ERROR,          /* It cannot be read. */
};

struct byte_stream;

struct byte_stream *byte_stream_create(int fd, bool sums);
void byte_stream_destroy(struct byte_stream *);

const uint8_t *byte_stream_peek(struct byte_stream *, size_t *n);
void byte_stream_skip(struct byte_stream *, size_t n);

uint64_t byte_stream_offset(const struct byte_stream *);
uint64_t byte_stream_stored(const struct byte_stream *);
bool byte_stream_is_zstd(const struct byte_stream *);
uint64_t byte_stream_frame(const struct byte_stream *);
uint64_t byte_stream_frame_offset(const struct byte_stream *);
enum byte_stream_end byte_stream_end(const struct byte_stream *);
const char *byte_stream_problem(const struct byte_stream *);
void byte_stream_drain(struct byte_stream *);
void byte_stream_finish(struct byte_stream *,
                        char plain[SHA256_HEX_SIZE],
                        char stored[SHA256_HEX_SIZE]);

#endif /* plugin/record/byte-stream.h */
