/* SPDX-License-Identifier: Apache-2.0 */

/* verify: are capture files whole, in order, and what their manifests say?
 * Needs neither a daemon nor a database. */

#include <config.h>

#include "cells.h"
#include "spanctl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture-dir.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "plugin/record/capture-check.h"
#include "plugin/record/time-text.h"
#include "util.h"

/* Gaps that are told one by one, except in JSON. */
#define SHOWN_GAPS 10

/* A file that was looked at. */
struct verified {
    const char *path;
    bool open;                  /* Still being written, by its name. */
    bool has_manifest;
    struct manifest manifest;
    struct capture_check check;
    const char *result;         /* A word. */
    char *advice;               /* What to do, NULL if nothing. */
};

static bool
ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n >= m && !strcmp(s + n - m, end);
}

/* What became of the checksum, in a word. */
static const char *
sum_result(const struct verified *v)
{
    return (!v->check.has_sums ? "none"
            : capture_check_sums_right(&v->check, &v->manifest.claims)
            ? "right" : "wrong");
}

/* Returns what to do about a file that can be read in part, for the caller to
 * free. */
static char *
advise_part(const struct verified *v, const char *why)
{
    const struct capture_facts *f = &v->check.facts;

    if (!f->bytes) {
        return xstrdup(why);
    }
    return (f->zstd
            ? xasprintf("\"zstd -dc %s | head -c %"PRIu64"\" is what can be "
                        "used of it; %s", v->path, f->bytes, why)
            : xasprintf("\"head -c %"PRIu64" %s\" is what can be used of it; "
                        "%s", f->bytes, v->path, why));
}

/* Says in a word what 'v' is that cannot be read to its end, and what to do
 * about it.  Returns NULL if it can. */
static const char *
judge_end(struct verified *v)
{
    switch (v->check.facts.end) {
    case CAPTURE_ERROR:
        v->advice = xstrdup("look at the disk, and at the permissions of the "
                            "file");
        return "unreadable";
    case CAPTURE_FOREIGN:
        v->advice = xstrdup("only pcapng and pcap, as they are or in zstd "
                            "frames, can be verified");
        return "foreign";
    case CAPTURE_DAMAGED:
        v->advice = advise_part(v, "look at the disk, and for another copy");
        return "damaged";
    case CAPTURE_CUT:
        if (v->open) {
            return NULL;
        }
        v->advice = advise_part(v, "was a copy interrupted, or is a disk "
                                "full?");
        return "cut";
    case CAPTURE_OPEN:
    case CAPTURE_WHOLE:
    default:
        return NULL;
    }
}

/* Says in a word what 'v' is, and what to do about it. */
static void
judge(struct verified *v)
{
    const struct capture_check *c = &v->check;

    v->result = judge_end(v);
    if (v->result) {
        return;
    }
    v->result = c->n_problems ? "wrong" : v->open ? "open" : "whole";
    if (c->n_problems && !strcmp(sum_result(v), "right")) {
        v->advice = xstrdup("the file is as it was closed: tell whoever "
                            "maintains the program that wrote it");
    } else if (c->n_problems) {
        v->advice = xstrdup("do not rely on it; look at the disk, for another "
                            "copy, and for who has changed the file or its "
                            "manifest");
    }
}

/* Reads the file 'path' and stores what there is to be said in '*v'. */
static void
verify(struct verified *v, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    *v = (struct verified) { .path = path };
    if (fd < 0) {
        v->check.facts.format = "";
        v->check.facts.end = CAPTURE_ERROR;
        v->check.problems[v->check.n_problems++]
            = xasprintf("it cannot be opened: %s", ovs_strerror(errno));
    } else {
        v->open = ends_with(path, FILE_NAME_PART);
        v->has_manifest = !v->open && manifest_read(&v->manifest, path);
        capture_check_run(&v->check, fd, v->open,
                          v->has_manifest ? &v->manifest.claims : NULL);
    }
    judge(v);
}

static void
destroy(struct verified *v)
{
    if (v->has_manifest) {
        manifest_destroy(&v->manifest);
    }
    capture_check_destroy(&v->check);
    free(v->advice);
}

/* Appends what is to be known beside the line of 'v', with 'indent' before
 * each sentence and 'end' behind it. */
static void
put_details(struct ds *out, const struct verified *v, const char *indent,
            const char *end)
{
    const struct capture_check *c = &v->check;
    size_t shown = MIN(MIN(c->n_gaps, SHOWN_GAPS), CAPTURE_CHECK_GAPS);
    char time[TIME_TEXT_SIZE];

    for (size_t i = 0; i < c->n_problems; i++) {
        ds_put_format(out, "%s%s%s", indent, c->problems[i], end);
    }
    for (size_t i = 0; i < shown; i++) {
        ds_put_format(out, "%s%"PRIu64" lost before packet %"PRIu64" at %s%s",
                      indent, c->gaps[i].lost, c->gaps[i].packet,
                      time_text_format(c->gaps[i].time, time), end);
    }
    if (c->n_gaps > shown) {
        ds_put_format(out, "%sand %"PRIu64" more gaps%s", indent,
                      c->n_gaps - shown, end);
    }
    if (c->steps_back) {
        ds_put_format(out, "%s%"PRIu64" packets are earlier than the one "
                      "before them, by %"PRIu64" ns at most (packet %"PRIu64
                      ")%s", indent, c->steps_back, c->largest_step,
                      c->largest_step_packet, end);
    }
    if (v->advice) {
        ds_put_format(out, "%swhat to do: %s%s", indent, v->advice, end);
    }
}

/* Prints the line of 'v', and what is behind it. */
static void
print_line(const struct verified *v)
{
    const struct capture_check *c = &v->check;
    char first[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE];
    struct ds out = DS_EMPTY_INITIALIZER;

    ds_put_format(&out, "%s: %s", v->path, v->result);
    if (c->facts.format[0]) {
        ds_put_format(&out, ", %s%s, %"PRIu64" packets, %"PRIu64" lost, "
                      "%"PRIu64" gaps, %"PRIu64" bytes", c->facts.format,
                      c->facts.zstd ? " in zstd" : "", c->packets, c->lost,
                      c->n_gaps, c->size);
        if (c->last) {
            ds_put_format(&out, ", %s to %s",
                          time_text_format(c->first, first),
                          time_text_format(c->last, last));
        }
        if (!v->open && !v->has_manifest) {
            ds_put_cstr(&out, ", no manifest");
        }
        if (c->has_sums) {
            ds_put_format(&out, ", SHA-256 %s", sum_result(v));
        }
    }
    ds_put_char(&out, '\n');
    put_details(&out, v, "    ", "\n");
    fputs(ds_cstr(&out), stdout);
    fflush(stdout);
    ds_destroy(&out);
}

static void
add_time(struct table *table, uint64_t ns)
{
    char text[TIME_TEXT_SIZE];

    cells_add_text(table, ns ? time_text_format(ns, text) : "");
}

/* Adds the gaps of 'c' as [packet, time, lost]. */
static void
add_gaps(struct table *table, const struct capture_check *c)
{
    size_t n = MIN(c->n_gaps, CAPTURE_CHECK_GAPS);
    struct json *json = json_array_create_empty();

    for (size_t i = 0; i < n; i++) {
        json_array_add(json, json_array_create_3(
            json_integer_create(c->gaps[i].packet),
            json_integer_create(c->gaps[i].time),
            json_integer_create(c->gaps[i].lost)));
    }
    table_add_cell(table)->json = json;
}

static void
add_row(struct table *table, const struct verified *v)
{
    const struct capture_check *c = &v->check;
    struct ds details = DS_EMPTY_INITIALIZER;

    put_details(&details, v, "", "; ");
    ds_chomp(&details, ' ');
    ds_chomp(&details, ';');
    table_add_row(table);
    cells_add_text(table, v->path);
    cells_add_text(table, v->result);
    cells_add_text(table, c->facts.format);
    cells_add_text(table, c->facts.zstd ? "zstd" : "");
    cells_add_number(table, c->packets);
    cells_add_number(table, c->lost);
    cells_add_number(table, c->n_gaps);
    add_time(table, c->first);
    add_time(table, c->last);
    cells_add_number(table, c->size);
    cells_add_number(table, c->facts.bytes);
    cells_add_number(table, c->steps_back);
    cells_add_number(table, c->largest_step);
    cells_add_text(table, sum_result(v));
    cells_add_text(table, ds_cstr(&details));
    add_gaps(table, c);
    ds_destroy(&details);
}

/* Verifies the 'n' files called 'paths'.  Returns the exit code: EXIT_DONE if
 * all are whole, EXIT_REFUSED if not, EXIT_MISUSED if there is none. */
int
verify_run(const struct settings *settings, int n, char *paths[])
{
    static const char *const headings[] = {
        "file", "result", "format", "compression", "packets", "lost", "gaps",
        "first", "last", "bytes", "readable", "steps_back", "largest_step",
        "sha256", "details", "where_lost",
    };
    struct table table;
    int status = EXIT_DONE;
    bool lines = (!settings->style_given
                  || settings->style.format == TF_TABLE);

    if (!n) {
        ovs_error(0, "verify: which files? usage: verify FILE...");
        return EXIT_MISUSED;
    }
    cells_begin(&table, headings, ARRAY_SIZE(headings));
    for (int i = 0; i < n; i++) {
        struct verified v;

        verify(&v, paths[i]);
        if (lines) {
            print_line(&v);
        } else {
            add_row(&table, &v);
        }
        if (v.check.n_problems) {
            status = EXIT_REFUSED;
        }
        destroy(&v);
    }
    if (!lines) {
        table_print(&table, &settings->style);
    }
    table_destroy(&table);
    return status;
}
