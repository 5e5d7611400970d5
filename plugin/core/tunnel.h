/* SPDX-License-Identifier: Apache-2.0 */

/* Tunnels to collectors: gre:, erspan2: and erspan3:.
 *
 * One port on a private bridge serves all sessions with copies for the same
 * collector by the same protocol.  What tells sessions apart (the ID, for
 * ERSPAN version, direction, index and hardware ID, too) is set by the rule
 * that sends the copy. */

#ifndef SPAN_CORE_TUNNEL_H
#define SPAN_CORE_TUNNEL_H 1

#include <stdbool.h>
#include <stddef.h>
#include "fault.h"
#include "wanted.h"

struct ds;
struct smap;

bool destination_is_tunnel(const struct destination *);
void tunnel_init(struct wanted_tunnel *, const struct destination *,
                 const char *datapath_type);
bool tunnel_equals(const struct wanted_tunnel *, const struct wanted_tunnel *);
void tunnel_options(const struct wanted_tunnel *, struct smap *);
const struct switch_port *tunnel_port_find(const struct switch_state *,
                                           const struct wanted_tunnel *);
int tunnel_overhead(const struct destination *);
int tunnel_room(const struct destination *, const struct switch_state *);

/* What a tunnel is to a session. */
enum tunnel_use {
    TUNNEL_USE_READY,
    TUNNEL_USE_PENDING,         /* The port, or the route, is on its way. */
    TUNNEL_USE_ASKING,          /* Its neighbor was asked for its MAC. */
    TUNNEL_USE_SILENT,          /* Its neighbor does not answer. */
    TUNNEL_USE_FAILED,          /* Open vSwitch could not make the port. */
};
enum tunnel_use tunnel_use_of(const struct switch_state *,
                              const struct wanted_session *,
                              const struct destination *);
bool tunnel_put_outputs(struct ds *actions, const struct wanted_session *,
                        const struct wanted_leg *,
                        const struct switch_state *);
bool tunnel_judge(const struct wanted_session *, const struct switch_state *,
                  bool overdue, bool *pending, struct fault *);

bool collector_net_parse(struct collector_net *, const char *text);
const char *collector_address(const struct destination *, char *buf,
                              size_t size);

#endif /* plugin/core/tunnel.h */
