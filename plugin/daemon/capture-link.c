/* SPDX-License-Identifier: Apache-2.0 */

/* The network devices of our capture ports: seen from the kernel, a capture
 * port is a network card that must be up, so that a recorder can listen on it,
 * and must never say a word of its own: no IPv6, no ARP.
 *
 * vswitchd makes the device anew when it restarts; the columns that it then
 * writes (ifindex, admin_state, link_state) bring us back here. */

#include <config.h>

#include "plugin/daemon/capture-link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "plugin/core/name.h"
#include "plugin/core/plan.h"
#include "plugin/core/switch-state.h"
#include "smap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(capture_link);

static char *
ipv6_switch(const char *name)
{
    return xasprintf("/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
}

/* Is IPv6 off for device 'name'?  It is as well when the kernel has none. */
static bool
ipv6_is_off(const char *name)
{
    char *file = ipv6_switch(name);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    char c = '1';
    bool off;

    off = fd < 0 ? errno == ENOENT : read(fd, &c, 1) == 1 && c == '1';
    if (fd >= 0) {
        close(fd);
    }
    free(file);
    return off;
}

/* Returns 0 or a positive errno value. */
static int
ipv6_turn_off(const char *name)
{
    char *file = ipv6_switch(name);
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    int error = 0;

    if (fd < 0) {
        error = errno == ENOENT ? 0 : errno;
    } else {
        if (write(fd, "1", 1) != 1) {
            error = errno;
        }
        close(fd);
    }
    free(file);
    return error;
}

/* Reads the flags of device 'name'.  Returns 0 or a positive errno value. */
static int
get_flags(int sock, const char *name, struct ifreq *ifr)
{
    memset(ifr, 0, sizeof *ifr);
    ovs_strzcpy(ifr->ifr_name, name, sizeof ifr->ifr_name);
    return ioctl(sock, SIOCGIFFLAGS, ifr) < 0 ? errno : 0;
}

static bool
link_is_ready(int sock, const char *name)
{
    struct ifreq ifr;

    return (!get_flags(sock, name, &ifr) && ifr.ifr_flags & IFF_UP
            && ipv6_is_off(name));
}

/* Sets 'link_ready' of our own internal ports in 'state', which need not be
 * finished yet. */
void
capture_link_fill(struct switch_state *state)
{
    int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (sock < 0) {
        VLOG_WARN("socket: %s", ovs_strerror(errno));
        return;
    }
    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct switch_bridge *bridge = state->bridges[i];

        for (size_t j = 0; j < bridge->n_ports; j++) {
            const struct switch_port *port = bridge->ports[j];
            const char *owner = smap_get(&port->external_ids, SPAN_KEY_OWNER);

            if (!owner || strcmp(owner, state->system_id)) {
                continue;
            }
            for (size_t k = 0; k < port->n_ifaces; k++) {
                struct switch_iface *iface = port->ifaces[k];

                if (!strcmp(iface->type, "internal")) {
                    iface->link_ready = link_is_ready(sock, iface->name);
                }
            }
        }
    }
    close(sock);
}

/* Returns 0 or a positive errno value. */
static int
link_up(int sock, const char *name)
{
    struct ifreq ifr;
    int error = ipv6_turn_off(name);

    if (!error) {
        error = get_flags(sock, name, &ifr);
    }
    if (!error) {
        ifr.ifr_flags |= IFF_UP | IFF_NOARP;
        if (ioctl(sock, SIOCSIFFLAGS, &ifr) < 0) {
            error = errno;
        }
    }
    return error;
}

/* Carries out the link operations of 'plan'. */
void
capture_link_apply(const struct plan *plan)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    int sock = -1;

    for (size_t i = 0; i < plan->n_ops; i++) {
        const struct op *op = plan->ops[i];
        int error;

        if (op->type != OP_LINK_UP) {
            continue;
        }
        if (sock < 0) {
            sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        }
        error = sock < 0 ? errno : link_up(sock, op->name);
        if (error) {
            VLOG_WARN_RL(&rl, "%s: cannot be brought up: %s", op->name,
                         ovs_strerror(error));
        }
    }
    if (sock >= 0) {
        close(sock);
    }
}

/* Is what 'op' deletes a device of the userspace datapath, as far as 'state'
 * tells? */
static bool
deletes_device(const struct op *op, const struct switch_state *state)
{
    const struct switch_bridge *bridge;
    const struct switch_port *port;

    if (op->type == OP_DEL_BRIDGE) {
        return true;
    } else if (op->type != OP_DEL_PORT) {
        return false;
    }
    bridge = switch_state_find_bridge(state, op->bridge);
    port = bridge ? switch_bridge_find_port(bridge, op->name) : NULL;
    return port && !strcmp(switch_port_type(port), "internal");
}

/* Deletes tap device 'name' unless somebody has it open.  When there is none,
 * the kernel makes one that does not outlive this function. */
static void
bury(const char *name)
{
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    struct ifreq ifr;

    if (fd < 0) {
        return;
    }
    memset(&ifr, 0, sizeof ifr);
    ovs_strzcpy(ifr.ifr_name, name, sizeof ifr.ifr_name);
    ifr.ifr_flags = IFF_TAP | IFF_NO_PI;
    if (!ioctl(fd, TUNSETIFF, &ifr)) {
        ioctl(fd, TUNSETPERSIST, 0);
    }
    close(fd);
}

/* In the userspace datapath our ports are tap devices that outlive vswitchd.
 * It deletes them with the port; but a vswitchd that died before that, and
 * finds no port when it comes back, never thinks of them again.  So when
 * vswitchd is dead, this deletes the devices of the ports and bridges that
 * 'plan' deletes from 'state'. */
void
capture_link_bury(const struct plan *plan, const struct switch_state *state)
{
    for (size_t i = 0; i < plan->n_ops; i++) {
        if (deletes_device(plan->ops[i], state)) {
            bury(plan->ops[i]->name);
        }
    }
}
