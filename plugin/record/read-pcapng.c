/* SPDX-License-Identifier: Apache-2.0 */

/* Reads the blocks of pcapng; see capture-reader.h. */

#include <config.h>

#include "reader-state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pcapng-blocks.h"

/* What the fixed part of each kind of block takes, up to its options or its
 * packet. */
#define SHB_HEAD 24
#define IDB_HEAD 16
#define ISB_HEAD 20
#define SPB_HEAD 12
#define OLD_HEAD 28

/* A block at hand, all 'size' bytes of it. */
struct block {
    const uint8_t *p;
    uint32_t type, size;
};

/* An option of a block. */
struct option {
    uint16_t code;
    uint16_t len;
    const uint8_t *value;
};

/* Steps over 'len' bytes and what fills them up to a multiple of 4. */
static size_t
padded(size_t len)
{
    return (len + 3) & ~(size_t) 3;
}

/* Our writer fills up with zeros; others need not. */
static void
check_padding(struct capture_reader *r, const uint8_t *p, size_t len)
{
    while (r->facts.ours && len % 4) {
        if (p[len++]) {
            reader_flaw(r, "what fills up a field is not zero");
            return;
        }
    }
}

/* Takes the next option of 'b' at '*offset' into '*option'.  Returns false if
 * there is none, also when what is there is none, which is a flaw. */
static bool
next_option(struct capture_reader *r, const struct block *b, size_t *offset,
            struct option *option)
{
    size_t end = b->size - 4;
    const uint8_t *p = b->p + *offset;

    if (*offset == end) {
        return false;
    }
    if (end - *offset < 4) {
        reader_flaw(r, "options end within an option");
        return false;
    }
    *option = (struct option) {
        reader_get_16(r, p), reader_get_16(r, p + 2), p + 4,
    };
    if (option->code == OPT_END) {
        if (option->len || *offset + 4 != end) {
            reader_flaw(r, "%zu bytes are behind the end of options",
                        end - *offset - 4);
        }
        return false;
    }
    if (padded(option->len) > end - *offset - 4) {
        reader_flaw(r, "option %d says that it has %d bytes, %zu are left",
                    option->code, option->len, end - *offset - 4);
        return false;
    }
    check_padding(r, option->value, option->len);
    *offset += 4 + padded(option->len);
    return true;
}

/* Returns true if 'option' is 'code' and has the length 'len'; a wrong one is
 * a flaw. */
static bool
is_option(struct capture_reader *r, const struct option *option,
          uint16_t code, uint16_t len)
{
    if (option->code != code) {
        return false;
    }
    if (option->len != len) {
        reader_flaw(r, "option %d has %d bytes instead of %d", code,
                    option->len, len);
    }
    return option->len == len;
}

/* Stores the text of 'option' without its first 'skip' bytes in '*text', which
 * is freed before. */
static void
take_text(const char **text, const struct option *option, size_t skip)
{
    size_t n = REC_MIN(option->len - skip, (size_t) RECORD_TEXT_MAX);

    free((char *) *text);
    *text = rec_xstrndup((const char *) option->value + skip,
                         strnlen((const char *) option->value + skip, n));
}

static enum reader_step
read_section(struct capture_reader *r, const struct block *b)
{
    static const char mine[] = "ovs-span";
    size_t offset = SHB_HEAD;
    struct option o;

    if (reader_get_16(r, b->p + 12) != 1) {
        return reader_stop(r, (r->facts.sections ? CAPTURE_DAMAGED
                               : CAPTURE_FOREIGN),
                           "pcapng of version %d.%d is not known",
                           reader_get_16(r, b->p + 12),
                           reader_get_16(r, b->p + 14));
    }
    r->facts.sections++;
    r->section = r->n_interfaces;
    r->facts.ours = false;
    while (next_option(r, b, &offset, &o)) {
        if (o.code == SHB_OS) {
            take_text((const char **) &r->os, &o, 0);
        } else if (o.code == SHB_USERAPPL) {
            take_text((const char **) &r->application, &o, 0);
            r->facts.ours = !strncmp(r->application, mine, strlen(mine));
        }
    }
    return READER_SKIPPED;
}

/* Sets how the times of 'iface' count from the byte 'resolution'. */
static void
set_units(struct capture_reader *r, struct reader_interface *iface,
          uint8_t resolution)
{
    unsigned int exponent = resolution & 0x7f;

    if (resolution & 0x80 ? exponent > 63 : exponent > 19) {
        reader_flaw(r, "a time resolution of %s^-%u is not understood",
                    resolution & 0x80 ? "2" : "10", exponent);
        return;
    }
    iface->units = 1;
    while (exponent--) {
        iface->units *= resolution & 0x80 ? 2 : 10;
    }
}

static void
read_interface_option(struct capture_reader *r,
                      struct reader_interface *iface, const struct option *o)
{
    struct record_interface *about = &iface->about;

    if (o->code == IDB_NAME) {
        take_text(&about->name, o, 0);
    } else if (o->code == IDB_DESCRIPTION) {
        take_text(&about->description, o, 0);
    } else if (o->code == IDB_OS) {
        take_text(&about->os, o, 0);
    } else if (o->code == IDB_FILTER && o->len && !o->value[0]) {
        /* Behind a zero there is the text that libpcap understands. */
        take_text(&about->filter, o, 1);
    } else if (is_option(r, o, IDB_SPEED, 8)) {
        about->speed = reader_get_64(r, o->value);
    } else if (is_option(r, o, IDB_TSRESOL, 1)) {
        set_units(r, iface, o->value[0]);
    } else if (is_option(r, o, IDB_TSOFFSET, 8)) {
        iface->seconds = (int64_t) reader_get_64(r, o->value);
    }
}

static enum reader_step
read_interface(struct capture_reader *r, const struct block *b,
               struct capture_record *record)
{
    struct reader_interface *iface = reader_add_interface(r);
    size_t offset = IDB_HEAD;
    struct option o;

    if (!iface) {
        return reader_stop(r, CAPTURE_DAMAGED, "there are %zu interfaces",
                           r->n_interfaces);
    }
    iface->about.linktype = reader_get_16(r, b->p + 8);
    iface->about.snaplen = reader_get_32(r, b->p + 12);
    iface->about.application = (r->application
                                ? rec_xstrdup(r->application) : NULL);
    while (next_option(r, b, &offset, &o)) {
        read_interface_option(r, iface, &o);
    }
    if (!iface->about.os && r->os) {
        iface->about.os = rec_xstrdup(r->os);
    }
    record->kind = CAPTURE_INTERFACE;
    record->interface = r->n_interfaces - 1;
    return READER_RECORD;
}

/* Returns the section's interface number 'id' and stores its number in the
 * file in 'record'; NULL, which is a flaw, if there is none. */
static const struct reader_interface *
find_interface(struct capture_reader *r, uint32_t id,
               struct capture_record *record)
{
    if (id >= r->n_interfaces - r->section) {
        reader_flaw(r, "interface %"PRIu32" is not described", id);
        record->interface = CAPTURE_NO_INTERFACE;
        return NULL;
    }
    record->interface = r->section + id;
    return &r->interfaces[record->interface];
}

/* Returns the two halves of a time at 'p' as one. */
static uint64_t
get_time(const struct capture_reader *r, const uint8_t *p)
{
    return (uint64_t) reader_get_32(r, p) << 32 | reader_get_32(r, p + 4);
}

/* Checks the packet in 'record', whose data start at 'head' of 'b', and reads
 * the options behind it. */
static enum reader_step
read_packet(struct capture_reader *r, const struct block *b, size_t head,
            const struct reader_interface *iface,
            struct capture_record *record)
{
    struct record_packet *packet = &record->packet;
    size_t offset = head + padded(packet->caplen);
    struct option o;

    packet->data = b->p + head;
    if (packet->caplen > b->size || offset + 4 > b->size) {
        return reader_stop(r, CAPTURE_DAMAGED, "a block of %"PRIu32" bytes "
                           "says that its packet has %"PRIu32, b->size,
                           packet->caplen);
    }
    if (packet->caplen > packet->len) {
        reader_flaw(r, "%"PRIu32" bytes are captured of a packet of %"PRIu32,
                    packet->caplen, packet->len);
    }
    if (iface && iface->about.snaplen
        && packet->caplen > iface->about.snaplen) {
        reader_flaw(r, "%"PRIu32" bytes are captured, the interface says "
                    "%"PRIu32" at most", packet->caplen,
                    iface->about.snaplen);
    }
    check_padding(r, packet->data, packet->caplen);
    while (next_option(r, b, &offset, &o)) {
        if (b->type == BLOCK_EPB && is_option(r, &o, EPB_DROPCOUNT, 8)) {
            packet->dropcount = reader_get_64(r, o.value);
        }
    }
    record->kind = CAPTURE_PACKET;
    return READER_RECORD;
}

static enum reader_step
read_enhanced(struct capture_reader *r, const struct block *b,
              struct capture_record *record)
{
    const struct reader_interface *iface
        = find_interface(r, reader_get_32(r, b->p + 8), record);
    uint64_t ticks = get_time(r, b->p + 12);

    record->packet = (struct record_packet) {
        .time = iface ? reader_time(iface, ticks) : 0,
        .caplen = reader_get_32(r, b->p + 20),
        .len = reader_get_32(r, b->p + 24),
    };
    return read_packet(r, b, EPB_HEAD, iface, record);
}

/* The packet block of before there were enhanced ones: it knows how many were
 * lost. */
static enum reader_step
read_old(struct capture_reader *r, const struct block *b,
         struct capture_record *record)
{
    const struct reader_interface *iface
        = find_interface(r, reader_get_16(r, b->p + 8), record);
    uint16_t lost = reader_get_16(r, b->p + 10);
    uint64_t ticks = get_time(r, b->p + 12);

    record->packet = (struct record_packet) {
        .time = iface ? reader_time(iface, ticks) : 0,
        .dropcount = lost == UINT16_MAX ? 0 : lost,
        .caplen = reader_get_32(r, b->p + 20),
        .len = reader_get_32(r, b->p + 24),
    };
    return read_packet(r, b, OLD_HEAD, iface, record);
}

/* A simple packet has neither time nor options. */
static enum reader_step
read_simple(struct capture_reader *r, const struct block *b,
            struct capture_record *record)
{
    const struct reader_interface *iface = find_interface(r, 0, record);
    uint32_t len = reader_get_32(r, b->p + 8);
    uint32_t room = b->size - SPB_HEAD - 4;
    uint32_t caplen = len;

    if (iface && iface->about.snaplen) {
        caplen = REC_MIN(caplen, iface->about.snaplen);
    }
    record->packet = (struct record_packet) {
        .data = b->p + SPB_HEAD,
        .caplen = caplen,
        .len = len,
    };
    if (caplen > room) {
        reader_flaw(r, "a packet of %"PRIu32" bytes is in a block that has "
                    "room for %"PRIu32, caplen, room);
        record->packet.caplen = room;
    }
    record->kind = CAPTURE_PACKET;
    return READER_RECORD;
}

static enum reader_step
read_summary(struct capture_reader *r, const struct block *b,
             struct capture_record *record)
{
    struct capture_summary *s = &record->summary;
    size_t offset = ISB_HEAD;
    struct option o;

    find_interface(r, reader_get_32(r, b->p + 8), record);
    memset(s, 0xff, sizeof *s);
    while (next_option(r, b, &offset, &o)) {
        if (is_option(r, &o, ISB_IFRECV, 8)) {
            s->received = reader_get_64(r, o.value);
        } else if (is_option(r, &o, ISB_IFDROP, 8)) {
            s->dropped = reader_get_64(r, o.value);
        } else if (is_option(r, &o, ISB_FILTERACCEPT, 8)) {
            s->accepted = reader_get_64(r, o.value);
        } else if (is_option(r, &o, ISB_OSDROP, 8)) {
            s->os_dropped = reader_get_64(r, o.value);
        } else if (is_option(r, &o, ISB_USRDELIV, 8)) {
            s->delivered = reader_get_64(r, o.value);
        }
    }
    record->kind = CAPTURE_SUMMARY;
    return READER_RECORD;
}

/* How long the fixed part of blocks of 'type' is; 0 if we do not look into
 * them. */
static size_t
head_size(uint32_t type)
{
    switch (type) {
    case BLOCK_SHB: return SHB_HEAD;
    case BLOCK_IDB: return IDB_HEAD;
    case BLOCK_OLD: return OLD_HEAD;
    case BLOCK_SPB: return SPB_HEAD;
    case BLOCK_ISB: return ISB_HEAD;
    case BLOCK_EPB: return EPB_HEAD;
    default: return 0;
    }
}

static enum reader_step
read_known(struct capture_reader *r, const struct block *b,
           struct capture_record *record)
{
    switch (b->type) {
    case BLOCK_SHB: return read_section(r, b);
    case BLOCK_IDB: return read_interface(r, b, record);
    case BLOCK_OLD: return read_old(r, b, record);
    case BLOCK_SPB: return read_simple(r, b, record);
    case BLOCK_ISB: return read_summary(r, b, record);
    default: return read_enhanced(r, b, record);
    }
}

/* Steps over a block that is of no interest, however long it is. */
static enum reader_step
skip_block(struct capture_reader *r, uint32_t size)
{
    uint32_t left = size - 4;
    size_t n;

    while (left) {
        n = REC_MIN(left, (uint32_t) 65536);
        if (byte_stream_peek(r->stream, &n), !n) {
            return reader_stop_short(r, size - left, size);
        }
        byte_stream_skip(r->stream, n);
        left -= n;
    }
    n = 4;

    const uint8_t *p = byte_stream_peek(r->stream, &n);

    if (n < 4) {
        return reader_stop_short(r, size - 4 + n, size);
    }
    if (reader_get_32(r, p) != size) {
        return reader_stop(r, CAPTURE_DAMAGED, "a block says %"PRIu32" bytes "
                           "at its start and %"PRIu32" at its end", size,
                           reader_get_32(r, p));
    }
    r->pending = 4;
    r->facts.others++;
    return READER_SKIPPED;
}

/* Checks the beginning of a block, BLOCK_MIN bytes at 'p', and stores its type
 * and size in 'b'.  A section says in which byte order it is. */
static bool
read_block_head(struct capture_reader *r, const uint8_t *p, struct block *b)
{
    size_t least;

    b->type = reader_get_32(r, p);
    if (b->type == BLOCK_SHB) {
        uint32_t magic;

        memcpy(&magic, p + 8, sizeof magic);
        if (magic != BYTE_ORDER_MAGIC
            && magic != __builtin_bswap32(BYTE_ORDER_MAGIC)) {
            reader_stop(r, CAPTURE_DAMAGED, "a section names no byte order");
            return false;
        }
        r->facts.swapped = magic != BYTE_ORDER_MAGIC;
    }
    b->size = reader_get_32(r, p + 4);
    least = REC_MAX(head_size(b->type) + 4, (size_t) BLOCK_MIN);
    if (b->size < least || b->size % 4
        || (head_size(b->type) && b->size > BYTE_STREAM_MAX)) {
        reader_stop(r, CAPTURE_DAMAGED, "what is there says that it is a "
                    "block of type 0x%08"PRIx32" and %"PRIu32" bytes",
                    b->type, b->size);
        return false;
    }
    return true;
}

/* Ends the file within 'b', of which 'n' bytes are there: is the file too
 * short, or the block's size wrong? */
static enum reader_step
read_short(struct capture_reader *r, const struct block *b, size_t n)
{
    if (b->type == BLOCK_EPB && r->facts.ours && n >= EPB_HEAD) {
        uint64_t size = (EPB_HEAD + 4
                         + ((uint64_t) reader_get_32(r, b->p + 20) + 3) / 4
                           * 4);

        if (b->size != size && b->size != size + EPB_DROPCOUNT_SIZE) {
            return reader_stop(r, CAPTURE_DAMAGED, "a block of %"PRIu32
                               " bytes says that its packet has %"PRIu32,
                               b->size, reader_get_32(r, b->p + 20));
        }
    }
    return reader_stop_short(r, n, b->size);
}

static enum reader_step
read_block(struct capture_reader *r, struct capture_record *record)
{
    size_t n = BLOCK_MIN;
    struct block b = { .p = byte_stream_peek(r->stream, &n) };

    if (n < BLOCK_MIN) {
        return reader_stop_short(r, n, BLOCK_MIN);
    }
    if (!read_block_head(r, b.p, &b)) {
        return READER_END;
    }
    if (!head_size(b.type)) {
        return skip_block(r, b.size);
    }
    n = b.size;
    b.p = byte_stream_peek(r->stream, &n);
    if (n < b.size) {
        return read_short(r, &b, n);
    }
    if (reader_get_32(r, b.p + b.size - 4) != b.size) {
        return reader_stop(r, CAPTURE_DAMAGED, "a block says %"PRIu32" bytes "
                           "at its start and %"PRIu32" at its end", b.size,
                           reader_get_32(r, b.p + b.size - 4));
    }

    enum reader_step step = read_known(r, &b, record);

    if (step != READER_END) {
        r->pending = b.size;
    }
    return step;
}

/* Does the file, whose first 4 bytes are at 'p', start as pcapng?  Then it is
 * read as such. */
bool
read_pcapng_start(struct capture_reader *r, const uint8_t *p)
{
    uint32_t type;

    memcpy(&type, p, sizeof type);
    if (type != BLOCK_SHB) {
        return false;
    }
    r->facts.format = "pcapng";
    r->step = read_block;
    return true;
}
