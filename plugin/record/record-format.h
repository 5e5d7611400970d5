/* SPDX-License-Identifier: Apache-2.0 */

/* How packets are laid out in a file: pcapng or classic pcap, both with
 * nanoseconds and in the byte order of this machine.  All functions write to
 * or read from memory; see pcapng.c and pcap-classic.c.
 *
 * pcapng: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-01.html
 * pcap:   https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-03.html */

#ifndef SPAN_RECORD_FORMAT_H
#define SPAN_RECORD_FORMAT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most bytes that a file's header and a summary may take. */
#define RECORD_HEADER_MAX 32768
#define RECORD_SUMMARY_MAX 128

/* The most bytes that a text in a header may have. */
#define RECORD_TEXT_MAX 4096

/* What is said about the interface at the start of a file.  Texts may be
 * NULL, and are cut to RECORD_TEXT_MAX bytes. */
struct record_interface {
    const char *name;
    const char *description;
    const char *filter;
    const char *os;
    const char *application;
    uint64_t speed;             /* Bits per second, 0 if unknown. */
    uint32_t snaplen;           /* Bytes. */
    uint16_t linktype;          /* LINKTYPE_…, 1 = Ethernet. */
};

/* One packet. */
struct record_packet {
    const uint8_t *data;        /* 'caplen' bytes. */
    uint64_t time;              /* Nanoseconds since 1970. */
    uint64_t dropcount;         /* Packets lost before this one. */
    uint32_t caplen;
    uint32_t len;               /* On the wire. */
    uint32_t interface;         /* Of pcapng: its number in the file. */
};

/* What was counted since the start of the capture. */
struct record_summary {
    uint64_t start, end;        /* Nanoseconds since 1970. */
    uint64_t arrived;           /* At the interface. */
    uint64_t port_drop;         /* Lost there, before that. */
    uint64_t received;          /* Passed the filter. */
    uint64_t dropped;           /* By the kernel. */
    uint64_t delivered;         /* Are in a file, or on their way. */
    uint32_t interface;         /* As in a packet. */
};

/* What a stretch of memory holds. */
struct record_contents {
    size_t bytes;               /* Of whole records at its start. */
    uint64_t packets;           /* In these. */
    uint64_t dropcount;         /* Losses noted in these. */
};

struct record_format {
    const char *name;           /* Also the extension of the file. */

    /* Each writes to memory that has room enough and returns the bytes
     * written.  'summary' is NULL if the format has no such thing. */
    size_t (*header)(uint8_t *, const struct record_interface *);
    size_t (*packet)(uint8_t *, const struct record_packet *);
    size_t (*summary)(uint8_t *, const struct record_summary *);

    /* Returns what 'packet' would write. */
    size_t (*packet_size)(uint32_t caplen, uint64_t dropcount);

    /* Tells what the 'n' bytes hold, which start at a record's first byte, or
     * at the file's if 'at_start'. */
    struct record_contents (*walk)(const uint8_t *, size_t n, bool at_start);
};

extern const struct record_format record_format_pcapng;
extern const struct record_format record_format_pcap;

/* The two parts of a header of pcapng, for files of several interfaces. */
size_t record_format_section(uint8_t *, const struct record_interface *);
size_t record_format_interface(uint8_t *, const struct record_interface *);

const struct record_format *record_format_lookup(const char *name);

#endif /* plugin/record/record-format.h */
