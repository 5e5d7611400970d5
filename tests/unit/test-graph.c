/* SPDX-License-Identifier: Apache-2.0 */

/* The picture of "graph": what is in it, as text with and without box
 * characters, in colour, in a narrow terminal, and for Graphviz; names that
 * somebody chose to do harm. */

#include <config.h>

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "plugin/core/fault.h"
#include "smap.h"
#include "tests/tap.h"
#include "tools/ovs-spanctl/graph-model.h"
#include "tools/ovs-spanctl/live-row.h"
#include "util.h"

static char h1[] = "h1", h2[] = "h2", none[] = "";
static char active[] = "active", waiting[] = "waiting";
static char degraded[] = "degraded";
static char packets_lost[] = "packets-lost", no_source[] = "no-source";
static char lost[] = "Sink web has lost 12 of 1234567 packets: 12 in the "
                     "kernel's ring.";
static char nobody[] = "No port on this host is a source of the session now.";

/* Makes 's' a session called 'name' of 'args', which ovs-spanctl would
 * take. */
static void
make_session(struct session *s, const char *name, const char *args)
{
    struct session_args state = {
        .fresh_sources = true, .fresh_destinations = true,
    };
    struct fault fault = FAULT_INITIALIZER;
    char *copy = xstrdup(args);
    char *save = NULL;

    session_init(s, name);
    for (char *arg = strtok_r(copy, " ", &save); arg;
         arg = strtok_r(NULL, " ", &save)) {
        if (!session_parse_arg(s, arg, &state, &fault)) {
            tap_ok(false, "%s: %s", arg, fault.detail);
            fault_clear(&fault);
        }
    }
    free(copy);
}

/* Adds to 'g' the session 'name' of 'args', of which 'row' tells and where
 * 'sources' are mirrored: words KEY or KEY=VM, NULL at the end. */
static void
add(struct graph *g, const char *name, const char *args,
    const struct live_row *row, const char *const sources[])
{
    struct smap map = SMAP_INITIALIZER(&map);
    struct session s;

    for (size_t i = 0; sources[i]; i += 2) {
        smap_add(&map, sources[i], sources[i + 1]);
    }
    make_session(&s, name, args);
    graph_add(g, &s, row, &map);
    session_destroy(&s);
    smap_destroy(&map);
}

static const struct live_row steady = {
    .host = h1, .state = active, .reason = none, .detail = none,
    .counts = true, .records = true,
    .figures = { [LIVE_PACKETS] = 5000, [LIVE_WRITTEN] = 5000 },
    .rated = true,
    .rates = { [LIVE_PACKETS] = 1000, [LIVE_BYTES] = 512000 },
};
static const struct live_row losing = {
    .host = h2, .state = degraded, .reason = packets_lost, .detail = lost,
    .counts = true, .records = true,
    .figures = { [LIVE_WRITTEN] = 1234555, [LIVE_LOST] = 12 },
    .rated = true, .rates = { [LIVE_PACKETS] = 2, [LIVE_BYTES] = 200 },
};
static const struct live_row idle = {
    .host = h1, .state = waiting, .reason = no_source, .detail = nobody,
};

/* The picture of three sessions on two hosts. */
static void
make_graph(struct graph *g)
{
    static const char *const web[] = {
        "port:tap10,both,bridge=br0", "web10",
        "port:tap9,from,bridge=br0", "web9",
        "port:tap1,to,bridge=br0", "", NULL,
    };
    static const char *const two[] = {
        "port:a,both,bridge=br0", "", "port:b,both,bridge=br1", "",
        "vlan:10,from,bridge=br1", "", NULL,
    };
    static const char *const nothing[] = { NULL };

    graph_init(g);
    add(g, "web", "source=vm:web10 dest=sink:web", &losing, web);
    add(g, "two", "source=port:a filter=udp snaplen=96 dest=port:mon "
        "dest=sink:x dest=gre:192.0.2.1", &steady, two);
    add(g, "gone", "source=vm:gone,from dest=sink:gone", &idle, nothing);
    graph_sort(g);
}

static void
check_text(const struct graph *g, struct graph_text_options o,
           const char *want, const char *what)
{
    struct ds got = DS_EMPTY_INITIALIZER;

    graph_to_text(g, &o, &got);
    tap_str(ds_cstr(&got), want, "%s", what);
    ds_destroy(&got);
}

static void
test_text(const struct graph *g)
{
    static const char gone_and_two[] = "\
gone: waiting on h1\n\
    no-source: No port on this host is a source of the session now.\n\
  PORT           BRIDGE    MIRROR                   DESTINATION\n\
  vm:gone ──>─── ? ─────── ? ─────────── br-span ─── sink:gone\n\
\n\
two: active on h1, 1000 packets/s, 512 kB/s\n\
    filter=udp snaplen=96\n\
  PORT           BRIDGE    MIRROR                  DESTINATION\n\
                                                 ┌─ port:mon\n\
  a ──────<─>─── br0 ───── span-two ─┬─ br-span ─┼─ sink:x  5000 written\n\
  b ──────<─>─┬─ br1 ───── span-two ─┘           └─ gre:192.0.2.1\n\
  vlan:10 ──>─┘\n\
\n\
";
    char *wide = xasprintf("%s\
web: degraded on h2, 2 packets/s, 200 B/s\n\
    packets-lost: Sink web has lost 12 of 1234567 packets: 12 in the kernel's \
ring.\n\
  VM       PORT         BRIDGE    MIRROR                  DESTINATION\n\
           tap1 ─<───┐\n\
  web9 ─── tap9 ───>─┼─ br0 ───── span-web ─── br-span ─── sink:web  \
12 lost, 1234555 written\n\
  web10 ── tap10 <─>─┘\n", gone_and_two);

    check_text(g, (struct graph_text_options) { .utf8 = true, .width = 200 },
               wide, "text");
    free(wide);
    g = &(const struct graph) { &g->sessions[2], 1 };
    check_text(g, (struct graph_text_options) { .width = 75 }, "\
web: degraded on h2, 2 packets/s, 200 B/s\n\
    packets-lost: Sink web has lost 12 of 1234567 packets: 12 in the\n\
    kernel's ring.\n\
  VM       PORT         BRIDGE    MIRROR                  DESTINATION\n\
           tap1 -<---+\n\
  web9 --- tap9 --->-+- br0 ----- span-web --- br-span --- sink:web  12 lo~\n\
  web10 -- tap10 <->-+\n", "ASCII, in 75 columns");
    check_text(g, (struct graph_text_options) { .color = true, .width = 89 },
               "\
\033[31mweb: degraded on h2, 2 packets/s, 200 B/s\033[m\n\
\033[31m    packets-lost: Sink web has lost 12 of 1234567 packets: 12 in the \
kernel's ring.\033[m\n\
  VM       PORT         BRIDGE    MIRROR                  DESTINATION\n\
           tap1 -<---+\n\
  web9 --- tap9 --->-+- br0 ----- span-web --- br-span --- sink:web  \
\033[31m12 lost\033[m, 1234555 wr~\n\
  web10 -- tap10 <->-+\n", "trouble is red, and cut with the line");
}

static void
test_dot(const struct graph *g)
{
    struct ds got = DS_EMPTY_INITIALIZER;
    const struct graph two = { &g->sessions[1], 1 };
    const struct graph web = { &g->sessions[2], 1 };

    graph_to_dot(&two, &got);
    tap_str(strstr(ds_cstr(&got), "  subgraph"), "\
  subgraph cluster_h0 {\n\
    label=\"host h1\"; style=rounded; color=\"#404040\";\n\
    n7 [label=\"port:mon\", style=filled, fillcolor=\"#f2f2f2\"];\n\
    n8 [label=\"sink:x\", style=filled, fillcolor=\"#f2f2f2\"];\n\
    n9 [label=\"gre:192.0.2.1\", style=filled, fillcolor=\"#f2f2f2\"];\n\
    subgraph cluster_h0_1 {\n\
    label=\"private bridge br-span\"; style=dashed; color=\"#808080\";\n\
    n1 [label=\"two\\n1000 packets/s, 512 kB/s\\nfilter=udp snaplen=96\"];\n\
    }\n\
    subgraph cluster_h0_2 {\n\
    label=\"bridge br0\"; style=solid; color=\"#808080\";\n\
    n2 [label=\"mirror\\nspan-two\", style=filled, fillcolor=\"#e8f0ff\"];\n\
    n3 [label=\"a\"];\n\
    }\n\
    subgraph cluster_h0_3 {\n\
    label=\"bridge br1\"; style=solid; color=\"#808080\";\n\
    n4 [label=\"mirror\\nspan-two\", style=filled, fillcolor=\"#e8f0ff\"];\n\
    n5 [label=\"b\"];\n\
    n6 [label=\"vlan:10\"];\n\
    }\n\
    n3 -> n2 [label=\"\"];\n\
    n2 -> n1 [];\n\
    n5 -> n4 [label=\"\"];\n\
    n6 -> n4 [label=\"from\"];\n\
    n4 -> n1 [];\n\
    n1 -> n7 [label=\"\"];\n\
    n1 -> n8 [label=\"5000 written\"];\n\
    n1 -> n9 [label=\"\"];\n\
  }\n\
}\n", "for Graphviz");

    ds_clear(&got);
    graph_to_dot(&web, &got);
    tap_ok(strstr(ds_cstr(&got), "[label=\"1234555 written\\n12 lost\", "
                  "color=\"#c00000\", fontcolor=\"#c00000\"];"),
           "a loss is red");
    tap_ok(strstr(ds_cstr(&got), "[label=\"VM\\nweb10\"];"), "with its VM");

    ds_clear(&got);
    graph_to_dot(g, &got);
    tap_ok(strstr(ds_cstr(&got), "label=\"gone\\nwaiting\\nno-source\", "
                  "style=\"rounded,dashed\"];"), "what waits is dashed");
    tap_ok(strstr(ds_cstr(&got), "label=\"host h1\"")
           && strstr(ds_cstr(&got), "label=\"host h2\""), "both hosts");
    ds_destroy(&got);
}

/* Names that try to be something else than names. */
static void
test_hostile(void)
{
    static const char *const sources[] = {
        "port:a,b\"];x->y,both,bridge=br\\0",
        "\"]; evil [label=\"&lt;\\N\033[31m\nnext", "port:short", "",
        "port:c,sideways,bridge=br0", "", "port:c,both,bridge", "", NULL,
    };
    struct graph g;
    struct ds got = DS_EMPTY_INITIALIZER;

    graph_init(&g);
    add(&g, "s", "source=port:a dest=sink:s", &steady, sources);
    tap_int(g.sessions[0].n_legs, 1, "what cannot be read is left out");
    graph_to_dot(&g, &got);
    tap_ok(strstr(ds_cstr(&got), "n3 [label=\"a,b\\\"];x->y\"];"),
           "a quote in a port's name stays one");
    tap_ok(strstr(ds_cstr(&got), "n4 [label=\"VM\\n\\\"]; evil [label=\\\""
                  "&amp;lt;\\\\N?[31m?ne~\"];"),
           "and all else in that of a virtual machine");
    tap_ok(strstr(ds_cstr(&got), "label=\"bridge br\\\\0\""),
           "a backslash in a bridge's");
    ds_clear(&got);
    graph_to_text(&g, &(struct graph_text_options) { .width = 200 }, &got);
    tap_ok(!strchr(ds_cstr(&got), '\033'), "no escapes reach the terminal");
    ds_destroy(&got);
    graph_destroy(&g);
}

/* A bridge full of ports. */
static void
test_many(void)
{
    enum { N = 100 };
    const char *sources[2 * N + 1];
    struct ds got = DS_EMPTY_INITIALIZER;
    struct graph g;

    for (int i = 0; i < N; i++) {
        sources[2 * i] = xasprintf("port:tap%d,both,bridge=br0", i);
        sources[2 * i + 1] = "";
    }
    sources[2 * N] = NULL;
    graph_init(&g);
    add(&g, "s", "source=bridge:br0 dest=sink:s", &steady, sources);
    tap_int(g.sessions[0].legs[0].n_sources, GRAPH_MAX_SOURCES,
            "of 100 ports some are shown");
    tap_int(g.sessions[0].legs[0].n_more, N - GRAPH_MAX_SOURCES,
            "and the rest counted");
    graph_to_text(&g, &(struct graph_text_options) { .width = 80 }, &got);
    tap_ok(strstr(ds_cstr(&got), "\n  tap23 -------<->-+\n"
                  "  76 more ---------+\n"), "in the text");
    ds_clear(&got);
    graph_to_dot(&g, &got);
    tap_ok(strstr(ds_cstr(&got), "[label=\"76 more ports\""),
           "and for Graphviz");
    ds_destroy(&got);
    graph_destroy(&g);
    for (int i = 0; i < N; i++) {
        free(CONST_CAST(char *, sources[2 * i]));
    }
}

int
main(void)
{
    struct graph g;

    if (!setlocale(LC_CTYPE, "C.UTF-8")) {
        tap_ok(false, "there is a locale C.UTF-8");
    }
    make_graph(&g);
    test_text(&g);
    test_dot(&g);
    test_hostile();
    test_many();
    graph_destroy(&g);
    return tap_done();
}
