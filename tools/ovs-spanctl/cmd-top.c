/* SPDX-License-Identifier: Apache-2.0 */

/* top: a table of all sessions on all hosts, live.  What is in it is made by
 * top-table.c, the terminal is in top-screen.c. */

#include <config.h>

#include "spanctl.h"

#include <locale.h>
#include <time.h>

#include "cells.h"
#include "live-row.h"
#include "live-view.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "top-screen.h"
#include "top-table.h"
#include "util.h"

/* Milliseconds between two pictures, and for how long --once measures. */
#define DEFAULT_DELAY 2000
#define DEFAULT_ONCE 3000

/* Rows above the table: title, summary, message. */
#define HEAD_ROWS 3

enum mode {
    MODE_TABLE,
    MODE_HELP,
    MODE_ASK_DELAY,
    MODE_ASK_FILTER,
};

struct top {
    const struct settings *settings;
    struct live_view *view;
    struct top_options options;
    char *filter;               /* 'options.filter' is this. */
    long long int delay;        /* Milliseconds. */
    size_t first;               /* Line of the table that is shown first. */
    size_t n_shown, n_lines;    /* Of the table, in the last picture. */
    enum mode mode;
    struct ds input;            /* What was typed in MODE_ASK_*. */
    const char *message;        /* Until the next key; NULL = none. */
    bool quit;
};

static const char *const help[] = {
    "q, Ctrl-C      quit",
    "h, ?           this help",
    "Space, Enter   new figures now",
    "d, s           seconds between two pictures",
    "N              sort by name of the session (SESSION)",
    "H S            by host, by state",
    "P B            by packets, by bytes mirrored per second (PKT/S, B/S)",
    "M W L          by packets mirrored, written to files, lost",
    "F E            by free space where files are, by reason",
    "<  >           by the column on the left, on the right",
    "r, R           the other way round",
    "/              show only what has this text in session, host, state or",
    "               reason; empty for all",
    "a              also hosts where a session waits, none of its ports there",
    "Arrows, PgUp, PgDn, Home, End   scroll",
    "",
    "Rates are averages of the last five seconds.  LOST are packets that",
    "should have been recorded and are not; what is left out by rate=,",
    "sample= or a recorder's byte_rate= does not count.",
};

/* --------------------------------------------------------------- --once -- */

static void
add_number(struct table *table, bool known, double number)
{
    struct cell *cell = table_add_cell(table);

    cell->json = (known ? json_integer_create(number + 0.5)
                  : json_array_create_empty());
}

static int
compare_rows(const void *a_, const void *b_)
{
    const struct live_row *a = a_;
    const struct live_row *b = b_;
    int cmp = strcmp(a->session, b->session);

    return cmp ? cmp : strcmp(a->host, b->host);
}

/* Prints 'rows' with all that is known of them, for programs. */
static void
print_table(const struct settings *settings, const struct live_row *rows,
            size_t n)
{
    static const char *const headings[] = {
        "session", "host", "state", "reason", "packets_per_second",
        "bytes_per_second", "mirrored_packets", "mirrored_bytes", "written",
        "lost", "disk_free", "detail",
    };
    struct table table;

    cells_begin(&table, headings, ARRAY_SIZE(headings));
    for (size_t i = 0; i < n; i++) {
        const struct live_row *row = &rows[i];

        table_add_row(&table);
        cells_add_text(&table, row->session);
        cells_add_text(&table, row->host);
        cells_add_text(&table, row->state);
        cells_add_text(&table, row->reason);
        add_number(&table, row->rated, row->rates[LIVE_PACKETS]);
        add_number(&table, row->rated, row->rates[LIVE_BYTES]);
        add_number(&table, row->counts, row->figures[LIVE_PACKETS]);
        add_number(&table, row->counts, row->figures[LIVE_BYTES]);
        add_number(&table, row->records, row->figures[LIVE_WRITTEN]);
        add_number(&table, row->counts, row->figures[LIVE_LOST]);
        add_number(&table, row->disk_free >= 0, row->disk_free);
        cells_add_text(&table, row->detail);
    }
    table_print(&table, &settings->style);
    table_destroy(&table);
}

static void
print_lines(const struct live_row *rows, size_t n)
{
    const struct top_options options = {
        .sort = TOP_SESSION, .filter = "", .all_hosts = true, .flat = true,
        .width = INT_MAX / 2,
    };
    struct top_lines lines;

    top_table_compute(rows, n, &options, &lines);
    for (size_t i = 0; i < lines.n; i++) {
        puts(lines.lines[i].text);
    }
    top_lines_destroy(&lines);
}

static int
run_once(const struct settings *settings, long long int msec)
{
    struct live_view *view = live_view_create(settings);
    struct live_row *rows;
    size_t n;

    live_view_connect(view);
    live_view_measure(view, msec);
    rows = live_view_read(view, &n);
    if (n) {
        qsort(rows, n, sizeof *rows, compare_rows);
    }
    if (settings->style_given) {
        print_table(settings, rows, n);
    } else {
        print_lines(rows, n);
    }
    live_rows_destroy(rows, n);
    live_view_destroy(view);
    return EXIT_DONE;
}

/* -------------------------------------------------------------- drawing -- */

/* Returns the first line of the picture, for the caller to free. */
static char *
make_title(const struct top *top)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    time_t now = time_wall();
    struct tm tm;
    char text[16];

    strftime(text, sizeof text, "%H:%M:%S", localtime_r(&now, &tm));
    ds_put_format(&s, "ovs-spanctl top  %s  every %g s  by %s%s", text,
                  top->delay / 1000.0, top_column_title(top->options.sort),
                  top->options.reverse ? " reversed" : "");
    if (*top->filter) {
        ds_put_format(&s, "  only \"%s\"", top->filter);
    }
    ds_put_cstr(&s, "  (h for help)");
    return ds_steal_cstr(&s);
}

static void
put_fitting(int row, const char *text, int width, enum top_look look)
{
    char *line = live_text_fit(text, width);

    top_screen_put(row, line, look);
    free(line);
}

/* Draws the line below the summary.  Returns the column of the cursor, -1 if
 * it is not there. */
static int
draw_message(const struct top *top, int width)
{
    if (top->mode == MODE_ASK_DELAY || top->mode == MODE_ASK_FILTER) {
        char *line = xasprintf("%s%s", (top->mode == MODE_ASK_DELAY
                                        ? "Seconds between pictures: "
                                        : "Only: "), ds_cstr_ro(&top->input));
        int column = MIN(live_text_width(line), width - 1);

        put_fitting(HEAD_ROWS - 1, line, width, TOP_LOOK_PLAIN);
        free(line);
        return column;
    }
    if (!live_view_is_connected(top->view)) {
        char *line = xasprintf("%s: no connection; these are the last figures",
                               top->settings->db);

        put_fitting(HEAD_ROWS - 1, line, width, TOP_LOOK_TROUBLE);
        free(line);
    } else if (top->message) {
        put_fitting(HEAD_ROWS - 1, top->message, width, TOP_LOOK_PLAIN);
    }
    return -1;
}

static enum top_look
look_of(const struct top_line *line)
{
    return line->trouble ? TOP_LOOK_TROUBLE : TOP_LOOK_PLAIN;
}

/* Draws the table and below it what is wrong, in the rows from 'row' to
 * 'height'.  Sentences get a third of it, more if the table leaves that. */
static void
draw_table(struct top *top, const struct live_row *rows, size_t n, int row,
           int height)
{
    struct top_lines table, notes;
    int room = MAX(height - row, 1);
    int n_notes, n_rows;

    top_table_compute(rows, n, &top->options, &table);
    top_table_notes(rows, n, &top->options, &notes);
    n_notes = MIN((int) notes.n,
                  MAX(room / 3, room - (int) table.n - 1));
    n_rows = MAX(room - n_notes - (n_notes > 0) - 1, 0);

    top->n_lines = table.n - 1;
    top->n_shown = MIN(n_rows, (int) top->n_lines);
    top->first = MIN(top->first, top->n_lines - top->n_shown);
    top_screen_put(row, table.lines[0].text, TOP_LOOK_HEADING);
    for (size_t i = 0; i < top->n_shown; i++) {
        const struct top_line *line = &table.lines[1 + top->first + i];

        top_screen_put(row + 1 + i, line->text, look_of(line));
    }
    for (int i = 0; i < n_notes; i++) {
        top_screen_put(height - n_notes + i, notes.lines[i].text,
                       look_of(&notes.lines[i]));
    }
    top_lines_destroy(&table);
    top_lines_destroy(&notes);
}

static void
draw(struct top *top)
{
    struct top_lines summary;
    struct live_row *rows;
    int width, height, cursor;
    size_t n;
    char *title;

    rows = live_view_read(top->view, &n);
    top_screen_size(&width, &height);
    top->options.width = width;
    top_screen_begin();

    title = make_title(top);
    put_fitting(0, title, width, TOP_LOOK_PLAIN);
    free(title);
    top_table_summary(rows, n, width, &summary);
    top_screen_put(1, summary.lines[0].text, look_of(&summary.lines[0]));
    top_lines_destroy(&summary);
    cursor = draw_message(top, width);

    if (top->mode == MODE_HELP) {
        for (size_t i = 0; i < ARRAY_SIZE(help); i++) {
            put_fitting(HEAD_ROWS + i, help[i], width, TOP_LOOK_PLAIN);
        }
    } else {
        draw_table(top, rows, n, HEAD_ROWS, height);
    }
    top_screen_end(cursor >= 0 ? HEAD_ROWS - 1 : -1, cursor);
    live_rows_destroy(rows, n);
}

/* ----------------------------------------------------------------- keys -- */

/* Takes what was typed. */
static void
take_input(struct top *top)
{
    const char *text = ds_cstr(&top->input);

    if (top->mode == MODE_ASK_FILTER) {
        free(top->filter);
        top->filter = xstrdup(text);
        top->options.filter = top->filter;
        top->first = 0;
    } else if (*text && !live_view_parse_delay(text, &top->delay)) {
        top->message = "That is no number of seconds from 0.1 to 3600.";
    }
    top->mode = MODE_TABLE;
}

/* Handles 'key' of the line that is being typed. */
static void
handle_input(struct top *top, int key)
{
    if (key == '\n') {
        take_input(top);
    } else if (key == TOP_KEY_ESCAPE) {
        top->mode = MODE_TABLE;
    } else if (key == TOP_KEY_BACKSPACE) {
        ds_truncate(&top->input, MAX(top->input.length, 1) - 1);
    } else if (key >= ' ' && key < 127 && top->input.length < 64) {
        ds_put_char(&top->input, key);
    }
}

static void
ask(struct top *top, enum mode mode)
{
    top->mode = mode;
    ds_clear(&top->input);
}

static void
sort_by(struct top *top, enum top_column column)
{
    top->options.sort = column;
    top->options.reverse = false;
    top->first = 0;
}

/* Scrolls by 'lines'. */
static void
scroll(struct top *top, int lines)
{
    int most = top->n_lines - top->n_shown;

    top->first = MAX(MIN((int) top->first + lines, most), 0);
}

/* Handles a key that scrolls.  Returns false if 'key' is none. */
static bool
handle_scrolling(struct top *top, int key)
{
    int page = MAX((int) top->n_shown - 1, 1);
    int all = top->n_lines;

    switch (key) {
    case TOP_KEY_UP: scroll(top, -1); return true;
    case TOP_KEY_DOWN: scroll(top, 1); return true;
    case TOP_KEY_PAGE_UP: scroll(top, -page); return true;
    case TOP_KEY_PAGE_DOWN: scroll(top, page); return true;
    case TOP_KEY_HOME: scroll(top, -all); return true;
    case TOP_KEY_END: scroll(top, all); return true;
    default: return false;
    }
}

static void
handle_command(struct top *top, int key)
{
    enum top_column column;

    if (key == 'q') {
        top->quit = true;
    } else if (key == 'h' || key == '?') {
        top->mode = MODE_HELP;
    } else if (key == 'd' || key == 's') {
        ask(top, MODE_ASK_DELAY);
    } else if (key == '/') {
        ask(top, MODE_ASK_FILTER);
    } else if (key == 'r' || key == 'R') {
        top->options.reverse = !top->options.reverse;
    } else if (key == 'a') {
        top->options.all_hosts = !top->options.all_hosts;
    } else if (key == '<' || key == TOP_KEY_LEFT) {
        sort_by(top, (top->options.sort + N_TOP_COLUMNS - 1) % N_TOP_COLUMNS);
    } else if (key == '>' || key == TOP_KEY_RIGHT) {
        sort_by(top, (top->options.sort + 1) % N_TOP_COLUMNS);
    } else if (top_column_for_key(key, &column)) {
        sort_by(top, column);
    } else if (!handle_scrolling(top, key) && key > ' ' && key < 127) {
        top->message = "Unknown key; h for help.";
    }
}

/* Handles all keys that have come.  Returns true if there were any. */
static bool
handle_keys(struct top *top)
{
    bool any = false;
    int key;

    while (!top->quit && (key = top_screen_key()) != TOP_KEY_NONE) {
        any = true;
        if (key == TOP_KEY_RESIZE) {
            continue;
        }
        top->message = NULL;
        if (top->mode == MODE_HELP) {
            top->mode = MODE_TABLE;
            top->quit = key == 'q';
        } else if (top->mode != MODE_TABLE) {
            handle_input(top, key);
        } else {
            handle_command(top, key);
        }
    }
    top->quit |= top_screen_is_quit();
    return any;
}

static int
run_live(const struct settings *settings, long long int delay)
{
    struct top top = {
        .settings = settings,
        .view = live_view_create(settings),
        .options = { .sort = TOP_SESSION, .filter = "" },
        .filter = xstrdup(""),
        .delay = delay,
        .input = DS_EMPTY_INITIALIZER,
    };
    long long int next = 0;

    live_view_connect(top.view);
    char *error = top_screen_open();
    if (error) {
        ctl_fatal("%s", error);
    }
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_OFF);
    while (!top.quit) {
        live_view_run(top.view);
        if (handle_keys(&top) || time_msec() >= next) {
            draw(&top);
            next = time_msec() + top.delay;
        }
        live_view_wait(top.view);
        top_screen_wait();
        poll_timer_wait_until(next);
        if (!top.quit) {
            poll_block();
        }
    }
    top_screen_close();
    ds_destroy(&top.input);
    free(top.filter);
    live_view_destroy(top.view);
    return EXIT_DONE;
}

/* Runs "top", as 'command' has it.  Returns the exit code. */
int
top_run(const struct settings *settings, const struct ctl_command *command)
{
    bool once = shash_find(&command->options, "--once") != NULL;
    long long int msec = live_view_delay(command, (once ? DEFAULT_ONCE
                                                   : DEFAULT_DELAY));

    setlocale(LC_CTYPE, "");
    if (settings->style_given && !once) {
        ctl_fatal("--format is for \"top --once\"");
    }
    return once ? run_once(settings, msec) : run_live(settings, msec);
}
