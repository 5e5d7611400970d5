/* SPDX-License-Identifier: Apache-2.0
 *
 * tools/ovs-span-import/json-doc.c: strictness, paths and lines. */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "plugin/record/record-util.h"
#include "tests/tap.h"
#include "tools/ovs-span-import/import-text.h"
#include "tools/ovs-span-import/json-doc.h"
#include "tools/ovs-span-import/report.h"

/* Parses 'text', 'size' bytes, and returns what is reported, for the caller to
 * free.  Goes on only if 'doc' may be used. */
static char *
parse(struct json_doc *doc, const char *text, size_t size, bool *ok)
{
    struct report report;
    char *messages;
    size_t length;
    FILE *stream = text_open(&messages, &length);

    report_init(&report, stream);
    *ok = json_doc_parse(doc, "f", text, size, &report);
    tap_ok(*ok == !report.n_errors, "an error is reported if it fails");
    fclose(stream);
    return messages;
}

static void
test_refused_bytes(const char *text, size_t size, const char *message,
                   const char *name)
{
    struct json_doc doc;
    bool ok;
    char *got = parse(&doc, text, size, &ok);

    tap_ok(!ok, "%s is refused", name);
    tap_str(got, message, "%s: what is said", name);
    json_doc_destroy(&doc);
    free(got);
}

static void
test_refused(const char *text, const char *message, const char *name)
{
    test_refused_bytes(text, strlen(text), message, name);
}

/* Appends "PATH LINE\n" for 'at' and all that is in it. */
static void
list_values(FILE *stream, const struct json_at *at)
{
    struct json_at child;
    struct place place;

    json_at_place(at, &place);
    fprintf(stream, "%s %u\n", place.path, place.line);
    place_destroy(&place);
    for (bool more = json_at_first(&child, at); more;
         more = json_at_next(&child)) {
        list_values(stream, &child);
    }
}

static void
test_places(const char *text, const char *want, const char *name)
{
    struct json_doc doc;
    struct json_at root;
    bool ok;
    char *got = parse(&doc, text, strlen(text), &ok);
    char *list;
    size_t size;
    FILE *stream = text_open(&list, &size);

    tap_str(got, "", "%s is taken", name);
    if (ok) {
        json_at_root(&root, &doc);
        list_values(stream, &root);
    }
    fclose(stream);
    tap_str(list, want, "%s: paths and lines", name);
    free(list);
    json_doc_destroy(&doc);
    free(got);
}

static void
test_all_places(void)
{
    test_places("{}", "$ 1\n", "an empty object");
    test_places("\xef\xbb\xbf\n[]", "$ 2\n", "a text with a BOM");
    test_places("{\"a\": 1,\n \"b\": [true,\n null, {\"c\"\n:\n-1.5e3}],\n"
                "\"d\":\"x\"}",
                "$ 1\n$.a 1\n$.b 2\n$.b[0] 2\n$.b[1] 3\n$.b[2] 3\n"
                "$.b[2].c 5\n$.d 6\n", "one of each type");
    test_places("[\n[],{},\n[[\n]],\"\\\"}],{\\\\\",\r\n0]",
                "$ 1\n$[0] 2\n$[1] 2\n$[2] 3\n$[2][0] 3\n$[3] 4\n$[4] 5\n",
                "brackets, nested and in strings");
    test_places("{\"a b\":1,\"\":2,\"\\u00e9\":3,\"\\u0007\":4,\"1\":5}",
                "$ 1\n$[\"a b\"] 1\n$[\"\"] 1\n$[\"\xc3\xa9\"] 1\n"
                "$[\"?\"] 1\n$[\"1\"] 1\n", "keys that are no words");
    test_places("{\"z\":1,\n\"a\":2,\n\"m\":3,\n\"\\u0061a\":4}",
                "$ 1\n$.z 1\n$.a 2\n$.m 3\n$.aa 4\n",
                "keys in the order of the text");
}

static void
test_all_refused(void)
{
    static const char utf16[] = "\xff\xfe{\0}\0";

    test_refused("", "f:1: error: $: there is nothing in it\n", "nothing");
    test_refused(" \n ", "f:1: error: $: there is nothing in it\n", "blanks");
    test_refused_bytes(utf16, 6, "f:1: error: $: this is UTF-16: write the "
                       "file as UTF-8, in PowerShell with \"| Out-File "
                       "-Encoding utf8\"\n", "UTF-16");
    test_refused("{\"a\":\n{\"b\":1,\n\"b\":2}}", "f:3: error: $.a.b: this "
                 "key occurs twice in one object\n", "a key twice");
    test_refused("{\"ab\":1,\"\\u0061b\":2}", "f:1: error: $[\"\\u0061b\"]: "
                 "this key occurs twice in one object\n",
                 "a key twice, written differently");
}

/* Texts whose message is jansson's, of which only the beginning is ours. */
static void
test_place_of_error(const char *text, const char *begin, const char *name)
{
    struct json_doc doc;
    bool ok;
    char *got = parse(&doc, text, strlen(text), &ok);

    tap_ok(!ok && !strncmp(got, begin, strlen(begin)), "%s", name);
    if (ok || strncmp(got, begin, strlen(begin))) {
        tap_diag("got:  %s", got);
        tap_diag("want: %s...", begin);
    }
    json_doc_destroy(&doc);
    free(got);
}

static void
test_syntax(void)
{
    test_place_of_error("{\"a\":[1,\n NaN]}",
                        "f:2: error: $.a[1]: not JSON: ", "NaN");
    test_place_of_error("{\"a\":[1,\n\n1e999]}",
                        "f:3: error: $.a[1]: not JSON: ", "1e999");
    test_place_of_error("{\"a\":\n99999999999999999999}",
                        "f:2: error: $.a: not JSON: ", "an integer too big");
    test_place_of_error("{\"a\":{\"b\":\n\"x\\ud800y\"}}",
                        "f:2: error: $.a.b: not JSON: ", "a lone surrogate");
    test_place_of_error("{\"a\":\"\\udc00\"}",
                        "f:1: error: $.a: not JSON: ", "a low surrogate");
    test_place_of_error("{\"a\":\"\xff\"}", "f:1: error: $.a: not JSON: ",
                        "bytes that are not UTF-8");
    test_place_of_error("{\"a\":\"b\\u0000c\"}",
                        "f:1: error: $.a: not JSON: ", "NUL in a string");
    test_place_of_error("{\"a\":1,}", "f:1: error: $: not JSON: ",
                        "a comma too many");
    test_place_of_error("[1,\n2", "f:2: error: $[1]: not JSON: ", "half");
    test_place_of_error("{} // all", "f:1: error: $: not JSON: ",
                        "a comment");
    test_place_of_error("{}\n{}", "f:2: error: $: not JSON: end of file "
                        "expected", "two texts");
    test_place_of_error("{'a':1}", "f:1: error: $: not JSON: ",
                        "single quotes");
    test_place_of_error("{\"a\":[{\"b\":01}]}",
                        "f:1: error: $.a[0].b: not JSON: ", "a leading zero");
    test_place_of_error("]]]", "f:1: error: $: not JSON: ", "only closing");
    test_place_of_error("\"x\"", "f:1: error: $: not JSON: ", "a string");
}

static void
test_depth(size_t depth, bool taken)
{
    char *text = rec_xcalloc(2 * depth + 1, 1);
    struct json_doc doc;
    bool ok;
    char *got;

    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    got = parse(&doc, text, 2 * depth, &ok);
    tap_ok(ok == taken, "depth %zu is %s", depth, taken ? "taken" : "refused");
    if (!taken) {
        tap_ok(strstr(got, "nested deeper than 64") != NULL, "and says why");
    }
    json_doc_destroy(&doc);
    free(got);
    free(text);
}

/* 'size' bytes that are "[" and then 'fill' again and again. */
static void
test_amount(size_t size, const char *fill, const char *why)
{
    char *text = rec_xcalloc(size + 1, 1);
    size_t n = strlen(fill);
    struct json_doc doc;
    bool ok;
    char *got;

    for (size_t i = 0; i < size; i++) {
        text[i] = i ? fill[(i - 1) % n] : '[';
    }
    got = parse(&doc, text, size, &ok);
    tap_ok(!ok && strstr(got, why), "refused: %s", why);
    json_doc_destroy(&doc);
    free(got);
    free(text);
}

int
main(void)
{
    test_all_places();
    test_all_refused();
    test_syntax();
    test_depth(64, true);
    test_depth(65, false);
    test_depth(100000, false);
    test_amount(9000000, "1,", "more values");
    test_amount(JSON_DOC_MAX_SIZE + 1, " ", "longer than 64 MiB");
    return tap_done();
}
