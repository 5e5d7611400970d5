/* SPDX-License-Identifier: Apache-2.0 */

/* Metrics as text.  See metric-text.h.
 *
 * The two formats differ in their headings: Prometheus's text knows neither
 * units nor the types info and stateset, which are gauges there, and calls a
 * counter by the name of its sample.  Samples are the same. */

#include <config.h>
#include "metric-text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

/* By which the name of a family ends that has a unit. */
static const char *const units[] = { "bytes", "packets", "seconds" };

static const char *const type_names[] = {
    [METRIC_GAUGE] = "gauge",
    [METRIC_COUNTER] = "counter",
    [METRIC_INFO] = "info",
    [METRIC_STATESET] = "stateset",
    [METRIC_SUMMARY] = "summary",
};

void
metric_text_init(struct metric_text *mt, enum metric_format format)
{
    memset(mt, 0, sizeof *mt);
    mt->format = format;
    ds_init(&mt->ds);
}

/* The samples that follow are of 'family', whose name has no suffix of its
 * type; 'help' is a sentence in one line.  Both are borrowed until the next
 * family begins.  A family without a sample is left out. */
void
metric_text_family(struct metric_text *mt, const char *family,
                   enum metric_type type, const char *help)
{
    mt->family = family;
    mt->type = type;
    mt->help = help;
    mt->headed = false;
}

static const char *
type_suffix(enum metric_type type)
{
    return (type == METRIC_COUNTER ? "_total"
            : type == METRIC_INFO ? "_info"
            : "");
}

/* Returns the unit that 'family' is in, or NULL. */
static const char *
family_unit(const char *family)
{
    const char *last = strrchr(family, '_');

    for (size_t i = 0; last && i < ARRAY_SIZE(units); i++) {
        if (!strcmp(last + 1, units[i])) {
            return units[i];
        }
    }
    return NULL;
}

static void
put_heading(struct metric_text *mt)
{
    bool plain = mt->format == METRIC_PROMETHEUS;
    const char *suffix = plain ? type_suffix(mt->type) : "";
    const char *unit = plain ? NULL : family_unit(mt->family);
    bool gauge = plain && (mt->type == METRIC_INFO
                           || mt->type == METRIC_STATESET);

    ds_put_format(&mt->ds, "# TYPE %s%s %s\n", mt->family, suffix,
                  type_names[gauge ? METRIC_GAUGE : mt->type]);
    if (unit) {
        ds_put_format(&mt->ds, "# UNIT %s %s\n", mt->family, unit);
    }
    ds_put_format(&mt->ds, "# HELP %s%s %s\n", mt->family, suffix, mt->help);
    mt->headed = true;
}

/* Begins a sample. */
static void
put_name(struct metric_text *mt, const char *suffix)
{
    if (!mt->headed) {
        put_heading(mt);
    }
    ds_put_format(&mt->ds, "%s%s", mt->family, suffix);
}

/* Prints 'value' as the value of a label: three bytes are escaped. */
static void
put_escaped(struct ds *ds, const char *value)
{
    for (const char *p = value; *p; p++) {
        if (*p == '\n') {
            ds_put_cstr(ds, "\\n");
        } else {
            if (*p == '"' || *p == '\\') {
                ds_put_char(ds, '\\');
            }
            ds_put_char(ds, *p);
        }
    }
}

/* Adds a sample of the family, with the labels that follow: names and values
 * in turn, all strings, and at last NULL. */
void
metric_text_put(struct metric_text *mt, uint64_t value, ...)
{
    const char *name;
    char before = '{';
    va_list args;

    put_name(mt, type_suffix(mt->type));
    va_start(args, value);
    while ((name = va_arg(args, const char *)) != NULL) {
        ds_put_format(&mt->ds, "%c%s=\"", before, name);
        put_escaped(&mt->ds, va_arg(args, const char *));
        ds_put_char(&mt->ds, '"');
        before = ',';
    }
    va_end(args);
    ds_put_format(&mt->ds, "%s %"PRIu64"\n", before == ',' ? "}" : "", value);
}

static void
put_seconds(struct ds *ds, uint64_t usec)
{
    ds_put_format(ds, " %"PRIu64".%06"PRIu64"\n", usec / 1000000,
                  usec % 1000000);
}

/* Adds a sample without labels: 'usec' microseconds. */
void
metric_text_put_seconds(struct metric_text *mt, uint64_t usec)
{
    put_name(mt, type_suffix(mt->type));
    put_seconds(&mt->ds, usec);
}

/* Adds the samples of a summary without labels: 'count' events have taken
 * 'usec' microseconds together. */
void
metric_text_put_summary(struct metric_text *mt, uint64_t count, uint64_t usec)
{
    put_name(mt, "_count");
    ds_put_format(&mt->ds, " %"PRIu64"\n", count);
    put_name(mt, "_sum");
    put_seconds(&mt->ds, usec);
}

/* Returns the text, for the caller to free. */
char *
metric_text_finish(struct metric_text *mt)
{
    if (mt->format == METRIC_OPENMETRICS) {
        ds_put_cstr(&mt->ds, "# EOF\n");
    }
    return ds_steal_cstr(&mt->ds);
}
