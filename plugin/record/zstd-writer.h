/* SPDX-License-Identifier: Apache-2.0 */

/* Compresses a capture file into independent frames of zstd: damage to one
 * leaves the others readable, and every frame carries its size and a checksum.
 * Memory in, memory out.
 *
 * zstd: https://www.rfc-editor.org/rfc/rfc8878 */

#ifndef SPAN_ZSTD_WRITER_H
#define SPAN_ZSTD_WRITER_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes to be given at a time, and the most that they may become. */
#define ZSTD_WRITER_CHUNK ((size_t) 1 << 20)
#define ZSTD_WRITER_OUT (ZSTD_WRITER_CHUNK + ((size_t) 1 << 20))

/* Bytes of input in a frame. */
#define ZSTD_WRITER_FRAME ((uint64_t) 8 << 20)

struct zstd_writer;

struct zstd_writer *zstd_writer_create(uint64_t size);
void zstd_writer_destroy(struct zstd_writer *);
bool zstd_writer_add(struct zstd_writer *, const void *, size_t n,
                     uint8_t out[], size_t *out_len);

#endif /* plugin/record/zstd-writer.h */
