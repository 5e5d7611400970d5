/* SPDX-License-Identifier: Apache-2.0 */

/* Tunnels to collectors: the ports, and the outputs to them.  See tunnel.h.
 *
 * A copy that does not fit the way to the collector is cut, so that it
 * arrives: the userspace datapath puts a header before a frame and sends it
 * whatever the MTU of the device below, which then drops it. */

#include <config.h>
#include "tunnel.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "leg-view.h"
#include "name.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "switch-index.h"
#include "text.h"
#include "util.h"

/* Of a way that Open vSwitch does not know; bytes. */
#define DEFAULT_MTU 1500

/* The least that a copy is cut to; as the least slice. */
#define MIN_ROOM 60

/* Bytes before the frame: GRE, its key; GRE with a sequence number and the
 * ERSPAN header (draft-foschiano-erspan; OVS lib/packets.h, ERSPAN_V*). */
#define GRE_BYTES 4
#define GRE_KEY_BYTES 4
#define ERSPAN2_HEADER 16
#define ERSPAN3_HEADER 20

bool
destination_is_tunnel(const struct destination *d)
{
    return (d->kind == DESTINATION_GRE || d->kind == DESTINATION_ERSPAN2
            || d->kind == DESTINATION_ERSPAN3);
}

/* Writes the address of the collector 'd', in its canonical form, into 'buf',
 * and returns it. */
const char *
collector_address(const struct destination *d, char *buf, size_t size)
{
    struct in6_addr ip6;

    if (inet_pton(AF_INET6, d->target, &ip6) == 1) {
        inet_ntop(AF_INET6, &ip6, buf, size);
    } else {
        ovs_strlcpy(buf, d->target, size);
    }
    return buf;
}

/* Makes '*t' the tunnel for 'd' on the private bridge of 'datapath_type',
 * which it borrows. */
void
tunnel_init(struct wanted_tunnel *t, const struct destination *d,
            const char *datapath_type)
{
    bool v6 = strchr(d->target, ':') != NULL;

    memset(t, 0, sizeof *t);
    t->type = (d->kind == DESTINATION_GRE ? (v6 ? "ip6gre" : "gre")
               : v6 ? "ip6erspan" : "erspan");
    t->datapath_type = datapath_type;
    t->keyed = (d->kind != DESTINATION_GRE
                || smap_get(&d->options, "id") != NULL);
    collector_address(d, t->remote, sizeof t->remote);
}

bool
tunnel_equals(const struct wanted_tunnel *a, const struct wanted_tunnel *b)
{
    return (!strcmp(a->type, b->type) && a->keyed == b->keyed
            && !strcmp(a->remote, b->remote)
            && !strcmp(a->datapath_type, b->datapath_type));
}

/* Initializes '*options' as those of the tunnel's Interface row. */
void
tunnel_options(const struct wanted_tunnel *t, struct smap *options)
{
    smap_init(options);
    smap_add(options, "remote_ip", t->remote);
    if (t->keyed) {
        smap_add(options, "key", "flow");
    }
    if (strstr(t->type, "erspan")) {
        smap_add(options, "erspan_ver", "flow");
        smap_add(options, "erspan_idx", "flow");
        smap_add(options, "erspan_dir", "flow");
        smap_add(options, "erspan_hwid", "flow");
    }
}

/* Is 'port' of ours the one for 't'? */
static bool
is_port_of(const struct switch_port *port, const struct wanted_tunnel *t)
{
    const struct smap *ids = &port->external_ids;

    return (!strcmp(switch_port_role(port), SPAN_ROLE_TUNNEL)
            && !strcmp(smap_get_def(ids, SPAN_KEY_COLLECTOR, ""), t->remote)
            && !strcmp(switch_port_type(port), t->type)
            && smap_get_bool(ids, SPAN_KEY_KEYED, false) == t->keyed);
}

/* Returns the port for 't' that is there, or NULL. */
const struct switch_port *
tunnel_port_find(const struct switch_state *state,
                 const struct wanted_tunnel *t)
{
    const struct switch_bridge *bridge
        = switch_state_private_bridge(state, t->datapath_type);
    const struct index_node *best = NULL;
    const struct index_node *node;

    INDEX_FOR_EACH (node, index_hash_text(t->remote),
                    &state->index->own_ports) {
        if (node->bridge == bridge && (!best || node->order < best->order)
            && is_port_of(node->object, t)) {
            best = node;
        }
    }
    return best ? best->object : NULL;
}

static const struct switch_route *
find_route(const struct destination *d, const struct switch_state *state)
{
    char remote[INET6_ADDRSTRLEN];

    return switch_state_find_route(
        state, collector_address(d, remote, sizeof remote));
}

/* The MTU of the device 'name', bytes, if the switch has it. */
static int64_t
device_mtu(const struct switch_state *state, const char *name)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct switch_bridge *bridge = state->bridges[i];
        const struct switch_port *port = switch_bridge_find_port(bridge,
                                                                 name);

        if (port && port->n_ifaces && port->ifaces[0]->mtu > 0) {
            return port->ifaces[0]->mtu;
        }
    }
    return DEFAULT_MTU;
}

/* Returns how many bytes come before a frame on its way to the collector 'd',
 * those of the outer Ethernet header included. */
int
tunnel_overhead(const struct destination *d)
{
    int ip = strchr(d->target, ':') ? IPV6_HEADER_LEN : IP_HEADER_LEN;

    return (ETH_HEADER_LEN + ip
            + (d->kind == DESTINATION_ERSPAN2 ? ERSPAN2_HEADER
               : d->kind == DESTINATION_ERSPAN3 ? ERSPAN3_HEADER
               : GRE_BYTES + (smap_get(&d->options, "id")
                              ? GRE_KEY_BYTES : 0)));
}

/* Returns how many bytes of a frame fit into one packet to the collector 'd',
 * by the MTU of the device through which it leaves. */
int
tunnel_room(const struct destination *d, const struct switch_state *state)
{
    const struct switch_route *route = find_route(d, state);
    int64_t room = (device_mtu(state, route ? route->dev : "")
                    + ETH_HEADER_LEN - tunnel_overhead(d));

    return MIN(MAX(room, MIN_ROOM), 65535);
}

/* Can 'ws' count on the tunnel to 'd'?  Nothing is sent before it is known
 * where it would leave: it might be mirrored there; and no mirror is armed for
 * it before the neighbor on the way is known: vswitchd drops what goes there
 * until it is. */
enum tunnel_use
tunnel_use_of(const struct switch_state *state,
              const struct wanted_session *ws, const struct destination *d)
{
    struct wanted_tunnel tunnel;

    tunnel_init(&tunnel, d, ws->datapath_type);
    const struct switch_port *port = tunnel_port_find(state, &tunnel);
    const struct switch_route *route = find_route(d, state);
    int64_t ofport = port ? switch_port_ofport(port) : 0;

    return (ofport < 0 ? TUNNEL_USE_FAILED
            : !ofport || !route ? TUNNEL_USE_PENDING
            : !route->found || route->neighbor == NEIGHBOR_KNOWN
              ? TUNNEL_USE_READY
            : route->neighbor == NEIGHBOR_SILENT ? TUNNEL_USE_SILENT
            : TUNNEL_USE_ASKING);
}

/* What an ERSPAN header says beside the version: of type II the session (the
 * first 20 bits of its UUID), of type III the direction (0 into the switch, as
 * of what has none; 1 out of it) and this host (6 bits). */
static void
put_erspan(struct ds *actions, const struct destination *d,
           const struct wanted_session *ws, const struct wanted_leg *leg,
           const struct switch_state *state)
{
    if (d->kind == DESTINATION_ERSPAN2) {
        ds_put_format(actions, "set_field:1->tun_erspan_ver,"
                      "set_field:0x%x->tun_erspan_idx,",
                      ws->session->uuid.parts[0] >> 12);
    } else {
        ds_put_format(actions, "set_field:2->tun_erspan_ver,"
                      "set_field:%d->tun_erspan_dir,"
                      "set_field:0x%x->tun_erspan_hwid,",
                      !leg->n_src && !leg->hook,
                      name_hash(state->system_id) & 0x3f);
    }
}

static void
put_tunnel(struct ds *actions, const struct destination *d,
           const struct wanted_session *ws, const struct wanted_leg *leg,
           const struct switch_state *state, int64_t ofport)
{
    int snaplen = ws->session->snaplen;
    int room = tunnel_room(d, state);
    int64_t id = 0;

    text_to_number(smap_get_def(&d->options, "id", "0"), UINT32_MAX, &id);
    if (d->kind != DESTINATION_GRE || smap_get(&d->options, "id")) {
        ds_put_format(actions, "set_field:%"PRId64"->tun_id,", id);
    }
    if (d->kind != DESTINATION_GRE) {
        put_erspan(actions, d, ws, leg, state);
    }
    ds_put_format(actions, "output(port=%"PRId64",max_len=%d),", ofport,
                  snaplen ? MIN(snaplen, room) : room);
}

/* Appends the outputs to the collectors of 'ws', for copies of 'leg'.  They
 * must come last: what they set stays set.  Returns false if one of the ports
 * is not there yet; it is left out. */
bool
tunnel_put_outputs(struct ds *actions, const struct wanted_session *ws,
                   const struct wanted_leg *leg,
                   const struct switch_state *state)
{
    bool complete = true;

    for (size_t i = 0; i < ws->n_tunnels; i++) {
        const struct destination *d = ws->tunnels[i];
        enum tunnel_use use = tunnel_use_of(state, ws, d);

        if (use == TUNNEL_USE_PENDING) {
            complete = false;
        } else if (use != TUNNEL_USE_FAILED) {
            struct wanted_tunnel tunnel;

            tunnel_init(&tunnel, d, ws->datapath_type);
            put_tunnel(actions, d, ws, leg, state, switch_port_ofport(
                           tunnel_port_find(state, &tunnel)));
        }
    }
    return complete;
}

/* Says in 'fault' what is wrong with the tunnel to 'd' that has 'use'. */
static void
explain_tunnel(const struct wanted_session *ws, const struct destination *d,
               const struct switch_state *state, enum tunnel_use use,
               struct fault *fault)
{
    const char *kind = destination_kind_to_string(d->kind);
    struct wanted_tunnel tunnel;

    if (use == TUNNEL_USE_ASKING || use == TUNNEL_USE_SILENT) {
        const char *dev = find_route(d, state)->dev;

        fault_set(fault, "no-neighbor",
                  "%s:%s, or the gateway to it, does not answer Open vSwitch "
                  "on %s (ovs-appctl tnl/neigh/show), so no copies get there; "
                  "is it up, and in that network?",
                  kind, d->target, dev[0] ? dev : "its device");
        return;
    }
    tunnel_init(&tunnel, d, ws->datapath_type);
    const struct switch_port *port = tunnel_port_find(state, &tunnel);

    fault_set(fault, "port-failed",
              "Open vSwitch could not make the tunnel to %s:%s: %s", kind,
              d->target, port && port->n_ifaces && port->ifaces[0]->error[0]
              ? port->ifaces[0]->error : "it did not get ready.");
}

/* Judges the tunnels of 'ws': sets 'pending', or 'fault' with the first thing
 * that is wrong, if that has none yet.  Returns true if one of them works, at
 * least as far as Open vSwitch's port. */
bool
tunnel_judge(const struct wanted_session *ws,
             const struct switch_state *state, bool overdue, bool *pending,
             struct fault *fault)
{
    bool usable = false;

    for (size_t i = 0; i < ws->n_tunnels; i++) {
        const struct destination *d = ws->tunnels[i];
        const struct switch_route *route = find_route(d, state);
        enum tunnel_use use = tunnel_use_of(state, ws, d);

        usable |= use == TUNNEL_USE_READY;
        if ((use == TUNNEL_USE_PENDING || use == TUNNEL_USE_ASKING)
            && !overdue) {
            *pending = true;
        } else if (fault_is_set(fault)) {
            continue;           /* The first is the one to mend first. */
        } else if (use != TUNNEL_USE_READY) {
            explain_tunnel(ws, d, state, use, fault);
        } else if (!route->found) {
            fault_set(fault, "no-route",
                      "Open vSwitch has no route to %s:%s, so no copies get "
                      "there; give a bridge an address in its network, or "
                      "the host a route (ovs-appctl ovs/route/show).",
                      destination_kind_to_string(d->kind), d->target);
        }
    }
    return usable;
}

/* Reads 'text', an address or a network of one family, into '*net'. */
bool
collector_net_parse(struct collector_net *net, const char *text)
{
    ovs_be32 ip, mask;
    char *error = ip_parse_masked(text, &ip, &mask);

    if (error) {
        free(error);
        error = ipv6_parse_masked(text, &net->address, &net->mask);
    } else {
        in6_addr_set_mapped_ipv4(&net->address, ip);
        in6_addr_set_mapped_ipv4(&net->mask, mask);
        memset(net->mask.s6_addr, 0xff, 12);
    }
    if (error) {
        free(error);
        return false;
    }
    return true;
}
