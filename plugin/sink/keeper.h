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

#include "retention.h"

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

struct keeper *keeper_start(const struct keeper_config *,
                            const struct retention_limits *,
                            uint64_t file_max);
void keeper_join(struct keeper *);

/* For the main thread. */
void keeper_set_limits(struct keeper *, const struct retention_limits *,
                       uint64_t file_max);

/* For the writer. */
struct capture_file *keeper_take_file(struct keeper *);
void keeper_file_opened(struct keeper *);
void keeper_file_grew(struct keeper *, uint64_t size);
void keeper_close(struct keeper *, struct capture_file *);
bool keeper_make_room(struct keeper *);
bool keeper_is_starved(const struct keeper *);
uint64_t keeper_room(const struct keeper *);
bool keeper_stops_when_full(const struct keeper *);
void keeper_finish(struct keeper *);

#endif /* plugin/sink/keeper.h */
