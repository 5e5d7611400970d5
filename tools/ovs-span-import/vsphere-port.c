/* SPDX-License-Identifier: Apache-2.0 */

/* DistributedVirtualPort, DVPortgroupConfigInfo and what both hold: VLANs and
 * the policy on MAC addresses; see vsphere.h. */

#include <config.h>

#include "vsphere.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/record/record-util.h"

#define MAX_VLAN 4094

/* Reads a ManagedObjectReference, {type, value}, into a struct text_at: the
 * value.  PowerShell may have made "TYPE-VALUE" of it. */
void
read_reference(const struct json_at *at,
               const struct field *field __attribute__((unused)),
               void *member, struct report *report)
{
    static const struct field fields[] = {
        { "type", NULL, 0 },
        { "value", read_text, 0 },
        { "serverGuid", NULL, 0 },
        { .name = NULL },
    };
    const char *text = json_string_value(at->value);
    const char *dash = text ? strchr(text, '-') : NULL;

    if (dash && isupper((unsigned char) text[0])) {
        struct text_at *t = member;

        t->text = rec_xstrdup(dash + 1);
        json_at_place(at, &t->place);
    } else if (expect_object(at, report)) {
        fields_read(at, fields, member, report);
    }
}

/* DVSMacLearningPolicy, into struct mac_policy. */
#define AT(MEMBER) .offset = offsetof(struct mac_policy, MEMBER)
static const struct field learning_fields[] = {
    { "inherited", read_flag, AT(learning.inherited) },
    { "enabled", read_flag, AT(learning.enabled) },
    { "allowUnicastFlooding", read_flag, AT(learning.flooding) },
    { "limit", read_number, AT(learning.limit), .min = 0, .max = INT32_MAX },
    { "limitPolicy", read_text, AT(learning.limit_policy) },
    { .name = NULL },
};

/* DVSMacManagementPolicy. */
static const struct field mac_management_fields[] = {
    { "inherited", read_flag, AT(inherited) },
    { "allowPromiscuous", read_flag, AT(promiscuous.flag) },
    { "macChanges", read_flag, AT(mac_changes.flag) },
    { "forgedTransmits", read_flag, AT(forged_transmits.flag) },
    { "macLearningPolicy", read_object, 0, .fields = learning_fields },
    { .name = NULL },
};

/* BoolPolicy. */
static const struct field policy_flag_fields[] = {
    { "inherited", read_flag, offsetof(struct policy_flag, inherited) },
    { "value", read_flag, offsetof(struct policy_flag, flag) },
    { .name = NULL },
};

/* DVSSecurityPolicy. */
static const struct field security_fields[] = {
    { "inherited", read_flag, AT(inherited) },
    { "allowPromiscuous", read_object, AT(promiscuous),
      .fields = policy_flag_fields },
    { "macChanges", read_object, AT(mac_changes),
      .fields = policy_flag_fields },
    { "forgedTransmits", read_object, AT(forged_transmits),
      .fields = policy_flag_fields },
    { .name = NULL },
};
#undef AT

static const struct field range_fields[] = {
    { "start", read_number, offsetof(struct vlan_range, start),
      .min = 0, .max = MAX_VLAN },
    { "end", read_number, offsetof(struct vlan_range, end),
      .min = 0, .max = MAX_VLAN },
    { .name = NULL },
};

static void
read_range(const struct json_at *at, struct vlan_setting *vlan,
           struct report *report)
{
    struct vlan_range *range = &vlan->ranges[vlan->n_ranges++];

    if (!expect_object(at, report)) {
        return;
    }
    fields_read(at, range_fields, range, report);
    if (!range->start.set || !range->end.set
        || range->start.value > range->end.value) {
        report_error_at(report, at, "has to be a range of VLANs, from "
                        "\"start\" to \"end\"");
    }
}

/* Reads vlanId, a number or a trunk's ranges, into a struct vlan_setting. */
static void
read_vlan_id(const struct json_at *at, const struct field *field,
             void *member, struct report *report)
{
    struct vlan_setting *vlan = member;
    struct json_at element;

    if (json_is_integer(at->value)) {
        read_number(at, field, &vlan->id, report);
        return;
    }
    vlan->ranges = rec_xcalloc(json_array_size(at->value) + 1,
                               sizeof *vlan->ranges);
    if (!json_is_array(at->value)) {
        read_range(at, vlan, report);
        return;
    }
    for (bool more = json_at_first(&element, at); more;
         more = json_at_next(&element)) {
        read_range(&element, vlan, report);
    }
}

/* The three kinds of VmwareDistributedVirtualSwitchVlanSpec. */
static const struct field vlan_fields[] = {
    { "inherited", NULL, 0 },
    { "vlanId", read_vlan_id, 0, .min = 0, .max = MAX_VLAN },
    { "pvlanId", read_number, offsetof(struct vlan_setting, private_id),
      .min = 0, .max = MAX_VLAN },
    { .name = NULL },
};

#define AT(MEMBER) .offset = offsetof(struct port_setting, MEMBER)
const struct field port_setting_fields[] = {
    { "vlan", read_object, AT(vlan), .fields = vlan_fields },
    { "securityPolicy", read_object, AT(security),
      .fields = security_fields },
    { "macManagementPolicy", read_object, AT(mac_management),
      .fields = mac_management_fields },
    { "blocked", NULL, 0 },
    { "vmDirectPathGen2Allowed", NULL, 0 },
    { "inShapingPolicy", NULL, 0 },
    { "outShapingPolicy", NULL, 0 },
    { "vendorSpecificConfig", NULL, 0 },
    { "networkResourcePoolKey", NULL, 0 },
    { "filterPolicy", NULL, 0 },
    { "qosTag", NULL, 0 },
    { "uplinkTeamingPolicy", NULL, 0 },
    { "ipfixEnabled", NULL, 0 },
    { "txUplink", NULL, 0 },
    { "lacpPolicy", NULL, 0 },
    { "VNI", NULL, 0 },
    { .name = NULL },
};
#undef AT

#define AT(MEMBER) .offset = offsetof(struct dv_port, MEMBER)
static const struct field port_config_fields[] = {
    { "name", read_text, AT(config.name) },
    { "setting", read_object, AT(config.setting),
      .fields = port_setting_fields },
    { "scope", NULL, 0 },
    { "description", NULL, 0 },
    { "configVersion", NULL, 0 },
    { .name = NULL },
};

static const struct field connectee_fields[] = {
    { "connectedEntity", read_reference, AT(connectee.entity) },
    { "nicKey", read_text, AT(connectee.nic_key) },
    { "type", read_text, AT(connectee.type) },
    { "addressHint", read_text, AT(connectee.address) },
    { .name = NULL },
};

static const struct field runtime_fields[] = {
    { "macAddress", read_text, AT(state.runtime.mac) },
    { "linkUp", NULL, 0 },
    { "blocked", NULL, 0 },
    { "vlanIds", NULL, 0 },
    { "trunkingMode", NULL, 0 },
    { "mtu", NULL, 0 },
    { "linkPeer", NULL, 0 },
    { "statusDetail", NULL, 0 },
    { "vmDirectPathGen2Active", NULL, 0 },
    { "vmDirectPathGen2InactiveReasonNetwork", NULL, 0 },
    { "vmDirectPathGen2InactiveReasonOther", NULL, 0 },
    { "vmDirectPathGen2InactiveReasonExtended", NULL, 0 },
    { .name = NULL },
};

static const struct field state_fields[] = {
    { "runtimeInfo", read_object, 0, .fields = runtime_fields },
    { "stats", NULL, 0 },
    { "vendorSpecificState", NULL, 0 },
    { .name = NULL },
};

const struct field dv_port_fields[] = {
    { "key", read_text, AT(key) },
    { "portgroupKey", read_text, AT(group_key) },
    { "dvsUuid", read_text, AT(switch_uuid) },
    { "proxyHost", read_reference, AT(host) },
    { "connectee", read_object, 0, .fields = connectee_fields },
    { "config", read_object, 0, .fields = port_config_fields },
    { "state", read_object, 0, .fields = state_fields },
    { "conflict", NULL, 0 },
    { "conflictPortKey", NULL, 0 },
    { "connectionCookie", NULL, 0 },
    { "lastStatusChange", NULL, 0 },
    { "hostLocalPort", NULL, 0 },
    { "externalId", NULL, 0 },
    { "segmentPortId", NULL, 0 },
    { .name = NULL },
};
#undef AT

#define AT(MEMBER) .offset = offsetof(struct port_group, MEMBER)
const struct field port_group_fields[] = {
    { "key", read_text, AT(key) },
    { "name", read_text, AT(name) },
    { "description", read_text, AT(description) },
    { "distributedVirtualSwitch", read_reference, AT(dvs) },
    { "uplink", read_flag, AT(uplink) },
    { "defaultPortConfig", read_object, AT(setting),
      .fields = port_setting_fields },
    { "numPorts", NULL, 0 },
    { "type", NULL, 0 },
    { "backingType", NULL, 0 },
    { "policy", NULL, 0 },
    { "portNameFormat", NULL, 0 },
    { "scope", NULL, 0 },
    { "vendorSpecificConfig", NULL, 0 },
    { "configVersion", NULL, 0 },
    { "autoExpand", NULL, 0 },
    { "vmVnicNetworkResourcePoolKey", NULL, 0 },
    { "transportZoneUuid", NULL, 0 },
    { "transportZoneName", NULL, 0 },
    { "logicalSwitchUuid", NULL, 0 },
    { "segmentId", NULL, 0 },
    { "subnetId", NULL, 0 },
    { .name = NULL },
};
#undef AT

static void
mac_policy_destroy(struct mac_policy *policy)
{
    flag_at_destroy(&policy->inherited);
    flag_at_destroy(&policy->promiscuous.inherited);
    flag_at_destroy(&policy->promiscuous.flag);
    flag_at_destroy(&policy->mac_changes.inherited);
    flag_at_destroy(&policy->mac_changes.flag);
    flag_at_destroy(&policy->forged_transmits.inherited);
    flag_at_destroy(&policy->forged_transmits.flag);
    flag_at_destroy(&policy->learning.inherited);
    flag_at_destroy(&policy->learning.enabled);
    flag_at_destroy(&policy->learning.flooding);
    number_at_destroy(&policy->learning.limit);
    text_at_destroy(&policy->learning.limit_policy);
}

static void
port_setting_destroy(struct port_setting *setting)
{
    mac_policy_destroy(&setting->mac_management);
    mac_policy_destroy(&setting->security);
    number_at_destroy(&setting->vlan.id);
    number_at_destroy(&setting->vlan.private_id);
    for (size_t i = 0; i < setting->vlan.n_ranges; i++) {
        number_at_destroy(&setting->vlan.ranges[i].start);
        number_at_destroy(&setting->vlan.ranges[i].end);
    }
    free(setting->vlan.ranges);
}

/* Frees what 'port' owns. */
void
dv_port_destroy(struct dv_port *port)
{
    place_destroy(&port->place);
    text_at_destroy(&port->key);
    text_at_destroy(&port->group_key);
    text_at_destroy(&port->switch_uuid);
    text_at_destroy(&port->host);
    text_at_destroy(&port->connectee.entity);
    text_at_destroy(&port->connectee.nic_key);
    text_at_destroy(&port->connectee.type);
    text_at_destroy(&port->connectee.address);
    text_at_destroy(&port->config.name);
    port_setting_destroy(&port->config.setting);
    text_at_destroy(&port->state.runtime.mac);
}

/* Frees what 'group' owns. */
void
port_group_destroy(struct port_group *group)
{
    place_destroy(&group->place);
    text_at_destroy(&group->key);
    text_at_destroy(&group->name);
    text_at_destroy(&group->description);
    text_at_destroy(&group->dvs);
    flag_at_destroy(&group->uplink);
    port_setting_destroy(&group->setting);
    text_list_destroy(&group->port_keys);
}
