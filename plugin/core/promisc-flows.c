/* SPDX-License-Identifier: Apache-2.0 */

/* The rules of promiscuous delivery: see promisc.h.
 *
 * All of them are in table 0 of the production bridge, the only one that is
 * nobody's, and match a patch port of ours; so no frame but a copy of ours
 * meets them.  Register 15 tells how far its handling is, which sets apart
 * what would otherwise be tables:
 *
 *     0   it comes out of a patch port: which event is it?
 *     1   which slot's is the source address?       into register 1
 *     2   which slot's is the destination address?  into register 2
 *     3   does the port of the slot in register 0 get it?
 *     4   out of that port
 *
 * Register 3 has the event.  Addresses that promiscuous ports have had before
 * are rules; those that they show later are learned within the handling of the
 * frame that shows them, before it is copied to anybody. */

#include <config.h>
#include "promisc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

/* Learned rules have a cookie of their own: they are neither compared nor
 * restored, and go with the rule that learns. */
#define COOKIE_LEARNED UINT64_C(0x5350414c00000000)

/* So many addresses are learned, lest a port that makes them up fill the
 * switch. */
#define MAX_LEARNED 4096

/* So many of those that the switch has learned at a port become rules. */
#define MAX_KNOWN 256

/* Priorities, above anybody's. */
#define PRIO_GUARD 65500
#define PRIO_EVENT 65501
#define PRIO_EVENT_VLAN 65502
#define PRIO_LAST 65503
#define PRIO_OUTPUT 65510
#define PRIO_NATIVE 65511
#define PRIO_LEARNED 65515
#define PRIO_KNOWN 65516
#define PRIO_TARGET 65520
#define PRIO_SENDER 65530

/* What register 3 can have. */
enum {
    EVENT_COPY = 1,
    EVENT_FLOOD,
    EVENT_PEER,
    EVENT_OTHER_FLOOD,          /* In a VLAN that is not the group's. */
};

struct builder {
    const struct promisc *p;
    struct flow_list *list;
    uint64_t cookie;
    int64_t ends[PROMISC_MAX_ENDS];
    size_t n_bits;
    bool ok;
};

/* Adds a rule for what is at the patch port 'end' and like 'what'. */
static void OVS_PRINTF_FORMAT(5, 6)
add(struct builder *b, uint16_t priority, size_t end, const char *actions,
    const char *what, ...)
{
    struct fault fault = FAULT_INITIALIZER;
    struct ds match = DS_EMPTY_INITIALIZER;
    struct span_flow flow;
    va_list args;

    ds_put_format(&match, "in_port=%"PRId64, b->ends[end]);
    va_start(args, what);
    ds_put_format_valist(&match, what, args);
    va_end(args);
    if (flow_init(&flow, 0, priority, b->cookie, ds_cstr(&match), actions,
                  &fault)) {
        flow_list_add(b->list, &flow);
    } else {
        b->ok = false;
    }
    fault_clear(&fault);
    ds_destroy(&match);
}

/* The patch port at which comes out what mirror 'm' copies. */
static size_t
way_out(size_t m)
{
    return m ^ 1;
}

/* A number that is another when the slots of ports are others: then what has
 * been learned is void. */
static uint32_t
hash_slots(const struct promisc *p)
{
    uint32_t hash = p->wg->group->uuid.parts[0];

    for (size_t i = 0; i < p->n_ports; i++) {
        char *text = xasprintf(UUID_FMT"%u/%"PRIu32,
                               UUID_ARGS(&p->ports[i].port->uuid),
                               p->ports[i].slot, hash);
        hash = name_hash(text);
        free(text);
    }
    return hash;
}

/* What comes from the ports that have bit 'bit' in their slots teaches that,
 * for as long as the switch itself does not forget the address. */
static void
add_learning(struct builder *b, size_t bit)
{
    const struct promisc *p = b->p;
    size_t end = way_out(PROMISC_ADDRESS + bit);
    struct ds actions = DS_EMPTY_INITIALIZER;
    static const char *const fields[] = {
        "NXM_OF_ETH_SRC[]", "NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]",
    };

    for (int stage = 1; stage <= 2; stage++) {
        ds_put_format(&actions, "%slearn(table=0,hard_timeout=%d,priority=%d,"
                      "delete_learned,cookie=0x%"PRIx64",limit=%d,"
                      "in_port=%"PRId64",reg15=%d,%s,"
                      "load:0x1->NXM_NX_REG%d[%"PRIuSIZE"])",
                      stage > 1 ? "," : "",
                      MIN(2 * p->wg->bridge->mac_aging, UINT16_MAX),
                      PRIO_LEARNED,
                      COOKIE_LEARNED | hash_slots(p), MAX_LEARNED,
                      b->ends[end], stage, fields[stage - 1], stage, bit);
    }
    add(b, PRIO_EVENT, end, ds_cstr(&actions), ",reg15=0");
    ds_destroy(&actions);
}

/* What 'event' sets in motion, when it comes from mirror 'm' and is like
 * 'what'. */
static void
add_event(struct builder *b, size_t m, uint16_t priority, int event,
          const char *what)
{
    const struct promisc *p = b->p;
    int64_t hub = b->ends[way_out(PROMISC_COPY)];
    struct ds actions = DS_EMPTY_INITIALIZER;

    ds_put_format(&actions, "set_field:%d->reg3", event);
    for (int stage = 1; stage <= 2; stage++) {
        ds_put_format(&actions, ",set_field:%d->reg15,resubmit(%"PRId64",0)",
                      stage, hub);
        for (size_t bit = 0; bit < b->n_bits; bit++) {
            ds_put_format(&actions, ",resubmit(%"PRId64",0)",
                          b->ends[way_out(PROMISC_ADDRESS + bit)]);
        }
    }
    for (size_t i = 0; i < p->n_ports; i++) {
        ds_put_format(&actions, ",set_field:3->reg15,set_field:%u->reg0,"
                      "resubmit(%"PRId64",0)", p->ports[i].slot, hub);
    }
    add(b, priority, way_out(m), ds_cstr(&actions), ",reg15=0%s", what);
    ds_destroy(&actions);
}

/* Floods are of two kinds where the group has VLANs. */
static void
add_events(struct builder *b)
{
    const struct port_group *group = b->p->wg->group;

    add_event(b, PROMISC_COPY, PRIO_EVENT, EVENT_COPY, "");
    add_event(b, PROMISC_PEER, PRIO_EVENT, EVENT_PEER, "");
    if (b->p->by_egress) {
        add_event(b, PROMISC_RECEIVED, PRIO_EVENT, EVENT_COPY, "");
    }
    add_event(b, PROMISC_FLOOD, PRIO_EVENT,
              group->n_vlans ? EVENT_OTHER_FLOOD : EVENT_FLOOD, "");
    for (size_t i = 0; i < group->n_vlans; i++) {
        char *what = xasprintf(group->vlans[i] ? ",dl_vlan=%d"
                               : ",vlan_tci=%d", group->vlans[i]);

        add_event(b, PROMISC_FLOOD, PRIO_EVENT_VLAN, EVENT_FLOOD, what);
        free(what);
    }
}

/* Who gets what: the table in promisc.h. */
static void
add_decisions(struct builder *b)
{
    size_t hub = way_out(PROMISC_COPY);
    char *deliver = xasprintf("set_field:4->reg15,resubmit(%"PRId64",0)",
                              b->ends[hub]);

    for (size_t i = 0; i < b->p->n_ports; i++) {
        unsigned int slot = b->p->ports[i].slot;

        add(b, PRIO_SENDER, hub, "drop", ",reg15=3,reg0=%u,reg1=%u",
            slot, slot);
        add(b, PRIO_TARGET, hub, deliver, ",reg15=3,reg3=%d,reg0=%u,reg2=%u",
            b->p->by_egress ? EVENT_COPY : EVENT_FLOOD, slot, slot);
        add(b, PRIO_TARGET, hub, "drop", ",reg15=3,reg3=%d,reg0=%u,reg2=%u",
            EVENT_PEER, slot, slot);
    }
    add(b, PRIO_TARGET, hub, deliver, ",reg15=3,reg3=%d,reg2=0",
        EVENT_COPY);
    add(b, PRIO_TARGET, hub, "drop", ",reg15=3,reg3=%d,reg2=0",
        EVENT_PEER);
    add(b, PRIO_LAST, hub, deliver, ",reg15=3,reg3=%d", EVENT_PEER);
    add(b, PRIO_LAST, hub, deliver, ",reg15=3,reg3=%d", EVENT_OTHER_FLOOD);
    free(deliver);
}

/* Out of a port as the switch itself would put it: its VLANs only, and with a
 * tag or without. */
static void
add_output(struct builder *b, const struct promisc_port *pp)
{
    const struct switch_port *port = pp->port;
    size_t hub = way_out(PROMISC_COPY);
    int64_t ofport = switch_port_ofport(port);
    char *output = xasprintf("output:%"PRId64, ofport);
    char *strip = xasprintf("clone(strip_vlan,%s)", output);

    if (ofport <= 0) {
        b->ok = false;
    } else if (port->vlan_mode == VLAN_ACCESS
               || port->vlan_mode == VLAN_DOT1Q_TUNNEL) {
        add(b, PRIO_OUTPUT, hub, port->tag ? strip : output,
            port->tag ? ",reg15=4,reg0=%u,dl_vlan=%d"
            : ",reg15=4,reg0=%u,vlan_tci=%d", pp->slot, port->tag);
    } else {
        if (port->vlan_mode == VLAN_NATIVE_UNTAGGED && port->tag) {
            add(b, PRIO_NATIVE, hub, strip, ",reg15=4,reg0=%u,dl_vlan=%d",
                pp->slot, port->tag);
        }
        for (size_t i = 0; i < port->n_trunks; i++) {
            add(b, PRIO_OUTPUT, hub, output,
                port->trunks[i] ? ",reg15=4,reg0=%u,dl_vlan=%d"
                : ",reg15=4,reg0=%u,vlan_tci=%d", pp->slot, port->trunks[i]);
        }
        if (!port->n_trunks) {
            add(b, PRIO_OUTPUT, hub, output, ",reg15=4,reg0=%u", pp->slot);
        } else if (port->vlan_mode == VLAN_NATIVE_TAGGED && port->tag) {
            add(b, PRIO_OUTPUT, hub, output, ",reg15=4,reg0=%u,dl_vlan=%d",
                pp->slot, port->tag);
        }
    }
    free(output);
    free(strip);
}

static void
add_known_address(struct builder *b, const struct promisc_port *pp,
                  struct eth_addr mac)
{
    size_t hub = way_out(PROMISC_COPY);
    char *source = xasprintf("set_field:%u->reg1", pp->slot);
    char *target = xasprintf("set_field:%u->reg2", pp->slot);

    add(b, PRIO_KNOWN, hub, source, ",reg15=1,dl_src="ETH_ADDR_FMT,
        ETH_ADDR_ARGS(mac));
    add(b, PRIO_KNOWN, hub, target, ",reg15=2,dl_dst="ETH_ADDR_FMT,
        ETH_ADDR_ARGS(mac));
    free(source);
    free(target);
}

/* The addresses that the promiscuous port 'pp' is known to have: its own, and
 * what the switch has learned there, in all VLANs once. */
static void
add_known_addresses(struct builder *b, const struct promisc_port *pp)
{
    const struct switch_bridge *bridge = b->p->wg->bridge;
    const char *attached = smap_get_def(&pp->port->ifaces[0]->external_ids,
                                        "attached-mac", "");
    struct eth_addr own, last = eth_addr_zero;
    bool has_own = eth_addr_from_string(attached, &own);
    size_t n = 0;

    if (has_own) {
        add_known_address(b, pp, own);
    }
    for (size_t i = 0; i < bridge->n_fdb && n < MAX_KNOWN; i++) {
        const struct switch_address *a = &bridge->fdb[i];

        if (a->ofport == switch_port_ofport(pp->port)
            && !eth_addr_equals(a->mac, last)
            && !(has_own && eth_addr_equals(a->mac, own))) {
            add_known_address(b, pp, a->mac);
            last = a->mac;
            n++;
        }
    }
}

/* Builds the rules of 'p' into '*list', which the caller must destroy.
 * Returns false, with the list empty, if something that they need is not known
 * yet. */
bool
promisc_flows_build(const struct promisc *p, struct flow_list *list)
{
    struct builder b = {
        .p = p, .list = list, .ok = true,
        .cookie = flow_cookie(&p->wg->group->uuid),
    };

    memset(list, 0, sizeof *list);
    for (size_t end = 0; end < PROMISC_MAX_ENDS; end++) {
        b.ends[end] = p->ends[end] ? switch_port_ofport(p->ends[end]) : 0;
        b.ok = b.ok && (!p->has[end] || b.ends[end] > 0);
    }
    if (!b.ok || !p->n_ports || !p->wg->bridge->fdb_known) {
        return false;
    }
    while (b.n_bits < PROMISC_SLOT_BITS
           && p->has[PROMISC_ADDRESS + b.n_bits]) {
        b.n_bits++;
    }
    for (size_t end = 0; end < PROMISC_MAX_ENDS; end++) {
        if (p->has[end]) {
            add(&b, PRIO_GUARD, end, "drop", "%s", "");
        }
    }
    for (size_t bit = 0; bit < b.n_bits; bit++) {
        add_learning(&b, bit);
    }
    add_events(&b);
    add_decisions(&b);
    for (size_t i = 0; i < p->n_ports; i++) {
        add_known_addresses(&b, &p->ports[i]);
        add_output(&b, &p->ports[i]);
    }
    if (!b.ok) {
        flow_list_destroy(list);
    }
    return b.ok;
}

/* Are the rules all there, seen in a fresh dump, and the patch ports
 * guarded? */
bool
promisc_flows_are_in_place(const struct promisc *p)
{
    struct flow_list flows;
    bool ok = (p->wg->bridge->flows_known && promisc_ends_are_guarded(p)
               && promisc_flows_build(p, &flows));

    if (ok) {
        ok = flow_list_is_in(&flows, p->wg->bridge);
        flow_list_destroy(&flows);
    }
    return ok;
}

/* Is 'flow', an observed one of ours, such a rule by which a frame leaves
 * through a promiscuous port? */
bool
promisc_flow_delivers(const struct span_flow *flow)
{
    return (!flow->table
            && (flow->priority == PRIO_OUTPUT || flow->priority == PRIO_NATIVE)
            && strstr(flow->match, "reg15=0x4") != NULL);
}
