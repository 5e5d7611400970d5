/* SPDX-License-Identifier: Apache-2.0 */

/* Metrics for whoever asks a Unix socket for them by HTTP: "GET /metrics". */

#ifndef SPAN_DAEMON_METRICS_SOCKET_H
#define SPAN_DAEMON_METRICS_SOCKET_H 1

struct metrics_socket;
struct reconciler_status;

/* Clients at once; one more takes the place of the one that came first. */
#define METRICS_SOCKET_MAX_CLIENTS 32

/* Milliseconds that a client has to ask and to read. */
#define METRICS_SOCKET_PATIENCE 5000

struct metrics_socket *metrics_socket_create(const char *path);
void metrics_socket_destroy(struct metrics_socket *);
void metrics_socket_run(struct metrics_socket *,
                        const struct reconciler_status *);
void metrics_socket_wait(const struct metrics_socket *);

#endif /* plugin/daemon/metrics-socket.h */
