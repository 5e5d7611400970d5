/* SPDX-License-Identifier: Apache-2.0 */

/* Tells programs on this host what happens, as lines of JSON: readers of the
 * socket span-events.sock, and the policy's hooks.
 *
 * doc/span-events.schema.json says what is in a line. */

#ifndef SPAN_DAEMON_EVENT_FEED_H
#define SPAN_DAEMON_EVENT_FEED_H 1

struct event_feed;
struct events;
struct pass;

struct event_feed *event_feed_create(struct events *, const char *run_dir,
                                     const char *hooks_dir);
void event_feed_destroy(struct event_feed *);
void event_feed_set_host(struct event_feed *, const char *system_id,
                         const char *name);
void event_feed_update(struct event_feed *, const struct pass *);
void event_feed_run(struct event_feed *);
void event_feed_wait(struct event_feed *);

#endif /* plugin/daemon/event-feed.h */
