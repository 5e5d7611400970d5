/* SPDX-License-Identifier: Apache-2.0 */

/* The picture of "graph" as text.  Pure.
 *
 * Each source has a row, and each destination.  Between them are three
 * columns of joints: of the ports of a bridge, of the mirrors, and of the
 * destinations.  A joint is drawn by the sides to which a line leaves it. */

#include <config.h>

#include "graph-model.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "live-row.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* Sides of a joint. */
enum {
    UP = 1 << 0,
    DOWN = 1 << 1,
    LEFT = 1 << 2,
    RIGHT = 1 << 3,
};

/* The most columns of names that are longer. */
#define MAX_VM 16
#define MAX_PORT 20
#define MAX_BRIDGE 15
#define MAX_MIRROR 20

/* One leg in the picture. */
struct placed_leg {
    int first, last;            /* Rows of its sources. */
    int middle;                 /* Row of its bridge. */
};

/* A session in the picture. */
struct layout {
    const struct graph_session *s;
    const struct graph_text_options *o;
    struct placed_leg *legs;
    int center;                 /* Row of the private bridge. */
    int first_end;              /* Row of the first destination. */
    int n_rows;
    int vm, port, bridge, mirror;        /* Widths; 'vm' 0 = not there. */
};

static const char *
joint(const struct layout *l, int sides)
{
    static const char *const boxes[] = {
        [UP | DOWN] = "│", [LEFT | RIGHT] = "─", [LEFT] = "─", [RIGHT] = "─",
        [UP | LEFT] = "┘", [UP | RIGHT] = "└", [DOWN | LEFT] = "┐",
        [DOWN | RIGHT] = "┌", [UP | DOWN | LEFT] = "┤",
        [UP | DOWN | RIGHT] = "├", [UP | LEFT | RIGHT] = "┴",
        [DOWN | LEFT | RIGHT] = "┬", [UP | DOWN | LEFT | RIGHT] = "┼",
    };

    if (!sides) {
        return " ";
    } else if (l->o->utf8) {
        return boxes[sides];
    }
    return (!(sides & (LEFT | RIGHT)) ? "|"
            : !(sides & (UP | DOWN)) ? "-" : "+");
}

static void
put_times(struct ds *line, const char *what, int n)
{
    for (int i = 0; i < n; i++) {
        ds_put_cstr(line, what);
    }
}

/* Appends 'text' in 'width' columns and a blank, with 'fill' in those that it
 * does not need. */
static void
put_padded(struct ds *line, const char *text, int width, const char *fill)
{
    char *cell = live_text_fit(text, width);
    int pad = width - live_text_width(cell);

    ds_put_format(line, "%s ", cell);
    put_times(line, fill, pad);
    free(cell);
}

/* --------------------------------------------------------------- layout -- */

/* How many rows 'leg' takes. */
static int
leg_rows(const struct graph_leg *leg)
{
    return leg->n_sources + (leg->n_more > 0);
}

static void
find_widths(struct layout *l)
{
    l->port = 4;
    l->bridge = l->mirror = 6;
    for (size_t i = 0; i < l->s->n_legs; i++) {
        const struct graph_leg *leg = &l->s->legs[i];

        for (size_t j = 0; j < leg->n_sources; j++) {
            const struct graph_source *source = &leg->sources[j];

            if (source->vm[0]) {
                l->vm = MAX(MAX(l->vm, 2), live_text_width(source->vm));
            }
            l->port = MAX(l->port, live_text_width(source->name));
        }
        if (leg->n_more) {
            l->port = MAX(l->port, 12);
        }
        l->bridge = MAX(l->bridge, live_text_width(leg->bridge));
    }
    l->mirror = MAX(l->mirror, live_text_width(l->s->name) + 5);
    l->vm = MIN(l->vm, MAX_VM);
    l->port = MIN(l->port, MAX_PORT);
    l->bridge = MIN(l->bridge, MAX_BRIDGE);
    l->mirror = MIN(l->mirror, MAX_MIRROR);
}

/* Finds the rows of everything: the sources below each other, the private
 * bridge in the middle of the mirrors, the destinations around it. */
static void
place(struct layout *l)
{
    int n_ends = l->s->n_ends;
    int row = 0, shift;

    l->legs = xcalloc(l->s->n_legs + 1, sizeof *l->legs);
    for (size_t i = 0; i < l->s->n_legs; i++) {
        struct placed_leg *p = &l->legs[i];

        p->first = row;
        row += leg_rows(&l->s->legs[i]);
        p->last = row - 1;
        p->middle = (p->first + p->last) / 2;
    }
    if (l->s->n_legs) {
        l->center = (l->legs[0].middle
                     + l->legs[l->s->n_legs - 1].middle) / 2;
    }
    l->first_end = l->center - (n_ends - 1) / 2;
    shift = MAX(0, -l->first_end);
    for (size_t i = 0; i < l->s->n_legs; i++) {
        l->legs[i].first += shift;
        l->legs[i].last += shift;
        l->legs[i].middle += shift;
    }
    l->center += shift;
    l->first_end += shift;
    l->n_rows = MAX(row + shift, l->first_end + n_ends);
}

/* -------------------------------------------------------------- drawing -- */

/* Returns the leg that has a source in 'row', or -1. */
static int
leg_in_row(const struct layout *l, int row)
{
    for (size_t i = 0; i < l->s->n_legs; i++) {
        if (row >= l->legs[i].first && row <= l->legs[i].last) {
            return i;
        }
    }
    return -1;
}

/* Returns what of a line leads from a port to its mirror: frames that it sends
 * into the switch go right, those that it receives go left. */
static const char *
arrow(const struct layout *l, enum direction direction)
{
    return (l->o->utf8
            ? (direction == DIRECTION_FROM ? "──>"
               : direction == DIRECTION_TO ? "<──" : "<─>")
            : (direction == DIRECTION_FROM ? "-->"
               : direction == DIRECTION_TO ? "<--" : "<->"));
}

/* Draws the source in 'row', up to the first joint. */
static void
draw_source(const struct layout *l, int row, struct ds *line)
{
    const char *dash = joint(l, LEFT | RIGHT);
    int i = leg_in_row(l, row);
    int width = (l->vm ? l->vm + 4 : 0) + l->port + 6;

    if (i < 0) {
        put_times(line, " ", width);
        return;
    }

    const struct graph_leg *leg = &l->s->legs[i];
    const struct placed_leg *p = &l->legs[i];
    size_t number = row - p->first;
    const struct graph_source *source = (number < leg->n_sources
                                         ? &leg->sources[number] : NULL);
    if (l->vm) {
        const char *vm = source ? source->vm : "";

        put_padded(line, vm, l->vm, *vm ? dash : " ");
        put_times(line, *vm ? dash : " ", 2);
        ds_put_char(line, ' ');
    }
    if (source) {
        put_padded(line, source->name, l->port, dash);
        ds_put_cstr(line, arrow(l, source->direction));
    } else {
        char *text = xasprintf("%"PRIuSIZE" more", leg->n_more);

        put_padded(line, text, l->port, dash);
        put_times(line, dash, 3);
        free(text);
    }
    ds_put_cstr(line, dash);
    ds_put_cstr(line, joint(l, LEFT | (row > p->first ? UP : 0)
                            | (row < p->last ? DOWN : 0)
                            | (row == p->middle ? RIGHT : 0)));
}

/* Draws the bridge and the mirror in 'row', if there are any, up to the second
 * joint. */
static void
draw_mirror(const struct layout *l, int row, struct ds *line)
{
    const char *dash = joint(l, LEFT | RIGHT);
    const struct placed_leg *first = &l->legs[0];
    const struct placed_leg *last = &l->legs[l->s->n_legs - 1];
    int i = leg_in_row(l, row);
    bool here = i >= 0 && row == l->legs[i].middle;

    if (here) {
        const struct graph_leg *leg = &l->s->legs[i];
        char *mirror = xasprintf("span-%s", l->s->name);

        ds_put_format(line, "%s ", dash);
        put_padded(line, leg->bridge[0] ? leg->bridge : "?", l->bridge, dash);
        ds_put_format(line, "%s%s ", dash, dash);
        put_padded(line, leg->bridge[0] ? mirror : "?", l->mirror, dash);
        ds_put_cstr(line, dash);
        free(mirror);
    } else {
        put_times(line, " ", l->bridge + l->mirror + 8);
    }
    if (row < first->middle || row > last->middle) {
        ds_put_cstr(line, " ");
    } else {
        ds_put_cstr(line, joint(l, (here ? LEFT : 0)
                                | (row > first->middle ? UP : 0)
                                | (row < last->middle ? DOWN : 0)
                                | (row == l->center ? RIGHT : 0)));
    }
}

/* Draws the private bridge and the destination in 'row', if they are there.
 * Returns that destination, or NULL. */
static const struct graph_end *
draw_end(const struct layout *l, int row, struct ds *line)
{
    const char *dash = joint(l, LEFT | RIGHT);
    int n_ends = l->s->n_ends;
    int number = row - l->first_end;

    if (row == l->center) {
        ds_put_format(line, "%s %s %s", dash, GRAPH_PRIVATE, dash);
    } else {
        put_times(line, " ", strlen(GRAPH_PRIVATE) + 4);
    }
    if (number < 0 || number >= n_ends) {
        return NULL;
    }

    const struct graph_end *end = &l->s->ends[number];
    ds_put_cstr(line, joint(l, (row == l->center ? LEFT : 0) | RIGHT
                            | (number > 0 ? UP : 0)
                            | (number < n_ends - 1 ? DOWN : 0)));
    ds_put_format(line, "%s %s", dash, end->name);
    return end;
}

/* Appends 'text' to 'line' as far as it fits the '*left' columns, in red if
 * that may be and 'red'. */
static void
put_part(const struct graph_text_options *o, const char *text, bool red,
         int *left, struct ds *line)
{
    char *part = live_text_fit(text, *left);

    *left -= live_text_width(part);
    if (*part) {
        ds_put_format(line, "%s%s%s", red && o->color ? "\033[31m" : "", part,
                      red && o->color ? "\033[m" : "");
    }
    free(part);
}

/* Appends a line of 'text', 'trouble' and 'rest', cut to the width. */
static void
put_line(const struct graph_text_options *o, const char *text,
         const char *trouble, const char *rest, struct ds *out)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    int left = o->width;

    put_part(o, text, false, &left, &line);
    put_part(o, trouble, true, &left, &line);
    put_part(o, rest, false, &left, &line);
    while (ds_chomp(&line, ' ')) {
        continue;
    }
    ds_put_format(out, "%s\n", ds_cstr(&line));
    ds_destroy(&line);
}

static void
draw_headings(const struct layout *l, struct ds *out)
{
    struct ds line = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&line, "  ");
    if (l->vm) {
        put_padded(&line, "VM", l->vm + 3, " ");
    }
    put_padded(&line, "PORT", l->port + 7, " ");
    put_padded(&line, "BRIDGE", l->bridge + 3, " ");
    put_padded(&line, "MIRROR", l->mirror + 2 + strlen(GRAPH_PRIVATE) + 6,
               " ");
    ds_put_cstr(&line, "DESTINATION");
    put_line(l->o, ds_cstr(&line), "", "", out);
    ds_destroy(&line);
}

/* Appends 'text' in lines that fit, cut between words and indented, as
 * trouble if that is what it is. */
static void
put_sentences(const struct graph_text_options *o, const char *text,
              bool trouble, struct ds *out)
{
    while (*text) {
        size_t fits = 0, length = 0;

        while (text[length]) {
            size_t end = length + strcspn(text + length, " ");
            char *part = xmemdup0(text, end);
            bool ok = live_text_width(part) <= o->width - 4;

            free(part);
            if (!ok && fits) {
                break;
            }
            fits = end;
            length = end + strspn(text + end, " ");
        }
        char *line = xasprintf("    %.*s", (int) fits, text);
        put_line(o, trouble ? "" : line, trouble ? line : "", "", out);
        free(line);
        text += fits;
        text += strspn(text, " ");
    }
}

/* Draws 'row' from the destination on, and appends all of it.  What is wrong
 * comes before what is well: that would be the first to be cut. */
static void
draw_line(const struct layout *l, int row, struct ds *line, struct ds *out)
{
    const struct graph_end *end = draw_end(l, row, line);
    const char *trouble = end ? end->trouble : "";
    const char *note = end ? end->note : "";
    char *rest = xasprintf("%s%s", *note && *trouble ? ", " : "", note);

    if (*note || *trouble) {
        ds_put_cstr(line, "  ");
    }
    put_line(l->o, ds_cstr(line), trouble, rest, out);
    free(rest);
}

static void
draw_session(const struct graph_session *s,
             const struct graph_text_options *o, struct ds *out)
{
    struct layout l = { .s = s, .o = o };
    char *title = xasprintf("%s: %s%s%s%s%s", s->name, s->state,
                            *s->host ? " on " : "", s->host,
                            *s->rate && s->runs ? ", " : "",
                            s->runs ? s->rate : "");
    char *lost = *s->lost ? xasprintf(", %s", s->lost) : xstrdup("");

    put_line(o, s->trouble ? "" : title, s->trouble ? title : lost, "", out);
    if (s->trouble && *s->lost) {
        put_sentences(o, s->lost, true, out);
    }
    put_sentences(o, s->reason, s->trouble, out);
    put_sentences(o, s->settings, false, out);
    free(title);
    free(lost);
    if (!s->n_legs) {
        return;
    }

    find_widths(&l);
    place(&l);
    draw_headings(&l, out);
    for (int row = 0; row < l.n_rows; row++) {
        struct ds line = DS_EMPTY_INITIALIZER;

        ds_put_cstr(&line, "  ");
        draw_source(&l, row, &line);
        draw_mirror(&l, row, &line);
        draw_line(&l, row, &line, out);
        ds_destroy(&line);
    }
    free(l.legs);
}

/* Appends the picture of 'g' to 'out': sessions with a blank line between
 * them. */
void
graph_to_text(const struct graph *g, const struct graph_text_options *o,
              struct ds *out)
{
    for (size_t i = 0; i < g->n; i++) {
        if (i) {
            ds_put_char(out, '\n');
        }
        draw_session(&g->sessions[i], o, out);
    }
}
