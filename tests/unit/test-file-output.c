/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames laid into segments: whatever the segments, the files and the losses,
 * what comes out at the other end is what went in, in order, and each frame
 * that is missing is noted in the next one. */

#include <config.h>
#include "plugin/record/record-format.h"
#include "plugin/record/record-util.h"
#include "plugin/sink/accounting.h"
#include "plugin/sink/capture-source.h"
#include "plugin/sink/file-header.h"
#include "plugin/sink/file-output.h"
#include "plugin/sink/options.h"
#include "plugin/sink/report.h"
#include "plugin/sink/segment-ring.h"
#include "tests/tap.h"
#include <stdlib.h>
#include <string.h>

#define SEGMENT (16 * SEGMENT_PAGE)
#define N_SEGMENTS 3
#define START UINT64_C(1700000000)

/* There is no kernel here: nothing is lost in it. */
void
capture_source_count(struct capture_source *s __attribute__((unused)),
                     struct accounting *a __attribute__((unused)))
{
}

/* An output, and what came out of it. */
struct bench {
    struct accounting accounting;
    struct file_headers headers;
    struct report *report;
    struct segment_ring *ring;
    struct file_output *out;
    const struct record_format *format;
    size_t filled;              /* Segments not emptied yet. */

    uint32_t sent;              /* Frames so far. */
    uint32_t next;              /* The number to come out next. */
    uint64_t packets, files, missing, noted, wrong;
    uint64_t largest;           /* Bytes of a file. */
    uint64_t bytes;             /* Of the open one. */
    uint64_t in_file;           /* Frames of the open one. */
    uint64_t laid;              /* Bytes in all. */
    size_t fullest;             /* Bytes of a segment. */
    bool cut;                   /* Frames may be cut to 128 bytes. */
};

/* Returns the bytes of frame 'i'. */
static uint32_t
get_size(uint32_t i)
{
    return 4 + i * 7 % 1500;
}

/* Lets 'n' frames arrive. */
static void
arrive(struct bench *b, unsigned int n)
{
    static uint8_t data[2000];

    for (unsigned int i = 0; i < n; i++) {
        struct pcap_pkthdr h = {
            .ts = { .tv_sec = START + b->sent / 1000,
                    .tv_usec = b->sent % 1000 * 1000000 },
            .caplen = get_size(b->sent),
            .len = get_size(b->sent) + 1,
        };

        memset(data, b->sent, h.caplen);
        memcpy(data, &b->sent, sizeof b->sent);
        file_output_class.take((u_char *) b->out, &h, data);
        b->sent++;
    }
    file_output_class.settle(b->out);
}

static uint32_t
get_32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof v);
    return v;
}

/* Looks at the packet block of 'n' bytes at 'p'. */
static void
look_at_packet(struct bench *b, const uint8_t *p, uint32_t n)
{
    uint32_t i = get_32(p + 28);
    uint32_t size = get_32(p + 20);
    uint32_t end = 28 + (size + 3) / 4 * 4;
    uint64_t noted = 0, time;

    if (n > end + 4) {
        memcpy(&noted, p + end + 4, sizeof noted);
    }
    time = (uint64_t) get_32(p + 12) << 32 | get_32(p + 16);
    b->missing += i - b->next;
    b->noted += noted;
    b->wrong += (i < b->next || noted != i - b->next
                 || (size != get_size(i)
                     && !(b->cut && size == REC_MIN(get_size(i), 128U)))
                 || get_32(p + 24) != get_size(i) + 1
                 || (size > 4 && p[28 + size - 1] != (uint8_t) i)
                 || time != START * NSEC_PER_SEC + i * NSEC_PER_MSEC);
    b->next = i + 1;
    b->packets++;
    b->in_file++;
}

/* Empties a segment as the writer does. */
static void
empty_one(struct bench *b)
{
    const struct segment *s = segment_ring_get_filled(b->ring);
    const uint8_t *data = s->data + s->carry;
    size_t n = s->len - s->carry;
    struct record_contents c = b->format->walk(data, n, s->first);

    b->wrong += c.bytes != n || c.packets != s->packets
                || c.dropcount != s->dropcount;
    if (s->first) {
        b->files++;
        b->bytes = b->in_file = 0;
    }
    b->bytes += n;
    b->laid += n;
    b->fullest = REC_MAX(b->fullest, s->len);
    b->largest = REC_MAX(b->largest, b->bytes);
    for (size_t i = 0; i < n; i += get_32(data + i + 4)) {
        if (get_32(data + i) == 6) {
            look_at_packet(b, data + i, get_32(data + i + 4));
        }
    }
    if (s->first) {
        file_header_unref(s->header);
    }
    segment_ring_put_free(b->ring);
}

static void
empty_all(struct bench *b)
{
    while (segment_ring_waiting(b->ring)) {
        empty_one(b);
    }
}

static struct bench *
start(const struct rotation_limits *limits)
{
    struct bench *b = rec_xcalloc(1, sizeof *b);
    char *argv[] = { "", "--interface=if", "--write=f" };
    struct sink_options o;

    free(options_parse(&o, 3, argv));
    b->format = o.format;
    file_headers_init(&b->headers);
    file_headers_set(&b->headers, file_header_create(&o, 0));
    b->report = report_create();
    b->ring = segment_ring_create(N_SEGMENTS, SEGMENT);
    b->out = file_output_create(&(struct file_output_config) {
        .ring = b->ring,
        .accounting = &b->accounting,
        .report = b->report,
        .format = o.format,
        .headers = &b->headers,
        .snaplen = o.snaplen,
        .drop = true,
        .noting = true,
    }, limits);
    file_output_class.begin(b->out, 0);
    options_destroy(&o);
    return b;
}

static void
destroy(struct bench *b)
{
    file_output_destroy(b->out);
    segment_ring_destroy(b->ring);
    report_destroy(b->report);
    file_headers_destroy(&b->headers);
    free(b);
}

/* Ends it, and looks at what came out of it. */
static void
finish(struct bench *b, const char *what)
{
    struct accounting_snapshot s;

    empty_all(b);
    file_output_class.end(b->out);
    empty_all(b);
    accounting_read(&b->accounting, &s);
    tap_int(b->wrong, 0, "%s: all is as it was, in order, with its losses",
            what);
    tap_int(s.delivered, b->sent, "%u frames", b->sent);
    tap_int(s.queued, b->packets, "%llu of them in %llu files",
            (unsigned long long) b->packets, (unsigned long long) b->files);
    tap_int(s.ring_drop + s.cap_drop, s.delivered - s.queued,
            "the others left out");
    tap_int(b->noted, b->missing, "and noted");
    destroy(b);
}

static void
test_keeping_up(void)
{
    struct bench *b = start(&(struct rotation_limits) { 0 });

    for (int i = 0; i < 3000; i++) {
        arrive(b, 7);
        empty_all(b);
    }
    tap_int(b->accounting.ring_drop, 0, "a writer that keeps up: no loss");
    tap_int(b->files, 1, "one file");
    finish(b, "keeping up");
}

static void
test_rotation(void)
{
    const struct rotation_limits bytes = { .bytes = 100000 };
    const struct rotation_limits packets = { .packets = 10 };
    struct bench *b = start(&bytes);

    for (int i = 0; i < 3000; i++) {
        arrive(b, 7);
        empty_all(b);
    }
    tap_ok(b->largest <= 100000 && b->largest > 98000,
           "files end in time: the largest has %llu bytes",
           (unsigned long long) b->largest);
    tap_int(b->accounting.ring_drop, 0, "without loss");
    file_output_set_limits(b->out, &packets);
    file_output_class.tick(b->out, 1);
    file_output_rotate(b->out);
    file_output_class.tick(b->out, 2);
    empty_all(b);
    b->files = 0;
    for (int i = 0; i < 100; i++) {
        arrive(b, 10);
        empty_all(b);
    }
    tap_int(b->files, 100, "other limits hold at once");
    finish(b, "rotation");
}

/* The writer stands still again and again, for any number of frames. */
static void
test_losses(const struct rotation_limits *limits, const char *what)
{
    struct bench *b = start(limits);

    srandom(7);
    for (int i = 0; i < 400; i++) {
        arrive(b, random() % 500);
        if (random() % 4) {
            size_t n = random() % 4;

            for (; n && segment_ring_waiting(b->ring); n--) {
                empty_one(b);
            }
        }
        if (random() % 3) {
            file_output_class.tick(b->out, rec_time_monotonic());
        }
    }
    tap_ok(b->accounting.ring_drop > 1000, "%s: many losses", what);
    empty_all(b);
    arrive(b, 1);
    finish(b, what);
}

/* A segment that is nearly full, while none is free, has to take the summary
 * that is due now and then, and that at the end of its file.  Returns how full
 * it was then: the last of the ring, which got the last of 'n' frames from
 * number 'first' on. */
static size_t
fill_to_the_brim(uint32_t first, unsigned int n)
{
    struct bench *b = start(&(struct rotation_limits) { 0 });
    size_t fullest;

    b->sent = b->next = first;
    arrive(b, n);
    if (segment_ring_waiting(b->ring) == N_SEGMENTS - 1) {
        file_output_class.tick(b->out, 20 * NSEC_PER_SEC);
    }
    if (segment_ring_waiting(b->ring) == N_SEGMENTS - 1) {
        file_output_rotate(b->out);
        file_output_class.tick(b->out, 21 * NSEC_PER_SEC);
    }
    empty_all(b);
    fullest = b->fullest;
    file_output_class.end(b->out);
    empty_all(b);
    destroy(b);
    return fullest;
}

static void
test_brim(void)
{
    size_t fullest = 0;

    for (uint32_t first = 0; first < 40; first++) {
        for (unsigned int n = 220; n < 280; n++) {
            fullest = REC_MAX(fullest, fill_to_the_brim(first, n));
        }
    }
    tap_ok(fullest <= SEGMENT && fullest > SEGMENT - 50,
           "no segment overflows: the fullest has %zu of %d bytes", fullest,
           SEGMENT);
}

/* A cap on bytes: as long as it is not reached, nothing changes; then it holds
 * in every five seconds of the frames' time. */
static void
test_cap(void)
{
    struct bench *b = start(&(struct rotation_limits) { .bytes = 100000 });
    uint64_t before;

    /* A thousand frames a second, of 780 bytes. */
    file_output_set_byte_rate(b->out, 850000);
    file_output_class.tick(b->out, 1);
    for (int i = 0; i < 3000; i++) {
        arrive(b, 7);
        empty_all(b);
    }
    tap_int(b->accounting.cap_drop, 0, "a cap that is not reached: no loss");
    file_output_set_byte_rate(b->out, 425000);
    file_output_class.tick(b->out, 2);
    b->cut = true;
    for (int i = 0; i < 1000; i++) {
        arrive(b, 7);
        empty_all(b);
    }
    before = b->laid;
    for (int i = 0; i < 5000; i++) {
        arrive(b, 7);
        empty_all(b);
    }
    file_output_class.tick(b->out, 3);
    empty_all(b);
    tap_ok(b->laid - before < 35 * 425000 * 102 / 100,
           "half of it: %llu bytes in 35 seconds",
           (unsigned long long) (b->laid - before));
    finish(b, "cap");
}

int
main(void)
{
    test_keeping_up();
    test_rotation();
    test_cap();
    test_brim();
    test_losses(&(struct rotation_limits) { 0 }, "one file");
    test_losses(&(struct rotation_limits) { .bytes = 50000 }, "by size");
    test_losses(&(struct rotation_limits) { .packets = 33 }, "by packets");
    return tap_done();
}
