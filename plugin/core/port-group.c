/* SPDX-License-Identifier: Apache-2.0 */

/* Port groups as values: making, copying, checking and freeing them: see
 * port-group.h. */

#include <config.h>
#include "port-group.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "name.h"
#include "session.h"
#include "text.h"
#include "util.h"

#define MAX_TEXT 1024           /* Bytes of a reason. */
#define MAX_OWNER 256           /* Bytes. */
#define MAX_BRIDGE 255          /* Bytes. */
#define MAX_VLAN 4094

/* Makes 'group' an empty one named 'name', with the policy of a switch without
 * groups.  The caller must port_group_destroy() it. */
void
port_group_init(struct port_group *group, const char *name)
{
    *group = (struct port_group) {
        .name = xstrdup(name),
        .bridge = xstrdup(""),
        .policy = {
            .promiscuous = DECISION_REJECT,
            .mac_changes = DECISION_ACCEPT,
            .forged_transmits = DECISION_ACCEPT,
            .mac_limit = MAC_LIMIT_NONE,
            .limit_policy = MAC_LIMIT_DROP,
        },
        .owner = xstrdup(""),
        .reason = xstrdup(""),
        .fault = FAULT_INITIALIZER,
    };
}

/* Makes '*dst', whatever it held before, a copy of 'src'. */
void
port_group_clone(struct port_group *dst, const struct port_group *src)
{
    *dst = *src;
    dst->name = xstrdup(src->name);
    dst->bridge = xstrdup(src->bridge);
    dst->owner = xstrdup(src->owner);
    dst->reason = xstrdup(src->reason);
    dst->fault = (struct fault) FAULT_INITIALIZER;
    fault_copy(&dst->fault, &src->fault);

    dst->vlans = xcalloc(src->n_vlans + 1, sizeof *dst->vlans);
    for (size_t i = 0; i < src->n_vlans; i++) {
        dst->vlans[i] = src->vlans[i];
    }
    dst->members = xcalloc(src->n_members + 1, sizeof *dst->members);
    for (size_t i = 0; i < src->n_members; i++) {
        selector_clone(&dst->members[i], &src->members[i]);
    }
    dst->overrides = xcalloc(src->n_overrides + 1, sizeof *dst->overrides);
    for (size_t i = 0; i < src->n_overrides; i++) {
        dst->overrides[i].policy = src->overrides[i].policy;
        selector_clone(&dst->overrides[i].selector,
                       &src->overrides[i].selector);
    }
}

/* Frees what 'group' owns.  NULL is fine. */
void
port_group_destroy(struct port_group *group)
{
    if (group) {
        for (size_t i = 0; i < group->n_members; i++) {
            selector_destroy(&group->members[i]);
        }
        for (size_t i = 0; i < group->n_overrides; i++) {
            selector_destroy(&group->overrides[i].selector);
        }
        free(group->name);
        free(group->bridge);
        free(group->vlans);
        free(group->members);
        free(group->overrides);
        free(group->owner);
        free(group->reason);
        fault_clear(&group->fault);
        memset(group, 0, sizeof *group);
    }
}

/* Adds 'vlan', 0 to 4094, once. */
void
port_group_add_vlan(struct port_group *group, uint16_t vlan)
{
    size_t i = 0;

    while (i < group->n_vlans && group->vlans[i] < vlan) {
        i++;
    }
    if (i < group->n_vlans && group->vlans[i] == vlan) {
        return;
    }
    group->vlans = xrealloc(group->vlans,
                            (group->n_vlans + 1) * sizeof *group->vlans);
    memmove(group->vlans + i + 1, group->vlans + i,
            (group->n_vlans - i) * sizeof *group->vlans);
    group->vlans[i] = vlan;
    group->n_vlans++;
}

static int
compare_selectors(const struct selector *a, const struct selector *b)
{
    return (a->kind != b->kind ? (a->kind < b->kind ? -1 : 1)
            : strcmp(a->value, b->value));
}

/* Adds 'selector', once.  It is taken over and left empty. */
void
port_group_add_member(struct port_group *group, struct selector *selector)
{
    int cmp = -1;
    size_t i;

    for (i = 0; i < group->n_members; i++) {
        cmp = compare_selectors(&group->members[i], selector);
        if (cmp >= 0) {
            break;
        }
    }
    if (!cmp) {
        selector_destroy(selector);
        return;
    }
    group->members = xrealloc(group->members, ((group->n_members + 1)
                                               * sizeof *group->members));
    memmove(group->members + i + 1, group->members + i,
            (group->n_members - i) * sizeof *group->members);
    group->members[i] = *selector;
    group->n_members++;
    memset(selector, 0, sizeof *selector);
}

static bool
inherits_all(const struct port_policy *policy)
{
    return (policy->promiscuous == DECISION_INHERIT
            && policy->mac_changes == DECISION_INHERIT
            && policy->forged_transmits == DECISION_INHERIT
            && !policy->mac_limit
            && policy->limit_policy == MAC_LIMIT_INHERIT);
}

/* Makes 'policy' that of the ports that 'selector' names; one that inherits
 * all takes what there is for them away.  'selector' is taken over and left
 * empty. */
void
port_group_override(struct port_group *group, struct selector *selector,
                    const struct port_policy *policy)
{
    struct port_override *o;
    int cmp = -1;
    size_t i;

    for (i = 0; i < group->n_overrides; i++) {
        cmp = compare_selectors(&group->overrides[i].selector, selector);
        if (cmp >= 0) {
            break;
        }
    }
    if (cmp && !inherits_all(policy)) {
        group->overrides = xrealloc(group->overrides,
                                    ((group->n_overrides + 1)
                                     * sizeof *group->overrides));
        o = &group->overrides[i];
        memmove(o + 1, o, (group->n_overrides - i) * sizeof *o);
        *o = (struct port_override) { *selector, *policy };
        group->n_overrides++;
        memset(selector, 0, sizeof *selector);
        return;
    }
    if (!cmp) {
        o = &group->overrides[i];
        o->policy = *policy;
        if (inherits_all(policy)) {
            selector_destroy(&o->selector);
            group->n_overrides--;
            memmove(o, o + 1, (group->n_overrides - i) * sizeof *o);
        }
    }
    selector_destroy(selector);
}

/* Does a member of 'group' become promiscuous, if there is one? */
bool
port_group_may_be_promiscuous(const struct port_group *group)
{
    bool may = group->policy.promiscuous == DECISION_ACCEPT;

    for (size_t i = 0; i < group->n_overrides; i++) {
        may |= group->overrides[i].policy.promiscuous == DECISION_ACCEPT;
    }
    return may;
}

static bool
check_selector(const struct selector *selector, const char *what,
               struct fault *fault)
{
    switch (selector->kind) {
    case SELECTOR_PORT:
    case SELECTOR_IFACE_ID:
    case SELECTOR_MAC:
    case SELECTOR_VM:
    case SELECTOR_UPLINK:
        return true;
    case SELECTOR_VLAN:
    case SELECTOR_BRIDGE:
    case SELECTOR_GROUP:
    case SELECTOR_HOOK:
        break;
    }

    char *text = selector_to_string(selector);
    fault_set(fault, "bad-selector",
              "%s=%.80s names no ports of a group: write port:, iface-id:, "
              "mac:, vm: or uplink:; bridge= and vlan= say where they are.",
              what, text);
    free(text);
    return false;
}

static bool
check_selectors(const struct port_group *group, struct fault *fault)
{
    if (group->n_members > PORT_GROUP_MAX_MEMBERS
        || group->n_overrides > PORT_GROUP_MAX_OVERRIDES) {
        fault_set(fault, "too-many",
                  "A port group has at most %d members and %d overrides; "
                  "divide it into several, or write a pattern such as "
                  "port:tap*.", PORT_GROUP_MAX_MEMBERS,
                  PORT_GROUP_MAX_OVERRIDES);
        return false;
    }
    for (size_t i = 0; i < group->n_members; i++) {
        if (!check_selector(&group->members[i], "member", fault)) {
            return false;
        }
    }
    for (size_t i = 0; i < group->n_overrides; i++) {
        if (!check_selector(&group->overrides[i].selector, "override",
                            fault)) {
            return false;
        }
    }
    return true;
}

/* Does 'group' say on which bridge it is?  What people ask for has to; what
 * "isolate" makes is where its ports are.  Sets 'fault' if not. */
bool
port_group_check_bridge(const struct port_group *group, struct fault *fault)
{
    if (!group->bridge[0]) {
        fault_set(fault, "bad-argument",
                  "A port group is on one bridge: write bridge=NAME.");
        return false;
    }
    return true;
}

static bool
check_bridge(const struct port_group *group, struct fault *fault)
{
    if (!group->bridge[0]) {
        return true;
    }
    if (strchr(group->bridge, '/')
        || !text_is_clean(group->bridge, MAX_BRIDGE)) {
        fault_set(fault, "bad-argument", "bridge=%.80s names no bridge.",
                  group->bridge);
        return false;
    }
    return true;
}

static bool
check_numbers(const struct port_group *group, struct fault *fault)
{
    int64_t limit = group->policy.mac_limit;

    for (size_t i = 0; i < group->n_vlans; i++) {
        if (group->vlans[i] > MAX_VLAN) {
            fault_set(fault, "out-of-range",
                      "vlan=%"PRIu16" is out of range: write 1 to %d, or 0 "
                      "for untagged frames.", group->vlans[i], MAX_VLAN);
            return false;
        }
    }
    if (limit != MAC_LIMIT_NONE
        && (limit < 1 || limit > PORT_GROUP_MAX_MACS)) {
        fault_set(fault, "out-of-range",
                  "mac_limit=%"PRId64" is out of range: write 1 to %d "
                  "addresses a port, or 0 for no limit.", limit,
                  PORT_GROUP_MAX_MACS);
        return false;
    }
    return session_check_number("expires", group->expires, fault);
}

/* Checks 'group' for what can be known without a switch.  Sets 'fault' to the
 * first thing that is wrong and returns false if there is any; group->fault,
 * what its reader found, comes before all else. */
bool
port_group_check(const struct port_group *group, struct fault *fault)
{
    if (fault_is_set(&group->fault)) {
        fault_set(fault, group->fault.reason, "%s", group->fault.detail);
        return false;
    }
    if (!name_is_valid(group->name)) {
        fault_set(fault, "bad-name",
                  "\"%.80s\" cannot name a port group: write 1 to 64 letters, "
                  "digits, \"_\", \".\" or \"-\", no dot first.",
                  group->name);
        return false;
    }
    return (check_bridge(group, fault)
            && check_selectors(group, fault)
            && check_numbers(group, fault)
            && session_check_text("owner", group->owner, MAX_OWNER, fault)
            && session_check_text("reason", group->reason, MAX_TEXT, fault));
}
