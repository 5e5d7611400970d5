/* SPDX-License-Identifier: Apache-2.0 */

/* Reads a capture file; see capture-reader.h.  Here is what both formats
 * share; their records are in read-pcapng.c and read-pcap.c. */

#include <config.h>

#include "capture-reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader-state.h"

/* No file of sense has more; each costs memory. */
#define INTERFACES_MAX 4096

/* Says that the file ends before the record at hand, as 'end', because of
 * 'detail'. */
enum reader_step
reader_stop(struct capture_reader *r, enum capture_end end,
            const char *detail, ...)
{
    va_list args;

    r->facts.end = end;
    va_start(args, detail);
    vsnprintf(r->facts.detail, sizeof r->facts.detail, detail, args);
    va_end(args);
    return READER_END;
}

/* The same for a record of 'want' bytes of which only 'got' are there.  The
 * stream knows why; if none is there, the file may be whole. */
enum reader_step
reader_stop_short(struct capture_reader *r, size_t got, uint64_t want)
{
    const char *problem = byte_stream_problem(r->stream);

    switch (byte_stream_end(r->stream)) {
    case BYTE_STREAM_ERROR:
        return reader_stop(r, CAPTURE_ERROR, "it cannot be read: %s",
                           problem);
    case BYTE_STREAM_DAMAGED:
        return reader_stop(r, CAPTURE_DAMAGED, "zstd frame %"PRIu64" at byte "
                           "%"PRIu64" of the file: %s",
                           r->facts.frame + 1, r->facts.frame_offset, problem);
    case BYTE_STREAM_CUT:
        return reader_stop(r, CAPTURE_CUT, "zstd frame %"PRIu64" at byte "
                           "%"PRIu64" of the file: %s",
                           r->facts.frame + 1, r->facts.frame_offset, problem);
    case BYTE_STREAM_OPEN:
    case BYTE_STREAM_END:
    default:
        if (!got) {
            return reader_stop(r, CAPTURE_WHOLE, "%s", "");
        }
        return reader_stop(r, CAPTURE_CUT, "the file ends within a record: "
                           "%zu of %"PRIu64" bytes are there", got, want);
    }
}

/* Notes something wrong in the record at hand that reading survives. */
void
reader_flaw(struct capture_reader *r, const char *text, ...)
{
    uint64_t i = r->facts.n_flaws++;

    if (i < CAPTURE_FLAWS) {
        struct capture_flaw *flaw = &r->facts.flaws[i];
        va_list args;

        flaw->offset = byte_stream_offset(r->stream);
        va_start(args, text);
        vsnprintf(flaw->text, sizeof flaw->text, text, args);
        va_end(args);
    }
}

/* Returns a new interface, microseconds, or NULL if there are too many. */
struct reader_interface *
reader_add_interface(struct capture_reader *r)
{
    if (r->n_interfaces == INTERFACES_MAX) {
        return NULL;
    }
    if (r->n_interfaces == r->allocated_interfaces) {
        r->allocated_interfaces = REC_MAX(8, 2 * r->allocated_interfaces);
        r->interfaces = rec_xrealloc(
            r->interfaces, r->allocated_interfaces * sizeof *r->interfaces);
    }
    struct reader_interface *iface = &r->interfaces[r->n_interfaces++];

    *iface = (struct reader_interface) { .units = 1000000 };
    return iface;
}

/* Returns nanoseconds since 1970 for 'ticks' of 'iface'; what is outside of
 * what 64 bits hold becomes the nearest that they do. */
uint64_t
reader_time(const struct reader_interface *iface, uint64_t ticks)
{
    __int128 ns;

    if (iface->units == NSEC_PER_SEC && !iface->seconds) {
        return ticks;
    }
    ns = ((__int128) ticks * NSEC_PER_SEC / iface->units
          + (__int128) iface->seconds * NSEC_PER_SEC);
    return ns < 0 ? 0 : ns > UINT64_MAX ? UINT64_MAX : (uint64_t) ns;
}

/* Finds out what the file is. */
static enum reader_step
start(struct capture_reader *r)
{
    size_t n = 32;
    const uint8_t *p = byte_stream_peek(r->stream, &n);

    if (n < 4) {
        enum reader_step step = reader_stop_short(r, n, 24);

        return (r->facts.end == CAPTURE_WHOLE
                ? reader_stop(r, CAPTURE_CUT, "it is empty") : step);
    }
    if (!read_pcapng_start(r, p) && !read_pcap_start(r, p)) {
        return reader_stop(r, CAPTURE_FOREIGN,
                           "this is neither pcapng nor pcap");
    }
    return READER_SKIPPED;
}

/* Brings the facts up to date with the stream, where the record that comes
 * next, or cannot come, starts at 'offset'. */
static void
update_facts(struct capture_reader *r, uint64_t offset)
{
    r->facts.bytes = offset;
    r->facts.stored = byte_stream_stored(r->stream);
    r->facts.frame = byte_stream_frame(r->stream);
    r->facts.frame_offset = byte_stream_frame_offset(r->stream);
}

/* Returns a reader of the file 'fd', which it owns, from its current offset
 * on.  With 'sums', SHA-256 is computed meanwhile.  The caller must destroy
 * it. */
struct capture_reader *
capture_reader_create(int fd, bool sums)
{
    struct capture_reader *r = rec_xcalloc(1, sizeof *r);

    r->stream = byte_stream_create(fd, sums);
    r->facts.format = "";
    r->facts.zstd = byte_stream_is_zstd(r->stream);
    start(r);
    update_facts(r, 0);
    return r;
}

/* Frees 'r', which may be NULL, and closes its file. */
void
capture_reader_destroy(struct capture_reader *r)
{
    if (!r) {
        return;
    }
    for (size_t i = 0; i < r->n_interfaces; i++) {
        struct record_interface *about = &r->interfaces[i].about;

        free((char *) about->name);
        free((char *) about->description);
        free((char *) about->filter);
        free((char *) about->os);
        free((char *) about->application);
    }
    free(r->interfaces);
    free(r->os);
    free(r->application);
    byte_stream_destroy(r->stream);
    free(r);
}

/* Stores the next record in '*record'.  Returns false at the end, of which the
 * facts then say more. */
bool
capture_reader_next(struct capture_reader *r, struct capture_record *record)
{
    while (r->facts.end == CAPTURE_OPEN) {
        byte_stream_skip(r->stream, r->pending);
        r->pending = 0;
        record->offset = byte_stream_offset(r->stream);

        enum reader_step step = r->step(r, record);

        if (step == READER_RECORD) {
            return true;
        }
        update_facts(r, record->offset);
    }
    return false;
}

/* What is known of the file so far; its numbers are right at the end. */
const struct capture_facts *
capture_reader_facts(const struct capture_reader *r)
{
    return &r->facts;
}

/* How many interfaces were described so far. */
size_t
capture_reader_n_interfaces(const struct capture_reader *r)
{
    return r->n_interfaces;
}

/* Returns interface 'i' of the file, counted over all its sections, below
 * capture_reader_n_interfaces().  Holds as long as the reader reads no more,
 * its texts as long as the reader lives. */
const struct record_interface *
capture_reader_interface(const struct capture_reader *r, uint32_t i)
{
    return &r->interfaces[i].about;
}

/* Reads to the end whatever is there, and stores the SHA-256 of the stream and
 * of the file.  For readers made with sums, at the end. */
void
capture_reader_finish(struct capture_reader *r, char plain[SHA256_HEX_SIZE],
                      char stored[SHA256_HEX_SIZE])
{
    byte_stream_drain(r->stream);
    byte_stream_finish(r->stream, plain, stored);
    r->facts.stored = byte_stream_stored(r->stream);
}
