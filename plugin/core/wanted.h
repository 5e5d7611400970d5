/* SPDX-License-Identifier: Apache-2.0 */

/* What ought to be: sessions resolved against the observed switch.
 *
 * resolve() turns what was asked for in people's words (selectors, names) into
 * the ports, mirrors and sinks that it takes on this host.  Pointers into the
 * sessions and into the switch state are borrowed; both must outlive it. */

#ifndef SPAN_CORE_WANTED_H
#define SPAN_CORE_WANTED_H 1

#include <stdbool.h>
#include <netinet/in.h>
#include <stddef.h>
#include "fault.h"
#include "port-group.h"
#include "session.h"
#include "switch-state.h"

/* The limit of Mirror rows on a bridge (OVS ofproto/ofproto-dpif-mirror.h,
 * MAX_MIRRORS): vswitchd only logs the 33rd. */
#define SPAN_MAX_MIRRORS 32

/* A network of collectors; one of IPv4 is mapped to IPv6. */
struct collector_net {
    struct in6_addr address, mask;
};

/* What the host's owner allows, from outside the database (policy.json). */
struct policy {
    struct selector *never_source;
    size_t n_never_source;
    struct selector *never_destination;
    size_t n_never_destination;
    char **uplinks;             /* That RSPAN may use: names, or globs. */
    size_t n_uplinks;
    struct collector_net *collectors;    /* That tunnels may go to. */
    size_t n_collectors;
    int64_t max_ttl;            /* Seconds; 0 = no limit. */
    bool no_promiscuous;        /* May no port be promiscuous? */
    char *hooks_dir;            /* Of programs for events; NULL = none. */

    /* For all recorders of the host together. */
    int64_t max_byte_rate;      /* Bytes per second; 0 = no limit. */
    int64_t max_bytes;          /* Of their files; 0 = no limit. */
    char *min_free;             /* "10%" or bytes; NULL = as asked for. */
    char *network_fs;           /* "allow", "refuse" or the most bytes per
                                 * second; NULL = the recorder's default. */
};

/* Where things are on this host. */
struct resolve_config {
    const char *capture_dir;
    const char *run_dir;
    const char *host;            /* Its name, for people. */
    const struct policy *policy; /* NULL = no policy file. */
    int64_t now;                 /* Unix time, seconds. */
    bool leaving;                /* Take the private bridges away too. */
};

/* Why a patch pair exists: to mirror ports, to mirror VLANs, to take what a
 * controller sends, or only to bring copies to a destination port on a bridge
 * without sources. */
enum leg_role {
    LEG_PORTS,
    LEG_PORTS_TO,               /* Those that LEG_PORTS has not: see */
    LEG_VLANS,                  /* wanted_session_is_split(). */
    LEG_VLANS_TO,
    LEG_HOOK,
    LEG_BACK,
};
#define SPAN_ROLE_RESERVE "reserve"   /* Mirror that reserves a port. */
#define SPAN_ROLE_CAPTURE "capture"   /* Capture port of a sink. */
#define SPAN_ROLE_TUNNEL "tunnel"     /* Port to a collector. */

/* An uplink that copies go out of, in the session's encap_vlan. */
struct wanted_uplink {
    const struct switch_port *port;
    const struct switch_iface *member;   /* Of its interfaces that one. */
};

/* One patch pair between a production bridge and the private bridge, with the
 * Mirror row whose output is the production end. */
struct wanted_leg {
    const struct switch_bridge *bridge;
    enum leg_role role;
    const char *hook;           /* LEG_HOOK: the name of its production
                                 * end, borrowed; else NULL. */
    const struct switch_port **src;      /* Sorted by UUID. */
    size_t n_src;
    const struct switch_port **dst;      /* Sorted by UUID. */
    size_t n_dst;
    uint16_t *vlans;                     /* LEG_VLANS: sorted, not empty. */
    size_t n_vlans;
    uint16_t *skip_vlans;                /* Copied by another leg, or not. */
    size_t n_skip_vlans;
    const struct switch_port **outputs;  /* Destination ports on 'bridge'. */
    size_t n_outputs;
    struct wanted_uplink *uplinks;       /* On 'bridge', sorted by name. */
    size_t n_uplinks;
};

/* A port of a private bridge through which copies go to a collector. */
struct wanted_tunnel {
    const char *type;           /* Of the interface. */
    const char *datapath_type;
    char remote[INET6_ADDRSTRLEN];
    bool keyed;                 /* GRE: with a key? */
};

enum wanted_state {
    WANTED_DISABLED,
    WANTED_EXPIRED,
    WANTED_REFUSED,
    WANTED_WAITING,             /* Nothing to mirror here, now. */
    WANTED_RUNNING,             /* Has legs; maybe with 'fault', degraded. */
};

struct wanted_session {
    const struct session *session;
    enum wanted_state state;
    bool established;           /* Does the switch mirror it already? */
    struct fault fault;         /* Why not, or what part is missing. */
    const char *datapath_type;  /* Of all its legs. */
    struct wanted_leg *legs;
    size_t n_legs;
    const struct sink_config **sinks;
    size_t n_sinks;
    uint32_t meter;             /* Its number; 0 = no rate limit. */
    uint32_t cut_meter;         /* Counts what is cut; 0 = nothing can be. */
    const struct destination **tunnels;  /* Its own, to collectors. */
    size_t n_tunnels;
    const struct wanted_group **groups;  /* Of each source group:, else NULL;
                                          * NULL when it has none. */
};

/* A member of a port group. */
struct group_port {
    const struct switch_port *port;
    struct port_policy policy;  /* Its own; nothing is DECISION_INHERIT. */
    bool by_override;           /* Promiscuous by an override? */
    bool runs;                  /* Promiscuous on the switch already? */
    bool limited;               /* Do the group's rules see to mac_limit? */
};

struct wanted_group {
    const struct port_group *group;
    enum wanted_state state;    /* Refused and waiting: nothing of the policy
                                 * holds; expired: no port is promiscuous, the
                                 * rest holds. */
    struct fault fault;         /* Why not, or what part is missing. */
    const struct switch_bridge *bridge;  /* NULL = not here. */
    struct group_port *ports;   /* On 'bridge' now, sorted by UUID. */
    size_t n_ports;
};

/* A recorder that should run, with the options of its command line. */
struct wanted_sink {
    const struct sink_config *config;
    const char *datapath_type;
    int64_t mtu;                /* Of the capture port, bytes. */
    struct smap options;        /* Without interface, which plan() adds. */
};

/* A relay that should run; see relay.h. */
struct wanted_relay {
    const struct wanted_session *session;
    bool to;                    /* Of two, the one for what sources receive. */
    char *name;                 /* Of the process. */
    int64_t mtu;                /* Of its port, bytes. */
    struct smap options;        /* Without interface and relay: plan()'s. */
};

struct wanted {
    struct wanted_session *sessions;     /* Sorted by name, then UUID. */
    size_t n_sessions;
    struct wanted_sink **sinks;          /* Sorted by name. */
    size_t n_sinks;
    struct wanted_tunnel *tunnels;
    size_t n_tunnels;
    struct wanted_group *groups;         /* Sorted by name, then UUID. */
    size_t n_groups;
    struct sink_config **live;           /* Of sessions with a lease. */
    size_t n_live;
    struct wanted_relay **relays;        /* In the order of sessions. */
    size_t n_relays;
    bool leaving;               /* From the configuration. */
};

void resolve(const struct session *sessions, size_t n_sessions,
             const struct port_group *groups, size_t n_groups,
             const struct sink_config *sinks, size_t n_sinks,
             const struct switch_state *, const struct resolve_config *,
             struct wanted *);
void wanted_destroy(struct wanted *);
const char *leg_role_to_string(enum leg_role);
bool wanted_leg_has_outputs(const struct wanted_leg *);
bool wanted_session_has_outputs(const struct wanted_session *);

#endif /* plugin/core/wanted.h */
