/* SPDX-License-Identifier: Apache-2.0 */

/* The counters of the switch's interfaces, as rates. */

#ifndef SPAN_DAEMON_PORT_STATS_H
#define SPAN_DAEMON_PORT_STATS_H 1

struct port_rates;
struct port_stats;

struct port_stats *port_stats_create(const char *remote);
void port_stats_destroy(struct port_stats *);
void port_stats_run(struct port_stats *);
void port_stats_wait(struct port_stats *);
const struct port_rates *port_stats_rates(const struct port_stats *);

#endif /* plugin/daemon/port-stats.h */
