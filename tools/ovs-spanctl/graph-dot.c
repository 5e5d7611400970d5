/* SPDX-License-Identifier: Apache-2.0 */

/* The picture of "graph" in the language of Graphviz
 * (https://graphviz.org/doc/info/lang.html).  Pure.
 *
 * Hosts and bridges are boxes around what they have.  Nodes are known by
 * numbers: names, which may come from anybody, are in labels only. */

#include <config.h>

#include "graph-model.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "live-row.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "svec.h"
#include "util.h"

/* Columns of a label. */
#define MAX_LABEL 32

#define RED "\"#c00000\""

struct node {
    char *box;                  /* Of a bridge; "" = only of the host. */
    char *text;                 /* The statement. */
};

/* The nodes of one host. */
struct page {
    struct shash numbers;       /* Key of a node to its number + 1. */
    struct node *nodes;
    size_t n;
    struct ds edges;
    int *next;                  /* Number of the next node, of all hosts. */
};

/* Appends 's', as far as it fits a label, as part of a quoted string.  '&'
 * would begin an entity of HTML. */
static void
put_escaped(struct ds *ds, const char *s)
{
    char *label = live_text_fit(s, MAX_LABEL);

    for (const char *p = label; *p; p++) {
        if (*p == '"' || *p == '\\') {
            ds_put_char(ds, '\\');
        }
        if (*p == '&') {
            ds_put_cstr(ds, "&amp;");
        } else {
            ds_put_char(ds, *p);
        }
    }
    free(label);
}

/* Appends the lines of a label: 's', if there is anything in it. */
static void
put_label_line(struct ds *ds, const char *s)
{
    if (*s) {
        ds_put_cstr(ds, "\\n");
        put_escaped(ds, s);
    }
}

/* Returns the number of the node 'key' of 'page', which is made if it is new
 * with 'label' (in which names are escaped) and 'style' in the box of bridge
 * 'box'.  Takes 'key' and 'label'. */
static int
add_node(struct page *page, const char *box, char *key, char *label,
         const char *style)
{
    intptr_t number = (intptr_t) shash_find_data(&page->numbers, key);

    if (!number) {
        number = ++*page->next;
        shash_add(&page->numbers, key, (void *) number);
        page->nodes = xrealloc(page->nodes,
                               (page->n + 1) * sizeof *page->nodes);
        page->nodes[page->n++] = (struct node) {
            .box = xstrdup(box),
            .text = xasprintf("n%d [label=\"%s\"%s];", (int) number, label,
                              style),
        };
    }
    free(key);
    free(label);
    return number;
}

static void
add_edge(struct page *page, int from, int to, const char *attributes)
{
    ds_put_format(&page->edges, "    n%d -> n%d [%s];\n", from, to,
                  attributes);
}

/* Returns 's' as a label with 'prefix' above it, for add_node() to take. */
static char *
make_label(const char *prefix, const char *s)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_format(&ds, "%s\\n", prefix);
    put_escaped(&ds, s);
    return ds_steal_cstr(&ds);
}

/* Adds what leads from 'leg' to its mirror, and returns that. */
static int
add_leg(struct page *page, const struct graph_session *s,
        const struct graph_leg *leg)
{
    bool here = leg->bridge[0] != '\0';
    const char *style = here ? "" : ", style=\"rounded,dashed\"";
    char *name = xasprintf("span-%s", s->name);
    int mirror = add_node(page, leg->bridge,
                          xasprintf("mirror\n%s\n%s", leg->bridge, s->name),
                          make_label("mirror", here ? name : "none"),
                          here ? ", style=filled, fillcolor=\"#e8f0ff\""
                          : style);

    free(name);
    for (size_t i = 0; i < leg->n_sources; i++) {
        const struct graph_source *source = &leg->sources[i];
        struct ds label = DS_EMPTY_INITIALIZER;
        char *edge;
        int port;

        put_escaped(&label, source->name);
        port = add_node(page, leg->bridge,
                        xasprintf("port\n%s\n%s", leg->bridge, source->name),
                        ds_steal_cstr(&label), style);
        if (source->vm[0]) {
            int vm = add_node(page, "", xasprintf("vm\n%s", source->vm),
                              make_label("VM", source->vm), "");
            char *cable = xasprintf("cable\n%d\n%d", vm, port);

            if (!shash_find(&page->numbers, cable)) {
                shash_add(&page->numbers, cable, (void *) 1);
                add_edge(page, vm, port, "dir=none");
            }
            free(cable);
        }
        edge = xasprintf("label=\"%s\"%s",
                         (source->direction == DIRECTION_BOTH ? ""
                          : direction_to_string(source->direction)),
                         here ? "" : ", style=dashed");
        add_edge(page, port, mirror, edge);
        free(edge);
    }
    if (leg->n_more) {
        int more = add_node(page, leg->bridge,
                            xasprintf("more\n%s\n%s", leg->bridge, s->name),
                            xasprintf("%"PRIuSIZE" more ports", leg->n_more),
                            ", style=\"rounded,dashed\"");

        add_edge(page, more, mirror, "");
    }
    return mirror;
}

/* Adds what the private bridge does for 's', and returns that. */
static int
add_rules(struct page *page, const struct graph_session *s)
{
    struct ds label = DS_EMPTY_INITIALIZER;

    put_escaped(&label, s->name);
    put_label_line(&label, s->runs && !s->trouble ? "" : s->state);
    if (*s->reason) {
        char *code = xmemdup0(s->reason, strcspn(s->reason, ":"));

        put_label_line(&label, code);
        free(code);
    }
    put_label_line(&label, s->runs ? s->rate : "");
    put_label_line(&label, s->lost);
    put_label_line(&label, s->settings);
    return add_node(page, GRAPH_PRIVATE, xasprintf("rules\n%s", s->name),
                    ds_steal_cstr(&label),
                    (s->trouble ? ", color="RED", fontcolor="RED
                     : s->runs ? "" : ", style=\"rounded,dashed\""));
}

static void
add_end(struct page *page, const struct graph_session *s, int rules,
        const struct graph_end *end)
{
    struct ds label = DS_EMPTY_INITIALIZER;
    struct ds edge = DS_EMPTY_INITIALIZER;
    int node;

    put_escaped(&label, end->name);
    node = add_node(page, "", xasprintf("end\n%s", end->name),
                    ds_steal_cstr(&label),
                    ", style=filled, fillcolor=\"#f2f2f2\"");
    ds_put_cstr(&edge, "label=\"");
    put_escaped(&edge, end->note);
    if (*end->trouble) {
        ds_put_cstr(&edge, *end->note ? "\\n" : "");
        put_escaped(&edge, end->trouble);
    }
    ds_put_format(&edge, "\"%s%s", s->runs ? "" : ", style=dashed",
                  *end->trouble ? ", color="RED", fontcolor="RED : "");
    add_edge(page, rules, node, ds_cstr(&edge));
    ds_destroy(&edge);
}

static void
add_session(struct page *page, const struct graph_session *s)
{
    int rules = add_rules(page, s);

    for (size_t i = 0; i < s->n_legs; i++) {
        int mirror = add_leg(page, s, &s->legs[i]);

        add_edge(page, mirror, rules, s->runs ? "" : "style=dashed");
    }
    for (size_t i = 0; i < s->n_ends; i++) {
        add_end(page, s, rules, &s->ends[i]);
    }
}

/* Prints the nodes in the box 'box', inside a box if it is one. */
static void
put_box(const struct page *page, const char *host, const char *box,
        int number, struct ds *out)
{
    bool private = !strcmp(box, GRAPH_PRIVATE);

    if (*box) {
        ds_put_format(out, "    subgraph cluster_%s_%d {\n"
                      "    label=\"%s ", host, number,
                      private ? "private bridge" : "bridge");
        put_escaped(out, box);
        ds_put_format(out, "\"; style=%s; color=\"#808080\";\n",
                      private ? "dashed" : "solid");
    }
    for (size_t i = 0; i < page->n; i++) {
        if (!strcmp(page->nodes[i].box, box)) {
            ds_put_format(out, "    %s\n", page->nodes[i].text);
        }
    }
    ds_put_cstr(out, *box ? "    }\n" : "");
}

/* Prints the host 'host', the 'number'th, of which 'page' is. */
static void
put_page(const struct page *page, const char *host, int number,
         struct ds *out)
{
    struct svec boxes = SVEC_EMPTY_INITIALIZER;
    char *id = xasprintf("h%d", number);

    for (size_t i = 0; i < page->n; i++) {
        svec_add(&boxes, page->nodes[i].box);
    }
    svec_sort_unique(&boxes);
    ds_put_format(out, "  subgraph cluster_%s {\n    label=\"%s", id,
                  *host ? "host " : "no host");
    put_escaped(out, host);
    ds_put_cstr(out, "\"; style=rounded; color=\"#404040\";\n");
    for (size_t i = 0; i < boxes.n; i++) {
        put_box(page, id, boxes.names[i], i, out);
    }
    ds_put_format(out, "%s  }\n", ds_cstr_ro(&page->edges));
    svec_destroy(&boxes);
    free(id);
}

static void
destroy_page(struct page *page)
{
    for (size_t i = 0; i < page->n; i++) {
        free(page->nodes[i].box);
        free(page->nodes[i].text);
    }
    free(page->nodes);
    shash_destroy(&page->numbers);
    ds_destroy(&page->edges);
}

/* Appends the picture of 'g', which is sorted, to 'out'. */
void
graph_to_dot(const struct graph *g, struct ds *out)
{
    int next = 0, number = 0;

    ds_put_cstr(out, "digraph \"ovs-span\" {\n"
                "  graph [rankdir=LR, nodesep=0.12, ranksep=0.6, "
                "fontname=\"sans-serif\", fontsize=11, charset=\"UTF-8\"];\n"
                "  node [shape=box, style=rounded, height=0.3, "
                "fontname=\"sans-serif\", fontsize=10];\n"
                "  edge [fontname=\"sans-serif\", fontsize=9, "
                "arrowsize=0.7];\n");
    /* Graphviz puts the first of them at the bottom. */
    for (size_t end = g->n; end > 0; ) {
        const char *host = g->sessions[end - 1].host;
        size_t begin = end - 1;
        struct page page = {
            .numbers = SHASH_INITIALIZER(&page.numbers),
            .edges = DS_EMPTY_INITIALIZER,
            .next = &next,
        };

        while (begin > 0 && !strcmp(g->sessions[begin - 1].host, host)) {
            begin--;
        }
        for (size_t i = begin; i < end; i++) {
            add_session(&page, &g->sessions[i]);
        }
        put_page(&page, host, number++, out);
        destroy_page(&page);
        end = begin;
    }
    ds_put_cstr(out, "}\n");
}
