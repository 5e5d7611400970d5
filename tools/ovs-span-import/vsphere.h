/* SPDX-License-Identifier: Apache-2.0 */

/* What an export of vSphere says of mirroring, as values: sessions, ports and
 * port groups of a distributed switch, each with its place in the export.
 * Names and limits are those of the vSphere Web Services API. */

#ifndef SPAN_IMPORT_VSPHERE_H
#define SPAN_IMPORT_VSPHERE_H 1

#include "field-reader.h"

/* VMwareDVSVspanSessionType, in the API's order. */
enum vspan_type {
    VSPAN_MIXED,                /* mixedDestMirror; the default. */
    VSPAN_LOCAL,                /* dvPortMirror */
    VSPAN_REMOTE_SOURCE,        /* remoteMirrorSource */
    VSPAN_REMOTE_DESTINATION,   /* remoteMirrorDest */
    VSPAN_ENCAPSULATED,         /* encapsulatedRemoteMirrorSource */
};

/* VMwareDVSVspanSessionEncapType, in the API's order. */
enum vspan_encap {
    VSPAN_GRE,                  /* The default. */
    VSPAN_ERSPAN2,
    VSPAN_ERSPAN3,
};

/* VMwareVspanPort.  All zero if it is not set. */
struct vspan_ports {
    struct text_list port_keys;
    struct text_list uplinks;
    struct number_list connectees; /* Indexes in vspan_connectee_types. */
    struct number_list vlans;
    struct text_list addresses;
};

/* VMwareVspanSession. */
struct vspan_session {
    struct place place;
    char *dvs;                  /* Its switch's name, "DSwitch", or NULL. */
    struct text_at key;
    struct text_at name;
    struct text_at description;
    struct flag_at enabled;
    struct vspan_ports transmitted;
    struct vspan_ports received;
    struct vspan_ports destination;
    struct number_at encap_vlan;
    struct flag_at strip_vlan;
    struct number_at packet_length;
    struct flag_at normal_traffic;
    struct number_at type;      /* enum vspan_type */
    struct number_at sampling;
    struct number_at encap;     /* enum vspan_encap */
    struct number_at erspan_id;
    struct number_at erspan_cos;
    struct flag_at erspan_nanoseconds;
    struct text_at netstack;
};

/* A member of DVSMacManagementPolicy, or of DVSSecurityPolicy. */
struct policy_flag {
    struct flag_at inherited;
    struct flag_at flag;
};

/* DVSMacManagementPolicy, or the older DVSSecurityPolicy. */
struct mac_policy {
    struct flag_at inherited;
    struct policy_flag promiscuous;
    struct policy_flag mac_changes;
    struct policy_flag forged_transmits;
    struct {
        struct flag_at inherited;
        struct flag_at enabled;
        struct flag_at flooding;
        struct number_at limit;
        struct text_at limit_policy;
    } learning;
};

/* NumericRange. */
struct vlan_range {
    struct number_at start;
    struct number_at end;
};

/* VmwareDistributedVirtualSwitchVlanSpec, of whichever kind. */
struct vlan_setting {
    struct number_at id;        /* 0 = none. */
    struct vlan_range *ranges;  /* A trunk's. */
    size_t n_ranges;
    struct number_at private_id;
};

/* VMwareDVSPortSetting. */
struct port_setting {
    struct mac_policy mac_management;
    struct mac_policy security;
    struct vlan_setting vlan;
};

/* DistributedVirtualPort. */
struct dv_port {
    struct place place;
    struct text_at key;
    struct text_at group_key;
    struct text_at switch_uuid;
    struct text_at host;        /* "host-12" */
    struct {
        struct text_at entity;  /* "vm-42" */
        struct text_at nic_key;
        struct text_at type;
        struct text_at address;
    } connectee;
    struct {
        struct text_at name;
        struct port_setting setting;
    } config;
    struct {
        struct {
            struct text_at mac;
        } runtime;
    } state;
};

/* DVPortgroupConfigInfo, and the group's ports if the export tells them. */
struct port_group {
    struct place place;
    struct text_at key;         /* "dvportgroup-21" */
    struct text_at name;
    struct text_at description;
    struct text_at dvs;         /* "dvs-19" */
    struct flag_at uplink;
    struct port_setting setting;
    struct text_list port_keys;
};

/* All of an export. */
struct vsphere_export {
    struct vspan_session *sessions;
    size_t n_sessions, allocated_sessions;
    struct dv_port *ports;
    size_t n_ports, allocated_ports;
    struct port_group *groups;
    size_t n_groups, allocated_groups;
    bool found;                 /* Anything of the above, be it empty. */
};

/* More than vCenter lets anybody have. */
#define VSPHERE_MAX_SESSIONS 4096

extern const char *const vspan_type_names[];
extern const char *const vspan_encap_names[];
extern const char *const vspan_connectee_types[];

extern const struct field vspan_session_fields[];
extern const struct field dv_port_fields[];
extern const struct field port_group_fields[];
extern const struct field port_setting_fields[];

void read_reference(const struct json_at *, const struct field *,
                    void *member, struct report *);

void vspan_session_destroy(struct vspan_session *);
void dv_port_destroy(struct dv_port *);
void port_group_destroy(struct port_group *);

bool vsphere_export_read(struct vsphere_export *, const struct json_doc *,
                         struct report *);
void vsphere_export_destroy(struct vsphere_export *);

#endif /* tools/ovs-span-import/vsphere.h */
