/* SPDX-License-Identifier: Apache-2.0 */

/* span/metrics: state and counters as OpenMetrics text
 * (https://openmetrics.io), for a Prometheus node exporter's textfile
 * collector or any other scraper. */

#include <config.h>

#include "plugin/daemon/control.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "plugin/core/relay.h"
#include "plugin/core/sink-loss.h"
#include "plugin/core/tally.h"
#include "plugin/daemon/pass.h"
#include "plugin/daemon/reconciler.h"
#include "smap.h"
#include "sset.h"
#include "util.h"

/* Things that have a name and counters: sessions, or sinks. */
struct counted {
    const char *kind;
    const char *name;
    const struct smap *counters;
};

/* Prints 'value' as the value of a label: OpenMetrics escapes three bytes. */
static void
put_label(struct ds *ds, const char *value)
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

/* Prints one sample without the value. */
static void
put_sample(struct ds *ds, const char *family, const char *suffix,
           const char *kind, const char *name)
{
    ds_put_format(ds, "%s%s{%s=\"", family, suffix, kind);
    put_label(ds, name);
    ds_put_cstr(ds, "\"");
}

/* Returns the name of the family of counter 'key', for the caller to free. */
static char *
family_name(const char *kind, const char *key)
{
    char *family = xasprintf("ovs_span_%s_%s", kind, key);

    for (char *p = family; *p; p++) {
        if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z')
            && !(*p >= '0' && *p <= '9')) {
            *p = '_';
        }
    }
    return family;
}

/* Prints all counters of 'things', family by family as the format demands. */
static void
put_counters(struct ds *ds, const struct counted *things, size_t n)
{
    struct sset keys = SSET_INITIALIZER(&keys);
    const char **sorted;

    for (size_t i = 0; i < n; i++) {
        struct smap_node *node;

        SMAP_FOR_EACH (node, things[i].counters) {
            sset_add(&keys, node->key);
        }
    }
    sorted = sset_sort(&keys);
    for (size_t k = 0; k < sset_count(&keys); k++) {
        char *family = family_name(things[0].kind, sorted[k]);
        bool gauge = !strcmp(sorted[k], "undelivered");

        ds_put_format(ds, "# TYPE %s %s\n", family,
                      gauge ? "gauge" : "counter");
        for (size_t i = 0; i < n; i++) {
            const char *value = smap_get(things[i].counters, sorted[k]);

            if (value) {
                put_sample(ds, family, gauge ? "" : "_total", things[i].kind,
                           things[i].name);
                ds_put_format(ds, "} %s\n", value);
            }
        }
        free(family);
    }
    free(sorted);
    sset_destroy(&keys);
}

static void
put_states(struct ds *ds, const struct verdicts *verdicts)
{
    ds_put_cstr(ds, "# TYPE ovs_span_session_state stateset\n");
    for (size_t i = 0; i < verdicts->n_verdicts; i++) {
        const struct verdict *v = &verdicts->verdicts[i];

        for (int s = BINDING_ACTIVE; s <= BINDING_EXPIRED; s++) {
            put_sample(ds, "ovs_span_session_state", "", "session",
                       v->session->name);
            ds_put_format(ds, ",ovs_span_session_state=\"%s\"} %d\n",
                          binding_state_to_string(s),
                          !v->pending && v->state == s);
        }
    }
}

static void
put_sink_states(struct ds *ds, const struct switch_state *state)
{
    ds_put_cstr(ds, "# TYPE ovs_span_sink_ready gauge\n");
    for (size_t i = 0; i < state->n_sinks; i++) {
        put_sample(ds, "ovs_span_sink_ready", "", "sink",
                   state->sinks[i]->name);
        ds_put_format(ds, "} %d\n", state->sinks[i]->state == SINK_READY);
    }
}

/* Prints what recorders have lost by the place where it was, and what their
 * sessions have mirrored to them. */
static void
put_losses(struct ds *ds, const struct pass *pass)
{
    ds_put_cstr(ds, "# TYPE ovs_span_sink_lost_packets counter\n");
    for (size_t i = 0; i < pass->state.n_sinks; i++) {
        const struct switch_sink *sink = pass->state.sinks[i];
        struct sink_loss loss;

        sink_loss_read(&sink->counters, &loss);
        for (int place = 0; place < N_LOSS_PLACES; place++) {
            put_sample(ds, "ovs_span_sink_lost_packets", "_total", "sink",
                       sink->name);
            ds_put_format(ds, ",place=\"%s\"} %"PRIu64"\n",
                          loss_place_to_string(place), loss.packets[place]);
        }
    }
    ds_put_cstr(ds, "# TYPE ovs_span_sink_mirrored_packets counter\n");
    for (size_t i = 0; i < pass->state.n_sinks; i++) {
        const char *name = pass->state.sinks[i]->name;

        if (relay_session_name(name)) {
            continue;
        }
        put_sample(ds, "ovs_span_sink_mirrored_packets", "_total", "sink",
                   name);
        ds_put_format(ds, "} %"PRIu64"\n", tally_mirrored_to(
                          &pass->wanted, &pass->verdicts, name));
    }
}

/* Prints the metrics of 'pass', which is NULL before the first. */
void
control_show_metrics(const struct pass *pass, struct ds *ds)
{
    ds_put_format(ds, "# TYPE ovs_span info\n"
                  "ovs_span_info{version=\"%s\"} 1\n"
                  "# TYPE ovs_span_ready gauge\n"
                  "ovs_span_ready %d\n", SPAN_VERSION, pass != NULL);
    if (pass) {
        size_t n_sessions = pass->verdicts.n_verdicts;
        size_t n_sinks = pass->state.n_sinks;
        struct counted *things = xcalloc(MAX(n_sessions, n_sinks) + 1,
                                         sizeof *things);

        put_states(ds, &pass->verdicts);
        control_put_group_metrics(pass, ds);
        for (size_t i = 0; i < n_sessions; i++) {
            const struct verdict *v = &pass->verdicts.verdicts[i];

            things[i] = (struct counted) { "session", v->session->name,
                                           &v->counters };
        }
        put_counters(ds, things, n_sessions);
        put_sink_states(ds, &pass->state);
        for (size_t i = 0; i < n_sinks; i++) {
            const struct switch_sink *sink = pass->state.sinks[i];

            things[i] = (struct counted) { "sink", sink->name,
                                           &sink->counters };
        }
        put_counters(ds, things, n_sinks);
        put_losses(ds, pass);
        free(things);
    }
    ds_put_cstr(ds, "# EOF\n");
}
