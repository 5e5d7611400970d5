/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics as text, in both formats.  What parsers of others make of it is
 * seen by tests/system/47-metrics. */

#include <config.h>
#include "plugin/core/metric-text.h"
#include <stdlib.h>
#include "tests/tap.h"
#include "util.h"

/* Puts one family of each type. */
static char *
make(enum metric_format format)
{
    struct metric_text mt;

    metric_text_init(&mt, format);
    metric_text_family(&mt, "a_left_bytes", METRIC_GAUGE, "Room.");
    metric_text_put(&mt, UINT64_MAX, NULL);
    metric_text_family(&mt, "a_none", METRIC_GAUGE, "Without a sample.");
    metric_text_family(&mt, "a_seen_packets", METRIC_COUNTER, "Seen.");
    metric_text_put(&mt, 0, "x", "1", NULL);
    metric_text_put(&mt, 7, "x", "2", "y", "", NULL);
    metric_text_family(&mt, "a", METRIC_INFO, "About.");
    metric_text_put(&mt, 1, "v", "a\"b\\c\nd\xc3\xa4", NULL);
    metric_text_family(&mt, "a_state", METRIC_STATESET, "How.");
    metric_text_put(&mt, 1, "a_state", "on", NULL);
    metric_text_family(&mt, "a_took_seconds", METRIC_SUMMARY, "Took.");
    metric_text_put_summary(&mt, 3, 12000345);
    metric_text_family(&mt, "a_last_seconds", METRIC_GAUGE, "Last.");
    metric_text_put_seconds(&mt, 999999);
    return metric_text_finish(&mt);
}

static void
test_openmetrics(void)
{
    char *text = make(METRIC_OPENMETRICS);

    tap_str(text,
            "# TYPE a_left_bytes gauge\n"
            "# UNIT a_left_bytes bytes\n"
            "# HELP a_left_bytes Room.\n"
            "a_left_bytes 18446744073709551615\n"
            "# TYPE a_seen_packets counter\n"
            "# UNIT a_seen_packets packets\n"
            "# HELP a_seen_packets Seen.\n"
            "a_seen_packets_total{x=\"1\"} 0\n"
            "a_seen_packets_total{x=\"2\",y=\"\"} 7\n"
            "# TYPE a info\n"
            "# HELP a About.\n"
            "a_info{v=\"a\\\"b\\\\c\\nd\xc3\xa4\"} 1\n"
            "# TYPE a_state stateset\n"
            "# HELP a_state How.\n"
            "a_state{a_state=\"on\"} 1\n"
            "# TYPE a_took_seconds summary\n"
            "# UNIT a_took_seconds seconds\n"
            "# HELP a_took_seconds Took.\n"
            "a_took_seconds_count 3\n"
            "a_took_seconds_sum 12.000345\n"
            "# TYPE a_last_seconds gauge\n"
            "# UNIT a_last_seconds seconds\n"
            "# HELP a_last_seconds Last.\n"
            "a_last_seconds 0.999999\n"
            "# EOF\n", "OpenMetrics");
    free(text);
}

static void
test_prometheus(void)
{
    char *text = make(METRIC_PROMETHEUS);

    tap_str(text,
            "# TYPE a_left_bytes gauge\n"
            "# HELP a_left_bytes Room.\n"
            "a_left_bytes 18446744073709551615\n"
            "# TYPE a_seen_packets_total counter\n"
            "# HELP a_seen_packets_total Seen.\n"
            "a_seen_packets_total{x=\"1\"} 0\n"
            "a_seen_packets_total{x=\"2\",y=\"\"} 7\n"
            "# TYPE a_info gauge\n"
            "# HELP a_info About.\n"
            "a_info{v=\"a\\\"b\\\\c\\nd\xc3\xa4\"} 1\n"
            "# TYPE a_state gauge\n"
            "# HELP a_state How.\n"
            "a_state{a_state=\"on\"} 1\n"
            "# TYPE a_took_seconds summary\n"
            "# HELP a_took_seconds Took.\n"
            "a_took_seconds_count 3\n"
            "a_took_seconds_sum 12.000345\n"
            "# TYPE a_last_seconds gauge\n"
            "# HELP a_last_seconds Last.\n"
            "a_last_seconds 0.999999\n", "Prometheus's text");
    free(text);
}

static void
test_nothing(void)
{
    struct metric_text mt;
    char *text;

    metric_text_init(&mt, METRIC_OPENMETRICS);
    text = metric_text_finish(&mt);
    tap_str(text, "# EOF\n", "nothing at all");
    free(text);
}

int
main(void)
{
    test_openmetrics();
    test_prometheus();
    test_nothing();
    return tap_done();
}
