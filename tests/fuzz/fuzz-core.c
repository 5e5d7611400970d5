/* SPDX-License-Identifier: Apache-2.0
 *
 * Fuzzing of what reads people's text in plugin/core: selectors, sources and
 * destinations, a session's, a sink's and a port group's arguments, and
 * filters.
 *
 * LLVMFuzzerTestOneInput() is libFuzzer's entry; fuzz-main.c drives it in
 * "make check".  The first byte chooses the reader, the rest is the text.
 * Beside not crashing, each reader keeps promises: what is refused has a
 * reason and a clean sentence, and what is taken is taken again, with the same
 * result, from the text that it turns into. */

#include <config.h>
#include "tests/fuzz/fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "plugin/core/fault.h"
#include "plugin/core/flow-text.h"
#include "plugin/core/port-group.h"
#include "plugin/core/selector.h"
#include "plugin/core/session.h"
#include "plugin/core/text.h"
#include "util.h"

/* The first byte of an input, modulo FUZZ_N_READERS. */
enum fuzz_reader {
    FUZZ_SELECTOR,
    FUZZ_SOURCE,
    FUZZ_DESTINATION,
    FUZZ_SESSION,               /* One argument a line. */
    FUZZ_SINK,                  /* One argument a line. */
    FUZZ_FILTER,
    FUZZ_RULE,                  /* Match, newline, actions. */
    FUZZ_GROUP,                 /* One argument a line. */
    FUZZ_N_READERS,
};

const struct fuzz_corpus fuzz_corpora[] = {
    [FUZZ_SELECTOR] = { "selectors",
        { "port:vm1", "mac:52:54:00:00:00:01", "vlan:4094",
          "iface-id:4c3c6a0a-9a0a-4a0e-8f5d-0d6f1c1b7a11", "group:g" },
        { "vm:", "bridge:", "uplink:", "hook:", "port:", "mac:", "vlan:",
          "*", "[", "/", ",", "0", "4095", "ff", "\xff", "\n", "%n" } },
    [FUZZ_SOURCE] = { "sources",
        { "port:vm*,from", "vlan:7,to,bridge=br0", "vm:web" },
        { ",from", ",to", ",both", ",bridge=", "port:", "mac:", "/", ",",
          "vlan:", "\xc3\xbc", "\x7f" } },
    [FUZZ_DESTINATION] = { "destinations",
        { "sink:web", "port:mon", "rspan:eth0", "gre:192.0.2.1",
          "erspan2:192.0.2.1,id=7", "erspan3:2001:db8::1,id=1023,cos=7" },
        { "sink:", "port:", "gre:", "erspan3:", ",id=", ",cos=", "::", "ffff",
          "127.0.0.1", "1024", "*", "/", "=", "," } },
    [FUZZ_SESSION] = { "session arguments",
        { "source=port:a\ndest=sink:x\nfilter=udp,tp_dst=53\nsnaplen=64",
          "source=vlan:7,from\nsource=port:b\ndest=port:m\nttl=60\nowner=me",
          "source=port:a\ndest=sink:x\ndest=sink:y\nsample=1\nrate=0" },
        { "source=", "dest=", "filter=", "snaplen=", "sample=", "rate=",
          "encap_vlan=", "strip_vlan=", "normal_traffic=", "ttl=", "owner=",
          "type=", "enabled=", "true", "false", "local", "\n", "port:a",
          "sink:x", "vlan:1", "9223372036854775807", "65536", "-1" } },
    [FUZZ_SINK] = { "sink arguments",
        { "dir=web\nformat=pcap\nsnaplen=96\nfilesize=100MB\nfiles=10",
          "min_free=10%\nbuffer=256MiB\nmax_bytes=1GiB\nseconds=60",
          "on_full=stop\nvlan_aware=false\nsha256=true\ncpu=1\npriority=9" },
        { "dir=", "format=", "capture_filter=", "filesize=", "packets=",
          "min_free=", "overload=", "compress=", "byte_rate=", "%", "KiB",
          "on_full=", "vlan_aware=", "cpu=", "priority=",
          "TB", "9223372036854775807", "..", "/", "\n" } },
    [FUZZ_FILTER] = { "filters",
        { "udp,tp_dst=53", "ip,nw_src=10.0.0.0/8,nw_tos=32",
          "icmp6,icmp_type=135,nd_target=fe80::1",
          "tcp,tcp_flags=+syn-ack,tp_dst=0x50/0xfff0",
          "dl_vlan=5,dl_vlan_pcp=3,arp,arp_spa=192.0.2.1",
          "mpls,mpls_label=3,mpls_bos=1", "vlan_tci=0x1000/0x1000",
          "udp,tp_dst[0..3]=5" },
        { "udp", "tcp", "ip", "ipv6", "eth", "sctp", "icmp", "rarp", "mplsm",
          ",tp_src=", "dl_dst=", "ipv6_label=", "ip_frag=", "nw_proto=",
          "in_port=", "reg0", "actions=", "(", ")->", "[", "0x", "/", "*",
          "nsh_c1=" } },
    [FUZZ_RULE] = { "rules",
        { "in_port=1,udp\noutput(port=2,max_len=64)", "dl_vlan=5\npop_vlan,"
          "output:2,IN_PORT", "\nresubmit(,1),goto_table:2",
          "metadata=1\ndrop" },
        { "output:", "meter:1", "group:1", "push_vlan:0x8100", "set_field:",
          "in_port=", "clone(", "load:1->", "NXM_NX_REG0[]", ")", "(", ",",
          "write_actions(", "learn(", "note:", "conjunction(1,1/2)" } },
    [FUZZ_GROUP] = { "group arguments",
        { "bridge=br0\nmember=port:tap*\nmember=vm:db\nvlan=0\nvlan=7",
          "bridge=b\npromiscuous_ports=port:a,vm:b\nmac_limit=8\nttl=60",
          "override=port:a,mac_changes=reject,mac_limit=4,limit_policy=drop\n"
          "override=port:a,promiscuous=inherit\nforged_transmits=reject" },
        { "bridge=", "member=", "vlan=", "promiscuous=", "mac_changes=",
          "promiscuous_ports=", "override=", "accept", "reject", "inherit",
          "limit_policy=", "mac_limit=", "ttl=", "owner=", ",", "\n", "port:",
          "all", "group:", "vlan:7", "4095", "-1", "%n" } },
};
const size_t fuzz_n_corpora = FUZZ_N_READERS;

/* A broken promise ends the program, as a crash does. */
static void
promise(bool kept, const char *what, const char *text)
{
    if (!kept) {
        fprintf(stderr, "broken promise: %s: \"%s\"\n", what, text);
        abort();
    }
}

/* Checks that 'fault' goes with the result 'ok', and clears it. */
static void
check_fault(bool ok, struct fault *fault, const char *text)
{
    promise(ok == !fault_is_set(fault), "a refusal has a fault", text);
    promise(ok || (text_is_clean(fault->detail, FAULT_MAX_DETAIL)
                   && text_is_clean(fault->reason, 64)),
            "a fault is clean text", text);
    fault_clear(fault);
}

/* Checks that 'again' is 'once', and frees both. */
static void
check_same(char *once, char *again, const char *text)
{
    promise(!strcmp(once, again), "canonical text stays the same", text);
    free(once);
    free(again);
}

static void
fuzz_selector(const char *text)
{
    struct fault fault = FAULT_INITIALIZER;
    struct selector a, b;
    bool ok = selector_parse(&a, text, &fault);

    check_fault(ok, &fault, text);
    if (ok) {
        char *once = selector_to_string(&a);
        promise(selector_parse(&b, once, &fault), "a selector is one", once);
        check_same(once, selector_to_string(&b), text);
        selector_destroy(&a);
        selector_destroy(&b);
    }
}

static void
fuzz_source(const char *text)
{
    struct fault fault = FAULT_INITIALIZER;
    struct source a, b;
    bool ok = source_parse(&a, text, &fault);

    check_fault(ok, &fault, text);
    if (ok) {
        char *once = source_to_string(&a);
        promise(source_parse(&b, once, &fault), "a source is one", once);
        check_same(once, source_to_string(&b), text);
        source_destroy(&a);
        source_destroy(&b);
    }
}

static void
fuzz_destination(const char *text)
{
    struct fault fault = FAULT_INITIALIZER;
    struct destination a, b;
    bool ok = destination_parse(&a, text, &fault);

    check_fault(ok, &fault, text);
    if (ok) {
        char *once = destination_to_string(&a);
        promise(destination_check(&a, &fault), "it passes its check", once);
        promise(destination_parse(&b, once, &fault), "it is one", once);
        check_same(once, destination_to_string(&b), text);
        destination_destroy(&a);
        destination_destroy(&b);
    }
}

/* Lines of 'text' are the arguments of one session. */
static void
fuzz_session(const char *text)
{
    struct session_args args = {
        INT64_C(1800000000), true, true, false,
    };
    struct fault fault = FAULT_INITIALIZER;
    struct session s, copy;
    char *lines = xstrdup(text);
    char *rest = lines;

    session_init(&s, "fuzz");
    while (rest) {
        char *line = strsep(&rest, "\n");
        bool ok = session_parse_arg(&s, line, &args, &fault);
        check_fault(ok, &fault, line);
    }
    free(lines);
    check_fault(session_check(&s, &fault), &fault, text);

    session_clone(&copy, &s);
    bool was = session_check(&s, NULL);
    session_destroy(&s);
    promise(session_check(&copy, NULL) == was, "a copy checks alike", text);
    session_destroy(&copy);
}

/* Lines of 'text' are the arguments of one sink. */
static void
fuzz_sink(const char *text)
{
    struct fault fault = FAULT_INITIALIZER;
    struct sink_config c, copy;
    char *lines = xstrdup(text);
    char *rest = lines;

    sink_config_init(&c, "fuzz");
    while (rest) {
        char *line = strsep(&rest, "\n");
        bool ok = sink_config_parse_arg(&c, line, &fault);
        check_fault(ok, &fault, line);
    }
    free(lines);
    check_fault(sink_config_check(&c, &fault), &fault, text);

    sink_config_clone(&copy, &c);
    sink_config_destroy(&c);
    sink_config_check(&copy, NULL);
    sink_config_destroy(&copy);
}

static void
fuzz_filter(const char *text)
{
    struct fault fault = FAULT_INITIALIZER;
    bool ok = flow_filter_check(text, &fault);

    check_fault(ok, &fault, text);
    if (ok) {
        /* As plans use it: behind a port, with real actions. */
        char *match = xasprintf("in_port=7,%s", text);
        struct span_flow a, b;

        promise(flow_init(&a, 0, 100, SPAN_COOKIE_TAG, match,
                          "output(port=9,max_len=64)", NULL),
                "a filter makes a rule", text);
        promise(strstr(a.match, "in_port=7"), "of its port only", text);
        promise(flow_init(&b, a.table, a.priority, a.cookie, a.match,
                          a.actions, NULL), "that can be read", a.match);
        promise(flow_equals(&a, &b), "and stays the same", a.match);
        flow_destroy(&a);
        flow_destroy(&b);
        free(match);
    }
}

/* Any text at all as a rule, which must only not crash. */
static void
fuzz_rule(const char *text)
{
    size_t n = strcspn(text, "\n");
    char *match = xmemdup0(text, n);
    struct fault fault = FAULT_INITIALIZER;
    struct span_flow flow;
    bool ok = flow_init(&flow, 0, 1, 2, match, text[n] ? text + n + 1 : "drop",
                        &fault);

    check_fault(ok, &fault, text);
    flow_destroy(&flow);
    free(match);
}

/* Checks that each override of 'group' reads as it is written. */
static void
check_overrides(const struct port_group *group)
{
    for (size_t i = 0; i < group->n_overrides; i++) {
        const struct port_override *o = &group->overrides[i];
        struct port_policy again = { DECISION_INHERIT, };
        char *text = port_policy_to_string(&o->policy);

        promise(port_policy_parse(&again, text, NULL), "a policy is one",
                text);
        check_same(text, port_policy_to_string(&again), text);
    }
}

/* Lines of 'text' are the arguments of one port group. */
static void
fuzz_group(const char *text)
{
    struct port_group_args args = { 1000, true, true };
    struct fault fault = FAULT_INITIALIZER;
    struct port_group group, copy;
    char *lines = xstrdup(text);
    char *rest = lines;

    port_group_init(&group, "fuzz");
    while (rest) {
        char *line = strsep(&rest, "\n");
        bool ok = port_group_parse_arg(&group, line, &args, &fault);
        check_fault(ok, &fault, line);
    }
    free(lines);
    check_fault(port_group_check(&group, &fault), &fault, text);

    port_group_clone(&copy, &group);
    port_group_destroy(&group);
    check_overrides(&copy);
    port_group_destroy(&copy);
}

static void (*const readers[FUZZ_N_READERS])(const char *) = {
    [FUZZ_SELECTOR] = fuzz_selector,
    [FUZZ_SOURCE] = fuzz_source,
    [FUZZ_DESTINATION] = fuzz_destination,
    [FUZZ_SESSION] = fuzz_session,
    [FUZZ_SINK] = fuzz_sink,
    [FUZZ_FILTER] = fuzz_filter,
    [FUZZ_RULE] = fuzz_rule,
    [FUZZ_GROUP] = fuzz_group,
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size) {
        char *text = xmemdup0((const char *) data + 1, size - 1);
        readers[data[0] % FUZZ_N_READERS](text);
        free(text);
    }
    return 0;
}
