/* SPDX-License-Identifier: Apache-2.0 */

/* The OpenFlow configuration flags of a bridge's ports.  See port-flags.h.
 *
 * After one dump of all ports the switch tells of each change by itself.  A
 * service connection gets no such messages unless it has set a "miss send
 * length"; that is set together with the handling of fragments, which belongs
 * to the whole bridge, so the latter is asked for first and given back as it
 * is. */

#include <config.h>
#include "plugin/daemon/port-flags.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-port.h"
#include "openvswitch/ofp-switch.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "plugin/daemon/flow-link.h"
#include "plugin/daemon/flow-message.h"
#include "sset.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(port_flags);
static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

#define FLAGS (OFPUTIL_PC_NO_FLOOD | OFPUTIL_PC_NO_PACKET_IN)

struct port {
    struct hmap_node node;      /* In "struct port_flags"'s 'ports'. */
    ofp_port_t number;
    struct eth_addr mac;
    char name[OFP_MAX_PORT_NAME_LEN];
    enum ofputil_port_config flags;     /* Those of FLAGS that are set. */
    ovs_be32 mod_xid;           /* Of our last change; 0 = none. */
};

struct port_flags {
    char *bridge;
    struct flow_link *link;
    unsigned int link_seq;
    unsigned int seq;

    struct hmap ports;          /* Contains "struct port"s. */
    bool known;                 /* 'ports' is complete. */
    struct hmap dump;           /* A dump that is coming in. */
    ovs_be32 dump_xid;          /* 0 = none. */
    char *error;                /* NULL = none. */

    /* Ports whose flags were to be cleared while the bridge refuses to talk
     * about flags. */
    struct sset given_back;
};

/* Creates the connection for the ports of 'bridge', whose management socket
 * is 'target'. */
struct port_flags *
port_flags_create(const char *bridge, const char *target)
{
    struct port_flags *pf = xzalloc(sizeof *pf);

    pf->bridge = xstrdup(bridge);
    pf->link = flow_link_create(target, 1u << OFP10_VERSION,
                                1u << OFP10_VERSION);
    hmap_init(&pf->ports);
    hmap_init(&pf->dump);
    sset_init(&pf->given_back);
    return pf;
}

static void
clear_ports(struct hmap *ports)
{
    struct port *port, *next;

    HMAP_FOR_EACH_SAFE (port, next, node, ports) {
        hmap_remove(ports, &port->node);
        free(port);
    }
}

void
port_flags_destroy(struct port_flags *pf)
{
    if (pf) {
        flow_link_destroy(pf->link);
        clear_ports(&pf->ports);
        hmap_destroy(&pf->ports);
        clear_ports(&pf->dump);
        hmap_destroy(&pf->dump);
        sset_destroy(&pf->given_back);
        free(pf->bridge);
        free(pf->error);
        free(pf);
    }
}

static void
set_error(struct port_flags *pf, char *error)
{
    if (error) {
        VLOG_WARN_RL(&rl, "%s", error);
    }
    free(pf->error);
    pf->error = error;
}

static struct port *
find_port(const struct hmap *ports, ofp_port_t number)
{
    struct port *port;

    HMAP_FOR_EACH_WITH_HASH (port, node, hash_ofp_port(number), ports) {
        if (port->number == number) {
            return port;
        }
    }
    return NULL;
}

/* Enters 'desc' into 'ports'.  Returns true if that says something new. */
static bool
put_port(struct hmap *ports, const struct ofputil_phy_port *desc)
{
    struct port *port = find_port(ports, desc->port_no);
    bool changed = (!port || port->flags != (desc->config & FLAGS)
                    || strcmp(port->name, desc->name));

    if (!port) {
        port = xzalloc(sizeof *port);
        port->number = desc->port_no;
        hmap_insert(ports, &port->node, hash_ofp_port(port->number));
    }
    port->mac = desc->hw_addr;
    port->flags = desc->config & FLAGS;
    ovs_strlcpy(port->name, desc->name, sizeof port->name);
    return changed;
}

static void
request_dump(struct port_flags *pf)
{
    clear_ports(&pf->dump);
    pf->dump_xid = flow_link_send(
        pf->link, ofputil_encode_port_desc_stats_request(OFP10_VERSION,
                                                         OFPP_ANY));
}

static void
handle_connection(struct port_flags *pf)
{
    clear_ports(&pf->ports);
    pf->known = false;
    pf->dump_xid = 0;
    pf->seq++;
    sset_clear(&pf->given_back);
    set_error(pf, NULL);
    if (flow_link_is_refused(pf->link)) {
        set_error(pf, xasprintf(
            "Bridge %s does not speak OpenFlow 1.0, without which a port "
            "cannot be left out of floods: what a controller floods may "
            "appear among the copies.  Add OpenFlow10 to the bridge's "
            "protocols.", pf->bridge));
    } else if (flow_link_is_connected(pf->link)) {
        flow_link_send(pf->link, flow_message_controller_id(OFP10_VERSION));
        flow_link_send(pf->link, flow_message_port_status(OFP10_VERSION));
        flow_link_send(pf->link, flow_message_get_config(OFP10_VERSION));
    }
}

static void
handle_config(struct port_flags *pf, const struct ofp_header *oh)
{
    struct ofputil_switch_config config;

    ofputil_decode_get_config_reply(oh, &config);
    config.miss_send_len = 1;   /* Any but 0: "tell me". */
    config.invalid_ttl_to_controller = -1;
    flow_link_send(pf->link, ofputil_encode_set_config(&config,
                                                       OFP10_VERSION));
    request_dump(pf);
}

static void
handle_dump(struct port_flags *pf, struct ofpbuf *msg)
{
    const struct ofp_header *oh = msg->data;
    bool more = ofpmp_more(oh);

    if (oh->xid != pf->dump_xid) {
        return;
    }
    ofpraw_pull_assert(msg);

    struct ofputil_phy_port desc;
    while (!ofputil_pull_phy_port(OFP10_VERSION, msg, &desc)) {
        put_port(&pf->dump, &desc);
    }
    if (!more) {
        hmap_swap(&pf->ports, &pf->dump);
        clear_ports(&pf->dump);
        pf->dump_xid = 0;
        pf->known = true;
        pf->seq++;
    }
}

static void
handle_port_status(struct port_flags *pf, const struct ofp_header *oh)
{
    struct ofputil_port_status status;

    if (ofputil_decode_port_status(oh, &status)) {
        return;
    }
    if (status.reason == OFPPR_DELETE) {
        struct port *port = find_port(&pf->ports, status.desc.port_no);
        if (port) {
            hmap_remove(&pf->ports, &port->node);
            free(port);
            pf->seq++;
        }
    } else if (put_port(&pf->ports, &status.desc)) {
        pf->seq++;
    }
}

static void
handle_error(struct port_flags *pf, const struct ofp_header *oh)
{
    enum ofperr error = ofperr_decode_msg(oh, NULL);
    struct port *port;

    HMAP_FOR_EACH (port, node, &pf->ports) {
        if (port->mod_xid && port->mod_xid == oh->xid) {
            set_error(pf, xasprintf(
                "Bridge %s refuses to leave port %s out of floods: %s.",
                pf->bridge, port->name, ofperr_to_string(error)));
            request_dump(pf);
            return;
        }
    }
    VLOG_WARN_RL(&rl, "%s: OpenFlow error %s", pf->bridge,
                 ofperr_to_string(error));
}

static void
handle_message(struct port_flags *pf, struct ofpbuf *msg)
{
    enum ofptype type;

    if (ofptype_decode(&type, msg->data)) {
        return;
    }
    if (type == OFPTYPE_PORT_STATUS) {
        handle_port_status(pf, msg->data);
    } else if (type == OFPTYPE_PORT_DESC_STATS_REPLY) {
        handle_dump(pf, msg);
    } else if (type == OFPTYPE_GET_CONFIG_REPLY) {
        handle_config(pf, msg->data);
    } else if (type == OFPTYPE_ERROR) {
        handle_error(pf, msg->data);
    }
}

void
port_flags_run(struct port_flags *pf)
{
    flow_link_run(pf->link);
    for (int i = 0; i < FLOW_MESSAGES_PER_RUN; i++) {
        struct ofpbuf *msg = flow_link_recv(pf->link);

        if (pf->link_seq != flow_link_seq(pf->link)) {
            pf->link_seq = flow_link_seq(pf->link);
            handle_connection(pf);
        }
        if (!msg) {
            return;
        }
        handle_message(pf, msg);
        ofpbuf_delete(msg);
    }
    poll_immediate_wake();
}

void
port_flags_wait(struct port_flags *pf)
{
    flow_link_wait(pf->link);
}

/* Changes when a flag does, or a port comes or goes. */
unsigned int
port_flags_seq(const struct port_flags *pf)
{
    return pf->seq;
}

/* Tries to connect now, if not connected. */
void
port_flags_retry(struct port_flags *pf)
{
    flow_link_retry_now(pf->link);
}

/* Reads all flags again. */
void
port_flags_resync(struct port_flags *pf)
{
    port_flags_retry(pf);
    if (flow_link_is_connected(pf->link) && pf->known) {
        request_dump(pf);
    }
}

/* Returns true if the flags are known, also if it is known that there can be
 * none. */
bool
port_flags_are_known(const struct port_flags *pf)
{
    return pf->known || flow_link_is_refused(pf->link);
}

/* Tells what port 'name' with number 'ofport' has.  What the bridge cannot
 * have at all, because it does not speak OpenFlow 1.0, counts as there until
 * it is to be cleared: waiting for it would be in vain.  port_flags_error()
 * then says so. */
void
port_flags_get(const struct port_flags *pf, int64_t ofport, const char *name,
               bool *no_flood, bool *no_packet_in)
{
    bool refused = (flow_link_is_refused(pf->link)
                    && !sset_contains(&pf->given_back, name));
    const struct port *port = NULL;

    if (pf->known && ofport > 0 && ofport < ofp_to_u16(OFPP_MAX)) {
        port = find_port(&pf->ports, u16_to_ofp(ofport));
        /* A number can be given to another port meanwhile. */
        if (port && strncmp(port->name, name, sizeof port->name - 1)) {
            port = NULL;
        }
    }
    *no_flood = refused || (port && port->flags & OFPUTIL_PC_NO_FLOOD);
    *no_packet_in = refused || (port
                                && port->flags & OFPUTIL_PC_NO_PACKET_IN);
}

/* Sets ('on') or clears the flags of port 'name' with number 'ofport':
 * no-flood and, if 'both', no-packet-in.  Does nothing if the switch has not
 * told of the port, for then a later pass asks again. */
void
port_flags_set(struct port_flags *pf, int64_t ofport, const char *name,
               bool on, bool both)
{
    enum ofputil_port_config flags = both ? FLAGS : OFPUTIL_PC_NO_FLOOD;
    struct port *port = NULL;

    if (flow_link_is_refused(pf->link) && !on) {
        sset_add(&pf->given_back, name);
        pf->seq++;
        return;
    }
    if (pf->known && ofport > 0 && ofport < ofp_to_u16(OFPP_MAX)) {
        port = find_port(&pf->ports, u16_to_ofp(ofport));
    }
    if (!port || strncmp(port->name, name, sizeof port->name - 1)) {
        return;
    }

    struct ofputil_port_mod mod = {
        .port_no = port->number,
        .hw_addr = port->mac,
        .config = on ? flags : 0,
        .mask = flags,
    };
    port->mod_xid = flow_link_send(
        pf->link, ofputil_encode_port_mod(&mod, OFPUTIL_P_OF10_STD));

    /* The switch does not tell the one who made a change of it.  If it refuses
     * it, handle_error() reads the truth. */
    port->flags = on ? port->flags | flags : port->flags & ~flags;
    pf->seq++;
}

/* Returns a sentence if flags cannot be set, else NULL. */
const char *
port_flags_error(const struct port_flags *pf)
{
    return pf->error;
}
