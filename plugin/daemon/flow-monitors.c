/* SPDX-License-Identifier: Apache-2.0 */

/* What the switch is asked to tell of.  See flow-monitors.h. */

#include <config.h>
#include "plugin/daemon/flow-monitors.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "plugin/core/flow-text.h"
#include "plugin/daemon/flow-dump.h"
#include "plugin/daemon/flow-link.h"
#include "plugin/daemon/flow-message.h"
#include "sset.h"
#include "util.h"

/* ID of the monitor of everything; others have their port's number. */
#define MONITOR_ALL UINT32_MAX

/* The number of a bridge's own port, which rules show by its name. */
#define LOCAL 65534u

/* Brings '*monitors', those that 'link' has, to exactly what 'dump' has: each
 * of its input ports, or everything if the bridge is 'private'. */
void
flow_monitors_update(struct sset *monitors, const struct flow_dump *dump,
                     bool private, struct flow_link *link,
                     enum ofputil_protocol protocol)
{
    struct sset wanted = SSET_INITIALIZER(&wanted);
    const char *name;

    for (size_t i = 0; i < dump->n && !private; i++) {
        const char *in_port = strstr(dump->flows[i].match, "in_port=");
        unsigned int number;

        if (in_port && !strncmp(in_port, "in_port=LOCAL", 13)) {
            sset_add_and_free(&wanted, xasprintf("%u", LOCAL));
        } else if (in_port && ovs_scan(in_port, "in_port=%u", &number)) {
            sset_add_and_free(&wanted, xasprintf("%u", number));
        }
    }
    if (private) {
        sset_add_and_free(&wanted, xasprintf("%u", MONITOR_ALL));
    }

    SSET_FOR_EACH (name, monitors) {
        if (!sset_contains(&wanted, name)) {
            flow_link_send(link, flow_message_monitor_cancel(
                               protocol, strtoul(name, NULL, 10)));
        }
    }
    SSET_FOR_EACH (name, &wanted) {
        if (!sset_contains(monitors, name)) {
            uint32_t id = strtoul(name, NULL, 10);
            ofp_port_t port = u16_to_ofp(id);

            flow_link_send(link, flow_message_monitor(
                               protocol, id,
                               id == MONITOR_ALL ? NULL : &port));
        }
    }
    sset_swap(monitors, &wanted);
    sset_destroy(&wanted);
}
