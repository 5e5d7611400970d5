/* SPDX-License-Identifier: Apache-2.0 */

/* Estimates: one switch with known traffic, and for each session what its
 * copies need and what its destinations can take. */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "openvswitch/uuid.h"
#include "plugin/core/estimate.h"
#include "plugin/core/estimates.h"
#include "plugin/core/port-rate.h"
#include "plugin/core/tunnel.h"
#include "plugin/core/verdict.h"
#include "smap.h"
#include "tests/tap.h"
#include "util.h"

/* What the interfaces carry, frames per second and bytes of each, and the
 * speed of their links, Mbit/s. */
static const struct {
    const char *bridge, *name;
    unsigned int from, from_size, to, to_size;
    int tag;
    int speed;
} ports[] = {
    {"br0", "vm1", 2000, 500, 100, 60, 0, 10000},
    {"br0", "vm2", 1000, 1514, 0, 0, 0, 0},
    {"br0", "vm7", 10, 100, 0, 0, 7, 0},
    {"br0", "quiet", 0, 0, 0, 0, 0, 0},
    {"br0", "mon", 0, 0, 0, 0, 0, 10},
    {"br0", "slow", 0, 0, 500, 1000, 0, 10},
    {"br0", "tap", 0, 0, 0, 0, 0, 0},
    {"br0", "eth1", 0, 0, 1000, 976, 0, 10},
    {"br-ex", "br-ex", 0, 0, 0, 0, 0, 0},
    {"br-ex", "eth0", 0, 0, 1000, 976, 0, 100},
};

static char uplink[] = "eth1";
static char *uplinks[] = { uplink };
static struct collector_net nets[2];
static struct policy policy = {
    .uplinks = uplinks, .n_uplinks = 1, .collectors = nets,
    .n_collectors = 2,
};
static const struct resolve_config config = {
    .capture_dir = "/c", .run_dir = "/r", .host = "h", .policy = &policy,
};

static struct switch_state state;
static struct port_rates rates;
static struct session sessions[2];
static struct sink_config sinks[3];
static struct wanted wanted;

/* The counters of port 'i' after 'seconds'. */
static void
take(size_t i, unsigned int seconds)
{
    struct uuid uuid = { .parts = { i + 1 } };
    struct port_counts counts = {
        .from_packets = ports[i].from * seconds,
        .from_bytes = (uint64_t) ports[i].from * ports[i].from_size * seconds,
        .to_packets = ports[i].to * seconds,
        .to_bytes = (uint64_t) ports[i].to * ports[i].to_size * seconds,
    };

    port_rates_take(&rates, ports[i].name, &uuid, &counts, PORT_COUNTS_FRESH,
                    seconds * 1000);
}

static void
make_switch(void)
{
    switch_state_init(&state, "h1");
    state.config_settled = true;
    for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
        struct switch_bridge *bridge = (
            i && !strcmp(ports[i].bridge, ports[i - 1].bridge)
            ? state.bridges[state.n_bridges - 1]
            : switch_state_add_bridge(&state, ports[i].bridge));
        struct switch_port *port = switch_bridge_add_port(bridge,
                                                          ports[i].name);
        struct switch_iface *iface = switch_port_add_iface(port,
                                                           ports[i].name);

        bridge->uuid.parts[1] = 1 + !strcmp(bridge->name, "br0");
        port->uuid.parts[0] = i + 1;
        port->tag = ports[i].tag;
        iface->ofport = i + 1;
        iface->mtu = 1500;
        iface->link_speed = ports[i].speed * INT64_C(1000000);
        if (!strcmp(port->name, bridge->name)) {
            free(iface->type);
            iface->type = xstrdup("internal");
        }
        take(i, 0);
        take(i, 5);
    }
    switch_state_add_route(&state, "192.0.2.1", true, "br-ex", "192.0.2.9");
    switch_state_add_route(&state, "2001:db8::1", true, "br-ex",
                           "2001:db8::9");
    switch_state_finish(&state);
}

static void
make_sinks(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(sinks); i++) {
        static const char *const names[] = { "free", "cap", "slice" };

        sink_config_init(&sinks[i], names[i]);
    }
    sinks[1].byte_rate = 1000000;
    sinks[2].snaplen = 68;
    free(sinks[2].format);
    sinks[2].format = xstrdup("pcap");
}

/* Makes session 'i' what the words of 'text' say. */
static void
make_session(size_t i, const char *text)
{
    struct session_args args = {
        .fresh_sources = true, .fresh_destinations = true,
    };
    struct session *s = &sessions[i];
    struct fault fault = FAULT_INITIALIZER;
    char *words = xstrdup(text), *save = NULL;

    session_init(s, i ? "t" : "s");
    s->uuid.parts[0] = i + 1;
    for (char *word = strtok_r(words, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        if (!session_parse_arg(s, word, &args, &fault)) {
            tap_diag("%s: %s", word, fault.detail);
            fault_clear(&fault);
        }
    }
    s->type = session_infer_type(s);
    free(words);
}

/* Resolves the sessions and makes all estimates, as the daemon does, at 'now'.
 * Returns what is said of the first; the caller must free it. */
static char *
estimate(struct estimates *es, long long int now)
{
    struct estimate_world world = {
        .wanted = &wanted, .state = &state, .rates = &rates, .now = now,
    };
    struct verdicts verdicts;
    char *text;

    resolve(sessions, sessions[1].name ? 2 : 1, NULL, 0, sinks,
            ARRAY_SIZE(sinks), &state, &config, &wanted);
    verdicts_compute(&wanted, &state, false, &verdicts);
    estimates_update(es, &world);
    estimates_fill(es, &verdicts);

    const struct smap *columns = verdicts.verdicts[0].estimate;
    if (columns) {
        const char *reason = smap_get_def(columns, "reason", "fits");
        const char *words = smap_get_def(columns, "text", "");

        text = xasprintf("%s|%s", reason, words);
    } else {
        text = xasprintf("no estimate: %s", (
            wanted.sessions[0].fault.detail
            ? wanted.sessions[0].fault.detail : ""));
    }
    verdicts_destroy(&verdicts);
    wanted_destroy(&wanted);
    return text;
}

/* A case: the session 'text' is said to copy 'want', which is cut off at the
 * first full stop with two spaces behind it. */
static void
check(const char *text, const char *want)
{
    struct estimates es;

    estimates_init(&es);
    make_session(0, text);

    char *got = estimate(&es, 5000);
    char *advice = strstr(got, ".  ");
    if (advice) {
        advice[1] = '\0';
    }
    tap_str(got, want, "%s", text);
    free(got);
    session_destroy(&sessions[0]);
    estimates_destroy(&es);
}

#define FROM "(from 1 port, measured over 5 s)"

static void
test_rates(void)
{
    check("source=port:vm1,from dest=sink:free",
          "fits|Estimate: at most 2,000 frames/s, 1.0 MB/s " FROM
          "; sink:free: 1.1 MB/s.");
    check("source=port:vm1,to dest=sink:free",
          "fits|Estimate: at most 100 frames/s, 6.0 kB/s " FROM
          "; sink:free: 9.3 kB/s.");
    check("source=port:vm1 dest=sink:free",
          "fits|Estimate: at most 2,100 frames/s, 1.0 MB/s " FROM
          "; sink:free: 1.1 MB/s.");
    check("source=port:vm1,from source=port:vm1 source=port:vm* "
          "dest=sink:free",
          "fits|Estimate: at most 3,110 frames/s, 2.5 MB/s "
          "(from 3 ports, measured over 5 s); sink:free: 2.6 MB/s.");
    check("source=port:vm7,from dest=sink:free",
          "fits|Estimate: at most 10 frames/s, 1.0 kB/s " FROM
          "; sink:free: 1.4 kB/s.");
    check("source=port:vm7,from dest=sink:free strip_vlan=true",
          "fits|Estimate: at most 10 frames/s, 1.0 kB/s " FROM
          "; sink:free: 1.3 kB/s.");
    check("source=port:quiet dest=sink:cap",
          "fits|Estimate: at most 0 frames/s, 0 B/s " FROM
          "; sink:cap: 0 B/s, cap 1.0 MB/s.");
    check("source=port:vm1,from dest=sink:free filter=udp",
          "fits|Estimate: at most 2,000 frames/s, 1.0 MB/s (from 1 port, "
          "measured over 5 s, before any filter); sink:free: 1.1 MB/s.");
    check("source=port:nowhere dest=sink:free", "no estimate: No port on this "
          "host is a source of the session now; it starts by itself when one "
          "appears.");
}

static void
test_scaling(void)
{
    check("source=port:vm1,from dest=sink:free snaplen=100",
          "fits|Estimate: at most 2,000 frames/s, 200 kB/s " FROM
          "; sink:free: 267 kB/s.");
    check("source=port:vm1,from dest=sink:free sample=10",
          "fits|Estimate: at most 200 frames/s, 100 kB/s " FROM
          "; sink:free: 107 kB/s.");
    check("source=port:vm1,from dest=sink:free rate=100",
          "fits|Estimate: at most 100 frames/s, 50.0 kB/s " FROM
          "; sink:free: 53.4 kB/s.");
    check("source=port:vm1,from dest=sink:free rate=5000",
          "fits|Estimate: at most 2,000 frames/s, 1.0 MB/s " FROM
          "; sink:free: 1.1 MB/s.");
    check("source=port:vm1,from dest=sink:free snaplen=100 sample=10 rate=100",
          "fits|Estimate: at most 10 frames/s, 1.0 kB/s " FROM
          "; sink:free: 1.3 kB/s.");
    check("source=port:vm1,from dest=sink:slice",
          "fits|Estimate: at most 2,000 frames/s, 1.0 MB/s " FROM
          "; sink:slice: 168 kB/s.");
    check("source=port:vm1 source=port:vm2,from dest=sink:free snaplen=60",
          "fits|Estimate: at most 3,100 frames/s, 186 kB/s "
          "(from 2 ports, measured over 5 s); sink:free: 290 kB/s.");
}

static void
test_ends(void)
{
    check("source=port:vm1,from dest=sink:cap",
          "oversubscribed|Estimate: at most 2,000 frames/s, 1.0 MB/s " FROM
          "; sink:cap: 1.1 MB/s, cap 1.0 MB/s: about 6 % would be left out.");
    check("source=port:vm1,from dest=sink:cap snaplen=100",
          "fits|Estimate: at most 2,000 frames/s, 200 kB/s " FROM
          "; sink:cap: 267 kB/s, cap 1.0 MB/s.");
    check("source=port:vm1,from dest=port:mon",
          "fits|Estimate: at most 2,000 frames/s, 1.0 MB/s " FROM
          "; port:mon: 8.4 Mbit/s of 10.0 Mbit/s.");
    check("source=port:vm2,from dest=port:mon",
          "oversubscribed|Estimate: at most 1,000 frames/s, 1.5 MB/s " FROM
          "; port:mon: 12.3 Mbit/s of 10.0 Mbit/s: about 19 % would be "
          "lost.");
    check("source=port:vm2,from dest=port:tap",
          "fits|Estimate: at most 1,000 frames/s, 1.5 MB/s " FROM
          "; port:tap: 12.3 Mbit/s, of a link whose speed is not known.");
    check("source=port:vm1,from dest=port:slow",
          "fits|Estimate: at most 2,000 frames/s, 1.0 MB/s " FROM
          "; port:slow: 8.4 Mbit/s of 10.0 Mbit/s.");
    check("source=port:vm1,from dest=port:slow normal_traffic=true",
          "oversubscribed|Estimate: at most 2,000 frames/s, 1.0 MB/s " FROM
          "; port:slow: 12.5 Mbit/s with other traffic of 10.0 Mbit/s: about "
          "20 % would be lost.");
    check("source=port:vm1,to dest=rspan:eth1 encap_vlan=200",
          "fits|Estimate: at most 100 frames/s, 6.0 kB/s " FROM
          "; rspan:eth1: 8.1 Mbit/s with other traffic of 10.0 Mbit/s.");
    check("source=port:vm1,from dest=rspan:eth1 encap_vlan=200",
          "oversubscribed|Estimate: at most 2,000 frames/s, 1.0 MB/s " FROM
          "; rspan:eth1: 16.4 Mbit/s with other traffic of 10.0 Mbit/s: about "
          "39 % would be lost.");
}

static void
test_tunnels(void)
{
    /* Mbit/s: 8 from eth0's own 1,000 frames of 976 + 24 bytes; of 1,000
     * frames, each cut to the room, and 24 + 38 (46, 50, 54, 74). */
    check("source=port:vm2,from dest=gre:192.0.2.1",
          "fits|Estimate: at most 1,000 frames/s, 1.5 MB/s " FROM
          "; gre:192.0.2.1: 20.3 Mbit/s through eth0 with other traffic of "
          "100 Mbit/s; frames longer than 1476 bytes are cut.");
    check("source=port:vm2,from dest=erspan2:192.0.2.1 snaplen=60",
          "fits|Estimate: at most 1,000 frames/s, 60.0 kB/s " FROM
          "; erspan2:192.0.2.1: 9.1 Mbit/s through eth0 with other "
          "traffic of 100 Mbit/s.");
    check("source=port:vm2,from dest=erspan3:192.0.2.1 snaplen=60",
          "fits|Estimate: at most 1,000 frames/s, 60.0 kB/s " FROM
          "; erspan3:192.0.2.1: 9.1 Mbit/s through eth0 with other "
          "traffic of 100 Mbit/s.");
    check("source=port:vm2,from dest=erspan3:2001:db8::1 snaplen=60",
          "fits|Estimate: at most 1,000 frames/s, 60.0 kB/s " FROM
          "; erspan3:2001:db8::1: 9.3 Mbit/s through eth0 with other "
          "traffic of 100 Mbit/s.");
}

static void
test_others(void)
{
    struct estimates es;
    char *got;

    estimates_init(&es);
    make_session(0, "source=port:vm1,from dest=sink:cap");
    make_session(1, "source=port:vm2,from dest=sink:cap");
    got = estimate(&es, 5000);
    tap_ok(strstr(got, "sink:cap: 2.6 MB/s with other sessions, cap 1.0 MB/s: "
                  "about 62 % would be left out") != NULL,
           "two sessions to one sink");
    free(got);
    sessions[0].snaplen = 100;
    got = estimate(&es, 5000);
    tap_ok(strstr(got, "sink:cap: 1.8 MB/s with other sessions") != NULL,
           "one of them changes");
    free(got);

    policy.max_byte_rate = 400000;
    got = estimate(&es, 5000);
    tap_ok(strstr(got, "cap 400 kB/s") != NULL, "the host's policy has less");
    free(got);
    policy.max_byte_rate = 0;
    session_destroy(&sessions[0]);
    session_destroy(&sessions[1]);
    memset(&sessions[1], 0, sizeof sessions[1]);
    estimates_destroy(&es);
}

/* An estimate stays as it was made, but for what was not known. */
static void
test_time(void)
{
    struct estimates es;
    char *got;

    estimates_init(&es);
    make_session(0, "source=port:vm1,from source=port:vm2,from "
                 "dest=sink:free");
    port_rates_clear(&rates);
    got = estimate(&es, 6000);
    tap_str(got, "fits|Estimate: not known yet: Open vSwitch counts what "
            "ports carry every few seconds, and has to do so twice.",
            "nothing is known");
    free(got);
    take(0, 10);
    take(0, 15);
    take(1, 15);
    got = estimate(&es, 15000);
    tap_str(got, "fits|Estimate: at most 2,000 frames/s, 1.0 MB/s (from 1 "
            "port, measured over 5 s; of 1 more it is not known yet); "
            "sink:free: 1.1 MB/s.", "one of two ports is known");
    free(got);
    take(0, 20);
    take(1, 20);
    got = estimate(&es, 20000);
    tap_str(got, "fits|Estimate: at most 3,000 frames/s, 2.5 MB/s (from 2 "
            "ports, measured over 5 s); sink:free: 2.6 MB/s.", "both are");
    free(got);
    got = estimate(&es, 60000);
    tap_ok(strstr(got, "at most 3,000 ") != NULL, "then it stays");
    free(got);
    sessions[0].snaplen = 60;
    got = estimate(&es, 60000);
    tap_ok(strstr(got, "at most 0 ") != NULL,
           "a change of the session: made anew");
    free(got);
    sessions[0].enabled = false;
    got = estimate(&es, 60000);
    tap_ok(!strncmp(got, "no estimate", 11), "switched off: no estimate");
    free(got);
    session_destroy(&sessions[0]);
    estimates_destroy(&es);
}

int
main(void)
{
    collector_net_parse(&nets[0], "192.0.2.0/24");
    collector_net_parse(&nets[1], "2001:db8::/32");
    port_rates_init(&rates);
    make_switch();
    make_sinks();
    test_rates();
    test_scaling();
    test_ends();
    test_tunnels();
    test_others();
    test_time();
    for (size_t i = 0; i < ARRAY_SIZE(sinks); i++) {
        sink_config_destroy(&sinks[i]);
    }
    switch_state_destroy(&state);
    port_rates_destroy(&rates);
    return tap_done();
}
