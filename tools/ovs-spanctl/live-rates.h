/* SPDX-License-Identifier: Apache-2.0 */

/* Rates, from counters that a host writes now and then.
 *
 * A host looks at its counters each second, more rarely when it is busy, and
 * writes those that have changed, with the times of this look, the one before
 * and the next (Binding.counted in span.xml).  So what was added, was added
 * between the first two; and counters that do not come were not changed, once
 * the next look is overdue.
 *
 *     live_rates_take(&rates, &looks, values, now);
 *     ...
 *     if (live_rates_get(&rates, now, per_second)) ... */

#ifndef TOOLS_LIVE_RATES_H
#define TOOLS_LIVE_RATES_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rates are averages of this time, milliseconds: rules' counters lag behind
 * the packets by up to a second (OVS ofproto/ofproto-dpif-upcall.c). */
#define LIVE_RATES_WINDOW 5000

enum live_figure {
    LIVE_PACKETS,               /* Mirrored. */
    LIVE_BYTES,                 /* The same. */
    LIVE_WRITTEN,               /* Packets. */
    LIVE_LOST,                  /* Packets. */
    N_LIVE_FIGURES
};

/* When a host looks, milliseconds by its clock. */
struct live_looks {
    int64_t before, at, next;
};

/* What was added between two looks, which are times of the host. */
struct live_step {
    int64_t begin, end;
    uint64_t added[N_LIVE_FIGURES];
};

#define LIVE_RATES_STEPS 32

struct live_rates {
    struct live_step steps[LIVE_RATES_STEPS];
    size_t n;
    bool known;                 /* Is what follows? */
    uint64_t last[N_LIVE_FIGURES];
    int64_t first;              /* Time of the first values, by the host's
                                 * clock. */
    struct live_looks looks;    /* Of the last values. */
    long long int arrival;      /* When those came, by our clock. */
};

void live_rates_take(struct live_rates *, const struct live_looks *,
                     const uint64_t values[N_LIVE_FIGURES],
                     long long int now);
bool live_rates_get(const struct live_rates *, long long int now,
                    double per_second[N_LIVE_FIGURES]);

#endif /* tools/ovs-spanctl/live-rates.h */
