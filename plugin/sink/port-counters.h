/* SPDX-License-Identifier: Apache-2.0 */

/* What a network interface itself counts: frames that arrived at it, and
 * frames that were lost there before any socket could see them.
 *
 * The kernel's "rx_dropped" is not that number.  It also has the frames that
 * no protocol took, and with a VLAN tag that happens to frames which we have
 * recorded; so it is weighed against what the processors dropped from their
 * backlogs.  Only where another interface loses frames from a backlog at the
 * same time (within a period of port-watch.c), such frames are taken for
 * losses. */

#ifndef SPAN_SINK_PORT_COUNTERS_H
#define SPAN_SINK_PORT_COUNTERS_H 1

#include <stdbool.h>
#include <stdint.h>

/* What was read at one moment. */
struct port_sample {
    bool up;
    uint64_t packets;           /* "rx_packets". */
    uint64_t dropped;           /* "rx_dropped". */
    uint64_t missed;            /* "rx_missed_errors": by the hardware. */
    uint64_t backlog;           /* Dropped from the backlogs of all
                                 * processors, of all interfaces. */
};

/* The sums since the first sample. */
struct port_totals {
    uint64_t rx;                /* Frames that went on from the interface. */
    uint64_t drop;              /* That did not. */
};

void port_totals_add(struct port_totals *, const struct port_sample *before,
                     const struct port_sample *after, bool early);

struct port_counters;

struct port_counters *port_counters_open(const char *interface,
                                         unsigned int ifindex);
void port_counters_close(struct port_counters *);
void port_counters_start(struct port_counters *);
uint64_t port_counters_before(const struct port_counters *);
void port_counters_read(struct port_counters *, struct port_totals *);

#endif /* plugin/sink/port-counters.h */
