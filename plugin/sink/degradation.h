/* SPDX-License-Identifier: Apache-2.0 */

/* Says in words what a cap on bytes per second (byte-cap.h) does to the
 * frames. */

#ifndef SPAN_SINK_DEGRADATION_H
#define SPAN_SINK_DEGRADATION_H 1

#include <stdint.h>

struct byte_cap;
struct report;

/* The capture thread's; all zeros at first. */
struct degradation {
    unsigned int step;          /* Told last. */
    uint64_t rate;              /* Told with it. */
};

void degradation_tell(struct degradation *, const struct byte_cap *,
                      uint32_t snaplen, struct report *);
char *degradation_describe(const struct byte_cap *);

#endif /* plugin/sink/degradation.h */
