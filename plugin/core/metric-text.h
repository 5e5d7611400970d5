/* SPDX-License-Identifier: Apache-2.0 */

/* Metrics as text, family by family:
 *
 *     metric_text_init(&mt, METRIC_OPENMETRICS);
 *     metric_text_family(&mt, "ovs_span_sink_ready", METRIC_GAUGE, "Help.");
 *     metric_text_put(&mt, 1, "sink", name, NULL);
 *     text = metric_text_finish(&mt); */

#ifndef SPAN_CORE_METRIC_TEXT_H
#define SPAN_CORE_METRIC_TEXT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "compiler.h"
#include "openvswitch/dynamic-string.h"

enum metric_format {
    METRIC_OPENMETRICS,         /* https://openmetrics.io, version 1.0. */
    METRIC_PROMETHEUS,          /* Prometheus's own text, version 0.0.4: all
                                 * that a textfile collector reads. */
    N_METRIC_FORMATS
};

enum metric_type {
    METRIC_GAUGE,
    METRIC_COUNTER,
    METRIC_INFO,
    METRIC_STATESET,
    METRIC_SUMMARY,
};

struct metric_text {
    enum metric_format format;
    struct ds ds;
    const char *family;         /* Of the samples that follow; borrowed. */
    const char *help;           /* Borrowed. */
    enum metric_type type;
    bool headed;                /* Is its heading written? */
};

void metric_text_init(struct metric_text *, enum metric_format);
void metric_text_family(struct metric_text *, const char *family,
                        enum metric_type, const char *help);
void metric_text_put(struct metric_text *, uint64_t value, ...)
    SENTINEL(0);
void metric_text_put_seconds(struct metric_text *, uint64_t usec);
void metric_text_put_summary(struct metric_text *, uint64_t count,
                             uint64_t usec);
char *metric_text_finish(struct metric_text *);

#endif /* plugin/core/metric-text.h */
