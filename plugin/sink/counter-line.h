/* SPDX-License-Identifier: Apache-2.0 */

/* The line of counters that a person at a terminal sees. */

#ifndef SPAN_SINK_COUNTER_LINE_H
#define SPAN_SINK_COUNTER_LINE_H 1

#include <stdbool.h>
#include <stdint.h>

struct accounting_snapshot;
struct counter_line;

struct counter_line *counter_line_create(bool in_place);
void counter_line_update(struct counter_line *,
                         const struct accounting_snapshot *, uint64_t now);
void counter_line_clear(struct counter_line *);
void counter_line_finish(struct counter_line *,
                         const struct accounting_snapshot *);
void counter_line_destroy(struct counter_line *);

#endif /* plugin/sink/counter-line.h */
