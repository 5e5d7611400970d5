/* SPDX-License-Identifier: Apache-2.0 */

/* How much traffic interfaces carry.  See port-rate.h.
 *
 * vswitchd reads the counters of all interfaces in rounds, one each interval,
 * and stores those that have changed.  So the counters of an interface that
 * carries traffic come once in each round, and what they have grown by is what
 * it carried in one interval.  Nothing comes of an interface that is silent:
 * if others have had a round since, or two intervals have passed, it carries
 * nothing. */

#include <config.h>
#include "port-rate.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "openvswitch/uuid.h"
#include "switch-state.h"
#include "util.h"
#include "uuid.h"

/* Counters that come sooner than this after the last ones (milliseconds) say
 * little about a second. */
#define MIN_WINDOW 1000

struct port_history {
    struct uuid uuid;           /* Of the Interface row. */
    struct port_counts counts;
    enum port_counts_age age;   /* Of 'counts', when they came. */
    long long int at;           /* When that was. */
    bool known;                 /* Has 'rate' been measured? */
    struct port_rate rate;
};

void
port_rates_init(struct port_rates *r)
{
    memset(r, 0, sizeof *r);
    shash_init(&r->ports);
    r->interval = PORT_RATES_INTERVAL;
}

/* Forgets all interfaces. */
void
port_rates_clear(struct port_rates *r)
{
    shash_clear_free_data(&r->ports);
    r->round = 0;
}

/* Frees what 'r' holds, but not 'r' itself. */
void
port_rates_destroy(struct port_rates *r)
{
    shash_destroy_free_data(&r->ports);
}

/* vswitchd reads counters every 'msec' milliseconds, or as often as it can. */
void
port_rates_set_interval(struct port_rates *r, int64_t msec)
{
    r->interval = MAX(msec, PORT_RATES_INTERVAL);
}

static bool
has_restarted(const struct port_counts *old, const struct port_counts *new)
{
    return (new->from_packets < old->from_packets
            || new->from_bytes < old->from_bytes
            || new->to_packets < old->to_packets
            || new->to_bytes < old->to_bytes);
}

/* Over how many milliseconds was what 'h' has grown by at 'now'?  It was
 * silent before the last round, or else this would not have been the first
 * to tell. */
static int64_t
get_window(const struct port_rates *r, const struct port_history *h,
           long long int now)
{
    int64_t elapsed = now - h->at;

    return (h->age == PORT_COUNTS_OLD || elapsed > r->interval * 3 / 2
            ? r->interval : elapsed);
}

static void
measure(struct port_history *h, const struct port_counts *now, int64_t window)
{
    double seconds = window / 1000.0;

    h->known = true;
    h->rate = (struct port_rate) {
        .from_packets = ((now->from_packets - h->counts.from_packets)
                         / seconds),
        .from_bytes = (now->from_bytes - h->counts.from_bytes) / seconds,
        .to_packets = (now->to_packets - h->counts.to_packets) / seconds,
        .to_bytes = (now->to_bytes - h->counts.to_bytes) / seconds,
        .window = window,
    };
}

/* Takes the counters of the interface 'name', whose row is 'uuid', as they
 * came at 'now' (monotonic milliseconds).  Every change has to be given, when
 * it comes. */
void
port_rates_take(struct port_rates *r, const char *name,
                const struct uuid *uuid, const struct port_counts *counts,
                enum port_counts_age age, long long int now)
{
    struct port_history *h = shash_find_data(&r->ports, name);

    if (!h) {
        h = xzalloc(sizeof *h);
        shash_add(&r->ports, name, h);
    } else if (!uuid_equals(&h->uuid, uuid)
               || has_restarted(&h->counts, counts)) {
        h->known = false;
    } else if (get_window(r, h, now) < MIN_WINDOW) {
        return;
    } else {
        /* (The counters of a new interface come by themselves.) */
        measure(h, counts, get_window(r, h, now));
        r->round = now;
    }
    h->uuid = *uuid;
    h->counts = *counts;
    h->age = age;
    h->at = now;
}

/* The row 'uuid' of the interface 'name' is gone. */
void
port_rates_forget(struct port_rates *r, const char *name,
                  const struct uuid *uuid)
{
    struct shash_node *node = shash_find(&r->ports, name);
    struct port_history *h = node ? node->data : NULL;

    if (h && uuid_equals(&h->uuid, uuid)) {
        shash_delete(&r->ports, node);
        free(h);
    }
}

/* Returns true and in '*rate' what the interface 'name' carried when it was
 * last looked at, as far as that is known at 'now'; false if it is not known
 * yet. */
bool
port_rates_get(const struct port_rates *r, const char *name,
               long long int now, struct port_rate *rate)
{
    const struct port_history *h = shash_find_data(&r->ports, name);

    memset(rate, 0, sizeof *rate);
    if (!h) {
        return false;
    }
    if (r->round > h->at + r->interval / 2
        || now > h->at + 2 * r->interval) {
        rate->window = r->interval;
        return true;
    }
    *rate = h->rate;
    return h->known;
}

/* Adds up in '*sum' what the interfaces of 'port' carry.  Returns false if
 * that is not known of all of them at 'now'. */
bool
port_rates_sum(const struct port_rates *r, const struct switch_port *port,
               long long int now, struct port_rate *sum)
{
    memset(sum, 0, sizeof *sum);
    for (size_t i = 0; i < port->n_ifaces; i++) {
        struct port_rate rate;

        if (!port_rates_get(r, port->ifaces[i]->name, now, &rate)) {
            return false;
        }
        sum->from_packets += rate.from_packets;
        sum->from_bytes += rate.from_bytes;
        sum->to_packets += rate.to_packets;
        sum->to_bytes += rate.to_bytes;
        sum->window = MAX(sum->window, rate.window);
    }
    return port->n_ifaces > 0;
}
