/* SPDX-License-Identifier: Apache-2.0 */

/* The command line of a recorder, see ovs-span-sink(8).
 *
 * Budgets of the host's policy are for all its recorders together.  Each gets
 * an equal share of them, or what was asked for if that is less; what one
 * leaves is not given to others, so that nobody's limit depends on how much
 * somebody else happens to record at the moment. */

#include <config.h>
#include "sink-options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "relay.h"
#include "text.h"
#include "util.h"

/* The free space that the recorder leaves by itself. */
#define DEFAULT_MIN_FREE "10%"

/* The least that the recorder takes for a budget, and for a rate, bytes. */
#define MIN_BUDGET 4096

/* The longest lists that are handed to a recorder, bytes. */
#define MAX_SESSIONS 4000
#define MAX_DESCRIPTION 1000

/* Returns true if a recorder, or a relay, that runs with 'options' takes a new
 * value of option 'key' while it runs. */
bool
sink_option_is_live(const struct smap *options, const char *key)
{
    static const char *const live[] = {
        "budget", "byte-rate", "compress", "description", "files", "filesize",
        "max-bytes", "min-free", "on-full", "packets", "seconds", "sessions",
        "sha256",
    };

    for (size_t i = 0; i < ARRAY_SIZE(live); i++) {
        if (!strcmp(live[i], key)) {
            return true;
        }
    }
    return !strcmp(key, "sample") && smap_get(options, "relay");
}

static void
add_number(struct smap *options, const char *key, int64_t value)
{
    if (value) {
        smap_add_format(options, key, "%"PRId64, value);
    }
}

static void
add_text(struct smap *options, const char *key, const char *value)
{
    if (value && value[0]) {
        smap_add(options, key, value);
    }
}

/* Returns the share that each of 'n' has of 'budget', not less than 'least'; 0
 * if that is no limit. */
static int64_t
share(int64_t budget, size_t n, int64_t least)
{
    return budget ? MAX(budget / (int64_t) MAX(n, 1), least) : 0;
}

/* Returns the lesser of two limits; 0 is none. */
static int64_t
lesser(int64_t a, int64_t b)
{
    return !a ? b : !b ? a : MIN(a, b);
}

static bool
is_percentage(const char *text)
{
    return strchr(text, '%') != NULL;
}

/* Returns the larger of two amounts of free space, for the caller to free.  A
 * percentage and a number of bytes cannot be compared before the disk is
 * known: then the recorder gets both, "10%,500000000", and obeys both. */
static char *
larger_min_free(const char *a, const char *b)
{
    if (is_percentage(a) != is_percentage(b)) {
        return xasprintf("%s,%s", is_percentage(a) ? a : b,
                         is_percentage(a) ? b : a);
    }
    return xstrdup(strtoll(a, NULL, 10) >= strtoll(b, NULL, 10) ? a : b);
}

/* A row may have a size with any suffix; the recorder gets bytes. */
static void
add_min_free(const struct policy *policy, const struct sink_config *sink,
             struct smap *options)
{
    char *own = sink->min_free[0] ? sink_min_free_parse(sink->min_free) : NULL;

    if (policy && policy->min_free) {
        smap_add_nocopy(options, xstrdup("min-free"), larger_min_free(
            own ? own : DEFAULT_MIN_FREE, policy->min_free));
    } else {
        add_text(options, "min-free", own);
    }
    free(own);
}

static bool
feeds(const struct wanted_session *ws, const struct sink_config *sink)
{
    for (size_t i = 0; i < ws->n_sinks; i++) {
        if (ws->sinks[i] == sink) {
            return true;
        }
    }
    return false;
}

/* Describes 'ws' as "SPAN session web1, mirror span-web1 on br0". */
static void
describe(const struct wanted_session *ws, struct ds *ds)
{
    size_t n_more = 0;

    ds_put_format(ds, "%sSPAN session %s", ds->length ? "; " : "",
                  ws->session->name);
    for (size_t i = 0; i < ws->n_legs; i++) {
        const struct wanted_leg *leg = &ws->legs[i];

        if (leg->role == LEG_BACK) {
            continue;
        } else if (ds->length < MAX_DESCRIPTION && leg->hook) {
            ds_put_format(ds, ", hook %s on %.80s", leg->hook,
                          leg->bridge->name);
        } else if (ds->length < MAX_DESCRIPTION) {
            ds_put_format(ds, ", mirror span-%s on %.80s", ws->session->name,
                          leg->bridge->name);
        } else {
            n_more++;
        }
    }
    if (n_more) {
        ds_put_format(ds, " and %"PRIuSIZE" more mirrors", n_more);
    }
}

/* Says which sessions 'sink' is fed by, in the order of their names, for the
 * heads of its files.  Those that wait are among them: a file may have begun
 * before their first frame comes. */
static void
add_sessions(const struct wanted *wanted, const struct sink_config *sink,
             struct smap *options)
{
    struct ds description = DS_EMPTY_INITIALIZER;
    struct ds names = DS_EMPTY_INITIALIZER;
    size_t n_more = 0;

    for (size_t i = 0; i < wanted->n_sessions; i++) {
        const struct wanted_session *ws = &wanted->sessions[i];

        if (!feeds(ws, sink)) {
            continue;
        }
        if (names.length + strlen(ws->session->name) < MAX_SESSIONS) {
            ds_put_format(&names, "%s%s", names.length ? "," : "",
                          ws->session->name);
        }
        if (description.length < MAX_DESCRIPTION) {
            describe(ws, &description);
        } else {
            n_more++;
        }
    }
    if (n_more) {
        ds_put_format(&description, "; and %"PRIuSIZE" more", n_more);
    }
    add_text(options, "sessions", ds_cstr(&names));
    add_text(options, "description", ds_cstr(&description));
    ds_destroy(&description);
    ds_destroy(&names);
}

/* The sample is that of the sessions that feed 'sink'; they agree on it.  What
 * a relay sends is a sample already. */
static void
add_sample(const struct wanted *wanted, const struct sink_config *sink,
           struct smap *options)
{
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        const struct wanted_session *ws = &wanted->sessions[i];

        if (feeds(ws, sink)) {
            int sample = session_recorder_sample(ws->session);

            add_number(options, "sample", sample > 1 ? sample : 0);
            return;
        }
    }
}

static void
add_place(const struct sink_config *sink, const struct resolve_config *config,
          struct smap *options)
{
    smap_add(options, "sink", sink->name);
    if (sink->dir[0]) {
        smap_add_format(options, "dir", "%s/%s", config->capture_dir,
                        sink->dir);
    } else {
        smap_add(options, "dir", config->capture_dir);
    }
    smap_add_format(options, "control", "%s/span-sink.%s.ctl",
                    config->run_dir, sink->name);
    add_text(options, "host", config->host);
}

/* The recorders that share the host's budgets. */
static size_t
count_ours(const struct wanted *wanted)
{
    size_t n = 0;

    for (size_t i = 0; i < wanted->n_sinks; i++) {
        n += !wanted->sinks[i]->config->live;
    }
    return n;
}

static void
add_limits(const struct wanted *wanted, const struct sink_config *sink,
           const struct policy *policy, struct smap *options)
{
    size_t n = count_ours(wanted);

    add_number(options, "byte-rate", lesser(
        sink->byte_rate, (policy ? share(policy->max_byte_rate, n,
                                         SINK_MIN_BYTE_RATE) : 0)));
    add_number(options, "budget", (policy ? share(policy->max_bytes, n,
                                                  MIN_BUDGET) : 0));
    add_min_free(policy, sink, options);
    if (policy) {
        add_text(options, "network-fs", policy->network_fs);
    }
    add_number(options, "filesize", sink->rotate_size);
    add_number(options, "seconds", sink->rotate_seconds);
    add_number(options, "packets", sink->rotate_packets);
    add_number(options, "files", sink->max_files);
    add_number(options, "max-bytes", sink->max_bytes);
    add_text(options, "on-full", sink->on_full);
}

/* Initializes '*options', for the caller to destroy, with those of the
 * recorder for 'sink', but for the interface.  All recorders of 'wanted' have
 * to be known: they share the host's budgets. */
void
sink_options_build(const struct wanted *wanted, const struct sink_config *sink,
                   const struct resolve_config *config, struct smap *options)
{
    smap_init(options);
    add_place(sink, config, options);
    add_sessions(wanted, sink, options);
    add_sample(wanted, sink, options);
    add_limits(wanted, sink, config->policy, options);
    add_text(options, "format", sink->format);
    add_text(options, "filter", sink->capture_filter);
    add_number(options, "snaplen", sink->snaplen);
    add_number(options, "buffer", sink->buffer);
    add_number(options, "priority", sink->priority);
    if (sink->cpu >= 0) {
        smap_add_format(options, "cpu", "%"PRId64, sink->cpu);
    }
    if (strcmp(sink->overload, "wait")) {
        smap_add(options, "overload", sink->overload);
    }
    if (sink->compress) {
        smap_add(options, "compress", "true");
    }
    if (sink->sha256) {
        smap_add(options, "sha256", "true");
    }
    if (!sink->vlan_aware) {
        smap_add(options, "vlan-aware", "false");
    }
}
