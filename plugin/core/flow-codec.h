/* SPDX-License-Identifier: Apache-2.0 */

/* OpenFlow rules between our text (flow-text.h) and libopenvswitch's
 * structures, for the decisions and for the OpenFlow edge.
 *
 * Both sides of a comparison pass through an OpenFlow message of
 * FLOW_CODEC_PROTOCOL, the asked-for rule here and the dumped one on its way
 * from the switch.  So they differ in text only if they differ on the switch:
 * what the message does not carry is not in the text. */

#ifndef SPAN_CORE_FLOW_CODEC_H
#define SPAN_CORE_FLOW_CODEC_H 1

#include <stdbool.h>
#include <stdint.h>
#include "fault.h"
#include "flow-text.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-protocol.h"

/* OpenFlow 1.4: the first with bundles, and spoken by every OVS since 2.4. */
#define FLOW_CODEC_PROTOCOL OFPUTIL_P_OF14_OXM
#define FLOW_CODEC_VERSION OFP14_VERSION

char *flow_codec_parse_match(const char *text, struct match *)
    OVS_WARN_UNUSED_RESULT;

bool flow_to_mod(const struct span_flow *, uint16_t command,
                 struct ofputil_flow_mod *, struct fault *);
void flow_mod_uninit(struct ofputil_flow_mod *);
void flow_from_stats(struct span_flow *, const struct ofputil_flow_stats *);
bool flow_canonicalize(struct span_flow *, struct fault *);

#endif /* plugin/core/flow-codec.h */
