/* SPDX-License-Identifier: Apache-2.0
 *
 * Strict reading of numbers, sizes and words, and what faults do to the
 * sentences that quote people. */

#include <config.h>
#include "plugin/core/text.h"
#include <stdlib.h>
#include "plugin/core/fault.h"
#include "tests/tap.h"
#include "util.h"

static void
test_numbers(void)
{
    static const struct {
        const char *text;
        int64_t max, number;    /* -1 = refused. */
    } cases[] = {
        { "0", 0, 0 },
        { "1", 0, -1 },
        { "65535", 65535, 65535 },
        { "65536", 65535, -1 },
        { "9223372036854775807", INT64_MAX, INT64_MAX },
        { "9223372036854775808", INT64_MAX, -1 },
        { "99999999999999999999999999999999", INT64_MAX, -1 },
        { "", 9, -1 },
        { " 1", 9, -1 },
        { "1 ", 9, -1 },
        { "+1", 9, -1 },
        { "-0", 9, -1 },
        { "01", 9, -1 },
        { "00", 9, -1 },
        { "0x1", 99, -1 },
        { "1e1", 99, -1 },
        { "1.0", 99, -1 },
        { "one", 99, -1 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        int64_t number = -1;
        bool ok = text_to_number(cases[i].text, cases[i].max, &number);

        tap_ok(number == cases[i].number && ok == (number >= 0),
               "number \"%s\"", cases[i].text);
    }
}

static void
test_sizes(void)
{
    static const struct {
        const char *text;
        int64_t size;           /* -1 = refused. */
    } cases[] = {
        { "0", 0 },
        { "100", 100 },
        { "100MB", 100000000 },
        { "1k", 1000 },
        { "1kB", 1000 },
        { "1KiB", 1024 },
        { "256MiB", 256 << 20 },
        { "3G", INT64_C(3000000000) },
        { "2gib", INT64_C(2) << 30 },
        { "9TB", INT64_C(9000000000000) },
        { "8388607TiB", INT64_C(8388607) << 40 },
        { "8388608TiB", -1 },
        { "9223372036854775807", INT64_MAX },
        { "9223372036854775807K", -1 },
        { "MB", -1 },
        { "", -1 },
        { "1 MB", -1 },
        { "1.5GB", -1 },
        { "1MBB", -1 },
        { "1Mi", -1 },
        { "1B", -1 },
        { "1P", -1 },
        { "-1MB", -1 },
        { "1M\xffxx", -1 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        int64_t size = -1;
        bool ok = text_to_size(cases[i].text, &size);

        tap_ok(size == cases[i].size && ok == (size >= 0),
               "size \"%s\"", cases[i].text[0] == '1' && i > 22
               ? "with a byte that is no text" : cases[i].text);
    }
}

static void
test_clean(void)
{
    static const struct {
        const char *text;
        bool clean;
    } cases[] = {
        { "", true },
        { "plain text ~", true },
        { "M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80", true },
        { "tab\t", false },
        { "line\n", false },
        { "del\x7f", false },
        { "c1 \xc2\x80", false },
        { "\xc2\xa0 first after c1", true },
        { "overlong \xc0\xaf", false },
        { "overlong \xe0\x80\xaf", false },
        { "surrogate \xed\xa0\x80", false },
        { "too great \xf4\x90\x80\x80", false },
        { "cut \xe2\x82", false },
        { "alone \x80", false },
        { "\xff", false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        tap_ok(text_is_clean(cases[i].text, 100) == cases[i].clean,
               "clean text, case %d", (int) i + 1);
    }
    tap_ok(text_is_clean("abc", 3), "three bytes fit into three");
    tap_ok(!text_is_clean("abcd", 3), "four bytes do not");
    tap_ok(!text_is_clean("ab\xc3\xbc", 3), "nor half a character");
}

static void
test_bool(void)
{
    bool b = false;

    tap_ok(text_to_bool("true", &b) && b, "true");
    tap_ok(text_to_bool("false", &b) && !b, "false");
    tap_ok(!text_to_bool("True", &b), "True is no boolean");
    tap_ok(!text_to_bool("", &b), "nor is nothing");
    tap_ok(!text_to_bool("1", &b), "nor is 1");
}

static void
test_faults(void)
{
    struct fault a = FAULT_INITIALIZER;
    struct fault b = FAULT_INITIALIZER;

    tap_ok(!fault_is_set(&a), "a fault begins unset");
    fault_set(&a, "why", "because of \"%s\"", "a\nb\x1b[31m\xff\xc3\xa9");
    tap_str(a.detail, "because of \"a?b?[31m?\xc3\xa9\"",
            "what cannot be printed becomes harmless");
    fault_set(&a, "other", "was %s: %s", a.reason, a.detail);
    tap_str(a.detail, "was why: because of \"a?b?[31m?\xc3\xa9\"",
            "arguments may come from the fault itself");

    fault_copy(&b, &a);
    tap_str(b.reason, "other", "a copy has the reason");
    fault_clear(&a);
    tap_ok(!fault_is_set(&a) && fault_is_set(&b), "a copy stands alone");
    fault_move(&a, &b);
    tap_ok(fault_is_set(&a) && !fault_is_set(&b), "a fault moves");
    fault_move(&a, &a);
    fault_copy(&a, &a);
    tap_str(a.reason, "other", "moved or copied to itself, it stays");

    char *big = xmalloc(100001);
    memset(big, 'x', 100000);
    big[100000] = '\0';
    fault_set(&a, "big", "%s", big);
    tap_int(strlen(a.detail), FAULT_MAX_DETAIL, "a long sentence is cut");
    for (size_t i = 0; i < 99999; i += 2) {
        memcpy(big + i, "\xc3\xa9", 2);
    }
    fault_set(&a, "big", "%s", big);
    tap_ok(text_is_clean(a.detail, FAULT_MAX_DETAIL),
           "but not in the middle of a character");
    free(big);
    fault_set(NULL, "nobody", "listens");
    fault_clear(NULL);
    fault_clear(&a);
}

int
main(void)
{
    test_numbers();
    test_sizes();
    test_clean();
    test_bool();
    test_faults();
    return tap_done();
}
