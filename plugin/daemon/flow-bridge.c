/* SPDX-License-Identifier: Apache-2.0 */

/* Our rules on one bridge.  See flow-bridge.h.
 *
 * What is known of them comes from dumps alone, never from what was sent.  A
 * dump is made when the connection is new, behind each change of ours, when
 * the switch tells that somebody else touched a rule of ours, and now and then
 * for the counters and for whatever else may have been missed.
 *
 * A production bridge can have 50,000 rules of others.  Telling us of changes
 * costs vswitchd one comparison per change and monitor, and a monitor asks for
 * one of our input ports, so that others' rules never match it; it was chosen
 * over a monitor of the whole table, with which each change by a controller
 * would be encoded and sent to us too.  A dump by cookie mask makes vswitchd
 * look at every rule, on its main thread, some 10 ms for 50,000; so a dump for
 * the counters is never made in more than a fiftieth of the time, and not at
 * all on a bridge without a rule of ours.  On a private bridge all rules are
 * ours: there one monitor watches everything. */

#include <config.h>
#include "plugin/daemon/flow-bridge.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "byte-order.h"
#include "flow.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-monitor.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "plugin/core/flow-codec.h"
#include "plugin/core/flow-text.h"
#include "plugin/core/plan.h"
#include "plugin/daemon/flow-dump.h"
#include "plugin/daemon/flow-link.h"
#include "plugin/daemon/flow-message.h"
#include "plugin/daemon/flow-meters.h"
#include "plugin/daemon/flow-monitors.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(flow_bridge);
static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Milliseconds between dumps for the counters, where the rules count copies
 * and where they do not. */
#define PERIOD_PRIVATE 1000
#define PERIOD_OTHER   2000

/* A dump that took T is followed by SHARE * T without one, unless there is a
 * better reason for it than the time. */
#define SHARE 50

/* Milliseconds between dumps that others' changes cause. */
#define MIN_GAP 20

/* A message that changes a rule, until the switch has confirmed all. */
struct sent {
    ovs_be32 xid;
    struct span_flow flow;
};

struct flow_bridge {
    char *name;
    struct flow_link *link;
    unsigned int link_seq;
    unsigned int seq;
    enum ofputil_protocol protocol;

    struct flow_dump current;       /* The last complete dump, sorted. */
    bool known;                 /* 'current' holds all that was sent. */

    struct flow_dump dump;          /* The one that is coming in. */
    ovs_be32 dump_xid;          /* 0 = none is. */
    bool dump_wanted;
    long long int dump_started; /* msec. */
    long long int next_dump;    /* msec. */
    struct flow_meters meters;      /* Come in with each dump. */

    struct sset monitors;       /* See flow-monitors.h. */

    struct sent *sent;
    size_t n_sent, allocated_sent;
    ovs_be32 barrier_xid;       /* 0 = nothing is unconfirmed. */
    bool failed;                /* Of 'sent', something was refused. */
    bool plain;                 /* No bundle next: the last was refused. */
    uint32_t bundle_id;
    char *error;                /* NULL = none. */
};

/* Creates the connection for the rules of 'bridge', whose management socket is
 * 'target'. */
struct flow_bridge *
flow_bridge_create(const char *bridge, const char *target)
{
    struct flow_bridge *fb = xzalloc(sizeof *fb);

    /* 1.4 is preferred: the texts of rules are compared in its form.  Below
     * that, 1.3 has bundles too; the others work without. */
    uint32_t versions = ((1u << OFP10_VERSION) | (1u << OFP11_VERSION)
                         | (1u << OFP12_VERSION) | (1u << OFP13_VERSION)
                         | (1u << OFP14_VERSION));

    fb->name = xstrdup(bridge);
    fb->link = flow_link_create(target, versions, 1u << OFP15_VERSION);
    sset_init(&fb->monitors);
    return fb;
}

static void
forget_sent(struct flow_bridge *fb)
{
    for (size_t i = 0; i < fb->n_sent; i++) {
        flow_destroy(&fb->sent[i].flow);
    }
    fb->n_sent = 0;
    fb->barrier_xid = 0;
    fb->failed = false;
}

void
flow_bridge_destroy(struct flow_bridge *fb)
{
    if (fb) {
        flow_link_destroy(fb->link);
        flow_dump_uninit(&fb->current);
        flow_dump_uninit(&fb->dump);
        flow_meters_uninit(&fb->meters);
        sset_destroy(&fb->monitors);
        forget_sent(fb);
        free(fb->sent);
        free(fb->error);
        free(fb->name);
        free(fb);
    }
}

static void
set_error(struct flow_bridge *fb, char *error)
{
    if (error) {
        VLOG_WARN_RL(&rl, "%s", error);
    }
    free(fb->error);
    fb->error = error;
}

static enum ofp_version
version_of(const struct flow_bridge *fb)
{
    return flow_link_version(fb->link);
}

/* Agrees with the switch on the form of rules and on what we are. */
static void
start_connection(struct flow_bridge *fb)
{
    enum ofp_version version = version_of(fb);

    fb->protocol = ofputil_protocol_from_ofp_version(version);
    if (version < OFP13_VERSION) {
        flow_link_send(fb->link, flow_message_controller_id(version));
    }
    if (version == OFP10_VERSION) {
        enum ofputil_protocol next;
        struct ofpbuf *msg;

        while ((msg = ofputil_encode_set_protocol(
                    fb->protocol, OFPUTIL_P_OF10_NXM_TID, &next))) {
            flow_link_send(fb->link, msg);
            fb->protocol = next;
        }
    }
    fb->dump_wanted = true;
}

static void
handle_connection(struct flow_bridge *fb)
{
    flow_dump_clear(&fb->current);
    flow_meters_clear(&fb->meters);
    fb->known = false;
    fb->dump_xid = 0;
    fb->dump_started = LLONG_MIN / 2;
    sset_clear(&fb->monitors);
    forget_sent(fb);
    fb->plain = false;
    set_error(fb, NULL);
    fb->seq++;
    if (flow_link_is_connected(fb->link)) {
        start_connection(fb);
    }
}

static void
start_dump(struct flow_bridge *fb)
{
    flow_dump_clear(&fb->dump);
    fb->dump_wanted = false;
    fb->dump_started = time_msec();
    fb->dump_xid = flow_link_send(
        fb->link, flow_message_dump(fb->protocol, SPAN_COOKIE_TAG,
                                    SPAN_COOKIE_MASK));
    flow_meters_request(&fb->meters, fb->link);
}

static bool
is_private(const struct flow_bridge *fb)
{
    for (size_t i = 0; i < fb->current.n; i++) {
        if (fb->current.flows[i].table == SPAN_TABLE_EPOCH) {
            return true;
        }
    }
    return false;
}

static void
finish_dump(struct flow_bridge *fb)
{
    long long int now = time_msec();
    struct flow_dump old = fb->current;

    flow_dump_sort(&fb->dump);
    if (flow_meters_finish(&fb->meters) || !fb->known
        || !flow_dump_equals(&fb->current, &fb->dump)) {
        fb->seq++;
    }
    fb->current = fb->dump;
    fb->dump = old;
    flow_dump_clear(&fb->dump);
    fb->dump_xid = 0;
    fb->known = true;

    bool private = is_private(fb);
    if (!fb->current.n) {
        fb->next_dump = LLONG_MAX;
    } else {
        /* Whole periods: the bridges share their wake-ups. */
        long long int period = private ? PERIOD_PRIVATE : PERIOD_OTHER;
        long long int rest = now + (now - fb->dump_started) * SHARE;

        fb->next_dump = (MAX(rest, now) / period + 1) * period;
    }
    flow_monitors_update(&fb->monitors, &fb->current, private, fb->link,
                         fb->protocol);
}

static void
handle_dump(struct flow_bridge *fb, struct ofpbuf *msg)
{
    const struct ofp_header *oh = msg->data;
    bool more = ofpmp_more(oh);

    if (!fb->dump_xid || oh->xid != fb->dump_xid) {
        return;                 /* Overtaken by a change of ours. */
    }
    int error = flow_dump_add(&fb->dump, msg, fb->protocol);
    if (error) {
        VLOG_WARN_RL(&rl, "%s: cannot read a dump (%s)", fb->name,
                     ofperr_to_string(error));
    }
    if (!more && !flow_meters_are_coming(&fb->meters)) {
        finish_dump(fb);
    }
}

/* The switch tells of changes.  What we changed ourselves it only
 * abbreviates. */
static void
handle_monitor(struct flow_bridge *fb, struct ofpbuf *msg)
{
    struct ofpbuf ofpacts;

    ofpbuf_init(&ofpacts, 0);
    for (;;) {
        struct ofputil_flow_update update;

        if (ofputil_decode_flow_update(&update, msg, &ofpacts)) {
            break;
        }
        if (update.event != OFPFME_ABBREV) {
            fb->dump_wanted = true;
        }
    }
    ofpbuf_uninit(&ofpacts);
}

static void
handle_error(struct flow_bridge *fb, const struct ofp_header *oh)
{
    enum ofperr error = ofperr_decode_msg(oh, NULL);

    if (fb->dump_xid && oh->xid == fb->dump_xid) {
        fb->dump_xid = 0;
        fb->next_dump = time_msec() + PERIOD_PRIVATE;
    } else if (fb->dump_xid && flow_meters_refused(&fb->meters, oh->xid)) {
        finish_dump(fb);
    }
    if (!fb->barrier_xid) {
        VLOG_WARN_RL(&rl, "%s: OpenFlow error %s", fb->name,
                     ofperr_to_string(error));
        return;
    }

    /* The first error says why, the others follow from it. */
    for (size_t i = 0; i < fb->n_sent && !fb->failed; i++) {
        const struct span_flow *flow = &fb->sent[i].flow;

        if (fb->sent[i].xid == oh->xid) {
            set_error(fb, xasprintf(
                "Bridge %s refuses the rule \"%s\" with the actions \"%s\": "
                "%s.", fb->name, flow->match, flow->actions,
                ofperr_to_string(error)));
            fb->failed = true;
            return;
        }
    }
    if (!fb->failed) {
        set_error(fb, xasprintf("Bridge %s refuses our rules: %s.", fb->name,
                                ofperr_to_string(error)));
        fb->failed = true;
    }
}

static void
handle_barrier(struct flow_bridge *fb, const struct ofp_header *oh)
{
    if (!fb->barrier_xid || oh->xid != fb->barrier_xid) {
        return;
    }
    /* One bad rule spoils a bundle, so the next attempt goes without: then
     * only the bad one is missing. */
    fb->plain = fb->failed;
    if (!fb->failed) {
        set_error(fb, NULL);
    }
    forget_sent(fb);
}

static void
handle_message(struct flow_bridge *fb, struct ofpbuf *msg)
{
    enum ofptype type;

    if (ofptype_decode(&type, msg->data)) {
        return;
    }
    if (type == OFPTYPE_FLOW_STATS_REPLY) {
        handle_dump(fb, msg);
    } else if (type == OFPTYPE_METER_CONFIG_STATS_REPLY
               || type == OFPTYPE_METER_STATS_REPLY) {
        if (flow_meters_receive(&fb->meters, msg) && fb->dump_xid) {
            finish_dump(fb);
        }
    } else if (type == OFPTYPE_FLOW_MONITOR_STATS_REPLY) {
        handle_monitor(fb, msg);
    } else if (type == OFPTYPE_FLOW_MONITOR_RESUMED) {
        fb->dump_wanted = true;
    } else if (type == OFPTYPE_BARRIER_REPLY) {
        handle_barrier(fb, msg->data);
    } else if (type == OFPTYPE_ERROR) {
        handle_error(fb, msg->data);
    }
}

/* Returns when the next dump is due, in msec. */
static long long int
dump_time(const struct flow_bridge *fb)
{
    if (!flow_link_is_connected(fb->link) || fb->dump_xid) {
        return LLONG_MAX;
    }
    return fb->dump_wanted ? fb->dump_started + MIN_GAP : fb->next_dump;
}

void
flow_bridge_run(struct flow_bridge *fb)
{
    flow_link_run(fb->link);
    for (int i = 0; ; i++) {
        struct ofpbuf *msg = flow_link_recv(fb->link);

        if (fb->link_seq != flow_link_seq(fb->link)) {
            fb->link_seq = flow_link_seq(fb->link);
            handle_connection(fb);
        }
        if (!msg) {
            break;
        }
        handle_message(fb, msg);
        ofpbuf_delete(msg);
        if (i >= FLOW_MESSAGES_PER_RUN) {
            poll_immediate_wake();
            break;
        }
    }
    if (time_msec() >= dump_time(fb)) {
        start_dump(fb);
    }
}

void
flow_bridge_wait(struct flow_bridge *fb)
{
    flow_link_wait(fb->link);
    if (dump_time(fb) != LLONG_MAX) {
        poll_timer_wait_until(dump_time(fb));
    }
}

/* Changes when the rules do, or whether they are known; not with mere
 * counters. */
unsigned int
flow_bridge_seq(const struct flow_bridge *fb)
{
    return fb->seq;
}

/* Changes with each connection that begins or ends. */
unsigned int
flow_bridge_link_seq(const struct flow_bridge *fb)
{
    return fb->link_seq;
}

/* Reads the rules again; until then they are unknown. */
void
flow_bridge_resync(struct flow_bridge *fb)
{
    flow_link_retry_now(fb->link);
    if (fb->known) {
        fb->known = false;
        fb->seq++;
        start_dump(fb);
    }
}

/* Returns our rules, owned by 'fb' and valid until it runs, and stores their
 * number.  Returns NULL if they are not known now. */
const struct span_flow *
flow_bridge_flows(const struct flow_bridge *fb, size_t *n_flows)
{
    static const struct span_flow none;

    if (!fb->known) {
        return NULL;
    }
    *n_flows = fb->current.n;
    return fb->current.n ? fb->current.flows : &none;
}

/* Reads the meters, too, from now on. */
void
flow_bridge_want_meters(struct flow_bridge *fb)
{
    if (!fb->meters.wanted) {
        fb->meters.wanted = true;
        if (flow_link_is_connected(fb->link)) {
            fb->known = false;
            fb->seq++;
            start_dump(fb);
        }
    }
}

/* Returns the meters, owned by 'fb' and valid until it runs, and stores their
 * number.  They are known when the rules are. */
const struct span_meter *
flow_bridge_meters(const struct flow_bridge *fb, size_t *n_meters)
{
    *n_meters = fb->meters.current.n;
    return fb->meters.current.meters;
}

static bool
op_is_of_flow(const struct op *op)
{
    return op->type == OP_ADD_FLOW || op->type == OP_DEL_FLOW;
}

/* Appends what does 'op', of a rule, to 'msgs'. */
static void
put_op(struct flow_bridge *fb, const struct op *op, struct ovs_list *msgs)
{
    struct fault fault = FAULT_INITIALIZER;
    struct ofputil_flow_mod mod;
    struct ofpbuf *msg;

    if (!flow_to_mod(&op->flow, (op->type == OP_ADD_FLOW
                                 ? OFPFC_ADD : OFPFC_DELETE_STRICT),
                     &mod, &fault)) {
        set_error(fb, xstrdup(fault.detail));
        fb->failed = true;
        fault_clear(&fault);
        return;
    }
    msg = ofputil_encode_flow_mod(&mod, fb->protocol);
    flow_mod_uninit(&mod);
    ovs_list_push_back(msgs, &msg->list_node);

    if (fb->n_sent >= fb->allocated_sent) {
        fb->sent = x2nrealloc(fb->sent, &fb->allocated_sent, sizeof *fb->sent);
    }
    struct sent *sent = &fb->sent[fb->n_sent++];
    const struct ofp_header *oh = msg->data;
    sent->xid = oh->xid;
    flow_clone(&sent->flow, &op->flow);
}

/* Puts the messages for those of 'ops' that are of meters, which no bundle
 * takes, at the front of 'msgs'. */
static void
put_meters(struct flow_bridge *fb, const struct op *const ops[], size_t n_ops,
           struct ovs_list *msgs)
{
    for (size_t i = n_ops; i-- > 0 && version_of(fb) >= OFP13_VERSION; ) {
        if (!op_is_of_flow(ops[i])) {
            struct ofpbuf *msg = flow_meters_encode(version_of(fb), ops[i]);

            ovs_list_push_front(msgs, &msg->list_node);
        }
    }
}

/* Carries out 'ops', each of a rule or a meter of this bridge, in their order
 * and, as to rules, where the switch can, all or none.  Until they have been
 * read back the rules are unknown.  Does nothing while they are: a plan made
 * without knowing the rules is worth nothing. */
void
flow_bridge_apply(struct flow_bridge *fb, const struct op *const ops[],
                  size_t n_ops)
{
    struct ovs_list msgs = OVS_LIST_INITIALIZER(&msgs);
    struct ofpbuf *msg;

    if (!fb->known || !flow_link_is_connected(fb->link)) {
        return;
    }
    forget_sent(fb);
    for (size_t i = 0; i < n_ops; i++) {
        if (op_is_of_flow(ops[i])) {
            put_op(fb, ops[i], &msgs);
        }
    }
    if (!ovs_list_is_empty(&msgs) && !fb->plain
        && flow_message_can_bundle(version_of(fb))) {
        flow_message_bundle(version_of(fb), ++fb->bundle_id, &msgs);
    }
    put_meters(fb, ops, n_ops, &msgs);

    msg = ofputil_encode_barrier_request(version_of(fb));
    ovs_list_push_back(&msgs, &msg->list_node);
    LIST_FOR_EACH_POP (msg, list_node, &msgs) {
        fb->barrier_xid = flow_link_send(fb->link, msg);
    }
    fb->known = false;
    fb->seq++;
    start_dump(fb);
}

/* Rewrites the epoch rule of a private bridge as it is, which makes vswitchd
 * revalidate its datapath flows at once although nothing changes.  The change
 * is bound to our cookie, so that it cannot bring back a rule that is gone.
 * Returns false if there is no such rule, or the rules are not known now. */
bool
flow_bridge_touch(struct flow_bridge *fb)
{
    for (size_t i = 0; i < fb->current.n && fb->known; i++) {
        const struct span_flow *flow = &fb->current.flows[i];
        struct ofputil_flow_mod mod;

        if (flow->table == SPAN_TABLE_EPOCH
            && flow_to_mod(flow, OFPFC_MODIFY_STRICT, &mod, NULL)) {
            mod.cookie = htonll(flow->cookie);
            mod.cookie_mask = OVS_BE64_MAX;
            mod.new_cookie = OVS_BE64_MAX;
            mod.modify_cookie = false;
            flow_link_send(fb->link, ofputil_encode_flow_mod(&mod,
                                                             fb->protocol));
            flow_mod_uninit(&mod);
            return true;
        }
    }
    return false;
}

/* Returns a sentence on the last change that was refused, NULL if none was. */
const char *
flow_bridge_error(const struct flow_bridge *fb)
{
    return fb->error;
}
