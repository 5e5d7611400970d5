/* SPDX-License-Identifier: Apache-2.0 */

/* The lines of "top": columns, sums, order, filter, narrow and wide terminals,
 * names that do not fit or are not ASCII. */

#include <config.h>

#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "tests/tap.h"
#include "tools/ovs-spanctl/live-row.h"
#include "tools/ovs-spanctl/top-table.h"
#include "util.h"

static char web[] = "web", all[] = "all", gone[] = "gone", off[] = "off";
static char h1[] = "h1", h2[] = "h2", h3[] = "h3", none[] = "";
static char active[] = "active", waiting[] = "waiting";
static char degraded[] = "degraded", disabled[] = "disabled";
static char no_source[] = "no-source", packets_lost[] = "packets-lost";
static char nobody[] = "No port on this host is a source of the session now; "
                       "it starts by itself when one appears.";
static char lost[] = "Sink web has lost 12 of 1234567 packets: 12 in the "
                     "kernel's ring.";
static char long_name[] = "a-session-with-a-name-that-is-much-too-long-for-it";
static char wide_name[] = "東京";
static char latin_name[] = "münchen";

#define COUNTED(PACKETS, BYTES, WRITTEN, LOST) \
    .counts = true, .records = true, \
    .figures = { [LIVE_PACKETS] = PACKETS, [LIVE_BYTES] = BYTES, \
                 [LIVE_WRITTEN] = WRITTEN, [LIVE_LOST] = LOST }
#define RATED(PACKETS, BYTES) \
    .rated = true, \
    .rates = { [LIVE_PACKETS] = PACKETS, [LIVE_BYTES] = BYTES }

static const struct live_row rows[] = {
    { web, h1, h1, degraded, packets_lost, lost,
      COUNTED(1234567, 987654321, 1234555, 12), RATED(1000.4, 812345),
      .disk_free = 81920000000 },
    { web, h2, h2, waiting, no_source, nobody, .disk_free = -1 },
    { all, h1, h1, active, none, none,
      COUNTED(99, 9900, 99, 0), RATED(0, 0), .disk_free = 900000 },
    { all, h3, h3, active, none, none,
      COUNTED(12345678901, 1, 5, 0), RATED(1234567, 999.6),
      .disk_free = -1 },
    { all, h2, h2, waiting, no_source, nobody, .disk_free = -1 },
    { gone, h1, h1, waiting, no_source, nobody, .disk_free = -1 },
    { gone, h2, h2, waiting, no_source, nobody, .disk_free = -1 },
    { off, h1, h1, disabled, disabled, none, .disk_free = -1 },
};

/* A case: the 'n' rows with 'o' look like 'want', where lines that are trouble
 * begin with "!". */
static void
check(const struct live_row *r, size_t n, struct top_options o,
      void (*make)(const struct live_row *, size_t,
                   const struct top_options *, struct top_lines *),
      const char *want, const char *what)
{
    struct ds got = DS_EMPTY_INITIALIZER;
    struct top_lines lines;
    int widest = 0;

    o.filter = o.filter ? o.filter : "";
    make(r, n, &o, &lines);
    for (size_t i = 0; i < lines.n; i++) {
        ds_put_format(&got, "%s%s\n", lines.lines[i].trouble ? "!" : "",
                      lines.lines[i].text);
        widest = MAX(widest, live_text_width(lines.lines[i].text));
    }
    tap_str(ds_cstr(&got), want, "%s", what);
    tap_ok(widest <= o.width, "%s: no line is wider than %d", what, o.width);
    top_lines_destroy(&lines);
    ds_destroy(&got);
}

static void
check_rows(struct top_options o, const char *want, const char *what)
{
    check(rows, ARRAY_SIZE(rows), o, top_table_compute, want, what);
}

static void
test_table(void)
{
    check_rows((struct top_options) { .width = 75 }, "\
SESSION HOST    STATE     PKT/S   B/S  MIRRORED   WRITTEN     LOST  FREE\n\
all     2 hosts active    1.23M 1.00k     12.3G       104        0  900k\n\
        h1      active        0     0        99        99        0  900k\n\
        h3      active    1.23M 1.00k     12.3G         5        0     -\n\
gone    2 hosts waiting       -     -         -         -        -     -\n\
off     h1      disabled      -     -         -         -        -     -\n\
!web     h1      degraded   1000  812k   1234567   1234555       12 81.9G\n",
               "75 columns");
    check_rows((struct top_options) { .width = 86, .all_hosts = true,
                                      .filter = "ALL" },
               "SESSION HOST    STATE     PKT/S   B/S  MIRRORED   WRITTEN"
               "     LOST  FREE REASON\n"
               "all     3 hosts active    1.23M 1.00k     12.3G       104"
               "        0  900k\n"
               "        h1      active        0     0        99        99"
               "        0  900k\n"
               "        h2      waiting       -     -         -         -"
               "        -     - no-source\n"
               "        h3      active    1.23M 1.00k     12.3G         5"
               "        0     -\n",
               "86 columns, a filter, and hosts that wait");
    check_rows((struct top_options) { .width = 40, .filter = "web" }, "\
SESSION HOST STATE     PKT/S     LOST\n\
!web     h1   degraded   1000       12\n", "40 columns");
    check_rows((struct top_options) { .width = 10, .filter = "web" }, "\
SESSION H~\n\
!web     h~\n", "10 columns");
    check_rows((struct top_options) { .width = 1000, .flat = true,
                                      .all_hosts = true },
               "SESSION HOST STATE      PKT/S    B/S    MIRRORED WRITTEN LOST"
               "        FREE REASON\n"
               "all     h1   active         0      0          99      99    0"
               "      900000\n"
               "all     h2   waiting        -      -           -       -    -"
               "           - no-source\n"
               "all     h3   active   1234567   1000 12345678901       5    0"
               "           -\n"
               "gone    h1   waiting        -      -           -       -    -"
               "           - no-source\n"
               "gone    h2   waiting        -      -           -       -    -"
               "           - no-source\n"
               "off     h1   disabled       -      -           -       -    -"
               "           - disabled\n"
               "!web     h1   degraded    1000 812345     1234567 1234555   12"
               " 81920000000 packets-lost\n"
               "web     h2   waiting        -      -           -       -    -"
               "           - no-source\n",
               "for programs");
    check(rows, 0, (struct top_options) { .width = 75 }, top_table_compute,
          "SESSION HOST STATE     PKT/S   B/S  MIRRORED   WRITTEN     LOST  "
          "FREE\n", "no session");
}

/* Returns the names in the order of 'o', for the caller to free. */
static char *
order(struct top_options o)
{
    struct ds names = DS_EMPTY_INITIALIZER;
    struct top_lines lines;

    o.width = 75;
    o.filter = "";
    top_table_compute(rows, ARRAY_SIZE(rows), &o, &lines);
    for (size_t i = 1; i < lines.n; i++) {
        const char *text = lines.lines[i].text;

        if (*text == ' ') {
            text += strspn(text, " ");
            ds_put_format(&names, ".%.*s ", (int) strcspn(text, " "), text);
        } else {
            ds_put_format(&names, "%.*s ", (int) strcspn(text, " "), text);
        }
    }
    top_lines_destroy(&lines);
    ds_chomp(&names, ' ');
    return ds_steal_cstr(&names);
}

static void
test_order(void)
{
    static const struct {
        enum top_column column;
        const char *want, *reverse;
    } cases[] = {
        { TOP_SESSION, "all .h1 .h3 gone off web",
          "web off gone all .h1 .h3" },
        { TOP_HOST, "all .h1 .h3 gone off web", "off web all .h3 .h1 gone" },
        { TOP_STATE, "web all .h1 .h3 gone off", "off gone all .h1 .h3 web" },
        { TOP_PACKETS, "all .h3 .h1 web gone off",
          "gone off web all .h1 .h3" },
        { TOP_BYTES, "web all .h3 .h1 gone off", "gone off all .h1 .h3 web" },
        { TOP_MIRRORED, "all .h3 .h1 web gone off",
          "gone off web all .h1 .h3" },
        { TOP_WRITTEN, "web all .h1 .h3 gone off",
          "gone off all .h3 .h1 web" },
        { TOP_LOST, "web all .h1 .h3 gone off", "all .h1 .h3 gone off web" },
        { TOP_FREE, "all .h1 .h3 web gone off", "gone off web all .h3 .h1" },
        { TOP_REASON, "off gone web all .h1 .h3",
          "all .h1 .h3 web gone off" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *got = order((struct top_options) { .sort = cases[i].column });
        char *reverse = order((struct top_options) {
            .sort = cases[i].column, .reverse = true });

        tap_str(got, cases[i].want, "by %s",
                top_column_title(cases[i].column));
        tap_str(reverse, cases[i].reverse, "by %s, the other way round",
                top_column_title(cases[i].column));
        free(got);
        free(reverse);
    }
}

static void
test_names(void)
{
    const struct live_row strange[] = {
        { long_name, h1, h1, active, none, none, .disk_free = -1 },
        { latin_name, wide_name, h1, active, none, none, .disk_free = -1 },
    };
    const struct top_options o = { .width = 75 };

    check(strange, 2, o, top_table_compute, "\
SESSION       HOST STATE     PKT/S   B/S  MIRRORED   WRITTEN     LOST  FREE\n\
a-session-wi~ h1   active        -     -         -         -        -     -\n\
münchen       東京 active        -     -         -         -        -     -\n",
          "long names, and others than ASCII");
    setlocale(LC_CTYPE, "C");
    check(strange + 1, 1, o, top_table_compute, "\
SESSION HOST STATE     PKT/S   B/S  MIRRORED   WRITTEN     LOST  FREE\n\
m?nchen ??   active        -     -         -         -        -     -\n",
          "in a locale that has them not");
    setlocale(LC_CTYPE, "C.UTF-8");
}

static void
test_head_and_foot(void)
{
    struct top_lines lines;

    top_table_summary(rows, ARRAY_SIZE(rows), 120, &lines);
    tap_str(lines.lines[0].text, "4 sessions: 1 degraded, 1 active, 1 waiting"
            ", 1 disabled; 1.24M packets/s, 813kB/s mirrored", "the summary");
    tap_ok(lines.lines[0].trouble, "says that there is trouble");
    top_lines_destroy(&lines);
    top_table_summary(rows + 2, 2, 25, &lines);
    tap_str(lines.lines[0].text, "1 session: 1 active; 1.2~",
            "the summary in 25 columns");
    tap_ok(!lines.lines[0].trouble, "without trouble");
    top_lines_destroy(&lines);

    check(rows, ARRAY_SIZE(rows), (struct top_options) { .width = 60 },
          top_table_notes, "\
!web on h1: packets-lost: Sink web has lost 12 of 1234567\n\
!  packets: 12 in the kernel's ring.\n", "what is wrong, in 60 columns");
    check(rows, ARRAY_SIZE(rows), (struct top_options) { .width = 60,
          .filter = "all" }, top_table_notes, "", "nothing in what is shown");
}

static void
test_numbers(void)
{
    static const struct {
        uint64_t value;
        const char *fits, *scaled;
    } cases[] = {
        { 0, "0", "0" }, { 999, "999", "999" }, { 1000, "1000", "1.00k" },
        { 9994, "9994", "9.99k" }, { 9996, "9996", "10.0k" },
        { 99999, "99999", "100k" }, { 123456, "123k", "123k" },
        { 999499, "999k", "999k" }, { 999500, "1.00M", "1.00M" },
        { UINT64_MAX, "18.4E", "18.4E" },
    };
    enum top_column column;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char text[32];

        live_put_number(text, sizeof text, cases[i].value, 5);
        tap_str(text, cases[i].fits, "%llu in 5 columns",
                (unsigned long long int) cases[i].value);
        live_put_scaled(text, sizeof text, cases[i].value);
        tap_str(text, cases[i].scaled, "%llu scaled",
                (unsigned long long int) cases[i].value);
    }
    tap_ok(top_column_for_key('L', &column) && column == TOP_LOST,
           "L sorts by what is lost");
    tap_ok(!top_column_for_key('x', &column), "x by nothing");
}

int
main(void)
{
    if (!setlocale(LC_CTYPE, "C.UTF-8")) {
        tap_ok(false, "there is a locale C.UTF-8");
    }
    test_table();
    test_order();
    test_names();
    test_head_and_foot();
    test_numbers();
    return tap_done();
}
