/* SPDX-License-Identifier: Apache-2.0 */

/* The estimates of all sessions.  See estimates.h.
 *
 * What ports carry changes all the time, and an estimate is of the time before
 * a session copies: so it is kept until what it was made of changes, of which
 * there is a hash here.  Sessions that record to one sink are added up. */

#include <config.h>
#include "estimates.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "estimate.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "port-rate.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"
#include "verdict.h"

struct session_estimate {
    struct hmap_node node;      /* In 'sessions'. */
    struct uuid uuid;
    uint64_t key;               /* Hash of what it was made of. */
    struct estimate estimate;
    struct smap columns;        /* As Binding.estimate has it. */
    bool due;                   /* In this update. */
    bool seen;
};

void
estimates_init(struct estimates *es)
{
    hmap_init(&es->sessions);
}

static void
delete_session(struct estimates *es, struct session_estimate *se)
{
    hmap_remove(&es->sessions, &se->node);
    estimate_destroy(&se->estimate);
    smap_destroy(&se->columns);
    free(se);
}

/* Frees what 'es' holds, but not 'es' itself. */
void
estimates_destroy(struct estimates *es)
{
    struct session_estimate *se, *next;

    HMAP_FOR_EACH_SAFE (se, next, node, &es->sessions) {
        delete_session(es, se);
    }
    hmap_destroy(&es->sessions);
}

static struct session_estimate *
find_session(const struct estimates *es, const struct uuid *uuid)
{
    struct session_estimate *se;

    HMAP_FOR_EACH_WITH_HASH (se, node, uuid_hash(uuid), &es->sessions) {
        if (uuid_equals(&se->uuid, uuid)) {
            return se;
        }
    }
    return NULL;
}

static uint64_t
mix(uint64_t key, uint64_t value)
{
    return hash_uint64(key ^ value) | (uint64_t) hash_uint64_basis(
        value, (uint32_t) (key >> 32)) << 32;
}

static uint64_t
mix_text(uint64_t key, const char *text)
{
    return mix(key, (uint64_t) hash_string(text, 0) << 32
                    | hash_string(text, 1));
}

static uint64_t
mix_ports(uint64_t key, const struct switch_port **ports, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        key = mix(key, uuid_hash(&ports[i]->uuid));
        for (size_t j = 0; j < ports[i]->n_ifaces; j++) {
            key = mix(key, ports[i]->ifaces[j]->link_speed);
        }
    }
    return mix(key, n);
}

/* Returns a hash of what the estimate of 'ws' is made of, but for rates. */
static uint64_t
get_key(const struct wanted_session *ws, const struct wanted *wanted)
{
    const struct session *s = ws->session;
    uint64_t key = mix(s->snaplen, s->sample);

    key = mix(mix(key, s->rate_limit), s->encap_vlan);
    key = mix(mix(key, s->strip_vlan), s->normal_traffic);
    key = mix_text(key, s->filter);
    for (size_t i = 0; i < s->n_destinations; i++) {
        char *text = destination_to_string(&s->destinations[i]);

        key = mix_text(key, text);
        free(text);
    }
    for (size_t i = 0; i < ws->n_legs; i++) {
        const struct wanted_leg *leg = &ws->legs[i];

        key = mix_ports(key, leg->src, leg->n_src);
        key = mix_ports(key, leg->dst, leg->n_dst);
        key = mix_ports(key, leg->outputs, leg->n_outputs);
        for (size_t j = 0; j < leg->n_uplinks; j++) {
            key = mix(key, leg->uplinks[j].member->link_speed);
        }
    }
    for (size_t i = 0; i < wanted->n_sinks; i++) {
        const struct wanted_sink *sink = wanted->sinks[i];

        for (size_t j = 0; j < ws->n_sinks; j++) {
            if (ws->sinks[j] == sink->config) {
                key = mix(key, sink->config->snaplen);
                key = mix_text(key, smap_get_def(&sink->options, "byte-rate",
                                                 ""));
                key = mix_text(key, smap_get_def(&sink->options, "sessions",
                                                 ""));
            }
        }
    }
    return key;
}

/* Adds to the recorders in 'e', the estimate of session 'uuid', what other
 * sessions send there. */
static void
add_others(const struct estimates *es, const struct uuid *uuid,
           struct estimate *e)
{
    const struct session_estimate *other;

    HMAP_FOR_EACH (other, node, &es->sessions) {
        if (uuid_equals(&other->uuid, uuid)) {
            continue;
        }
        for (size_t i = 0; i < e->n_ends; i++) {
            for (size_t j = 0; j < other->estimate.n_ends; j++) {
                if (!e->ends[i].link
                    && !strcmp(e->ends[i].name,
                               other->estimate.ends[j].name)) {
                    e->ends[i].others += other->estimate.ends[j].own;
                }
            }
        }
    }
}

static void
add_number(struct smap *columns, const char *key, double value)
{
    smap_add_format(columns, key, "%.0f", value);
}

static void
fill_columns(const struct estimate *e, struct smap *columns)
{
    struct fault fault = FAULT_INITIALIZER;
    struct ds text = DS_EMPTY_INITIALIZER;

    smap_clear(columns);
    if (!e->n_ports) {
        return;
    }
    add_number(columns, "packets_per_second", e->packets);
    add_number(columns, "bytes_per_second", e->bytes);
    add_number(columns, "ports", e->n_ports);
    add_number(columns, "unknown_ports", e->n_unknown);
    add_number(columns, "milliseconds", e->window);
    if (estimate_is_over(e, &fault)) {
        smap_add(columns, "reason", fault.reason);
        smap_add(columns, "text", fault.detail);
        fault_clear(&fault);
    } else {
        estimate_put(e, &text);
        smap_add_format(columns, "text", "Estimate: %s.", ds_cstr(&text));
    }
    ds_destroy(&text);
}

/* Makes the estimate of 'ws' anew if it is due, but for what others add. */
static void
update_session(struct estimates *es, const struct wanted_session *ws,
               const struct estimate_world *world)
{
    const struct uuid *uuid = &ws->session->uuid;
    struct session_estimate *se = find_session(es, uuid);
    uint64_t key = get_key(ws, world->wanted);

    if (!se) {
        se = xzalloc(sizeof *se);
        se->uuid = *uuid;
        smap_init(&se->columns);
        hmap_insert(&es->sessions, &se->node, uuid_hash(uuid));
        se->due = true;
    } else {
        se->due = se->key != key || se->estimate.n_unknown;
    }
    se->seen = true;
    se->key = key;
    if (se->due) {
        estimate_destroy(&se->estimate);
        estimate_compute(ws, world, &se->estimate);
    }
}

/* Brings 'es' up to date with 'world'. */
void
estimates_update(struct estimates *es, const struct estimate_world *world)
{
    const struct wanted *wanted = world->wanted;
    struct session_estimate *se, *next;

    HMAP_FOR_EACH (se, node, &es->sessions) {
        se->seen = false;
    }
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        if (wanted->sessions[i].state == WANTED_RUNNING) {
            update_session(es, &wanted->sessions[i], world);
        }
    }
    HMAP_FOR_EACH_SAFE (se, next, node, &es->sessions) {
        if (!se->seen) {
            delete_session(es, se);
        }
    }
    HMAP_FOR_EACH (se, node, &es->sessions) {
        if (se->due) {
            add_others(es, &se->uuid, &se->estimate);
            fill_columns(&se->estimate, &se->columns);
        }
    }
}

/* Lets 'verdicts' borrow the estimates, until the next update. */
void
estimates_fill(const struct estimates *es, struct verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->n_verdicts; i++) {
        struct verdict *v = &verdicts->verdicts[i];
        const struct session_estimate *se = find_session(es,
                                                         &v->session->uuid);

        v->estimate = se ? &se->columns : NULL;
    }
}

/* Initializes '*e', for the caller to destroy, with the estimate of 'ws' in
 * 'world', as it is now; it need not be one of those in 'es'. */
void
estimates_compute(const struct estimates *es, const struct wanted_session *ws,
                  const struct estimate_world *world, struct estimate *e)
{
    estimate_compute(ws, world, e);
    add_others(es, &ws->session->uuid, e);
}
