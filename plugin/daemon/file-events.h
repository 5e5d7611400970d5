/* SPDX-License-Identifier: Apache-2.0 */

/* Tells, as events, what becomes of capture files. */

#ifndef SPAN_DAEMON_FILE_EVENTS_H
#define SPAN_DAEMON_FILE_EVENTS_H 1

struct events;
struct recording;
struct recording_list;

void file_events_compare(struct events *, const char *sink, const char *dir,
                         const struct recording_list *old,
                         const struct recording_list *new);
void file_events_gaps(struct events *, const char *sink,
                      const struct recording *old,
                      const struct recording *new);

#endif /* plugin/daemon/file-events.h */
