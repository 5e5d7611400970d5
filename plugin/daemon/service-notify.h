/* SPDX-License-Identifier: Apache-2.0 */

/* What the service manager is told: that ovs-spand has started, how it is,
 * that its loop turns, that it leaves.  All of it does nothing when no service
 * manager listens, or when built without libsystemd.
 *
 *     while (...) {
 *         ...
 *         service_notify_run(&sn);
 *         service_notify_wait(&sn);
 *         poll_block();
 *     }
 */

#ifndef SPAN_DAEMON_SERVICE_NOTIFY_H
#define SPAN_DAEMON_SERVICE_NOTIFY_H 1

#include <stdbool.h>

struct service_notify {
    bool heard;                 /* Does a service manager listen? */
    bool stopping;              /* Has it been told that we leave? */
    long long int interval;     /* Milliseconds between ticks; 0 = none. */
    long long int next_tick;    /* When the next one is due. */
    char *status;               /* Told last; NULL before the first. */
};

void service_notify_init(struct service_notify *);
void service_notify_destroy(struct service_notify *);

void service_notify_ready(const struct service_notify *);
void service_notify_stopping(struct service_notify *);
void service_notify_status(struct service_notify *, const char *status);

void service_notify_run(struct service_notify *);
void service_notify_wait(const struct service_notify *);

#endif /* plugin/daemon/service-notify.h */
