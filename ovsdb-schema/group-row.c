/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of OVS_Span's table Port_Group as the core's values, and back.  As in
 * session-row.c, reading never fails: a row that cannot be understood yields a
 * value whose 'fault' says why. */

#include <config.h>

#include "ovsdb-schema/group-row.h"

#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "ovsdb-schema/span-idl.h"
#include "smap.h"
#include "util.h"

static void
replace_string(char **dst, const char *src)
{
    free(*dst);
    *dst = xstrdup(src ? src : "");
}

/* Reads 'text', NULL when the column is empty, into '*decision'. */
static void
decision_read(const char *key, const char *text,
              enum port_decision *decision, struct fault *fault)
{
    if (text && !port_decision_from_string(text, decision)) {
        fault_set(fault, "bad-argument",
                  "%s=%.80s: write accept or reject.", key, text);
    }
}

static void
members_read(const struct spanrec_port_group *row, struct port_group *group)
{
    for (size_t i = 0; i < row->n_members; i++) {
        struct selector selector;

        if (selector_parse(&selector, row->members[i], &group->fault)) {
            port_group_add_member(group, &selector);
        }
    }
}

static void
overrides_read(const struct spanrec_port_group *row, struct port_group *group)
{
    const struct smap_node **nodes = smap_sort(&row->overrides);

    for (size_t i = 0; i < smap_count(&row->overrides); i++) {
        struct port_policy policy = { DECISION_INHERIT, };
        struct selector selector;

        if (!selector_parse(&selector, nodes[i]->key, &group->fault)) {
            continue;
        }
        if (port_policy_parse(&policy, nodes[i]->value, &group->fault)) {
            port_group_override(group, &selector, &policy);
        } else {
            selector_destroy(&selector);
        }
    }
    free(nodes);
}

/* Initializes '*group' from 'row'.  The caller must destroy it with
 * port_group_destroy().  'group->fault' is set when part of the row is not
 * understood; that part is then missing from '*group'. */
void
group_row_read(const struct spanrec_port_group *row, struct port_group *group)
{
    port_group_init(group, row->name);
    group->uuid = row->header_.uuid;
    replace_string(&group->bridge, row->bridge);
    for (size_t i = 0; i < row->n_vlans; i++) {
        port_group_add_vlan(group, row->vlans[i]);
    }
    members_read(row, group);
    decision_read("promiscuous", row->promiscuous,
                  &group->policy.promiscuous, &group->fault);
    decision_read("mac_changes", row->mac_changes,
                  &group->policy.mac_changes, &group->fault);
    decision_read("forged_transmits", row->forged_transmits,
                  &group->policy.forged_transmits, &group->fault);
    overrides_read(row, group);
    group->policy.mac_limit = (row->n_mac_limit ? *row->mac_limit
                               : MAC_LIMIT_NONE);
    group->policy.limit_policy = (row->limit_policy
                                  && !strcmp(row->limit_policy, "allow")
                                  ? MAC_LIMIT_ALLOW : MAC_LIMIT_DROP);
    group->expires = row->n_expires ? *row->expires : 0;
    replace_string(&group->owner, row->owner);
    replace_string(&group->reason, row->reason);
}

static void
vlans_write(const struct spanrec_port_group *row,
            const struct port_group *group)
{
    int64_t *vlans = xcalloc(group->n_vlans + 1, sizeof *vlans);

    for (size_t i = 0; i < group->n_vlans; i++) {
        vlans[i] = group->vlans[i];
    }
    spanrec_port_group_set_vlans(row, vlans, group->n_vlans);
    free(vlans);
}

static void
members_write(const struct spanrec_port_group *row,
              const struct port_group *group)
{
    char **texts = xcalloc(group->n_members + 1, sizeof *texts);

    for (size_t i = 0; i < group->n_members; i++) {
        texts[i] = selector_to_string(&group->members[i]);
    }
    spanrec_port_group_set_members(row, (const char **) texts,
                                   group->n_members);
    for (size_t i = 0; i < group->n_members; i++) {
        free(texts[i]);
    }
    free(texts);
}

static void
overrides_write(const struct spanrec_port_group *row,
                const struct port_group *group)
{
    struct smap overrides = SMAP_INITIALIZER(&overrides);

    for (size_t i = 0; i < group->n_overrides; i++) {
        const struct port_override *o = &group->overrides[i];

        smap_add_nocopy(&overrides, selector_to_string(&o->selector),
                        port_policy_to_string(&o->policy));
    }
    spanrec_port_group_set_overrides(row, &overrides);
    smap_destroy(&overrides);
}

/* Returns 'decision' as the column has it: absent when it is 'absent'. */
static const char *
decision_text(enum port_decision decision, enum port_decision absent)
{
    return decision == absent ? NULL : port_decision_to_string(decision);
}

/* Makes the desired columns of 'row' say what 'group' says.  The name, the
 * bindings and external_ids are left alone. */
void
group_row_write(const struct spanrec_port_group *row,
                const struct port_group *group)
{
    const struct port_policy *policy = &group->policy;

    spanrec_port_group_set_bridge(row, group->bridge);
    vlans_write(row, group);
    members_write(row, group);
    spanrec_port_group_set_promiscuous(
        row, decision_text(policy->promiscuous, DECISION_REJECT));
    spanrec_port_group_set_mac_changes(
        row, decision_text(policy->mac_changes, DECISION_ACCEPT));
    spanrec_port_group_set_forged_transmits(
        row, decision_text(policy->forged_transmits, DECISION_ACCEPT));
    overrides_write(row, group);
    spanrec_port_group_set_mac_limit(row, &policy->mac_limit,
                                     policy->mac_limit != MAC_LIMIT_NONE);
    spanrec_port_group_set_limit_policy(
        row, policy->limit_policy == MAC_LIMIT_ALLOW ? "allow" : NULL);
    spanrec_port_group_set_expires(row, &group->expires,
                                   group->expires != 0);
    spanrec_port_group_set_owner(row, group->owner);
    spanrec_port_group_set_reason(row, group->reason);
}

/* Inserts 'group' as a new row in 'txn' and returns it. */
struct spanrec_port_group *
group_row_insert(const struct port_group *group, struct ovsdb_idl_txn *txn)
{
    struct spanrec_port_group *row = spanrec_port_group_insert(txn);

    spanrec_port_group_set_name(row, group->name);
    group_row_write(row, group);
    return row;
}

/* Returns the row of the group called 'name', or NULL. */
const struct spanrec_port_group *
group_row_find(const struct ovsdb_idl *idl, const char *name)
{
    const struct spanrec_port_group *row;

    SPANREC_PORT_GROUP_FOR_EACH (row, idl) {
        if (!strcmp(row->name, name)) {
            return row;
        }
    }
    return NULL;
}
