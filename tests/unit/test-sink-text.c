/* SPDX-License-Identifier: Apache-2.0
 *
 * Sizes as people write them, and the names of capture files. */

#include <config.h>
#include "plugin/record/file-name.h"
#include "plugin/record/size-text.h"
#include "plugin/record/record-util.h"
#include "tests/tap.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void
test_sizes(void)
{
    static const struct {
        const char *text;
        long long int bytes;    /* -1: refused. */
    } cases[] = {
        { "0", 0 }, { "1", 1 }, { "4096", 4096 }, { "12B", 12 },
        { "1K", 1000 }, { "1KB", 1000 }, { "1KiB", 1024 },
        { "100M", 100000000 }, { "100MB", 100000000 },
        { "64MiB", 64 << 20 }, { "3G", 3000000000 }, { "3GB", 3000000000 },
        { "2GiB", 2147483648LL },
        { "9223372036854775807", INT64_MAX },
        { "9223372036854775808", -1 }, { "99999999999999999999999", -1 },
        { "9223372036854775807K", -1 }, { "8589934592GiB", -1 },
        { "", -1 }, { "K", -1 }, { "-1", -1 }, { "+1", -1 }, { " 1", -1 },
        { "1 ", -1 }, { "1 K", -1 }, { "1k", -1 }, { "1kb", -1 },
        { "1Kib", -1 }, { "1.5M", -1 }, { "1T", -1 }, { "0x10", -1 },
        { "10%", -1 },
    };

    for (size_t i = 0; i < REC_ARRAY_SIZE(cases); i++) {
        uint64_t bytes = 0;
        bool ok = size_text_parse_bytes(cases[i].text, &bytes);

        tap_int(ok ? (long long int) bytes : -1, cases[i].bytes,
                "size \"%s\"", cases[i].text);
    }
}

static void
test_numbers(void)
{
    unsigned int percent = 7;
    uint64_t n = 7;

    tap_ok(size_text_parse_number("10", 10, &n) && n == 10,
           "a number may be the greatest allowed");
    tap_ok(!size_text_parse_number("11", 10, &n) && n == 10,
           "a greater one is refused and changes nothing");
    tap_ok(!size_text_parse_number("9", 5, &n),
           "a digit above the greatest allowed is refused");
    tap_ok(size_text_parse_number("18446744073709551615", UINT64_MAX, &n)
           && n == UINT64_MAX, "64 bits fit");
    tap_ok(!size_text_parse_number("18446744073709551616", UINT64_MAX, &n),
           "one more does not");
    tap_ok(size_text_parse_percent("0%", &percent) && !percent, "0%%");
    tap_ok(size_text_parse_percent("99%", &percent) && percent == 99, "99%%");
    tap_ok(!size_text_parse_percent("100%", &percent), "100%% is refused");
    tap_ok(!size_text_parse_percent("10", &percent), "no sign, no percent");
    tap_ok(!size_text_parse_percent("%", &percent), "no number, no percent");
    tap_ok(!size_text_parse_percent("1%x", &percent), "nothing may follow");
}

static void
test_sink_names(void)
{
    char name[80];

    tap_ok(file_name_is_valid_sink("web1"), "a plain name");
    tap_ok(file_name_is_valid_sink("A-z_0.9"), "all kinds of characters");
    tap_ok(!file_name_is_valid_sink(""), "not an empty name");
    tap_ok(!file_name_is_valid_sink(".hidden"), "not a hidden one");
    tap_ok(!file_name_is_valid_sink(".."), "not the directory above");
    tap_ok(!file_name_is_valid_sink("a/b"), "not a path");
    tap_ok(!file_name_is_valid_sink("a b"), "no spaces");
    tap_ok(!file_name_is_valid_sink("\xc3\xa4"), "no umlauts");
    memset(name, 'x', sizeof name);
    name[64] = '\0';
    tap_ok(file_name_is_valid_sink(name), "64 characters");
    name[64] = 'x';
    name[65] = '\0';
    tap_ok(!file_name_is_valid_sink(name), "not 65");
}

static void
test_format(void)
{
    char *name = file_name_format("web1", 1, 1769903999 * NSEC_PER_SEC,
                                  "pcapng");

    tap_str(name, "web1_00001_20260131T235959Z.pcapng", "a file's name");
    free(name);
    name = file_name_format("w", 1234567, 0, "pcap");
    tap_str(name, "w_1234567_19700101T000000Z.pcap", "a large number");
    free(name);
}

static void
test_parse(void)
{
    static const struct {
        const char *name;
        long long int sequence; /* -1: not ours. */
        bool part;
    } cases[] = {
        { "web_00001_20260131T235959Z.pcapng", 1, false },
        { "web_00001_20260131T235959Z.pcapng.part", 1, true },
        { "web_99999_20260131T235959Z.pcap", 99999, false },
        { "web_123456_20260131T235959Z.pcap.part", 123456, true },
        { "web_0001_20260131T235959Z.pcapng", -1, false },
        { "web_000001_20260131T235959Z.pcapng", -1, false },
        { "web_00001_20260131T235959.pcapng", -1, false },
        { "web_00001_20260131T23595xZ.pcapng", -1, false },
        { "web_00001_20260131T235959Z.pcapng.json", -1, false },
        { "web_00001_20260131T235959Z.pcapng.part.part", -1, false },
        { "web_00001_20260131T235959Z.pcapngx", -1, false },
        { "web_00001_20260131T235959Z", -1, false },
        { "web_00001_20260131T235959Z.txt", -1, false },
        { "web_9999999999999999_20260131T235959Z.pcap", -1, false },
        { "web_999999999999999999999999999_20260131T235959Z.pcap", -1, false },
        { "web2_00001_20260131T235959Z.pcapng", -1, false },
        { "web_2_00001_20260131T235959Z.pcapng", -1, false },
        { "we_00001_20260131T235959Z.pcapng", -1, false },
        { "web", -1, false }, { "web_", -1, false }, { "", -1, false },
    };

    for (size_t i = 0; i < REC_ARRAY_SIZE(cases); i++) {
        uint64_t sequence = 0;
        bool part = false;
        bool ok = file_name_parse(cases[i].name, "web", &sequence, &part);

        tap_ok((ok ? (long long int) sequence : -1) == cases[i].sequence
               && (!ok || part == cases[i].part), "file name \"%s\"",
               cases[i].name);
    }
}

int
main(void)
{
    test_sizes();
    test_numbers();
    test_sink_names();
    test_format();
    test_parse();
    return tap_done();
}
