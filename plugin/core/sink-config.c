/* SPDX-License-Identifier: Apache-2.0 */

/* Recorders as asked for: values, key=value arguments as ovs-spanctl sink-add
 * and sink-set take them, and the rules: see session.h. */

#include <config.h>
#include "session.h"
#include <stdlib.h>
#include <string.h>
#include "name.h"
#include "text.h"
#include "util.h"

#define MAX_FILTER 4096         /* Bytes of a capture filter. */
#define MAX_SNAPLEN 262144      /* libpcap's MAXIMUM_SNAPLEN. */

#define KEYS "dir, format, capture_filter, snaplen, filesize, seconds, " \
             "packets, files, max_bytes, min_free, on_full, buffer, " \
             "byte_rate, overload, compress, sha256, vlan_aware, cpu and " \
             "priority"

enum arg_type {
    ARG_TEXT,                   /* char *, judged by sink_config_check(). */
    ARG_NUMBER,                 /* int64_t */
    ARG_SIZE,                   /* int64_t, with a suffix */
    ARG_SNAPLEN,                /* int */
    ARG_FREE,                   /* char *: "N%" or a size */
    ARG_BOOL,                   /* bool */
    ARG_CPU,                    /* int64_t; nothing = -1 */
    ARG_PRIORITY,               /* int64_t */
};

static const struct arg {
    const char *key;
    enum arg_type type;
    size_t offset;
} sink_args[] = {
    { "dir", ARG_TEXT, offsetof(struct sink_config, dir) },
    { "format", ARG_TEXT, offsetof(struct sink_config, format) },
    { "capture_filter", ARG_TEXT,
      offsetof(struct sink_config, capture_filter) },
    { "snaplen", ARG_SNAPLEN, offsetof(struct sink_config, snaplen) },
    { "filesize", ARG_SIZE, offsetof(struct sink_config, rotate_size) },
    { "seconds", ARG_NUMBER, offsetof(struct sink_config, rotate_seconds) },
    { "packets", ARG_NUMBER, offsetof(struct sink_config, rotate_packets) },
    { "files", ARG_NUMBER, offsetof(struct sink_config, max_files) },
    { "max_bytes", ARG_SIZE, offsetof(struct sink_config, max_bytes) },
    { "min_free", ARG_FREE, offsetof(struct sink_config, min_free) },
    { "buffer", ARG_SIZE, offsetof(struct sink_config, buffer) },
    { "byte_rate", ARG_SIZE, offsetof(struct sink_config, byte_rate) },
    { "overload", ARG_TEXT, offsetof(struct sink_config, overload) },
    { "compress", ARG_BOOL, offsetof(struct sink_config, compress) },
    { "sha256", ARG_BOOL, offsetof(struct sink_config, sha256) },
    { "on_full", ARG_TEXT, offsetof(struct sink_config, on_full) },
    { "vlan_aware", ARG_BOOL, offsetof(struct sink_config, vlan_aware) },
    { "cpu", ARG_CPU, offsetof(struct sink_config, cpu) },
    { "priority", ARG_PRIORITY, offsetof(struct sink_config, priority) },
};

/* Makes 'c' a recorder named 'name' with all defaults.  The caller must
 * sink_config_destroy() it. */
void
sink_config_init(struct sink_config *c, const char *name)
{
    *c = (struct sink_config) {
        .name = xstrdup(name),
        .dir = xstrdup(""),
        .format = xstrdup("pcapng"),
        .capture_filter = xstrdup(""),
        .min_free = xstrdup(""),
        .overload = xstrdup("wait"),
        .on_full = xstrdup(""),
        .vlan_aware = true,
        .cpu = -1,
        .fault = FAULT_INITIALIZER,
    };
}

/* Makes '*dst', whatever it held before, a copy of 'src'. */
void
sink_config_clone(struct sink_config *dst, const struct sink_config *src)
{
    *dst = *src;
    dst->name = xstrdup(src->name);
    dst->dir = xstrdup(src->dir);
    dst->format = xstrdup(src->format);
    dst->capture_filter = xstrdup(src->capture_filter);
    dst->min_free = xstrdup(src->min_free);
    dst->overload = xstrdup(src->overload);
    dst->on_full = xstrdup(src->on_full);
    dst->fault = (struct fault) FAULT_INITIALIZER;
    fault_copy(&dst->fault, &src->fault);
}

/* Frees what 'c' owns.  NULL is fine. */
void
sink_config_destroy(struct sink_config *c)
{
    if (c) {
        free(c->name);
        free(c->dir);
        free(c->format);
        free(c->capture_filter);
        free(c->min_free);
        free(c->overload);
        free(c->on_full);
        fault_clear(&c->fault);
        memset(c, 0, sizeof *c);
    }
}

/* Reads 'value', free space as "N%", N from 0 to 99, or as a size.  Returns
 * its canonical form for the caller to free, or NULL if it is neither. */
char *
sink_min_free_parse(const char *value)
{
    size_t n = strlen(value);
    int64_t number;

    if (n && value[n - 1] == '%') {
        char *digits = xmemdup0(value, n - 1);
        bool ok = text_to_number(digits, 99, &number);
        free(digits);
        return ok ? xstrdup(value) : NULL;
    }
    return text_to_size(value, &number) ? xasprintf("%"PRId64, number) : NULL;
}

static void
set_text(char **member, char *value)
{
    free(*member);
    *member = value;
}

/* Reads 'value' into the member of 'c' that 'arg' names; returns NULL if it
 * could, else what such a value looks like. */
static const char *
parse_value(struct sink_config *c, const struct arg *arg, const char *value)
{
    void *member = (char *) c + arg->offset;
    int64_t number;
    char *text;

    switch (arg->type) {
    case ARG_TEXT:
        set_text(member, xstrdup(value));
        return NULL;

    case ARG_NUMBER:
        return (text_to_number(value, INT64_MAX, member)
                ? NULL : "a number, or 0 for the default");

    case ARG_SIZE:
        return (text_to_size(value, member)
                ? NULL : "bytes, with a suffix such as MB or MiB if you like, "
                         "or 0 for the default");

    case ARG_SNAPLEN:
        if (!text_to_number(value, MAX_SNAPLEN, &number)) {
            return "0 to 262144 bytes, where 0 means whole frames";
        }
        *(int *) member = number;
        return NULL;

    case ARG_FREE:
        text = value[0] ? sink_min_free_parse(value) : xstrdup("");
        if (!text) {
            return "a percentage such as 10%, or bytes such as 500MB";
        }
        set_text(member, text);
        return NULL;

    case ARG_BOOL:
        return text_to_bool(value, member) ? NULL : "true or false";

    case ARG_CPU:
        if (!value[0]) {
            *(int64_t *) member = -1;
            return NULL;
        }
        return (text_to_number(value, SINK_MAX_CPU, member)
                ? NULL : "the number of a processor, 0 to 1023, or nothing "
                         "for any");

    case ARG_PRIORITY:
        return (text_to_number(value, SINK_MAX_PRIORITY, member)
                ? NULL : "1 to 99, or 0 for none");

    default:
        OVS_NOT_REACHED();
    }
}

/* Reads 'arg', one KEY=VALUE, into 'c'.  On failure sets 'fault' and returns
 * false with 'c' as it was.  Texts are taken as they are;
 * sink_config_check() judges them. */
bool
sink_config_parse_arg(struct sink_config *c, const char *arg,
                      struct fault *fault)
{
    const char *equals = strchr(arg, '=');

    if (!equals) {
        fault_set(fault, "bad-argument",
                  "\"%.80s\" is no argument of a sink: write KEY=VALUE with a "
                  "KEY of " KEYS ".", arg);
        return false;
    }

    size_t n = equals - arg;
    for (size_t i = 0; i < ARRAY_SIZE(sink_args); i++) {
        const struct arg *a = &sink_args[i];

        if (strlen(a->key) == n && !memcmp(a->key, arg, n)) {
            const char *wanted = parse_value(c, a, equals + 1);
            if (wanted) {
                fault_set(fault, "bad-argument",
                          "%s=%.80s cannot be read: write %s.",
                          a->key, equals + 1, wanted);
            }
            return !wanted;
        }
    }
    fault_set(fault, "bad-argument",
              "A sink has no \"%.*s\": known are " KEYS ".",
              (int) MIN(n, 80), arg);
    return false;
}

static bool
check_names(const struct sink_config *c, struct fault *fault)
{
    if (!name_is_valid(c->name)) {
        fault_set(fault, "bad-name",
                  "\"%.80s\" cannot name a sink: write 1 to 64 letters, "
                  "digits, \"_\", \".\" or \"-\", no dot first.", c->name);
    } else if (c->dir[0] && !name_is_valid(c->dir)) {
        fault_set(fault, "bad-name",
                  "dir=%.80s is no sub-directory of the capture directory: "
                  "write one name of 1 to 64 letters, digits, \"_\", \".\" or "
                  "\"-\", no dot first.", c->dir);
    } else {
        return true;
    }
    return false;
}

static bool
check_words(const struct sink_config *c, struct fault *fault)
{
    if (strcmp(c->format, "pcapng") && strcmp(c->format, "pcap")) {
        fault_set(fault, "bad-argument",
                  "format=%.80s is neither pcapng nor pcap.", c->format);
    } else if (strcmp(c->overload, "wait") && strcmp(c->overload, "drop")) {
        fault_set(fault, "bad-argument",
                  "overload=%.80s is neither wait nor drop.", c->overload);
    } else if (c->on_full[0] && strcmp(c->on_full, "ring")
               && strcmp(c->on_full, "stop") && strcmp(c->on_full, "pause")) {
        fault_set(fault, "bad-argument",
                  "on_full=%.80s is neither ring, stop nor pause.",
                  c->on_full);
    } else if (!text_is_clean(c->capture_filter, MAX_FILTER)) {
        fault_set(fault, "bad-text",
                  "The capture filter is longer than %d bytes or holds "
                  "characters that cannot be printed.", MAX_FILTER);
    } else {
        return true;
    }
    return false;
}

/* The recorder takes no others; 0 is no limit, or the default. */
static bool
check_limits(const struct sink_config *c, struct fault *fault)
{
    const struct {
        const char *key;
        int64_t value, min, max;
        const char *range;
    } limits[] = {
        { "filesize", c->rotate_size, 4096, INT64_MAX, "4096 bytes or more" },
        { "max_bytes", c->max_bytes, 4096, INT64_MAX, "4096 bytes or more" },
        { "buffer", c->buffer, 1 << 20, INT64_C(2047) << 20,
          "1MiB to 2047MiB" },
        { "seconds", c->rotate_seconds, 1, UINT32_MAX, "1 to 4294967295" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
        if (limits[i].value && (limits[i].value < limits[i].min
                                || limits[i].value > limits[i].max)) {
            fault_set(fault, "out-of-range",
                      "%s=%"PRId64" is out of range: write %s, or 0.",
                      limits[i].key, limits[i].value, limits[i].range);
            return false;
        }
    }
    return true;
}

static bool
check_ranges(const struct sink_config *c, struct fault *fault)
{
    const struct {
        const char *key;
        int64_t value;
    } numbers[] = {
        { "filesize", c->rotate_size },
        { "seconds", c->rotate_seconds },
        { "packets", c->rotate_packets },
        { "files", c->max_files },
        { "max_bytes", c->max_bytes },
        { "buffer", c->buffer },
        { "byte_rate", c->byte_rate },
        { "snaplen", c->snaplen },
    };

    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        if (numbers[i].value < 0) {
            fault_set(fault, "out-of-range",
                      "%s=%"PRId64" is out of range: it cannot be negative.",
                      numbers[i].key, numbers[i].value);
            return false;
        }
    }
    if (c->snaplen > MAX_SNAPLEN) {
        fault_set(fault, "out-of-range",
                  "snaplen=%d is out of range: write 0 to %d bytes.",
                  c->snaplen, MAX_SNAPLEN);
        return false;
    }

    if (c->byte_rate && (c->byte_rate < SINK_MIN_BYTE_RATE
                         || c->byte_rate > SINK_MAX_BYTE_RATE)) {
        fault_set(fault, "out-of-range",
                  "byte_rate=%"PRId64" is out of range: write 100kB to 100GB "
                  "per second, or 0 for no limit.", c->byte_rate);
        return false;
    }
    if (c->cpu < -1 || c->cpu > SINK_MAX_CPU
        || c->priority < 0 || c->priority > SINK_MAX_PRIORITY) {
        fault_set(fault, "out-of-range",
                  "cpu=%"PRId64" or priority=%"PRId64" is out of range: "
                  "processors are numbered from 0 to %d, priorities from 1 "
                  "to %d.", c->cpu, c->priority, SINK_MAX_CPU,
                  SINK_MAX_PRIORITY);
        return false;
    }

    char *free_space = (c->min_free[0]
                        ? sink_min_free_parse(c->min_free) : xstrdup(""));
    if (!free_space) {
        fault_set(fault, "bad-argument",
                  "min_free=%.80s cannot be read: write a percentage such as "
                  "10%%, or bytes such as 500MB.", c->min_free);
        return false;
    }
    free(free_space);
    return true;
}

/* Checks 'c' for what can be known without starting a recorder.  Sets 'fault'
 * to the first thing that is wrong and returns false if there is any;
 * c->fault, what its reader found, comes before all else. */
bool
sink_config_check(const struct sink_config *c, struct fault *fault)
{
    if (fault_is_set(&c->fault)) {
        fault_set(fault, c->fault.reason, "%s", c->fault.detail);
        return false;
    }
    return (check_names(c, fault)
            && check_words(c, fault)
            && check_ranges(c, fault)
            && check_limits(c, fault));
}
