/* SPDX-License-Identifier: Apache-2.0
 *
 * Which mirrors take a frame twice, and with which Open vSwitch.
 */

#include <config.h>
#include "plugin/core/source-check.h"
#include <string.h>
#include "tests/tap.h"
#include "util.h"

static const struct {
    const char *version;
    bool once;
} versions[] = {
    { "", false }, { "nonsense", false }, { "3", false },
    { "2.17.9", false }, { "3.1.0", false }, { "3.2.10", false },
    { "3.3.7", false }, { "3.3.8", true }, { "3.3.10", true },
    { "3.4", false }, { "3.4.4", false }, { "3.4.5", true },
    { "3.4.90", false }, { "3.5.2", false }, { "3.5.3", true },
    { "3.6.1", false }, { "3.6.2", true }, { "3.6.3-1.el9fdp", true },
    { "3.6.90", false }, { "3.7.0", true }, { "3.8", true }, { "4.0.0", true },
    { "10.0.1", true },
};

static void
test_versions(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
        tap_ok(source_version_copies_once(versions[i].version)
               == versions[i].once,
               "version \"%s\" copies %s", versions[i].version,
               versions[i].once ? "once" : "twice");
    }
}

/* A port of a bridge, and what is mirrored of it. */
static const struct row {
    const char *name;
    const char *datapath_type;
    int n_ifaces;
    bool balance_tcp, lb_output;
    bool to;                    /* What it is given, else what it sends. */
    uint16_t vlan;              /* 0 = all of them. */
    const char *version;
    bool once;
} rows[] = {
    { "what a bond is given", "", 2, true, false, true, 0, "3.1.0", false },
    { "in a VLAN of it", "", 2, true, false, true, 10, "3.1.0", false },
    { "in one not of it", "", 2, true, false, true, 30, "3.1.0", true },
    { "what it sends", "", 2, true, false, false, 0, "3.1.0", true },
    { "of another mode", "", 2, false, false, true, 0, "3.1.0", true },
    { "one interface", "", 1, true, false, true, 0, "3.1.0", true },
    { "version unknown", "", 2, true, false, true, 0, "", false },
    { "mended", "", 2, true, false, true, 0, "3.3.8", true },
    { "lb_output in userspace", "netdev", 2, true, true, true, 0, "3.1.0",
      true },
    { "lb_output in the kernel", "system", 2, true, true, true, 0, "3.1.0",
      false },
    { "without, in userspace", "netdev", 2, true, false, true, 0, "3.1.0",
      false },
};

static void
test_row(const struct row *row)
{
    static const uint16_t trunks[] = { 10, 20 };
    struct fault fault = FAULT_INITIALIZER;
    struct wanted_session ws = { .n_legs = 1 };
    struct wanted_leg leg = { .n_vlans = row->vlan != 0 };
    struct switch_state state;
    struct switch_bridge *bridge;
    struct switch_port *port;
    uint16_t vlan = row->vlan;

    switch_state_init(&state, "host");
    free(state.ovs_version);
    state.ovs_version = xstrdup(row->version);
    bridge = switch_state_add_bridge(&state, "br0");
    free(bridge->datapath_type);
    bridge->datapath_type = xstrdup(row->datapath_type);
    port = switch_bridge_add_port(bridge, "bond0");
    switch_port_set_vlans(port, "", -1, trunks, ARRAY_SIZE(trunks));
    for (int i = 0; i < row->n_ifaces; i++) {
        switch_port_add_iface(port, i ? "eth1" : "eth0");
    }
    free(port->bond_mode);
    port->bond_mode = xstrdup(row->balance_tcp ? "balance-tcp" : "");
    port->lb_output = row->lb_output;
    switch_state_finish(&state);

    const struct switch_port *ports[] = { port };
    leg.bridge = bridge;
    *(row->to ? &leg.dst : &leg.src) = ports;
    *(row->to ? &leg.n_dst : &leg.n_src) = 1;
    leg.vlans = &vlan;
    ws.legs = &leg;
    tap_ok(source_check_session(&ws, &state, &fault) == row->once, "%s: %s",
           row->name, row->once ? "once" : "twice");
    tap_str(fault.reason ? fault.reason : "", row->once ? "" : "copied-twice",
            "its reason code");
    if (!row->once) {
        tap_ok(strstr(fault.detail, "bond0") && strstr(
                   fault.detail, row->version) && strstr(
                   fault.detail, "bond_mode=balance-slb"),
               "the bond, the version and what helps");
        tap_int(strstr(fault.detail, "lb-output-action") != NULL,
                !strcmp(row->datapath_type, "netdev"),
                "lb-output-action where it helps");
    }
    fault_clear(&fault);
    switch_state_destroy(&state);
}

int
main(void)
{
    test_versions();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        test_row(&rows[i]);
    }
    return tap_done();
}
