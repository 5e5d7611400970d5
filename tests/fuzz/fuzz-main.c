/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives a fuzz target without libFuzzer: a corpus of seeds, then mutations
 * of them, the same ones in every run.
 *
 *   fuzz-core [N [SEED]]    N mutations a reader (default 20000) from SEED
 *
 * With clang the target is a libFuzzer program as well:
 *   clang -fsanitize=fuzzer,address,undefined fuzz-core.c ... */

#include <config.h>
#include "tests/fuzz/fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/tap.h"

#define MAX_INPUT 8192
#define N_ELEMENTS(ARRAY) (sizeof (ARRAY) / sizeof (ARRAY)[0])

/* Seeds, and pieces that mutations put in. */
static const struct {
    const char *name;
    const char *seeds[8];
    const char *words[24];
} corpora[FUZZ_N_READERS] = {
    [FUZZ_SELECTOR] = { "selectors",
        { "port:vm1", "mac:52:54:00:00:00:01", "vlan:4094",
          "iface-id:4c3c6a0a-9a0a-4a0e-8f5d-0d6f1c1b7a11", "group:g" },
        { "vm:", "bridge:", "uplink:", "hook:", "port:", "mac:", "vlan:",
          "*", "[", "/", ",", "0", "4095", "ff", "\xff", "\n", "%n" } },
    [FUZZ_SOURCE] = { "sources",
        { "port:vm*,from", "vlan:7,to,bridge=br0", "vm:web" },
        { ",from", ",to", ",both", ",bridge=", "port:", "mac:", "/", ",",
          "vlan:", "\xc3\xbc", "\x7f" } },
    [FUZZ_DESTINATION] = { "destinations",
        { "sink:web", "port:mon", "rspan:eth0", "gre:192.0.2.1",
          "erspan2:192.0.2.1,id=7", "erspan3:2001:db8::1,id=1023,cos=7" },
        { "sink:", "port:", "gre:", "erspan3:", ",id=", ",cos=", "::", "ffff",
          "127.0.0.1", "1024", "*", "/", "=", "," } },
    [FUZZ_SESSION] = { "session arguments",
        { "source=port:a\ndest=sink:x\nfilter=udp,tp_dst=53\nsnaplen=64",
          "source=vlan:7,from\nsource=port:b\ndest=port:m\nttl=60\nowner=me",
          "source=port:a\ndest=sink:x\ndest=sink:y\nsample=1\nrate=0" },
        { "source=", "dest=", "filter=", "snaplen=", "sample=", "rate=",
          "encap_vlan=", "strip_vlan=", "normal_traffic=", "ttl=", "owner=",
          "type=", "enabled=", "true", "false", "local", "\n", "port:a",
          "sink:x", "vlan:1", "9223372036854775807", "65536", "-1" } },
    [FUZZ_SINK] = { "sink arguments",
        { "dir=web\nformat=pcap\nsnaplen=96\nfilesize=100MB\nfiles=10",
          "min_free=10%\nbuffer=256MiB\nmax_bytes=1GiB\nseconds=60",
          "on_full=stop\nvlan_aware=false\nsha256=true\ncpu=1\npriority=9" },
        { "dir=", "format=", "capture_filter=", "filesize=", "packets=",
          "min_free=", "overload=", "compress=", "byte_rate=", "%", "KiB",
          "on_full=", "vlan_aware=", "cpu=", "priority=",
          "TB", "9223372036854775807", "..", "/", "\n" } },
    [FUZZ_FILTER] = { "filters",
        { "udp,tp_dst=53", "ip,nw_src=10.0.0.0/8,nw_tos=32",
          "icmp6,icmp_type=135,nd_target=fe80::1",
          "tcp,tcp_flags=+syn-ack,tp_dst=0x50/0xfff0",
          "dl_vlan=5,dl_vlan_pcp=3,arp,arp_spa=192.0.2.1",
          "mpls,mpls_label=3,mpls_bos=1", "vlan_tci=0x1000/0x1000",
          "udp,tp_dst[0..3]=5" },
        { "udp", "tcp", "ip", "ipv6", "eth", "sctp", "icmp", "rarp", "mplsm",
          ",tp_src=", "dl_dst=", "ipv6_label=", "ip_frag=", "nw_proto=",
          "in_port=", "reg0", "actions=", "(", ")->", "[", "0x", "/", "*",
          "nsh_c1=" } },
    [FUZZ_RULE] = { "rules",
        { "in_port=1,udp\noutput(port=2,max_len=64)", "dl_vlan=5\npop_vlan,"
          "output:2,IN_PORT", "\nresubmit(,1),goto_table:2",
          "metadata=1\ndrop" },
        { "output:", "meter:1", "group:1", "push_vlan:0x8100", "set_field:",
          "in_port=", "clone(", "load:1->", "NXM_NX_REG0[]", ")", "(", ",",
          "write_actions(", "learn(", "note:", "conjunction(1,1/2)" } },
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

static const char *
pick(const char *const texts[], size_t max)
{
    size_t n = 0;

    while (n < max && texts[n]) {
        n++;
    }
    return texts[below(n)];
}

/* Puts the 'n' bytes of 'piece' in place of 'gone' bytes at 'at'. */
static void
splice(char *input, size_t *size, size_t at, size_t gone, const char *piece,
       size_t n)
{
    if (*size - gone + n <= MAX_INPUT) {
        memmove(input + at + n, input + at + gone, *size - at - gone);
        memcpy(input + at, piece, n);
        *size += n - gone;
    }
}

/* Changes the 'size' bytes of 'input' in one of several ways. */
static void
mutate(char *input, size_t *size, enum fuzz_reader reader)
{
    char piece[64];
    size_t at = below(*size + 1);
    size_t gone = below(*size - at + 1);
    const char *word = pick(corpora[reader].words,
                            N_ELEMENTS(corpora[reader].words));
    size_t n;

    switch (below(6)) {
    case 0:
        splice(input, size, at, 0, word, strlen(word));
        break;
    case 1:
        splice(input, size, at, gone < 8 ? gone : 8, word, strlen(word));
        break;
    case 2:
        splice(input, size, at, gone < 4 ? gone : 4, "", 0);
        break;
    case 3:
        piece[0] = below(256);
        splice(input, size, at, gone > 0, piece, 1);
        break;
    case 4:
        n = gone < sizeof piece ? gone : sizeof piece;
        memcpy(piece, input + at, n);
        splice(input, size, below(*size + 1), 0, piece, n);
        break;
    default:
        word = pick(corpora[reader].seeds,
                    N_ELEMENTS(corpora[reader].seeds));
        splice(input, size, at, gone, word, strlen(word));
        break;
    }
}

static void
run(enum fuzz_reader reader, const char *text, size_t size)
{
    static uint8_t input[MAX_INPUT + 1];

    input[0] = reader;
    memcpy(input + 1, text, size);
    LLVMFuzzerTestOneInput(input, size + 1);
}

static void
run_reader(enum fuzz_reader reader, unsigned long n_mutations)
{
    static char input[MAX_INPUT];
    const char *const *seeds = corpora[reader].seeds;
    size_t max_seeds = N_ELEMENTS(corpora[reader].seeds);

    for (size_t i = 0; i < max_seeds && seeds[i]; i++) {
        run(reader, seeds[i], strlen(seeds[i]));
    }
    for (unsigned long i = 0; i < n_mutations; i++) {
        const char *seed = pick(seeds, max_seeds);
        size_t size = strlen(seed);

        memcpy(input, seed, size);
        for (size_t j = below(8) + 1; j > 0; j--) {
            mutate(input, &size, reader);
        }
        run(reader, input, size);
    }
    tap_ok(true, "%lu mutations of %s", n_mutations, corpora[reader].name);
}

int
main(int argc, char *argv[])
{
    unsigned long n_mutations = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;

    for (int reader = 0; reader < FUZZ_N_READERS; reader++) {
        state = 88172645463325252 + (argc > 2 ? strtoul(argv[2], NULL, 10)
                                     : 0);
        run_reader(reader, n_mutations);
    }
    return tap_done();
}
