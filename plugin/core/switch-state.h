/* SPDX-License-Identifier: Apache-2.0 */

/* The switch as observed: one value that holds everything the decisions need
 * to know of the outside world.
 *
 * The edges fill it (switch-db the OVSDB part, flow-conn the OpenFlow part,
 * capture-link the network devices, sink-proc the recorders), then
 * switch_state_finish() sorts it and marks what is ours.  From then on nobody
 * changes it.  All members are owned by the state. */

#ifndef SPAN_CORE_SWITCH_STATE_H
#define SPAN_CORE_SWITCH_STATE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "flow-text.h"
#include "meter.h"
#include "openvswitch/types.h"
#include "openvswitch/uuid.h"
#include "smap.h"
#include "sset.h"

struct switch_index;

struct switch_iface {
    char *name;
    char *type;                 /* "" = system. */
    int64_t ofport;             /* > 0 assigned, 0 not yet, -1 failed. */
    char *mac;                  /* mac_in_use; "" = unknown. */
    char *error;                /* "" = none. */
    char *driver;               /* Of its device; "" = unknown. */
    struct smap external_ids;
    struct smap options;
    int64_t ifindex;            /* 0 = none. */
    int64_t mtu;                /* Bytes; 0 = unknown. */
    int64_t mtu_request;        /* Bytes; 0 = none. */
    int64_t link_speed;         /* Bits per second; 0 = unknown. */
    bool link_down;             /* Known to have no carrier. */
    bool link_ready;            /* Our capture ports: up, and IPv6 off. */
};

/* Port.vlan_mode, with the default that an empty column has. */
enum vlan_mode {
    VLAN_ACCESS,
    VLAN_TRUNK,
    VLAN_NATIVE_TAGGED,
    VLAN_NATIVE_UNTAGGED,
    VLAN_DOT1Q_TUNNEL,
};

struct switch_port {
    struct uuid uuid;           /* Of the Port row. */
    char *name;
    struct smap external_ids;
    struct switch_iface **ifaces;
    size_t n_ifaces;
    enum vlan_mode vlan_mode;
    int tag;                    /* VLAN of what comes in without a tag: of an
                                 * access port or tunnel, or the native one;
                                 * 0 = none, as all trunks have. */
    uint16_t *trunks;           /* Sorted; none = every VLAN. */
    size_t n_trunks;
    char *bond_mode;            /* As asked for; "" = active-backup. */
    char *active_mac;           /* Bond: of its active member; "" = unknown. */
    bool lb_output;             /* Bond: other_config:lb-output-action. */
    bool no_flood;              /* OpenFlow port config, of our patch ports. */
    bool no_packet_in;

    /* Set by switch_state_finish(). */
    bool ours;
    struct uuid session;        /* Ours: external_ids:span-session, or zero. */
};

struct switch_mirror {
    struct uuid uuid;           /* Of the Mirror row. */
    char *name;
    struct smap external_ids;
    bool select_all;
    struct uuid *src;           /* Port rows, sorted. */
    size_t n_src;
    struct uuid *dst;           /* Port rows, sorted. */
    size_t n_dst;
    uint16_t *vlans;            /* Sorted; none = every VLAN. */
    size_t n_vlans;
    struct uuid output_port;    /* Port row; zero = none. */
    bool has_statistics;
    bool dead;                  /* No statistics long after they were due. */
    uint64_t packets, bytes;

    /* Set by switch_state_finish(). */
    bool ours;
    struct uuid session;
};

/* A MAC address that a bridge has learned. */
struct switch_address {
    struct eth_addr mac;
    uint16_t vlan;              /* 0 = without a tag. */
    int64_t ofport;             /* Of a bond: of one of its interfaces. */
};

/* Seconds after which a bridge forgets what it has not heard of again, unless
 * other_config:mac-aging-time says otherwise (OVS lib/mac-learning.h). */
#define SWITCH_MAC_AGING 300

struct switch_bridge {
    struct uuid uuid;           /* Of the Bridge row. */
    char *name;
    char *datapath_type;        /* "" reads as "system". */
    char *fail_mode;            /* "" = none. */
    bool has_controller;
    struct smap external_ids;
    struct switch_port **ports;
    size_t n_ports;
    struct switch_mirror **mirrors;
    size_t n_mirrors;

    int mac_aging;              /* Seconds. */

    /* Addresses learned at the ports for which somebody asks, see fdb-link;
     * sorted by port, address and VLAN. */
    bool fdb_known;
    struct switch_address *fdb;
    size_t n_fdb;
    size_t allocated_fdb;

    /* OpenFlow. */
    bool flows_known;           /* Connected, and the dump below is fresh. */
    struct span_flow *flows;    /* Those with our cookie only. */
    size_t n_flows;
    struct span_meter *meters;  /* Private bridge: known as 'flows' are. */
    size_t n_meters;
    uint64_t settled_epoch;     /* Private bridge: the epoch for which the
                                 * datapath is known to be revalidated. */

    /* Set by switch_state_finish(). */
    bool ours;                  /* A private bridge. */
    uint64_t epoch;             /* Of its datapath type. */
};

enum sink_state {
    SINK_STARTING,              /* Running, not yet ready. */
    SINK_READY,                 /* Its ring is live. */
    SINK_STOPPING,
    SINK_FAILED,                /* Not running; to be tried again later. */
};

/* A recorder process, as it reports itself. */
struct switch_sink {
    char *name;
    enum sink_state state;
    char *error;                /* Sentence; "" = none. */
    char *error_code;           /* One word; "" = none, or unknown. */
    int64_t pid;                /* 0 = unknown. */
    char *since;                /* When it began, for people; "" = unknown. */
    struct smap options;        /* What it runs with, as given. */
    char *file;                 /* The file being written; "" = none. */
    char *storage;              /* What it writes to, for people; "" =
                                 * unknown. */
    struct smap counters;       /* Decimal numbers, named as in SINK.md. */
    int64_t disk_free;          /* Bytes that it may still take where it */
    int64_t disk_size;          /* writes, of so many; 0 = unknown. */
    bool live;                  /* A lease: somebody else starts and stops it,
                                 * see wanted-live.h. */
    bool may_start;             /* SINK_FAILED: back-off is over. */
    bool held;                  /* SINK_FAILED: as it was asked for when there
                                 * is no room; not to be started again. */
};

/* Has vswitchd seen the MAC address of whoever takes packets to a collector,
 * the collector itself or a gateway?  Before, it drops what goes there. */
enum neighbor {
    NEIGHBOR_ASKED,             /* Not yet; it was asked, or will be. */
    NEIGHBOR_KNOWN,             /* Or nobody needs to know. */
    NEIGHBOR_SILENT,            /* It does not answer. */
};

/* The way to a collector, as vswitchd sees it. */
struct switch_route {
    char *remote;               /* Its address. */
    bool found;                 /* false = vswitchd has none. */
    char *dev;                  /* Of the underlay; "" = unknown. */
    char *src;                  /* Of the host there; "" = unknown. */
    enum neighbor neighbor;
};

struct switch_state {
    char *system_id;            /* Open_vSwitch external_ids:system-id. */
    char *ovs_version;          /* Of vswitchd; "" = unknown. */
    bool config_settled;        /* vswitchd applied all of the database. */
    bool unreachable;           /* vswitchd has not answered for seconds: do
                                 * not wait for it when taking things away. */
    struct switch_bridge **bridges;
    size_t n_bridges;
    struct switch_sink **sinks;
    size_t n_sinks;
    struct switch_route **routes;        /* Those that are known. */
    size_t n_routes;

    /* Set by switch_state_finish(). */
    struct switch_index *index;
};

void switch_state_init(struct switch_state *, const char *system_id);
void switch_state_destroy(struct switch_state *);

/* Each returns the new member, empty but for its name. */
struct switch_bridge *switch_state_add_bridge(struct switch_state *,
                                              const char *name);
struct switch_port *switch_bridge_add_port(struct switch_bridge *,
                                           const char *name);
struct switch_iface *switch_port_add_iface(struct switch_port *,
                                           const char *name);
struct switch_mirror *switch_bridge_add_mirror(struct switch_bridge *,
                                               const char *name);
void switch_bridge_add_flow(struct switch_bridge *, const struct span_flow *);
void switch_bridge_add_meter(struct switch_bridge *,
                             const struct span_meter *);
void switch_bridge_add_address(struct switch_bridge *,
                               const struct switch_address *);
struct switch_sink *switch_state_add_sink(struct switch_state *,
                                          const char *name);

struct switch_route *switch_state_add_route(struct switch_state *,
                                            const char *remote, bool found,
                                            const char *dev, const char *src);

void switch_port_destroy(struct switch_port *);
void switch_mirror_destroy(struct switch_mirror *);
void switch_bridge_destroy(struct switch_bridge *);
void switch_sink_destroy(struct switch_sink *);

void switch_state_finish(struct switch_state *);

/* Look-ups in a finished state. */
const char *switch_bridge_type(const struct switch_bridge *);
const struct switch_bridge *switch_state_find_bridge(
    const struct switch_state *, const char *name);
const struct switch_bridge *switch_state_private_bridge(
    const struct switch_state *, const char *datapath_type);
const struct switch_port *switch_bridge_find_port(
    const struct switch_bridge *, const char *name);
const struct switch_port *switch_bridge_find_port_by_uuid(
    const struct switch_bridge *, const struct uuid *);
const struct switch_sink *switch_state_find_sink(
    const struct switch_state *, const char *name);
const struct switch_route *switch_state_find_route(
    const struct switch_state *, const char *remote);
void switch_state_names(const struct switch_state *, struct sset *);
int switch_address_compare(const void *, const void *);
bool switch_address_parse(struct switch_address *, const char *line);
int64_t switch_port_ofport(const struct switch_port *);
bool switch_port_works(const struct switch_port *);
bool switch_bridge_has_our_ports(const struct switch_bridge *);
bool switch_port_has_ofport(const struct switch_port *, int64_t ofport);
bool switch_port_carries(const struct switch_port *, uint16_t vlan);
bool switch_port_tags(const struct switch_port *, uint16_t vlan);
const char *switch_port_vlan_mode(const struct switch_port *);
void switch_port_set_vlans(struct switch_port *, const char *mode,
                           int tag, const uint16_t *trunks, size_t n_trunks);
const char *switch_port_type(const struct switch_port *);
const char *switch_port_role(const struct switch_port *);
const char *switch_mirror_role(const struct switch_mirror *);

#endif /* plugin/core/switch-state.h */
