/* SPDX-License-Identifier: Apache-2.0 */

/* The capture thread; see capture-loop.h. */

#include <config.h>

#include "capture-loop.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "accounting.h"
#include "capture-source.h"
#include "plugin/record/record-format.h"
#include "report.h"
#include "segment-ring.h"

/* Idle or not, this often frames go to the file and time is looked at: a
 * reader sees a frame within a second. */
#define TICK_NS (250 * NSEC_PER_MSEC)

/* A summary is written after this time if there were frames meanwhile. */
#define SUMMARY_NS (10 * NSEC_PER_SEC)

/* After the filter rejects everything, blocks are handed over for so long. */
#define DRAIN_NS (2 * CAPTURE_SOURCE_TIMEOUT_MS * NSEC_PER_MSEC)

/* Frames between two looks at the clock. */
#define DISPATCH_MAX 16384

#define WAIT_MS 100

struct capture_loop {
    struct capture_loop_config config;
    pthread_t thread;
    int wake_fd;

    /* Asked by the main thread. */
    atomic_bool stop;
    atomic_bool rotate;
    pthread_mutex_t mutex;
    struct rotation_limits limits;

    /* Of the capture thread alone. */
    struct segment *segment;    /* Being filled. */
    struct rotation rotation;
    uint64_t early;             /* Frames to skip. */
    uint64_t unnoted;           /* Losses for the next frame's record. */
    uint64_t delivered;         /* Not in 'config.accounting' yet. */
    uint64_t next_tick, next_summary;
    uint64_t summary_packets;   /* Delivered when the last was written. */
};

/* Tells the next frame what is known to be lost. */
static void
note_losses(struct capture_loop *loop)
{
    struct accounting_snapshot s;

    accounting_read(loop->config.accounting, &s);
    loop->unnoted = accounting_unnoted(&s);
}

/* Brings the counters up to date. */
static void
update_counters(struct capture_loop *loop)
{
    struct accounting *a = loop->config.accounting;
    uint64_t received, dropped;

    accounting_add(&a->delivered, loop->delivered);
    accounting_add(&a->queued, loop->delivered);
    loop->delivered = 0;
    capture_source_read_counters(loop->config.source, &received, &dropped);
    accounting_set(&a->ps_recv, received);
    accounting_set(&a->ps_drop, dropped);
    note_losses(loop);
}

/* Waits for a free segment, however long that takes. */
static struct segment *
wait_for_segment(struct capture_loop *loop)
{
    for (;;) {
        struct segment *s = segment_ring_get_free(loop->config.ring, WAIT_MS);

        if (s) {
            return s;
        }
        update_counters(loop);
    }
}

/* Passes the segment on.  The next one goes on where it ends: a file's pages
 * must each be whole in one segment, so what is beyond the last whole page is
 * there once more. */
static void
pass_on(struct capture_loop *loop)
{
    const struct segment *old = loop->segment;
    size_t carry = old->last ? 0 : old->len % SEGMENT_PAGE;
    const uint8_t *tail = old->data + old->len - carry;
    struct segment *new;

    segment_ring_put_filled(loop->config.ring);
    new = wait_for_segment(loop);
    memcpy(new->data, tail, carry);
    new->carry = new->len = carry;
    loop->segment = new;
}

/* Starts a file in the segment, which must be empty. */
static void
start_file(struct capture_loop *loop, uint64_t now)
{
    const struct capture_loop_config *c = &loop->config;
    struct segment *s = loop->segment;

    memcpy(s->data, c->header, c->header_len);
    s->len = c->header_len;
    s->first = true;
    rotation_open(&loop->rotation, now, c->header_len,
                  c->format->summary ? RECORD_SUMMARY_MAX : 0);
}

/* Lays the counters into the file.  There is always room for them. */
static void
put_summary(struct capture_loop *loop)
{
    const struct capture_loop_config *c = &loop->config;
    struct segment *s = loop->segment;
    struct accounting_snapshot a;
    size_t n;

    if (!c->format->summary) {
        return;
    }
    update_counters(loop);
    accounting_read(c->accounting, &a);
    n = c->format->summary(s->data + s->len, &(struct record_summary) {
        .start = c->started,
        .end = rec_time_wall(),
        .received = a.ps_recv,
        .dropped = a.ps_drop,
        .delivered = a.queued - a.write_drop,
    });
    s->len += n;
    loop->rotation.bytes += n;
    loop->summary_packets = a.delivered;
}

/* Ends the file and starts the next one. */
static void
rotate(struct capture_loop *loop)
{
    put_summary(loop);
    loop->segment->last = true;
    pass_on(loop);
    start_file(loop, rec_time_monotonic());
    if (segment_ring_has_free(loop->config.ring)) {
        /* So that there is always an open file to be seen. */
        pass_on(loop);
    }
}

/* Notes in 's' that it has got 'packet'. */
static void
describe(struct segment *s, const struct record_packet *packet)
{
    if (!s->packets++ || packet->time < s->first_time) {
        s->first_time = packet->time;
    }
    if (packet->time > s->last_time) {
        s->last_time = packet->time;
    }
    if (packet->dropcount) {
        s->dropcount += packet->dropcount;
        s->gaps++;
    }
}

/* Takes one frame.  Called by libpcap. */
static void
take_frame(u_char *loop_, const struct pcap_pkthdr *h, const u_char *data)
{
    struct capture_loop *loop = (struct capture_loop *) loop_;
    const struct record_format *format = loop->config.format;
    struct record_packet packet = {
        .data = data,
        .time = h->ts.tv_sec * NSEC_PER_SEC + h->ts.tv_usec,
        .dropcount = format->summary ? loop->unnoted : 0,
        .caplen = REC_MIN(h->caplen, loop->config.snaplen),
        .len = h->len,
    };
    struct segment *s;
    size_t size;

    if (loop->early) {
        loop->early--;
        return;
    }
    size = format->packet_size(packet.caplen, packet.dropcount);
    if (rotation_due_before(&loop->rotation, size)) {
        rotate(loop);
    }
    if (loop->segment->len + size + RECORD_SUMMARY_MAX
        > segment_ring_size(loop->config.ring)) {
        pass_on(loop);
    }

    s = loop->segment;
    format->packet(s->data + s->len, &packet);
    s->len += size;
    describe(s, &packet);
    if (packet.dropcount) {
        accounting_add(&loop->config.accounting->noted, packet.dropcount);
        loop->unnoted = 0;
    }
    rotation_add(&loop->rotation, size);
    loop->delivered++;
}

/* Does what is to be done now and then, also when no frames come. */
static void
tick(struct capture_loop *loop, uint64_t now)
{
    loop->next_tick = now + TICK_NS;
    update_counters(loop);

    pthread_mutex_lock(&loop->mutex);
    loop->rotation.limits = loop->limits;
    pthread_mutex_unlock(&loop->mutex);

    if (atomic_exchange(&loop->rotate, false)
        || rotation_due_on_time(&loop->rotation, now)) {
        rotate(loop);
    } else if (now >= loop->next_summary) {
        struct accounting_snapshot a;

        loop->next_summary = now + SUMMARY_NS;
        accounting_read(loop->config.accounting, &a);
        if (a.delivered != loop->summary_packets) {
            put_summary(loop);
        }
    }

    /* If the writer is behind, it has enough to do: the segment can wait, and
     * what matters is to take frames. */
    if (loop->segment->len > loop->segment->carry
        && segment_ring_has_free(loop->config.ring)) {
        pass_on(loop);
    }
}

/* Takes what is there.  Returns false if nothing was. */
static bool
take_frames(struct capture_loop *loop)
{
    note_losses(loop);
    return capture_source_dispatch(loop->config.source, DISPATCH_MAX,
                                   take_frame, (u_char *) loop) > 0;
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

/* Lets nothing more in, takes what is in the ring, and ends the last file. */
static void
finish(struct capture_loop *loop)
{
    uint64_t deadline = rec_time_monotonic() + DRAIN_NS;

    capture_source_shut(loop->config.source);
    while (take_frames(loop) || rec_time_monotonic() < deadline) {
        if (rec_time_monotonic() >= loop->next_tick) {
            tick(loop, rec_time_monotonic());
        }
        wait_for_frames(loop, rec_time_monotonic() + 10 * NSEC_PER_MSEC);
    }
    put_summary(loop);
    update_counters(loop);
    loop->segment->last = true;
    loop->segment->end = true;
    segment_ring_put_filled(loop->config.ring);
}

static void *
capture_thread(void *loop_)
{
    struct capture_loop *loop = loop_;
    bool gone = false;

    loop->segment = wait_for_segment(loop);
    start_file(loop, rec_time_monotonic());
    loop->next_summary = rec_time_monotonic() + SUMMARY_NS;
    while (!atomic_load(&loop->stop) && !gone) {
        bool busy = take_frames(loop);
        uint64_t now = rec_time_monotonic();

        if (now >= loop->next_tick) {
            tick(loop, now);
            gone = capture_source_is_gone(loop->config.source);
        }
        if (!busy && !gone) {
            wait_for_frames(loop, loop->next_tick);
        }
    }
    if (gone) {
        report_set_event(loop->config.report, REPORT_INTERFACE_GONE);
    }
    finish(loop);
    return NULL;
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

/* Starts the thread.  Returns NULL if it cannot be started (for example,
 * because the processor asked for does not exist); otherwise the caller must
 * capture_loop_join() it. */
struct capture_loop *
capture_loop_start(const struct capture_loop_config *config,
                   const struct rotation_limits *limits)
{
    struct capture_loop *loop = rec_xcalloc(1, sizeof *loop);
    pthread_attr_t attr;
    int error;

    loop->config = *config;
    loop->limits = loop->rotation.limits = *limits;
    loop->early = capture_source_early(config->source);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&loop->mutex, NULL);

    pthread_attr_init(&attr);
    set_cpu(&attr, config->cpu);
    error = (loop->wake_fd < 0
             ? -1
             : pthread_create(&loop->thread, &attr, capture_thread, loop));
    pthread_attr_destroy(&attr);
    if (error) {
        if (loop->wake_fd >= 0) {
            close(loop->wake_fd);
        }
        pthread_mutex_destroy(&loop->mutex);
        free(loop);
        return NULL;
    }
    return loop;
}

/* Waits for the thread's end and frees 'loop'. */
void
capture_loop_join(struct capture_loop *loop)
{
    if (loop) {
        pthread_join(loop->thread, NULL);
        close(loop->wake_fd);
        pthread_mutex_destroy(&loop->mutex);
        free(loop);
    }
}

static void
wake(struct capture_loop *loop)
{
    eventfd_write(loop->wake_fd, 1);
}

/* From now on files end at 'limits'. */
void
capture_loop_set_limits(struct capture_loop *loop,
                        const struct rotation_limits *limits)
{
    pthread_mutex_lock(&loop->mutex);
    loop->limits = *limits;
    pthread_mutex_unlock(&loop->mutex);
    wake(loop);
}

/* Ends the open file soon and starts the next one. */
void
capture_loop_rotate(struct capture_loop *loop)
{
    atomic_store(&loop->rotate, true);
    wake(loop);
}

/* Ends the capture: everything that arrived is still passed on. */
void
capture_loop_stop(struct capture_loop *loop)
{
    atomic_store(&loop->stop, true);
    wake(loop);
}
