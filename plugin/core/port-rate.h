/* SPDX-License-Identifier: Apache-2.0 */

/* How much traffic interfaces carry, from the counters that Open vSwitch
 * brings up to date now and then, all at once.
 *
 *     port_rates_take(&rates, name, &uuid, &counts, since, now);
 *     ...
 *     if (port_rates_get(&rates, name, now, &rate)) ...
 */

#ifndef SPAN_CORE_PORT_RATE_H
#define SPAN_CORE_PORT_RATE_H 1

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/shash.h"

struct switch_port;
struct uuid;

/* How often vswitchd reads counters, milliseconds, unless
 * other_config:stats-update-interval says that it does so less often
 * (vswitch.xml). */
#define PORT_RATES_INTERVAL 5000

/* What an interface has counted.  Named from the switch's edge, as
 * directions are: 'from' is what it brought into the switch (Open vSwitch's
 * rx_*), 'to' what the switch sent out of it (tx_*). */
struct port_counts {
    uint64_t from_packets, from_bytes;
    uint64_t to_packets, to_bytes;
};

/* The same, per second. */
struct port_rate {
    double from_packets, from_bytes;
    double to_packets, to_bytes;
    int64_t window;             /* Measured over so many milliseconds. */
};

struct port_rates {
    struct shash ports;         /* Name to "struct port_history". */
    int64_t interval;           /* Of the counters, milliseconds. */
    long long int round;        /* When any counter changed last. */
};

/* What is known of the age of counters that are there. */
enum port_counts_age {
    PORT_COUNTS_FRESH,          /* vswitchd has just read them. */
    PORT_COUNTS_OLD,            /* At some time in the last interval. */
};

void port_rates_init(struct port_rates *);
void port_rates_clear(struct port_rates *);
void port_rates_destroy(struct port_rates *);
void port_rates_set_interval(struct port_rates *, int64_t msec);
void port_rates_take(struct port_rates *, const char *name,
                     const struct uuid *, const struct port_counts *,
                     enum port_counts_age, long long int now);
void port_rates_forget(struct port_rates *, const char *name,
                       const struct uuid *);
bool port_rates_get(const struct port_rates *, const char *name,
                    long long int now, struct port_rate *);
bool port_rates_sum(const struct port_rates *, const struct switch_port *,
                    long long int now, struct port_rate *);

#endif /* plugin/core/port-rate.h */
