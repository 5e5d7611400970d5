/* SPDX-License-Identifier: Apache-2.0
 *
 * The recorder's plumbing: segments between two threads, JSON on a stream, a
 * report between threads, files in a directory, filters widened for VLANs. */

#include <config.h>
#include "plugin/sink/capture-filter.h"
#include "plugin/record/file-list.h"
#include "plugin/sink/json-stream.h"
#include "plugin/sink/name-lookup.h"
#include "plugin/sink/report.h"
#include "plugin/sink/segment-ring.h"
#include "plugin/record/record-util.h"
#include "tests/tap.h"
#include <fcntl.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define N_PASSED 20000

static void *
fill(void *ring_)
{
    struct segment_ring *ring = ring_;

    for (uint32_t i = 0; i < N_PASSED; i++) {
        struct segment *s;

        while (!(s = segment_ring_get_free(ring, 10))) {
            continue;
        }
        memcpy(s->data, &i, sizeof i);
        s->len = sizeof i;
        s->packets = i;
        segment_ring_put_filled(ring);
    }
    return NULL;
}

static void
test_ring(void)
{
    struct segment_ring *ring = segment_ring_create(3, SEGMENT_PAGE);
    size_t wrong = 0;
    pthread_t thread;

    tap_int(segment_ring_size(ring), SEGMENT_PAGE, "a segment's size");
    tap_ok(segment_ring_has_free(ring), "at first segments are free");
    for (int i = 0; i < 3; i++) {
        segment_ring_get_free(ring, 0);
        segment_ring_put_filled(ring);
    }
    tap_ok(!segment_ring_has_free(ring), "then all are filled");
    tap_ok(!segment_ring_get_free(ring, 1), "and waiting for one ends");
    for (int i = 0; i < 3; i++) {
        segment_ring_get_filled(ring);
        segment_ring_put_free(ring);
    }

    pthread_create(&thread, NULL, fill, ring);
    for (uint32_t i = 0; i < N_PASSED; i++) {
        const struct segment *s = segment_ring_get_filled(ring);
        uint32_t n;

        memcpy(&n, s->data, sizeof n);
        wrong += (n != i || s->packets != i || s->len != sizeof n
                  || s->first || s->carry
                  || (uintptr_t) s->data % SEGMENT_PAGE);
        segment_ring_put_free(ring);
    }
    pthread_join(thread, NULL);
    tap_int(wrong, 0, "%d segments pass between two threads, in order",
            N_PASSED);
    segment_ring_destroy(ring);
    segment_ring_destroy(NULL);
}

static void
put(struct json_stream *s, const char *text)
{
    size_t space;
    char *where = json_stream_space(s, &space);

    memcpy(where, text, strlen(text));
    json_stream_add(s, strlen(text));
}

static void
test_json_stream(void)
{
    static const char text[] = "{\"id\":1,\"params\":[\"}{\\\"\"]}{\"id\":2}\n"
                               " \t{\"id\":3}";
    struct json_stream *s = rec_xcalloc(1, sizeof *s);
    json_int_t ids = 0;
    json_t *json;
    bool ok = true;

    for (size_t i = 0; text[i]; i++) {
        put(s, (char[2]) { text[i], '\0' });
        ok = ok && json_stream_next(s, &json);
        if (json) {
            ids = 10 * ids
                  + json_integer_value(json_object_get(json, "id"));
            json_decref(json);
        }
    }
    tap_ok(ok, "objects back to back, byte by byte");
    tap_int(ids, 123, "each is found once, as soon as it is complete");
    put(s, "  ");
    tap_ok(json_stream_next(s, &json) && !json, "white space is nothing");
    put(s, "{\"a\":nonsense}");
    tap_ok(!json_stream_next(s, &json), "nonsense is noticed");
    memset(s, 0, sizeof *s);
    put(s, "[1]");
    tap_ok(!json_stream_next(s, &json), "an array is not an object");
    memset(s, 0, sizeof *s);
    memset(s->buffer, ' ', sizeof s->buffer);
    memcpy(s->buffer, "{\"", 2);
    s->len = sizeof s->buffer;
    tap_ok(!json_stream_next(s, &json), "an object can be too long");
    free(s);
}

static bool
has_news(const struct report *r)
{
    struct pollfd pfd = { .fd = report_fd(r), .events = POLLIN };

    return poll(&pfd, 1, 0) > 0;
}

static void
test_report(void)
{
    struct report *r = report_create();
    struct report_view v;

    tap_ok(!has_news(r), "at first there is no news");
    report_set_error(r, REPORT_KEEPER, "no-space", "%d MB left", 3);
    report_set_error(r, REPORT_WRITER, "write-error", "broken");
    report_set_file(r, "a.pcapng");
    report_set_event(r, REPORT_FIRST_FILE);
    tap_ok(has_news(r), "then there is");
    report_view(r, &v);
    tap_ok(has_news(r), "a look alone does not take them");
    report_take_news(r);
    tap_ok(!has_news(r), "once taken they are none");
    tap_str(v.code, "write-error", "the writer's complaint comes first");
    tap_str(v.file, "a.pcapng", "the open file");
    tap_int(v.events, REPORT_FIRST_FILE, "what happened");
    report_view_destroy(&v);

    report_set_error(r, REPORT_WRITER, "write-error", "broken");
    tap_ok(!has_news(r), "the same complaint again is no news");
    report_clear_error(r, REPORT_WRITER);
    report_view(r, &v);
    tap_str(v.message, "3 MB left", "then the keeper's");
    report_view_destroy(&v);
    report_clear_error(r, REPORT_KEEPER);
    report_set_error(r, REPORT_BYTE_RATE, "byte-rate", "a cap");
    report_set_error(r, REPORT_CLOSING, "write-error", "incomplete");
    report_view(r, &v);
    tap_str(v.code, "write-error", "a failure comes before a cap, as asked");
    report_view_destroy(&v);
    report_clear_error(r, REPORT_CLOSING);
    report_clear_error(r, REPORT_BYTE_RATE);
    report_set_state(r, REPORT_FAILED);
    report_set_state(r, REPORT_STOPPING);
    report_view(r, &v);
    tap_str(v.code, NULL, "then none");
    tap_str(report_state_name(v.state), "failed", "a failure stays one");
    report_view_destroy(&v);
    report_destroy(r);
}

static void
touch(int dirfd, const char *name, off_t size)
{
    int fd = openat(dirfd, name, O_CREAT | O_WRONLY, 0600);

    tap_ok(!ftruncate(fd, size), "a file %s", name);
    close(fd);
}

static void
test_file_list(void)
{
    static const char *const names[] = {
        "w_00011_20260131T235959Z.pcapng.part",
        "w_00002_20260131T235959Z.pcapng",
        "w_00003_20260131T235959Z.pcapng",
        "w_00003_20260131T235959Z.pcapng.json",
        "w_00010_20260131T235959Z.pcapng.part",
        "foreign.pcapng",
        "w_00001_20260131T235959Z.pcapng.zst",
        "w_00003_20260131T235959Z.pcapng.zst",
        "w_00010_20260131T235959Z.pcapng.zst.part",
    };
    char dir[] = "/tmp/test-sink-plumbing.XXXXXX";
    struct file_list list = { 0 };
    int fd = open(mkdtemp(dir), O_RDONLY | O_DIRECTORY);

    for (size_t i = 0; i < REC_ARRAY_SIZE(names); i++) {
        touch(fd, names[i], 100 * i);
    }
    tap_ok(!mkdirat(fd, "w_00004_20260131T235959Z.pcapng", 0700)
           && !symlinkat("/etc/passwd", fd,
                         "w_00005_20260131T235959Z.pcapng"),
           "a directory and a link that are called like ours");
    tap_int(file_list_read(&list, fd, "w"), 0, "the directory is read");
    tap_int(list.n, 5, "our files are found, no others");
    tap_ok(list.entries[0].zstd && list.entries[0].sequence == 1
           && !list.entries[2].zstd, "compressed ones among them");
    tap_int(list.n_leftovers, 2, "one compressed twice, one not quite");
    file_list_remove_oldest(&list, 1);
    tap_ok(!faccessat(fd, names[0], F_OK, 0), "and none is touched");
    file_list_remove(&list, 3);
    tap_int(list.entries[0].sequence, 2, "the oldest first");
    tap_int(list.sizes[0], 100, "its size");
    tap_ok(list.entries[2].part && !list.entries[1].part,
           "the one left open is known as such");
    file_list_remove_oldest(&list, 1);
    file_list_add(&list, "w_00007_20260131T235959Z.pcapng", 7, false, 77);
    tap_ok(list.n == 3 && list.entries[0].sequence == 3
           && list.entries[1].sequence == 7 && list.sizes[1] == 77
           && list.entries[2].sequence == 10, "in order after changes");
    file_list_destroy(&list);

    for (size_t i = 0; i < REC_ARRAY_SIZE(names); i++) {
        unlinkat(fd, names[i], 0);
    }
    unlinkat(fd, "w_00004_20260131T235959Z.pcapng", AT_REMOVEDIR);
    unlinkat(fd, "w_00005_20260131T235959Z.pcapng", 0);
    close(fd);
    tap_ok(!rmdir(dir), "nothing is left");
}

#define TAGGED "(not (ether proto 0x8100 or ether proto 0x88a8 " \
    "or ether proto 0x9100) and "

static void
test_filters(void)
{
    static const char *const cases[][2] = {
        { "", "" },
        { "  ", "" },
        { "udp", TAGGED "(udp)) or (vlan and vlan and (udp))" },
        { "vlan 5", "vlan 5" },
        { "not(vlan)", "not(vlan)" },
        { "host vlan-a",
          TAGGED "(host vlan-a)) or (vlan and vlan and (host vlan-a))" },
    };

    for (size_t i = 0; i < REC_ARRAY_SIZE(cases); i++) {
        char *wide = capture_filter_widen(cases[i][0]);

        tap_str(wide, cases[i][1], "filter \"%s\"", cases[i][0]);
        free(wide);
    }
}

/* Runs the instructions before 'end' with the random numbers at 'random'.
 * Returns true if they go on to 'end', false if they reject. */
static bool
run_sample(const struct sock_filter *code, size_t end, const uint32_t random[])
{
    uint32_t a = 0;

    for (size_t i = 0; i < end; i++) {
        const struct sock_filter *f = &code[i];
        bool yes = (BPF_OP(f->code) == BPF_JGT ? a > f->k
                    : BPF_OP(f->code) == BPF_JGE ? a >= f->k
                    : a == f->k);

        if (BPF_CLASS(f->code) == BPF_RET) {
            return f->k != 0;
        }
        if (BPF_CLASS(f->code) == BPF_LD) {
            a = *random++;
        } else {
            i += yes ? f->jt : f->jf;
        }
    }
    return true;
}

/* One frame in N is exactly that, also if N is no power of two. */
static void
test_sample(void)
{
    static const uint32_t samples[] = { 2, 3, 10, 1000, 4096, 65535 };
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 100);
    struct capture_filter f = { .expression = "", .sample = 1 };
    struct sock_fprog all, p;

    tap_ok(!capture_filter_compile(&f, pcap, &all), "a filter for all frames");
    for (size_t i = 0; i < REC_ARRAY_SIZE(samples); i++) {
        uint32_t n = samples[i], whole, part;
        size_t end;
        bool ok;

        f.sample = n;
        capture_filter_compile(&f, pcap, &p);
        end = p.len - all.len;
        whole = p.filter[1].k;
        part = p.filter[4].k;

        /* n * (whole + part / 2^32) is 2^32, up to a unit of the last
         * place. */
        ok = (run_sample(p.filter, end, (uint32_t[]) { 0, 0 })
              && run_sample(p.filter, end, (uint32_t[]) { whole - 1, 0 })
              && !run_sample(p.filter, end, (uint32_t[]) { whole + 1, 0 })
              && !run_sample(p.filter, end, (uint32_t[]) { whole, part })
              && run_sample(p.filter, end, (uint32_t[]) { whole, part - 1 })
                 == (part > 0)
              && (uint64_t) whole * n + (((uint64_t) part * n + n) >> 32)
                 == UINT64_C(1) << 32
              && !memcmp(p.filter + end, all.filter,
                         all.len * sizeof *all.filter));
        tap_ok(ok, "one frame in %u, exactly", (unsigned int) n);
        free(p.filter);
    }
    free(all.filter);
    pcap_close(pcap);
}

/* Names of hosts and networks are never looked up, not even in files. */
static void
test_names(void)
{
    static const struct {
        const char *filter;
        bool ok;
    } cases[] = {
        { "host localhost", false },
        { "host www.example.org", false },
        { "net loopback", false },
        { "host 192.0.2.1", true },
        { "net 192.0.2.0/24", true },
        { "host 2001:db8::1", true },
        { "port domain", true },
        { "tcp port 80 or ip proto \\icmp", true },
    };
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);

    name_lookup_forbid();
    for (size_t i = 0; i < REC_ARRAY_SIZE(cases); i++) {
        struct bpf_program program;
        bool ok = !pcap_compile(pcap, &program, cases[i].filter, 1,
                                PCAP_NETMASK_UNKNOWN);

        tap_ok(ok == cases[i].ok, "\"%s\" is %s", cases[i].filter,
               cases[i].ok ? "taken" : "not looked up");
        if (ok) {
            pcap_freecode(&program);
        }
    }
    pcap_close(pcap);
}

int
main(void)
{
    test_ring();
    test_json_stream();
    test_report();
    test_file_list();
    test_filters();
    test_sample();
    test_names();
    return tap_done();
}
