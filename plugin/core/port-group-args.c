/* SPDX-License-Identifier: Apache-2.0 */

/* A port group's arguments, key=value as ovs-spanctl group-add and group-set
 * take them, into the struct, and policies as text: see port-group.h. */

#include <config.h>
#include "port-group.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "openvswitch/dynamic-string.h"
#include "session.h"
#include "text.h"
#include "util.h"

#define KEYS "bridge, vlan, member, promiscuous, promiscuous_ports, " \
             "mac_changes, forged_transmits, override, mac_limit, " \
             "limit_policy, ttl, owner and reason"

#define MAX_VLAN 4094

/* The parts of a policy and their names. */
static const struct part {
    const char *key;
    size_t offset;              /* In struct port_policy. */
} parts[] = {
    { "promiscuous", offsetof(struct port_policy, promiscuous) },
    { "mac_changes", offsetof(struct port_policy, mac_changes) },
    { "forged_transmits", offsetof(struct port_policy, forged_transmits) },
};

static enum port_decision *
policy_part(struct port_policy *policy, const struct part *part)
{
    return ALIGNED_CAST(enum port_decision *,
                        (char *) policy + part->offset);
}

static const struct part *
find_part(const char *key)
{
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        if (!strcmp(parts[i].key, key)) {
            return &parts[i];
        }
    }
    return NULL;
}

const char *
port_decision_to_string(enum port_decision decision)
{
    return (decision == DECISION_ACCEPT ? "accept"
            : decision == DECISION_REJECT ? "reject" : "inherit");
}

/* Reads "accept" or "reject"; returns false for anything else. */
bool
port_decision_from_string(const char *s, enum port_decision *decision)
{
    if (!strcmp(s, "accept")) {
        *decision = DECISION_ACCEPT;
    } else if (!strcmp(s, "reject")) {
        *decision = DECISION_REJECT;
    } else {
        return false;
    }
    return true;
}

/* Reads the number of a mac_limit, of which 0 is none. */
static bool
limit_from_string(const char *s, int64_t *limit)
{
    if (!text_to_number(s, PORT_GROUP_MAX_MACS, limit)) {
        return false;
    }
    *limit = *limit ? *limit : MAC_LIMIT_NONE;
    return true;
}

static bool
limit_policy_from_string(const char *s, enum mac_limit_policy *limit_policy)
{
    if (!strcmp(s, "drop")) {
        *limit_policy = MAC_LIMIT_DROP;
    } else if (!strcmp(s, "allow")) {
        *limit_policy = MAC_LIMIT_ALLOW;
    } else {
        return false;
    }
    return true;
}

static void
put_part(struct ds *s, const char *key, const char *value)
{
    ds_put_format(s, "%s%s=%s", s->length ? "," : "", key, value);
}

/* Returns what 'policy' decides, PART=VALUE separated by commas, for the
 * caller to free. */
char *
port_policy_to_string(const struct port_policy *policy)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        enum port_decision decision
            = *policy_part(CONST_CAST(struct port_policy *, policy),
                           &parts[i]);

        if (decision != DECISION_INHERIT) {
            put_part(&s, parts[i].key, port_decision_to_string(decision));
        }
    }
    if (policy->mac_limit) {
        char *limit = xasprintf("%"PRId64, MAX(policy->mac_limit, 0));

        put_part(&s, "mac_limit", limit);
        free(limit);
    }
    if (policy->limit_policy != MAC_LIMIT_INHERIT) {
        put_part(&s, "limit_policy",
                 policy->limit_policy == MAC_LIMIT_ALLOW ? "allow" : "drop");
    }
    return ds_steal_cstr(&s);
}

/* Reads 'value', "inherit" or what else the part 'key' can be, into 'policy'.
 * Returns false if there is no such part or value. */
static bool
set_part(struct port_policy *policy, const char *key, const char *value)
{
    const struct part *part = find_part(key);
    bool inherit = !strcmp(value, "inherit");

    if (part) {
        *policy_part(policy, part) = DECISION_INHERIT;
        return inherit || port_decision_from_string(
            value, policy_part(policy, part));
    } else if (!strcmp(key, "mac_limit")) {
        policy->mac_limit = 0;
        return inherit || limit_from_string(value, &policy->mac_limit);
    } else if (!strcmp(key, "limit_policy")) {
        policy->limit_policy = MAC_LIMIT_INHERIT;
        return inherit || limit_policy_from_string(value,
                                                   &policy->limit_policy);
    }
    return false;
}

/* Reads one PART=VALUE into 'policy'. */
static bool
parse_part(struct port_policy *policy, char *word, struct fault *fault)
{
    char *value = word;
    const char *key = strsep(&value, "=");

    if (!value || !set_part(policy, key, value)) {
        fault_set(fault, "bad-argument",
                  "\"%.80s%s%.80s\" is no part of a port's policy: write "
                  "promiscuous=, mac_changes= or forged_transmits= with "
                  "accept or reject, mac_limit= with 0 to %d, limit_policy= "
                  "with drop or allow, or any of them with inherit to have "
                  "the group's again.", key, value ? "=" : "",
                  value ? value : "", PORT_GROUP_MAX_MACS);
        return false;
    }
    return true;
}

/* Reads 'text', parts separated by commas, over what 'policy' holds.  On
 * failure sets 'fault' and returns false, with 'policy' half changed. */
bool
port_policy_parse(struct port_policy *policy, const char *text,
                  struct fault *fault)
{
    char *copy = xstrdup(text);
    char *rest = copy;
    bool ok = true;

    while (ok && rest) {
        ok = parse_part(policy, strsep(&rest, ","), fault);
    }
    free(copy);
    return ok;
}

/* Returns what 'group' has for 'selector', or NULL. */
static const struct port_override *
find_override(const struct port_group *group, const struct selector *selector)
{
    for (size_t i = 0; i < group->n_overrides; i++) {
        const struct port_override *o = &group->overrides[i];

        if (o->selector.kind == selector->kind
            && !strcmp(o->selector.value, selector->value)) {
            return o;
        }
    }
    return NULL;
}

/* Reads 'text', SELECTOR,PART=VALUE..., into 'group'; parts
 * that it does not name stay as they are.  On failure sets 'fault' and returns
 * false, with 'group' as it was. */
bool
port_override_parse(struct port_group *group, const char *text,
                    struct fault *fault)
{
    const char *comma = strchr(text, ',');
    char *word = comma ? xmemdup0(text, comma - text) : xstrdup(text);
    struct port_policy policy = { DECISION_INHERIT, };
    struct selector selector;
    bool ok = selector_parse(&selector, word, fault);

    if (ok) {
        const struct port_override *old = find_override(group, &selector);

        if (old) {
            policy = old->policy;
        }
        ok = port_policy_parse(&policy, comma ? comma + 1 : "", fault);
        if (ok) {
            port_group_override(group, &selector, &policy);
        } else {
            selector_destroy(&selector);
        }
    }
    free(word);
    return ok;
}

struct arg {
    const char *key;
    bool (*parse)(struct port_group *, const char *value,
                  struct port_group_args *, struct fault *);
};

static void
replace(char **text, const char *value)
{
    free(*text);
    *text = xstrdup(value);
}

static bool
parse_bridge(struct port_group *group, const char *value,
             struct port_group_args *args OVS_UNUSED, struct fault *fault)
{
    if (!value[0]) {
        fault_set(fault, "bad-argument",
                  "A port group is on one bridge: write bridge=NAME.");
        return false;
    }
    replace(&group->bridge, value);
    return true;
}

static bool
parse_vlan(struct port_group *group, const char *value,
           struct port_group_args *args, struct fault *fault)
{
    bool all = !strcmp(value, "all");
    int64_t vlan = 0;

    if (!all && !text_to_number(value, MAX_VLAN, &vlan)) {
        fault_set(fault, "bad-argument",
                  "vlan=%.80s is no VLAN: write 1 to %d, 0 for untagged "
                  "frames, or all.", value, MAX_VLAN);
        return false;
    }
    if (all || args->fresh_vlans) {
        group->n_vlans = 0;
        args->fresh_vlans = false;
    }
    if (!all) {
        port_group_add_vlan(group, vlan);
    }
    return true;
}

static bool
parse_member(struct port_group *group, const char *value,
             struct port_group_args *args, struct fault *fault)
{
    struct selector selector;

    if (!selector_parse(&selector, value, fault)) {
        return false;
    }
    if (args->fresh_members) {
        for (size_t i = 0; i < group->n_members; i++) {
            selector_destroy(&group->members[i]);
        }
        group->n_members = 0;
        args->fresh_members = false;
    }
    port_group_add_member(group, &selector);
    return true;
}

static bool
parse_decision(enum port_decision *decision, const char *key,
               const char *value, struct fault *fault)
{
    if (!port_decision_from_string(value, decision)) {
        fault_set(fault, "bad-argument",
                  "%s=%.80s: write accept or reject.", key, value);
        return false;
    }
    return true;
}

static bool
parse_promiscuous(struct port_group *group, const char *value,
                  struct port_group_args *args OVS_UNUSED,
                  struct fault *fault)
{
    return parse_decision(&group->policy.promiscuous, "promiscuous", value,
                          fault);
}

static bool
parse_mac_changes(struct port_group *group, const char *value,
                  struct port_group_args *args OVS_UNUSED,
                  struct fault *fault)
{
    return parse_decision(&group->policy.mac_changes, "mac_changes", value,
                          fault);
}

static bool
parse_forged_transmits(struct port_group *group, const char *value,
                       struct port_group_args *args OVS_UNUSED,
                       struct fault *fault)
{
    return parse_decision(&group->policy.forged_transmits,
                          "forged_transmits", value, fault);
}

/* Gives the ports that 'selector' names 'decision' on promiscuity, and leaves
 * the rest of their policy alone. */
static void
decide_promiscuous(struct port_group *group, const struct selector *selector,
                   enum port_decision decision)
{
    const struct port_override *old = find_override(group, selector);
    struct port_policy policy = { DECISION_INHERIT, };
    struct selector copy;

    if (old) {
        policy = old->policy;
    }
    policy.promiscuous = decision;
    selector_clone(&copy, selector);
    port_group_override(group, &copy, &policy);
}

/* promiscuous_ports=SELECTOR,...: these are promiscuous by an override, and no
 * others. */
static bool
parse_promiscuous_ports(struct port_group *group, const char *value,
                        struct port_group_args *args OVS_UNUSED,
                        struct fault *fault)
{
    struct port_group listed;
    char *copy = xstrdup(value);
    char *rest = copy[0] ? copy : NULL;
    bool ok = true;

    port_group_init(&listed, "");
    while (ok && rest) {
        struct selector selector;

        ok = selector_parse(&selector, strsep(&rest, ","), fault);
        if (ok) {
            port_group_add_member(&listed, &selector);
        }
    }
    for (size_t i = group->n_overrides; ok && i-- > 0; ) {
        const struct port_override *o = &group->overrides[i];

        if (o->policy.promiscuous == DECISION_ACCEPT) {
            decide_promiscuous(group, &o->selector, DECISION_INHERIT);
        }
    }
    for (size_t i = 0; ok && i < listed.n_members; i++) {
        decide_promiscuous(group, &listed.members[i], DECISION_ACCEPT);
    }
    port_group_destroy(&listed);
    free(copy);
    return ok;
}

static bool
parse_override(struct port_group *group, const char *value,
               struct port_group_args *args OVS_UNUSED, struct fault *fault)
{
    return port_override_parse(group, value, fault);
}

static bool
parse_mac_limit(struct port_group *group, const char *value,
                struct port_group_args *args OVS_UNUSED, struct fault *fault)
{
    if (!limit_from_string(value, &group->policy.mac_limit)) {
        fault_set(fault, "bad-argument",
                  "mac_limit=%.80s: write 1 to %d addresses a port, or 0 for "
                  "no limit.", value, PORT_GROUP_MAX_MACS);
        return false;
    }
    return true;
}

static bool
parse_limit_policy(struct port_group *group, const char *value,
                   struct port_group_args *args OVS_UNUSED,
                   struct fault *fault)
{
    if (!limit_policy_from_string(value, &group->policy.limit_policy)) {
        fault_set(fault, "bad-argument",
                  "limit_policy=%.80s: write drop or allow.", value);
        return false;
    }
    return true;
}

static bool
parse_ttl(struct port_group *group, const char *value,
          struct port_group_args *args, struct fault *fault)
{
    return session_parse_ttl(value, args->now, &group->expires, fault);
}

static bool
parse_owner(struct port_group *group, const char *value,
            struct port_group_args *args OVS_UNUSED,
            struct fault *fault OVS_UNUSED)
{
    replace(&group->owner, value);
    return true;
}

static bool
parse_reason(struct port_group *group, const char *value,
             struct port_group_args *args OVS_UNUSED,
             struct fault *fault OVS_UNUSED)
{
    replace(&group->reason, value);
    return true;
}

static const struct arg port_group_arg_table[] = {
    { "bridge", parse_bridge },
    { "vlan", parse_vlan },
    { "member", parse_member },
    { "promiscuous", parse_promiscuous },
    { "promiscuous_ports", parse_promiscuous_ports },
    { "mac_changes", parse_mac_changes },
    { "forged_transmits", parse_forged_transmits },
    { "override", parse_override },
    { "mac_limit", parse_mac_limit },
    { "limit_policy", parse_limit_policy },
    { "ttl", parse_ttl },
    { "owner", parse_owner },
    { "reason", parse_reason },
};

/* Reads 'arg', one KEY=VALUE, into 'group'.  On failure sets 'fault' and
 * returns false with 'group' and 'args' as they were.  Texts are taken as they
 * are; port_group_check() judges them. */
bool
port_group_parse_arg(struct port_group *group, const char *arg,
                     struct port_group_args *args, struct fault *fault)
{
    const char *equals = strchr(arg, '=');

    if (!equals) {
        fault_set(fault, "bad-argument",
                  "\"%.80s\" is no argument of a port group: write KEY=VALUE "
                  "with a KEY of " KEYS ".", arg);
        return false;
    }

    size_t n = equals - arg;
    for (size_t i = 0; i < ARRAY_SIZE(port_group_arg_table); i++) {
        const struct arg *a = &port_group_arg_table[i];

        if (strlen(a->key) == n && !memcmp(a->key, arg, n)) {
            return a->parse(group, equals + 1, args, fault);
        }
    }
    fault_set(fault, "bad-argument",
              "A port group has no \"%.*s\": known are " KEYS ".",
              (int) MIN(n, 80), arg);
    return false;
}
