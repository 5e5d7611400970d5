/* SPDX-License-Identifier: Apache-2.0 */

/* The writer thread: takes segments from the ring and puts them into files.
 * When it cannot, it counts what is lost, says so, and tries again with the
 * next segment; it never makes the ring stand still for a full disk. */

#ifndef SPAN_SINK_WRITER_H
#define SPAN_SINK_WRITER_H 1

struct accounting;
struct capture_place;
struct keeper;
struct record_format;
struct recordings;
struct report;
struct segment_ring;

/* All of this is lent; it must outlive the writer. */
struct writer_config {
    struct segment_ring *ring;
    struct accounting *accounting;
    struct report *report;
    struct recordings *recordings;
    struct keeper *keeper;
    struct capture_place *place;
    const struct record_format *format;
};

struct writer;

struct writer *writer_start(const struct writer_config *);
void writer_join(struct writer *);

#endif /* plugin/sink/writer.h */
