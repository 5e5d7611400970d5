/* SPDX-License-Identifier: Apache-2.0 */

/* Keeps the counters of the capture interface up to date; see
 * port-watch.h. */

#include <config.h>

#include "port-watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "accounting.h"
#include "plugin/record/record-util.h"
#include "port-counters.h"

#define PERIOD_NS (500 * NSEC_PER_MSEC)

struct port_watch {
    struct port_counters *counters;
    struct accounting *accounting;
    bool filtered;
    pthread_t thread;
    bool joined;

    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool finish;
};

static void
update(struct port_watch *w)
{
    struct port_totals totals;

    port_counters_read(w->counters, &totals);
    accounting_set(&w->accounting->port_drop, totals.drop);
    if (w->filtered) {
        accounting_set(&w->accounting->rx, totals.rx);
    }
}

/* Waits for a while.  Returns false if it is time to finish. */
static bool
wait_a_while(struct port_watch *w)
{
    uint64_t until = rec_time_monotonic() + PERIOD_NS;
    struct timespec ts = {
        .tv_sec = until / NSEC_PER_SEC,
        .tv_nsec = until % NSEC_PER_SEC,
    };
    bool finish;

    pthread_mutex_lock(&w->mutex);
    while (!w->finish
           && !pthread_cond_timedwait(&w->wake, &w->mutex, &ts)) {
        continue;
    }
    finish = w->finish;
    pthread_mutex_unlock(&w->mutex);
    return !finish;
}

static void *
port_watch_thread(void *w_)
{
    struct port_watch *w = w_;

    while (wait_a_while(w)) {
        update(w);
    }
    update(w);
    return NULL;
}

/* Starts to keep 'accounting' up to date from 'counters', which are both lent.
 * If not 'filtered', every frame that the interface took is counted further on
 * anyway, and better: a card may take several and make one frame of them.
 * Returns NULL if the thread cannot be started. */
struct port_watch *
port_watch_start(struct port_counters *counters, struct accounting *accounting,
                 bool filtered)
{
    struct port_watch *w = rec_xcalloc(1, sizeof *w);
    pthread_condattr_t attr;

    w->counters = counters;
    w->accounting = accounting;
    w->filtered = filtered;
    pthread_mutex_init(&w->mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&w->thread, NULL, port_watch_thread, w)) {
        w->joined = true;
        port_watch_destroy(w);
        return NULL;
    }
    return w;
}

/* Looks a last time, and ends the thread.  After that frames that still arrive
 * are not counted. */
void
port_watch_finish(struct port_watch *w)
{
    if (!w->joined) {
        pthread_mutex_lock(&w->mutex);
        w->finish = true;
        pthread_cond_signal(&w->wake);
        pthread_mutex_unlock(&w->mutex);
        pthread_join(w->thread, NULL);
        w->joined = true;
    }
}

/* Ends 'w', which no thread may use any more, and frees it. */
void
port_watch_destroy(struct port_watch *w)
{
    if (w) {
        port_watch_finish(w);
        pthread_cond_destroy(&w->wake);
        pthread_mutex_destroy(&w->mutex);
        free(w);
    }
}
