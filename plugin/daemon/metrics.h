/* SPDX-License-Identifier: Apache-2.0 */

/* State and counters of ovs-spand as metrics; doc/metrics.md lists them. */

#ifndef SPAN_DAEMON_METRICS_H
#define SPAN_DAEMON_METRICS_H 1

#include "plugin/core/metric-text.h"

struct reconciler_status;

char *metrics_to_text(const struct reconciler_status *, enum metric_format);

#endif /* plugin/daemon/metrics.h */
