/* SPDX-License-Identifier: Apache-2.0 */

/* OpenFlow rules between text and libopenvswitch's structures: see
 * flow-codec.h. */

#include <config.h>
#include "flow-codec.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "byte-order.h"
#include "memo.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

/* Some thousands of sessions' rules. */
#define MAX_MEMO 16384

/* Reads 'text', an OpenFlow match in the syntax of ovs-fields(7), into
 * '*match'.  Returns NULL if it could, else the parser's complaint for the
 * caller to free. */
char *
flow_codec_parse_match(const char *text, struct match *match)
{
    enum ofputil_protocol usable_protocols;
    struct ofputil_flow_mod fm;

    /* Command -1 is the one for which the parser wants no actions. */
    char *error = parse_ofp_str(&fm, -1, text, NULL, NULL,
                                &usable_protocols);
    if (error) {
        return error;
    }
    if (usable_protocols & FLOW_CODEC_PROTOCOL) {
        minimatch_expand(&fm.match, match);
    } else {
        error = xstrdup("OpenFlow 1.4 cannot express it");
    }
    flow_mod_uninit(&fm);
    return error;
}

/* Reads 'text', OpenFlow actions in the syntax of ovs-actions(7), into
 * 'ofpacts', which the caller has initialized. */
static char *
parse_actions(const char *text, struct ofpbuf *ofpacts)
{
    enum ofputil_protocol usable_protocols;
    struct ofpact_parse_params params = {
        .ofpacts = ofpacts,
        .usable_protocols = &usable_protocols,
    };

    char *error = ofpacts_parse_instructions(text, &params);
    if (!error && !(usable_protocols & FLOW_CODEC_PROTOCOL)) {
        error = xstrdup("OpenFlow 1.4 cannot express them");
    }
    return error;
}

/* Makes '*fm', whatever it held before, the flow_mod that does 'command', an
 * OFPFC_*, with 'flow'.  A deletion is bound to the flow's own cookie, so that
 * it cannot hit somebody else's rule.  The caller must flow_mod_uninit() it,
 * unless this fails: then it sets 'fault' and returns false. */
bool
flow_to_mod(const struct span_flow *flow, uint16_t command,
            struct ofputil_flow_mod *fm, struct fault *fault)
{
    bool deletion = command == OFPFC_DELETE || command == OFPFC_DELETE_STRICT;
    struct ofpbuf ofpacts;
    struct match match;

    char *error = flow_codec_parse_match(flow->match, &match);
    if (error) {
        fault_set(fault, "bad-flow", "Match \"%.200s\": %s.",
                  flow->match, error);
        free(error);
        return false;
    }

    ofpbuf_init(&ofpacts, 64);
    error = parse_actions(flow->actions, &ofpacts);
    if (error) {
        fault_set(fault, "bad-flow", "Actions \"%.200s\": %s.",
                  flow->actions, error);
        free(error);
        ofpbuf_uninit(&ofpacts);
        return false;
    }

    *fm = (struct ofputil_flow_mod) {
        .priority = flow->priority,
        .table_id = flow->table,
        .command = command,
        .cookie = deletion ? htonll(flow->cookie) : 0,
        .cookie_mask = deletion ? OVS_BE64_MAX : 0,
        .new_cookie = deletion ? OVS_BE64_MAX : htonll(flow->cookie),
        .modify_cookie = !deletion,
        .buffer_id = UINT32_MAX,
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .ofpacts_len = ofpacts.size,
        .ofpacts = ofpbuf_steal_data(&ofpacts),
    };
    minimatch_init(&fm->match, &match);
    return true;
}

/* Frees what 'fm', made by flow_to_mod(), owns. */
void
flow_mod_uninit(struct ofputil_flow_mod *fm)
{
    free(fm->ofpacts);
    minimatch_destroy(&fm->match);
}

static char *
match_text(const struct match *match)
{
    /* The default priority is the one that is not put into the text. */
    return match_to_string(match, NULL, OFP_DEFAULT_PRIORITY);
}

static char *
actions_text(const struct ofpact *ofpacts, size_t ofpacts_len)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct ofpact_format_params params = { .s = &s };

    ofpacts_format(ofpacts, ofpacts_len, &params);
    return ds_steal_cstr(&s);
}

/* flow_canonicalize() without a memory. */
static bool
canonicalize(struct span_flow *flow, struct fault *fault)
{
    struct ofputil_flow_mod asked, got;
    struct match match;
    struct ofpbuf ofpacts;

    if (!flow_to_mod(flow, OFPFC_ADD, &asked, fault)) {
        return false;
    }
    struct ofpbuf *msg = ofputil_encode_flow_mod(&asked, FLOW_CODEC_PROTOCOL);
    flow_mod_uninit(&asked);

    ofpbuf_init(&ofpacts, 64);
    enum ofperr error = ofputil_decode_flow_mod(
        &got, msg->data, FLOW_CODEC_PROTOCOL, NULL, NULL, &ofpacts,
        OFPP_MAX, 255);
    ofpbuf_delete(msg);
    if (error) {
        fault_set(fault, "bad-flow",
                  "A rule \"%.200s\" with actions \"%.200s\" is refused: %s.",
                  flow->match, flow->actions, ofperr_get_name(error));
    } else {
        minimatch_expand(&got.match, &match);
        minimatch_destroy(&got.match);
        free(flow->match);
        free(flow->actions);
        flow->match = match_text(&match);
        flow->actions = actions_text(ofpacts.data, ofpacts.size);
    }
    ofpbuf_uninit(&ofpacts);
    return !error;
}

/* Sets 'flow's texts, which it frees before, to what a switch says of the
 * rule that it was asked for with them.  On failure sets 'fault', leaves
 * 'flow' as it is, and returns false.
 *
 * Plans ask for the same rules again and again, so the answers are kept.
 * Beside the texts they depend on the table only, with "goto_table". */
bool
flow_canonicalize(struct span_flow *flow, struct fault *fault)
{
    static struct memo memo = MEMO_INITIALIZER(&memo, MAX_MEMO);
    char *question = xasprintf("%"PRIu8" %"PRIuSIZE" %s%s", flow->table,
                               strlen(flow->match), flow->match,
                               flow->actions);
    const char *answer = memo_recall(&memo, question);
    bool ok = true;

    if (answer) {
        size_t n = strcspn(answer, "\n");

        free(flow->match);
        free(flow->actions);
        flow->match = xmemdup0(answer, n);
        flow->actions = xstrdup(answer + n + 1);
    } else {
        ok = canonicalize(flow, fault);
        if (ok) {
            char *text = xasprintf("%s\n%s", flow->match, flow->actions);
            memo_keep(&memo, question, text);
            free(text);
        }
    }
    free(question);
    return ok;
}

/* Makes '*flow', whatever it held before, the rule that 'stats' reports, in
 * the canonical form.  The caller must flow_destroy() it. */
void
flow_from_stats(struct span_flow *flow, const struct ofputil_flow_stats *stats)
{
    /* UINT64_MAX stands for an unknown number in 'stats'. */
    *flow = (struct span_flow) {
        .table = stats->table_id,
        .priority = stats->priority,
        .cookie = ntohll(stats->cookie),
        .match = match_text(&stats->match),
        .actions = actions_text(stats->ofpacts, stats->ofpacts_len),
        .packets = stats->packet_count == UINT64_MAX ? 0 : stats->packet_count,
        .bytes = stats->byte_count == UINT64_MAX ? 0 : stats->byte_count,
    };
}
