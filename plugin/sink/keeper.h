/* SPDX-License-Identifier: Apache-2.0 */

/* The housekeeping thread: everything about files that may take its time.
 * It brings complete files to the disk and gives them their names, writes
 * their manifests, mends what a killed recorder left open, deletes the oldest
 * files, and watches the free space. */

#ifndef SPAN_SINK_KEEPER_H
#define SPAN_SINK_KEEPER_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive.h"

struct capture_file;
struct capture_place;
struct recordings;
struct report;
struct sink_options;

/* All of this is lent; it must outlive the keeper. */
struct keeper_config {
    struct capture_place *place;
    struct report *report;
    struct recordings *recordings;
    const struct sink_options *options; /* What never changes of it. */
};

struct keeper;

/* What may change while the keeper runs. */
struct keeper_limits {
    struct retention_limits retention;
    struct archive_wish wish;
    uint64_t file_max;          /* The most bytes that a file will have, or
                                 * 0. */
};

struct keeper *keeper_start(const struct keeper_config *,
                            const struct keeper_limits *);
void keeper_join(struct keeper *);

/* For the main thread. */
void keeper_set_limits(struct keeper *, const struct keeper_limits *);

/* For the writer. */
struct capture_file *keeper_take_file(struct keeper *);
void keeper_file_opened(struct keeper *);
void keeper_file_grew(struct keeper *, uint64_t size);
void keeper_press(struct keeper *, bool);
void keeper_close(struct keeper *, struct capture_file *);
bool keeper_make_room(struct keeper *);
bool keeper_is_starved(const struct keeper *);
void keeper_get_disk(const struct keeper *, uint64_t *free_bytes,
                     uint64_t *size);
uint64_t keeper_room(const struct keeper *);
bool keeper_stops_when_full(const struct keeper *);
void keeper_finish(struct keeper *);

#endif /* plugin/sink/keeper.h */
