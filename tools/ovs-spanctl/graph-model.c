/* SPDX-License-Identifier: Apache-2.0 */

/* What is in the picture of "graph": see graph-model.h.  Pure. */

#include <config.h>

#include "graph-model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live-row.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "smap.h"
#include "util.h"

void
graph_init(struct graph *g)
{
    g->sessions = NULL;
    g->n = 0;
}

static void
destroy_session(struct graph_session *s)
{
    for (size_t i = 0; i < s->n_legs; i++) {
        struct graph_leg *leg = &s->legs[i];

        for (size_t j = 0; j < leg->n_sources; j++) {
            free(leg->sources[j].vm);
            free(leg->sources[j].name);
        }
        free(leg->sources);
        free(leg->bridge);
    }
    for (size_t i = 0; i < s->n_ends; i++) {
        free(s->ends[i].name);
        free(s->ends[i].note);
        free(s->ends[i].trouble);
    }
    free(s->legs);
    free(s->ends);
    free(s->name);
    free(s->host);
    free(s->state);
    free(s->reason);
    free(s->rate);
    free(s->lost);
    free(s->settings);
}

/* Frees what 'g' holds, but not itself. */
void
graph_destroy(struct graph *g)
{
    for (size_t i = 0; i < g->n; i++) {
        destroy_session(&g->sessions[i]);
    }
    free(g->sessions);
}

/* Returns a copy of 's' without control characters, for the caller to
 * free. */
static char *
clean(const char *s)
{
    char *copy = xstrdup(s);

    for (char *p = copy; *p; p++) {
        if ((unsigned char) *p < ' ' || *p == 0x7f) {
            *p = '?';
        }
    }
    return copy;
}

/* -------------------------------------------------------------- sources -- */

static struct graph_leg *
get_leg(struct graph_session *s, const char *bridge)
{
    struct graph_leg *leg;

    for (size_t i = 0; i < s->n_legs; i++) {
        if (!strcmp(s->legs[i].bridge, bridge)) {
            return &s->legs[i];
        }
    }
    s->legs = xrealloc(s->legs, (s->n_legs + 1) * sizeof *s->legs);
    leg = &s->legs[s->n_legs++];
    *leg = (struct graph_leg) { .bridge = xstrdup(bridge) };
    return leg;
}

/* Adds a source; 'name', of a port without the "port:", is this function's
 * from then on. */
static void
add_source(struct graph_session *s, const char *bridge, char *name,
           const char *vm, enum direction direction)
{
    struct graph_leg *leg = get_leg(s, bridge);

    leg->sources = xrealloc(leg->sources, ((leg->n_sources + 1)
                                           * sizeof *leg->sources));
    leg->sources[leg->n_sources++] = (struct graph_source) {
        .vm = clean(vm), .name = name, .direction = direction,
    };
}

/* Returns the last place of ',' in the 'length' first bytes of 's', or
 * NULL. */
static const char *
last_comma(const char *s, size_t length)
{
    return memrchr(s, ',', length);
}

/* Adds what Binding.sources has as 'key' (SELECTOR,DIRECTION,bridge=BRIDGE)
 * and 'vm'.  It is read from its end, for the name of a port may have commas
 * in it.  What cannot be read is left out. */
static void
add_observed(struct graph_session *s, const char *key, const char *vm)
{
    static const char prefix[] = "bridge=";
    const char *at_bridge = last_comma(key, strlen(key));
    const char *at_direction = (at_bridge ? last_comma(key, at_bridge - key)
                                : NULL);
    enum direction direction;

    if (!at_direction || strncmp(at_bridge + 1, prefix, strlen(prefix))) {
        return;
    }
    char *word = xmemdup0(at_direction + 1, at_bridge - at_direction - 1);
    bool ok = direction_from_string(word, &direction);
    free(word);
    if (ok) {
        char *selector = xmemdup0(key, at_direction - key);
        bool port = !strncmp(selector, "port:", 5);
        char *bridge = clean(at_bridge + 1 + strlen(prefix));

        add_source(s, bridge, clean(selector + (port ? 5 : 0)), vm, direction);
        free(bridge);
        free(selector);
    }
}

/* Adds what was asked for, of which nothing is there. */
static void
add_asked(struct graph_session *s, const struct session *session)
{
    for (size_t i = 0; i < session->n_sources; i++) {
        const struct source *source = &session->sources[i];
        char *text = selector_to_string(&source->selector);

        add_source(s, "", clean(text), "", source->direction);
        free(text);
    }
}

static int
compare_legs(const void *a_, const void *b_)
{
    const struct graph_leg *a = a_;
    const struct graph_leg *b = b_;

    return strverscmp(a->bridge, b->bridge);
}

static int
compare_sources(const void *a_, const void *b_)
{
    const struct graph_source *a = a_;
    const struct graph_source *b = b_;
    int cmp = strverscmp(a->vm, b->vm);

    return cmp ? cmp : strverscmp(a->name, b->name);
}

/* Puts legs and sources in order and leaves out sources that are too many. */
static void
arrange_sources(struct graph_session *s)
{
    if (s->n_legs) {
        qsort(s->legs, s->n_legs, sizeof *s->legs, compare_legs);
    }
    for (size_t i = 0; i < s->n_legs; i++) {
        struct graph_leg *leg = &s->legs[i];

        qsort(leg->sources, leg->n_sources, sizeof *leg->sources,
              compare_sources);
        while (leg->n_sources > GRAPH_MAX_SOURCES) {
            leg->n_sources--;
            leg->n_more++;
            free(leg->sources[leg->n_sources].vm);
            free(leg->sources[leg->n_sources].name);
        }
    }
}

/* --------------------------------------------------------- destinations -- */

static size_t
count_sinks(const struct session *session)
{
    size_t n = 0;

    for (size_t i = 0; i < session->n_destinations; i++) {
        n += session->destinations[i].kind == DESTINATION_SINK;
    }
    return n;
}

/* Returns how many packets of 'row' are lost, "" for none, for the caller to
 * free. */
static char *
loss_text(const struct live_row *row)
{
    return (row->figures[LIVE_LOST]
            ? xasprintf("%"PRIu64" lost", row->figures[LIVE_LOST])
            : xstrdup(""));
}

/* Adds the destinations.  What is written and lost is known of all sinks of a
 * session together, and so told of the only one. */
static void
add_ends(struct graph_session *s, const struct session *session,
         const struct live_row *row)
{
    size_t n_sinks = count_sinks(session);

    s->ends = xcalloc(session->n_destinations + 1, sizeof *s->ends);
    for (size_t i = 0; i < session->n_destinations; i++) {
        const struct destination *d = &session->destinations[i];
        bool only_sink = d->kind == DESTINATION_SINK && n_sinks == 1;
        struct graph_end *end = &s->ends[s->n_ends++];
        char *name = destination_to_string(d);

        end->name = clean(name);
        end->note = (only_sink && row->records
                     ? xasprintf("%"PRIu64" written",
                                 row->figures[LIVE_WRITTEN])
                     : xstrdup(""));
        end->trouble = only_sink ? loss_text(row) : xstrdup("");
        free(name);
    }
    s->lost = n_sinks == 1 ? xstrdup("") : loss_text(row);
}

/* ------------------------------------------------------------- sessions -- */

/* Returns the rate of 'row', for the caller to free. */
static char *
rate_text(const struct live_row *row)
{
    char packets[16], bytes[16], *suffix;

    if (!row->rated) {
        return xstrdup("");
    }
    live_put_number(packets, sizeof packets, row->rates[LIVE_PACKETS] + 0.5,
                    6);
    live_put_scaled(bytes, sizeof bytes, row->rates[LIVE_BYTES]);
    suffix = bytes + strspn(bytes, "0123456789.");
    return xasprintf("%s packets/s, %.*s %sB/s", packets,
                     (int) (suffix - bytes), bytes, suffix);
}

static void
put_setting(struct ds *ds, const char *name, int64_t value, int64_t usual)
{
    if (value != usual) {
        ds_put_format(ds, "%s%s=%"PRId64, ds->length ? " " : "", name, value);
    }
}

/* Returns what is done to the copies of 'session', for the caller to free. */
static char *
settings_text(const struct session *session)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    char *text;

    if (session->filter[0]) {
        ds_put_format(&ds, "filter=%s", session->filter);
    }
    put_setting(&ds, "sample", session->sample, 1);
    put_setting(&ds, "rate", session->rate_limit, 0);
    put_setting(&ds, "snaplen", session->snaplen, 0);
    put_setting(&ds, "encap_vlan", session->encap_vlan, 0);
    if (session->strip_vlan) {
        ds_put_format(&ds, "%sstrip_vlan=true", ds.length ? " " : "");
    }
    text = clean(ds_cstr(&ds));
    ds_destroy(&ds);
    return text;
}

/* Adds to 'g' 'session' on the host of 'row', where 'sources' (of the Binding;
 * NULL = there is none) are mirrored. */
void
graph_add(struct graph *g, const struct session *session,
          const struct live_row *row, const struct smap *sources)
{
    struct graph_session *s;
    const struct smap_node *node;

    g->sessions = xrealloc(g->sessions, (g->n + 1) * sizeof *g->sessions);
    s = &g->sessions[g->n++];
    *s = (struct graph_session) {
        .name = clean(session->name),
        .host = xstrdup(row->host),
        .state = xstrdup(row->state),
        .reason = (*row->reason
                   ? xasprintf("%s: %s", row->reason, row->detail)
                   : xstrdup("")),
        .trouble = live_row_is_trouble(row),
        .runs = (!strcmp(row->state, "active")
                 || !strcmp(row->state, "degraded")),
        .rate = rate_text(row),
        .settings = settings_text(session),
    };
    if (sources) {
        SMAP_FOR_EACH (node, sources) {
            add_observed(s, node->key, node->value);
        }
    }
    if (!s->n_legs) {
        add_asked(s, session);
    }
    arrange_sources(s);
    add_ends(s, session, row);
}

static int
compare_sessions(const void *a_, const void *b_)
{
    const struct graph_session *a = a_;
    const struct graph_session *b = b_;
    int cmp = strverscmp(a->host, b->host);

    return cmp ? cmp : strverscmp(a->name, b->name);
}

/* Puts the sessions in order, by host and name. */
void
graph_sort(struct graph *g)
{
    if (g->n) {
        qsort(g->sessions, g->n, sizeof *g->sessions, compare_sessions);
    }
}
