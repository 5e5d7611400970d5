/* SPDX-License-Identifier: Apache-2.0 */

/* What changes on the switch in memory by other hands than the plan's: ways to
 * collectors, bonds, ports that fail.  See fake-switch.h. */

#include <config.h>
#include "fake-switch.h"

#include <stdlib.h>

#include "openvswitch/util.h"
#include "util.h"

/* Says that the way to 'remote' is by 'dev', which has the address 'src', or
 * that there is none. */
void
fake_set_route(struct fake_switch *fake, const char *remote, bool found,
               const char *dev, const char *src)
{
    struct switch_route *route = CONST_CAST(
        struct switch_route *, switch_state_find_route(&fake->state, remote));

    if (!route) {
        route = switch_state_add_route(&fake->state, remote, found, "", "");
    }
    route->found = found;
    free(route->dev);
    free(route->src);
    route->dev = xstrdup(found ? dev : "");
    route->src = xstrdup(src);
}

/* vswitchd is asked for the way to 'remote': by eth9 if nothing else was said
 * with fake_set_route(). */
void
fake_ask_route(struct fake_switch *fake, const char *remote)
{
    if (!switch_state_find_route(&fake->state, remote)) {
        fake_set_route(fake, remote, true, "eth9", "192.0.2.99");
    }
}

/* The member with 'mac' becomes the active one of bond 'name'. */
void
fake_set_active(struct switch_bridge *bridge, const char *name,
                const char *mac)
{
    struct switch_port *port = fake_port(bridge, name);

    free(port->active_mac);
    port->active_mac = xstrdup(mac);
}

/* vswitchd could not make port 'name'. */
void
fake_fail_port(struct switch_bridge *bridge, const char *name)
{
    fake_port(bridge, name)->ifaces[0]->ofport = -1;
}
