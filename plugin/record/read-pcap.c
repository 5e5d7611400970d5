/* SPDX-License-Identifier: Apache-2.0 */

/* Reads the records of classic pcap, nano- or microseconds; see
 * capture-reader.h. */

#include <config.h>

#include "reader-state.h"

#include <inttypes.h>
#include <string.h>

#define HEADER_SIZE 24
#define RECORD_HEAD 16
#define MAGIC_MICROSECONDS 0xa1b2c3d4
#define MAGIC_NANOSECONDS 0xa1b23c4d

/* No packet is longer, unless the header says so. */
#define CAPLEN_MAX 262144

static enum reader_step
read_record(struct capture_reader *r, struct capture_record *record)
{
    const struct reader_interface *iface = &r->interfaces[0];
    size_t n = RECORD_HEAD;
    const uint8_t *p = byte_stream_peek(r->stream, &n);
    uint32_t fraction, caplen;

    if (n < RECORD_HEAD) {
        return reader_stop_short(r, n, RECORD_HEAD);
    }
    fraction = reader_get_32(r, p + 4);
    caplen = reader_get_32(r, p + 8);
    if (fraction >= iface->units) {
        return reader_stop(r, CAPTURE_DAMAGED, "a record's time has a "
                           "fraction of %"PRIu32, fraction);
    }
    if (caplen > REC_MAX((uint32_t) CAPLEN_MAX, iface->about.snaplen)
        || caplen > BYTE_STREAM_MAX - RECORD_HEAD) {
        return reader_stop(r, CAPTURE_DAMAGED, "a record says that its packet "
                           "has %"PRIu32" bytes", caplen);
    }
    n = RECORD_HEAD + caplen;
    p = byte_stream_peek(r->stream, &n);
    if (n < RECORD_HEAD + caplen) {
        return reader_stop_short(r, n, RECORD_HEAD + caplen);
    }
    r->pending = n;
    record->kind = CAPTURE_PACKET;
    record->interface = 0;
    record->packet = (struct record_packet) {
        .data = p + RECORD_HEAD,
        .time = reader_time(iface, reader_get_32(r, p) * iface->units
                                   + fraction),
        .caplen = caplen,
        .len = reader_get_32(r, p + 12),
    };
    if (caplen > record->packet.len) {
        reader_flaw(r, "%"PRIu32" bytes are captured of a packet of %"PRIu32,
                    caplen, record->packet.len);
    }
    return READER_RECORD;
}

static enum reader_step
read_header(struct capture_reader *r, struct capture_record *record)
{
    size_t n = HEADER_SIZE;
    const uint8_t *p = byte_stream_peek(r->stream, &n);
    struct reader_interface *iface;

    if (n < HEADER_SIZE) {
        return reader_stop_short(r, n, HEADER_SIZE);
    }
    if (reader_get_16(r, p + 4) != 2 || reader_get_16(r, p + 6) != 4) {
        return reader_stop(r, CAPTURE_FOREIGN, "pcap of version %d.%d is not "
                           "known", reader_get_16(r, p + 4),
                           reader_get_16(r, p + 6));
    }
    iface = reader_add_interface(r);
    iface->units = (reader_get_32(r, p) == MAGIC_NANOSECONDS
                    ? NSEC_PER_SEC : 1000000);
    iface->about.snaplen = reader_get_32(r, p + 16);
    iface->about.linktype = reader_get_32(r, p + 20);
    r->facts.sections = 1;
    r->step = read_record;
    r->pending = n;
    record->kind = CAPTURE_INTERFACE;
    record->interface = 0;
    return READER_RECORD;
}

/* Does the file, whose first 4 bytes are at 'p', start as pcap?  Then it is
 * read as such. */
bool
read_pcap_start(struct capture_reader *r, const uint8_t *p)
{
    uint32_t magic;

    memcpy(&magic, p, sizeof magic);
    if (magic == __builtin_bswap32(MAGIC_MICROSECONDS)
        || magic == __builtin_bswap32(MAGIC_NANOSECONDS)) {
        r->facts.swapped = true;
    } else if (magic != MAGIC_MICROSECONDS && magic != MAGIC_NANOSECONDS) {
        return false;
    }
    r->facts.format = "pcap";
    r->step = read_header;
    return true;
}
