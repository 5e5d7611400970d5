/* SPDX-License-Identifier: Apache-2.0 */

/* The OpenFlow configuration flags of a bridge's ports: whether a flood leaves
 * one out (no-flood), whether what it receives may reach a controller
 * (no-packet-in).
 *
 * This is a connection of its own because only OpenFlow 1.0 knows no-flood.
 * flow-conn.c has one for each bridge, beside the one for its rules. */

#ifndef SPAN_DAEMON_PORT_FLAGS_H
#define SPAN_DAEMON_PORT_FLAGS_H 1

#include <stdbool.h>
#include <stdint.h>

struct port_flags;

struct port_flags *port_flags_create(const char *bridge, const char *target);
void port_flags_destroy(struct port_flags *);

void port_flags_run(struct port_flags *);
void port_flags_wait(struct port_flags *);
unsigned int port_flags_seq(const struct port_flags *);
void port_flags_retry(struct port_flags *);
void port_flags_resync(struct port_flags *);

bool port_flags_are_known(const struct port_flags *);
void port_flags_get(const struct port_flags *, int64_t ofport,
                    const char *name, bool *no_flood, bool *no_packet_in);
void port_flags_set(struct port_flags *, int64_t ofport, const char *name,
                    bool on, bool both);
const char *port_flags_error(const struct port_flags *);

#endif /* plugin/daemon/port-flags.h */
