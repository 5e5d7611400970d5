/* SPDX-License-Identifier: Apache-2.0 */

/* The ways by which metrics leave the daemon unasked for by ovs-appctl. */

#ifndef SPAN_DAEMON_METRICS_EXPORT_H
#define SPAN_DAEMON_METRICS_EXPORT_H 1

struct metrics_file;
struct metrics_socket;
struct reconciler;

struct metrics_export {
    const struct reconciler *reconciler;
    struct metrics_socket *socket;      /* NULL = none. */
    struct metrics_file *file;          /* NULL = none. */
};

void metrics_export_init(struct metrics_export *, const struct reconciler *,
                         const char *socket, const char *file, int interval);
void metrics_export_destroy(struct metrics_export *);
void metrics_export_run(struct metrics_export *);
void metrics_export_wait(const struct metrics_export *);

#endif /* plugin/daemon/metrics-export.h */
