/* SPDX-License-Identifier: Apache-2.0 */

/* The check of a session's filter: a match of packet fields in the syntax of
 * ovs-fields(7), that means what it says.
 *
 * libopenvswitch's parser is lenient: of "tp_dst=53" without a protocol the
 * switch keeps nothing, of "udp,tcp" only the end, of "udp=53" only the
 * beginning.  As a filter each would copy more than was asked for, so these
 * are refused. */

#include <config.h>
#include "flow-text.h"
#include <stdlib.h>
#include <string.h>
#include "flow-codec.h"
#include "flow.h"
#include "memo.h"
#include "openvswitch/meta-flow.h"
#include "openvswitch/ofp-parse.h"
#include "packets.h"
#include "text.h"
#include "util.h"

#define MAX_MEMO 4096           /* Good filters that are remembered. */
#define MAX_FILTER 4096         /* Bytes; as Session.filter in the schema. */

#define EXAMPLE "for example filter=udp,tp_dst=53"

/* What ovs-ofctl takes beside fields, so that people may try it. */
static const char *const rule_words[] = {
    "action", "actions", "table", "priority", "cookie", "idle_timeout",
    "hard_timeout", "importance", "out_port", "out_group", "send_flow_rem",
    "check_overlap", "reset_counts", "no_packet_counts", "no_byte_counts",
    "no_readonly_table", "allow_hidden_fields", "duration", "n_packets",
    "n_bytes", "idle_age", "hard_age", "buffer_id", "flags",
};

static bool
is_rule_word(const char *key)
{
    for (size_t i = 0; i < ARRAY_SIZE(rule_words); i++) {
        if (!strcmp(key, rule_words[i])) {
            return true;
        }
    }
    return false;
}

/* Returns the field that 'key', NAME or NAME[BITS], names; NULL if none. */
static const struct mf_field *
field_from_key(const char *key)
{
    char *name = xmemdup0(key, strcspn(key, "["));
    const struct mf_field *mf = mf_from_name(name);
    free(name);
    return mf;
}

/* Returns true if a frame in the private bridge can have a value of 'mf'
 * that it brought from where it was copied.  In meta-flow.h what belongs to
 * the switch's own handling of a packet (ports, registers, tunnels,
 * connections, ...) comes first and what is in the packet begins with
 * Ethernet. */
static bool
field_is_in_frame(const struct mf_field *mf)
{
    return mf->id >= MFF_ETH_SRC;
}

/* Checks 'key', one of the words that stand for a protocol. */
static bool
check_protocol(const char *key, const char *value, struct fault *fault)
{
    if (*value) {
        fault_set(fault, "bad-filter",
                  "In the filter, \"%.20s\" takes no value: name the field, "
                  EXAMPLE ".", key);
        return false;
    }
    return true;
}

/* Checks one term of a filter, KEY or KEY=VALUE, for being a match of a
 * packet field. */
static bool
check_term_word(const char *key, const char *value, struct fault *fault)
{
    const struct ofp_protocol *protocol;

    if (ofp_parse_protocol(key, &protocol) || !strcmp(key, "eth")) {
        return check_protocol(key, value, fault);
    }

    const struct mf_field *mf = field_from_key(key);
    if (is_rule_word(key)) {
        fault_set(fault, "bad-filter",
                  "\"%.80s\" is no packet field: a filter is only a match, "
                  EXAMPLE ".", key);
    } else if (!mf) {
        fault_set(fault, "bad-filter",
                  "The filter's \"%.80s\" is no packet field that "
                  "ovs-fields(7) knows: write a match, " EXAMPLE ".", key);
    } else if (!field_is_in_frame(mf)) {
        fault_set(fault, "bad-filter",
                  "A filter cannot match \"%.80s\": a copied frame brings "
                  "only what is in the packet itself.  Use sources to select "
                  "ports, and a match of packet fields, " EXAMPLE ".", key);
    } else if (!*value) {
        fault_set(fault, "bad-filter",
                  "The filter's \"%.80s\" needs a value, " EXAMPLE ".", key);
    } else {
        return true;
    }
    return false;
}

/* Returns true if all that 'part' matches on, 'whole' matches on in the same
 * way. */
static bool
match_includes(const struct match *whole, const struct match *part)
{
    const uint64_t *whole_mask = (const uint64_t *) &whole->wc.masks;
    const uint64_t *whole_flow = (const uint64_t *) &whole->flow;
    const uint64_t *part_mask = (const uint64_t *) &part->wc.masks;
    const uint64_t *part_flow = (const uint64_t *) &part->flow;

    for (size_t i = 0; i < sizeof whole->flow / sizeof *whole_mask; i++) {
        if (part_mask[i] & ~whole_mask[i]
            || (whole_flow[i] ^ part_flow[i]) & part_mask[i]) {
            return false;
        }
    }
    return true;
}

/* Brings 'match' into the form in which it compares: every frame here is an
 * Ethernet frame, and one without a VLAN tag has no VLAN and no priority. */
static void
normalize(struct match *match)
{
    ovs_be16 *tci = &match->flow.vlans[0].tci;
    ovs_be16 *mask = &match->wc.masks.vlans[0].tci;

    if (match_has_default_packet_type(match)) {
        match->wc.masks.packet_type = 0;
    }
    if (*mask & htons(VLAN_CFI) && !*tci) {
        *mask = OVS_BE16_MAX;
    }
}

/* Returns true if 'key' belongs to a transport protocol that 'whole' does not
 * match, as in "tcp,udp_dst=53", where libopenvswitch takes the name for
 * another of tcp_dst.  (It has no icmpv6_type that people would write.) */
static bool
lacks_protocol(const char *key, const struct match *whole)
{
    const struct mf_field *mf = field_from_key(key);

    return (mf && strncmp(key, "tp_", 3) && strncmp(key, "icmp_", 5)
            && !mf_are_match_prereqs_ok(mf, whole));
}

/* What a filter comes to: 'whole' is all of its terms, 'kept' is what a
 * switch would keep of them. */
struct effect {
    struct match whole;
    struct match kept;
};

/* Checks that the term KEY=VALUE has its effect.  'fault' is what is wrong
 * otherwise. */
static bool
check_term_effect(const char *key, const char *value,
                  const struct effect *effect, struct fault *fault)
{
    char *text = *value ? xasprintf("%s=%s", key, value) : xstrdup(key);
    struct match match;
    bool ok = false;

    char *error = flow_codec_parse_match(text, &match);
    if (error) {
        fault_set(fault, "bad-filter", "The filter's \"%.80s\": %s.",
                  text, error);
        free(error);
        free(text);
        return false;
    }

    normalize(&match);
    if (!match_includes(&effect->whole, &match)) {
        fault_set(fault, "bad-filter",
                  "The filter's \"%.80s\" contradicts another of its terms: "
                  "no frame can match both.", text);
    } else if (lacks_protocol(key, &effect->whole)
               || !match_includes(&effect->kept, &match)) {
        fault_set(fault, "bad-filter",
                  "The filter's \"%.80s\" lacks the protocol it belongs to, "
                  "so that a switch would ignore it: name the protocol as "
                  "well, " EXAMPLE " or filter=ip,nw_src=192.0.2.1.", text);
    } else {
        ok = true;
    }
    free(text);
    return ok;
}

/* Checks each term of 'filter': its words while 'effect' is NULL, then its
 * effect. */
static bool
check_terms(const char *filter, const struct effect *effect,
            struct fault *fault)
{
    char *copy = xstrdup(filter);
    char *rest = copy;
    char *key, *value;
    bool ok = true;

    while (ok && ofputil_parse_key_value(&rest, &key, &value)) {
        ok = (effect
              ? check_term_effect(key, value, effect, fault)
              : check_term_word(key, value, fault));
    }
    free(copy);
    return ok;
}

/* Sets '*effect' to what 'filter' comes to. */
static bool
get_effect(const char *filter, struct effect *effect, struct fault *fault)
{
    struct span_flow flow;

    char *error = flow_codec_parse_match(filter, &effect->whole);
    if (error) {
        fault_set(fault, "bad-filter", "The filter \"%.200s\": %s.",
                  filter, error);
        free(error);
        return false;
    }
    normalize(&effect->whole);

    if (flow_init(&flow, 0, 0, 0, filter, "drop", NULL)) {
        error = flow_codec_parse_match(flow.match, &effect->kept);
        flow_destroy(&flow);
    } else {
        error = xstrdup("no switch takes it as a match");
    }
    if (error) {
        fault_set(fault, "bad-filter", "The filter \"%.200s\": %s.",
                  filter, error);
        free(error);
        return false;
    }
    normalize(&effect->kept);
    return true;
}

/* flow_filter_check() without a memory. */
static bool
check_filter(const char *filter, struct fault *fault)
{
    struct effect effect;

    if (!text_is_clean(filter, MAX_FILTER)) {
        fault_set(fault, "bad-filter",
                  "The filter is longer than %d bytes or holds characters "
                  "that cannot be printed.", MAX_FILTER);
        return false;
    }
    if (!check_terms(filter, NULL, fault)
        || !get_effect(filter, &effect, fault)
        || !check_terms(filter, &effect, fault)) {
        return false;
    }
    if (!match_equal(&effect.whole, &effect.kept)) {
        fault_set(fault, "bad-filter",
                  "The filter \"%.200s\" says what OpenFlow 1.4 cannot tell "
                  "a switch, such as bits of a VLAN priority: match whole "
                  "fields, for example dl_vlan_pcp=3.", filter);
        return false;
    }
    return true;
}

/* Checks that 'filter', Session.filter, is a match of packet fields and
 * nothing else, and that a switch will take it for what it says; "" matches
 * every frame.  Sets 'fault' to a sentence that says what to write instead,
 * and returns false, if it is not.  Sessions are checked in each pass, so good
 * filters are remembered. */
bool
flow_filter_check(const char *filter, struct fault *fault)
{
    static struct memo good = MEMO_INITIALIZER(&good, MAX_MEMO);

    if (!memo_recall(&good, filter)) {
        if (!check_filter(filter, fault)) {
            return false;
        }
        memo_keep(&good, filter, "");
    }
    return true;
}

/* Returns the match of those frames of 'filter', which must be a good one,
 * that have a VLAN tag, for the caller to free; NULL if it has none but
 * untagged frames. */
char *
flow_filter_tagged(const char *filter)
{
    const ovs_be16 present = htons(VLAN_CFI);
    struct match match;

    char *error = flow_codec_parse_match(filter, &match);
    if (error) {
        free(error);
        return NULL;
    }

    ovs_be16 *tci = &match.flow.vlans[0].tci;
    ovs_be16 *mask = &match.wc.masks.vlans[0].tci;
    if (*mask & present && !(*tci & present)) {
        return NULL;
    }
    *tci |= present;
    *mask |= present;
    return match_to_string(&match, NULL, OFP_DEFAULT_PRIORITY);
}
