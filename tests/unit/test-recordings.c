/* SPDX-License-Identifier: Apache-2.0 */

/* What recorders and directories tell of capture files, before it gets into
 * the database: lists, good and bad, and who is to be asked. */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "plugin/daemon/recording-list.h"
#include "plugin/daemon/recordings.h"
#include "sset.h"
#include "tests/tap.h"
#include "util.h"

static struct recording_list *
parse(const char *text)
{
    struct json *json = json_from_string(text);
    struct recording_list *list = recording_list_from_json(json);

    json_destroy(json);
    return list;
}

static void
test_list(void)
{
    struct recording_list *list = parse(
        "{\"seq\": 7, \"recordings\": ["
        "{\"name\": \"b\", \"state\": \"open\", \"first\": null,"
        " \"packets\": 9223372036854775807, \"bytes\": -1, \"lost\": 2},"
        "{\"name\": \"a\", \"state\": \"recovered\", \"first\": 5,"
        " \"last\": 6, \"gaps\": 1, \"sha256\": \"00ff\","
        " \"compressed\": \"a.zst\"},"
        "{\"name\": \"a\", \"state\": \"closed\"}]}");
    const struct recording *r;

    tap_int(list->n, 2, "two files of three: no name twice");
    r = recording_list_find(list, "a");
    tap_ok(r == list->recordings, "sorted");
    tap_ok(r->first == 5 && r->last == 6 && r->gaps == 1, "numbers");
    tap_str(r->sha256, "00ff", "sha256");
    tap_str(r->compressed, "a.zst", "compressed");
    r = recording_list_find(list, "b");
    tap_str(r->state, "open", "state");
    tap_ok(!r->first && !r->bytes && r->packets == INT64_MAX && r->lost == 2,
           "null and what is negative are 0");
    tap_ok(!r->sha256, "no sha256");
    tap_ok(!recording_list_find(list, "c"), "no such file");
    recording_list_destroy(list);
}

static void
test_bad_lists(void)
{
    static const char *const bad[] = {
        "[]", "{}", "{\"recordings\": {}}", "\"x\"", "{\"recordings\": 1",
    };
    static const char *const empty[] = {
        "{\"recordings\": []}", "{\"recordings\": [1, [], {}, null]}",
        "{\"recordings\": [{\"name\": \"a\"}]}",
        "{\"recordings\": [{\"name\": \"a\", \"state\": \"lost\"}]}",
        "{\"recordings\": [{\"name\": \"\", \"state\": \"open\"}]}",
        "{\"recordings\": [{\"name\": 1, \"state\": \"open\"}]}",
        "{\"recordings\": [{\"name\": \"a\\nb\", \"state\": \"open\"}]}",
    };
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct recording_list *list;

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        tap_ok(!parse(bad[i]), "no list: %s", bad[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(empty); i++) {
        list = parse(empty[i]);
        tap_int(list ? (int) list->n : -1, 0, "nothing that fits, case %zu",
                i);
        recording_list_destroy(list);
    }
    ds_put_cstr(&ds, "{\"recordings\": [");
    for (int i = 0; i < 1500; i++) {
        ds_put_format(&ds, "%s{\"name\": \"f%05d\", \"state\": \"closed\"}",
                      i ? "," : "", i);
    }
    ds_put_cstr(&ds, "]}");
    list = parse(ds_cstr(&ds));
    tap_int(list->n, 1000, "1000 of 1500");
    tap_str(list->recordings[0].name, "f00500", "the newest");
    recording_list_destroy(list);
    ds_destroy(&ds);
}

/* Which sink is to be looked at, as "SINK DIR". */
static char *
next_unlisted(struct recordings *r)
{
    char *sink, *dir, *text;

    if (!recordings_next_unlisted(r, &sink, &dir)) {
        return xstrdup("none");
    }
    text = xasprintf("%s %s", sink, dir ? dir : "-");
    free(sink);
    free(dir);
    return text;
}

static void
expect_unlisted(struct recordings *r, const char *want, const char *what)
{
    char *got = next_unlisted(r);

    tap_str(got, want, "%s", what);
    free(got);
}

static void
test_rounds(void)
{
    struct recordings *r = recordings_create(NULL);
    struct sset found = SSET_INITIALIZER(&found);

    tap_ok(!recordings_pending(r), "nothing at first");
    recordings_begin_round(r);
    recordings_serve(r, "a", "/c", NULL, NULL);
    recordings_end_round(r);
    tap_ok(!recordings_pending(r), "a recorder that has not told yet");
    recordings_find(r, "a", "/c");
    expect_unlisted(r, "none", "nobody looks where a recorder is");

    recordings_begin_round(r);
    recordings_serve(r, "a", "/c", recording_list_create(), NULL);
    recordings_end_round(r);
    tap_ok(recordings_pending(r), "its list is to be stored");

    recordings_begin_round(r);
    recordings_end_round(r);
    expect_unlisted(r, "a /c", "when it has ended somebody looks");
    expect_unlisted(r, "none", "once");
    recordings_list(r, "a", recording_list_create());
    tap_ok(recordings_pending(r), "and what is found is to be stored");

    recordings_find(r, "b", "/c/x");
    sset_add(&found, "b");
    recordings_scanned(r, &found);
    expect_unlisted(r, "b /c/x", "a scan finds another");
    recordings_list(r, "nobody", recording_list_create());
    recordings_begin_round(r);
    recordings_serve(r, "b", NULL, NULL, NULL);
    recordings_end_round(r);
    recordings_list(r, "b", recording_list_create());
    recordings_written(r, true);
    sset_destroy(&found);
    recordings_destroy(r);
}

int
main(void)
{
    test_list();
    test_bad_lists();
    test_rounds();
    return tap_done();
}
