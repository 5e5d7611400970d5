/* SPDX-License-Identifier: Apache-2.0 */

/* Port groups: ports of one bridge under one policy, as values.
 *
 * The policy is vSphere's DVSMacManagementPolicy.  As with sessions, the same
 * structures and checks serve ovs-spanctl and the daemon. */

#ifndef SPAN_CORE_PORT_GROUP_H
#define SPAN_CORE_PORT_GROUP_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "fault.h"
#include "openvswitch/uuid.h"
#include "selector.h"

/* Limits of a group that no number can tell. */
#define PORT_GROUP_MAX_MEMBERS 4096
#define PORT_GROUP_MAX_OVERRIDES 4096

/* The most addresses that mac_limit can allow (DVSMacLearningPolicy limit). */
#define PORT_GROUP_MAX_MACS 4096

/* A mac_limit that allows any number of them; as text it is 0. */
#define MAC_LIMIT_NONE (-1)

enum port_decision {
    DECISION_INHERIT,           /* Of an override: as the group says. */
    DECISION_REJECT,
    DECISION_ACCEPT,
};

/* What becomes of frames from one address too many. */
enum mac_limit_policy {
    MAC_LIMIT_INHERIT,          /* Of an override: as the group says. */
    MAC_LIMIT_DROP,             /* They are dropped. */
    MAC_LIMIT_ALLOW,            /* They pass, and are told of. */
};

/* What ports may do.  Only of an override may parts be DECISION_INHERIT, 0 and
 * MAC_LIMIT_INHERIT, which all are 0. */
struct port_policy {
    enum port_decision promiscuous;      /* Receive all frames of the group;
                                          * vSphere allowPromiscuous. */
    enum port_decision mac_changes;      /* Take another address than the one
                                          * that it was given. */
    enum port_decision forged_transmits; /* Send with another source address
                                          * than its own. */
    int64_t mac_limit;          /* Send from so many source addresses: 1 to
                                 * PORT_GROUP_MAX_MACS, or MAC_LIMIT_NONE. */
    enum mac_limit_policy limit_policy;
};

/* Where the policy of some ports differs from their group's. */
struct port_override {
    struct selector selector;
    struct port_policy policy;  /* Not all of it is inherited. */
};

struct port_group {
    struct uuid uuid;           /* Of the Port_Group row; 0 without one. */
    char *name;
    char *bridge;               /* "" = the one where all members are. */
    uint16_t *vlans;            /* Sorted; 0 = untagged; none = all. */
    size_t n_vlans;
    struct selector *members;   /* Sorted by their text. */
    size_t n_members;
    struct port_policy policy;
    struct port_override *overrides;     /* Sorted by their selectors' text. */
    size_t n_overrides;
    int64_t expires;            /* Of all promiscuity: Unix time in seconds;
                                 * 0 = never. */
    char *owner;                /* Who asked for it, and why. */
    char *reason;
    struct fault fault;         /* Set by whoever read an unreadable row. */
};

void port_group_init(struct port_group *, const char *name);
void port_group_clone(struct port_group *, const struct port_group *);
void port_group_destroy(struct port_group *);

/* Each takes over what 'selector' owns. */
void port_group_add_member(struct port_group *, struct selector *);
void port_group_override(struct port_group *, struct selector *,
                         const struct port_policy *);
void port_group_add_vlan(struct port_group *, uint16_t vlan);

/* 'arg' is one "key=value" of ovs-spanctl group-add/group-set.  'now' is the
 * Unix time in seconds that ttl= counts from.  The first member= (vlan=) of a
 * call with 'fresh_members' ('fresh_vlans') true replaces the list and clears
 * the flag; later ones add to it. */
struct port_group_args {
    int64_t now;
    bool fresh_members;
    bool fresh_vlans;
};
bool port_group_parse_arg(struct port_group *, const char *arg,
                          struct port_group_args *, struct fault *);
bool port_override_parse(struct port_group *, const char *text,
                         struct fault *);
char *port_policy_to_string(const struct port_policy *);
bool port_policy_parse(struct port_policy *, const char *text,
                       struct fault *);
const char *port_decision_to_string(enum port_decision);
bool port_decision_from_string(const char *, enum port_decision *);

bool port_group_check(const struct port_group *, struct fault *);
bool port_group_check_bridge(const struct port_group *, struct fault *);
bool port_group_may_be_promiscuous(const struct port_group *);

#endif /* plugin/core/port-group.h */
