/* SPDX-License-Identifier: Apache-2.0 */

/* Which recorders run on this host. */

#ifndef SPAN_CORE_WANTED_SINK_H
#define SPAN_CORE_WANTED_SINK_H 1

#include "wanted.h"

int64_t wanted_capture_mtu(const struct switch_state *,
                           const char *datapath_type);
void wanted_sinks_build(struct wanted *, const struct switch_state *,
                        const struct resolve_config *);

#endif /* plugin/core/wanted-sink.h */
