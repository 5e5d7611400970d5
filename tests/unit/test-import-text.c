/* SPDX-License-Identifier: Apache-2.0
 *
 * tools/ovs-span-import: names, texts and the port map. */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "plugin/record/record-util.h"
#include "tests/tap.h"
#include "tools/ovs-span-import/import-text.h"
#include "tools/ovs-span-import/port-map.h"

static void
test_name(const char *name, const char *want)
{
    char *got = text_legal_name(name, "session");

    tap_str(got, want, "the name of \"%s\"", name);
    tap_ok(text_is_legal_name(got), "is legal");
    free(got);
}

static void
test_names(void)
{
    char long_name[200];
    char *a, *b;

    test_name("web1", "web1");
    test_name("A-z_0.9", "A-z_0.9");
    test_name("Web mirror", "Web_mirror-70ebdb20");
    test_name("Web  mirror", "Web_mirror-2e747c65");
    test_name("Web/mirror", "Web_mirror-987bb90b");
    test_name(".hidden", "hidden-e5e365c5");
    test_name("\xe6\x97\xa5\xe6\x9c\xac", "session-b4ceb0a4");
    test_name("  x  ", "x-50b1a5fa");

    memset(long_name, 'x', sizeof long_name);
    long_name[64] = '\0';
    tap_ok(text_is_legal_name(long_name), "64 characters are legal");
    long_name[64] = 'x';
    long_name[65] = '\0';
    tap_ok(!text_is_legal_name(long_name), "65 are not");
    a = text_legal_name(long_name, "session");
    tap_int(strlen(a), 64, "a long name is cut");
    long_name[64] = 'y';
    b = text_legal_name(long_name, "session");
    tap_ok(strcmp(a, b), "two that differ in the end stay different");
    free(a);
    free(b);
    tap_ok(!text_is_legal_name(""), "an empty name is not legal");
}

static void
test_store(const char *text, size_t max, const char *want, bool changed)
{
    bool got_changed = false;
    char *got = text_store_copy(text, max, &got_changed);

    tap_str(got, want, "stored text");
    tap_ok(got_changed == changed, "changed or not");
    free(got);
}

static void
test_texts(void)
{
    char *clean = text_clean_copy("a\x1b[31m\xc2\x85\xff\xe2\x82\xac", 12, 99);

    tap_str(clean, "a?[31m???\xe2\x82\xac", "what is shown is harmless");
    free(clean);
    test_store("one line", 99, "one line", false);
    test_store("two\nlines\t", 99, "two lines ", true);
    test_store("12345", 5, "12345", false);
    test_store("123456", 5, "12345", true);
    test_store("1234\xc3\xa9", 5, "1234", true);
}

/* Reads 'text' as a port map; returns what is reported. */
static char *
read_map(struct port_map *map, const char *text)
{
    struct report report;
    char *messages;
    size_t size;
    FILE *stream = text_open(&messages, &size);

    report_init(&report, stream);
    port_map_read(map, "m", text, strlen(text), &report);
    fclose(stream);
    return messages;
}

static void
test_map(const char *text, const char *const want[][3], const char *name)
{
    struct port_map map;
    char *messages = read_map(&map, text);
    size_t n = 0;

    tap_str(messages, "", "%s is taken", name);
    for (; want[n][0]; n++) {
        const struct map_entry *e = port_map_find(&map, want[n][0],
                                                  want[n][1]);

        tap_str(e ? e->value : "(none)", want[n][2], "%s: %s", name,
                want[n][1]);
    }
    free(messages);
    port_map_destroy(&map);
}

static void
test_bad_map(const char *text, const char *want)
{
    struct port_map map;
    char *messages = read_map(&map, text);

    tap_str(messages, want, "a bad map");
    free(messages);
    port_map_destroy(&map);
}

static void
test_maps(void)
{
    static const char *const want[][3] = {
        { "portKey", "112", "vm:web 1" },
        { "uplink", "112", "uplink:eth1" },
        { "uplink", "Uplink 1", "eth0" },
        { "portKey", "Uplink 1", "eth0" },
        { "network", "uplink", "bridge:br0" },
        { "portKey", "11", "(none)" },
        { "portKey", "1122", "(none)" },
        { NULL, NULL, NULL },
    };

    test_map("# comment\r\n\n112 \t vm:web 1 \r\n\"Uplink 1\"eth0\n"
             "uplink:112 uplink:eth1\nuplink bridge:br0", want, "lines");
    test_map("\xef\xbb\xbf {\"112\": \"vm:web 1\", \"Uplink 1\": \"eth0\",\n"
             "\"uplink:112\": \"uplink:eth1\", \"uplink\": \"bridge:br0\"}",
             want, "JSON");
    test_map("", want + 5, "nothing");
    test_bad_map("112\n", "m:1: error: has to be a key and a value: 112 "
                 "vm:web1, or \"Uplink 1\" uplink:eth1\n");
    test_bad_map("\n\"\" x\n", "m:2: error: has to be a key and a value: 112 "
                 "vm:web1, or \"Uplink 1\" uplink:eth1\n");
    test_bad_map("\"half x\n", "m:1: error: has to be a key and a value: 112 "
                 "vm:web1, or \"Uplink 1\" uplink:eth1\n");
    test_bad_map("1 a:b\n2 c:d\n1 a:b\n", "m:3: error: \"1\" is there "
                 "already, in line 1\n");
    test_bad_map("{\"1\":\"a\",\n\"1\":\"b\"}", "m:2: error: $[\"1\"]: this "
                 "key occurs twice in one object\n");
    test_bad_map("{\"1\":\n7}", "m:2: error: $[\"1\"]: has to be a string "
                 "that is not empty\n");
    test_bad_map("{\"1\":\"\"}", "m:1: error: $[\"1\"]: has to be a string "
                 "that is not empty\n");
}

int
main(void)
{
    test_names();
    test_texts();
    test_maps();
    return tap_done();
}
