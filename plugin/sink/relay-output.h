/* SPDX-License-Identifier: Apache-2.0 */

/* What the capture thread does with frames that are to be sent on: gathers
 * some, sends them at once, and counts those that the interface refused. */

#ifndef SPAN_SINK_RELAY_OUTPUT_H
#define SPAN_SINK_RELAY_OUTPUT_H 1

#include <stdint.h>

#include "capture-output.h"

struct accounting;
struct relay_port;
struct report;

/* All of this is lent; it must outlive the output. */
struct relay_output_config {
    struct relay_port *port;
    const char *name;           /* Of the port. */
    struct accounting *accounting;
    struct report *report;
    uint32_t snaplen;
};

struct relay_output;

extern const struct capture_output relay_output_class;

struct relay_output *relay_output_create(const struct relay_output_config *);
void relay_output_destroy(struct relay_output *);

/* For the main thread, which wakes the capture loop after it. */
void relay_output_set_byte_rate(struct relay_output *, uint64_t);

#endif /* plugin/sink/relay-output.h */
