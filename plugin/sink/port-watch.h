/* SPDX-License-Identifier: Apache-2.0 */

/* Keeps the counters of the capture interface up to date, in a thread of its
 * own: to read them may take as long as others change the configuration of the
 * network, which neither the capture thread nor the main thread can wait
 * for. */

#ifndef SPAN_SINK_PORT_WATCH_H
#define SPAN_SINK_PORT_WATCH_H 1

#include <stdbool.h>

struct accounting;
struct port_counters;
struct port_watch;

struct port_watch *port_watch_start(struct port_counters *,
                                    struct accounting *, bool filtered);
void port_watch_finish(struct port_watch *);
void port_watch_destroy(struct port_watch *);

#endif /* plugin/sink/port-watch.h */
