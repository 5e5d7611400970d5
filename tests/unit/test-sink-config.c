/* SPDX-License-Identifier: Apache-2.0
 *
 * Recorders as asked for: arguments, rules, copies. */

#include <config.h>
#include "plugin/core/session.h"
#include "plugin/core/sink-options.h"
#include "plugin/core/switch-state.h"
#include "plugin/core/wanted.h"
#include "smap.h"
#include <stdlib.h>
#include <string.h>
#include "tests/unit/core-helpers.h"
#include "util.h"

static bool
parse_args(struct sink_config *c, const char *args, struct fault *fault)
{
    char *copy = xstrdup(args);
    char *rest = copy;
    bool ok = true;

    while (ok && rest && *rest) {
        ok = sink_config_parse_arg(c, strsep(&rest, " "), fault);
    }
    free(copy);
    return ok;
}

static const struct {
    const char *args, *reason;
} cases[] = {
    { "", NULL },
    { "dir=web format=pcap capture_filter=port=53 snaplen=96 filesize=100MB "
      "seconds=60 packets=1000 files=10 max_bytes=1GiB min_free=10% "
      "buffer=256MiB byte_rate=0 overload=wait compress=false", NULL },
    { "min_free=0%", NULL },
    { "min_free=99%", NULL },
    { "min_free=500MB", NULL },
    { "min_free=", NULL },
    { "max_bytes=9223372036854775807", NULL },
    { "snaplen=262144", NULL },
    { "dir=", NULL },
    { "min_free=100%", "bad-argument" },
    { "min_free=%", "bad-argument" },
    { "min_free=-1%", "bad-argument" },
    { "min_free=10%%", "bad-argument" },
    { "min_free=much", "bad-argument" },
    { "snaplen=262145", "bad-argument" },
    { "snaplen=-1", "bad-argument" },
    { "filesize=100XB", "bad-argument" },
    { "filesize=-1", "bad-argument" },
    { "max_bytes=9223372036854775808", "bad-argument" },
    { "max_bytes=9999999999GB", "bad-argument" },
    { "seconds=1m", "bad-argument" },
    { "files=ten", "bad-argument" },
    { "compress=no", "bad-argument" },
    { "format=pcapng2", "bad-argument" },
    { "overload=sometimes", "bad-argument" },
    { "rotate_size=1", "bad-argument" },
    { "filesize", "bad-argument" },
    { "name=x", "bad-argument" },
    { "dir=../x", "bad-name" },
    { "dir=/abs", "bad-name" },
    { "dir=a/b", "bad-name" },
    { "dir=.", "bad-name" },
    { "capture_filter=udp\nx", "bad-text" },
    { "byte_rate=10MB overload=drop compress=true sha256=true", NULL },
    { "on_full=ring vlan_aware=false cpu=0 priority=1", NULL },
    { "on_full= cpu= priority=0", NULL },
    { "cpu=1023 priority=99", NULL },
    { "byte_rate=100kB", NULL },
    { "byte_rate=100GB", NULL },
    { "byte_rate=99999", "out-of-range" },
    { "filesize=4096 max_bytes=4096 buffer=1MiB seconds=4294967295", NULL },
    { "buffer=2047MiB", NULL },
    { "filesize=4095", "out-of-range" },
    { "max_bytes=4095", "out-of-range" },
    { "buffer=1048575", "out-of-range" },
    { "buffer=2GiB", "out-of-range" },
    { "seconds=4294967296", "out-of-range" },
    { "byte_rate=101GB", "out-of-range" },
    { "on_full=explode", "bad-argument" },
    { "vlan_aware=maybe", "bad-argument" },
    { "cpu=1024", "bad-argument" },
    { "cpu=-1", "bad-argument" },
    { "priority=100", "bad-argument" },
    { "sha256=", "bad-argument" },
};

static void
test_arguments(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct fault fault = FAULT_INITIALIZER;
        struct sink_config c;

        sink_config_init(&c, "web");
        bool ok = (parse_args(&c, cases[i].args, &fault)
                   && sink_config_check(&c, &fault));
        tap_fault(ok, &fault, cases[i].reason, cases[i].args);
        sink_config_destroy(&c);
    }
}

static void
test_values(void)
{
    struct fault fault = FAULT_INITIALIZER;
    struct sink_config c, copy;

    sink_config_init(&c, "web");
    tap_ok(parse_args(&c, cases[1].args, &fault), "all arguments are read");
    tap_str(c.dir, "web", "dir");
    tap_str(c.format, "pcap", "format");
    tap_str(c.capture_filter, "port=53", "capture_filter");
    tap_int(c.snaplen, 96, "snaplen");
    tap_int(c.rotate_size, 100000000, "filesize");
    tap_int(c.rotate_seconds, 60, "seconds");
    tap_int(c.rotate_packets, 1000, "packets");
    tap_int(c.max_files, 10, "files");
    tap_int(c.max_bytes, 1 << 30, "max_bytes");
    tap_str(c.min_free, "10%", "min_free");
    tap_int(c.buffer, 256 << 20, "buffer");
    tap_ok(parse_args(&c, "min_free=500MB", &fault), "free bytes are read");
    tap_str(c.min_free, "500000000", "into a number");

    tap_ok(c.vlan_aware && c.cpu == -1 && !c.sha256 && !c.on_full[0],
           "what was not given has its default");
    tap_ok(parse_args(&c, "cpu=3 on_full=stop vlan_aware=false", &fault),
           "more arguments are read");
    tap_ok(!c.vlan_aware && c.cpu == 3, "cpu, vlan_aware");

    sink_config_clone(&copy, &c);
    sink_config_destroy(&c);
    tap_str(copy.on_full, "stop", "on_full");
    tap_str(copy.capture_filter, "port=53", "a copy stands alone");
    sink_config_destroy(&copy);
    sink_config_destroy(NULL);
}

/* What a row of the database can hold that no argument can. */
static void
test_rows(void)
{
    struct fault fault = FAULT_INITIALIZER;
    struct sink_config c;

    sink_config_init(&c, "../web");
    tap_fault(sink_config_check(&c, &fault), &fault, "bad-name", "the name");
    sink_config_destroy(&c);

    sink_config_init(&c, "web");
    c.max_files = -1;
    tap_fault(sink_config_check(&c, &fault), &fault, "out-of-range", "files");
    c.max_files = 0;
    c.snaplen = 262145;
    tap_fault(sink_config_check(&c, &fault), &fault, "out-of-range",
              "snaplen");
    c.snaplen = 0;
    c.priority = 100;
    tap_fault(sink_config_check(&c, &fault), &fault, "out-of-range",
              "priority");
    c.priority = 0;
    free(c.min_free);
    c.min_free = xstrdup("lots");
    tap_fault(sink_config_check(&c, &fault), &fault, "bad-argument",
              "min_free");
    c.min_free[0] = '\0';
    fault_set(&c.fault, "bad-text", "The row cannot be read.");
    tap_fault(sink_config_check(&c, &fault), &fault, "bad-text",
              "what the reader found");
    sink_config_destroy(&c);
}

/* However many bridges a session mirrors from, the recorder takes what is said
 * of it: 4096 bytes at most. */
static void
test_description(void)
{
    struct switch_bridge bridge = { .name = (char *) "a-bridge-of-15b" };
    struct session session = { .name = (char *) "a-session" };
    struct wanted_leg legs[1000];
    const struct resolve_config config = { .capture_dir = "/c" };
    const struct sink_config *sinks[1];
    struct wanted_session ws = {
        .session = &session, .sinks = sinks, .n_sinks = 1,
        .legs = legs, .n_legs = ARRAY_SIZE(legs),
    };
    struct wanted wanted = { .sessions = &ws, .n_sessions = 1 };
    struct sink_config c;
    struct smap options;

    sink_config_init(&c, "web");
    sinks[0] = &c;
    for (size_t i = 0; i < ARRAY_SIZE(legs); i++) {
        legs[i] = (struct wanted_leg) { .bridge = &bridge };
    }
    sink_options_build(&wanted, &c, &config, &options);
    const char *text = smap_get_def(&options, "description", "");
    tap_ok(strlen(text) > 500 && strlen(text) <= 2000,
           "a thousand mirrors in %zu bytes", strlen(text));
    tap_ok(strstr(text, " more mirrors") != NULL, "the others are counted");
    smap_destroy(&options);
    sink_config_destroy(&c);
}

/* Free space as a row says it, and what the recorder gets. */
static void
test_min_free(void)
{
    static const struct {
        const char *row, *policy, *want;
    } frees[] = {
        { "5TB", NULL, "5000000000000" },
        { "500kB", NULL, "500000" },
        { "7%", NULL, "7%" },
        { "", NULL, "" },
        { "1TB", "500000000", "1000000000000" },
        { "1MB", "500000000", "500000000" },
        { "20%", "9%", "20%" },
        { "1TB", "9%", "9%,1000000000000" },
        { "", "9%", "10%" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(frees); i++) {
        struct policy policy = { .min_free = (char *) frees[i].policy };
        const struct resolve_config config = {
            .capture_dir = "/c", .policy = frees[i].policy ? &policy : NULL,
        };
        const struct wanted wanted = { .n_sessions = 0 };
        struct sink_config c;
        struct smap options;

        sink_config_init(&c, "web");
        free(c.min_free);
        c.min_free = xstrdup(frees[i].row);
        sink_options_build(&wanted, &c, &config, &options);
        tap_str(smap_get_def(&options, "min-free", ""), frees[i].want,
                "min_free=%s, policy: %s", frees[i].row,
                frees[i].policy ? frees[i].policy : "none");
        smap_destroy(&options);
        sink_config_destroy(&c);
    }
}

int
main(void)
{
    test_arguments();
    test_values();
    test_rows();
    test_description();
    test_min_free();
    return tap_done();
}
