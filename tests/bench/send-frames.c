/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends numbered frames at an exact rate, or as fast as it can, and prints
 * what it did as one line of JSON.  Part of "make bench".
 *
 *   send-frames --interface=IF --size=BYTES|imix (--count=N | --seconds=S)
 *               [--rate=PPS] [--cpu=N]
 *
 * Frames come in trains, as from a NIC's interrupt: the kernel gets up to 32
 * of them as one UDP super-frame and takes it apart before the interface, so
 * that a processor sends twice what it can by sendmmsg() or a transmit ring.
 * That needs "ethtool -K IF tx-udp-segmentation off".  The number stands, in
 * network order, at the start of the UDP payload and starts with 0.
 *
 * imix is 7 frames of 64 bytes, 4 of 576, 1 of 1514. */

#include <config.h>
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

/* Linux 6.2; headers may be older than the kernel. */
#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

#define NS_PER_S INT64_C(1000000000)

/* Ethernet, IP, UDP. */
#define HEADERS 42
#define MIN_SIZE (HEADERS + 8)
#define MAX_SIZE 1514

/* Frames of a train, at most; the payload of all must fit into 64 KiB. */
#define MAX_TRAIN 32

/* At low rates trains are shorter, so that this many come each second. */
#define TRAINS_PER_S 2000

/* What is sent in turn: 'n' frames of 'size' bytes. */
struct step {
    int size;
    int n;
};

struct sender {
    int fd;
    const char *interface;
    struct step steps[3];
    int n_steps;
    int64_t count;              /* Frames to send; INT64_MAX: no limit. */
    double seconds;             /* How long; 0: no limit. */
    double rate;                /* Frames per second; 0: no limit. */
    int cpu;                    /* Or -1. */

    int64_t start;              /* Monotonic, ns. */
    int64_t sent;
    int64_t bytes;
    int64_t late;               /* Most that a train was late, ns. */
    uint8_t frame[HEADERS + MAX_TRAIN * MAX_SIZE];
};

static int64_t
now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void
die(const char *what)
{
    fprintf(stderr, "send-frames: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void
usage(void)
{
    fputs("usage: send-frames --interface=IF --size=BYTES|imix "
          "(--count=N | --seconds=S)\n"
          "                   [--rate=PPS] [--cpu=N]\n", stderr);
    exit(2);
}

/* Notes which sizes are to be sent. */
static void
set_size(struct sender *s, const char *text)
{
    if (!strcmp(text, "imix")) {
        s->steps[0] = (struct step) { 64, 28 };
        s->steps[1] = (struct step) { 576, 16 };
        s->steps[2] = (struct step) { 1514, 4 };
        s->n_steps = 3;
    } else {
        s->steps[0] = (struct step) { atoi(text), MAX_TRAIN };
        s->n_steps = 1;
        if (s->steps[0].size < MIN_SIZE || s->steps[0].size > MAX_SIZE) {
            usage();
        }
    }
}

static void
parse(struct sender *s, int argc, char *argv[])
{
    static const struct option options[] = {
        { "interface", required_argument, NULL, 'i' },
        { "size", required_argument, NULL, 's' },
        { "count", required_argument, NULL, 'n' },
        { "seconds", required_argument, NULL, 't' },
        { "rate", required_argument, NULL, 'r' },
        { "cpu", required_argument, NULL, 'c' },
        { NULL, 0, NULL, 0 },
    };
    int c;

    s->cpu = -1;
    s->count = INT64_MAX;
    while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
        switch (c) {
        case 'i': s->interface = optarg; break;
        case 's': set_size(s, optarg); break;
        case 'n': s->count = atoll(optarg); break;
        case 't': s->seconds = atof(optarg); break;
        case 'r': s->rate = atof(optarg); break;
        case 'c': s->cpu = atoi(optarg); break;
        default: usage();
        }
    }
    if (!s->interface || !s->n_steps || optind < argc
        || (s->count == INT64_MAX && s->seconds <= 0)) {
        usage();
    }
}

static void
pin(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (cpu >= 0 && sched_setaffinity(0, sizeof set, &set)) {
        die("--cpu");
    }
}

static void
open_socket(struct sender *s)
{
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_IP),
        .sll_ifindex = if_nametoindex(s->interface),
    };
    int one = 1, room = 8 << 20;

    s->fd = socket(AF_PACKET, SOCK_RAW, 0);
    if (s->fd < 0 || !address.sll_ifindex
        || setsockopt(s->fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one)
        || setsockopt(s->fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room)
        || bind(s->fd, (struct sockaddr *) &address, sizeof address)) {
        die(s->interface);
    }
}

static void
put16(uint8_t *p, unsigned int value)
{
    p[0] = value >> 8;
    p[1] = value;
}

/* Lays the headers of 'n' payloads of 'payload' bytes. */
static void
put_headers(uint8_t *p, int n, int payload)
{
    static const uint8_t template[HEADERS] = {
        0x52, 0x54, 0, 0, 0, 2, 0x52, 0x54, 0, 0, 0, 1, 0x08, 0x00,
        0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
        0, 9, 0, 9,
    };

    memcpy(p, template, sizeof template);
    put16(p + 16, 28 + n * payload);
    put16(p + 38, 8 + n * payload);
}

/* Sends 'n' frames of 'size' bytes.  Returns false if the kernel has no room
 * for them now. */
static bool
send_train(struct sender *s, int n, int size)
{
    int payload = size - HEADERS;
    struct virtio_net_hdr head = {
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .gso_type = n > 1 ? VIRTIO_NET_HDR_GSO_UDP_L4
                          : VIRTIO_NET_HDR_GSO_NONE,
        .hdr_len = HEADERS,
        .gso_size = n > 1 ? payload : 0,
        .csum_start = 34,
        .csum_offset = 6,
    };
    struct iovec iov[] = {
        { &head, sizeof head },
        { s->frame, HEADERS + n * payload },
    };

    put_headers(s->frame, n, payload);
    for (int i = 0; i < n; i++) {
        uint64_t number = htobe64(s->sent + i);

        memcpy(s->frame + HEADERS + i * payload, &number, sizeof number);
    }
    if (writev(s->fd, iov, 2) < 0) {
        if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR) {
            die("cannot send");
        }
        return false;
    }
    s->sent += n;
    s->bytes += (int64_t) n * size;
    return true;
}

/* Waits until the next frame is due.  This spins at the end: a processor of
 * its own is the sender's. */
static void
wait_for_turn(struct sender *s)
{
    int64_t due = s->start + s->sent / s->rate * NS_PER_S;
    int64_t left = due - now();

    if (left < 0) {
        s->late = left < -s->late ? -left : s->late;
        return;
    }
    if (left > 200000) {
        int64_t until = due - 100000;
        struct timespec ts = { until / NS_PER_S, until % NS_PER_S };

        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
    }
    while (now() < due) {
        continue;
    }
}

/* Returns how many of a step's 'n' frames make a train at the rate asked. */
static int
train_length(const struct sender *s, int n)
{
    double most = s->rate ? s->rate / TRAINS_PER_S : n;

    return most < 1 ? 1 : most < n ? most : n;
}

static void
run(struct sender *s)
{
    int64_t end = s->seconds ? s->start + s->seconds * NS_PER_S : INT64_MAX;

    for (int i = 0; ; i = (i + 1) % s->n_steps) {
        const struct step *step = &s->steps[i];
        int train = train_length(s, step->n);
        int n;

        for (int left = step->n; left; left -= n) {
            if (s->sent >= s->count || now() >= end) {
                return;
            }
            if (s->rate) {
                wait_for_turn(s);
            }
            n = left < train ? left : train;
            if (n > s->count - s->sent) {
                n = s->count - s->sent;
            }
            if (!send_train(s, n, step->size)) {
                n = 0;
            }
        }
    }
}

int
main(int argc, char *argv[])
{
    static struct sender s;
    double seconds;

    parse(&s, argc, argv);
    pin(s.cpu);
    open_socket(&s);
    s.start = now();
    run(&s);
    seconds = (now() - s.start) / 1e9;
    printf("{\"sent\": %"PRId64", \"bytes\": %"PRId64", \"seconds\": %.6f, "
           "\"rate\": %.0f, \"late_ms\": %.1f}\n", s.sent, s.bytes, seconds,
           s.sent / seconds, s.late / 1e6);
    return 0;
}
