/* SPDX-License-Identifier: Apache-2.0 */

/* Estimates in words.  See estimate.h. */

#include <config.h>
#include "estimate.h"

#include <inttypes.h>

#include "amount.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

static void
put_need(struct ds *ds, const struct estimate_end *end, double bytes)
{
    amount_put_scaled(ds, end->link ? bytes * 8 : bytes,
                      end->link ? "bit/s" : "B/s");
}

/* Appends what comes to 'end', which has a name like "sink:web". */
static void
put_end(struct ds *ds, const struct estimate_end *end)
{
    double need = end->own + end->others;

    ds_put_format(ds, "; %s: ", end->name);
    put_need(ds, end, need);
    if (end->through) {
        ds_put_format(ds, " through %s", end->through);
    }
    if (end->others) {
        ds_put_cstr(ds, end->link ? " with other traffic"
                    : " with other sessions");
    }
    if (end->capacity) {
        ds_put_cstr(ds, end->link ? " of " : ", cap ");
        put_need(ds, end, end->capacity);
    } else if (end->link) {
        ds_put_cstr(ds, ", of a link whose speed is not known");
    }
    if (estimate_end_is_over(end)) {
        double over = 100 * (need - end->capacity) / need;

        ds_put_format(ds, ": about %.0f %% would be %s", MAX(over, 1),
                      end->link ? "lost" : "left out");
    }
    if (end->room) {
        ds_put_format(ds, "; frames longer than %d bytes are cut", end->room);
    }
}

/* Appends the whole of 'e', which has ports, in one sentence without a full
 * stop. */
void
estimate_put(const struct estimate *e, struct ds *ds)
{
    if (e->n_unknown == e->n_ports) {
        ds_put_cstr(ds, "not known yet: Open vSwitch counts what ports carry "
                    "every few seconds, and has to do so twice");
        return;
    }
    ds_put_cstr(ds, "at most ");
    amount_put_count(ds, e->packets);
    ds_put_cstr(ds, " frames/s, ");
    amount_put_scaled(ds, e->bytes, "B/s");
    ds_put_format(ds, " (from %"PRIuSIZE" port%s, measured over %"PRId64" s",
                  e->n_ports - e->n_unknown,
                  e->n_ports - e->n_unknown == 1 ? "" : "s",
                  (e->window + 500) / 1000);
    if (e->filtered) {
        ds_put_cstr(ds, ", before any filter");
    }
    if (e->n_unknown) {
        ds_put_format(ds, "; of %"PRIuSIZE" more it is not known yet",
                      e->n_unknown);
    }
    ds_put_char(ds, ')');
    for (size_t i = 0; i < e->n_ends; i++) {
        put_end(ds, &e->ends[i]);
    }
}

/* Returns true, with 'fault' set, if more is to come than a destination can
 * take. */
bool
estimate_is_over(const struct estimate *e, struct fault *fault)
{
    for (size_t i = 0; i < e->n_ends; i++) {
        const struct estimate_end *end = &e->ends[i];

        if (estimate_end_is_over(end)) {
            struct ds ds = DS_EMPTY_INITIALIZER;

            estimate_put(e, &ds);
            fault_set(fault, "oversubscribed", "Estimate: %s.  Take less, "
                      "with rate=, snaplen= or fewer sources, or give %s "
                      "more%s.", ds_cstr(&ds), end->name,
                      end->link ? "" : " (byte_rate, or max_byte_rate of the "
                                       "host's policy)");
            ds_destroy(&ds);
            return true;
        }
    }
    return false;
}
