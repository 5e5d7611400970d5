/* SPDX-License-Identifier: Apache-2.0 */

/* What people ask for: SPAN sessions and sinks, as values.
 *
 * The same structures serve ovs-spanctl (command line -> struct -> rows) and
 * the daemon (rows -> struct), and the checks here are the only ones, so that
 * both refuse the same things with the same words. */

#ifndef SPAN_CORE_SESSION_H
#define SPAN_CORE_SESSION_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "fault.h"
#include "openvswitch/uuid.h"
#include "selector.h"
#include "smap.h"

/* Named from the switch's edge (DESIGN): FROM = frames that the source sends
 * into the switch (Mirror select_src_port, vSphere sourcePortTransmitted), TO
 * = frames that the switch delivers to it. */
enum direction {
    DIRECTION_FROM = 1,
    DIRECTION_TO = 2,
    DIRECTION_BOTH = 3,
};

enum session_type {
    SESSION_LOCAL,
    SESSION_RSPAN_SOURCE,
    SESSION_RSPAN_DESTINATION,
    SESSION_ERSPAN_SOURCE,
    SESSION_MIXED,
};

enum destination_kind {
    DESTINATION_SINK,
    DESTINATION_PORT,
    DESTINATION_RSPAN,
    DESTINATION_GRE,
    DESTINATION_ERSPAN2,
    DESTINATION_ERSPAN3,
    DESTINATION_LIVE,           /* Whoever holds the session's lease. */
};

struct source {
    struct selector selector;
    char *bridge;               /* Owned; "" = on any bridge. */
    enum direction direction;
};

struct destination {
    enum destination_kind kind;
    char *target;               /* Owned; name of a sink, port or uplink, IP
                                 * address, or system-id of a host. */
    struct smap options;        /* id, cos. */
};

struct session {
    struct uuid uuid;           /* Of the Session row; 0 before it exists. */
    char *name;
    char *description;
    bool enabled;
    enum session_type type;
    struct source *sources;
    size_t n_sources;
    struct destination *destinations;
    size_t n_destinations;
    char *filter;               /* OpenFlow match text; "" = every frame. */
    int snaplen;                /* Bytes, 60 to 65535; 0 = whole frames. */
    int sample;                 /* 1 in n, 1 to 65535. */
    bool normal_traffic;        /* Do destination ports carry it too? */
    int encap_vlan;             /* 1 to 4094; 0 = none. */
    bool strip_vlan;
    int64_t rate_limit;         /* Packets per second; 0 = none. */
    int64_t expires;            /* Unix time in seconds; 0 = never. */
    char *owner;
    char *reason;
    struct fault fault;         /* Set by whoever read an unreadable row. */
};

/* The least and the most bytes per second that a recorder keeps to. */
#define SINK_MIN_BYTE_RATE 100000
#define SINK_MAX_BYTE_RATE INT64_C(100000000000)

/* The highest number of a processor, and of a real-time priority. */
#define SINK_MAX_CPU 1023
#define SINK_MAX_PRIORITY 99

/* A recorder as asked for (table Sink); 0 = the recorder's own default. */
struct sink_config {
    char *name;
    char *dir;                  /* Sub-directory below the capture directory;
                                 * "" = the sink's own name. */
    char *format;               /* "pcapng" or "pcap". */
    char *capture_filter;       /* BPF text; "" = every frame. */
    int snaplen;                /* Bytes; 0 = whole. */
    int64_t rotate_size;        /* Bytes. */
    int64_t rotate_seconds;
    int64_t rotate_packets;
    int64_t max_files;
    int64_t max_bytes;
    char *min_free;             /* "10%" or bytes; "" = default. */
    int64_t buffer;             /* Bytes of the kernel ring. */
    int64_t byte_rate;          /* Bytes per second. */
    char *overload;             /* "wait" or "drop". */
    bool compress;
    bool sha256;                /* Of each closed file, into its manifest. */
    char *on_full;              /* "ring", "stop", "pause"; "" = default. */
    bool vlan_aware;            /* Does the filter see behind VLAN tags? */
    int64_t cpu;                /* Of the capture thread; -1 = any. */
    int64_t priority;           /* Real-time, 1 to 99; 0 = none. */
    bool live;                  /* Not ours to start: see wanted-live.h. */
    struct fault fault;
};

void session_init(struct session *, const char *name);
void session_clone(struct session *, const struct session *);
void session_destroy(struct session *);

/* Each returns a new last member, empty, valid until the next call.  (An array
 * of destinations must not be grown with realloc() alone: their maps do not
 * bear to be moved.) */
struct source *session_add_source(struct session *);
struct destination *session_add_destination(struct session *);
void session_clear_sources(struct session *);
void session_clear_destinations(struct session *);

/* 'arg' is one "key=value" of ovs-spanctl add/set.  'now' is the Unix time in
 * seconds that ttl= counts from.  The first source= (dest=) of a call with
 * 'fresh_sources' ('fresh_destinations') true replaces the list and clears
 * the flag; later ones add to it. */
struct session_args {
    int64_t now;
    bool fresh_sources;
    bool fresh_destinations;
    bool has_type;              /* Set when there was a type=. */
};
bool session_parse_arg(struct session *, const char *arg,
                       struct session_args *, struct fault *);
bool session_parse_ttl(const char *value, int64_t now, int64_t *expires,
                       struct fault *);
bool source_parse(struct source *, const char *text, struct fault *);
bool destination_parse(struct destination *, const char *text,
                       struct fault *);
char *source_to_string(const struct source *);
char *destination_to_string(const struct destination *);
void source_destroy(struct source *);
void destination_destroy(struct destination *);

/* Limits of a session that no number can tell. */
#define SESSION_MAX_SOURCES 1024
#define SESSION_MAX_DESTINATIONS 64

/* Checks a whole session for what can be known without a switch: names,
 * ranges, the filter's grammar, what the type allows. */
bool session_check(const struct session *, struct fault *);
bool session_check_number(const char *key, int64_t value, struct fault *);
bool session_check_text(const char *key, const char *value, size_t max_bytes,
                        struct fault *);
bool destination_check(const struct destination *, struct fault *);
bool session_check_type(const struct session *, struct fault *);
enum session_type session_infer_type(const struct session *);

const char *direction_to_string(enum direction);
bool direction_from_string(const char *, enum direction *);
const char *session_type_to_string(enum session_type);
bool session_type_from_string(const char *, enum session_type *);
const char *destination_kind_to_string(enum destination_kind);
bool destination_kind_from_string(const char *, enum destination_kind *);

void sink_config_init(struct sink_config *, const char *name);
void sink_config_clone(struct sink_config *, const struct sink_config *);
void sink_config_destroy(struct sink_config *);
bool sink_config_parse_arg(struct sink_config *, const char *arg,
                           struct fault *);
bool sink_config_check(const struct sink_config *, struct fault *);
char *sink_min_free_parse(const char *value);

#endif /* plugin/core/session.h */
