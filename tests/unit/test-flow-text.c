/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules as text: asked for, put into OpenFlow messages and read back, they
 * stay the same. */

#include <config.h>
#include "plugin/core/flow-text.h"
#include <stdlib.h>
#include "byte-order.h"
#include "tests/unit/core-helpers.h"
#include "plugin/core/flow-codec.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

/* Rules of the kinds that plans make, and their canonical actions. */
static const struct {
    const char *match, *actions, *canonical_match, *canonical_actions;
} rules[] = {
    { "", "drop", "", "drop" },
    { NULL, "drop", "", "drop" },
    { "in_port=7", "output:9", "in_port=7", "output:9" },
    { "in_port=7,udp,tp_dst=53", "output(port=9,max_len=64)",
      "udp,in_port=7,tp_dst=53", "output(port=9,max_len=64)" },
    { "in_port=7, udp , tp_dst=53", "output(max_len=64,port=9)",
      "udp,in_port=7,tp_dst=53", "output(port=9,max_len=64)" },
    { "in_port=7", "in_port", "in_port=7", "IN_PORT" },
    { "in_port=7", "output:in_port", "in_port=7", "IN_PORT" },
    { "in_port=7", "output:9,output:10,IN_PORT", "in_port=7",
      "output:9,output:10,IN_PORT" },
    { "in_port=7,dl_vlan=5", "strip_vlan,output:9", "in_port=7,dl_vlan=5",
      "pop_vlan,output:9" },
    { "in_port=7,vlan_tci=0x1000/0x1000", "pop_vlan,output:9",
      "in_port=7,vlan_tci=0x1000/0x1000", "pop_vlan,output:9" },
    { "in_port=7", "resubmit(,1)", "in_port=7", "resubmit(,1)" },
    { "in_port=7", "goto_table:4", "in_port=7", "goto_table:4" },
    { "in_port=7", "goto_table:3", NULL, NULL },
    { "metadata=0x1f", "drop", "metadata=0x1f", "drop" },
    { "in_port=7", "meter:1,output:9", "in_port=7", "meter:1,output:9" },
    { "in_port=7", "output:9,foo", NULL, NULL },
    { "in_port=7", "output:9 actions=output:10", NULL, NULL },
    { "in_port=7 actions=output:3", "drop", NULL, NULL },
    { "in_port=x", "drop", NULL, NULL },
    { "tp_dst=53", "dec_ttl,output:9", NULL, NULL },
};

/* Reads the rule of 'fm', which a switch was given, back as from a dump. */
static void
pass_switch(const struct ofputil_flow_mod *fm, struct span_flow *flow)
{
    struct ofpbuf *mod = ofputil_encode_flow_mod(fm, FLOW_CODEC_PROTOCOL);
    struct ofputil_flow_mod got;
    struct ofpbuf ofpacts, *msg;
    struct ovs_list replies = OVS_LIST_INITIALIZER(&replies);

    /* The switch reads the flow_mod, keeps the rule ... */
    ofpbuf_init(&ofpacts, 0);
    if (ofputil_decode_flow_mod(&got, mod->data, FLOW_CODEC_PROTOCOL, NULL,
                                NULL, &ofpacts, OFPP_MAX, 255)) {
        tap_ok(false, "a flow_mod that can be decoded");
        exit(1);
    }
    ofpbuf_delete(mod);

    /* ... and writes it into a reply. */
    struct ofputil_flow_stats stats = {
        .cookie = got.new_cookie,
        .table_id = got.table_id,
        .priority = got.priority,
        .idle_age = -1,
        .hard_age = -1,
        .packet_count = 12,
        .byte_count = UINT64_MAX,
        .ofpacts = got.ofpacts,
        .ofpacts_len = got.ofpacts_len,
    };
    minimatch_expand(&got.match, &stats.match);
    minimatch_destroy(&got.match);
    struct ofputil_flow_stats_request fsr = { .table_id = OFPTT_ALL };
    struct ofpbuf *request = ofputil_encode_flow_stats_request(
        &fsr, FLOW_CODEC_PROTOCOL);
    ofpmp_init(&replies, request->data);
    ofpbuf_delete(request);
    ofputil_append_flow_stats_reply(&stats, &replies, NULL);
    ofpbuf_uninit(&ofpacts);

    struct ofpbuf *reply = ofpbuf_from_list(ovs_list_pop_front(&replies));
    ofpmsg_update_length(reply);
    msg = ofpbuf_clone_data(reply->data, reply->size);
    ofpbuf_delete(reply);
    ofpbuf_init(&ofpacts, 0);
    tap_int(ofputil_decode_flow_stats_reply(&stats, msg, true, &ofpacts), 0,
            "... it can be dumped");
    flow_from_stats(flow, &stats);
    ofpbuf_uninit(&ofpacts);
    ofpbuf_delete(msg);
}

/* A rule that is asked for has the same text when the switch reports it. */
static void
check_rule(const struct span_flow *flow)
{
    struct fault fault = FAULT_INITIALIZER;
    struct ofputil_flow_mod fm;
    struct span_flow dumped;

    tap_fault(flow_to_mod(flow, OFPFC_ADD, &fm, &fault), &fault, NULL,
              "... OpenFlow can express it");
    pass_switch(&fm, &dumped);
    flow_mod_uninit(&fm);

    char *asked_text = flow_to_text(flow);
    char *dumped_text = flow_to_text(&dumped);
    tap_str(dumped_text, asked_text, "... and dumped it reads the same");
    free(asked_text);
    free(dumped_text);

    tap_ok(flow_equals(flow, &dumped), "... so that they are equal");
    tap_int(dumped.packets, 12, "... its packets are known");
    tap_int(dumped.bytes, 0, "... unknown bytes are none");
    flow_destroy(&dumped);
}

static void
test_rules(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        const char *canonical = rules[i].canonical_match;
        struct fault fault = FAULT_INITIALIZER;
        struct span_flow flow;
        char *name = xasprintf("%s -> %s", rules[i].match
                               ? rules[i].match : "(none)", rules[i].actions);
        bool ok = flow_init(&flow, 3, 100, SPAN_COOKIE_TAG | 7,
                            rules[i].match, rules[i].actions, &fault);

        tap_fault(ok, &fault, canonical ? NULL : "bad-flow", name);
        free(name);
        if (ok && canonical) {
            tap_str(flow.match, canonical, "... its match");
            tap_str(flow.actions, rules[i].canonical_actions,
                    "... its actions");
            check_rule(&flow);
        }
        flow_destroy(&flow);
    }
}

static void
test_order(void)
{
    static const struct {
        int table, priority;
        const char *match;
    } order[] = {
        { 0, 200, "udp" },
        { 0, 100, "" },
        { 0, 100, "in_port=1" },
        { 0, 100, "in_port=2" },
        { 1, 65535, "" },
    };
    struct span_flow flows[ARRAY_SIZE(order)];
    bool ok = true;

    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        flow_init(&flows[i], order[i].table, order[i].priority, 1,
                  order[i].match, "drop", NULL);
    }
    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(order); j++) {
            int sign = (i > j) - (i < j);
            int cmp = flow_compare_key(&flows[i], &flows[j]);
            ok = ok && sign == (cmp > 0) - (cmp < 0);
        }
    }
    tap_ok(ok, "rules are ordered by table, priority and match");

    struct span_flow copy;
    flow_clone(&copy, &flows[0]);
    tap_ok(flow_equals(&copy, &flows[0]), "a copy is equal");
    copy.packets = 5;
    tap_ok(flow_equals(&copy, &flows[0]), "whatever it has counted");
    copy.cookie++;
    tap_ok(!flow_equals(&copy, &flows[0]) && !flow_compare_key(&copy,
                                                               &flows[0]),
           "with another cookie it is another one of the same key");
    flow_destroy(&copy);
    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        flow_destroy(&flows[i]);
    }
    flow_destroy(NULL);
}

static void
test_cookies(void)
{
    struct uuid session = { { 0xdeadbeef, 1, 2, 3 } };
    struct uuid none = { { 0, 0, 0, 0 } };

    tap_ok(flow_cookie(&session) == UINT64_C(0x5350414edeadbeef),
           "a cookie is SPAN and the session's first 32 bits");
    tap_ok(flow_cookie(&none) == SPAN_COOKIE_TAG, "or SPAN alone");
    tap_ok(flow_cookie_is_ours(SPAN_COOKIE_TAG)
           && flow_cookie_is_ours(SPAN_COOKIE_TAG | UINT32_MAX),
           "both are ours");
    tap_ok(!flow_cookie_is_ours(0) && !flow_cookie_is_ours(UINT64_MAX)
           && !flow_cookie_is_ours(0x5350414e), "others are not");
}

static void
test_deletion(void)
{
    struct ofputil_flow_mod fm;
    struct span_flow flow;

    flow_init(&flow, 0, 65535, SPAN_COOKIE_TAG | 9, "in_port=3",
              "output:4", NULL);
    tap_ok(flow_to_mod(&flow, OFPFC_DELETE_STRICT, &fm, NULL),
           "a deletion is made");
    tap_ok(ntohll(fm.cookie) == flow.cookie && fm.cookie_mask == OVS_BE64_MAX,
           "bound to the rule's own cookie");
    flow_mod_uninit(&fm);
    flow_destroy(&flow);
}

int
main(void)
{
    test_rules();
    test_order();
    test_cookies();
    test_deletion();
    return tap_done();
}
