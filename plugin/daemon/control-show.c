/* SPDX-License-Identifier: Apache-2.0 */

/* What span/list, span/show, sink/list and sink/show print. */

#include <config.h>

#include "plugin/daemon/control.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "plugin/core/amount.h"
#include "plugin/core/relay.h"
#include "plugin/core/sink-loss.h"
#include "plugin/core/tally.h"
#include "plugin/daemon/pass.h"
#include "plugin/daemon/reconciler.h"
#include "smap.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

/* Prints 'cells', 'n_columns' to a row, the first row being the heading, with
 * columns aligned. */
void
control_put_table(struct ds *ds, const struct svec *cells, size_t n_columns)
{
    size_t widths[8] = { 0 };

    ovs_assert(n_columns <= ARRAY_SIZE(widths));
    for (size_t i = 0; i < cells->n; i++) {
        widths[i % n_columns] = MAX(widths[i % n_columns],
                                    strlen(cells->names[i]));
    }
    for (size_t i = 0; i < cells->n; i++) {
        size_t column = i % n_columns;

        ds_put_cstr(ds, cells->names[i]);
        if (column + 1 < n_columns) {
            ds_put_char_multiple(ds, ' ', widths[column] + 2
                                 - strlen(cells->names[i]));
        } else {
            while (ds_chomp(ds, ' ')) {
                continue;
            }
            ds_put_char(ds, '\n');
        }
    }
}

static char *
sources_to_string(const struct session *s)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < s->n_sources; i++) {
        char *text = source_to_string(&s->sources[i]);

        ds_put_format(&ds, "%s%s", i ? " " : "", text);
        free(text);
    }
    return ds_steal_cstr(&ds);
}

static char *
destinations_to_string(const struct session *s)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < s->n_destinations; i++) {
        char *text = destination_to_string(&s->destinations[i]);

        ds_put_format(&ds, "%s%s", i ? " " : "", text);
        free(text);
    }
    return ds_steal_cstr(&ds);
}

static const char *
verdict_word(const struct verdict *v)
{
    return v->pending ? "pending" : binding_state_to_string(v->state);
}

/* Prints a line for each session of 'pass', then for each port group. */
void
control_show_sessions(const struct pass *pass, struct ds *ds)
{
    struct svec cells = SVEC_EMPTY_INITIALIZER;

    svec_add(&cells, "NAME");
    svec_add(&cells, "STATE");
    svec_add(&cells, "REASON");
    svec_add(&cells, "SOURCES");
    svec_add(&cells, "DESTINATIONS");
    for (size_t i = 0; i < pass->verdicts.n_verdicts; i++) {
        const struct verdict *v = &pass->verdicts.verdicts[i];

        svec_add(&cells, v->session->name);
        svec_add(&cells, verdict_word(v));
        svec_add(&cells, v->fault.reason ? v->fault.reason : "");
        svec_add_nocopy(&cells, sources_to_string(v->session));
        svec_add_nocopy(&cells, destinations_to_string(v->session));
    }
    control_put_table(ds, &cells, 5);
    svec_destroy(&cells);
    control_list_groups(pass, ds);
}

static void
put_ports(struct ds *ds, const char *label, const struct switch_port **ports,
          size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ds_put_format(ds, "%s%s", i ? "," : label, ports[i]->name);
    }
}

static void
put_leg(const struct reconciler *r, const struct wanted_leg *leg,
        struct ds *ds)
{
    const char *error = reconciler_flow_error(r, leg->bridge->name);

    ds_put_format(ds, "  bridge %s (%s)", leg->bridge->name,
                  leg_role_to_string(leg->role));
    if (leg->hook) {
        ds_put_format(ds, " port %s", leg->hook);
    }
    put_ports(ds, " from ", leg->src, leg->n_src);
    put_ports(ds, " to ", leg->dst, leg->n_dst);
    for (size_t i = 0; i < leg->n_vlans; i++) {
        ds_put_format(ds, "%s%"PRIu16, i ? "," : " vlan ", leg->vlans[i]);
    }
    put_ports(ds, " copies to ", leg->outputs, leg->n_outputs);
    for (size_t i = 0; i < leg->n_uplinks; i++) {
        ds_put_format(ds, "%s%s", i ? "," : " copies out of ",
                      leg->uplinks[i].member->name);
    }
    ds_put_char(ds, '\n');
    if (error && *error) {
        ds_put_format(ds, "    OpenFlow: %s\n", error);
    }
}

static void
put_smap(struct ds *ds, const char *label, const struct smap *smap)
{
    const struct smap_node **nodes = smap_sort(smap);

    for (size_t i = 0; i < smap_count(smap); i++) {
        ds_put_format(ds, "%s%s=%s", i ? " " : label, nodes[i]->key,
                      nodes[i]->value);
    }
    if (smap_count(smap)) {
        ds_put_char(ds, '\n');
    }
    free(nodes);
}

static void
put_session(const struct reconciler *r, const struct wanted_session *ws,
            const struct verdict *v, struct ds *ds)
{
    const struct session *s = v->session;
    char *sources = sources_to_string(s);
    char *destinations = destinations_to_string(s);

    ds_put_format(ds, "session %s "UUID_FMT": %s\n", s->name,
                  UUID_ARGS(&s->uuid), verdict_word(v));
    if (v->fault.reason) {
        ds_put_format(ds, "  %s: %s\n", v->fault.reason, v->fault.detail);
    }
    ds_put_format(ds, "  type %s, sources %s, destinations %s\n",
                  session_type_to_string(s->type), sources, destinations);
    if (s->filter && *s->filter) {
        ds_put_format(ds, "  filter %s\n", s->filter);
    }
    if (s->snaplen) {
        ds_put_format(ds, "  snaplen %d\n", s->snaplen);
    }
    for (size_t i = 0; i < ws->n_legs; i++) {
        put_leg(r, &ws->legs[i], ds);
    }
    if (v->estimate && !smap_is_empty(v->estimate)) {
        ds_put_format(ds, "  %s\n", smap_get_def(v->estimate, "text", ""));
    }
    put_smap(ds, "  ", &v->counters);
    free(sources);
    free(destinations);
}

/* Prints the session and the group 'name' of 'pass', or all of them if it is
 * NULL.  Returns false with a sentence in 'ds' when there is none of that
 * name. */
bool
control_show_session(const struct reconciler *r, const struct pass *pass,
                     const char *name, struct ds *ds)
{
    bool found = !name;

    for (size_t i = 0; i < pass->verdicts.n_verdicts; i++) {
        const struct verdict *v = &pass->verdicts.verdicts[i];

        if (!name || !strcmp(v->session->name, name)) {
            put_session(r, &pass->wanted.sessions[i], v, ds);
            found = true;
        }
    }
    found |= control_show_group(pass, name, ds);
    if (!found) {
        ds_put_format(ds, "There is no session \"%s\" and no such port "
                      "group; span/list shows which there are.", name);
    }
    return found;
}

static const char *
sink_state_word(enum sink_state state)
{
    switch (state) {
    case SINK_STARTING: return "starting";
    case SINK_READY: return "ready";
    case SINK_STOPPING: return "stopping";
    case SINK_FAILED: return "failed";
    }
    OVS_NOT_REACHED();
}

/* Prints a line for each recorder and each relay of 'pass'. */
void
control_show_sinks(const struct pass *pass, struct ds *ds)
{
    struct svec cells = SVEC_EMPTY_INITIALIZER;

    svec_add(&cells, "NAME");
    svec_add(&cells, "STATE");
    svec_add(&cells, "INTERFACE");
    svec_add(&cells, "PACKETS");
    svec_add(&cells, "LOST");
    svec_add(&cells, "FILE");
    for (size_t i = 0; i < pass->state.n_sinks; i++) {
        const struct switch_sink *sink = pass->state.sinks[i];
        struct sink_loss loss;

        sink_loss_read(&sink->counters, &loss);
        svec_add(&cells, sink->name);
        svec_add(&cells, sink_state_word(sink->state));
        svec_add(&cells, smap_get_def(&sink->options, "interface", ""));
        svec_add(&cells, smap_get_def(
                     &sink->counters,
                     relay_session_name(sink->name) ? "relayed" : "written",
                     ""));
        svec_add_nocopy(&cells, xasprintf("%"PRIu64, loss.total));
        svec_add(&cells, sink->file ? sink->file : "");
    }
    control_put_table(ds, &cells, 6);
    svec_destroy(&cells);
}

static void
put_storage(const struct switch_sink *sink, struct ds *ds)
{
    if (*sink->storage) {
        ds_put_format(ds, "  storage: %s", sink->storage);
        if (sink->disk_size) {
            ds_put_cstr(ds, "; ");
            amount_put_scaled(ds, sink->disk_free, "B");
            ds_put_cstr(ds, " of ");
            amount_put_scaled(ds, sink->disk_size, "B");
            ds_put_cstr(ds, " free");
        }
        ds_put_char(ds, '\n');
    }
}

/* Prints recorder 'name' of 'pass', or all of them if it is NULL.  Returns
 * false with a sentence in 'ds' when there is none of that name. */
bool
control_show_sink(const struct pass *pass, const char *name, struct ds *ds)
{
    bool found = !name;

    for (size_t i = 0; i < pass->state.n_sinks; i++) {
        const struct switch_sink *sink = pass->state.sinks[i];

        if (name && strcmp(sink->name, name)) {
            continue;
        }
        found = true;
        ds_put_format(ds, "sink %s: %s\n", sink->name,
                      sink_state_word(sink->state));
        if (sink->error && *sink->error) {
            ds_put_format(ds, "  error: %s\n", sink->error);
        }
        if (sink->file && *sink->file) {
            ds_put_format(ds, "  file: %s\n", sink->file);
        }
        put_storage(sink, ds);
        put_smap(ds, "  options: ", &sink->options);
        put_smap(ds, "  counters: ", &sink->counters);
        if (!relay_session_name(sink->name)) {
            ds_put_format(ds, "  mirrored to it: %"PRIu64" packets\n",
                          tally_mirrored_to(&pass->wanted, &pass->verdicts,
                                            sink->name));
        }
    }
    if (!found) {
        ds_put_format(ds, "There is no running sink \"%s\" here; sink/list "
                      "shows which there are.", name);
    }
    return found;
}
