/* SPDX-License-Identifier: Apache-2.0
 *
 * The check of filters: what is taken, and as what, and what is refused. */

#include <config.h>
#include "plugin/core/flow-text.h"
#include <stdlib.h>
#include "tests/unit/core-helpers.h"
#include "util.h"

/* Filters that are fine, and the match that a switch makes of them. */
static const struct {
    const char *filter, *match;
} good[] = {
    { "", "" },
    { " ", "" },
    { "eth", "" },
    { "udp", "udp" },
    { "ip,udp", "udp" },
    { "udp,ip", "udp" },
    { "eth,ipv6", "ipv6" },
    { "udp,tp_dst=53", "udp,tp_dst=53" },
    { "udp, tp_dst=53", "udp,tp_dst=53" },
    { "udp tp_dst=53", "udp,tp_dst=53" },
    { "udp,udp_dst=0x35", "udp,tp_dst=53" },
    { "udp,tp_dst=53,udp_dst=53", "udp,tp_dst=53" },
    { "tp_dst=53,udp", "udp,tp_dst=53" },
    { "dl_type=0x800,nw_proto=17", "udp" },
    { "dl_type=0x0800,nw_proto=6,tp_dst=0x50/0xfff0",
      "tcp,tp_dst=0x50/0xfff0" },
    { "udp,tp_dst[0..3]=5", "udp,tp_dst=0x5/0xf" },
    { "tcp6,tcp_dst=443", "tcp6,tp_dst=443" },
    { "sctp,sctp_dst=3", "sctp,tp_dst=3" },
    { "tcp,tcp_flags=+syn-ack", "tcp,tcp_flags=+syn-ack" },
    { "tcp,tcp_flags=0x2/0x12", "tcp,tcp_flags=+syn-ack" },
    { "ip,nw_src=10.1.2.3/8", "ip,nw_src=10.0.0.0/8" },
    { "ip,ip_dst=10.0.0.1", "ip,nw_dst=10.0.0.1" },
    { "ip,nw_src=*", "ip" },
    { "ip,nw_frag=first", "ip,nw_frag=first" },
    { "ip,nw_tos=32,nw_ecn=1,nw_ttl=64", "ip,nw_tos=32,nw_ecn=1,nw_ttl=64" },
    { "ipv6,ipv6_src=FE80::1/10", "ipv6,ipv6_src=fe80::/10" },
    { "icmp,icmp_type=8", "icmp,icmp_type=8" },
    { "icmp6,icmp_type=135,nd_target=fe80::1",
      "icmp6,icmp_type=135,nd_target=fe80::1" },
    { "icmp6,icmpv6_type=135", "icmp6,icmp_type=135" },
    { "arp,arp_spa=192.0.2.1,arp_op=1", "arp,arp_spa=192.0.2.1,arp_op=1" },
    { "rarp", "rarp" },
    { "mpls,mpls_label=3", "mpls,mpls_label=3" },
    { "dl_type=0x88cc", "dl_type=0x88cc" },
    { "dl_src=00:11:22:33:44:AA", "dl_src=00:11:22:33:44:aa" },
    { "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00",
      "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00" },
    { "dl_vlan=5,dl_vlan_pcp=3", "dl_vlan=5,dl_vlan_pcp=3" },
    { "vlan_tci=0x1005/0x1fff", "dl_vlan=5" },
    { "vlan_tci=0", "vlan_tci=0x0000/0x1fff" },
    { "dl_vlan=0xffff", "vlan_tci=0x0000/0x1fff" },
    { "vlan_tci=0x1000/0x1000", "vlan_tci=0x1000/0x1000" },
};

/* Filters that are refused, and a word of the sentence that says why. */
static const struct {
    const char *filter, *word;
} bad[] = {
    { "in_port=3", "\"in_port\"" },
    { "udp,in_port=LOCAL", "\"in_port\"" },
    { "in_port=*", "\"in_port\"" },
    { "metadata=3", "\"metadata\"" },
    { "reg0=1", "\"reg0\"" },
    { "reg0=0/0", "\"reg0\"" },
    { "reg0[0..3]=1", "\"reg0[0..3]\"" },
    { "xreg0=1", "\"xreg0\"" },
    { "xxreg0=1", "\"xxreg0\"" },
    { "tun_id=3", "\"tun_id\"" },
    { "ip,tun_src=192.0.2.1", "\"tun_src\"" },
    { "tun_metadata0=1", "\"tun_metadata0\"" },
    { "pkt_mark=1", "\"pkt_mark\"" },
    { "ct_state=+trk", "\"ct_state\"" },
    { "ip,ct_nw_src=192.0.2.1", "\"ct_nw_src\"" },
    { "recirc_id=1", "\"recirc_id\"" },
    { "dp_hash=1", "\"dp_hash\"" },
    { "skb_priority=1", "\"skb_priority\"" },
    { "conj_id=1", "\"conj_id\"" },
    { "actset_output=1", "\"actset_output\"" },
    { "packet_type=(0,0)", "\"packet_type\"" },

    { "actions=drop", "only a match" },
    { "udp,actions=output:1", "only a match" },
    { "udp actions=drop", "only a match" },
    { "udp,action=drop", "only a match" },
    { "actions", "only a match" },
    { "table=3", "only a match" },
    { "udp,priority=7", "only a match" },
    { "cookie=0x3", "only a match" },
    { "cookie=0x3/-1", "only a match" },
    { "idle_timeout=3", "only a match" },
    { "hard_timeout=3", "only a match" },
    { "importance=3", "only a match" },
    { "out_port=3", "only a match" },
    { "out_group=3", "only a match" },
    { "send_flow_rem", "only a match" },
    { "udp,check_overlap", "only a match" },
    { "allow_hidden_fields,udp", "only a match" },
    { "n_packets=3", "only a match" },

    { "foo", "\"foo\"" },
    { "foo=3", "\"foo\"" },
    { "udp;tcp", "\"udp;tcp\"" },
    { "udp or tcp", "\"or\"" },
    { "port 53", "\"port\"" },
    { "(", "no packet field" },
    { "=", "no packet field" },
    { "NXM_OF_UDP_DST[]=53", "no packet field" },
    { "nsh", "no packet field" },

    { "udp=53", "takes no value" },
    { "eth=1", "takes no value" },
    { "tp_dst", "needs a value" },
    { "udp,tp_dst=", "needs a value" },
    { "udp,tp_dst=65536", "too large" },
    { "udp,tp_dst=53x", "bad syntax" },
    { "udp,tp_dst=-1", "tp_dst" },
    { "udp,tp_dst[0..16]=1", "tp_dst" },
    { "udp,tp_dst[0..3]=16", "does not fit" },
    { "udp,tp_dst[=1", "tp_dst" },
    { "ip,nw_src=host.example.org", "invalid IP" },
    { "ip,nw_src=192.0.2.1/33", "192.0.2.1/33" },
    { "dl_src=00:11:22:33:44", "00:11:22:33:44" },

    /* These a switch would take for less than they say. */
    { "tp_dst=53", "protocol" },
    { "ip,tp_dst=53", "protocol" },
    { "nw_src=192.0.2.1", "protocol" },
    { "ipv6,nw_src=192.0.2.1", "protocol" },
    { "icmp_type=8", "protocol" },
    { "nw_proto=17", "protocol" },
    { "arp_spa=192.0.2.1", "protocol" },
    { "tcp,udp_dst=53", "protocol" },
    { "udp,tcp_flags=+syn", "protocol" },
    { "ipv6,nd_target=fe80::1", "protocol" },
    { "vlan_tci=0x2000/0xe000", "protocol" },
    { "vlan_tci=0x3000/0x3000", "OpenFlow 1.4" },

    /* Of these only the last term counts. */
    { "udp,tcp", "contradicts" },
    { "ip,ipv6", "contradicts" },
    { "udp,nw_proto=6", "contradicts" },
    { "udp,tp_dst=53,tp_dst=54", "contradicts" },
    { "udp,tp_dst=0x10/0xf0,tp_dst=0x1/0xf", "contradicts" },
    { "dl_vlan=5,vlan_tci=0", "contradicts" },

    { "udp\n", "printed" },
    { "udp\ttcp", "printed" },
    { "udp\xff", "printed" },
};

static void
test_good(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        struct fault fault = FAULT_INITIALIZER;
        struct span_flow flow;

        tap_fault(flow_filter_check(good[i].filter, &fault), &fault, NULL,
                  good[i].filter);
        if (flow_init(&flow, 0, 1, 2, good[i].filter, "drop", &fault)) {
            tap_str(flow.match, good[i].match, "... is \"%s\"",
                    good[i].match);
            tap_ok(flow_filter_check(flow.match, &fault),
                   "... which is a filter again");
            flow_destroy(&flow);
        }
        fault_clear(&fault);
    }
}

static void
test_bad(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct fault fault = FAULT_INITIALIZER;
        bool ok = flow_filter_check(bad[i].filter, &fault);

        if (!ok && !strstr(fault.detail, bad[i].word)) {
            tap_ok(false, "case %d says \"%s\"", (int) i + 1, bad[i].word);
            tap_diag("%s", fault.detail);
        }
        tap_fault(ok, &fault, "bad-filter", bad[i].filter);
    }
}

/* The part of a filter that has a VLAN tag to take off; NULL = none. */
static const struct {
    const char *filter, *tagged;
} tagged[] = {
    { "", "vlan_tci=0x1000/0x1000" },
    { "udp", "udp,vlan_tci=0x1000/0x1000" },
    { "dl_vlan=5", "dl_vlan=5" },
    { "dl_vlan_pcp=3", "dl_vlan_pcp=3" },
    { "vlan_tci=0x0005/0x0fff", "dl_vlan=5" },
    { "vlan_tci=0", NULL },
    { "dl_vlan=0xffff", NULL },
    { "vlan_tci=0/0x1000", NULL },
};

static void
test_tagged(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(tagged); i++) {
        char *match = flow_filter_tagged(tagged[i].filter);
        struct span_flow flow;

        tap_str(match, tagged[i].tagged, "tagged frames of \"%s\"",
                tagged[i].filter);
        if (match) {
            tap_ok(flow_init(&flow, 0, 1, 2, match, "pop_vlan,output:1",
                             NULL), "... can lose their tag");
            flow_destroy(&flow);
        }
        free(match);
    }
}

static void
test_length(void)
{
    struct fault fault = FAULT_INITIALIZER;
    char filter[65537];

    memset(filter, ',', sizeof filter);
    memcpy(filter, "udp", 3);
    filter[4096] = '\0';
    tap_fault(flow_filter_check(filter, &fault), &fault, NULL,
              "a filter of 4096 bytes");
    filter[4096] = ',';
    filter[4097] = '\0';
    tap_fault(flow_filter_check(filter, &fault), &fault, "bad-filter",
              "one of 4097");
    filter[4097] = ',';
    filter[65536] = '\0';
    tap_fault(flow_filter_check(filter, &fault), &fault, "bad-filter",
              "one of 64 KiB");
    tap_ok(!flow_filter_check("udp=53", NULL), "a fault need not be told");
}

int
main(void)
{
    test_good();
    test_bad();
    test_tagged();
    test_length();
    return tap_done();
}
