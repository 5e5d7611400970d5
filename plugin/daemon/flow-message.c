/* SPDX-License-Identifier: Apache-2.0 */

/* The OpenFlow messages that we send.  See flow-message.h. */

#include <config.h>
#include "plugin/daemon/flow-message.h"

#include "byte-order.h"
#include "nx-match.h"
#include "openflow/nicira-ext.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-bundle.h"
#include "openvswitch/ofp-connection.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-monitor.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

/* Any but 0 will do; "SP". */
#define CONTROLLER_ID 0x5350

/* Gives the connection a controller ID of its own.  A bridge with a connection
 * of ID 0 that speaks less than OpenFlow 1.3 sends what no rule matches to
 * controllers instead of dropping it (ofproto/connmgr.c,
 * connmgr_wants_packet_in_on_miss()); our presence must not change what it
 * does. */
struct ofpbuf *
flow_message_controller_id(enum ofp_version version)
{
    struct ofpbuf *msg = ofpraw_alloc(OFPRAW_NXT_SET_CONTROLLER_ID, version,
                                      0);
    struct nx_controller_id *nci = ofpbuf_put_zeros(msg, sizeof *nci);

    nci->controller_id = htons(CONTROLLER_ID);
    return msg;
}

/* Of all that a switch sends unasked, asks for port status only. */
struct ofpbuf *
flow_message_port_status(enum ofp_version version)
{
    struct ofputil_async_cfg config = OFPUTIL_ASYNC_CFG_INIT;

    config.primary[OAM_PORT_STATUS] = ((1u << OFPPR_ADD) | (1u << OFPPR_DELETE)
                                       | (1u << OFPPR_MODIFY));
    config.secondary[OAM_PORT_STATUS] = config.primary[OAM_PORT_STATUS];
    return ofputil_encode_set_async_config(&config, (1u << OAM_N_TYPES) - 1,
                                           version);
}

struct ofpbuf *
flow_message_get_config(enum ofp_version version)
{
    return ofpraw_alloc(OFPRAW_OFPT_GET_CONFIG_REQUEST, version, 0);
}

/* Asks for all rules whose cookie is 'cookie' in the bits of 'cookie_mask'. */
struct ofpbuf *
flow_message_dump(enum ofputil_protocol protocol, uint64_t cookie,
                  uint64_t cookie_mask)
{
    struct ofputil_flow_stats_request request = {
        .match = MATCH_CATCHALL_INITIALIZER,
        .cookie = htonll(cookie),
        .cookie_mask = htonll(cookie_mask),
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .table_id = OFPTT_ALL,
    };

    return ofputil_encode_flow_stats_request(&request, protocol);
}

/* Asks to be told when somebody deletes or changes a rule that matches
 * '*in_port' exactly, or any rule if 'in_port' is NULL. */
struct ofpbuf *
flow_message_monitor(enum ofputil_protocol protocol, uint32_t id,
                     const ofp_port_t *in_port)
{
    struct ofputil_flow_monitor_request request = {
        .id = id,
        .command = OFPFMC_ADD,
        .flags = OFPFMF_REMOVED | OFPFMF_MODIFY,
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .table_id = OFPTT_ALL,
        .match = MATCH_CATCHALL_INITIALIZER,
    };
    struct ofpbuf *msg = ofpbuf_new(0);

    if (in_port) {
        match_set_in_port(&request.match, *in_port);
    }
    ofputil_append_flow_monitor_request(&request, msg, protocol);
    return msg;
}

/* Cancels monitor 'id'. */
struct ofpbuf *
flow_message_monitor_cancel(enum ofputil_protocol protocol, uint32_t id)
{
    enum ofp_version version = ofputil_protocol_to_ofp_version(protocol);
    struct ofpbuf *msg = ofputil_encode_flow_monitor_cancel(id, protocol);

    /* Since 1.4 this is a request with a match, which libopenvswitch 3.1
     * forgets to encode and ovs-vswitchd insists on. */
    if (version >= OFP14_VERSION) {
        struct match any = MATCH_CATCHALL_INITIALIZER;

        oxm_put_match(msg, &any, version);
    }
    return msg;
}

/* Bundles are part of OpenFlow since 1.4; 1.3 has them as an ONF extension
 * that Open vSwitch understands. */
bool
flow_message_can_bundle(enum ofp_version version)
{
    return version >= OFP13_VERSION;
}

static struct ofpbuf *
bundle_control(enum ofp_version version, uint32_t id, uint16_t type)
{
    struct ofputil_bundle_ctrl_msg control = {
        .bundle_id = id,
        .type = type,
        .flags = OFPBF_ATOMIC | OFPBF_ORDERED,
    };

    return ofputil_encode_bundle_ctrl_request(version, &control);
}

/* Makes the messages in 'msgs' one atomic and ordered bundle: wraps each and
 * adds what opens and commits it.  A wrapped message keeps its transaction
 * ID, by which the switch names it in an error. */
void
flow_message_bundle(enum ofp_version version, uint32_t bundle_id,
                    struct ovs_list *msgs)
{
    struct ovs_list plain = OVS_LIST_INITIALIZER(&plain);
    struct ofpbuf *open = bundle_control(version, bundle_id,
                                         OFPBCT_OPEN_REQUEST);
    struct ofpbuf *commit = bundle_control(version, bundle_id,
                                           OFPBCT_COMMIT_REQUEST);
    struct ofpbuf *msg;

    ovs_list_push_back_all(&plain, msgs);
    ovs_list_push_back(msgs, &open->list_node);
    LIST_FOR_EACH_POP (msg, list_node, &plain) {
        ofpmsg_update_length(msg);

        struct ofputil_bundle_add_msg add = {
            .bundle_id = bundle_id,
            .flags = OFPBF_ATOMIC | OFPBF_ORDERED,
            .msg = msg->data,
        };
        struct ofpbuf *wrapped = ofputil_encode_bundle_add(version, &add);
        ovs_list_push_back(msgs, &wrapped->list_node);
        ofpbuf_delete(msg);
    }
    ovs_list_push_back(msgs, &commit->list_node);
}
