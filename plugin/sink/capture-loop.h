/* SPDX-License-Identifier: Apache-2.0 */

/* The capture thread: takes frames from the source as they come and gives them
 * to an output, looks at the clock and the kernel's counters now and then, and
 * at the end drains what is in the kernel's ring.  It waits for nothing but
 * frames and, if that is how the output deals with being full, for the
 * output; the kernel's ring then takes the frames. */

#ifndef SPAN_SINK_CAPTURE_LOOP_H
#define SPAN_SINK_CAPTURE_LOOP_H 1

#include <stdint.h>

struct accounting;
struct capture_output;
struct capture_source;
struct report;

/* All of this is lent; it must outlive the loop. */
struct capture_loop_config {
    struct capture_source *source;
    const struct capture_output *output;
    void *output_aux;
    struct accounting *accounting;
    struct report *report;
    uint64_t count;             /* End after so many frames; 0: never. */
    int cpu;                    /* To run on, or -1. */
    int priority;               /* As taken by us, or 0. */
};

struct capture_loop;

char *capture_loop_take_priority(int priority);
char *capture_loop_create(const struct capture_loop_config *,
                          struct capture_loop **);
void capture_loop_start(struct capture_loop *);
void capture_loop_join(struct capture_loop *);

void capture_loop_wake(struct capture_loop *);
void capture_loop_stop(struct capture_loop *);

#endif /* plugin/sink/capture-loop.h */
