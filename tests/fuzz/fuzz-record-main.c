/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives fuzz-record.c without libFuzzer: whole files as seeds, then mutations
 * of them, the same ones in every run.
 *
 *   fuzz-record [N [SEED]]    N mutations a seed (default 3000) from SEED */

#include <config.h>
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include "plugin/record/record-format.h"
#include "tests/tap.h"

#define FILE_MAX 16384

struct seed {
    const char *name;
    uint8_t bytes[FILE_MAX];
    size_t size;
};

/* xorshift64star, so that every machine tries the same. */
static uint64_t state;

static size_t
below(size_t n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (state * UINT64_C(2685821657736338717) >> 33) % n;
}

/* A file of 12 packets, of two interfaces if the format knows such. */
static void
make_seed(struct seed *seed, const struct record_format *format)
{
    static const uint8_t data[128];
    struct record_interface iface = {
        .name = "vnet1", .description = "web", .filter = "udp", .os = "Linux",
        .application = "ovs-span-sink", .snaplen = 262144, .linktype = 1,
        .speed = 1000,
    };

    seed->name = format->name;
    seed->size = format->header(seed->bytes, &iface);
    if (format->summary) {
        iface.name = "vnet2";
        seed->size += record_format_interface(seed->bytes + seed->size,
                                              &iface);
    }
    for (int i = 0; i < 12; i++) {
        seed->size += format->packet(
            seed->bytes + seed->size, &(struct record_packet) {
                .data = data, .time = UINT64_C(1769903999000000000) + i,
                .caplen = 60 + i, .len = 60 + i,
                .interface = format->summary ? i % 2 : 0,
                .dropcount = format->summary && i % 4 == 3 ? i : 0,
            });
    }
    if (format->summary) {
        seed->size += format->summary(
            seed->bytes + seed->size, &(struct record_summary) {
                .start = 1, .end = 2, .received = 40, .dropped = 21,
                .delivered = 12,
            });
    }
}

/* The same, packed in two frames. */
static void
pack_seed(struct seed *packed, const struct seed *seed)
{
    size_t half = seed->size / 2;

    packed->name = "zstd";
    packed->size = ZSTD_compress(packed->bytes, FILE_MAX, seed->bytes, half,
                                 1);
    packed->size += ZSTD_compress(packed->bytes + packed->size,
                                  FILE_MAX - packed->size,
                                  seed->bytes + half, seed->size - half, 1);
}

/* Numbers that lengths and counts go wrong with. */
static uint32_t
pick_number(void)
{
    static const uint32_t numbers[] = {
        0, 1, 3, 4, 8, 11, 12, 16, 28, 32, 0x7f, 0x80, 0xff, 0xffff, 0x10000,
        0x40000, 0x1000000, 0x1000010, 0x7fffffff, 0x80000000, 0xfffffffc,
        0xffffffff, 0x0a0d0d0a, 0x1a2b3c4d, 0x4d3c2b1a, 2, 5, 6,
    };

    return numbers[below(sizeof numbers / sizeof numbers[0])];
}

static void
mutate(uint8_t *bytes, size_t *size)
{
    size_t at = below(*size);
    size_t n = below(*size - at) + 1;
    uint32_t number = pick_number();

    switch (below(7)) {
    case 0:
        bytes[at] ^= 1 << below(8);
        break;
    case 1:
        bytes[at] = below(256);
        break;
    case 2:
        at -= at % 4;
        if (*size - at >= sizeof number) {
            memcpy(bytes + at, &number, sizeof number);
        }
        break;
    case 3:
        if (*size - at >= 2) {
            memcpy(bytes + at, &number, 2);
        }
        break;
    case 4:
        *size = at + 1;
        break;
    case 5:
        n = n < 64 ? n : 64;
        memmove(bytes + at, bytes + at + n, *size - at - n);
        *size = *size - n ? *size - n : 1;
        break;
    default:
        if (*size + n < FILE_MAX) {
            memmove(bytes + at + n, bytes + at, *size - at);
            *size += n;
        }
        break;
    }
}

static void
run(const uint8_t *bytes, size_t size, size_t kind)
{
    static uint8_t input[FILE_MAX + 1];

    input[0] = kind;
    memcpy(input + 1, bytes, size);
    LLVMFuzzerTestOneInput(input, size + 1);
}

static void
run_seed(const struct seed *seed, unsigned long n_mutations)
{
    static uint8_t bytes[FILE_MAX];

    run(seed->bytes, seed->size, 1);
    for (unsigned long i = 0; i < n_mutations; i++) {
        size_t size = seed->size;

        memcpy(bytes, seed->bytes, size);
        for (size_t j = below(4) + 1; j > 0; j--) {
            mutate(bytes, &size);
        }
        run(bytes, size, i % 8 == 0);
    }
    tap_ok(true, "%lu mutations of %s", n_mutations, seed->name);
}

int
main(int argc, char *argv[])
{
    unsigned long n_mutations = argc > 1 ? strtoul(argv[1], NULL, 10) : 3000;
    static struct seed seeds[3];

    state = 88172645463325252 + (argc > 2 ? strtoul(argv[2], NULL, 10) : 0);
    make_seed(&seeds[0], &record_format_pcapng);
    make_seed(&seeds[1], &record_format_pcap);
    pack_seed(&seeds[2], &seeds[0]);
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        run_seed(&seeds[i], n_mutations);
    }
    return tap_done();
}
