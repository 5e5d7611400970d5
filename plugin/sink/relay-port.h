/* SPDX-License-Identifier: Apache-2.0 */

/* A network interface that frames are sent to, many at a time, just as they
 * are. */

#ifndef SPAN_SINK_RELAY_PORT_H
#define SPAN_SINK_RELAY_PORT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Frames that are sent at once, at most. */
#define RELAY_PORT_BATCH 256

struct relay_port;

/* What became of frames that were sent. */
struct relay_result {
    uint64_t sent;
    uint64_t bytes;             /* Of those. */
    uint64_t refused;
    int error;                  /* Why, of the last one; 0 if none was. */
};

char *relay_port_open(const char *name, const char *capture,
                      struct relay_port **);
void relay_port_close(struct relay_port *);

void *relay_port_add(struct relay_port *, size_t n);
void relay_port_flush(struct relay_port *, struct relay_result *);
bool relay_port_is_full(const struct relay_port *, size_t n);
bool relay_port_is_gone(const struct relay_port *);

#endif /* plugin/sink/relay-port.h */
