/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader of capture files, and the check that is built on it: our own
 * files whole, cut at every byte and damaged, as they are and compressed, and
 * files as others write them. */

#include <config.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>
#include "plugin/record/capture-check.h"
#include "plugin/record/capture-reader.h"
#include "plugin/record/record-format.h"
#include "plugin/record/record-util.h"
#include "tests/tap.h"

#define N_PACKETS 30
#define TIME UINT64_C(1769903999123456789)

static uint8_t data[2000];

/* A file in memory, and where each of its packets ends. */
struct file {
    uint8_t bytes[128 * 1024];
    size_t len, header;
    size_t ends[N_PACKETS];
};

/* Lays out N_PACKETS packets, every tenth after 7 lost ones. */
static void
make_file(const struct record_format *format, struct file *f)
{
    struct record_summary summary = {
        .start = TIME, .end = TIME + 1000,
        .arrived = N_PACKETS + 21, .received = N_PACKETS + 21,
        .dropped = 21, .delivered = N_PACKETS,
    };

    memset(f, 0, sizeof *f);
    f->len = f->header = format->header(f->bytes, &(struct record_interface) {
        .name = "vnet1", .description = "web", .filter = "udp",
        .os = "Linux", .application = "ovs-span-sink test",
        .speed = 1000000000, .snaplen = 262144, .linktype = 1,
    });
    for (int i = 0; i < N_PACKETS; i++) {
        f->len += format->packet(f->bytes + f->len, &(struct record_packet) {
            .data = data, .time = TIME + i, .caplen = 60 + i, .len = 70 + i,
            .dropcount = format->summary && i % 10 == 9 ? 7 : 0,
        });
        f->ends[i] = f->len;
    }
    if (format->summary) {
        f->len += format->summary(f->bytes + f->len, &summary);
    }
}

/* Returns a descriptor of a file of the 'n' bytes. */
static int
open_bytes(const uint8_t *bytes, size_t n)
{
    int fd = memfd_create("test", MFD_CLOEXEC);

    if (fd < 0 || write(fd, bytes, n) != (ssize_t) n) {
        perror("memfd");
        exit(1);
    }
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static void
run_check(struct capture_check *check, const uint8_t *bytes, size_t n)
{
    capture_check_run(check, open_bytes(bytes, n), false, NULL);
}

static const char *
first_problem(const struct capture_check *check)
{
    return check->n_problems ? check->problems[0] : "";
}

static void
test_whole(const struct record_format *format, const struct file *f)
{
    struct capture_reader *r
        = capture_reader_create(open_bytes(f->bytes, f->len), false);
    bool pcapng = format->summary != NULL;
    const struct record_interface *iface;
    struct capture_record record;
    size_t good = 0, n = 0;

    while (capture_reader_next(r, &record)) {
        const struct record_packet *p = &record.packet;

        if (record.kind == CAPTURE_PACKET) {
            good += (p->time == TIME + n && p->caplen == 60 + n
                     && p->len == 70 + n && !memcmp(p->data, data, p->caplen)
                     && p->dropcount == (pcapng && n % 10 == 9 ? 7 : 0)
                     && record.offset == (n ? f->ends[n - 1] : f->header));
            n++;
        }
    }
    tap_int(good, N_PACKETS, "%s: each packet as it was", format->name);
    iface = capture_reader_interface(r, 0);
    tap_ok(iface->snaplen == 262144 && iface->linktype == 1
           && (!pcapng || (!strcmp(iface->name, "vnet1")
                           && !strcmp(iface->description, "web")
                           && !strcmp(iface->filter, "udp")
                           && !strcmp(iface->os, "Linux")
                           && iface->speed == 1000000000)),
           "%s: the interface as it was", format->name);
    tap_str(capture_reader_facts(r)->format, format->name, "its format");
    capture_reader_destroy(r);

    struct capture_check check;

    run_check(&check, f->bytes, f->len);
    tap_str(first_problem(&check), "", "%s: the check finds nothing",
            format->name);
    tap_ok(check.packets == N_PACKETS && check.lost == (pcapng ? 21 : 0)
           && check.n_gaps == (pcapng ? 3 : 0) && check.first == TIME
           && check.last == TIME + N_PACKETS - 1,
           "%s: and counts right", format->name);
    tap_ok(!pcapng || (check.gaps[1].packet == 20 && check.gaps[1].lost == 7
                       && check.gaps[1].time == TIME + 19),
           "%s: it knows where packets are missing", format->name);
    capture_check_destroy(&check);
}

/* Cut anywhere: all packets before the cut are read, no other, and it is said
 * where reading ends. */
static void
test_cut(const struct record_format *format, const struct file *f)
{
    size_t wrong = 0;

    for (size_t n = 0; n < f->len; n++) {
        struct capture_check check;
        size_t packets = 0, end = f->header;
        bool whole;

        while (packets < N_PACKETS && f->ends[packets] <= n) {
            end = f->ends[packets++];
        }
        run_check(&check, f->bytes, n);
        whole = n == end || check.facts.bytes == n;
        if (check.packets != packets
            || check.facts.end != (n && whole ? CAPTURE_WHOLE : CAPTURE_CUT)
            || (n >= f->header && check.facts.bytes != end)) {
            wrong++;
            tap_diag("cut at %zu: %llu packets, want %zu, end %d at %llu", n,
                     (unsigned long long int) check.packets, packets,
                     (int) check.facts.end,
                     (unsigned long long int) check.facts.bytes);
        }
        capture_check_destroy(&check);
    }
    tap_int(wrong, 0, "%s: cut at each of %zu bytes", format->name, f->len);
}

/* One byte changed, anywhere: never a crash, and never more packets. */
static void
test_damaged(const struct record_format *format, struct file *f)
{
    size_t wrong = 0, unseen = 0;

    for (size_t i = 0; i < f->len; i++) {
        struct capture_check check;
        uint8_t was = f->bytes[i];

        f->bytes[i] ^= 0xff;
        run_check(&check, f->bytes, f->len);
        f->bytes[i] = was;
        wrong += check.packets > N_PACKETS;
        unseen += !check.n_problems;
        capture_check_destroy(&check);
    }
    tap_int(wrong, 0, "%s: each byte damaged in turn", format->name);
    tap_ok(unseen < f->len, "%s: %zu of %zu go unseen without a checksum",
           format->name, unseen, f->len);
}

/* SHA-256 sees all of them. */
static void
test_claims(const struct file *f)
{
    struct capture_claims claims;
    struct capture_check check;
    char hex[SHA256_HEX_SIZE];
    struct file bad = *f;
    int fd = open_bytes(f->bytes, f->len);

    sha256_file(fd, hex);
    close(fd);
    capture_claims_init(&claims);
    claims.packets = N_PACKETS;
    claims.lost = 21;
    claims.gaps = 3;
    claims.bytes = f->len;
    memcpy(claims.sha256, hex, sizeof hex);
    capture_check_run(&check, open_bytes(f->bytes, f->len), false, &claims);
    tap_str(first_problem(&check), "", "a manifest that is right");
    tap_str(check.sha256, hex, "SHA-256");
    capture_check_destroy(&check);

    bad.bytes[f->ends[4] - 40] ^= 1;
    capture_check_run(&check, open_bytes(bad.bytes, f->len), false, &claims);
    tap_int(check.n_problems, 1, "a flipped bit in a packet is one problem");
    tap_ok(strstr(first_problem(&check), "SHA-256"), "SHA-256");
    capture_check_destroy(&check);

    claims.packets--;
    claims.lost++;
    claims.gaps = 0;
    claims.bytes = 1;
    capture_check_run(&check, open_bytes(f->bytes, f->len), false, &claims);
    tap_int(check.n_problems, 4, "each number of the manifest is compared");
    tap_str(first_problem(&check),
            "the manifest says 29 packets, the file has 30", "in words");
    capture_check_destroy(&check);
}

/* Packs the 'n' bytes into frames of 'step' bytes each. */
static size_t
pack(const uint8_t *bytes, size_t n, size_t step, uint8_t *packed,
     size_t size)
{
    size_t len = 0;

    for (size_t i = 0; i < n; i += step) {
        len += ZSTD_compress(packed + len, size - len, bytes + i,
                             REC_MIN(step, n - i), 3);
    }
    return len;
}

/* The sums and the size of a compressed file. */
static void
test_zstd_claims(const struct file *f, const uint8_t *packed, size_t n)
{
    struct capture_claims claims;
    struct capture_check check;
    int fd = open_bytes(f->bytes, f->len);

    capture_claims_init(&claims);
    sha256_file(fd, claims.sha256);
    close(fd);
    fd = open_bytes(packed, n);
    sha256_file(fd, claims.packed_sha256);
    claims.bytes = f->len;
    claims.packed_bytes = n;
    capture_check_run(&check, fd, false, &claims);
    tap_str(first_problem(&check), "", "zstd: a manifest that is right");
    capture_check_destroy(&check);
    claims.packed_sha256[0] ^= 1;
    claims.packed_bytes++;
    capture_check_run(&check, open_bytes(packed, n), false, &claims);
    tap_int(check.n_problems, 2, "zstd: size and SHA-256 are compared");
    capture_check_destroy(&check);
}

static void
test_zstd(const struct file *f)
{
    static uint8_t packed[16384];
    size_t n = pack(f->bytes, f->len, 1000, packed, sizeof packed);
    size_t wrong = 0, packets = 0;
    struct capture_check check;

    run_check(&check, packed, n);
    tap_ok(!check.n_problems && check.packets == N_PACKETS
           && check.facts.zstd && check.facts.bytes == f->len
           && check.size == n && check.facts.frame == (f->len + 999) / 1000,
           "zstd: unpacked from %zu bytes in %llu frames", n,
           (unsigned long long int) check.facts.frame);
    capture_check_destroy(&check);

    test_zstd_claims(f, packed, n);
    for (size_t i = 0; i < n; i++) {
        run_check(&check, packed, i);
        wrong += (check.packets < packets
                  || (check.facts.end != CAPTURE_CUT
                      && check.facts.frame_offset != i));
        packets = check.packets;
        capture_check_destroy(&check);
    }
    tap_int(wrong, 0, "zstd: cut at each of %zu bytes", n);
    for (size_t i = 0; i < n; i++) {
        packed[i] ^= 0x55;
        run_check(&check, packed, n);
        packed[i] ^= 0x55;
        wrong += check.packets > N_PACKETS;
        capture_check_destroy(&check);
    }
    tap_int(wrong, 0, "zstd: each byte damaged in turn");

    /* A frame that unpacks to much more than is read at once. */
    static uint8_t big[3 << 20], small[1 << 16];
    const struct record_format *format = &record_format_pcapng;
    size_t len = f->header;

    memcpy(big, f->bytes, f->header);
    while (len < sizeof big - 3000) {
        len += format->packet(big + len, &(struct record_packet) {
            .data = data, .time = TIME, .caplen = 1500, .len = 1500,
        });
    }
    n = pack(big, len, len, small, sizeof small);
    run_check(&check, small, n);
    tap_ok(!check.n_problems && check.facts.bytes == len
           && check.facts.frame == 1,
           "zstd: a frame of %zu bytes out of %zu", len, n);
    capture_check_destroy(&check);
}

/* A pcapng of the other byte order, in microseconds and in units of 2^-20 s
 * with an offset, with blocks and options that we do not know. */
static const uint8_t foreign[] = {
    0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0,
    0, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 28,
    /* An interface of microseconds, one of 2^-20 s from second 1000. */
    0, 0, 0, 1, 0, 0, 0, 20, 0, 101, 0, 0, 0, 0, 0, 64, 0, 0, 0, 20,
    0, 0, 0, 1, 0, 0, 0, 44, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0x94, 9,
    9, 9, 0, 14, 0, 8, 0, 0, 0, 0, 0, 0, 3, 232, 0, 0, 0, 0, 0, 0, 0, 44,
    /* Names, and something of the future. */
    0, 0, 0, 4, 0, 0, 0, 16, 1, 2, 3, 4, 0, 0, 0, 16,
    0, 0, 0x77, 0x77, 0, 0, 0, 12, 0, 0, 0, 12,
    /* 5 bytes after 2 s; with a comment and a drop count. */
    0, 0, 0, 6, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1e, 0x84, 0x80,
    0, 0, 0, 5, 0, 0, 0, 9, 1, 2, 3, 4, 5, 7, 7, 7, 0, 1, 0, 3, 'a', 'b',
    'c', 0, 0, 4, 0, 8, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 64,
    /* 4 bytes of the second interface, half a second later than 1000. */
    0, 0, 0, 6, 0, 0, 0, 36, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0,
    4, 0, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0, 36,
    /* A simple packet, and one as they were once, after 2 losses. */
    0, 0, 0, 3, 0, 0, 0, 20, 0, 0, 0, 4, 9, 9, 9, 9, 0, 0, 0, 20,
    0, 0, 0, 2, 0, 0, 0, 36, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0x2d, 0xc6, 0xc0,
    0, 0, 0, 4, 0, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0, 36,
};

static void
test_foreign(void)
{
    static const uint64_t times[] = {
        UINT64_C(2000000000), UINT64_C(1000500000000), 0, UINT64_C(3000000000),
    };
    struct capture_reader *r
        = capture_reader_create(open_bytes(foreign, sizeof foreign), false);
    struct capture_record record;
    size_t n = 0, good = 0;
    uint64_t lost = 0;

    while (capture_reader_next(r, &record)) {
        if (record.kind == CAPTURE_PACKET && n < REC_ARRAY_SIZE(times)) {
            lost += record.packet.dropcount;
            good += record.packet.time == times[n++];
        }
    }
    const struct capture_facts *facts = capture_reader_facts(r);

    tap_int(good, 4, "foreign: four kinds of packets with their times");
    tap_int(lost, 5, "foreign: and their losses");
    tap_ok(facts->end == CAPTURE_WHOLE && facts->swapped && !facts->ours
           && facts->others == 2 && !facts->n_flaws
           && capture_reader_n_interfaces(r) == 2
           && capture_reader_interface(r, 0)->linktype == 101,
           "foreign: other byte order, two blocks skipped, no flaw");
    capture_reader_destroy(r);

    static const uint8_t pcap[] = {
        0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        96, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 2, 0, 0, 0, 60, 1, 2,
    };
    struct capture_check check;

    run_check(&check, pcap, sizeof pcap);
    tap_ok(!check.n_problems && check.packets == 1
           && check.first == UINT64_C(5000006000), "foreign: pcap of "
           "microseconds and the other byte order");
    capture_check_destroy(&check);
    run_check(&check, (const uint8_t *) "#!/bin/sh\n", 10);
    tap_str(first_problem(&check), "this is neither pcapng nor pcap",
            "foreign: something else");
    capture_check_destroy(&check);
}

/* What is wrong, and can be read on, is told with its place. */
static void
test_flaws(struct file *f)
{
    struct capture_check check;
    size_t at = f->ends[8];     /* The packet with the drop count: 69 bytes. */

    f->bytes[at + 28 + 72 + 2] = 4;     /* The option's length. */
    f->bytes[f->ends[3] + 8] = 1;       /* The packet's interface. */
    f->bytes[f->ends[0] + 28 + 61] = 1; /* What fills up. */
    run_check(&check, f->bytes, f->len);
    tap_int(check.packets, N_PACKETS, "flaws: all packets are read");
    tap_int(check.facts.n_flaws, 4, "flaws: four are found");
    tap_int(check.facts.flaws[0].offset, f->ends[0], "flaws: the first one");
    tap_int(check.facts.flaws[1].offset, f->ends[3], "flaws: the second one");
    tap_int(check.facts.flaws[2].offset, at, "flaws: the third one");
    capture_check_destroy(&check);
    make_file(&record_format_pcapng, f);

    f->bytes[f->ends[11] + 4] += 4;
    run_check(&check, f->bytes, f->len);
    tap_int(check.packets, 12, "a wrong length: packets before it are read");
    tap_int(check.facts.bytes, f->ends[11], "and it is said where it is");
    tap_int(check.facts.end, CAPTURE_DAMAGED, "and that this is damage");
    capture_check_destroy(&check);
    make_file(&record_format_pcapng, f);

    f->len = f->ends[5];
    f->len += record_format_pcapng.packet(
        f->bytes + f->len, &(struct record_packet) {
            .data = data, .time = TIME - 2 * NSEC_PER_SEC, .caplen = 60,
            .len = 60,
        });
    run_check(&check, f->bytes, f->len);
    tap_int(check.steps_back, 1, "a step back in time is counted");
    tap_str(first_problem(&check), "packet 7 is 2000 ms earlier than the one "
            "before it", "and told");
    capture_check_destroy(&check);
}

/* Writes the file under 'name', for comparison with other programs. */
static void
store(const char *dir, const char *name, const struct file *f)
{
    char *path = rec_xasprintf("%s/%s", dir, name);
    FILE *file = fopen(path, "wb");

    if (!file || fwrite(f->bytes, 1, f->len, file) != f->len
        || fclose(file)) {
        perror(path);
        exit(1);
    }
    free(path);
}

int
main(int argc, char *argv[])
{
    static struct file f;

    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = i * 7;
    }
    make_file(&record_format_pcap, &f);
    if (argc > 1) {
        store(argv[1], "sample.pcap", &f);
        make_file(&record_format_pcapng, &f);
        store(argv[1], "sample.pcapng", &f);
        return 0;
    }
    test_whole(&record_format_pcap, &f);
    test_cut(&record_format_pcap, &f);
    test_damaged(&record_format_pcap, &f);
    make_file(&record_format_pcapng, &f);
    test_whole(&record_format_pcapng, &f);
    test_cut(&record_format_pcapng, &f);
    test_damaged(&record_format_pcapng, &f);
    test_claims(&f);
    test_zstd(&f);
    test_foreign();
    test_flaws(&f);
    return tap_done();
}
