/* SPDX-License-Identifier: Apache-2.0 */

/* How many packets a recorder has lost, and where. */

#ifndef SPAN_CORE_SINK_LOSS_H
#define SPAN_CORE_SINK_LOSS_H 1

#include <stdint.h>

struct smap;
struct switch_sink;

/* In the order of the packets' way. */
enum loss_place {
    LOSS_PORT,                  /* port_drop */
    LOSS_KERNEL,                /* ps_drop */
    LOSS_RING,                  /* ring_drop */
    LOSS_DISK,                  /* write_drop */
    LOSS_RELAY,                 /* tx_drop */
    N_LOSS_PLACES
};

struct sink_loss {
    uint64_t packets[N_LOSS_PLACES];
    uint64_t total;
};

void sink_loss_read(const struct smap *counters, struct sink_loss *);
void sink_loss_subtract(struct sink_loss *, const struct sink_loss *);
char *sink_loss_places(const struct sink_loss *);
char *sink_loss_sentence(const struct switch_sink *, const struct sink_loss *);
const char *loss_place_to_string(enum loss_place);

#endif /* plugin/core/sink-loss.h */
