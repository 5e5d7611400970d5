/* SPDX-License-Identifier: Apache-2.0 */

/* State and counters as metrics.  See metrics.h.
 *
 * What is counted has fixed names, those of the tables below: what a recorder
 * calls its counters must not decide what a scraper reads. */

#include <config.h>
#include "plugin/daemon/metrics.h"

#include <stdlib.h>

#include "openvswitch/util.h"
#include "plugin/core/promisc-watch.h"
#include "plugin/core/relay.h"
#include "plugin/core/sink-loss.h"
#include "plugin/core/tally.h"
#include "plugin/daemon/host-facts.h"
#include "plugin/daemon/pass.h"
#include "plugin/daemon/reconciler.h"
#include "smap.h"
#include "util.h"

/* A counter in "struct smap counters" and what it is for people. */
struct counter {
    const char *key;
    enum metric_type type;
    const char *help;
};

/* Of a session, by its rules and meters. */
static const struct counter session_counters[] = {
    { "mirrored_packets", METRIC_COUNTER, "Copies made." },
    { "mirrored_bytes", METRIC_COUNTER, "Bytes of the copies made." },
    { "filtered_packets", METRIC_COUNTER,
      "Packets that the filter let not pass." },
    { "metered", METRIC_COUNTER, "Packets that the rate limit left out." },
    { "cut_packets", METRIC_COUNTER,
      "Copies cut to fit on the way off the host." },
    { "handed_packets", METRIC_COUNTER,
      "Copies of the sample handed to each destination." },
    { "handed_bytes", METRIC_COUNTER,
      "Bytes handed to each destination." },
    { "relay_rx", METRIC_COUNTER, "Packets that came to the relay." },
    { "sampled_out", METRIC_COUNTER, "Packets that the sample left out." },
    { "relayed", METRIC_COUNTER, "Packets that the relay sent on." },
    { "relay_port_drop", METRIC_COUNTER,
      "Packets lost before the queue of the relay's port." },
    { "relay_ps_drop", METRIC_COUNTER,
      "Packets lost in the kernel's ring of the relay." },
    { "relay_tx_drop", METRIC_COUNTER,
      "Packets lost on the way from the relay back to the switch." },
    { "relay_undelivered", METRIC_GAUGE,
      "Packets still in the kernel's ring of the relay." },
    { "relay_unknown", METRIC_COUNTER,
      "Packets that came while no relay ran." },
};

/* Of a recorder; of a session: of all recorders that it feeds. */
static const struct counter recorder_counters[] = {
    { "rx", METRIC_COUNTER, "Packets that arrived at the capture port." },
    { "port_drop", METRIC_COUNTER,
      "Packets lost before the queue of the capture port." },
    { "filter_reject", METRIC_COUNTER,
      "Packets that the capture filter let not pass." },
    { "ps_recv", METRIC_COUNTER, "Packets that the capture filter passed." },
    { "ps_drop", METRIC_COUNTER, "Packets lost in the kernel's ring." },
    { "delivered", METRIC_COUNTER, "Packets taken out of the kernel's ring." },
    { "undelivered", METRIC_GAUGE, "Packets still in the kernel's ring." },
    { "queued", METRIC_COUNTER, "Packets laid into the recorder's ring." },
    { "ring_drop", METRIC_COUNTER, "Packets lost in the recorder's ring." },
    { "cap_drop", METRIC_COUNTER,
      "Packets left out to keep the byte rate that was asked for." },
    { "written", METRIC_COUNTER, "Packets written to capture files." },
    { "write_drop", METRIC_COUNTER, "Packets lost on the way to the disk." },
    { "bytes", METRIC_COUNTER, "Bytes written, or sent on by a relay." },
    { "files", METRIC_COUNTER, "Capture files begun." },
    { "noted", METRIC_COUNTER, "Lost packets noted in capture files." },
};

/* Of a relay, which is a recorder without files. */
static const struct counter relay_counters[] = {
    { "before", METRIC_COUNTER, "Packets that came before the relay ran." },
    { "relayed", METRIC_COUNTER, "Packets that the relay sent on." },
    { "tx_drop", METRIC_COUNTER,
      "Packets lost on the way from the relay back to the switch." },
};

static const struct counter group_counters[] = {
    { "promiscuous_packets", METRIC_COUNTER,
      "Packets copied to promiscuous ports." },
    { "forged_dropped", METRIC_COUNTER,
      "Packets dropped because of a forged source address." },
    { "changed_dropped", METRIC_COUNTER,
      "Packets dropped because of a changed MAC address." },
    { "limit_dropped", METRIC_COUNTER,
      "Packets dropped because of a source address too many." },
    { "limit_passed", METRIC_COUNTER,
      "Packets from a source address too many that were let pass." },
};

/* Things that have a name and counters. */
struct counted {
    const char *name;
    const struct smap *counters;
};

static void
put_counter(struct metric_text *mt, const char *kind, const struct counter *c,
            const struct counted *things, size_t n)
{
    char *family = xasprintf("ovs_span_%s_%s", kind, c->key);

    metric_text_family(mt, family, c->type, c->help);
    for (size_t i = 0; i < n; i++) {
        const char *value = smap_get(things[i].counters, c->key);

        if (value) {
            metric_text_put(mt, strtoull(value, NULL, 10), kind,
                            things[i].name, NULL);
        }
    }
    free(family);
}

/* Puts the counters of the 'n' 'things' of a 'kind' that 'table' names. */
static void
put_counters(struct metric_text *mt, const char *kind,
             const struct counter *table, size_t n_table,
             const struct counted *things, size_t n)
{
    for (size_t i = 0; i < n_table; i++) {
        put_counter(mt, kind, &table[i], things, n);
    }
}

static void
put_daemon(struct metric_text *mt, const struct reconciler_status *s)
{
    const char *started = smap_get_def(&s->facts->status, "started", "0");
    const struct pass *pass = s->pass;

    metric_text_family(mt, "ovs_span", METRIC_INFO,
                       "The daemon and the switch that it serves.");
    metric_text_put(mt, 1, "version", SPAN_VERSION,
                    "host", s->facts->name,
                    "ovs", smap_get_def(&s->facts->versions, "ovs", ""),
                    "system_id", pass ? pass->state.system_id : "", NULL);
    metric_text_family(mt, "ovs_span_start_time_seconds", METRIC_GAUGE,
                       "When the daemon was started, Unix time.");
    metric_text_put(mt, strtoull(started, NULL, 10), NULL);
    metric_text_family(mt, "ovs_span_ready", METRIC_GAUGE,
                       "Is the switch known, so that sessions are served?");
    metric_text_put(mt, pass != NULL, NULL);
    metric_text_family(mt, "ovs_span_database_connected", METRIC_GAUGE,
                       "Is there a connection to the database?");
    metric_text_put(mt, s->session_db, "database", "OVS_Span", NULL);
    metric_text_put(mt, s->switch_db, "database", "Open_vSwitch", NULL);
    if (pass) {
        metric_text_family(mt, "ovs_span_pass_seconds", METRIC_SUMMARY,
                           "Looks at everything, and how long they took.");
        metric_text_put_summary(mt, pass->number, pass->total_usec);
        metric_text_family(mt, "ovs_span_last_pass_seconds", METRIC_GAUGE,
                           "How long the last look at everything took.");
        metric_text_put_seconds(mt, pass->usec);
    }
}

static void
put_session_states(struct metric_text *mt, const struct verdicts *verdicts)
{
    metric_text_family(mt, "ovs_span_session", METRIC_INFO,
                       "A session and the reason for its state here.");
    for (size_t i = 0; i < verdicts->n_verdicts; i++) {
        const struct verdict *v = &verdicts->verdicts[i];
        const char *reason = v->pending ? NULL : v->fault.reason;

        metric_text_put(mt, 1, "session", v->session->name,
                        "type", session_type_to_string(v->session->type),
                        "reason", reason ? reason : "", NULL);
    }
    metric_text_family(mt, "ovs_span_session_state", METRIC_STATESET,
                       "The state of a session here.");
    for (size_t i = 0; i < verdicts->n_verdicts; i++) {
        const struct verdict *v = &verdicts->verdicts[i];

        for (int s = BINDING_ACTIVE; s <= BINDING_EXPIRED; s++) {
            metric_text_put(mt, !v->pending && v->state == s,
                            "session", v->session->name,
                            "ovs_span_session_state",
                            binding_state_to_string(s), NULL);
        }
    }
}

/* Puts what was lost of thing 'name' of a 'kind', by place. */
static void
put_loss(struct metric_text *mt, const char *kind, const char *name,
         const struct sink_loss *loss)
{
    for (int place = 0; place < N_LOSS_PLACES; place++) {
        metric_text_put(mt, loss->packets[place], kind, name,
                        "place", loss_place_to_string(place), NULL);
    }
}

static void
put_session_losses(struct metric_text *mt, const struct verdicts *verdicts)
{
    metric_text_family(mt, "ovs_span_session_lost_packets", METRIC_COUNTER,
                       "Packets that recorders or the relay of a session "
                       "lost.");
    for (size_t i = 0; i < verdicts->n_verdicts; i++) {
        const struct verdict *v = &verdicts->verdicts[i];
        const struct smap *c = &v->counters;
        struct sink_loss loss;

        sink_loss_read(c, &loss);
        loss.packets[LOSS_RELAY] = (smap_get_ullong(c, "relay_port_drop", 0)
                                    + smap_get_ullong(c, "relay_ps_drop", 0)
                                    + smap_get_ullong(c, "relay_tx_drop", 0));
        put_loss(mt, "session", v->session->name, &loss);
    }
}

static void
put_sessions(struct metric_text *mt, const struct verdicts *verdicts)
{
    size_t n = verdicts->n_verdicts;
    struct counted *things = xcalloc(n + 1, sizeof *things);

    for (size_t i = 0; i < n; i++) {
        things[i].name = verdicts->verdicts[i].session->name;
        things[i].counters = &verdicts->verdicts[i].counters;
    }
    put_session_states(mt, verdicts);
    put_session_losses(mt, verdicts);
    put_counters(mt, "session", session_counters,
                 ARRAY_SIZE(session_counters), things, n);
    put_counters(mt, "session", recorder_counters,
                 ARRAY_SIZE(recorder_counters), things, n);
    free(things);
}

static void
put_group_states(struct metric_text *mt, const struct verdicts *verdicts)
{
    metric_text_family(mt, "ovs_span_group_state", METRIC_STATESET,
                       "The state of a port group here.");
    for (size_t i = 0; i < verdicts->n_groups; i++) {
        const struct group_verdict *v = &verdicts->groups[i];

        for (int s = BINDING_ACTIVE; s <= BINDING_EXPIRED; s++) {
            metric_text_put(mt, !v->pending && v->state == s,
                            "group", v->group->name, "ovs_span_group_state",
                            binding_state_to_string(s), NULL);
        }
    }
    metric_text_family(mt, "ovs_span_group_ports", METRIC_GAUGE,
                       "Ports here that are members of a port group.");
    for (size_t i = 0; i < verdicts->n_groups; i++) {
        const struct group_verdict *v = &verdicts->groups[i];

        metric_text_put(mt, smap_count(&v->ports), "group", v->group->name,
                        NULL);
    }
    metric_text_family(mt, "ovs_span_group_promiscuous_ports", METRIC_GAUGE,
                       "Members here that are promiscuous.");
    for (size_t i = 0; i < verdicts->n_groups; i++) {
        const struct group_verdict *v = &verdicts->groups[i];

        metric_text_put(mt, promisc_watch_count(&v->ports), "group",
                        v->group->name, NULL);
    }
}

static void
put_groups(struct metric_text *mt, const struct verdicts *verdicts)
{
    size_t n = verdicts->n_groups;
    struct counted *things = xcalloc(n + 1, sizeof *things);

    for (size_t i = 0; i < n; i++) {
        things[i].name = verdicts->groups[i].group->name;
        things[i].counters = &verdicts->groups[i].counters;
    }
    put_group_states(mt, verdicts);
    put_counters(mt, "group", group_counters, ARRAY_SIZE(group_counters),
                 things, n);
    free(things);
}

static void
put_sink_states(struct metric_text *mt, const struct switch_state *state)
{
    metric_text_family(mt, "ovs_span_sink_ready", METRIC_GAUGE,
                       "Does the recorder record?");
    for (size_t i = 0; i < state->n_sinks; i++) {
        metric_text_put(mt, state->sinks[i]->state == SINK_READY,
                        "sink", state->sinks[i]->name, NULL);
    }
    metric_text_family(mt, "ovs_span_sink_disk_free_bytes", METRIC_GAUGE,
                       "Room that is left where the recorder writes.");
    for (size_t i = 0; i < state->n_sinks; i++) {
        if (state->sinks[i]->disk_size) {
            metric_text_put(mt, state->sinks[i]->disk_free,
                            "sink", state->sinks[i]->name, NULL);
        }
    }
    metric_text_family(mt, "ovs_span_sink_disk_size_bytes", METRIC_GAUGE,
                       "Size of the file system where the recorder writes.");
    for (size_t i = 0; i < state->n_sinks; i++) {
        if (state->sinks[i]->disk_size) {
            metric_text_put(mt, state->sinks[i]->disk_size,
                            "sink", state->sinks[i]->name, NULL);
        }
    }
}

/* Puts what recorders have lost, and what their sessions have mirrored to
 * them. */
static void
put_sink_losses(struct metric_text *mt, const struct pass *pass)
{
    metric_text_family(mt, "ovs_span_sink_lost_packets", METRIC_COUNTER,
                       "Packets that the recorder lost.");
    for (size_t i = 0; i < pass->state.n_sinks; i++) {
        const struct switch_sink *sink = pass->state.sinks[i];
        struct sink_loss loss;

        sink_loss_read(&sink->counters, &loss);
        put_loss(mt, "sink", sink->name, &loss);
    }
    metric_text_family(mt, "ovs_span_sink_mirrored_packets", METRIC_COUNTER,
                       "Copies that sessions made for the recorder.");
    for (size_t i = 0; i < pass->state.n_sinks; i++) {
        const char *name = pass->state.sinks[i]->name;

        if (!relay_session_name(name)) {
            metric_text_put(mt, tally_mirrored_to(&pass->wanted,
                                                  &pass->verdicts, name),
                            "sink", name, NULL);
        }
    }
}

static void
put_sinks(struct metric_text *mt, const struct pass *pass)
{
    size_t n = pass->state.n_sinks;
    struct counted *things = xcalloc(n + 1, sizeof *things);

    for (size_t i = 0; i < n; i++) {
        things[i].name = pass->state.sinks[i]->name;
        things[i].counters = &pass->state.sinks[i]->counters;
    }
    put_sink_states(mt, &pass->state);
    put_sink_losses(mt, pass);
    put_counters(mt, "sink", recorder_counters, ARRAY_SIZE(recorder_counters),
                 things, n);
    put_counters(mt, "sink", relay_counters, ARRAY_SIZE(relay_counters),
                 things, n);
    free(things);
}

/* Returns all metrics of a daemon that is as 's' says, for the caller to
 * free. */
char *
metrics_to_text(const struct reconciler_status *s, enum metric_format format)
{
    struct metric_text mt;

    metric_text_init(&mt, format);
    put_daemon(&mt, s);
    if (s->pass) {
        put_sessions(&mt, &s->pass->verdicts);
        put_groups(&mt, &s->pass->verdicts);
        put_sinks(&mt, s->pass);
    }
    return metric_text_finish(&mt);
}
