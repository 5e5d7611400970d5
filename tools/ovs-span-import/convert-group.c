/* SPDX-License-Identifier: Apache-2.0 */

/* A port group's policy (DVSMacManagementPolicy) as a port group; see
 * convert.h.  An export holds the values that are in effect, whether they are
 * inherited from the switch or not, so that inheritance matters only where a
 * port differs from its group. */

#include <config.h>

#include "convert.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plugin/record/record-util.h"

#define MAX_VLAN 4094

/* The greatest mac_limit of a port group. */
#define MAX_LIMIT 4096

/* The three decisions of the policy. */
enum decision {
    PROMISCUOUS,
    MAC_CHANGES,
    FORGED_TRANSMITS,
    N_DECISIONS,
};

static const struct {
    const char *key;            /* Ours. */
    size_t offset;              /* In struct mac_policy. */
} decisions[N_DECISIONS] = {
    [PROMISCUOUS] = { "promiscuous", offsetof(struct mac_policy,
                                              promiscuous) },
    [MAC_CHANGES] = { "mac_changes", offsetof(struct mac_policy,
                                              mac_changes) },
    [FORGED_TRANSMITS] = { "forged_transmits",
                           offsetof(struct mac_policy, forged_transmits) },
};

static const struct policy_flag *
get_flag(const struct mac_policy *policy, enum decision d)
{
    return (const struct policy_flag *) ((const char *) policy
                                         + decisions[d].offset);
}

static bool
is_set(const struct flag_at *flag, bool value)
{
    return flag->set && flag->value == value;
}

/* Returns what 'setting' decides, or NULL if it does not say.
 * macManagementPolicy took the place of securityPolicy in vSphere 6.7. */
static const struct flag_at *
decide(const struct port_setting *setting, enum decision d)
{
    const struct policy_flag *new = get_flag(&setting->mac_management, d);
    const struct policy_flag *old = get_flag(&setting->security, d);

    return new->flag.set ? &new->flag : old->flag.set ? &old->flag : NULL;
}

/* As decide(), but NULL if the port has it from its group. */
static const struct flag_at *
decide_own(const struct port_setting *setting, enum decision d)
{
    const struct policy_flag *new = get_flag(&setting->mac_management, d);
    const struct policy_flag *old = get_flag(&setting->security, d);

    if (new->flag.set) {
        return (is_set(&setting->mac_management.inherited, true) ? NULL
                : &new->flag);
    } else if (is_set(&setting->security.inherited, true)
               || is_set(&old->inherited, true)) {
        return NULL;
    }
    return old->flag.set ? &old->flag : NULL;
}

static json_t *
verdict(const struct flag_at *flag)
{
    return json_string(flag->value ? "accept" : "reject");
}

/* From how many addresses a port may send, as macLearningPolicy has it. */
struct address_limit {
    int64_t n;                  /* 0 = any number. */
    bool allow;                 /* Do frames from one address more pass? */
};

static struct address_limit
limit_of(const struct port_setting *setting)
{
    const struct mac_policy *policy = &setting->mac_management;
    const struct number_at *limit = &policy->learning.limit;
    const char *more = policy->learning.limit_policy.text;

    if (is_set(&policy->learning.enabled, true) && limit->set
        && limit->value >= 1 && limit->value <= MAX_LIMIT) {
        return (struct address_limit) { limit->value,
                                        more && !strcasecmp(more, "allow") };
    }
    return (struct address_limit) { 0, false };
}

/* Says what of macLearningPolicy is not to be had on Open vSwitch. */
static void
check_learning(struct mapping *m, const struct port_setting *setting)
{
    const struct mac_policy *policy = &setting->mac_management;
    const struct number_at *limit = &policy->learning.limit;
    const struct text_at *more = &policy->learning.limit_policy;

    if (!is_set(&policy->learning.enabled, true)) {
        return;
    }
    if (limit->set && !limit_of(setting).n) {
        report_warning(m->report, &limit->place, "the limit of "
                       "macLearningPolicy is left out: it can be 1 to %d",
                       MAX_LIMIT);
    }
    if (more->text && strcasecmp(more->text, "allow")
        && strcasecmp(more->text, "drop")) {
        report_warning(m->report, &more->place, "limitPolicy \"%.80s\" is "
                       "neither allow nor drop: drop is taken", more->text);
    }
    if (is_set(&policy->learning.flooding, false)) {
        report_warning(m->report, &policy->learning.flooding.place,
                       "allowUnicastFlooding is left out: Open vSwitch floods "
                       "frames for addresses that it does not know");
    }
}

static void
set_policy(struct mapping *m, const struct port_group *group, json_t *out)
{
    struct address_limit limit = limit_of(&group->setting);

    for (enum decision d = 0; d < N_DECISIONS; d++) {
        const struct flag_at *flag = decide(&group->setting, d);
        const struct flag_at *old
            = &get_flag(&group->setting.security, d)->flag;

        if (!flag) {
            report_warning(m->report, &group->place, "the export does not say "
                           "%s of port group \"%.80s\": the default is taken",
                           decisions[d].key, group->name.text);
            continue;
        }
        if (old->set && old->value != flag->value) {
            report_warning(m->report, &old->place, "macManagementPolicy says "
                           "otherwise, and holds");
        }
        json_object_set_new(out, decisions[d].key, verdict(flag));
    }
    check_learning(m, &group->setting);
    if (limit.n) {
        json_object_set_new(out, "mac_limit", json_integer(limit.n));
        json_object_set_new(out, "limit_policy",
                            json_string(limit.allow ? "allow" : "drop"));
    }
}

/* Adds the VLANs of 'group' to 'out'; none means all.  Returns false if they
 * cannot be said. */
static bool
set_vlans(struct mapping *m, const struct port_group *group, json_t *out)
{
    const struct vlan_setting *vlan = &group->setting.vlan;
    bool trunk[MAX_VLAN + 1] = { false };
    json_t *vlans;

    if (vlan->private_id.set) {
        report_warning(m->report, &vlan->private_id.place, "port group "
                       "\"%.80s\" is left out: it is on a private VLAN, which "
                       "Open vSwitch does not have", group->name.text);
        return false;
    }
    vlans = json_array();
    if (vlan->id.set) {
        json_array_append_new(vlans, json_integer(vlan->id.value));
    }
    for (size_t i = 0; i < vlan->n_ranges; i++) {
        for (int64_t id = vlan->ranges[i].start.value;
             id <= vlan->ranges[i].end.value; id++) {
            trunk[id] = true;
        }
    }
    for (int id = 0; id <= MAX_VLAN; id++) {
        if (trunk[id]) {
            json_array_append_new(vlans, json_integer(id));
        }
    }
    if (json_array_size(vlans) && json_array_size(vlans) <= MAX_VLAN) {
        json_object_set(out, "vlans", vlans);
    }
    json_decref(vlans);
    return true;
}

/* The ports of a group, while they are collected. */
struct members {
    struct mapping *m;
    const struct port_group *group;
    json_t *known;              /* Port keys as keys: taken already. */
    json_t *selectors;          /* Selectors as keys. */
    json_t *promiscuous;        /* The same, of ports that are. */
    json_t *overrides;          /* Selector -> policy. */
};

/* Appends 'part' to '*policy', parts separated by commas; both were
 * malloc()'d, and 'part' is taken over. */
static void
add_part(char **policy, char *part)
{
    char *longer = rec_xasprintf("%s%s%s", *policy, (*policy)[0] ? "," : "",
                                 part);

    free(part);
    free(*policy);
    *policy = longer;
}

/* Appends the limit of 'port' to '*policy' if it has one of its own that
 * differs from its group's. */
static void
add_limit(const struct members *members, const struct dv_port *port,
          char **policy)
{
    const struct port_setting *setting = &port->config.setting;
    struct address_limit own = limit_of(setting);
    struct address_limit inherited = limit_of(&members->group->setting);

    if (is_set(&setting->mac_management.inherited, true)
        || is_set(&setting->mac_management.learning.inherited, true)
        || !setting->mac_management.learning.enabled.set) {
        return;
    }
    check_learning(members->m, setting);
    if (own.n != inherited.n) {
        add_part(policy, rec_xasprintf("mac_limit=%"PRId64, own.n));
    }
    if (own.n && own.allow != inherited.allow) {
        add_part(policy, rec_xasprintf("limit_policy=%s",
                                       own.allow ? "allow" : "drop"));
    }
}

/* Notes how the policy of 'port', which is 'selector', differs from its
 * group's. */
static void
add_overrides(struct members *members, const struct dv_port *port,
              const char *selector)
{
    const struct port_setting *of_group = &members->group->setting;
    char *policy = rec_xstrdup("");

    for (enum decision d = 0; d < N_DECISIONS; d++) {
        const struct flag_at *own = decide_own(&port->config.setting, d);
        const struct flag_at *inherited = decide(of_group, d);

        if (!own || (inherited && own->value == inherited->value)) {
            continue;
        } else if (d == PROMISCUOUS && own->value) {
            json_object_set_new(members->promiscuous, selector, json_true());
            continue;
        }
        add_part(&policy, rec_xasprintf("%s=%s", decisions[d].key,
                                        own->value ? "accept" : "reject"));
    }
    add_limit(members, port, &policy);
    if (policy[0]) {
        json_object_set_new(members->overrides, selector,
                            json_string(policy));
    }
    free(policy);
}

/* Adds the port 'key', unless nothing is connected to it. */
static void
add_member(struct members *members, const struct text_at *key)
{
    const struct dv_port *port = mapping_find_port(members->m, key->text);
    char *use, *selector;

    if (json_object_get(members->known, key->text)) {
        return;
    }
    json_object_set_new(members->known, key->text, json_true());
    if ((port && !port->connectee.entity.text && !port->connectee.type.text)
        || !mapping_is_here(members->m, key)) {
        return;
    }
    use = rec_xasprintf("a port of port group \"%.80s\"",
                        members->group->name.text);
    selector = mapping_source(members->m, key, use);
    if (selector) {
        json_object_set_new(members->selectors, selector, json_true());
        if (port) {
            add_overrides(members, port, selector);
        }
    }
    free(selector);
    free(use);
}

static void
collect_members(struct members *members)
{
    const struct mapping *m = members->m;
    const struct port_group *group = members->group;
    size_t i;

    for (i = 0; i < group->port_keys.n; i++) {
        add_member(members, &group->port_keys.items[i]);
    }
    if (!group->key.text) {
        return;
    }
    for (i = mapping_find_group(m, group->key.text); i < m->export->n_ports
         && m->by_group[i]->group_key.text
         && !strcmp(m->by_group[i]->group_key.text, group->key.text); i++) {
        add_member(members, &m->by_group[i]->key);
    }
}

/* Returns the keys of 'set', which is consumed, as an array. */
static json_t *
list_of(json_t *set)
{
    json_t *list = json_array();
    const char *key;
    json_t *unused;

    json_object_foreach (set, key, unused) {
        json_array_append_new(list, json_string(key));
    }
    json_decref(set);
    return list;
}

/* Adds 'value', which is taken over, to 'out' unless it is empty. */
static void
set_unless_empty(json_t *out, const char *key, json_t *value)
{
    if (json_array_size(value) || json_object_size(value)) {
        json_object_set(out, key, value);
    }
    json_decref(value);
}

static void
set_members(struct mapping *m, const struct port_group *group, json_t *out)
{
    struct members members = {
        .m = m,
        .group = group,
        .known = json_object(),
        .selectors = json_object(),
        .promiscuous = json_object(),
        .overrides = json_object(),
    };
    json_t *list;

    collect_members(&members);
    list = list_of(members.selectors);
    if (!json_array_size(list)) {
        report_warning(m->report, &group->place, "port group \"%.80s\" has no "
                       "members: export its ports too (govc "
                       "dvs.portgroup.info -json), or add them by hand",
                       group->name.text);
    }
    json_object_set_new(out, "members", list);
    set_unless_empty(out, "promiscuous_ports",
                     list_of(members.promiscuous));
    set_unless_empty(out, "overrides", members.overrides);
    json_decref(members.known);
}

/* Returns 'group' as "groups" of a specification has it, or NULL if it cannot
 * be one; what is wrong, left out or different is reported. */
json_t *
convert_group(struct mapping *m, const struct port_group *group)
{
    json_t *out = json_object();
    char *name, *bridge;

    if (is_set(&group->uplink, true)) {
        report_warning(m->report, &group->place, "port group \"%.80s\" is "
                       "left out: it is the switch's uplinks",
                       group->name.text);
        json_decref(out);
        return NULL;
    }
    name = convert_name(m, &group->name, "group");
    json_object_set_new(out, "name", json_string(name));
    free(name);
    if (!set_vlans(m, group, out)) {
        json_decref(out);
        return NULL;
    }
    bridge = mapping_bridge(m, group);
    if (bridge) {
        json_object_set_new(out, "bridge", json_string(bridge));
        free(bridge);
    }
    if (group->description.text) {
        report_warning(m->report, &group->description.place, "the description "
                       "of port group \"%.80s\" is left out: a port group has "
                       "none", group->name.text);
    }
    set_policy(m, group, out);
    set_members(m, group, out);
    return out;
}
