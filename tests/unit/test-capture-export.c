/* SPDX-License-Identifier: Apache-2.0
 *
 * Exports: which packets, which losses and which interfaces get into the new
 * file, and what becomes of files that changed or broke meanwhile. */

#include <config.h>
#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>
#include "plugin/record/capture-export.h"
#include "plugin/record/capture-reader.h"
#include "plugin/record/record-util.h"
#include "tests/tap.h"

/* Times are in seconds of this day, for the sake of short tables. */
#define DAY UINT64_C(1769904000000000000)

static char dir[] = "/tmp/test-capture-export.XXXXXX";

/* What is to be in a file: packets of one byte each, and their losses. */
struct packet {
    double time;
    uint8_t mark;               /* Its byte. */
    uint64_t lost;
};

static char *
make_path(const char *name)
{
    return rec_xasprintf("%s/%s", dir, name);
}

static uint64_t
make_time(double seconds)
{
    return DAY + (uint64_t) (seconds * 1000) * NSEC_PER_MSEC;
}

static void
write_bytes(const char *name, const void *bytes, size_t n)
{
    char *path = make_path(name);
    FILE *file = fopen(path, "wb");

    if (!file || fwrite(bytes, 1, n, file) != n || fclose(file)) {
        perror(path);
        exit(1);
    }
    free(path);
}

/* Lays out a file of an interface with the 'n' packets.  Returns its size. */
static size_t
lay_out(const struct record_format *format,
        const struct record_interface *iface, const struct packet *packets,
        size_t n, uint8_t *bytes)
{
    size_t size = format->header(bytes, iface);

    for (size_t i = 0; i < n; i++) {
        size += format->packet(bytes + size, &(struct record_packet) {
            .data = &packets[i].mark, .time = make_time(packets[i].time),
            .dropcount = packets[i].lost, .caplen = 1, .len = 60,
        });
    }
    return size;
}

static const struct record_interface web = {
    .name = "web", .description = "a", .snaplen = 96, .linktype = 1,
    .application = "ovs-span-sink", .os = "Linux",
};

/* Writes a pcapng file of 'web' and returns its size. */
static size_t
write_file(const char *name, const struct packet *packets, size_t n)
{
    static uint8_t bytes[65536];
    size_t size = lay_out(&record_format_pcapng, &web, packets, n, bytes);

    write_bytes(name, bytes, size);
    return size;
}

static unsigned int n_notes;
static char note[1024];

static void
take_note(void *aux __attribute__((unused)), const char *sentence)
{
    n_notes++;
    snprintf(note, sizeof note, "%s", sentence);
}

static void
ignore_poll(void *aux __attribute__((unused)))
{
}

/* What an export made. */
struct outcome {
    struct export_result result;
    char marks[64];             /* Of its packets, in order. */
    char losses[64];            /* Theirs, one digit each. */
    char names[64];             /* Of its interfaces. */
    uint32_t snaplen;           /* Of the last interface. */
    uint64_t received, delivered;       /* All interfaces' summaries. */
    int libpcap;                /* Packets that libpcap reads. */
};

static int
count_with_libpcap(int fd)
{
    char errbuf[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const u_char *data;
    FILE *file = fdopen(dup(fd), "rb");
    pcap_t *pcap;
    int n = 0;

    rewind(file);
    pcap = pcap_fopen_offline(file, errbuf);
    while (pcap && pcap_next_ex(pcap, &header, &data) == 1) {
        n++;
    }
    if (pcap) {
        pcap_close(pcap);
    } else {
        fclose(file);
    }
    return n;
}

/* Reads what is in 'fd' into '*o'. */
static void
read_back(struct outcome *o, int fd)
{
    struct capture_record record;
    struct capture_reader *r;
    size_t n = 0;

    lseek(fd, 0, SEEK_SET);
    r = capture_reader_create(fd, false);
    while (capture_reader_next(r, &record)) {
        if (record.kind == CAPTURE_INTERFACE) {
            const struct record_interface *about
                = capture_reader_interface(r, record.interface);

            strcat(strcat(o->names, about->name ? about->name : "?"), " ");
            o->snaplen = about->snaplen;
        } else if (record.kind == CAPTURE_PACKET) {
            o->marks[n] = record.packet.data[0];
            o->losses[n++] = '0' + record.packet.dropcount;
        } else {
            o->received += record.summary.received;
            o->delivered += record.summary.delivered;
        }
    }
    capture_reader_destroy(r);
}

/* Exports the 'n' streams from second 'from' to second 'to'. */
static struct outcome
export(struct export_stream *streams, size_t n, double from, double to)
{
    struct export_options options = {
        .from = from ? make_time(from) : 0,
        .to = to < 1000 ? make_time(to) : UINT64_MAX,
        .application = "ovs-span test", .os = "Linux", .note = take_note,
        .poll = ignore_poll,
    };
    struct outcome o = { 0 };
    int fd = memfd_create("out", 0);

    n_notes = 0;
    note[0] = '\0';
    if (capture_export(streams, n, &options, fd, &o.result)) {
        tap_ok(false, "writing to memory works");
    }
    o.libpcap = count_with_libpcap(fd);
    read_back(&o, fd);
    return o;
}

/* Returns a stream of the files called 'names', up to NULL, which may be from
 * any time. */
static struct export_stream
make_stream(const char *const names[])
{
    struct export_stream stream = { NULL, 0 };

    for (; names[stream.n]; stream.n++) {
        stream.files = rec_xrealloc(
            stream.files, (stream.n + 1) * sizeof *stream.files);
        stream.files[stream.n] = (struct export_file) {
            .path = make_path(names[stream.n]), .last = UINT64_MAX,
        };
    }
    return stream;
}

static void
free_stream(struct export_stream *stream)
{
    for (size_t i = 0; i < stream->n; i++) {
        free(stream->files[i].path);
    }
    free(stream->files);
}

static const struct packet one[] = {
    { 1, 'a', 1 }, { 2, 'b', 2 }, { 4, 'd', 3 }, { 3.5, 'c', 0 },
};

static const struct packet two[] = {
    { 5, 'e', 4 }, { 9, 'x', 5 }, { 6, 'f', 1 }, { 7, 'g', 0 },
};

static const struct packet other[] = {
    { 0.5, 'A', 0 }, { 2.5, 'B', 0 }, { 5.5, 'C', 7 }, { 8, 'D', 0 },
};

static void
test_slices(void)
{
    struct export_stream streams[2] = {
        make_stream((const char *const[]) { "one", "two", NULL }),
        make_stream((const char *const[]) { "other", NULL }),
    };
    struct outcome o;

    write_file("one", one, 4);
    write_file("two", two, 4);
    write_file("other", other, 4);
    o = export(streams, 2, 0, 8);
    tap_str(o.marks, "AabBcdeCfgD", "two streams in the order of time");
    tap_str(o.losses, "01200347600", "with their losses; those of a packet "
            "left out within are carried");
    tap_ok(o.result.packets == 11 && o.result.files == 3
           && o.result.lost == 23 && o.result.interfaces == 1
           && !o.result.disordered && !o.result.incomplete
           && o.result.first == make_time(0.5)
           && o.result.last == make_time(8), "counted");
    tap_ok(o.received == 34 && o.delivered == 11, "and summed up in the file");
    tap_str(o.names, "web ", "the same interface is described once");
    tap_int(o.libpcap, 11, "libpcap reads it");

    o = export(streams, 2, 2, 5);
    tap_str(o.marks, "bBcde", "a slice");
    tap_str(o.losses, "20034", "without the losses before and behind it");
    tap_int(o.result.files, 3, "out of three files");

    streams[0].files[0].last = make_time(4);
    streams[1].files[0].first = make_time(50);
    o = export(streams, 2, 4.5, 7);
    tap_str(o.marks, "efg", "files of other times are left out");
    tap_int(o.result.files, 1, "and not counted");
    o = export(streams, 2, 60, 61);
    tap_str(o.marks, "", "nothing at all");
    tap_int(o.result.packets, 0, "is a file without packets");
    free_stream(&streams[0]);
    free_stream(&streams[1]);
}

/* Files of other interfaces, and of formats that do not know theirs. */
static void
test_interfaces(void)
{
    static uint8_t bytes[65536];
    struct record_interface iface = web;
    struct export_stream stream = make_stream(
        (const char *const[]) { "one", "db", "old", NULL });
    struct outcome o;
    size_t n;

    iface.name = "db";
    iface.snaplen = 200;
    n = lay_out(&record_format_pcapng, &iface, two, 1, bytes);
    write_bytes("db", bytes, n);
    n = lay_out(&record_format_pcap, &iface, other + 3, 1, bytes);
    write_bytes("old", bytes, n);
    stream.files[2].interface = "vnet7";
    o = export(&stream, 1, 0, 100);
    tap_str(o.marks, "abcdeD", "three kinds of files");
    tap_str(o.names, "web db vnet7 ", "each interface is described");
    tap_int(o.snaplen, 200, "with the largest snap length");
    tap_int(o.libpcap, 6, "so that libpcap reads it");
    free_stream(&stream);
}

/* Moves a file on, as a recorder at work does. */
static void
rename_file(const char *from, const char *to)
{
    char *old = make_path(from), *new = make_path(to);

    if (rename(old, new)) {
        perror(old);
        exit(1);
    }
    free(old);
    free(new);
}

static void
test_changes(void)
{
    static uint8_t bytes[65536], packed[65536];
    struct export_stream stream = make_stream(
        (const char *const[]) { "one.pcapng.part", "two.pcapng.part", NULL });
    struct outcome o;
    size_t n;

    n = write_file("one.pcapng", one, 4);
    n = lay_out(&record_format_pcapng, &web, two, 4, bytes);
    n = ZSTD_compress(packed, sizeof packed, bytes, n, 3);
    write_bytes("two.pcapng.zst", packed, n);
    o = export(&stream, 1, 0, 100);
    tap_str(o.marks, "abcdefgx",
            "files that were closed and compressed meanwhile are found");
    tap_ok(!o.result.incomplete && !n_notes, "and nothing is said");

    rename_file("two.pcapng.zst", "elsewhere");
    o = export(&stream, 1, 0, 1000);
    tap_str(o.marks, "abcd", "a file that was deleted meanwhile");
    tap_ok(o.result.incomplete && n_notes == 1
           && strstr(note, "deleted meanwhile"), "is told of");
    free_stream(&stream);
}

static void
test_damage(void)
{
    static uint8_t bytes[65536];
    struct export_stream streams[2] = {
        make_stream((const char *const[]) { "bad", "two", NULL }),
        make_stream((const char *const[]) { "open.part", NULL }),
    };
    size_t n = lay_out(&record_format_pcapng, &web, one, 4, bytes);
    struct outcome o;

    bytes[n - 4] ^= 1;
    write_bytes("bad", bytes, n);
    bytes[n - 4] ^= 1;
    write_bytes("open.part", bytes, n - 7);
    o = export(streams, 2, 0, 100);
    tap_str(o.marks, "aabbddefgx", "what is readable of each file");
    tap_ok(o.result.incomplete && n_notes == 1
           && strstr(note, "bad: readable up to byte "),
           "damage is told of, the open file's end is not");
    free_stream(&streams[0]);
    free_stream(&streams[1]);
}

static void
test_full_disk(void)
{
    struct export_stream stream = make_stream(
        (const char *const[]) { "one", NULL });
    struct export_options options = {
        .to = UINT64_MAX, .application = "test", .os = "Linux",
        .note = take_note, .poll = ignore_poll,
    };
    struct export_result result;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

    tap_int(capture_export(&stream, 1, &options, fd, &result), ENOSPC,
            "a full disk");
    close(fd);
    free_stream(&stream);
}

static void
remove_files(void)
{
    static const char *const names[] = {
        "one", "two", "other", "db", "old", "one.pcapng", "elsewhere", "bad",
        "open.part",
    };

    for (size_t i = 0; i < REC_ARRAY_SIZE(names); i++) {
        char *path = make_path(names[i]);

        unlink(path);
        free(path);
    }
    rmdir(dir);
}

int
main(void)
{
    if (!mkdtemp(dir)) {
        perror(dir);
        return 1;
    }
    test_slices();
    test_interfaces();
    test_changes();
    test_damage();
    test_full_disk();
    remove_files();
    return tap_done();
}
