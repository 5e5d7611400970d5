/* SPDX-License-Identifier: Apache-2.0 */

/* The property of plans: from any start, planning and applying ends in an
 * empty plan; what is others' is never touched; a second run changes nothing;
 * and without sessions nothing of ours remains.
 *
 * The starts are random but the same each run: bridges, ports, mirrors of
 * others and leftovers of ours in every combination, some of them nonsense,
 * with trouble in between. */

#include <config.h>
#include <stdlib.h>
#include <string.h>

#include "fake-switch.h"
#include "name.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "script.h"
#include "tap.h"
#include "util.h"
#include "uuid.h"

#define N_STARTS 4000
#define MAX_PASSES 30

static uint32_t seed;

static unsigned int
pick(unsigned int n)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % n;
}

static void OVS_PRINTF_FORMAT(2, 3)
command(struct script *s, const char *format, ...)
{
    struct ds output = DS_EMPTY_INITIALIZER;
    va_list args;

    va_start(args, format);
    char *line = xvasprintf(format, args);
    va_end(args);
    script_command(s, line, &output);
    free(line);
    ds_destroy(&output);
}

static const char *roles[] = {
    "ports", "vlans", "back", "reserve", "capture", "private", "", "?",
    "ports-to", "tunnel", "hook", "promisc-copy", "promisc-address-1",
    "promisc-end-1", "promisc-sentinel",
};

static void
make_orphan(struct script *s, struct switch_bridge *bridge, const char *name)
{
    command(s, "own %s %s span-owner=host-1 span-role=%s "
            "span-session=%08x-0000-0000-0000-%012x span-sink=k%u "
            "%s=br%u span-hook=h%u", bridge->name, name,
            roles[pick(ARRAY_SIZE(roles))], 0xa000 + pick(30), pick(30),
            pick(3), pick(4) ? "span-bridge" : "x", pick(3), pick(2));
}

static void
make_mirror(struct script *s, struct switch_bridge *bridge)
{
    const char *output = bridge->ports[pick(bridge->n_ports)]->name;
    const char *src = bridge->ports[pick(bridge->n_ports)]->name;
    char *name = xasprintf("m%u", s->fake.n_uuids);

    command(s, "mirror %s %s %s src=%s", bridge->name, name, output, src);
    if (!pick(3)) {
        make_orphan(s, bridge, name);
    }
    free(name);
}

static void
make_bridge(struct script *s, unsigned int i)
{
    char *name = (i == 3 ? xstrdup("br-span") : xasprintf("br%u", i));
    struct switch_bridge *bridge;

    command(s, "bridge %s %s", name, pick(6) ? "netdev" : "system");
    bridge = fake_bridge(&s->fake, name);
    for (unsigned int j = 0; j < 1 + pick(6); j++) {
        char *port = xasprintf(pick(8) ? "vm%u-%u" : "span-k%u%u", i, j);

        command(s, "port %s %s iface-id=if%u", name, port, pick(8));
        if (!pick(6)) {
            fake_port(bridge, port)->ifaces[0]->ofport = -1;
        }
        if (!pick(6)) {
            make_orphan(s, bridge, port);
        }
        free(port);
    }
    for (unsigned int j = pick(4); j-- > 0; ) {
        make_mirror(s, bridge);
    }
    if (i == 3 && pick(2)) {
        smap_add(&bridge->external_ids, SPAN_KEY_OWNER, "host-1");
    }
    free(name);
}

static void
make_session(struct script *s, unsigned int i)
{
    static const char *sources[] = {
        "port:vm0-0", "port:vm0-*", "port:vm1-1,from", "iface-id:if3,to",
        "bridge:br1", "vlan:20", "port:vm*", "uplink:vm2-0", "port:none",
        "hook:h0,bridge=br0", "hook:h1,bridge=br1", "hook:h0,bridge=br1",
        "hook:h0", "hook:vm0-0",
    };
    static const char *destinations[] = {
        "sink:k0", "sink:k1", "port:vm0-1", "port:vm1-0", "port:nowhere",
        "sink:nowhere", "port:vm2-2", "rspan:vm1-0", "rspan:vm2-1",
        "rspan:vm0-2", "gre:192.0.2.1", "gre:192.0.2.1,id=7",
        "erspan2:192.0.2.1,id=3", "erspan3:192.0.2.1,id=4",
        "erspan3:2001:db8::1", "gre:192.0.2.2",
    };
    bool rspan = false;

    command(s, "session s%u source=%s dest=%s %s %s rate=%u sample=%u",
            i,
            sources[pick(ARRAY_SIZE(sources))],
            destinations[pick(ARRAY_SIZE(destinations))],
            pick(2) ? "filter=udp" : "snaplen=64",
            pick(2) ? "normal_traffic=true" : "strip_vlan=true",
            pick(2) * (1 + pick(3)) * 10, pick(2) ? 1 : 1 + pick(3));
    if (pick(2)) {
        struct session *session = &s->sessions[i];
        struct fault fault = FAULT_INITIALIZER;
        struct session_args args = { s->now, false, false, false };
        char *arg = xasprintf("dest=%s",
                              destinations[pick(ARRAY_SIZE(destinations))]);

        session_parse_arg(session, arg, &args, &fault);
        fault_clear(&fault);
        free(arg);
    }

    struct session *session = &s->sessions[i];

    for (size_t j = 0; j < session->n_destinations; j++) {
        rspan |= session->destinations[j].kind == DESTINATION_RSPAN;
    }
    session->encap_vlan = rspan ? 18 + pick(3) : 0;
    session->type = session_infer_type(session);
}

static void
make_group(struct script *s, unsigned int i)
{
    static const char *members[] = {
        "port:vm*", "port:vm0-*", "iface-id:if3", "port:vm1-0", "port:none",
    };
    static const char *policies[] = {
        "promiscuous=accept", "promiscuous=reject",
        "promiscuous_ports=port:vm0-0", "promiscuous_ports=port:vm1-*",
        "promiscuous_ports=iface-id:if2,iface-id:if3",
    };

    static const char *limits[] = {
        "mac_limit=0", "mac_limit=4", "mac_limit=1 limit_policy=allow",
        "mac_limit=2 limit_policy=drop mac_changes=reject",
        "override=port:vm0-0,mac_limit=3,limit_policy=drop",
        "override=port:vm*,mac_limit=inherit,limit_policy=inherit",
    };

    command(s, "group g%u bridge=br%u member=%s member=%s %s %s %s", i,
            pick(3),
            members[pick(ARRAY_SIZE(members))],
            members[pick(ARRAY_SIZE(members))],
            policies[pick(ARRAY_SIZE(policies))],
            limits[pick(ARRAY_SIZE(limits))], pick(2) ? "vlan=20" : "");
}

static void
make_start(struct script *s)
{
    script_init(s);
    s->fake.lag = pick(2);
    for (unsigned int i = 0; i < 4; i++) {
        if (pick(4)) {
            make_bridge(s, i);
        }
    }
    command(s, "policy uplinks=vm[12]* collectors=192.0.2.1 "
            "collectors=2001:db8::/32");
    command(s, "sink k0");
    command(s, "sink k1 files=%u", 1 + pick(5));
    for (unsigned int i = 0; i < 1 + pick(5); i++) {
        make_session(s, i);
    }
    for (unsigned int i = pick(3); i-- > 0; ) {
        make_group(s, i);
    }
    for (unsigned int i = 0; i < s->fake.state.n_bridges; i++) {
        s->fake.state.bridges[i]->flows_known = true;
    }
    switch_state_finish(&s->fake.state);
}

/* A port gets another member, which is active, and a VLAN. */
static void
make_bond(struct script *s, struct switch_bridge *bridge)
{
    struct switch_port *port = (bridge->n_ports
                                ? bridge->ports[pick(bridge->n_ports)] : NULL);
    struct switch_iface *iface;

    if (port && !port->ours) {
        iface = switch_port_add_iface(port, "m1");
        iface->ofport = 200;
        free(iface->mac);
        iface->mac = xstrdup("m1");
        command(s, "bond %s %s m1", bridge->name, port->name);
        port->tag = port->tag ? 0 : 18 + pick(3);
    }
}

/* Somebody or something meddles. */
static void
make_trouble(struct script *s)
{
    struct switch_state *state = &s->fake.state;

    if (!state->n_bridges) {
        return;
    }

    struct switch_bridge *bridge = state->bridges[pick(state->n_bridges)];

    switch (pick(9)) {
    case 0:
        if (bridge->n_ports > 1) {
            fake_del_port(bridge, bridge->ports[pick(bridge->n_ports)]->name);
        }
        break;
    case 1:
        fake_restart_vswitchd(&s->fake);
        break;
    case 2:
        if (!fake_port(bridge, "vm0-0")) {
            command(s, "port %s vm0-0 iface-id=if3", bridge->name);
        }
        break;
    case 3:
        make_session(s, 0);
        break;
    case 4:
        make_bond(s, bridge);
        break;
    case 5:
        fake_del_meters(bridge);
        break;
    case 6:
        if (bridge->ours) {
            command(s, "meter %s %u 7", bridge->name,
                    1 + (0xa000 + pick(30)) % 60000);
        }
        break;
    case 7:
        make_group(s, pick(3));
        break;
    case 8:
        bridge->has_controller = !bridge->has_controller;
        break;
    }
    switch_state_finish(state);
}

static void
converge(struct script *s, const char *what, unsigned int start)
{
    char *others = fake_switch_to_string(&s->fake, false);
    int passes = script_converge(s, MAX_PASSES, NULL);
    char *others_after = fake_switch_to_string(&s->fake, false);
    char *ours = fake_switch_to_string(&s->fake, true);

    if (passes < 0) {
        struct ds output = DS_EMPTY_INITIALIZER;

        tap_ok(false, "start %u: %s is completed", start, what);
        script_converge(s, 3, &output);
        tap_diag("%s\n%s", ds_cstr(&output), ours);
        ds_destroy(&output);
    }
    if (strcmp(others, others_after)) {
        tap_str(others_after, others, "start %u: %s leaves others alone",
                start, what);
    }
    if (passes >= 0 && script_converge(s, MAX_PASSES, NULL) != 1) {
        tap_ok(false, "start %u: %s, again, is nothing", start, what);
    }
    free(others);
    free(others_after);
    free(ours);
}

static void
check_nothing_left(struct script *s, unsigned int start)
{
    /* A private bridge on which others have put ports stays with them. */
    size_t kept = 0;
    size_t flags = 0;

    for (size_t i = 0; i < s->fake.state.n_bridges; i++) {
        const struct switch_bridge *bridge = s->fake.state.bridges[i];

        for (size_t j = 0; j < bridge->n_ports; j++) {
            flags += bridge->ports[j]->no_flood;
        }
        if (!bridge->ours) {
            continue;
        }
        kept += 1 + bridge->n_flows;
        if (bridge->n_ports == (switch_bridge_find_port(bridge, bridge->name)
                                != NULL)
            && !bridge->n_mirrors) {
            tap_ok(false, "start %u: no private bridge stays", start);
        }
    }
    if (flags) {
        tap_ok(false, "start %u: no port keeps flags of ours", start);
    }
    if (fake_switch_count_ours(&s->fake) != kept) {
        char *text = fake_switch_to_string(&s->fake, true);

        tap_str(text, "", "start %u: nothing of ours remains", start);
        free(text);
    }
}

static void
test_start(unsigned int start)
{
    struct script script;

    seed = start;
    make_start(&script);
    converge(&script, "the first run", start);
    for (unsigned int i = 0; i < 3; i++) {
        make_trouble(&script);
        converge(&script, "mending", start);
    }
    while (script.n_sessions) {
        command(&script, "del-session %s", script.sessions[0].name);
    }
    while (script.n_groups) {
        command(&script, "del-group %s", script.groups[0].name);
    }
    converge(&script, "taking away", start);
    command(&script, "leave yes");
    converge(&script, "leaving", start);
    check_nothing_left(&script, start);
    script_destroy(&script);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    set_program_name(argv[0]);
    for (unsigned int i = 0; i < N_STARTS; i++) {
        test_start(i);
    }
    tap_ok(true, "%d starts, six runs each", N_STARTS);
    return tap_done();
}
