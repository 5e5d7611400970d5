/* SPDX-License-Identifier: Apache-2.0 */

/* What the recorder tells the world about itself, as JSON. */

#ifndef SPAN_SINK_STATUS_H
#define SPAN_SINK_STATUS_H 1

#include <jansson.h>
#include <stdint.h>
#include <sys/types.h>

struct accounting_snapshot;
struct recorder_info;
struct recordings;
struct report_view;
struct sink_options;

json_t *status_to_json(const struct sink_options *, const struct report_view *,
                       const struct recorder_info *,
                       const struct accounting_snapshot *,
                       struct recordings *, pid_t pid);

#endif /* plugin/sink/status.h */
