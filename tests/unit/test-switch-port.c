/* SPDX-License-Identifier: Apache-2.0
 *
 * What ports do with VLANs, for each mode and each way to leave a column
 * empty.  The numbers are those that ofproto/trace of Open vSwitch 3.1 gives.
 */

#include <config.h>
#include "plugin/core/switch-state.h"
#include <string.h>
#include "tests/tap.h"
#include "util.h"

static const struct row {
    const char *mode;
    int tag;
    uint16_t trunks[2];
    size_t n_trunks;
    int native;                 /* What 'tag' is to become. */
    const char *carries;        /* VLANs 0, 10, 20 and 30: "T" with a tag, "u"
                                 * without one, "-" not at all. */
} rows[] = {
    { "", -1, { 0 }, 0, 0, "uTTT" },
    { "", -1, { 20, 10 }, 2, 0, "-TT-" },
    { "", -1, { 0, 30 }, 2, 0, "u--T" },
    { "", 10, { 0 }, 0, 10, "-u--" },
    { "", 10, { 20 }, 1, 10, "-u--" },
    { "", 0, { 0 }, 0, 0, "u---" },
    { "access", 20, { 0 }, 0, 20, "--u-" },
    { "access", -1, { 0 }, 0, 0, "u---" },
    { "trunk", 10, { 0 }, 0, 0, "uTTT" },
    { "trunk", 10, { 20 }, 1, 0, "--T-" },
    { "native-tagged", 10, { 0 }, 0, 10, "-TTT" },
    { "native-tagged", 10, { 20 }, 1, 10, "-TT-" },
    { "native-tagged", 10, { 0, 20 }, 2, 10, "-TT-" },
    { "native-tagged", -1, { 20 }, 1, 0, "--T-" },
    { "native-untagged", 10, { 0 }, 0, 10, "-uTT" },
    { "native-untagged", 10, { 20 }, 1, 10, "-uT-" },
    { "native-untagged", -1, { 0 }, 0, 0, "uTTT" },
    { "dot1q-tunnel", 30, { 0 }, 0, 30, "---u" },
    { "bogus", 10, { 0 }, 0, 0, "uTTT" },
};

int
main(void)
{
    struct switch_state state;
    struct switch_bridge *bridge;

    switch_state_init(&state, "host");
    bridge = switch_state_add_bridge(&state, "br0");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *name = xasprintf("p%02d", (int) i);

        switch_port_set_vlans(switch_bridge_add_port(bridge, name),
                              rows[i].mode, rows[i].tag, rows[i].trunks,
                              rows[i].n_trunks);
        free(name);
    }
    switch_state_finish(&state);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct switch_port *port = bridge->ports[i];
        char carries[5] = "";

        for (int vlan = 0; vlan <= 30; vlan += 10) {
            carries[vlan / 10] = (!switch_port_carries(port, vlan) ? '-'
                                  : switch_port_tags(port, vlan) ? 'T' : 'u');
        }
        tap_str(carries, rows[i].carries, "\"%s\" with tag %d and %d trunks",
                rows[i].mode, rows[i].tag, (int) rows[i].n_trunks);
        tap_int(port->tag, rows[i].native, "its native VLAN");
        tap_ok(port->n_trunks < 2 || port->trunks[0] < port->trunks[1],
               "its trunks are sorted");
    }
    switch_state_destroy(&state);
    return tap_done();
}
