/* SPDX-License-Identifier: Apache-2.0 */

/* What the capture thread does with frames that are to be recorded: lays their
 * records straight into segments, cuts these into files, and passes them on to
 * the writer.  It opens, writes and waits for nothing but a free segment, and
 * not for that either if it was told to leave frames out instead. */

#ifndef SPAN_SINK_FILE_OUTPUT_H
#define SPAN_SINK_FILE_OUTPUT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture-output.h"
#include "rotation.h"

struct accounting;
struct capture_source;
struct file_headers;
struct record_format;
struct report;
struct segment_ring;

/* All of this is lent; it must outlive the output. */
struct file_output_config {
    struct capture_source *source;
    struct segment_ring *ring;
    struct accounting *accounting;
    struct report *report;
    const struct record_format *format;
    struct file_headers *headers;
    uint32_t snaplen;
    bool drop;                  /* With no segment free, leave frames out;
                                 * otherwise the kernel's ring takes them. */
    bool noting;                /* Losses are noted, in the file or in its
                                 * manifest. */
    uint64_t started;           /* Nanoseconds since 1970. */
};

struct file_output;

extern const struct capture_output file_output_class;

struct file_output *file_output_create(const struct file_output_config *,
                                       const struct rotation_limits *);
void file_output_destroy(struct file_output *);

/* For the main thread, which wakes the capture loop after these. */
void file_output_set_limits(struct file_output *,
                            const struct rotation_limits *);
void file_output_set_byte_rate(struct file_output *, uint64_t);
void file_output_rotate(struct file_output *);

#endif /* plugin/sink/file-output.h */
