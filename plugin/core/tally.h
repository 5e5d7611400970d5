/* SPDX-License-Identifier: Apache-2.0 */

/* Counts that never go back, although rules are rewritten and recorders are
 * restarted, which both begin again with 0.
 *
 *     tally_update(&tally, &state, &wanted);     in each pass
 *     tally_fill(&tally, &wanted, &verdicts); */

#ifndef SPAN_CORE_TALLY_H
#define SPAN_CORE_TALLY_H 1

#include <stdint.h>
#include "openvswitch/hmap.h"
#include "openvswitch/shash.h"

struct switch_state;
struct verdicts;
struct wanted;

struct tally {
    struct hmap flows;          /* Rules seen, "struct flow_tally". */
    struct hmap sessions;       /* What rules that are gone had counted. */
    struct shash sinks;         /* Name to "struct sink_tally". */
};

void tally_init(struct tally *);
void tally_destroy(struct tally *);
void tally_update(struct tally *, const struct switch_state *,
                  const struct wanted *);
void tally_fill(const struct tally *, const struct wanted *,
                struct verdicts *);
uint64_t tally_mirrored_to(const struct wanted *, const struct verdicts *,
                           const char *sink);

#endif /* plugin/core/tally.h */
