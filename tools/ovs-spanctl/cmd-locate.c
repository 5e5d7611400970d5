/* SPDX-License-Identifier: Apache-2.0 */

/* locate: where is what a selector names, which way do its frames leave the
 * host, and how to capture them?  Each host knows that of its own ports, so
 * all are asked; what several answers say together is concluded here.
 * advise: the last of it alone, how to capture them. */

#include <config.h>

#include "spanctl.h"

#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "inquiry.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "plugin/core/locate.h"
#include "plugin/core/selector.h"
#include "util.h"

/* Near names that are told. */
#define MAX_NEAR 5

/* Returns how many ports all hosts together have found. */
static size_t
count_locations(const struct inquiry *inquiry)
{
    size_t n = 0;

    for (size_t i = 0; i < inquiry->n_answers; i++) {
        n += inquiry->answers[i].n_locations;
    }
    return n;
}

static const char *
get(const struct smap *location, const char *column)
{
    return smap_get_def(location, column, "");
}

/* Returns the first location on 'host', or on any host if that is NULL; NULL
 * if there is none. */
static const struct smap *
first_location(const struct inquiry *inquiry, const char *host)
{
    for (size_t i = 0; i < inquiry->n_answers; i++) {
        const struct host_answer *a = &inquiry->answers[i];

        if (a->n_locations && (!host || !strcmp(a->host, host))) {
            return &a->locations[0];
        }
    }
    return NULL;
}

/* Lists the hosts on which there is something, with commas between them. */
static char *
list_hosts(const struct inquiry *inquiry)
{
    struct svec hosts = SVEC_EMPTY_INITIALIZER;
    char *text;

    for (size_t i = 0; i < inquiry->n_answers; i++) {
        if (inquiry->answers[i].n_locations) {
            svec_add(&hosts, inquiry->answers[i].host);
        }
    }
    text = svec_join(&hosts, ", ", "");
    svec_destroy(&hosts);
    return text;
}

/* Adds to 'advice' what is to be said of a machine that is on several
 * hosts. */
static void
advise_of_hosts(const struct inquiry *inquiry, struct svec *advice)
{
    char *hosts = list_hosts(inquiry);

    if (strchr(hosts, ',') && (!strncmp(inquiry->selector, "vm:", 3)
                               || !strncmp(inquiry->selector, "mac:", 4)
                               || !strncmp(inquiry->selector, "iface-id:", 9)))
    {
        svec_add_nocopy(advice, xasprintf(
            "%s is on several hosts: %s.  Either it moves just now, or one of "
            "these ports was left behind.", inquiry->selector, hosts));
    }
    free(hosts);
}

/* Adds to 'advice' whether 'capture' can get the frames of 'problem'. */
static void
advise_of_pair(const struct inquiry *problem, const struct inquiry *capture,
               struct svec *advice)
{
    char *p = locate_quote(problem->selector);
    char *c = locate_quote(capture->selector);
    const struct smap *there = NULL, *here = NULL;

    for (size_t i = 0; i < problem->n_answers && !there; i++) {
        const struct host_answer *a = &problem->answers[i];

        here = a->n_locations ? &a->locations[0] : NULL;
        there = here ? first_location(capture, a->host) : NULL;
    }
    if (there) {
        char *name = locate_name(problem->selector);

        svec_add_nocopy(advice, xasprintf(
            "Both are on %s.  To copy the frames to %s, to a port that then "
            "has nothing else: ovs-spanctl add %s source=%s dest=port:%s",
            get(here, "host"), c, name, p, get(there, "port")));
        free(name);
    } else {
        char *hosts = list_hosts(problem), *others = list_hosts(capture);

        svec_add_nocopy(advice, xasprintf(
            "%s is on %s, %s on %s: a port gets no frames of another host, "
            "neither by dest=port: nor as a promiscuous one.  Move one of "
            "them, or record on %s, dest=sink:NAME, or send the copies, "
            "dest=erspan2:ADDRESS.", c, others, p, hosts, hosts));
        free(others);
        free(hosts);
    }
    free(p);
    free(c);
}

/* Adds to 'lines' the lines of 'text' that are not there yet. */
static void
add_lines(struct svec *lines, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        char *line = xmemdup0(text, n);

        if (svec_contains_unsorted(lines, line)) {
            free(line);
        } else {
            svec_add_nocopy(lines, line);
        }
        text += n + (text[n] == '\n');
    }
}

/* Prints the locations of 'inquiry', unless only advice is asked for, and what
 * there is to be said of all. */
static void
print_text(const struct inquiry *inquiry, const struct svec *more,
           bool only_advice)
{
    struct svec advice = SVEC_EMPTY_INITIALIZER;
    struct ds s = DS_EMPTY_INITIALIZER;
    char *text;

    for (size_t i = 0; i < inquiry->n_answers; i++) {
        const struct host_answer *a = &inquiry->answers[i];

        for (size_t j = 0; j < a->n_locations; j++) {
            if (!only_advice) {
                locate_put_columns(&a->locations[j], false, &s);
            }
            add_lines(&advice, get(&a->locations[j], "advice"));
        }
        if (a->n_more) {
            ds_put_format(&s, "... and %lld ports more on %s\n", a->n_more,
                          a->host);
        }
    }
    text = svec_join(more, "\n", "");
    add_lines(&advice, text);
    free(text);
    text = svec_join(&advice, "\n", only_advice && advice.n ? "\n" : "");
    if (only_advice) {
        ds_put_cstr(&s, text);
    } else {
        locate_put_advice(text, &s);
    }
    free(text);
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
    svec_destroy(&advice);
}

/* Adds the rows of 'inquiry' to 'table'. */
static void
add_rows(struct table *table, const struct inquiry *inquiry,
         const struct svec *more, bool lines)
{
    for (size_t i = 0; i < inquiry->n_answers; i++) {
        const struct host_answer *a = &inquiry->answers[i];

        for (size_t j = 0; j < a->n_locations; j++) {
            table_add_row(table);
            cells_add_text(table, inquiry->selector);
            for (size_t k = 0; k < LOCATE_N_COLUMNS - 1; k++) {
                cells_add_text(table, get(&a->locations[j],
                                          locate_columns[k]));
            }

            struct svec advice = SVEC_EMPTY_INITIALIZER;
            char *text = svec_join(more, "\n", "");

            add_lines(&advice, get(&a->locations[j], "advice"));
            add_lines(&advice, text);
            free(text);
            table_add_cell(table)->text = svec_join(&advice,
                                                    lines ? "\n" : "  ", "");
            svec_destroy(&advice);
        }
    }
}

/* Prints the 'n' 'inquiries' in the style that was asked for; 'more' is what
 * there is to be said of each, beside what its hosts say. */
static void
print(const struct settings *settings, bool only_advice,
      const struct inquiry *inquiries, const struct svec *more, size_t n)
{
    const struct table_style *style = &settings->style;
    struct table table;

    if (!settings->style_given) {
        for (size_t i = 0; i < n; i++) {
            print_text(&inquiries[i], &more[i], only_advice);
        }
        return;
    }
    table_init(&table);
    table_add_column(&table, "selector");
    for (size_t i = 0; i < LOCATE_N_COLUMNS; i++) {
        table_add_column(&table, "%s", locate_columns[i]);
    }
    for (size_t i = 0; i < n; i++) {
        add_rows(&table, &inquiries[i], &more[i],
                 style->format == TF_JSON || style->format == TF_CSV);
    }
    table_print(&table, style);
    table_destroy(&table);
}

/* Says on stderr which hosts have not answered, and what others could not.
 * Returns true if there are any. */
static bool
complain(const struct inquiry *inquiry)
{
    bool any = false;

    for (size_t i = 0; i < inquiry->n_answers; i++) {
        const struct host_answer *a = &inquiry->answers[i];

        if (!a->came) {
            ovs_error(0, "%s has not answered; is ovs-spand running there?",
                      a->host);
        } else if (a->error) {
            ovs_error(0, "%s: %s", a->host, a->error);
        }
        any |= !a->came || a->error;
    }
    return any;
}

/* Says on stderr that 'inquiry' has found nothing, and what is near. */
static void
complain_of_absence(const struct inquiry *inquiry,
                    const struct selector *selector)
{
    struct svec near = SVEC_EMPTY_INITIALIZER;
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < inquiry->n_answers; i++) {
        const struct host_answer *a = &inquiry->answers[i];

        for (size_t j = 0; j < a->near.n && near.n < MAX_NEAR; j++) {
            if (!svec_contains_unsorted(&near, a->near.names[j])) {
                svec_add(&near, a->near.names[j]);
            }
        }
    }
    locate_put_absence(selector, &near, &s);
    ovs_error(0, "%s", ds_cstr(&s));
    ds_destroy(&s);
    svec_destroy(&near);
}

/* Reads the line of 'command', 'argc' words in 'argv', into 'selectors'.
 * Returns how many there are, 0 with an error reported if it is wrong. */
static size_t
parse(const char *command, int argc, char *argv[],
      struct selector selectors[2])
{
    struct fault fault = FAULT_INITIALIZER;

    if (argc == 2 || (argc == 3 && strcmp(argv[1], "with"))) {
        ovs_error(0, "%s: write \"%s SELECTOR\", or \"%s SELECTOR with "
                  "SELECTOR\": what is to be captured, and what it is to be "
                  "captured with", command, command, command);
        return 0;
    }
    for (int i = 0; i < argc; i += 2) {
        if (!selector_parse(&selectors[i / 2], argv[i], &fault)) {
            ovs_error(0, "%s: %s (%s)", command, fault.detail, fault.reason);
            fault_clear(&fault);
            if (i) {
                selector_destroy(&selectors[0]);
            }
            return 0;
        }
    }
    return argc == 3 ? 2 : 1;
}

/* Prints what hosts have answered to the 'n' 'inquiries'.  Returns the exit
 * code. */
static int
report(const struct settings *settings, bool only_advice,
       const struct selector *selectors, const struct inquiry *inquiries,
       size_t n)
{
    struct svec more[2] = { SVEC_EMPTY_INITIALIZER, SVEC_EMPTY_INITIALIZER };
    bool silent = complain(&inquiries[0]);
    int status = EXIT_DONE;

    for (size_t i = 0; i < n; i++) {
        if (!count_locations(&inquiries[i])) {
            complain_of_absence(&inquiries[i], &selectors[i]);
            status = silent ? EXIT_TIMED_OUT : EXIT_REFUSED;
        }
        advise_of_hosts(&inquiries[i], &more[i]);
    }
    if (n == 2 && status == EXIT_DONE) {
        advise_of_pair(&inquiries[0], &inquiries[1], &more[1]);
    }
    print(settings, only_advice, inquiries, more, n);
    for (size_t i = 0; i < n; i++) {
        svec_destroy(&more[i]);
    }
    return status;
}

/* 'command', which is "locate" or "advise", SELECTOR [with SELECTOR], the
 * 'argc' words in 'argv'.  Returns the exit code. */
int
locate_run(const struct settings *settings, const char *command, int argc,
           char *argv[])
{
    struct selector selectors[2];
    struct inquiry inquiries[2];
    size_t n = parse(command, argc, argv, selectors);
    bool only_advice = !strcmp(command, "advise");
    int status = EXIT_REFUSED;

    for (size_t i = 0; i < n; i++) {
        inquiries[i] = (struct inquiry) { .selector = argv[2 * i] };
    }
    if (n && inquiries_ask(settings, inquiries, n)) {
        status = report(settings, only_advice, selectors, inquiries, n);
    }
    for (size_t i = 0; i < n; i++) {
        inquiry_destroy(&inquiries[i]);
        selector_destroy(&selectors[i]);
    }
    return status;
}
