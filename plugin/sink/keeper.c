/* SPDX-License-Identifier: Apache-2.0 */

/* The housekeeping thread; see keeper.h. */

#include <config.h>

#include "keeper.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "archive.h"
#include "capture-file.h"
#include "capture-place.h"
#include "packer.h"
#include "plugin/record/record-util.h"
#include "report.h"

/* Files that may wait to be closed before the writer has to wait too. */
#define QUEUE_MAX 64

/* Free space is looked at this often. */
#define PERIOD_NS NSEC_PER_SEC

/* The writer waits so long for files to be deleted: meanwhile the rings take
 * the frames. */
#define ROOM_NS (500 * NSEC_PER_MSEC)

/* So much time there is at the end for sums of closed files, and so often it
 * is looked whether they are done.  ovs-spand waits longer. */
#define FINISH_NS (3 * NSEC_PER_SEC)
#define SHORT_NS (10 * NSEC_PER_MSEC)

#define NICE 10

struct keeper {
    struct report *report;
    pthread_t thread;

    pthread_mutex_t mutex;
    pthread_cond_t wake;        /* Something for the keeper to do. */
    pthread_cond_t done;        /* Something was done. */
    struct capture_file *queue[QUEUE_MAX];
    size_t n_queued;
    struct keeper_limits limits;
    bool open_ahead;            /* Asked for: the next file. */
    bool make_room;             /* Asked for. */
    bool made_room;             /* The answer to that. */
    bool finish;
    uint64_t deadline;          /* Monotonic time, once all is closed. */

    atomic_bool open;           /* Is a file open? */
    _Atomic uint64_t open_bytes; /* What it holds. */
    atomic_bool starved;
    _Atomic(struct capture_file *) ahead; /* Opened for the writer, or NULL. */
    _Atomic uint64_t budget;    /* The writer's copies of two of 'limits'. */
    atomic_bool stop_when_full;
    atomic_bool packed;         /* The packer is done with something. */

    struct archive archive;     /* Of the keeper's thread alone. */
};

/* Returns the monotonic time in 'ns' nanoseconds. */
static struct timespec
time_in(uint64_t ns)
{
    uint64_t until = rec_time_monotonic() + ns;

    return (struct timespec) {
        .tv_sec = until / NSEC_PER_SEC,
        .tv_nsec = until % NSEC_PER_SEC,
    };
}

/* Waits until there is something to do, a second at most. */
static void
wait_for_work(struct keeper *k)
{
    struct timespec ts = time_in(k->deadline ? SHORT_NS : PERIOD_NS);

    while (!k->n_queued && !k->make_room && !k->open_ahead
           && !(k->finish && !k->deadline)
           && !atomic_exchange(&k->packed, false)
           && !pthread_cond_timedwait(&k->wake, &k->mutex, &ts)) {
        continue;
    }
}

/* Takes the next file to close out of the queue, or NULL. */
static struct capture_file *
take_from_queue(struct keeper *k)
{
    struct capture_file *f = NULL;

    if (k->n_queued) {
        f = k->queue[0];
        memmove(k->queue, k->queue + 1, --k->n_queued * sizeof *k->queue);
        pthread_cond_signal(&k->done);
    }
    return f;
}

/* Deletes what is too much, and says whether writing may go on. */
static bool
retain(struct keeper *k, const struct keeper_limits *limits,
       const struct archive_open *open, bool make_room)
{
    bool starved = atomic_load(&k->starved);
    bool made_room = archive_retain(&k->archive, &limits->retention, open,
                                    make_room, &starved);

    atomic_store(&k->starved, starved);
    return made_room;
}

/* Has the next file open before the writer needs it. */
static void
open_ahead(struct keeper *k)
{
    if (!atomic_load(&k->ahead)) {
        atomic_store(&k->ahead, capture_file_prepare(k->archive.place));
    }
}

/* Has closed files packed when there is nothing else to do.  At the end, only
 * what is needed to know a file by is still done, and not for long.  Returns
 * true if there is more to do. */
static bool
pack(struct keeper *k, const struct keeper_limits *limits,
     const struct archive_open *open, bool end)
{
    struct archive_wish wish = limits->wish;
    uint64_t now = rec_time_monotonic();

    if (end) {
        k->deadline = k->deadline ? k->deadline : now + FINISH_NS;
        wish.compress = false;
    }
    return (archive_pack(&k->archive, &wish, &limits->retention, open)
            && end && now < k->deadline);
}

/* Tells the writer what became of its wish for room, and the packer whether it
 * may go on. */
static void
answer(struct keeper *k, bool make_room, bool made_room)
{
    pthread_mutex_lock(&k->mutex);
    if (make_room) {
        k->make_room = false;
        k->made_room = made_room;
        pthread_cond_signal(&k->done);
    }
    if (!k->n_queued) {
        packer_pause(k->archive.packer, PACKER_CLOSING, false);
    }
    pthread_mutex_unlock(&k->mutex);
}

/* Does what there is to do once.  Returns false after the last time. */
static bool
run_once(struct keeper *k)
{
    struct keeper_limits limits;
    struct archive_open open;
    struct capture_file *f;
    bool make_room, made_room, end;

    pthread_mutex_lock(&k->mutex);
    f = take_from_queue(k);
    limits = k->limits;
    make_room = k->make_room;
    k->open_ahead = false;
    end = !f && k->finish;
    pthread_mutex_unlock(&k->mutex);

    if (!end) {
        open_ahead(k);
    }
    if (f) {
        archive_close(&k->archive, f);
    } else {
        archive_rename(&k->archive);
        archive_look(&k->archive);
        archive_write_late(&k->archive);
    }
    open.open = atomic_load(&k->open);
    open.bytes = atomic_load(&k->open_bytes);
    if (open.open) {
        open.bytes = REC_MAX(open.bytes, limits.file_max);
    }
    made_room = retain(k, &limits, &open, make_room);
    answer(k, make_room, made_room);
    return pack(k, &limits, &open, end) || !end;
}

/* Called by the packer, which must wait for nobody: without the mutex, the
 * keeper may miss it, and notices in its next period. */
static void
packer_done(void *k_)
{
    struct keeper *k = k_;

    atomic_store(&k->packed, true);
    pthread_cond_signal(&k->wake);
}

static void *
keeper_thread(void *k_)
{
    struct keeper *k = k_;

    setpriority(PRIO_PROCESS, syscall(SYS_gettid), NICE);
    open_ahead(k);
    archive_recover(&k->archive);
    while (run_once(k)) {
        pthread_mutex_lock(&k->mutex);
        wait_for_work(k);
        pthread_mutex_unlock(&k->mutex);
    }
    report_set_event(k->report, REPORT_DONE);
    return NULL;
}

static struct keeper *
keeper_create(const struct keeper_config *config)
{
    struct keeper *k = rec_xcalloc(1, sizeof *k);
    pthread_condattr_t attr;

    k->report = config->report;
    k->archive.place = config->place;
    k->archive.report = config->report;
    k->archive.recordings = config->recordings;
    k->archive.options = config->options;
    k->archive.packer = packer_create(config->place->dirfd, packer_done, k);
    pthread_mutex_init(&k->mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&k->wake, &attr);
    pthread_cond_init(&k->done, &attr);
    pthread_condattr_destroy(&attr);
    return k;
}

static void
keeper_destroy(struct keeper *k)
{
    for (size_t i = 0; i < k->n_queued; i++) {
        capture_file_free(k->queue[i]);
    }
    capture_file_free(atomic_load(&k->ahead));
    archive_destroy(&k->archive);
    pthread_cond_destroy(&k->done);
    pthread_cond_destroy(&k->wake);
    pthread_mutex_destroy(&k->mutex);
    free(k);
}

/* Takes over 'limits'.  The caller holds the mutex, or there is no thread
 * yet. */
static void
take_limits(struct keeper *k, const struct keeper_limits *limits)
{
    const struct retention_limits *l = &limits->retention;

    k->limits = *limits;
    atomic_store(&k->budget, l->budget);
    atomic_store(&k->stop_when_full, retention_on_full(l) == RETENTION_STOP);
}

/* Takes stock of the directory, sets the number that the next file follows,
 * and starts the thread.  Returns NULL if the thread cannot be started;
 * otherwise the caller must keeper_finish() and keeper_join() it. */
struct keeper *
keeper_start(const struct keeper_config *config,
             const struct keeper_limits *limits)
{
    struct keeper *k = keeper_create(config);

    take_limits(k, limits);
    archive_read(&k->archive);
    if (pthread_create(&k->thread, NULL, keeper_thread, k)) {
        keeper_destroy(k);
        return NULL;
    }
    return k;
}

/* Waits for the thread's end and frees 'k'. */
void
keeper_join(struct keeper *k)
{
    if (k) {
        pthread_join(k->thread, NULL);
        keeper_destroy(k);
    }
}

/* From now on 'limits' hold. */
void
keeper_set_limits(struct keeper *k, const struct keeper_limits *limits)
{
    pthread_mutex_lock(&k->mutex);
    take_limits(k, limits);
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->mutex);
}

/* Returns a file that was opened for the writer, which takes it over, or NULL
 * if there is none. */
struct capture_file *
keeper_take_file(struct keeper *k)
{
    return atomic_exchange(&k->ahead, NULL);
}

/* Notes that the writer has opened a file, and may need another one. */
void
keeper_file_opened(struct keeper *k)
{
    atomic_store(&k->open_bytes, 0);
    atomic_store(&k->open, true);
    pthread_mutex_lock(&k->mutex);
    k->open_ahead = true;
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->mutex);
}

/* Notes that the open file has 'size' bytes now. */
void
keeper_file_grew(struct keeper *k, uint64_t size)
{
    atomic_store(&k->open_bytes, size);
}

/* Notes whether the writer is behind: then packing has to wait. */
void
keeper_press(struct keeper *k, bool pressed)
{
    packer_pause(k->archive.packer, PACKER_WRITING, pressed);
}

/* Passes 'f' on to be closed; the keeper frees it.  Waits if the keeper is far
 * behind. */
void
keeper_close(struct keeper *k, struct capture_file *f)
{
    atomic_fetch_add(&k->archive.bytes, f->size);
    atomic_store(&k->open, false);
    atomic_store(&k->open_bytes, 0);
    packer_pause(k->archive.packer, PACKER_CLOSING, true);
    pthread_mutex_lock(&k->mutex);
    while (k->n_queued == QUEUE_MAX) {
        pthread_cond_wait(&k->done, &k->mutex);
    }
    k->queue[k->n_queued++] = f;
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->mutex);
}

/* Asks for room on a file system that is full, and waits a moment for it.
 * Returns true if there is any. */
bool
keeper_make_room(struct keeper *k)
{
    struct timespec ts = time_in(ROOM_NS);
    bool made_room;

    pthread_mutex_lock(&k->mutex);
    k->make_room = true;
    k->made_room = false;
    pthread_cond_signal(&k->wake);
    while (k->make_room
           && !pthread_cond_timedwait(&k->done, &k->mutex, &ts)) {
        continue;
    }
    made_room = k->made_room;
    pthread_mutex_unlock(&k->mutex);
    return made_room;
}

/* Returns true if nothing may be written because the file system has less free
 * than it must keep. */
bool
keeper_is_starved(const struct keeper *k)
{
    return atomic_load(&k->starved);
}

/* Stores how many bytes the file system has, and how many of them the recorder
 * may still take; both are 0 as long as nobody knows. */
void
keeper_get_disk(const struct keeper *k, uint64_t *free_bytes, uint64_t *size)
{
    *free_bytes = atomic_load(&k->archive.disk.free);
    *size = atomic_load(&k->archive.disk.size);
}

/* Returns how many bytes all files of the sink together may still grow by. */
uint64_t
keeper_room(const struct keeper *k)
{
    uint64_t budget = atomic_load(&k->budget);
    uint64_t taken = (atomic_load(&k->archive.bytes)
                      + atomic_load(&k->open_bytes));

    return !budget ? UINT64_MAX : taken < budget ? budget - taken : 0;
}

/* Returns true if the capture is to end when there is no room. */
bool
keeper_stops_when_full(const struct keeper *k)
{
    return atomic_load(&k->stop_when_full);
}

/* No file will be passed on any more: the thread ends after the last. */
void
keeper_finish(struct keeper *k)
{
    pthread_mutex_lock(&k->mutex);
    k->finish = true;
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->mutex);
}
