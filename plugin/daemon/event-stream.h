/* SPDX-License-Identifier: Apache-2.0 */

/* Lines of text for whoever connects to a Unix socket.  A reader that does not
 * keep up is dropped, never waited for. */

#ifndef SPAN_DAEMON_EVENT_STREAM_H
#define SPAN_DAEMON_EVENT_STREAM_H 1

#include <stdbool.h>

struct event_stream;

/* Readers at once. */
#define EVENT_STREAM_MAX_CLIENTS 64

/* Bytes that may wait for a reader, beside those of its first line. */
#define EVENT_STREAM_MAX_BACKLOG (1024 * 1024)

struct event_stream *event_stream_create(const char *path);
void event_stream_destroy(struct event_stream *);
bool event_stream_has_readers(const struct event_stream *);
bool event_stream_accept(struct event_stream *);
void event_stream_greet(struct event_stream *, const char *line);
void event_stream_send(struct event_stream *, const char *line);
void event_stream_run(struct event_stream *);
void event_stream_wait(struct event_stream *);

#endif /* plugin/daemon/event-stream.h */
