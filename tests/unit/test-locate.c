/* SPDX-License-Identifier: Apache-2.0 */

/* locate(): one switch, what vswitchd would say of it, and for each selector
 * where that is, which way out it has, which member of a bond carries it, and
 * what is advised. */

#include <config.h>

#include "plugin/core/locate.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "plugin/core/session.h"
#include "plugin/core/verdict.h"
#include "plugin/core/wanted.h"
#include "tests/tap.h"
#include "util.h"

/* Each interface; those of one name and bridge in a row are a bond. */
static const struct {
    const char *bridge, *port, *iface, *type;
    int tag;
    int trunk;                  /* The only one, if any. */
    const char *ids;            /* external_ids, "KEY=VALUE ...". */
    const char *peer, *driver;
    bool down;
} ifaces[] = {
    {"br-ctl", "vmc", "vmc", "", 7, 0, "iface-id=ic", "", "veth", false},
    {"br-ctl", "pc", "pc", "patch", 0, 0, "", "pe", "", false},
    {"br-ex", "bond0", "eth1", "", 0, 10, "", "", "ixgbe", true},
    {"br-ex", "bond0", "eth2", "", 0, 10, "", "", "ixgbe", false},
    {"br-ex", "br-ex", "br-ex", "internal", 0, 0, "", "", "tun", false},
    {"br-ex", "p1", "p1", "patch", 0, 0, "", "p0", "", false},
    {"br-ex", "pe", "pe", "patch", 0, 0, "", "pc", "", false},
    {"br-in", "vm5", "vm5", "", 0, 0, "vm-name=five", "", "veth", false},
    {"br-in", "tap9", "tap9", "", 0, 0, "", "", "tun", false},
    {"br-t", "gre0", "gre0", "gre", 0, 0, "", "", "", false},
    {"br-t", "pt", "pt", "patch", 20, 0, "", "p2", "", false},
    {"br-t", "vmt", "vmt", "", 20, 0, "vm-name=t", "", "", false},
    {"br0", "it's", "it's", "", 0, 0, "vm-id=x", "", "", false},
    {"br0", "p0", "p0", "patch", 0, 0, "", "p1", "", false},
    {"br0", "p2", "p2", "patch", 0, 0, "", "pt", "", false},
    {"br0", "vm1", "vm1", "", 10, 0, "vm-name=web attached-mac="
     "52:54:00:00:00:01 iface-id=i1", "", "veth", false},
    {"br0", "vm2", "vm2", "", 10, 0, "vm-name=db vm-uuid=u2", "", "veth",
     false},
    {"br0", "vm3", "vm3", "", 30, 0, "vm-name=web3", "", "veth", false},
};

/* What vswitchd says: question and answer. */
struct fact {
    const char *question, *answer;
};

#define BOND(MODE, LACP, FALLBACK, ACTIVE, HASH)                        \
    "---- bond0 ----\nbond_mode: " MODE "\nbond-hash-basis: 5\n"        \
    "lacp_status: " LACP "\nlacp_fallback_ab: " FALLBACK "\n"           \
    "active member mac: aa:bb:cc:00:00:02(" ACTIVE ")\n\n"              \
    "member eth1: disabled\n  may_enable: false\n" HASH "\n"            \
    "member eth2: enabled\n  active member\n  may_enable: true\n"       \
    "  hash 7: 3 kB load\n"

static const char fdb[] =
    " port  VLAN  MAC                Age\n"
    "   14    10  52:54:00:00:00:77    1\n"
    "   15    10  52:54:00:00:00:02    1\n"
    "   16    10  52:54:00:00:00:02    1\n"
    "LOCAL     0  52:54:00:00:00:99    1\n";

static const char dpif[] =
    "netdev@ovs-netdev: hit:2 missed:2\n"
    "  br-ex:\n    eth1 3/6: (system)\n    eth2 2/5: (system)\n"
    "    p1 6/none: (patch: peer=p0)\n"
    "  br0:\n    vm1 15/2: (system)\n    eth2 9/9: (system)\n";

#define TRACE(PORT, MAC) "ofproto/trace\nbr0\nin_port=" PORT ",dl_src="     \
    "52:54:00:00:00:" MAC ",dl_dst=ff:ff:ff:ff:ff:ff,dl_type=0x88b5"

static struct switch_state state;
static struct port_rates rates;
static long long int now = 100000;
static struct wanted wanted;
static struct verdicts verdicts;
static struct session sessions[2];
static size_t n_sessions;

static void
put_ids(struct smap *smap, const char *words)
{
    char *copy = xstrdup(words), *save = NULL;

    for (char *word = strtok_r(copy, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        char *equals = strchr(word, '=');

        *equals = '\0';
        smap_add(smap, word, equals + 1);
    }
    free(copy);
}

static void
set(char **text, const char *value)
{
    free(*text);
    *text = xstrdup(value);
}

static void
make_switch(void)
{
    struct switch_bridge *bridge = NULL;
    struct switch_port *port = NULL;

    switch_state_init(&state, "h");
    for (size_t i = 0; i < ARRAY_SIZE(ifaces); i++) {
        struct switch_iface *iface;

        if (!bridge || strcmp(bridge->name, ifaces[i].bridge)) {
            bridge = switch_state_add_bridge(&state, ifaces[i].bridge);
            bridge->uuid.parts[0] = 100 + i;
            bridge->has_controller = !strcmp(bridge->name, "br-ctl");
            port = NULL;
        }
        if (!port || strcmp(port->name, ifaces[i].port)) {
            uint16_t trunk = ifaces[i].trunk;

            port = switch_bridge_add_port(bridge, ifaces[i].port);
            port->uuid.parts[0] = 1 + i;
            switch_port_set_vlans(port, "", (ifaces[i].tag ? ifaces[i].tag
                                             : -1), &trunk, trunk ? 1 : 0);
        }
        iface = switch_port_add_iface(port, ifaces[i].iface);
        set(&iface->type, ifaces[i].type);
        set(&iface->driver, ifaces[i].driver);
        set(&iface->mac, "fe:54:00:00:00:01");
        iface->ofport = i;
        iface->link_down = ifaces[i].down;
        put_ids(&iface->external_ids, ifaces[i].ids);
        if (ifaces[i].peer[0]) {
            smap_add(&iface->options, "peer", ifaces[i].peer);
        }
    }
    state.config_settled = true;
    switch_state_finish(&state);
}

static void
make_session(const char *name, const char *words)
{
    struct session_args args = {
        .fresh_sources = true, .fresh_destinations = true,
    };
    struct session *s = &sessions[n_sessions++];
    struct fault fault = FAULT_INITIALIZER;
    char *copy = xstrdup(words), *save = NULL;

    session_init(s, name);
    s->uuid.parts[0] = n_sessions;
    for (char *word = strtok_r(copy, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        if (!session_parse_arg(s, word, &args, &fault)) {
            tap_diag("%s: %s", word, fault.detail);
            fault_clear(&fault);
        }
    }
    s->type = session_infer_type(s);
    free(copy);
}

static void
resolve_all(void)
{
    const struct resolve_config config = {
        .capture_dir = "/c", .run_dir = "/r", .host = "h",
    };
    static struct sink_config sink;

    if (!sink.name) {
        sink_config_init(&sink, "log");
    }
    verdicts_destroy(&verdicts);
    wanted_destroy(&wanted);
    resolve(sessions, n_sessions, NULL, 0, &sink, 1, &state, &config,
            &wanted);
    verdicts_compute(&wanted, &state, false, &verdicts);
}

/* Returns what 'columns' of all locations say, for the caller to free. */
static char *
describe(const struct located *found, const char *columns)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < found->n_locations; i++) {
        struct smap values = SMAP_INITIALIZER(&values);
        char *copy = xstrdup(columns), *save = NULL;

        ds_put_cstr(&s, i ? " / " : "");
        location_to_columns(&found->locations[i], found->host, &values);
        for (char *column = strtok_r(copy, " ", &save); column;
             column = strtok_r(NULL, " ", &save)) {
            ds_put_format(&s, "%s%s", column == copy ? "" : "|",
                          smap_get_def(&values, column, "?"));
        }
        free(copy);
        smap_destroy(&values);
    }
    if (!found->n_locations) {
        struct selector selector;
        struct fault fault = FAULT_INITIALIZER;

        selector_parse(&selector, "port:x", &fault);
        locate_put_absence(&selector, &found->near, &s);
        selector_destroy(&selector);
    }
    return ds_steal_cstr(&s);
}

/* Locates 'text' with the answers in 'facts', and "" to what is not there, and
 * in so many rounds as it takes.  Returns the columns. */
static char *
find(const char *text, const struct fact *facts, const char *columns)
{
    struct shash known = SHASH_INITIALIZER(&known);
    struct fault fault = FAULT_INITIALIZER;
    struct selector selector;
    struct located found;
    char *result = NULL;

    selector_parse(&selector, text, &fault);
    while (!result) {
        const struct locate_input in = {
            .selector = &selector, .state = &state, .wanted = &wanted,
            .verdicts = &verdicts, .host = "h", .facts = &known,
            .rates = &rates, .now = now,
        };

        locate(&in, &found);
        for (size_t i = 0; i < found.questions.n; i++) {
            const char *question = found.questions.names[i];
            const struct fact *fact = facts;

            while (fact->question && strcmp(fact->question, question)) {
                fact++;
            }
            shash_add(&known, question, (fact->question ? fact->answer
                                         : ""));
        }
        if (!found.questions.n) {
            result = describe(&found, columns);
        }
        located_destroy(&found);
    }
    shash_destroy(&known);
    selector_destroy(&selector);
    return result;
}

static void
check_with(const char *text, const struct fact *facts, const char *columns,
           const char *want)
{
    char *got = find(text, facts, columns);

    tap_str(got, want, "%s: %s", text, columns);
    free(got);
}

static const struct fact no_facts[] = { { NULL, NULL } };

static void
check(const char *text, const char *columns, const char *want)
{
    check_with(text, no_facts, columns, want);
}

static void
test_selectors(void)
{
    check("vm:web", "host bridge port ofport link vlan vlan_mode mac vm "
          "iface_id", "h|br0|vm1|15|up|10|access|52:54:00:00:00:01|web|i1");
    check("vm:u2", "port vm vm_uuid mac",
          "vm2|db|u2|fe:54:00:00:00:01");
    check("iface-id:i1", "port", "vm1");
    check("mac:52:54:00:00:00:01", "port", "vm1");
    check("port:vm?", "port", "vmc / vm5 / vmt / vm1 / vm2 / vm3");
    check("port:eth2", "port ofport link", "bond0|2 3|up");
    check("uplink:eth1", "port trunks", "bond0|10");
    check("uplink:vm1", "port", "vm1");
    check("bridge:br-in", "port", "tap9 / vm5");
    check("vlan:10", "port", "bond0 / vm1 / vm2");
    check_with("vlan:10", (struct fact[]) { { "fdb/show\nbr0", fdb },
                                            { NULL, NULL } },
               "port", "bond0 / p2 / vm1 / vm2");
    check("hook:h", "port", "port:x is nowhere: no port of a bridge has this "
          "name");
}

static void
test_ways_out(void)
{
    check("vm:web", "way_out uplink_vlan", "br0 > br-ex > bond0|10");
    check("vm:web3", "way_out", "");
    check("vm:five", "way_out", "");
    check("port:vmc", "way_out uplink_vlan", "br-ctl > br-ex > bond0; "
          "br-ctl > br-ex > br0 > br-t > gre0|");
    state.bridges[0]->has_controller = false;
    check("port:vmc", "way_out", "");
    set(&state.bridges[0]->fail_mode, "secure");
    check("port:vmc", "way_out uplink_vlan", "br-ctl > br-ex > bond0; "
          "br-ctl > br-ex > br0 > br-t > gre0|");
    check("vm:t", "way_out uplink_vlan", "br-t > gre0|20");
    check("vm:x", "way_out", "br0 > br-t > gre0");
    check("port:bond0", "way_out", "br-ex > bond0");
    check("port:br-ex", "way_out", "br-ex > br0 > br-t > gre0");
    check("port:p0", "way_out", "br0 > br-ex > bond0");
    check("port:p1", "way_out", "br-ex > br0 > br-t > gre0");
}

static void
check_bond(const char *text, const char *bond, const char *want)
{
    const struct fact facts[] = {
        { "bond/show\nbond0", bond }, { NULL, NULL },
    };

    check_with(text, facts, "bond member member_why", want);
}

static void
test_bonds(void)
{
    check("vm:web", "bond bond_members member member_why",
          "active-backup|eth1=disabled eth2=enabled||none is up");
    check_bond("vm:web", BOND("active-backup", "off", "false", "eth2", ""),
               "active-backup|eth2|the active one");
    check_bond("vm:web", BOND("active-backup", "off", "false", "", ""),
               "active-backup||none is up");
    check_bond("vm:web", BOND("balance-tcp", "negotiated", "true", "eth2", ""),
               "balance-tcp||each flow has one of its own");
    check_bond("vm:web", BOND("balance-tcp", "configured", "true", "eth2", ""),
               "balance-tcp|eth2|the active one");
    check_bond("vm:web", BOND("balance-slb", "configured", "false", "eth2",
                              ""),
               "balance-slb||none: LACP is not negotiated");
    check_bond("vm:web", BOND("balance-slb", "off", "false", "eth2", ""),
               "balance-slb||vswitchd has not said");
    check_bond("vm:db", BOND("balance-slb", "off", "false", "eth2", ""),
               "balance-slb||no address behind the port is known");
    check_bond("uplink:bond0", BOND("balance-slb", "off", "false", "eth2", ""),
               "balance-slb||each address and VLAN has one of its own");
}

/* The member of balance-slb for the only address of vm1, which is said to have
 * 'actions', and for which bond/hash says 'hash'. */
static void
check_slb(const char *actions, const char *hash, const char *want)
{
    static int n;
    char *trace = xasprintf("Flow: in_port=15\n\nDatapath actions: %s",
                            actions);
    const struct fact facts[] = {
        { "bond/show\nbond0", BOND("balance-slb", "off", "false", "eth2",
                                   "  hash 11: 3 kB load\n") },
        { "dpif/show", dpif },
        { TRACE("15", "01"), trace },
        { "bond/hash\n52:54:00:00:00:01\n10\n5", hash },
        { NULL, NULL },
    };

    char *got = find("vm:web", facts, "member");
    tap_str(got, want, "balance-slb: case %d, \"%s\"", ++n, want);
    free(got);
    free(trace);
}

static void
test_slb(void)
{
    const struct fact learned[] = {
        { "bond/show\nbond0", BOND("balance-slb", "off", "false", "eth2",
                                   "") },
        { "fdb/show\nbr0", fdb },
        { "dpif/show", dpif },
        { TRACE("16", "02"), "Datapath actions: 6\n" },
        { NULL, NULL },
    };

    check_slb("push_vlan(vid=10,pcp=0),3,5", "", "eth2");
    check_slb("6", "7", "eth1");
    check_slb("clone(trunc(64),7),clone(6)", "", "eth1");
    check_slb("trunc(6),56,65,recirc(0x6)\nDatapath actions: 5,7", "", "eth2");
    check_slb("meter(5),sample(sample=1%,actions(6))", "", "");
    check_slb("drop", "7", "eth2");
    check_slb("drop", "11", "eth1");
    check_slb("drop", "8", "");
    check_slb("5,6", "11", "eth1 eth2");
    check_with("vm:db", learned, "mac member member_why",
               "52:54:00:00:00:02|eth1|by the hash of address and VLAN");
}

/* Are these the first lines of the advice? */
static void
check_advice(const char *text, const char *want)
{
    char *got = find(text, no_facts, "advice");

    if (strlen(got) > strlen(want)) {
        got[strlen(want)] = '\0';
    }
    tap_str(got, want, "advice on %s", text);
    free(got);
}

static void
test_advice(void)
{
    check_advice("vm:web", "On h: ovs-spanctl capture vm:web -w web.pcapng\n"
                 "For longer, on any host that has it: ovs-spanctl add web "
                 "source=vm:web dest=sink:web\n"
                 "A capture at uplink:bond0 sees only what leaves the host");
    check_advice("port:it's", "On h: ovs-spanctl capture 'port:it'\\''s' -w "
                 "it-s.pcapng\n");
    check_advice("port:vm1", "On h: ovs-spanctl capture port:vm1 -w "
                 "vm1.pcapng\nFor longer, on any host that has it: "
                 "ovs-spanctl add vm1 source=iface-id:i1 dest=sink:vm1\n");
    check_advice("uplink:eth2", "On h: ovs-spanctl capture uplink:bond0 -w "
                 "bond0.pcapng\n");
    check_advice("vlan:30", "On h: ovs-spanctl capture vlan:30 -w "
                 "vlan-30.pcapng\n");
    check_advice("port:p0", "What comes into br0 through its patch port p0 is "
                 "not mirrored there");
    make_session("web", "source=vm:five dest=sink:log");
    make_session("mon", "source=vm:web dest=port:away");
    resolve_all();
    check_advice("vm:web", "Session mon sends to port:away, which is not on "
                 "h, where its source is: no copies get there.  Record them, "
                 "dest=sink:mon, or send them, dest=erspan2:ADDRESS.\n"
                 "On h: ovs-spanctl capture vm:web -w web.pcapng\n"
                 "For longer, on any host that has it: ovs-spanctl add web-2 "
                 "source=vm:web dest=sink:web-2");
    check("vm:web", "sessions groups", "mon (source, degraded)|");
    check("vm:five", "sessions", "web (source, being applied)");
    check("vm:db", "sessions", "");
}

/* The interface counts these so often in the five seconds that end now, after
 * it has counted nothing before. */
static void
count(const char *iface, uint64_t from, uint64_t to, unsigned int size)
{
    const struct uuid uuid = { .parts = { 1 } };
    const struct port_counts none = { .from_packets = 0 };
    const struct port_counts counts = {
        .from_packets = from, .from_bytes = from * size,
        .to_packets = to, .to_bytes = to * size,
    };

    port_rates_take(&rates, iface, &uuid, &none, PORT_COUNTS_FRESH,
                    now - PORT_RATES_INTERVAL);
    port_rates_take(&rates, iface, &uuid, &counts, PORT_COUNTS_FRESH, now);
}

static void
test_traffic(void)
{
    char *advice;

    check("vm:db", "traffic", "");
    count("vm2", 6000, 0, 100);
    check("vm:db", "traffic",
          "from 1,200 frames/s 120 kB/s, to 0 frames/s 0 B/s");
    count("eth1", 5000, 10, 1000);
    count("eth2", 15000, 15, 1000);
    check("uplink:eth1", "traffic",
          "from 4,000 frames/s 4.0 MB/s, to 5 frames/s 5.0 kB/s");
    advice = find("vm:db", no_facts, "advice");
    tap_ok(!strstr(advice, "an hour"), "little: nothing is said of it");
    free(advice);
    count("vm3", 25000, 25001, 1000);
    check_advice("vm:web3", "On h: ovs-spanctl capture vm:web3 -w "
                 "web3.pcapng\n"
                 "For longer, on any host that has it: ovs-spanctl add web3 "
                 "source=vm:web3 dest=sink:web3\n"
                 "That would be 10.0 MB/s, 36.0 GB an hour now.  Less: one "
                 "direction (source=vm:web3,from), filter=, snaplen=96, "
                 "sample=, rate=.  On h, ovs-spanctl plan web3 "
                 "source=vm:web3 dest=sink:web3 snaplen=96 estimates it.\n"
                 "Nothing outside h could see the frames of vm3");
    now += 2 * PORT_RATES_INTERVAL + 1;
    check("vm:web3", "traffic",
          "from 0 frames/s 0 B/s, to 0 frames/s 0 B/s");
}

static void
test_near(void)
{
#define NONE "port:x is nowhere: no port of a bridge has this name"
    check("port:vm9", "port", NONE "; there is port:vmc, port:vm5 or "
          "port:vmt");
    check("vm:WEB", "port", NONE "; there is vm:web or vm:web3");
    check("vm:wxyz", "port", NONE);
    check("bridge:br1", "port", NONE "; there is bridge:br0");
    check("iface-id:i9", "port", NONE "; there is iface-id:ic or iface-id:i1");
    check("mac:52:54:00:00:00:0a", "port",
          NONE "; there is mac:52:54:00:00:00:01 or mac:fe:54:00:00:00:01");
    check("uplink:bond1", "port", NONE "; there is uplink:bond0");

    /* Of a long one only the beginning is compared. */
#define Y50 "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
    check("port:" Y50 Y50 Y50 Y50, "port", NONE);
}

int
main(void)
{
    make_switch();
    port_rates_init(&rates);
    resolve_all();
    test_selectors();
    test_ways_out();
    test_bonds();
    test_slb();
    test_near();
    test_traffic();
    test_advice();
    verdicts_destroy(&verdicts);
    wanted_destroy(&wanted);
    switch_state_destroy(&state);
    port_rates_destroy(&rates);
    return tap_done();
}
