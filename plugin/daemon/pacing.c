/* SPDX-License-Identifier: Apache-2.0 */

/* When to try again, and how long to wait for something. */

#include <config.h>

#include "plugin/daemon/pacing.h"

#include <limits.h>

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "plugin/core/session.h"
#include "plugin/core/verdict.h"
#include "util.h"
#include "uuid.h"

/* The same thing is done again after 0.1 s, then ever more rarely. */
#define MIN_DELAY 100
#define MAX_DELAY 2000

/* May 'text', a description of what is to be done, be done now?  Something new
 * may at once; what was done last, and evidently did not help, after a while.
 * An empty 'text' says that there is nothing to do any more. */
bool
gate_pass(struct gate *gate, const char *text, long long int now)
{
    gate->shut = false;
    if (!*text) {
        gate_destroy(gate);
        return false;
    }
    if (gate->text && !strcmp(gate->text, text)) {
        if (now < gate->next) {
            gate->shut = true;
            return false;
        }
        gate->delay = MIN(gate->delay * 2, MAX_DELAY);
    } else {
        free(gate->text);
        gate->text = xstrdup(text);
        gate->delay = MIN_DELAY;
    }
    gate->next = now + gate->delay;
    return true;
}

/* When to ask again: LLONG_MAX unless the last answer was "not yet". */
long long int
gate_next(const struct gate *gate)
{
    return gate->shut ? gate->next : LLONG_MAX;
}

void
gate_destroy(struct gate *gate)
{
    free(gate->text);
    *gate = (struct gate) GATE_INITIALIZER;
}

/* A session that is on its way, and since when it is as it is now. */
struct grace_entry {
    struct hmap_node node;      /* In struct grace, by 'uuid'. */
    struct uuid uuid;
    uint32_t fingerprint;       /* Of what is asked for. */
    long long int since;
    bool late;
    bool seen;
};

void
grace_init(struct grace *grace)
{
    hmap_init(&grace->entries);
    grace->n_late = 0;
    grace->next = LLONG_MAX;
}

void
grace_destroy(struct grace *grace)
{
    struct grace_entry *entry;

    HMAP_FOR_EACH_POP (entry, node, &grace->entries) {
        free(entry);
    }
    hmap_destroy(&grace->entries);
}

/* A number that changes when something of 's' changes that takes work. */
static uint32_t
session_fingerprint(const struct session *s)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    uint32_t hash;

    ds_put_format(&ds, "%d %d %d %d %s|", s->enabled, s->snaplen,
                  s->normal_traffic, s->strip_vlan, s->filter);
    for (size_t i = 0; i < s->n_sources; i++) {
        char *text = source_to_string(&s->sources[i]);

        ds_put_format(&ds, "%s|", text);
        free(text);
    }
    for (size_t i = 0; i < s->n_destinations; i++) {
        char *text = destination_to_string(&s->destinations[i]);

        ds_put_format(&ds, "%s|", text);
        free(text);
    }
    hash = hash_string(ds_cstr(&ds), 0);
    ds_destroy(&ds);
    return hash;
}

static struct grace_entry *
grace_find(const struct grace *grace, const struct uuid *uuid)
{
    struct grace_entry *entry;

    HMAP_FOR_EACH_WITH_HASH (entry, node, uuid_hash(uuid), &grace->entries) {
        if (uuid_equals(&entry->uuid, uuid)) {
            return entry;
        }
    }
    return NULL;
}

static void
grace_see(struct grace *grace, const struct session *session,
          long long int now)
{
    struct grace_entry *entry = grace_find(grace, &session->uuid);
    uint32_t fingerprint = session_fingerprint(session);

    if (!entry) {
        entry = xzalloc(sizeof *entry);
        entry->uuid = session->uuid;
        entry->since = now;
        hmap_insert(&grace->entries, &entry->node, uuid_hash(&entry->uuid));
    } else if (entry->fingerprint != fingerprint) {
        entry->since = now;
    }
    entry->fingerprint = fingerprint;
    entry->seen = true;
    entry->late = now >= entry->since + GRACE_PERIOD;
}

/* Takes note of which sessions are on their way according to 'verdicts'. */
void
grace_update(struct grace *grace, const struct verdicts *verdicts,
             long long int now)
{
    struct grace_entry *entry;

    for (size_t i = 0; i < verdicts->n_verdicts; i++) {
        if (verdicts->verdicts[i].pending) {
            grace_see(grace, verdicts->verdicts[i].session, now);
        }
    }
    grace->n_late = 0;
    grace->next = LLONG_MAX;
    HMAP_FOR_EACH_SAFE (entry, node, &grace->entries) {
        if (!entry->seen) {
            hmap_remove(&grace->entries, &entry->node);
            free(entry);
            continue;
        }
        entry->seen = false;
        if (entry->late) {
            grace->n_late++;
        } else {
            grace->next = MIN(grace->next, entry->since + GRACE_PERIOD);
        }
    }
}

/* Has 'session' been on its way for too long? */
bool
grace_is_late(const struct grace *grace, const struct session *session)
{
    const struct grace_entry *entry = grace_find(grace, &session->uuid);

    return entry && entry->late;
}

/* Counters are reported this often (milliseconds), and so rarely that passes
 * for their sake take less than 1/COUNTERS_SHARE of the time. */
#define COUNTERS_INTERVAL 1000
#define COUNTERS_SHARE 300

/* Milliseconds behind the whole second, in which rules are asked for their
 * counters (flow-bridge.c), at which these are there. */
#define COUNTERS_PHASE 200

/* Returns when counters are to be reported after a pass that began at 'start'
 * and took 'took'.  Always as long after they were read: so what they go up by
 * from one report to the next is that of the time between. */
long long int
counters_next(long long int start, long long int took)
{
    long long int next = start + MAX(COUNTERS_INTERVAL,
                                     took * COUNTERS_SHARE);

    return ((next - COUNTERS_PHASE) / COUNTERS_INTERVAL * COUNTERS_INTERVAL
            + COUNTERS_PHASE);
}
