/* SPDX-License-Identifier: Apache-2.0 */

/* What a Binding row says of counts: written only where they have changed,
 * with the times from which rates can be had. */

#ifndef SPAN_DAEMON_BINDING_COUNTS_H
#define SPAN_DAEMON_BINDING_COUNTS_H 1

#include <stdbool.h>

struct smap;
struct spanrec_binding;

void binding_counts_write(const struct spanrec_binding *,
                          const struct smap *counters,
                          const struct smap *disk_free, bool times,
                          long long int before, long long int next);

#endif /* plugin/daemon/binding-counts.h */
