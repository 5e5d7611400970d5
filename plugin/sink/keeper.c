/* SPDX-License-Identifier: Apache-2.0 */

/* The housekeeping thread; see keeper.h. */

#include <config.h>

#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "accounting.h"
#include "capture-file.h"
#include "capture-place.h"
#include "manifest.h"
#include "options.h"
#include "plugin/record/file-list.h"
#include "plugin/record/file-name.h"
#include "plugin/record/record-format.h"
#include "plugin/record/record-util.h"
#include "report.h"

/* Files that may wait to be closed before the writer has to wait too. */
#define QUEUE_MAX 64

/* Free space is looked at this often. */
#define PERIOD_NS NSEC_PER_SEC

/* The writer waits so long for files to be deleted: meanwhile the rings take
 * the frames. */
#define ROOM_NS (500 * NSEC_PER_MSEC)

/* What is read at a time of a file that was left open; more than a record. */
#define RECOVER_CHUNK (4 << 20)

#define NICE 10

struct keeper {
    struct keeper_config config;
    pthread_t thread;

    pthread_mutex_t mutex;
    pthread_cond_t wake;        /* Something for the keeper to do. */
    pthread_cond_t done;        /* Something was done. */
    struct capture_file *queue[QUEUE_MAX];
    size_t n_queued;
    struct retention_limits limits;
    uint64_t file_max;          /* Bytes of a file, 0 if not limited. */
    bool make_room;             /* Asked for. */
    bool made_room;             /* The answer to that. */
    bool finish;

    atomic_bool open;           /* Is a file open? */
    _Atomic uint64_t open_bytes; /* What it holds. */
    atomic_bool starved;

    struct file_list files;     /* Of the keeper's thread alone. */
};

/* Writes the manifest of a file under ovs-spand. */
static void
write_manifest(struct keeper *k, const char *name, const char *state,
               uint64_t size, const struct capture_file_stats *stats,
               const struct accounting_snapshot *counters)
{
    const struct keeper_config *c = &k->config;
    struct manifest m = {
        .name = name,
        .state = state,
        .options = c->options,
        .size = size,
        .stats = *stats,
        .counters = counters,
    };

    if (c->options->sink) {
        /* The recording is there without it too. */
        manifest_write(&m, c->place->dirfd);
    }
}

/* Ends what the writer has passed on. */
static void
end_file(struct keeper *k, struct capture_file *f)
{
    struct accounting_snapshot counters;
    const char *state = "complete";
    char buffer[128];
    int error;

    if (!f->size && !f->stream && f->part) {
        capture_file_discard(f, k->config.place->dirfd);
        capture_file_free(f);
        return;
    }
    error = capture_file_finish(f, k->config.place->dirfd);
    if (error) {
        state = "suspect";
        report_set_error(k->config.report, REPORT_CLOSING, "write-error",
                         "%s may be incomplete: %s", f->name,
                         rec_strerror(error, buffer, sizeof buffer));
    } else {
        report_clear_error(k->config.report, REPORT_CLOSING);
    }
    accounting_read(k->config.accounting, &counters);
    write_manifest(k, f->name, state, f->size, &f->stats, &counters);
    file_list_add(&k->files, f->name, f->sequence, false, f->size);
    capture_file_free(f);
}

/* Returns what the file 'fd' holds, as far as it can be read. */
static struct record_contents
walk_file(const struct record_format *format, int fd)
{
    uint8_t *buffer = rec_xcalloc(1, RECOVER_CHUNK);
    struct record_contents all = { 0 }, got;

    do {
        ssize_t n = pread(fd, buffer, RECOVER_CHUNK, all.bytes);

        got = format->walk(buffer, n > 0 ? n : 0, !all.bytes);
        all.bytes += got.bytes;
        all.packets += got.packets;
        all.dropcount += got.dropcount;
    } while (got.bytes);
    free(buffer);
    return all;
}

/* Cuts the file called 'part' to its whole records.  Returns what it then
 * holds, which is nothing if that did not work. */
static struct record_contents
cut_to_records(const struct keeper *k, const char *part)
{
    const struct record_format *format = (strstr(part, ".pcapng.")
                                          ? &record_format_pcapng
                                          : &record_format_pcap);
    int fd = openat(k->config.place->dirfd, part,
                    O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    struct record_contents got = { 0 };

    if (fd >= 0) {
        got = walk_file(format, fd);
        if (got.bytes && (ftruncate(fd, got.bytes) || fdatasync(fd))) {
            got.bytes = 0;
        }
        close(fd);
    }
    return got;
}

/* Gives the file number 'i', which a recorder that was killed left open, the
 * name of a closed one. */
static void
recover_file(struct keeper *k, size_t i)
{
    struct file_entry *e = &k->files.entries[i];
    int dirfd = k->config.place->dirfd;
    struct record_contents got = cut_to_records(k, e->name);
    struct capture_file_stats stats = {
        .packets = got.packets,
        .dropcount = got.dropcount,
    };
    char *name = rec_xstrndup(e->name,
                               strlen(e->name) - strlen(FILE_NAME_PART));

    e->part = false;
    if (got.bytes
        && !renameat2(dirfd, e->name, dirfd, name, RENAME_NOREPLACE)) {
        write_manifest(k, name, "recovered", got.bytes, &stats, NULL);
        free(e->name);
        e->name = name;
        k->files.sizes[i] = got.bytes;
        return;
    }
    free(name);
}

/* Mends what a recorder that was killed left. */
static void
recover(struct keeper *k)
{
    for (size_t i = 0; i < k->files.n; i++) {
        if (k->files.entries[i].part) {
            recover_file(k, i);
        }
    }
}

/* Deletes the 'n' oldest closed files. */
static void
delete_oldest(struct keeper *k, size_t n)
{
    int dirfd = k->config.place->dirfd;

    for (size_t i = 0; i < n; i++) {
        unlinkat(dirfd, k->files.entries[i].name, 0);
        manifest_remove(dirfd, k->files.entries[i].name);
    }
    file_list_remove_oldest(&k->files, n);
}

/* Says whether the file system is too full to write to. */
static void
set_starved(struct keeper *k, bool starved, const struct retention_state *s,
            uint64_t floor)
{
    atomic_store(&k->starved, starved);
    if (starved) {
        report_set_error(k->config.report, REPORT_KEEPER, "no-space",
                         "the disk has %llu MB free, which is less than the "
                         "%llu MB that min-free keeps; frames are lost until "
                         "there is room",
                         (unsigned long long int) s->fs_free / 1000000,
                         (unsigned long long int) floor / 1000000);
    } else {
        report_clear_error(k->config.report, REPORT_KEEPER);
    }
}

/* Deletes what is too much.  If 'make_room', the file system turned out to be
 * full, and at least one file goes if files may go at all.  Returns true if
 * any went. */
static bool
retain(struct keeper *k, const struct retention_limits *limits,
       uint64_t file_max, bool make_room)
{
    uint64_t open_bytes = atomic_load(&k->open_bytes);
    struct retention_state s = {
        .sizes = k->files.sizes,
        .n = k->files.n,
        .open = atomic_load(&k->open),
        .open_bytes = REC_MAX(file_max, open_bytes),
    };
    struct statvfs fs;
    size_t excess;
    bool starved;

    if (k->config.place->dirfd < 0
        || fstatvfs(k->config.place->dirfd, &fs)) {
        return false;
    }
    s.fs_free = (uint64_t) fs.f_bavail * fs.f_frsize;
    s.fs_total = (uint64_t) fs.f_blocks * fs.f_frsize;
    excess = retention_excess(limits, &s, &starved);
    if (make_room && !excess && s.n && retention_is_ring(limits)) {
        excess = 1;
    }
    delete_oldest(k, excess);
    set_starved(k, starved, &s, retention_floor(limits, s.fs_total));
    return excess > 0;
}

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
    struct timespec ts = time_in(PERIOD_NS);

    while (!k->n_queued && !k->finish && !k->make_room
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

/* Does what there is to do once.  Returns false after the last time. */
static bool
run_once(struct keeper *k)
{
    struct retention_limits limits;
    bool make_room, made_room, done;
    struct capture_file *f;
    uint64_t file_max;

    pthread_mutex_lock(&k->mutex);
    f = take_from_queue(k);
    limits = k->limits;
    file_max = atomic_load(&k->open) ? k->file_max : 0;
    make_room = k->make_room;
    done = !f && k->finish;
    pthread_mutex_unlock(&k->mutex);

    if (f) {
        end_file(k, f);
    }
    made_room = retain(k, &limits, file_max, make_room);

    if (make_room) {
        pthread_mutex_lock(&k->mutex);
        k->make_room = false;
        k->made_room = made_room;
        pthread_cond_signal(&k->done);
        pthread_mutex_unlock(&k->mutex);
    }
    return !done;
}

static void *
keeper_thread(void *k_)
{
    struct keeper *k = k_;

    setpriority(PRIO_PROCESS, syscall(SYS_gettid), NICE);
    recover(k);
    while (run_once(k)) {
        pthread_mutex_lock(&k->mutex);
        wait_for_work(k);
        pthread_mutex_unlock(&k->mutex);
    }
    report_set_event(k->config.report, REPORT_DONE);
    return NULL;
}

/* Takes stock of the directory: what is in it, and the next number. */
static void
take_stock(struct keeper *k)
{
    struct capture_place *place = k->config.place;

    if (k->config.options->sink
        && !file_list_read(&k->files, place->dirfd, place->prefix)
        && k->files.n) {
        place->sequence = k->files.entries[k->files.n - 1].sequence;
    }
}

static struct keeper *
keeper_create(const struct keeper_config *config)
{
    struct keeper *k = rec_xcalloc(1, sizeof *k);
    pthread_condattr_t attr;

    k->config = *config;
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
    file_list_destroy(&k->files);
    pthread_cond_destroy(&k->done);
    pthread_cond_destroy(&k->wake);
    pthread_mutex_destroy(&k->mutex);
    free(k);
}

/* Takes stock of the directory, sets the number that the next file follows,
 * and starts the thread.  'file_max' is the most bytes that a file will have,
 * or 0.  Returns NULL if the thread cannot be started; otherwise the caller
 * must keeper_finish() and keeper_join() it. */
struct keeper *
keeper_start(const struct keeper_config *config,
             const struct retention_limits *limits, uint64_t file_max)
{
    struct keeper *k = keeper_create(config);

    k->limits = *limits;
    k->file_max = file_max;
    take_stock(k);
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

/* From now on 'limits' hold, and files have 'file_max' bytes at most. */
void
keeper_set_limits(struct keeper *k, const struct retention_limits *limits,
                  uint64_t file_max)
{
    pthread_mutex_lock(&k->mutex);
    k->limits = *limits;
    k->file_max = file_max;
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->mutex);
}

/* Notes that the writer has opened a file. */
void
keeper_file_opened(struct keeper *k)
{
    atomic_store(&k->open_bytes, 0);
    atomic_store(&k->open, true);
}

/* Notes that the open file has 'size' bytes now. */
void
keeper_file_grew(struct keeper *k, uint64_t size)
{
    atomic_store(&k->open_bytes, size);
}

/* Passes 'f' on to be closed; the keeper frees it.  Waits if the keeper is far
 * behind. */
void
keeper_close(struct keeper *k, struct capture_file *f)
{
    atomic_store(&k->open, false);
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

/* No file will be passed on any more: the thread ends after the last. */
void
keeper_finish(struct keeper *k)
{
    pthread_mutex_lock(&k->mutex);
    k->finish = true;
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->mutex);
}
