/* SPDX-License-Identifier: Apache-2.0 */

/* The meters of one bridge.  See flow-meters.h.
 *
 * A switch answers in the order in which it was asked: first the rules, then
 * the configuration of the meters, then their counters.  So the meters have
 * counted at least what the rules of the same dump sent to them. */

#include <config.h>
#include "plugin/daemon/flow-meters.h"

#include <stdlib.h>

#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "plugin/core/meter.h"
#include "plugin/core/plan.h"
#include "plugin/daemon/flow-link.h"
#include "util.h"

/* Forgets what is known and what is coming. */
void
flow_meters_clear(struct flow_meters *fm)
{
    fm->current.n = 0;
    fm->dump.n = 0;
    fm->config_xid = 0;
    fm->stats_xid = 0;
}

void
flow_meters_uninit(struct flow_meters *fm)
{
    free(fm->current.meters);
    free(fm->dump.meters);
}

/* Asks for all meters, if they are wanted and the switch can have any.  What
 * was sent before may have shown that the connection has ended. */
void
flow_meters_request(struct flow_meters *fm, struct flow_link *link)
{
    fm->dump.n = 0;
    fm->config_xid = 0;
    fm->stats_xid = 0;
    if (!fm->wanted || !flow_link_is_connected(link)) {
        return;
    }

    enum ofp_version version = flow_link_version(link);
    if (version >= OFP13_VERSION) {
        fm->config_xid = flow_link_send(link, ofputil_encode_meter_request(
            version, OFPUTIL_METER_CONFIG, OFPM13_ALL));
        fm->stats_xid = flow_link_send(link, ofputil_encode_meter_request(
            version, OFPUTIL_METER_STATS, OFPM13_ALL));
    }
}

/* Is a dump not complete yet? */
bool
flow_meters_are_coming(const struct flow_meters *fm)
{
    return fm->stats_xid != 0;
}

static void
read_config(struct flow_meters *fm, struct ofpbuf *msg)
{
    struct ofputil_meter_config config;
    struct ofpbuf bands;

    ofpbuf_init(&bands, 0);
    while (!ofputil_decode_meter_config(msg, &config, &bands)) {
        struct meter_dump *dump = &fm->dump;

        if (dump->n >= dump->allocated) {
            dump->meters = x2nrealloc(dump->meters, &dump->allocated,
                                      sizeof *dump->meters);
        }
        struct span_meter *meter = &dump->meters[dump->n++];
        *meter = (struct span_meter) {
            .number = config.meter_id, .rate = METER_RATE_STRANGE,
        };
        if ((config.flags & OFPMF13_PKTPS) && config.n_bands == 1
            && config.bands[0].type == OFPMBT13_DROP) {
            meter->rate = config.bands[0].rate;
            meter->burst = config.bands[0].burst_size;
        }
    }
    ofpbuf_uninit(&bands);
}

static void
read_stats(struct flow_meters *fm, struct ofpbuf *msg)
{
    struct ofputil_meter_stats stats;
    struct ofpbuf bands;

    ofpbuf_init(&bands, 0);
    while (!ofputil_decode_meter_stats(msg, &stats, &bands)) {
        for (size_t i = 0; i < fm->dump.n && stats.n_bands; i++) {
            struct span_meter *meter = &fm->dump.meters[i];

            /* UINT64_MAX stands for an unknown number. */
            if (meter->number == stats.meter_id
                && stats.bands[0].packet_count != UINT64_MAX) {
                meter->packets = stats.bands[0].packet_count;
                meter->bytes = stats.bands[0].byte_count;
            }
            if (meter->number == stats.meter_id
                && stats.packet_in_count != UINT64_MAX) {
                meter->in_packets = stats.packet_in_count;
            }
        }
    }
    ofpbuf_uninit(&bands);
}

/* Takes 'msg', a reply to a request for meters.  Returns true if the dump is
 * complete with it. */
bool
flow_meters_receive(struct flow_meters *fm, struct ofpbuf *msg)
{
    const struct ofp_header *oh = msg->data;
    bool more = ofpmp_more(oh);
    ovs_be32 xid = oh->xid;

    if (xid && xid == fm->config_xid) {
        read_config(fm, msg);
    } else if (xid && xid == fm->stats_xid) {
        read_stats(fm, msg);
        if (!more) {
            fm->stats_xid = 0;
            return true;
        }
    }
    return false;                   /* Or overtaken by a change of ours. */
}

/* The switch has refused the request 'xid'.  Returns true if the dump is
 * complete with that. */
bool
flow_meters_refused(struct flow_meters *fm, ovs_be32 xid)
{
    bool complete = xid && xid == fm->stats_xid;

    if (complete) {
        fm->stats_xid = 0;
    }
    return complete;
}

/* Makes the dump that has come in the current one.  Returns true if it differs
 * by more than what was counted. */
bool
flow_meters_finish(struct flow_meters *fm)
{
    struct meter_dump old = fm->current;
    bool equal = old.n == fm->dump.n;

    for (size_t i = 0; i < old.n && equal; i++) {
        equal = meter_equals(&old.meters[i], &fm->dump.meters[i]);
    }
    fm->current = fm->dump;
    fm->dump = old;
    fm->dump.n = 0;
    return !equal;
}

/* Returns the message that does 'op', an OP_*_METER. */
struct ofpbuf *
flow_meters_encode(enum ofp_version version, const struct op *op)
{
    struct ofputil_meter_band band = {
        .type = OFPMBT13_DROP,
        .rate = op->meter.rate,
        .burst_size = op->meter.burst,
    };
    struct ofputil_meter_mod mod = {
        .command = (op->type == OP_ADD_METER ? OFPMC13_ADD
                    : op->type == OP_SET_METER ? OFPMC13_MODIFY
                    : OFPMC13_DELETE),
        .meter = {
            .meter_id = op->meter.number,
            .flags = OFPMF13_PKTPS | OFPMF13_BURST | OFPMF13_STATS,
            .n_bands = op->type == OP_DEL_METER ? 0 : 1,
            .bands = &band,
        },
    };

    return ofputil_encode_meter_mod(version, &mod);
}
