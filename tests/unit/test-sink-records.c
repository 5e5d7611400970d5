/* SPDX-License-Identifier: Apache-2.0
 *
 * Records in memory: what is laid out is found again, and a file cut anywhere
 * is readable up to its last whole record. */

#include <config.h>
#include "plugin/record/record-format.h"
#include "plugin/record/record-util.h"
#include "tests/tap.h"
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_FRAMES 20
#define TIME UINT64_C(1769903999123456789)

static uint8_t frame[1500];

/* A file in memory, and where each of its records ends. */
struct file {
    uint8_t data[64 * 1024];
    size_t len;
    size_t header;
    size_t ends[N_FRAMES];
};

static void
make_file(const struct record_format *format, struct file *file)
{
    struct record_interface iface = {
        .name = "vnet1",
        .description = "web server",
        .filter = "udp",
        .os = "Linux 6.1",
        .application = "test",
        .speed = 10000000000,
        .snaplen = 262144,
        .linktype = 1,
    };

    file->len = file->header = format->header(file->data, &iface);
    for (int i = 0; i < N_FRAMES; i++) {
        struct record_packet packet = {
            .data = frame,
            .time = TIME + i,
            .dropcount = format->summary && i % 5 == 4 ? i : 0,
            .caplen = 60 + i,
            .len = 60 + 2 * i,
        };
        size_t size = format->packet(file->data + file->len, &packet);

        if (size != format->packet_size(packet.caplen, packet.dropcount)) {
            tap_ok(false, "%s: frame %d has the size said", format->name, i);
        }
        file->len += size;
        file->ends[i] = file->len;
    }
}

static void
test_walk(const struct record_format *format, const struct file *file)
{
    struct record_contents c;
    size_t wrong = 0;

    c = format->walk(file->data, file->len, true);
    tap_int(c.bytes, file->len, "%s: the whole file is whole", format->name);
    tap_int(c.packets, N_FRAMES, "%s: all its frames are seen",
            format->name);
    tap_int(c.dropcount, format->summary ? 4 + 9 + 14 + 19 : 0,
            "%s: all losses are seen", format->name);
    c = format->walk(file->data + file->ends[3],
                     file->len - file->ends[3], false);
    tap_int(c.packets, N_FRAMES - 4, "%s: also from the middle on",
            format->name);

    for (size_t n = 0; n <= file->len; n++) {
        /* An exact copy, so that a look beyond its end is noticed. */
        uint8_t *cut = malloc(n ? n : 1);
        size_t packets = 0;

        memcpy(cut, file->data, n);
        while (packets < N_FRAMES && file->ends[packets] <= n) {
            packets++;
        }
        c = format->walk(cut, n, true);
        wrong += (c.packets != packets || c.bytes > n
                  || (n >= file->header
                      && c.bytes != (packets ? file->ends[packets - 1]
                                     : file->header)));
        free(cut);
    }
    tap_int(wrong, 0, "%s: cut at any of %zu bytes, every whole frame is "
            "found and no other", format->name, file->len);

    uint8_t zeros[4096] = { 0 };

    tap_int(format->walk(zeros, sizeof zeros, true).bytes, 0,
            "%s: zeros are no file", format->name);
    tap_int(format->walk(zeros, sizeof zeros, false).packets, 0,
            "%s: nor frames", format->name);
}

/* What libpcap reads is what was laid out. */
static void
test_libpcap(const struct record_format *format, const struct file *file)
{
    char name[] = "/tmp/test-sink-records.XXXXXX";
    char errbuf[PCAP_ERRBUF_SIZE];
    int fd = mkstemp(name);
    struct pcap_pkthdr *h;
    const u_char *data;
    size_t good = 0;
    pcap_t *pcap;

    tap_ok(write(fd, file->data, file->len) == (ssize_t) file->len,
           "%s: a file", format->name);
    close(fd);
    pcap = pcap_open_offline_with_tstamp_precision(
        name, PCAP_TSTAMP_PRECISION_NANO, errbuf);
    tap_ok(pcap, "%s: libpcap opens it", format->name);
    while (pcap && pcap_next_ex(pcap, &h, &data) == 1) {
        good += (h->caplen == 60 + good && h->len == 60 + 2 * good
                 && h->ts.tv_sec == (time_t) (TIME / NSEC_PER_SEC)
                 && (uint64_t) h->ts.tv_usec == TIME % NSEC_PER_SEC + good
                 && !memcmp(data, frame, h->caplen));
    }
    tap_int(good, N_FRAMES, "%s: libpcap reads every frame as it was",
            format->name);
    if (pcap) {
        pcap_close(pcap);
    }
    unlink(name);
}

static void
test_limits(void)
{
    char text[RECORD_TEXT_MAX + 1];
    uint8_t *header = malloc(RECORD_HEADER_MAX);
    uint8_t summary[RECORD_SUMMARY_MAX];
    struct record_interface iface = {
        .name = text, .description = text, .filter = text,
        .os = "os", .application = "application", .speed = 1,
    };
    struct record_summary s = { .start = 1, .end = 2 };
    size_t n;

    memset(text, 'x', RECORD_TEXT_MAX);
    text[RECORD_TEXT_MAX] = '\0';
    n = record_format_pcapng.header(header, &iface);
    tap_ok(n <= RECORD_HEADER_MAX,
           "the longest header has %zu bytes, %d are there for it", n,
           RECORD_HEADER_MAX);
    tap_int(record_format_pcapng.walk(header, n, true).bytes, n,
            "and is whole");
    n = record_format_pcapng.summary(summary, &s);
    tap_ok(n <= RECORD_SUMMARY_MAX,
           "a summary has %zu bytes, %d are there for it", n,
           RECORD_SUMMARY_MAX);
    tap_int(record_format_pcapng.walk(summary, n, false).bytes, n,
            "and is whole");
    free(header);
}

int
main(void)
{
    static const char *const names[] = { "pcapng", "pcap" };

    for (size_t i = 0; i < sizeof frame; i++) {
        frame[i] = i * 7;
    }
    for (size_t i = 0; i < REC_ARRAY_SIZE(names); i++) {
        const struct record_format *format = record_format_lookup(names[i]);
        struct file *file = rec_xcalloc(1, sizeof *file);

        make_file(format, file);
        test_walk(format, file);
        test_libpcap(format, file);
        free(file);
    }
    tap_ok(!record_format_lookup("csv"), "there is no other format");
    test_limits();
    return tap_done();
}
