/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts what is in capture files of send-frames' frames, whoever wrote them,
 * and prints it as one line of JSON.  Part of "make bench": what counts is
 * what is in the file, not what the recorder says.
 *
 *   count-frames FILE...        pcap or pcapng of this machine's byte order
 *
 * frames: in the files.  distinct: different numbers.  disordered: numbers
 * lower than the one before.  stored: bytes of frames.  whole: each file ends
 * with a whole record. */

#include <config.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE (8 << 20)
#define ALIGNMENT 4096

/* A record that is longer is none. */
#define MAX_RECORD (1 << 20)

#define HEADERS 42
#define NUMBER_END (HEADERS + 8)

#define PCAP_HEADER 24
#define PCAP_RECORD 16
#define PCAPNG_PACKET 6
#define PCAPNG_RECORD 28

/* Numbers that were seen: a bit for each. */
struct numbers {
    uint8_t *bits;
    uint64_t n;                 /* Bits there is room for. */
};

struct tally {
    struct numbers numbers;
    uint64_t frames, distinct, disordered, stored, previous;
    bool whole;
};

/* A file that is read piece by piece.  What is left of a piece is moved before
 * the next one, which is read to an aligned address. */
struct reader {
    int fd;
    uint8_t *buffer;            /* MAX_RECORD, then PIECE bytes. */
    uint8_t *data;              /* Next byte. */
    size_t left;                /* Bytes from 'data' on. */
    bool eof;
};

static void
die(const char *what)
{
    fprintf(stderr, "count-frames: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Sees to it that 'n' bytes can be looked at, if the file has them. */
static bool
reader_need(struct reader *r, size_t n)
{
    while (r->left < n && !r->eof) {
        uint8_t *piece = r->buffer + MAX_RECORD;
        ssize_t got;

        memmove(piece - r->left, r->data, r->left);
        r->data = piece - r->left;
        got = read(r->fd, piece, PIECE);
        if (got < 0) {
            die("read");
        }
        r->left += got;
        r->eof = got < PIECE;
    }
    return r->left >= n;
}

/* Opens 'name', around the page cache where that works, because files of many
 * gigabytes are read once. */
static void
reader_open(struct reader *r, const char *name)
{
    r->fd = open(name, O_RDONLY | O_DIRECT);
    if (r->fd < 0) {
        r->fd = open(name, O_RDONLY);
    }
    if (r->fd < 0) {
        die(name);
    }
    if (!r->buffer) {
        r->buffer = aligned_alloc(ALIGNMENT, MAX_RECORD + PIECE);
    }
    r->data = r->buffer + MAX_RECORD;
    r->left = 0;
    r->eof = false;
}

static void
reader_skip(struct reader *r, size_t n)
{
    r->data += n;
    r->left -= n;
}

static uint32_t
get32(const uint8_t *p)
{
    uint32_t value;

    memcpy(&value, p, sizeof value);
    return value;
}

/* Returns true if 'number' was not there yet. */
static bool
numbers_add(struct numbers *numbers, uint64_t number)
{
    uint8_t bit = 1 << number % 8;

    if (number >= UINT64_C(1) << 36) {
        fprintf(stderr, "count-frames: frame with number %"PRIu64"\n", number);
        exit(1);
    }
    while (number >= numbers->n) {
        uint64_t n = numbers->n ? numbers->n * 2 : 1 << 24;

        numbers->bits = realloc(numbers->bits, n / 8);
        if (!numbers->bits) {
            die("memory");
        }
        memset(numbers->bits + numbers->n / 8, 0, (n - numbers->n) / 8);
        numbers->n = n;
    }
    if (numbers->bits[number / 8] & bit) {
        return false;
    }
    numbers->bits[number / 8] |= bit;
    return true;
}

/* Takes a frame of which 'n' bytes are there. */
static void
take_frame(struct tally *t, const uint8_t *frame, uint32_t n)
{
    static const uint8_t ours[] = {
        0x52, 0x54, 0, 0, 0, 2, 0x52, 0x54, 0, 0, 0, 1, 0x08, 0x00,
    };
    uint64_t number;

    if (n < NUMBER_END || memcmp(frame, ours, sizeof ours)) {
        return;
    }
    memcpy(&number, frame + HEADERS, sizeof number);
    number = be64toh(number);
    t->disordered += t->frames && number < t->previous;
    t->distinct += numbers_add(&t->numbers, number);
    t->previous = number;
    t->stored += n;
    t->frames++;
}

static void
read_pcap(struct reader *r, struct tally *t)
{
    reader_skip(r, PCAP_HEADER);
    while (reader_need(r, PCAP_RECORD)) {
        uint32_t n = get32(r->data + 8);

        if (n > MAX_RECORD - PCAP_RECORD || !reader_need(r, PCAP_RECORD + n)) {
            return;
        }
        take_frame(t, r->data + PCAP_RECORD, n);
        reader_skip(r, PCAP_RECORD + n);
    }
}

static void
read_pcapng(struct reader *r, struct tally *t)
{
    while (reader_need(r, 12)) {
        uint32_t n = get32(r->data + 4);

        if (n < 12 || n > MAX_RECORD || !reader_need(r, n)) {
            return;
        }
        if (get32(r->data) == PCAPNG_PACKET && n >= PCAPNG_RECORD
            && get32(r->data + 20) <= n - PCAPNG_RECORD) {
            take_frame(t, r->data + PCAPNG_RECORD, get32(r->data + 20));
        }
        reader_skip(r, n);
    }
}

static void
read_file(struct reader *r, const char *name, struct tally *t)
{
    reader_open(r, name);
    if (reader_need(r, PCAP_HEADER)) {
        switch (get32(r->data)) {
        case 0x0a0d0d0a:
            read_pcapng(r, t);
            break;
        case 0xa1b2c3d4:
        case 0xa1b23c4d:
            read_pcap(r, t);
            break;
        default:
            fprintf(stderr, "count-frames: %s: not a capture\n", name);
            exit(1);
        }
    }
    t->whole = t->whole && !r->left;
    close(r->fd);
}

int
main(int argc, char *argv[])
{
    struct tally t = { .whole = true };
    struct reader r = { .fd = -1 };

    for (int i = 1; i < argc; i++) {
        read_file(&r, argv[i], &t);
    }
    printf("{\"frames\": %"PRIu64", \"distinct\": %"PRIu64", "
           "\"disordered\": %"PRIu64", \"stored\": %"PRIu64", "
           "\"whole\": %s}\n", t.frames, t.distinct, t.disordered, t.stored,
           t.whole ? "true" : "false");
    free(t.numbers.bits);
    free(r.buffer);
    return 0;
}
