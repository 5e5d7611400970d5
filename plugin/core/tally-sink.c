/* SPDX-License-Identifier: Apache-2.0 */

/* Counts of recorders and relays that go on when these begin again.  See
 * tally-sink.h. */

#include <config.h>
#include "tally-sink.h"

#include <inttypes.h>
#include <stdlib.h>

#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "relay.h"
#include "smap.h"
#include "switch-state.h"
#include "util.h"
#include "wanted.h"

/* What a recorder or a relay has counted. */
struct sink_tally {
    int64_t pid;                /* Of the process that 'last' is of. */
    struct smap base, last;     /* Decimal numbers. */
    uint64_t unknown;           /* See look_at_relay(). */
    bool seen;
};

static void
delete_sink(struct shash *sinks, struct shash_node *node)
{
    struct sink_tally *st = node->data;

    shash_delete(sinks, node);
    smap_destroy(&st->base);
    smap_destroy(&st->last);
    free(st);
}

/* Adds 'value' to the decimal number 'key' in 'counters', which is 0 if it is
 * not there. */
void
tally_add_counter(struct smap *counters, const char *key, uint64_t value)
{
    uint64_t old = strtoull(smap_get_def(counters, key, "0"), NULL, 10);
    char *text = xasprintf("%"PRIu64, old + value);

    smap_replace(counters, key, text);
    free(text);
}

static void
add_counters(struct smap *counters, const struct smap *more)
{
    struct smap_node *node;

    SMAP_FOR_EACH (node, more) {
        tally_add_counter(counters, node->key,
                          strtoull(node->value, NULL, 10));
    }
}

static uint64_t
get_counter(const struct smap *counters, const char *key)
{
    return strtoull(smap_get_def(counters, key, "0"), NULL, 10);
}

/* Takes note of the copies that came to the port of relay 'sink' since the
 * last word of its former process, in 'st', until this one began: while there
 * was none, or while one that was killed could not tell any more.  The device
 * has counted them. */
static void
look_at_relay(struct sink_tally *st, const struct switch_sink *sink)
{
    uint64_t before = get_counter(&sink->counters, "before");
    uint64_t known = (get_counter(&st->last, "before")
                      + get_counter(&st->last, "rx"));

    st->unknown += before >= known ? before - known : before;
}

static void
look_at_sink(struct shash *sinks, const struct switch_sink *sink)
{
    struct sink_tally *st = shash_find_data(sinks, sink->name);

    if (smap_is_empty(&sink->counters)
        || (sink->state == SINK_STARTING && (!st || st->pid != sink->pid))) {
        return;                 /* It has not counted anything yet. */
    }
    if (!st) {
        st = xzalloc(sizeof *st);
        smap_init(&st->base);
        smap_init(&st->last);
        shash_add(sinks, sink->name, st);
        look_at_relay(st, sink);
    } else if (st->pid != sink->pid) {
        add_counters(&st->base, &st->last);
        look_at_relay(st, sink);
    }
    st->pid = sink->pid;
    smap_destroy(&st->last);
    smap_clone(&st->last, &sink->counters);
}

/* Marks the sink or relay 'name' as one whose counts matter. */
static void
keep_sink(struct shash *sinks, const char *name)
{
    struct sink_tally *st = shash_find_data(sinks, name);

    if (st) {
        st->seen = true;
    }
}

/* Takes into 'sinks', whose nodes are of no concern to others, what 'state'
 * counts.  A sink is kept while a session has it, running or not; so is a
 * relay. */
void
tally_sinks_update(struct shash *sinks, const struct switch_state *state,
                   const struct wanted *wanted)
{
    struct shash_node *node, *next;

    for (size_t i = 0; i < state->n_sinks; i++) {
        look_at_sink(sinks, state->sinks[i]);
    }
    SHASH_FOR_EACH (node, sinks) {
        struct sink_tally *st = node->data;

        st->seen = switch_state_find_sink(state, node->name) != NULL;
    }
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        const struct wanted_session *ws = &wanted->sessions[i];

        for (size_t j = 0; j < ws->n_sinks; j++) {
            keep_sink(sinks, ws->sinks[j]->name);
        }
        for (int to = 0; to < 2; to++) {
            char *name = relay_name(ws->session->name, to);

            keep_sink(sinks, name);
            free(name);
        }
    }
    SHASH_FOR_EACH_SAFE (node, next, sinks) {
        struct sink_tally *st = node->data;

        if (!st->seen) {
            delete_sink(sinks, node);
        }
    }
}

/* Adds what the relays of 'session' have counted, if there ever were any. */
static void
fill_relays(const struct shash *sinks, const struct session *session,
            struct smap *counters)
{
    static const struct {
        const char *relay, *session;
    } names[] = {
        { "rx", "relay_rx" },
        { "port_drop", "relay_port_drop" },
        { "filter_reject", "sampled_out" },
        { "ps_drop", "relay_ps_drop" },
        { "undelivered", "relay_undelivered" },
        { "tx_drop", "relay_tx_drop" },
        { "relayed", "relayed" },
    };

    for (int to = 0; to < 2; to++) {
        char *name = relay_name(session->name, to);
        const struct sink_tally *relay = shash_find_data(sinks, name);

        free(name);
        if (!relay) {
            continue;
        }
        tally_add_counter(counters, "relay_unknown", relay->unknown);
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
            tally_add_counter(counters, names[i].session,
                              get_counter(&relay->base, names[i].relay)
                              + get_counter(&relay->last, names[i].relay));
        }
    }
}

/* Adds to 'counters' what the relays of 'ws' and the recorders that it feeds
 * have counted. */
void
tally_sinks_fill(const struct shash *sinks, const struct wanted_session *ws,
                 struct smap *counters)
{
    fill_relays(sinks, ws->session, counters);
    for (size_t i = 0; i < ws->n_sinks; i++) {
        const struct sink_tally *st = shash_find_data(sinks,
                                                      ws->sinks[i]->name);

        if (st) {
            add_counters(counters, &st->base);
            add_counters(counters, &st->last);
        }
    }
}

/* Forgets all that 'sinks' has. */
void
tally_sinks_clear(struct shash *sinks)
{
    struct shash_node *node, *next;

    SHASH_FOR_EACH_SAFE (node, next, sinks) {
        delete_sink(sinks, node);
    }
}
