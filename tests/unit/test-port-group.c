/* SPDX-License-Identifier: Apache-2.0
 *
 * Port groups: arguments into structures, the rules, overrides, and copies. */

#include <config.h>
#include "plugin/core/port-group.h"
#include <stdlib.h>
#include "tests/unit/core-helpers.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Reads 'args', words with one space between, into 'group'. */
static bool
parse_args(struct port_group *group, const char *args, struct fault *fault)
{
    struct port_group_args state = { 1000, true, true };
    char *copy = xstrdup(args);
    char *rest = copy;
    bool ok = true;

    while (ok && rest && *rest) {
        ok = port_group_parse_arg(group, strsep(&rest, " "), &state, fault);
    }
    free(copy);
    return ok;
}

/* Each line: the arguments of a group, and the reason for which they are
 * refused, while reading or by port_group_check(), or NULL. */
static const struct {
    const char *args, *reason;
} cases[] = {
    { "bridge=br0", NULL },
    { "bridge=br0 member=port:tap* member=iface-id:x member=vm:db "
      "member=mac:52:54:00:00:00:01 member=uplink:eth0 vlan=0 vlan=4094 "
      "promiscuous=reject promiscuous_ports=port:a,vm:b mac_changes=reject "
      "forged_transmits=accept override=port:a,mac_changes=accept "
      "mac_limit=4096 limit_policy=drop ttl=60 owner=me reason=why", NULL },
    { "bridge=br0 override=port:a,mac_limit=4096,limit_policy=allow "
      "override=port:b,mac_limit=0", NULL },
    { "bridge=br0 promiscuous_ports=", NULL },
    { "bridge=br0 vlan=all mac_limit=0 ttl=0", NULL },

    { "", NULL },
    { "bridge=", "bad-argument" },
    { "bridge=a/b", "bad-argument" },
    { "bridge=br0 vlan=4095", "bad-argument" },
    { "bridge=br0 vlan=-1", "bad-argument" },
    { "bridge=br0 vlan=", "bad-argument" },
    { "bridge=br0 vlan=1-5", "bad-argument" },
    { "bridge=br0 member=tap1", "bad-selector" },
    { "bridge=br0 member=", "bad-selector" },
    { "bridge=br0 member=port:a,port:b", "bad-selector" },
    { "bridge=br0 member=vlan:7", "bad-selector" },
    { "bridge=br0 member=bridge:br0", "bad-selector" },
    { "bridge=br0 member=group:x", "bad-selector" },
    { "bridge=br0 member=hook:x", "bad-selector" },
    { "bridge=br0 promiscuous=", "bad-argument" },
    { "bridge=br0 promiscuous=true", "bad-argument" },
    { "bridge=br0 promiscuous=inherit", "bad-argument" },
    { "bridge=br0 mac_changes=Accept", "bad-argument" },
    { "bridge=br0 promiscuous_ports=a", "bad-selector" },
    { "bridge=br0 promiscuous_ports=port:a,", "bad-selector" },
    { "bridge=br0 promiscuous_ports=vlan:7", "bad-selector" },
    { "bridge=br0 override=port:a", "bad-argument" },
    { "bridge=br0 override=port:a,", "bad-argument" },
    { "bridge=br0 override=port:a,promiscuous", "bad-argument" },
    { "bridge=br0 override=port:a,promiscuous=yes", "bad-argument" },
    { "bridge=br0 override=port:a,mac_limit=4097", "bad-argument" },
    { "bridge=br0 override=port:a,mac_limit=", "bad-argument" },
    { "bridge=br0 override=port:a,limit_policy=none", "bad-argument" },
    { "bridge=br0 override=bridge:b,promiscuous=accept", "bad-selector" },
    { "bridge=br0 mac_limit=4097", "bad-argument" },
    { "bridge=br0 mac_limit=x", "bad-argument" },
    { "bridge=br0 limit_policy=DROP", "bad-argument" },
    { "bridge=br0 limit_policy=inherit", "bad-argument" },
    { "bridge=br0 ttl=-1", "bad-argument" },
    { "bridge=br0 owner=a\tb", "bad-text" },
    { "bridge=br0 reason=a\nb", "bad-text" },
    { "bridge=br0 name=x", "bad-argument" },
    { "bridge=br0 members=port:a", "bad-argument" },
    { "bridge", "bad-argument" },
};

static void
test_cases(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct fault fault = FAULT_INITIALIZER;
        struct port_group group;

        port_group_init(&group, "g");
        bool ok = (parse_args(&group, cases[i].args, &fault)
                   && port_group_check(&group, &fault));
        tap_fault(ok, &fault, cases[i].reason, cases[i].args);
        port_group_destroy(&group);
    }
}

static void
test_names(void)
{
    static const char *names[] = { "", ".x", "a b", "../x", "a/b" };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct fault fault = FAULT_INITIALIZER;
        struct port_group group;

        port_group_init(&group, names[i]);
        bool ok = (parse_args(&group, "bridge=br0", &fault)
                   && port_group_check(&group, &fault));
        tap_fault(ok, &fault, "bad-name", names[i]);
        port_group_destroy(&group);
    }
}

/* Returns all of 'group' in one line, for the caller to free. */
static char *
print(const struct port_group *group)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, group->bridge);
    for (size_t i = 0; i < group->n_vlans; i++) {
        ds_put_format(&s, " %d", group->vlans[i]);
    }
    for (size_t i = 0; i < group->n_members; i++) {
        char *text = selector_to_string(&group->members[i]);

        ds_put_format(&s, " %s", text);
        free(text);
    }
    for (size_t i = 0; i < group->n_overrides; i++) {
        const struct port_override *o = &group->overrides[i];
        char *selector = selector_to_string(&o->selector);
        char *policy = port_policy_to_string(&o->policy);

        ds_put_format(&s, " %s:(%s)", selector, policy);
        free(selector);
        free(policy);
    }
    return ds_steal_cstr(&s);
}

/* Each line: arguments that are given one call after the other, and what they
 * make of a group. */
static const struct {
    const char *first, *second, *result;
} sequences[] = {
    { "bridge=a vlan=3 vlan=1 vlan=3 vlan=2 member=vm:b member=port:a "
      "member=vm:b", "", "a 1 2 3 port:a vm:b" },
    { "bridge=a vlan=3 member=port:a", "vlan=7 member=port:c member=port:b",
      "a 7 port:b port:c" },
    { "bridge=a vlan=3", "vlan=all", "a" },
    { "bridge=a", "bridge=b", "b" },
    { "bridge=a promiscuous_ports=port:b,port:a", "override=port:c,"
      "promiscuous=reject", "a port:a:(promiscuous=accept) "
      "port:b:(promiscuous=accept) port:c:(promiscuous=reject)" },
    { "bridge=a override=port:b,mac_changes=reject,promiscuous=accept "
      "override=port:c,promiscuous=accept override=port:d,promiscuous=reject",
      "promiscuous_ports=port:e", "a port:b:(mac_changes=reject) "
      "port:d:(promiscuous=reject) port:e:(promiscuous=accept)" },
    { "bridge=a override=port:b,mac_changes=reject,forged_transmits=accept",
      "override=port:b,mac_changes=inherit",
      "a port:b:(forged_transmits=accept)" },
    { "bridge=a override=port:b,mac_changes=reject",
      "override=port:b,mac_changes=inherit override=port:x,"
      "promiscuous=inherit", "a" },
    { "bridge=a override=port:b,mac_limit=0,limit_policy=drop,"
      "promiscuous=accept override=port:c,mac_limit=7,limit_policy=allow",
      "override=port:b,promiscuous=inherit override=port:c,mac_limit=inherit",
      "a port:b:(mac_limit=0,limit_policy=drop) "
      "port:c:(limit_policy=allow)" },
    { "bridge=a override=port:b,mac_limit=4,limit_policy=drop",
      "override=port:b,mac_limit=inherit,limit_policy=inherit", "a" },
    /* What is wrong changes nothing. */
    { "bridge=a promiscuous_ports=port:b", "promiscuous_ports=port:c,x",
      "a port:b:(promiscuous=accept)" },
    { "bridge=a override=port:b,mac_changes=reject",
      "override=port:b,promiscuous=accept,mac_changes=maybe",
      "a port:b:(mac_changes=reject)" },
    { "bridge=a member=port:b", "member=x", "a port:b" },
};

static void
test_sequences(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(sequences); i++) {
        struct fault fault = FAULT_INITIALIZER;
        struct port_group group, copy;
        char *text;

        port_group_init(&group, "g");
        parse_args(&group, sequences[i].first, &fault);
        parse_args(&group, sequences[i].second, &fault);
        text = print(&group);
        tap_str(text, sequences[i].result, "%s, then %s", sequences[i].first,
                sequences[i].second);
        free(text);

        port_group_clone(&copy, &group);
        port_group_destroy(&group);
        text = print(&copy);
        tap_str(text, sequences[i].result, "... and a copy of it");
        free(text);
        port_group_destroy(&copy);
        fault_clear(&fault);
    }
}

static void
test_promiscuity(void)
{
    static const struct {
        const char *args;
        bool may;
    } lines[] = {
        { "bridge=a", false },
        { "promiscuous=accept", true },
        { "promiscuous_ports=port:x", true },
        { "override=port:x,promiscuous=reject", false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        struct fault fault = FAULT_INITIALIZER;
        struct port_group group;

        port_group_init(&group, "g");
        parse_args(&group, lines[i].args, &fault);
        tap_ok(port_group_may_be_promiscuous(&group) == lines[i].may,
               "%s: %spromiscuous", lines[i].args, lines[i].may ? "" : "not ");
        port_group_destroy(&group);
    }
}

int
main(void)
{
    test_cases();
    test_names();
    test_sequences();
    test_promiscuity();
    return tap_done();
}
