/* SPDX-License-Identifier: Apache-2.0 */

/* One packet in pcapng, without options: an Enhanced Packet Block (EPB).  It
 * is here, to be inlined, because a capture does this for each packet. */

#ifndef SPAN_RECORD_PCAPNG_PACKET_H
#define SPAN_RECORD_PCAPNG_PACKET_H 1

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "pcapng-blocks.h"

/* Returns the bytes of the EPB of a packet of 'caplen' bytes. */
static inline size_t
pcapng_packet_block_size(uint32_t caplen)
{
    return EPB_HEAD + ((caplen + (size_t) 3) & ~(size_t) 3) + 4;
}

/* Sets the 32 bits at 'p'. */
static inline void
pcapng_set_32(uint8_t *p, uint32_t value)
{
    memcpy(p, &value, sizeof value);
}

/* Writes at 'block' the head of an EPB of 'size' bytes, the packet (from
 * interface 'interface', taken at 'time' in nanoseconds since 1970), and the
 * zeros after it.  Returns where options may follow. */
static inline uint8_t *
pcapng_put_packet(uint8_t *block, uint32_t size, uint32_t interface,
                  uint64_t time, const uint8_t *data, uint32_t caplen,
                  uint32_t len)
{
    uint8_t *end = block + pcapng_packet_block_size(caplen) - 4;

    pcapng_set_32(block, BLOCK_EPB);
    pcapng_set_32(block + 4, size);
    pcapng_set_32(block + 8, interface);
    pcapng_set_32(block + 12, time >> 32);
    pcapng_set_32(block + 16, time);
    pcapng_set_32(block + 20, caplen);
    pcapng_set_32(block + 24, len);

    /* The last word of the packet, which it may not fill; with no packet this
     * is a part of the head. */
    if (caplen) {
        pcapng_set_32(end - 4, 0);
        memcpy(block + EPB_HEAD, data, caplen);
    }
    return end;
}

#endif /* plugin/record/pcapng-packet.h */
