/* SPDX-License-Identifier: Apache-2.0 */

/* Compresses a capture file; see zstd-writer.h.
 *
 * Wireshark 4.0 reads compressed files in pieces of ZSTD_DStreamInSize()
 * bytes, and when a frame has ended it looks at the start of the piece for
 * what follows; if that is not the start of a frame, it takes the rest for
 * packets that are not compressed.  So each frame ends where a piece ends.
 * Empty blocks, which mean nothing, fill it up. */

#include <config.h>

#include "zstd-writer.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "record-util.h"

#define LEVEL 3

/* What ends a frame that has been flushed: the header of an empty block, and
 * the checksum. */
#define END_SIZE 7

struct zstd_writer {
    ZSTD_CCtx *ctx;
    uint64_t left;              /* Bytes of input that are to come. */
    uint64_t frame_left;        /* The same of the open frame. */
    uint64_t written;           /* Bytes of output so far. */
};

/* Starts to compress 'size' bytes.  Returns NULL if there is not enough
 * memory; otherwise the caller must destroy it. */
struct zstd_writer *
zstd_writer_create(uint64_t size)
{
    ZSTD_CCtx *ctx = ZSTD_createCCtx();
    struct zstd_writer *w;

    if (!ctx
        || ZSTD_isError(ZSTD_CCtx_setParameter(
               ctx, ZSTD_c_compressionLevel, LEVEL))
        || ZSTD_isError(ZSTD_CCtx_setParameter(
               ctx, ZSTD_c_checksumFlag, 1))) {
        ZSTD_freeCCtx(ctx);
        return NULL;
    }
    w = rec_xcalloc(1, sizeof *w);
    w->ctx = ctx;
    w->left = size;
    return w;
}

/* Frees 'w', which may be NULL. */
void
zstd_writer_destroy(struct zstd_writer *w)
{
    if (w) {
        ZSTD_freeCCtx(w->ctx);
        free(w);
    }
}

/* Writes 'n' bytes, 0 or at least 6, of empty blocks.  One of "raw" bytes has
 * 3 bytes, one of a repeated byte 4. */
static void
fill(uint8_t *out, size_t n)
{
    memset(out, 0, n);
    for (; n % 3; n -= 4) {
        *out = 1 << 1;
        out += 4;
    }
}

/* Returns how many bytes are to be filled for a frame to end where it may, if
 * 'written' bytes are there. */
static size_t
count_filling(uint64_t written)
{
    size_t piece = ZSTD_DStreamInSize();
    size_t n = (piece - (written + END_SIZE) % piece) % piece;

    return n && n < 6 ? n + piece : n;
}

/* Compresses with 'directive' until there is nothing left to do for it. */
static bool
compress(struct zstd_writer *w, ZSTD_inBuffer *in, ZSTD_outBuffer *out,
         ZSTD_EndDirective directive)
{
    size_t left;

    do {
        left = ZSTD_compressStream2(w->ctx, out, in, directive);
    } while (!ZSTD_isError(left) && out->pos < out->size
             && (in->pos < in->size
                 || (directive != ZSTD_e_continue && left)));
    return (!ZSTD_isError(left) && in->pos == in->size
            && (directive == ZSTD_e_continue || !left));
}

/* Ends the frame, of which all input was taken. */
static bool
end_frame(struct zstd_writer *w, ZSTD_outBuffer *out)
{
    ZSTD_inBuffer none = { NULL, 0, 0 };
    size_t n;

    if (w->left) {
        if (!compress(w, &none, out, ZSTD_e_flush)) {
            return false;
        }
        n = count_filling(w->written + out->pos);
        if (n > out->size - out->pos) {
            return false;
        }
        fill((uint8_t *) out->dst + out->pos, n);
        out->pos += n;
    }
    return compress(w, &none, out, ZSTD_e_end);
}

/* Compresses the next 'n' bytes, which are ZSTD_WRITER_CHUNK, or fewer if that
 * is all there is.  Stores in 'out', of ZSTD_WRITER_OUT bytes, what is to be
 * appended to the file, and its size in '*out_len'.  Returns false if that did
 * not work. */
bool
zstd_writer_add(struct zstd_writer *w, const void *data, size_t n,
                uint8_t out[], size_t *out_len)
{
    ZSTD_inBuffer in = { data, n, 0 };
    ZSTD_outBuffer buffer = { out, ZSTD_WRITER_OUT, 0 };

    if (n > w->left || (n < ZSTD_WRITER_CHUNK && n != w->left)) {
        return false;
    }
    if (!w->frame_left) {
        w->frame_left = REC_MIN(w->left, ZSTD_WRITER_FRAME);
        if (ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(w->ctx,
                                                     w->frame_left))) {
            return false;
        }
    }
    w->left -= n;
    w->frame_left -= n;
    if (!compress(w, &in, &buffer, ZSTD_e_continue)
        || (!w->frame_left && !end_frame(w, &buffer))) {
        return false;
    }
    w->written += buffer.pos;
    *out_len = buffer.pos;
    return true;
}
