/* SPDX-License-Identifier: Apache-2.0 */

/* What happened: a bounded queue of events on their way into table Event, and
 * the bound on what this host keeps there; and who listens to them. */

#ifndef SPAN_DAEMON_EVENTS_H
#define SPAN_DAEMON_EVENTS_H 1

#include <stddef.h>
#include "openvswitch/compiler.h"

struct events;
struct json;
struct ovsdb_idl;
struct ovsdb_idl_txn;

/* Event rows that a host keeps. */
#define EVENTS_MAX_ROWS 1000

struct events *events_create(void);
void events_destroy(struct events *);
void events_add(struct events *, const char *session, const char *kind,
                struct json *more, const char *format, ...)
    OVS_PRINTF_FORMAT(5, 6);
void events_tell(struct events *, const char *session, const char *kind,
                 struct json *more, const char *format, ...)
    OVS_PRINTF_FORMAT(5, 6);

/* Gets each event as soon as it happens: a JSON object that it may add to. */
typedef void events_listener(struct json *, void *aux);
void events_listen(struct events *, events_listener *, void *aux);
size_t events_pending(const struct events *);
size_t events_write(const struct events *, struct ovsdb_idl_txn *,
                    const char *host);
void events_written(struct events *, size_t n);

void event_row_insert(struct ovsdb_idl_txn *, const char *host,
                      const char *session, const char *kind,
                      const char *detail);
size_t events_prune(struct ovsdb_idl *, const char *host);

#endif /* plugin/daemon/events.h */
