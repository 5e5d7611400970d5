/* SPDX-License-Identifier: Apache-2.0 */

/* Programs of a directory that are run for each event. */

#ifndef SPAN_DAEMON_EVENT_HOOKS_H
#define SPAN_DAEMON_EVENT_HOOKS_H 1

struct event_hooks;

struct event_hooks *event_hooks_create(const char *dir);
void event_hooks_destroy(struct event_hooks *);
void event_hooks_add(struct event_hooks *, const char *line);
void event_hooks_run(struct event_hooks *);
void event_hooks_wait(const struct event_hooks *);

#endif /* plugin/daemon/event-hooks.h */
