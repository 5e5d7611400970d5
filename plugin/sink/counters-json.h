/* SPDX-License-Identifier: Apache-2.0 */

/* The counters as the status and manifests have them. */

#ifndef SPAN_SINK_COUNTERS_JSON_H
#define SPAN_SINK_COUNTERS_JSON_H 1

#include <jansson.h>

struct accounting_snapshot;

json_t *counters_to_json(const struct accounting_snapshot *);
json_t *counters_to_json_of_relay(const struct accounting_snapshot *);

#endif /* plugin/sink/counters-json.h */
