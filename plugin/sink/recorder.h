/* SPDX-License-Identifier: Apache-2.0 */

/* The recorder: source, capture thread, segment ring, writer thread, keeper
 * thread, wired together.
 *
 *   kernel ring -> capture loop -> segment ring -> writer -> file -> keeper
 *
 * All of its functions are for the main thread, and none waits for a disk but
 * recorder_destroy(). */

#ifndef SPAN_SINK_RECORDER_H
#define SPAN_SINK_RECORDER_H 1

#include <stdint.h>

#include "fs-kind.h"

struct accounting_snapshot;
struct live_options;
struct recordings;
struct report;
struct sink_options;

struct recorder;

/* What is known once the recorder has started. */
struct recorder_info {
    unsigned int ifindex;
    uint64_t buffer;            /* Bytes of the kernel's ring obtained. */
    struct fs_decision fs;      /* Where files are; its kind may be NULL. */
    uint64_t disk_free;         /* Bytes there that it may still take, */
    uint64_t disk_size;         /* of so many; 0 = not known. */
    uint64_t started;           /* Nanoseconds since 1970. */
};

char *recorder_start(const struct sink_options *, struct report *,
                     struct recorder **);
void recorder_destroy(struct recorder *);

void recorder_configure(struct recorder *, const struct live_options *);
void recorder_rotate(struct recorder *);
void recorder_stop(struct recorder *);
void recorder_get_info(const struct recorder *, struct recorder_info *);
void recorder_get_counters(const struct recorder *,
                           struct accounting_snapshot *);
struct recordings *recorder_get_recordings(const struct recorder *);

#endif /* plugin/sink/recorder.h */
