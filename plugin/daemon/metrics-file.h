/* SPDX-License-Identifier: Apache-2.0 */

/* Metrics in a file, for the textfile collector of Prometheus's node
 * exporter. */

#ifndef SPAN_DAEMON_METRICS_FILE_H
#define SPAN_DAEMON_METRICS_FILE_H 1

struct metrics_file;
struct reconciler_status;

struct metrics_file *metrics_file_create(const char *path, int interval);
void metrics_file_destroy(struct metrics_file *);
void metrics_file_run(struct metrics_file *, const struct reconciler_status *);
void metrics_file_wait(const struct metrics_file *);

#endif /* plugin/daemon/metrics-file.h */
