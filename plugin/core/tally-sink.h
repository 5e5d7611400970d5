/* SPDX-License-Identifier: Apache-2.0 */

/* The part of a tally that is of recorders and relays. */

#ifndef SPAN_CORE_TALLY_SINK_H
#define SPAN_CORE_TALLY_SINK_H 1

#include <stdint.h>

struct shash;
struct smap;
struct switch_state;
struct wanted;
struct wanted_session;

void tally_add_counter(struct smap *, const char *key, uint64_t value);
void tally_sinks_update(struct shash *, const struct switch_state *,
                        const struct wanted *);
void tally_sinks_fill(const struct shash *, const struct wanted_session *,
                      struct smap *counters);
void tally_sinks_clear(struct shash *);

#endif /* plugin/core/tally-sink.h */
