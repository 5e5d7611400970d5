/* SPDX-License-Identifier: Apache-2.0 */

/* What capture-reader.c shares with the readers of the two formats,
 * read-pcapng.c and read-pcap.c. */

#ifndef SPAN_READER_STATE_H
#define SPAN_READER_STATE_H 1

#include "byte-stream.h"
#include "capture-reader.h"
#include "record-util.h"

/* An interface, and how its times count. */
struct reader_interface {
    struct record_interface about;      /* Owns its texts. */
    uint64_t units;             /* A second has so many. */
    int64_t seconds;            /* To be added. */
};

/* What one step has found. */
enum reader_step {
    READER_RECORD,              /* 'record' is one to hand out. */
    READER_SKIPPED,             /* Nothing of interest. */
    READER_END,                 /* The end; see the facts. */
};

struct capture_reader {
    struct byte_stream *stream;
    struct capture_facts facts;
    enum reader_step (*step)(struct capture_reader *,
                             struct capture_record *);
    size_t pending;             /* Bytes of the record handed out last. */

    struct reader_interface *interfaces;
    size_t n_interfaces, allocated_interfaces;
    size_t section;             /* The section's first interface. */
    char *os, *application;     /* What the section says. */
};

enum reader_step reader_stop(struct capture_reader *, enum capture_end,
                             const char *detail, ...) REC_PRINTF(3, 4);
enum reader_step reader_stop_short(struct capture_reader *, size_t got,
                                   uint64_t want);
void reader_flaw(struct capture_reader *, const char *text, ...)
    REC_PRINTF(2, 3);
struct reader_interface *reader_add_interface(struct capture_reader *);
uint64_t reader_time(const struct reader_interface *, uint64_t ticks);

static inline uint16_t
reader_get_16(const struct capture_reader *r, const uint8_t *p)
{
    uint16_t value;

    __builtin_memcpy(&value, p, sizeof value);
    return r->facts.swapped ? __builtin_bswap16(value) : value;
}

static inline uint32_t
reader_get_32(const struct capture_reader *r, const uint8_t *p)
{
    uint32_t value;

    __builtin_memcpy(&value, p, sizeof value);
    return r->facts.swapped ? __builtin_bswap32(value) : value;
}

static inline uint64_t
reader_get_64(const struct capture_reader *r, const uint8_t *p)
{
    uint64_t value;

    __builtin_memcpy(&value, p, sizeof value);
    return r->facts.swapped ? __builtin_bswap64(value) : value;
}

/* read-pcapng.c and read-pcap.c: do the first 4 bytes of a file look like the
 * format?  Then it is read as such. */
bool read_pcapng_start(struct capture_reader *, const uint8_t *);
bool read_pcap_start(struct capture_reader *, const uint8_t *);

#endif /* plugin/record/reader-state.h */
