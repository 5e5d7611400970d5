/* SPDX-License-Identifier: Apache-2.0 */

/* The service manager (systemd), see sd_notify(3) and service-notify.h. */

#include <config.h>

#include "plugin/daemon/service-notify.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef SPAN_LIBSYSTEMD
#include <systemd/sd-daemon.h>
#define CAN_TELL true
#else
#define CAN_TELL false
#endif

#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(service_notify);

#ifdef SPAN_LIBSYSTEMD
/* Tells the service manager 'message', a line VARIABLE=VALUE. */
static void
tell(const struct service_notify *sn, const char *message)
{
    int retval = sn->heard ? sd_notify(false, message) : 0;

    if (retval < 0) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

        VLOG_WARN_RL(&rl, "the service manager cannot be told \"%s\" (%s)",
                     message, ovs_strerror(-retval));
    }
}

/* Returns how long, in milliseconds, the service manager waits for a tick
 * before it takes this process to be stuck; 0 if it waits for none. */
static long long int
watchdog_period(void)
{
    uint64_t usec;

    return sd_watchdog_enabled(false, &usec) > 0 ? MAX(usec / 1000, 2) : 0;
}
#else  /* No libsystemd: nobody to tell. */
static void
tell(const struct service_notify *sn OVS_UNUSED,
     const char *message OVS_UNUSED)
{
}

static long long int
watchdog_period(void)
{
    return 0;
}
#endif

/* Initializes '*sn'.  To be called by the process that will turn the loop: a
 * tick of another one does not count. */
void
service_notify_init(struct service_notify *sn)
{
    *sn = (struct service_notify) {
        .heard = CAN_TELL && getenv("NOTIFY_SOCKET"),
        .interval = watchdog_period() / 2,
        .next_tick = time_msec(),
    };
}

void
service_notify_destroy(struct service_notify *sn)
{
    free(sn->status);
    sn->status = NULL;
}

/* The program has started, as far as others have to wait for it. */
void
service_notify_ready(const struct service_notify *sn)
{
    tell(sn, "READY=1");
}

/* It leaves, which may take a while. */
void
service_notify_stopping(struct service_notify *sn)
{
    if (!sn->stopping) {
        sn->stopping = true;
        tell(sn, "STOPPING=1");
    }
}

/* Tells 'status', a line, unless it was told last. */
void
service_notify_status(struct service_notify *sn, const char *status)
{
    char *message;

    if (sn->status && !strcmp(sn->status, status)) {
        return;
    }
    free(sn->status);
    sn->status = xstrdup(status);
    message = xasprintf("STATUS=%s", status);
    tell(sn, message);
    free(message);
}

/* Ticks when that is due.  So the loop ticks only as long as it turns. */
void
service_notify_run(struct service_notify *sn)
{
    long long int now = time_msec();

    if (sn->interval && now >= sn->next_tick) {
        tell(sn, "WATCHDOG=1");
        sn->next_tick = now + sn->interval;
    }
}

void
service_notify_wait(const struct service_notify *sn)
{
    if (sn->interval) {
        poll_timer_wait_until(sn->next_tick);
    }
}
