/* SPDX-License-Identifier: Apache-2.0 */

/* Lays out pcapng: see record-format.h.  A file is one section, as a rule of
 * one interface: SHB, IDB, then EPBs and now and then an ISB.  No custom
 * blocks, because tshark lists them as packets. */

#include <config.h>

#include "record-format.h"

#include <string.h>

#include "pcapng-blocks.h"
#include "pcapng-packet.h"
#include "record-util.h"

static uint8_t *
put_16(uint8_t *p, uint16_t value)
{
    memcpy(p, &value, sizeof value);
    return p + sizeof value;
}

static uint8_t *
put_32(uint8_t *p, uint32_t value)
{
    memcpy(p, &value, sizeof value);
    return p + sizeof value;
}

static uint32_t
get_32(const uint8_t *p)
{
    uint32_t value;

    memcpy(&value, p, sizeof value);
    return value;
}

static size_t
padded(size_t n)
{
    return (n + 3) & ~(size_t) 3;
}

/* Copies 'n' bytes and fills up to a multiple of 4 with zeros. */
static uint8_t *
put_padded(uint8_t *p, const void *data, size_t n)
{
    uint8_t *end = p + padded(n);

    if (n % 4) {
        put_32(end - 4, 0);
    }
    if (n) {
        memcpy(p, data, n);
    }
    return end;
}

static uint8_t *
put_option(uint8_t *p, uint16_t code, const void *value, size_t n)
{
    p = put_16(p, code);
    p = put_16(p, n);
    return put_padded(p, value, n);
}

static uint8_t *
put_text(uint8_t *p, uint16_t code, const char *text)
{
    return (text
            ? put_option(p, code, text, strnlen(text, RECORD_TEXT_MAX)) : p);
}

/* Times are two 32-bit numbers, the upper one first, in any byte order. */
static uint8_t *
put_time(uint8_t *p, uint64_t time)
{
    p = put_32(p, time >> 32);
    return put_32(p, time);
}

static uint8_t *
put_time_option(uint8_t *p, uint16_t code, uint64_t time)
{
    uint8_t value[8];

    put_time(value, time);
    return put_option(p, code, value, sizeof value);
}

static uint8_t *
put_count_option(uint8_t *p, uint16_t code, uint64_t count)
{
    return put_option(p, code, &count, sizeof count);
}

/* Starts a block.  finish_block() fills in its length. */
static uint8_t *
start_block(uint8_t *block, uint32_t type)
{
    put_32(block, type);
    return block + 8;
}

/* Ends 'block', whose body ends at 'p'.  Returns the first byte after it. */
static uint8_t *
finish_block(uint8_t *block, uint8_t *p)
{
    uint32_t n = p - block + 4;

    put_32(block + 4, n);
    return put_32(p, n);
}

/* A section has two texts, an interface four. */
_Static_assert(RECORD_HEADER_MAX >= 6 * (RECORD_TEXT_MAX + 8) + 256,
               "RECORD_HEADER_MAX is too small");

static uint8_t *
put_section(uint8_t *block, const struct record_interface *iface)
{
    uint8_t *p = start_block(block, BLOCK_SHB);

    p = put_32(p, BYTE_ORDER_MAGIC);
    p = put_16(p, 1);                   /* Version 1.0. */
    p = put_16(p, 0);
    p = put_32(p, UINT32_MAX);          /* Section of unknown length. */
    p = put_32(p, UINT32_MAX);
    p = put_text(p, SHB_OS, iface->os);
    p = put_text(p, SHB_USERAPPL, iface->application);
    p = put_option(p, OPT_END, NULL, 0);
    return finish_block(block, p);
}

static uint8_t *
put_interface(uint8_t *block, const struct record_interface *iface)
{
    const uint8_t nanoseconds = 9;
    uint8_t *p = start_block(block, BLOCK_IDB);

    p = put_16(p, iface->linktype);
    p = put_16(p, 0);
    p = put_32(p, iface->snaplen);
    p = put_text(p, IDB_NAME, iface->name);
    p = put_text(p, IDB_DESCRIPTION, iface->description);
    if (iface->speed) {
        p = put_count_option(p, IDB_SPEED, iface->speed);
    }
    p = put_option(p, IDB_TSRESOL, &nanoseconds, 1);
    if (iface->filter && iface->filter[0]) {
        /* The first byte says that libpcap's text follows. */
        char text[1 + RECORD_TEXT_MAX];
        size_t n = REC_MIN(strlen(iface->filter), (size_t) RECORD_TEXT_MAX);

        text[0] = 0;
        memcpy(text + 1, iface->filter, n);
        p = put_option(p, IDB_FILTER, text, n + 1);
    }
    p = put_text(p, IDB_OS, iface->os);
    p = put_option(p, OPT_END, NULL, 0);
    return finish_block(block, p);
}

/* Writes what a section starts with: the system and the application of
 * 'iface'.  Returns how many bytes. */
size_t
record_format_section(uint8_t *start, const struct record_interface *iface)
{
    return put_section(start, iface) - start;
}

/* Writes the description of 'iface', RECORD_HEADER_MAX bytes at most.  Returns
 * how many. */
size_t
record_format_interface(uint8_t *start, const struct record_interface *iface)
{
    return put_interface(start, iface) - start;
}

static size_t
pcapng_header(uint8_t *start, const struct record_interface *iface)
{
    return put_interface(put_section(start, iface), iface) - start;
}

static size_t
pcapng_packet_size(uint32_t caplen, uint64_t dropcount)
{
    return (pcapng_packet_block_size(caplen)
            + (dropcount ? EPB_DROPCOUNT_SIZE : 0));
}

static size_t
pcapng_packet(uint8_t *block, const struct record_packet *packet)
{
    size_t n = pcapng_packet_size(packet->caplen, packet->dropcount);
    uint8_t *p = pcapng_put_packet(block, n, packet->interface, packet->time,
                                   packet->data, packet->caplen, packet->len);

    if (packet->dropcount) {
        p = put_count_option(p, EPB_DROPCOUNT, packet->dropcount);
        p = put_option(p, OPT_END, NULL, 0);
    }
    put_32(p, n);
    return n;
}

static size_t
pcapng_summary(uint8_t *block, const struct record_summary *s)
{
    uint8_t *p = start_block(block, BLOCK_ISB);

    p = put_32(p, s->interface);
    p = put_time(p, s->end);
    p = put_time_option(p, ISB_STARTTIME, s->start);
    p = put_time_option(p, ISB_ENDTIME, s->end);
    p = put_count_option(p, ISB_IFRECV, s->arrived);
    p = put_count_option(p, ISB_IFDROP, s->port_drop);
    p = put_count_option(p, ISB_FILTERACCEPT, s->received);
    p = put_count_option(p, ISB_OSDROP, s->dropped);
    p = put_count_option(p, ISB_USRDELIV, s->delivered);
    p = put_option(p, OPT_END, NULL, 0);
    return finish_block(block, p) - block;
}

/* Returns the dropcount of the whole EPB of 'n' bytes at 'block', which must
 * be one of ours. */
static uint64_t
get_dropcount(const uint8_t *block, size_t n)
{
    size_t offset = EPB_HEAD + padded(get_32(block + 20));
    uint64_t count = 0;

    if (offset + EPB_DROPCOUNT_SIZE + 4 == n) {
        memcpy(&count, block + offset + 4, sizeof count);
    }
    return count;
}

static struct record_contents
pcapng_walk(const uint8_t *p, size_t n, bool at_start)
{
    struct record_contents c = { 0 };

    if (at_start && (n < BLOCK_MIN || get_32(p) != BLOCK_SHB)) {
        return c;
    }
    while (n - c.bytes >= BLOCK_MIN) {
        const uint8_t *block = p + c.bytes;
        uint32_t type = get_32(block);
        uint32_t size = get_32(block + 4);

        if (size < BLOCK_MIN || size % 4 || size > n - c.bytes
            || get_32(block + size - 4) != size
            || (type != BLOCK_SHB && type != BLOCK_IDB && type != BLOCK_EPB
                && type != BLOCK_ISB)
            || (type == BLOCK_EPB && size < EPB_HEAD + 4)) {
            break;
        }
        if (type == BLOCK_EPB) {
            c.packets++;
            c.dropcount += get_dropcount(block, size);
        }
        c.bytes += size;
    }
    return c;
}

const struct record_format record_format_pcapng = {
    .name = "pcapng",
    .header = pcapng_header,
    .packet = pcapng_packet,
    .summary = pcapng_summary,
    .packet_size = pcapng_packet_size,
    .walk = pcapng_walk,
};
