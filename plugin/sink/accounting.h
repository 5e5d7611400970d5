/* SPDX-License-Identifier: Apache-2.0 */

/* Where did every packet go?  At all times this holds:
 *
 *     rx        = filter_reject + ps_recv
 *     ps_recv   = ps_drop + delivered + undelivered
 *     ps_drop + ring_drop + cap_drop + write_drop
 *               = noted + accounting_unnoted()
 *
 * and at rest (stopped and drained) also:
 *
 *     undelivered = 0
 *     delivered   = queued + ring_drop + cap_drop
 *     queued      = written + write_drop, or of a relay: relayed + tx_drop
 *
 * What was lost at the port ('port_drop') comes before 'rx'.  'noted' is the
 * sum of the epb_dropcount options in the files; for classic pcap, which has
 * none, manifests note the same.  Each counter has one thread that adds to it
 * ('noted' two) and any number of readers. */

#ifndef SPAN_SINK_ACCOUNTING_H
#define SPAN_SINK_ACCOUNTING_H 1

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Every counter of packets, bytes or files, in the order of their way; those
 * that follow from the others are ACCOUNTING_DERIVED. */
#define ACCOUNTING_COUNTERS                                                   \
    ACCOUNTING_COUNTER(rx)          /* Arrived at the interface. */           \
    ACCOUNTING_COUNTER(port_drop)   /* Lost there, before that. */            \
    ACCOUNTING_DERIVED(filter_reject) /* Did not pass the filter. */          \
    ACCOUNTING_COUNTER(ps_recv)     /* Passed the filter in the kernel. */    \
    ACCOUNTING_COUNTER(ps_drop)     /* Of these: no room in its ring. */      \
    ACCOUNTING_COUNTER(delivered)   /* Handed to the capture thread. */       \
    ACCOUNTING_DERIVED(undelivered) /* In the kernel's ring still. */         \
    ACCOUNTING_COUNTER(queued)      /* Laid into a segment. */                \
    ACCOUNTING_COUNTER(ring_drop)   /* No segment was free. */                \
    ACCOUNTING_COUNTER(cap_drop)    /* Left out to keep a rate of bytes. */   \
    ACCOUNTING_COUNTER(written)     /* In a file. */                          \
    ACCOUNTING_COUNTER(write_drop)  /* Lost on the way to the file. */        \
    ACCOUNTING_COUNTER(bytes)       /* Of all files. */                       \
    ACCOUNTING_COUNTER(files)       /* Opened so far. */                      \
    ACCOUNTING_COUNTER(noted)       /* Losses noted in the files. */

/* Those of a relay alone, in place of files. */
#define ACCOUNTING_RELAY_COUNTERS                                           \
    ACCOUNTING_COUNTER(before)      /* Had arrived before it began. */      \
    ACCOUNTING_COUNTER(relayed)     /* Sent on. */                          \
    ACCOUNTING_COUNTER(tx_drop)     /* Refused by the interface. */

/* The live counters, shared by all threads.  'rx' stays 0 if every frame
 * passes the filter. */
struct accounting {
#define ACCOUNTING_COUNTER(NAME) _Atomic uint64_t NAME;
#define ACCOUNTING_DERIVED(NAME)
    ACCOUNTING_COUNTERS
    ACCOUNTING_RELAY_COUNTERS
#undef ACCOUNTING_DERIVED
#undef ACCOUNTING_COUNTER
};

/* The same at one moment. */
struct accounting_snapshot {
#define ACCOUNTING_COUNTER(NAME) uint64_t NAME;
#define ACCOUNTING_DERIVED(NAME) uint64_t NAME;
    ACCOUNTING_COUNTERS
    ACCOUNTING_RELAY_COUNTERS
#undef ACCOUNTING_DERIVED
#undef ACCOUNTING_COUNTER
};

/* A 64-bit counter that follows a 32-bit one, as the kernel's and libpcap's
 * are; right as long as it is looked at more often than that one wraps. */
struct accounting_counter32 {
    uint32_t last;
    uint64_t total;
};

void accounting_counter32_start(struct accounting_counter32 *, uint32_t now);
uint64_t accounting_counter32_update(struct accounting_counter32 *,
                                     uint32_t now);

void accounting_read(const struct accounting *, struct accounting_snapshot *);
void accounting_subtract(struct accounting_snapshot *,
                         const struct accounting_snapshot *);
uint64_t accounting_lost(const struct accounting_snapshot *);
uint64_t accounting_unnoted(const struct accounting_snapshot *);
bool accounting_balances(const struct accounting_snapshot *);

/* Adds 'n' to '*counter'. */
static inline void
accounting_add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* Subtracts 'n' from '*counter'. */
static inline void
accounting_sub(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_sub_explicit(counter, n, memory_order_relaxed);
}

/* Sets '*counter' to 'n'. */
static inline void
accounting_set(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_store_explicit(counter, n, memory_order_relaxed);
}

#endif /* plugin/sink/accounting.h */
