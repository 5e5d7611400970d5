/* SPDX-License-Identifier: Apache-2.0 */

/* How much a session will copy: the numbers.  See estimate.h. */

#include <config.h>
#include "estimate.h"

#include <stdlib.h>
#include <string.h>

#include "hmapx.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "port-rate.h"
#include "tunnel.h"
#include "util.h"
#include "wanted-tunnel.h"

/* Bytes that a frame takes in a file besides itself: the record of pcapng,
 * which is padded to 4 bytes, and that of pcap. */
#define PCAPNG_RECORD 32
#define PCAP_RECORD 16

/* Bytes that a frame takes on a wire besides itself: preamble, checksum, gap
 * (IEEE 802.3). */
#define WIRE_BYTES 24

/* What one port carries in one direction. */
struct stream {
    double packets;             /* Per second. */
    double size;                /* Mean, bytes. */
};

struct streams {
    struct stream *streams;
    size_t n, allocated;
    double packets;             /* Of all. */
    struct hmapx from, to;      /* Ports whose streams are there. */
    struct hmapx ports;         /* All of them. */
    size_t n_unknown;
    int64_t window;
};

/* Copies of an access port's frames have the tag of its VLAN. */
static void
add_stream(struct streams *s, const struct switch_port *port, bool strip,
           double packets, double bytes)
{
    if (packets <= 0) {
        return;
    }
    if (s->n >= s->allocated) {
        s->streams = x2nrealloc(s->streams, &s->allocated,
                                sizeof *s->streams);
    }
    s->streams[s->n++] = (struct stream) {
        packets, bytes / packets + (port->tag && !strip ? VLAN_HEADER_LEN : 0),
    };
    s->packets += packets;
}

/* Adds what 'ports' carry in one direction, each once. */
static void
add_ports(struct streams *s, const struct switch_port **ports, size_t n,
          enum direction direction, bool strip,
          const struct estimate_world *world)
{
    struct hmapx *set = direction == DIRECTION_FROM ? &s->from : &s->to;

    for (size_t i = 0; i < n; i++) {
        struct switch_port *port = CONST_CAST(struct switch_port *, ports[i]);
        struct port_rate rate;
        bool known;

        if (!hmapx_add(set, port)) {
            continue;
        }
        known = port_rates_sum(world->rates, port, world->now, &rate);
        if (hmapx_add(&s->ports, port) && !known) {
            s->n_unknown++;
        }
        if (known && direction == DIRECTION_FROM) {
            add_stream(s, port, strip, rate.from_packets, rate.from_bytes);
        } else if (known) {
            add_stream(s, port, strip, rate.to_packets, rate.to_bytes);
        }
        s->window = MAX(s->window, rate.window);
    }
}

static void
streams_init(struct streams *s, const struct wanted_session *ws,
             const struct estimate_world *world)
{
    bool strip = ws->session->strip_vlan;

    memset(s, 0, sizeof *s);
    hmapx_init(&s->from);
    hmapx_init(&s->to);
    hmapx_init(&s->ports);
    for (size_t i = 0; i < ws->n_legs; i++) {
        const struct wanted_leg *leg = &ws->legs[i];

        add_ports(s, leg->src, leg->n_src, DIRECTION_FROM, strip, world);
        add_ports(s, leg->dst, leg->n_dst, DIRECTION_TO, strip, world);
    }
}

static void
streams_destroy(struct streams *s)
{
    hmapx_destroy(&s->from);
    hmapx_destroy(&s->to);
    hmapx_destroy(&s->ports);
    free(s->streams);
}

/* Which part of the frames is copied?  The limit comes before the sample. */
static double
get_share(const struct session *session, const struct streams *s)
{
    double share = 1.0 / MAX(session->sample, 1);

    if (session->rate_limit && s->packets > session->rate_limit) {
        share *= session->rate_limit / s->packets;
    }
    return share;
}

/* Returns the bytes of all frames in 's', each cut to 'limit' (0: none), with
 * 'extra' more for each frame, and then padded to 'align'.  (That is an upper
 * bound: short frames are not cut, so the mean is less than the cut mean.) */
static double
get_bytes(const struct streams *s, int limit, int extra, int align)
{
    double sum = 0;

    for (size_t i = 0; i < s->n; i++) {
        double size = s->streams[i].size;

        size = limit ? MIN(size, limit) : size;
        sum += s->streams[i].packets * (size + extra + (align - 1) / 2.0);
    }
    return sum;
}

static int
lesser(int a, int b)
{
    return !a ? b : !b ? a : MIN(a, b);
}

static struct estimate_end *
add_end(struct estimate *e, const struct destination *d)
{
    struct estimate_end *end;

    e->ends = xrealloc(e->ends, (e->n_ends + 1) * sizeof *e->ends);
    end = &e->ends[e->n_ends++];
    memset(end, 0, sizeof *end);
    end->name = destination_to_string(d);
    end->link = d->kind != DESTINATION_SINK;
    return end;
}

static void
add_sink(struct estimate *e, const struct session *session,
         const struct destination *d, const struct streams *s,
         const struct wanted_sink *sink)
{
    struct estimate_end *end = add_end(e, d);
    bool pcapng = !strcmp(sink->config->format, "pcapng");

    end->own = get_share(session, s)
               * get_bytes(s, lesser(session->snaplen, sink->config->snaplen),
                           pcapng ? PCAPNG_RECORD : PCAP_RECORD,
                           pcapng ? 4 : 1);
    end->capacity = smap_get_ullong(&sink->options, "byte-rate", 0);
    e->filtered |= sink->config->capture_filter[0] != '\0';
}

/* Returns the speed of 'iface', bytes per second; 0 if it is not known. */
static double
iface_speed(const struct switch_iface *iface)
{
    return iface->link_speed / 8.0;
}

/* Adds to 'end' that 'port', of whose interfaces one takes the copies, is what
 * they leave by, and carries something already: what it sends is not ours
 * before the session has begun. */
static void
add_link(struct estimate_end *end, const struct wanted_session *ws,
         const struct switch_port *port, const struct switch_iface *iface,
         bool carries_more, const struct estimate_world *world)
{
    struct port_rate rate;

    end->capacity = iface_speed(iface);
    if (carries_more
        && port_rates_sum(world->rates, port, world->now, &rate)) {
        double sent = rate.to_bytes + rate.to_packets * WIRE_BYTES;

        end->others = ws->established ? MAX(sent - end->own, 0) : sent;
    }
}

/* Adds the destination port 'd', if copies go there. */
static void
add_port(struct estimate *e, const struct wanted_session *ws,
         const struct destination *d, const struct streams *s,
         const struct estimate_world *world)
{
    const struct session *session = ws->session;

    for (size_t i = 0; i < ws->n_legs; i++) {
        const struct wanted_leg *leg = &ws->legs[i];

        for (size_t j = 0; j < leg->n_outputs; j++) {
            const struct switch_port *port = leg->outputs[j];

            if (!strcmp(port->name, d->target) && port->n_ifaces) {
                struct estimate_end *end = add_end(e, d);

                end->own = get_share(session, s)
                           * get_bytes(s, session->snaplen, WIRE_BYTES, 1);
                add_link(end, ws, port, port->ifaces[0],
                         session->normal_traffic, world);
            }
        }
    }
}

/* The same for an uplink: copies get the tag of RSPAN, and leave by one member
 * of a bond. */
static void
add_uplink(struct estimate *e, const struct wanted_session *ws,
           const struct destination *d, const struct streams *s,
           const struct estimate_world *world)
{
    const struct session *session = ws->session;

    for (size_t i = 0; i < ws->n_legs; i++) {
        const struct wanted_leg *leg = &ws->legs[i];

        for (size_t j = 0; j < leg->n_uplinks; j++) {
            const struct wanted_uplink *uplink = &leg->uplinks[j];

            if (!strcmp(uplink->port->name, d->target)) {
                struct estimate_end *end = add_end(e, d);

                end->own = get_share(session, s)
                           * get_bytes(s, session->snaplen,
                                       WIRE_BYTES + VLAN_HEADER_LEN, 1);
                add_link(end, ws, uplink->port, uplink->member, true, world);
            }
        }
    }
}

/* Could a frame of a source be longer than 'room'? */
static bool
may_be_cut(const struct wanted_session *ws, const struct streams *s, int room)
{
    const struct hmapx_node *node;

    if (ws->session->snaplen && ws->session->snaplen <= room) {
        return false;
    }
    HMAPX_FOR_EACH (node, &s->ports) {
        const struct switch_port *port = node->data;

        for (size_t i = 0; i < port->n_ifaces; i++) {
            int64_t mtu = port->ifaces[i]->mtu;

            if ((mtu ? mtu : ETH_PAYLOAD_MAX) + ETH_HEADER_LEN > room) {
                return true;
            }
        }
    }
    return false;
}

static void
add_tunnel(struct estimate *e, const struct wanted_session *ws,
           const struct destination *d, const struct streams *s,
           const struct estimate_world *world)
{
    const struct session *session = ws->session;
    const struct switch_port *port = tunnel_uplink(d, world->state);
    struct estimate_end *end = add_end(e, d);
    int room = tunnel_room(d, world->state);

    end->own = get_share(session, s)
               * get_bytes(s, lesser(session->snaplen, room),
                           WIRE_BYTES + tunnel_overhead(d), 1);
    end->room = may_be_cut(ws, s, room) ? room : 0;
    if (port) {
        end->through = xstrdup(port->name);
        add_link(end, ws, port, port->ifaces[0], true, world);
    }
}

static const struct wanted_sink *
find_sink(const struct wanted_session *ws, const char *name,
          const struct wanted *wanted)
{
    for (size_t i = 0; i < ws->n_sinks; i++) {
        for (size_t j = 0; j < wanted->n_sinks; j++) {
            if (ws->sinks[i] == wanted->sinks[j]->config
                && !strcmp(ws->sinks[i]->name, name)) {
                return wanted->sinks[j];
            }
        }
    }
    return NULL;
}

static void
add_ends(struct estimate *e, const struct wanted_session *ws,
         const struct streams *s, const struct estimate_world *world)
{
    for (size_t i = 0; i < ws->session->n_destinations; i++) {
        const struct destination *d = &ws->session->destinations[i];

        if (d->kind == DESTINATION_SINK) {
            const struct wanted_sink *sink = find_sink(ws, d->target,
                                                       world->wanted);

            if (sink) {
                add_sink(e, ws->session, d, s, sink);
            }
        } else if (d->kind == DESTINATION_PORT) {
            add_port(e, ws, d, s, world);
        } else if (d->kind == DESTINATION_RSPAN) {
            add_uplink(e, ws, d, s, world);
        } else {
            add_tunnel(e, ws, d, s, world);
        }
    }
}

/* Initializes '*e', for the caller to destroy, with what 'ws' will copy on
 * this host, as 'world' is now. */
void
estimate_compute(const struct wanted_session *ws,
                 const struct estimate_world *world, struct estimate *e)
{
    struct streams s;
    double share;

    memset(e, 0, sizeof *e);
    if (ws->state != WANTED_RUNNING) {
        return;
    }
    streams_init(&s, ws, world);
    share = get_share(ws->session, &s);
    e->packets = s.packets * share;
    e->bytes = get_bytes(&s, ws->session->snaplen, 0, 1) * share;
    e->n_ports = hmapx_count(&s.ports);
    e->n_unknown = s.n_unknown;
    e->window = s.window;
    e->filtered = ws->session->filter[0] != '\0';
    add_ends(e, ws, &s, world);
    streams_destroy(&s);
}

/* Frees what 'e' holds, but not 'e' itself. */
void
estimate_destroy(struct estimate *e)
{
    for (size_t i = 0; i < e->n_ends; i++) {
        free(e->ends[i].name);
        free(e->ends[i].through);
    }
    free(e->ends);
}

/* Is more to come to 'end' than it can take? */
bool
estimate_end_is_over(const struct estimate_end *end)
{
    return end->capacity && end->own && end->own + end->others > end->capacity;
}
