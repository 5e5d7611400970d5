/* SPDX-License-Identifier: Apache-2.0 */

/* Looks for capture files where no recorder tells of them.
 *
 * Only child processes touch the disk, one at a time and for a limited time:
 * a disk that hangs means that what is known stays as it is. */

#ifndef SPAN_DAEMON_SINK_DIRS_H
#define SPAN_DAEMON_SINK_DIRS_H 1

struct recordings;
struct sink_dirs;

struct sink_dirs *sink_dirs_create(const char *program,
                                   const char *capture_dir,
                                   struct recordings *);
void sink_dirs_destroy(struct sink_dirs *);

void sink_dirs_scan(struct sink_dirs *);
void sink_dirs_run(struct sink_dirs *);
void sink_dirs_wait(const struct sink_dirs *);

#endif /* plugin/daemon/sink-dirs.h */
