/* SPDX-License-Identifier: Apache-2.0 */

/* How many packets a recorder has lost, where, and what helps: sentences for
 * people out of the recorder's counters.  What is left out because a byte rate
 * was asked for (cap_drop) is no loss. */

#include <config.h>
#include "sink-loss.h"

#include <inttypes.h>
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "relay.h"
#include "smap.h"
#include "switch-state.h"
#include "util.h"

static const struct {
    const char *word;           /* For metrics. */
    const char *counter;
    const char *where;
    const char *advice;
} places[] = {
    [LOSS_PORT] = {
        "port", "port_drop", "before the capture port's queue",
        "Mirror less (filter=), or spread the sessions over several sinks." },
    [LOSS_KERNEL] = {
        "kernel", "ps_drop", "in the kernel's ring",
        "A larger buffer=, a capture_filter=, a smaller snaplen= or a faster "
        "disk helps." },
    [LOSS_RING] = {
        "ring", "ring_drop", "in the recorder's ring",
        "The disk is too slow: overload=wait lets the kernel's ring take up "
        "more, a smaller snaplen= or a faster disk helps." },
    [LOSS_DISK] = {
        "disk", "write_drop", "on the way to the disk",
        "Make room on it, or let on_full=ring, files= or max_bytes= do so; "
        "the recorder's log says what failed." },
    [LOSS_RELAY] = {
        "relay", "tx_drop", "on the way back to the switch", "" },
};

/* A relay has neither a disk nor a file. */
static const char relay_advice[] =
    "The host is too busy: let fewer copies come (filter=, a larger sample=).";

const char *
loss_place_to_string(enum loss_place place)
{
    return places[place].word;
}

/* Initializes '*loss' from a recorder's 'counters'. */
void
sink_loss_read(const struct smap *counters, struct sink_loss *loss)
{
    loss->total = 0;
    for (int i = 0; i < N_LOSS_PLACES; i++) {
        const char *value = smap_get_def(counters, places[i].counter, "0");

        loss->packets[i] = strtoull(value, NULL, 10);
        loss->total += loss->packets[i];
    }
}

/* Takes what 'before' has off '*loss', where that is not less. */
void
sink_loss_subtract(struct sink_loss *loss, const struct sink_loss *before)
{
    loss->total = 0;
    for (int i = 0; i < N_LOSS_PLACES; i++) {
        if (loss->packets[i] >= before->packets[i]) {
            loss->packets[i] -= before->packets[i];
        }
        loss->total += loss->packets[i];
    }
}

/* Returns where '*loss' was, such as "7 in the kernel's ring, 2 on the way to
 * the disk", for the caller to free. */
char *
sink_loss_places(const struct sink_loss *loss)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (int i = 0; i < N_LOSS_PLACES; i++) {
        if (loss->packets[i]) {
            ds_put_format(&ds, "%s%"PRIu64" %s", ds.length ? ", " : "",
                          loss->packets[i], places[i].where);
        }
    }
    return ds_steal_cstr(&ds);
}

static enum loss_place
worst_place(const struct sink_loss *loss)
{
    int worst = 0;

    for (int i = 1; i < N_LOSS_PLACES; i++) {
        if (loss->packets[i] > loss->packets[worst]) {
            worst = i;
        }
    }
    return worst;
}

/* Returns a sentence on what 'sink' has lost since its process began, and what
 * to do about it, for the caller to free. */
char *
sink_loss_sentence(const struct switch_sink *sink,
                   const struct sink_loss *loss)
{
    uint64_t came = (loss->packets[LOSS_PORT]
                     + smap_get_ullong(&sink->counters, "ps_recv", 0));
    char *where = sink_loss_places(loss);
    char *title = recorder_title(sink->name);
    char *sentence = xasprintf(
        "%s has lost %"PRIu64" of %"PRIu64" packets%s%s: %s.  %s",
        title, loss->total, came, *sink->since ? " since " : "",
        sink->since, where, (relay_session_name(sink->name)
                             ? relay_advice
                             : places[worst_place(loss)].advice));

    free(title);
    free(where);
    return sentence;
}
