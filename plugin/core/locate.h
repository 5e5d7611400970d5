/* SPDX-License-Identifier: Apache-2.0 */

/* Where is what a selector names, which way do its frames leave the host, and
 * how to capture them?
 *
 * Part of that only vswitchd knows.  locate() says what it would like to ask,
 * and is called again with the answers:
 *
 *     do {
 *         locate(&in, &found);
 *         ask found.questions, add the answers to in.facts
 *     } while there were questions */

#ifndef SPAN_CORE_LOCATE_H
#define SPAN_CORE_LOCATE_H 1

#include <stdbool.h>
#include <stddef.h>
#include "hmapx.h"
#include "openvswitch/shash.h"
#include "port-rate.h"
#include "selector.h"
#include "smap.h"
#include "svec.h"
#include "switch-state.h"
#include "way-out.h"

struct ds;
struct verdicts;
struct wanted;

/* Ports of a host, beyond which a selector names too many. */
#define LOCATE_MAX_PORTS 1000

/* Addresses of a port that are looked at. */
#define LOCATE_MAX_ADDRESSES 8

/* All of it is borrowed. */
struct locate_input {
    const struct selector *selector;
    const struct switch_state *state;    /* Finished. */
    const struct wanted *wanted;         /* Resolved against 'state'. */
    const struct verdicts *verdicts;     /* On 'wanted'. */
    const char *host;                    /* Its name, for people. */
    const struct shash *facts;           /* "char *" answer by question; "" =
                                          * vswitchd refuses to say. */
    const struct port_rates *rates;
    long long int now;                   /* Monotonic milliseconds. */
};

/* A port that the selector names. */
struct location {
    const struct switch_bridge *bridge;
    const struct switch_port *port;
    bool by_member;             /* The selector names a member of the bond. */
    struct switch_address addresses[LOCATE_MAX_ADDRESSES];
    size_t n_addresses;         /* Configured ones first. */
    struct way_out *ways;
    size_t n_ways;
    struct port_rate traffic;   /* Of the port, */
    bool traffic_known;         /* if that is known. */
    struct svec sessions;       /* "NAME (source, active)". */
    struct svec groups;         /* "NAME (promiscuous, active)". */
    struct svec advice;         /* Sentences, the most important first. */
};

struct located {
    const char *host;           /* Of 'in'. */
    struct location *locations; /* In the order of the switch. */
    size_t n_locations;
    size_t n_more;              /* Beyond LOCATE_MAX_PORTS. */
    struct svec near;           /* Selectors that name something: when there
                                 * are no locations. */
    struct svec questions;      /* To vswitchd, not yet among the facts: words
                                 * with newlines between them. */

    /* What serves to find them. */
    struct hmapx uplinks;       /* Ports that lead out of the host. */
    struct shash fdbs;          /* "struct fdb_view" by bridge. */
};

void locate(const struct locate_input *, struct located *);
void located_destroy(struct located *);

/* locate-address.c */
const char *locate_ask(const struct locate_input *, struct located *,
                       const char *question);
void locate_addresses(const struct locate_input *, struct located *,
                      struct location *);
bool locate_has_sent(const struct locate_input *, struct located *,
                     const struct location *, uint16_t vlan);
void locate_forget_addresses(struct located *);

/* locate-bond.c */
void locate_bond(const struct locate_input *, struct located *,
                 const struct location *, struct way_out *);

/* locate-advice.c */
void locate_advise(const struct locate_input *, size_t n_locations,
                   struct location *);
char *locate_quote(const char *selector);
char *locate_name(const char *selector);

/* locate-near.c */
void locate_near(const struct locate_input *, struct located *);
void locate_put_absence(const struct selector *, const struct svec *near,
                        struct ds *);

/* locate-traffic.c */
bool locate_is_much(const struct location *);
void locate_put_volume(const struct location *, struct ds *);
void locate_put_traffic(const struct location *, struct ds *);

/* locate-text.c: a location as texts by the names of columns. */
#define LOCATE_N_COLUMNS 22
extern const char *const locate_columns[LOCATE_N_COLUMNS];
void location_to_columns(const struct location *, const char *host,
                         struct smap *);
void locate_put_columns(const struct smap *, bool advice, struct ds *);
void locate_put_advice(const char *text, struct ds *);

#endif /* plugin/core/locate.h */
