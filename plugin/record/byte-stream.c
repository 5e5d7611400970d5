/* SPDX-License-Identifier: Apache-2.0 */

/* The bytes of a capture file; see byte-stream.h.
 *
 * 'plain' holds what is still to be read, contiguous, and grows up to
 * BYTE_STREAM_MAX when somebody wants to see that much.  A compressed file is
 * read into 'packed' and unpacked from there. */

#include <config.h>

#include "byte-stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "record-util.h"

/* Bytes read at once, and at the start, where often only a header matters. */
#define CHUNK (1 << 20)
#define FIRST_CHUNK (1 << 16)

/* zstd itself takes no more by default; a file that asks for more is not one
 * of ours, nor of anybody's who packs capture files. */
#define WINDOW_LOG_MAX 27

static const uint8_t zstd_magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };

struct byte_stream {
    int fd;
    enum byte_stream_end end;   /* Of what 'plain' is filled from. */
    char problem[160];

    uint8_t *plain;
    size_t start, len, size;    /* Of 'plain': first byte, end, allocated. */
    uint64_t offset;            /* Of the first byte in the whole stream. */
    uint64_t stored;            /* Bytes read from the file. */

    ZSTD_DStream *zstd;         /* NULL if stored as it is. */
    uint8_t *packed;
    size_t packed_start, packed_len;
    uint64_t frame;             /* Frames that are behind us. */
    uint64_t frame_offset;      /* In the file, of the frame at hand. */
    bool in_frame;

    struct sha256 *plain_sum, *stored_sum;      /* Or NULL. */
};

/* Notes that the stream ends here, because of 'end'. */
static void
stop(struct byte_stream *s, enum byte_stream_end end, const char *problem)
{
    s->end = end;
    snprintf(s->problem, sizeof s->problem, "%s", problem);
}

/* Reads up to 'n' bytes of the file.  Returns how many; 0 at its end and on
 * errors. */
static size_t
read_stored(struct byte_stream *s, uint8_t *p, size_t n)
{
    char buffer[128];
    ssize_t got;

    do {
        got = read(s->fd, p, n);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        stop(s, BYTE_STREAM_ERROR, rec_strerror(errno, buffer, sizeof buffer));
        return 0;
    }
    if (got && s->stored_sum) {
        sha256_update(s->stored_sum, p, got);
    }
    s->stored += got;
    return got;
}

/* Gets packed bytes, of which none are left.  Returns false at the end. */
static bool
fill_packed(struct byte_stream *s)
{
    s->packed_start = 0;
    s->packed_len = read_stored(s, s->packed,
                                s->stored < CHUNK ? FIRST_CHUNK : CHUNK);
    if (!s->packed_len && s->end == BYTE_STREAM_OPEN) {
        if (s->in_frame) {
            stop(s, BYTE_STREAM_CUT, "the file ends within a zstd frame");
        } else {
            stop(s, BYTE_STREAM_END, "");
        }
    }
    return s->packed_len > 0;
}

/* Gives zstd what packed bytes there are, and room for 'out'.  Returns true if
 * it took some of the former or of the latter. */
static bool
unpack_some(struct byte_stream *s, ZSTD_outBuffer *out)
{
    ZSTD_inBuffer in = { s->packed, s->packed_len, s->packed_start };
    size_t left;

    if (!s->in_frame && in.pos == in.size) {
        return false;
    }
    left = ZSTD_decompressStream(s->zstd, out, &in);
    if (ZSTD_isError(left)) {
        stop(s, BYTE_STREAM_DAMAGED, ZSTD_getErrorName(left));
        return false;
    }
    s->in_frame = left != 0;
    if (!left) {
        s->frame++;
        s->frame_offset = s->stored - (in.size - in.pos);
    }
    bool progress = in.pos > s->packed_start || out->pos;
    s->packed_start = in.pos;
    return progress;
}

/* Unpacks up to 'n' bytes to 'p'.  Returns how many; 0 at the end. */
static size_t
unpack(struct byte_stream *s, uint8_t *p, size_t n)
{
    ZSTD_outBuffer out = { p, n, 0 };

    while (!out.pos && s->end == BYTE_STREAM_OPEN) {
        /* zstd may hold back what no more of the file is needed for. */
        if (!unpack_some(s, &out) && s->end == BYTE_STREAM_OPEN
            && s->packed_start == s->packed_len) {
            fill_packed(s);
        }
    }
    return out.pos;
}

/* Makes room for 'want' bytes in all behind 'start', or more. */
static void
make_room(struct byte_stream *s, size_t want)
{
    if (s->offset) {
        want = REC_MAX(want, (size_t) CHUNK);
    }
    if (s->start && s->size - s->start < want) {
        memmove(s->plain, s->plain + s->start, s->len - s->start);
        s->len -= s->start;
        s->start = 0;
    }
    if (s->size - s->start < want) {
        s->size = REC_MAX(want, REC_MIN(2 * s->size,
                                        (size_t) BYTE_STREAM_MAX));
        s->plain = rec_xrealloc(s->plain, s->size);
    }
}

/* Adds to 'plain' what one read gives.  Returns false if nothing comes. */
static bool
fill(struct byte_stream *s)
{
    size_t room = s->size - s->len;
    size_t got;

    if (s->end != BYTE_STREAM_OPEN) {
        return false;
    }
    if (s->zstd) {
        got = unpack(s, s->plain + s->len, room);
    } else {
        got = read_stored(s, s->plain + s->len, room);
        if (!got && s->end == BYTE_STREAM_OPEN) {
            stop(s, BYTE_STREAM_END, "");
        }
    }
    if (got && s->plain_sum) {
        sha256_update(s->plain_sum, s->plain + s->len, got);
    }
    s->len += got;
    return got > 0;
}

/* Reads what the file starts with, and unpacks from then on if that is
 * zstd's. */
static void
start_stream(struct byte_stream *s)
{
    size_t got = 0, n;

    do {
        n = read_stored(s, s->packed + got, sizeof zstd_magic - got);
        got += n;
    } while (n && got < sizeof zstd_magic);

    if (got == sizeof zstd_magic && !memcmp(s->packed, zstd_magic, got)) {
        s->packed_len = got;
        s->zstd = ZSTD_createDStream();
        if (!s->zstd
            || ZSTD_isError(ZSTD_DCtx_setParameter(s->zstd,
                                                   ZSTD_d_windowLogMax,
                                                   WINDOW_LOG_MAX))) {
            stop(s, BYTE_STREAM_ERROR, "zstd cannot be used");
        }
        return;
    }
    memcpy(s->plain, s->packed, got);
    s->len = got;
    if (s->plain_sum) {
        sha256_update(s->plain_sum, s->plain, got);
    }
    free(s->packed);
    s->packed = NULL;
}

/* Returns the stream of the file 'fd' from its current offset on.  The stream
 * owns 'fd'.  With 'sums', SHA-256 is computed meanwhile.  The caller must
 * destroy it. */
struct byte_stream *
byte_stream_create(int fd, bool sums)
{
    struct byte_stream *s = rec_xcalloc(1, sizeof *s);

    s->fd = fd;
    s->size = FIRST_CHUNK;
    s->plain = rec_xcalloc(1, s->size);
    s->packed = rec_xcalloc(1, CHUNK);
    if (sums) {
        s->plain_sum = sha256_create();
        s->stored_sum = sha256_create();
    }
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    start_stream(s);
    return s;
}

/* Frees 's', which may be NULL, and closes its file. */
void
byte_stream_destroy(struct byte_stream *s)
{
    if (s) {
        ZSTD_freeDStream(s->zstd);
        sha256_destroy(s->plain_sum);
        sha256_destroy(s->stored_sum);
        free(s->plain);
        free(s->packed);
        close(s->fd);
        free(s);
    }
}

/* Returns what comes next, without taking it: '*n' bytes if there are as many,
 * else all that there are, of which '*n' then says the number.  '*n' must not
 * be above BYTE_STREAM_MAX.  Valid until the next call. */
const uint8_t *
byte_stream_peek(struct byte_stream *s, size_t *n)
{
    if (s->len - s->start < *n) {
        make_room(s, *n);
        while (s->len - s->start < *n && fill(s)) {
            continue;
        }
        *n = REC_MIN(*n, s->len - s->start);
    }
    return s->plain + s->start;
}

/* Steps over 'n' bytes, which the last byte_stream_peek() must have shown. */
void
byte_stream_skip(struct byte_stream *s, size_t n)
{
    s->start += n;
    s->offset += n;
    if (s->start == s->len) {
        s->start = s->len = 0;
    }
}

/* The bytes skipped so far: where in the stream the next one is. */
uint64_t
byte_stream_offset(const struct byte_stream *s)
{
    return s->offset;
}

/* The bytes of the file read so far. */
uint64_t
byte_stream_stored(const struct byte_stream *s)
{
    return s->stored;
}

/* Is the file a compressed one? */
bool
byte_stream_is_zstd(const struct byte_stream *s)
{
    return s->zstd != NULL;
}

/* How many frames of zstd were unpacked entirely. */
uint64_t
byte_stream_frame(const struct byte_stream *s)
{
    return s->frame;
}

/* Where in the file the frame starts that was not. */
uint64_t
byte_stream_frame_offset(const struct byte_stream *s)
{
    return s->frame_offset;
}

/* Why no more than byte_stream_peek() has last shown comes. */
enum byte_stream_end
byte_stream_end(const struct byte_stream *s)
{
    return s->end;
}

/* The same in words, for all but the end of the file. */
const char *
byte_stream_problem(const struct byte_stream *s)
{
    return s->problem;
}

/* Reads up to the end, also of the file if unpacking had to stop. */
void
byte_stream_drain(struct byte_stream *s)
{
    size_t n;

    do {
        n = CHUNK;
        byte_stream_peek(s, &n);
        byte_stream_skip(s, n);
    } while (n);
    if (s->end != BYTE_STREAM_ERROR) {
        while (read_stored(s, s->plain, s->size)) {
            continue;
        }
    }
}

/* Stores the sums of the bytes read so far, of the stream and of the file; for
 * streams made with sums. */
void
byte_stream_finish(struct byte_stream *s, char plain[SHA256_HEX_SIZE],
                   char stored[SHA256_HEX_SIZE])
{
    sha256_finish(s->plain_sum, plain);
    sha256_finish(s->stored_sum, stored);
}
