/* SPDX-License-Identifier: Apache-2.0 */

/* The capture thread; see capture-loop.h. */

#include <config.h>

#include "capture-loop.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "accounting.h"
#include "capture-output.h"
#include "capture-source.h"
#include "plugin/record/record-util.h"
#include "report.h"

/* Idle or not, this often frames go to the file and time is looked at: a
 * reader sees a frame within a second. */
#define TICK_NS (250 * NSEC_PER_MSEC)

/* After the filter rejects everything, blocks are handed over for so long. */
#define DRAIN_NS (2 * CAPTURE_SOURCE_TIMEOUT_MS * NSEC_PER_MSEC)

/* Frames between two looks at the clock. */
#define DISPATCH_MAX 16384

struct capture_loop {
    struct capture_loop_config config;
    pthread_t thread;
    int wake_fd;
    sem_t go;
    bool started;               /* Set before 'go' if the thread is to run. */
    atomic_bool stop;           /* Asked by the main thread. */
    uint64_t next_tick;         /* Of the capture thread alone. */
};

/* Looks at everything but frames.  Returns false if the output is at its
 * end. */
static bool
tick(struct capture_loop *loop, uint64_t now)
{
    const struct capture_loop_config *c = &loop->config;

    loop->next_tick = now + TICK_NS;
    capture_source_count(c->source, c->accounting);
    return c->output->tick(c->output_aux, now);
}

/* Returns how many frames may still be taken. */
static uint64_t
get_room(const struct capture_loop *loop)
{
    const struct capture_loop_config *c = &loop->config;
    struct accounting_snapshot s;

    if (!c->count) {
        return UINT64_MAX;
    }
    accounting_read(c->accounting, &s);
    return c->count - s.queued;
}

/* Takes what is there.  Returns false if nothing was. */
static bool
take_frames(struct capture_loop *loop)
{
    const struct capture_loop_config *c = &loop->config;
    int max = REC_MIN(get_room(loop), (uint64_t) DISPATCH_MAX);
    int n = capture_source_dispatch(c->source, max, c->output->take,
                                    c->output_aux);

    c->output->settle(c->output_aux);
    return n > 0;
}

/* Waits until frames come, something is asked, or 'until'. */
static void
wait_for_frames(struct capture_loop *loop, uint64_t until)
{
    struct pollfd fds[] = {
        { .fd = loop->wake_fd, .events = POLLIN },
        { .fd = capture_source_fd(loop->config.source), .events = POLLIN },
    };
    uint64_t now = rec_time_monotonic();
    eventfd_t count;
    int timeout;

    if (until <= now) {
        return;
    }
    timeout = (until - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
    poll(fds, REC_ARRAY_SIZE(fds), timeout);
    if (fds[0].revents) {
        eventfd_read(loop->wake_fd, &count);
        loop->next_tick = 0;
    }
    if (fds[1].revents & ~POLLIN) {
        /* The interface went down.  libpcap takes note of that when it next
         * looks, but must not make us spin. */
        poll(fds, 1, 10);
    }
}

/* Lets nothing more in, takes what is in the ring, and ends the output. */
static void
finish(struct capture_loop *loop)
{
    const struct capture_loop_config *c = &loop->config;
    uint64_t deadline = rec_time_monotonic() + DRAIN_NS;

    capture_source_shut(c->source);
    while (get_room(loop)
           && (take_frames(loop) || rec_time_monotonic() < deadline)) {
        if (rec_time_monotonic() >= loop->next_tick) {
            tick(loop, rec_time_monotonic());
        }
        wait_for_frames(loop, rec_time_monotonic() + 10 * NSEC_PER_MSEC);
    }
    capture_source_count(c->source, c->accounting);
    c->output->end(c->output_aux);
}

static void *
capture_thread(void *loop_)
{
    struct capture_loop *loop = loop_;
    bool gone = false, over = false;

    while (sem_wait(&loop->go)) {
        /* Interrupted: nothing else can go wrong. */
    }
    if (!loop->started) {
        return NULL;
    }
    loop->config.output->begin(loop->config.output_aux, rec_time_monotonic());
    while (!atomic_load(&loop->stop) && !gone && !over && get_room(loop)) {
        bool busy = take_frames(loop);
        uint64_t now = rec_time_monotonic();

        if (now >= loop->next_tick) {
            over = !tick(loop, now);
            gone = capture_source_is_gone(loop->config.source);
        }
        if (!busy && !gone && !over) {
            wait_for_frames(loop, loop->next_tick);
        }
    }
    if (gone) {
        report_set_event(loop->config.report, REPORT_INTERFACE_GONE);
    }
    finish(loop);
    return NULL;
}

/* Takes real-time priority 'priority', if it is not 0, for the calling thread,
 * while it still may: the capture thread inherits it, and
 * capture_loop_create() gives it back.  Returns NULL or a sentence that the
 * caller must free. */
char *
capture_loop_take_priority(int priority)
{
    const struct sched_param param = { .sched_priority = priority };
    char buffer[128];

    if (!priority || !sched_setscheduler(0, SCHED_FIFO, &param)) {
        return NULL;
    }
    return rec_xasprintf("real-time priority %d cannot be had (%s): it needs "
                         "CAP_SYS_NICE, or RLIMIT_RTPRIO of %d", priority,
                         rec_strerror(errno, buffer, sizeof buffer),
                         priority);
}

/* Pins the thread about to be made, if asked to. */
static void
set_cpu(pthread_attr_t *attr, int cpu)
{
    cpu_set_t set;

    if (cpu >= 0) {
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        pthread_attr_setaffinity_np(attr, sizeof set, &set);
    }
}

/* Gives back what capture_loop_take_priority() took. */
static void
return_priority(int priority)
{
    const struct sched_param param = { 0 };

    if (priority) {
        sched_setscheduler(0, SCHED_OTHER, &param);
    }
}

/* Says that the thread cannot be made because of 'error'. */
static char *
describe_failure(const struct capture_loop_config *config, int error)
{
    char buffer[128];
    const char *text = rec_strerror(error, buffer, sizeof buffer);

    if (error == EINVAL && config->cpu >= 0) {
        return rec_xasprintf("the capture thread cannot run on processor %d: "
                             "there is none, or it is not ours",
                             config->cpu);
    }
    return rec_xasprintf("the capture thread cannot be started: %s", text);
}

/* Makes the thread, which waits for capture_loop_start().  Returns NULL and
 * stores in '*loopp' what the caller must capture_loop_join(), or returns a
 * sentence that it must free. */
char *
capture_loop_create(const struct capture_loop_config *config,
                    struct capture_loop **loopp)
{
    struct capture_loop *loop = rec_xcalloc(1, sizeof *loop);
    pthread_attr_t attr;
    int error;

    *loopp = NULL;
    loop->config = *config;
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    sem_init(&loop->go, 0, 0);

    pthread_attr_init(&attr);
    set_cpu(&attr, config->cpu);
    error = (loop->wake_fd < 0
             ? errno
             : pthread_create(&loop->thread, &attr, capture_thread, loop));
    pthread_attr_destroy(&attr);
    return_priority(config->priority);
    if (error) {
        if (loop->wake_fd >= 0) {
            close(loop->wake_fd);
        }
        sem_destroy(&loop->go);
        free(loop);
        return describe_failure(config, error);
    }
    *loopp = loop;
    return NULL;
}

/* Starts to capture. */
void
capture_loop_start(struct capture_loop *loop)
{
    loop->started = true;
    sem_post(&loop->go);
}

/* Waits for the thread's end, if it was started, and frees 'loop'. */
void
capture_loop_join(struct capture_loop *loop)
{
    if (loop) {
        if (!loop->started) {
            sem_post(&loop->go);
        }
        pthread_join(loop->thread, NULL);
        close(loop->wake_fd);
        sem_destroy(&loop->go);
        free(loop);
    }
}

/* Makes the thread look at once at what its output was asked to do. */
void
capture_loop_wake(struct capture_loop *loop)
{
    eventfd_write(loop->wake_fd, 1);
}

/* Ends the capture: everything that arrived is still passed on. */
void
capture_loop_stop(struct capture_loop *loop)
{
    atomic_store(&loop->stop, true);
    capture_loop_wake(loop);
}
