/* SPDX-License-Identifier: Apache-2.0 */

/* Reads a capture file record by record, and says exactly where and why it
 * ends: pcapng and classic pcap of either byte order and any resolution, as it
 * is or compressed by zstd.  What others may write is read too, with what is
 * not understood skipped; what contradicts the format is a flaw if reading can
 * go on behind it, else the end.
 *
 * Memory is bounded, and nothing is believed that the file says. */

#ifndef SPAN_CAPTURE_READER_H
#define SPAN_CAPTURE_READER_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record-format.h"
#include "sha256.h"

/* Flaws that are described; others are only counted. */
#define CAPTURE_FLAWS 10

/* The interface of a packet that names none of the file's. */
#define CAPTURE_NO_INTERFACE UINT32_MAX

enum capture_kind {
    CAPTURE_INTERFACE,          /* An interface that packets may come from. */
    CAPTURE_PACKET,
    CAPTURE_SUMMARY,            /* Counters of an interface. */
};

/* Counters, UINT64_MAX if the summary does not have them. */
struct capture_summary {
    uint64_t received, dropped, accepted, os_dropped, delivered;
};

struct capture_record {
    enum capture_kind kind;
    uint64_t offset;            /* Of its first byte, unpacked. */
    uint32_t interface;         /* See capture_reader_interface(). */
    struct record_packet packet;        /* Its data holds until the next. */
    struct capture_summary summary;
};

enum capture_end {
    CAPTURE_OPEN,               /* There is more. */
    CAPTURE_WHOLE,              /* Behind the last record. */
    CAPTURE_CUT,                /* Within a record. */
    CAPTURE_DAMAGED,            /* Before something that is no record. */
    CAPTURE_FOREIGN,            /* At once: this is no capture file. */
    CAPTURE_ERROR,              /* Before what cannot be read. */
};

struct capture_flaw {
    uint64_t offset;            /* Of the record, unpacked. */
    char text[120];
};

/* What is known of a file, up to the record read last. */
struct capture_facts {
    const char *format;         /* "pcapng", "pcap" or "". */
    bool zstd;
    bool swapped;               /* Not in the byte order of this machine. */
    bool ours;                  /* A program of ours says it wrote it. */
    uint64_t sections;
    uint64_t others;            /* Blocks that were skipped. */
    uint64_t bytes;             /* Of whole records, unpacked. */
    uint64_t stored;            /* Bytes read from the file. */

    uint64_t n_flaws;
    struct capture_flaw flaws[CAPTURE_FLAWS];

    enum capture_end end;
    uint64_t frame;             /* If compressed: frames that are whole, */
    uint64_t frame_offset;      /* and where in the file these end. */
    char detail[200];           /* Why it ends, if it is not whole. */
};

struct capture_reader;

struct capture_reader *capture_reader_create(int fd, bool sums);
void capture_reader_destroy(struct capture_reader *);

bool capture_reader_next(struct capture_reader *, struct capture_record *);
const struct capture_facts *capture_reader_facts(
    const struct capture_reader *);
size_t capture_reader_n_interfaces(const struct capture_reader *);
const struct record_interface *capture_reader_interface(
    const struct capture_reader *, uint32_t);
void capture_reader_finish(struct capture_reader *,
                           char plain[SHA256_HEX_SIZE],
                           char stored[SHA256_HEX_SIZE]);

#endif /* plugin/record/capture-reader.h */
