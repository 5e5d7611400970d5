/* SPDX-License-Identifier: Apache-2.0 */

/* Lays out classic pcap with nanoseconds: see record-format.h.  It can say
 * neither what was lost nor where the packets come from. */

#include <config.h>

#include "record-format.h"

#include <string.h>

#include "record-util.h"

#define HEADER_SIZE 24
#define RECORD_HEAD 16
#define MAGIC_NANOSECONDS 0xa1b23c4d

/* No record of ours is larger; a larger one in a file is not a record. */
#define CAPLEN_MAX 262144

static size_t
pcap_header(uint8_t *p, const struct record_interface *iface)
{
    const uint16_t version[2] = { 2, 4 };
    const uint32_t magic = MAGIC_NANOSECONDS;
    const uint32_t rest[4] = { 0, 0, iface->snaplen, iface->linktype };

    memcpy(p, &magic, sizeof magic);
    memcpy(p + 4, version, sizeof version);
    memcpy(p + 8, rest, sizeof rest);
    return HEADER_SIZE;
}

static size_t
pcap_packet_size(uint32_t caplen, uint64_t dropcount __attribute__((unused)))
{
    return RECORD_HEAD + caplen;
}

static size_t
pcap_packet(uint8_t *p, const struct record_packet *packet)
{
    const uint32_t head[4] = {
        packet->time / NSEC_PER_SEC, packet->time % NSEC_PER_SEC,
        packet->caplen, packet->len,
    };

    memcpy(p, head, sizeof head);
    if (packet->caplen) {
        memcpy(p + RECORD_HEAD, packet->data, packet->caplen);
    }
    return RECORD_HEAD + packet->caplen;
}

static struct record_contents
pcap_walk(const uint8_t *p, size_t n, bool at_start)
{
    struct record_contents c = { 0 };

    if (at_start) {
        const uint32_t magic = MAGIC_NANOSECONDS;

        if (n < HEADER_SIZE || memcmp(p, &magic, sizeof magic)) {
            return c;
        }
        c.bytes = HEADER_SIZE;
    }
    while (n - c.bytes >= RECORD_HEAD) {
        uint32_t head[4];

        memcpy(head, p + c.bytes, sizeof head);
        if (head[1] >= NSEC_PER_SEC || head[2] > CAPLEN_MAX
            || head[2] > head[3] || !head[3]
            || head[2] > n - c.bytes - RECORD_HEAD) {
            break;
        }
        c.bytes += RECORD_HEAD + head[2];
        c.packets++;
    }
    return c;
}

const struct record_format record_format_pcap = {
    .name = "pcap",
    .header = pcap_header,
    .packet = pcap_packet,
    .packet_size = pcap_packet_size,
    .walk = pcap_walk,
};

/* Returns the format called 'name', or NULL. */
const struct record_format *
record_format_lookup(const char *name)
{
    static const struct record_format *const formats[] = {
        &record_format_pcapng, &record_format_pcap,
    };

    for (size_t i = 0; i < REC_ARRAY_SIZE(formats); i++) {
        if (!strcmp(name, formats[i]->name)) {
            return formats[i];
        }
    }
    return NULL;
}
