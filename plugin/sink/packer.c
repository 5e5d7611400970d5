/* SPDX-License-Identifier: Apache-2.0 */

/* The packing thread; see packer.h. */

#include <config.h>

#include "packer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plugin/record/file-name.h"
#include "plugin/record/record-util.h"
#include "plugin/record/zstd-writer.h"

/* linux/ioprio.h: the class of those that get the disk when it is idle. */
#define IOPRIO_WHO_PROCESS 1
#define IOPRIO_CLASS_IDLE (3 << 13)

/* Not SCHED_IDLE: on a host that is always busy files would never be
 * compressed, and their sums not be ready at the end. */
#define NICE 19

/* How long it stands still before it looks again. */
#define PAUSE_NS (20 * NSEC_PER_MSEC)

enum packer_state {
    PACKER_IDLE,                /* The other threads' turn. */
    PACKER_BUSY,                /* Ours. */
    PACKER_DONE,                /* 'result' is to be taken. */
};

struct packer {
    int dirfd;
    void (*done)(void *aux);
    void *aux;
    bool started;
    pthread_t thread;
    sem_t work;

    _Atomic enum packer_state state;
    atomic_int pause;           /* PACKER_* reasons to stand still. */
    atomic_bool cancel, finish;
    struct packer_job job;      /* The name is its own. */
    struct packer_result result;
};

/* One file, being packed. */
struct packing {
    struct packer *packer;
    int in, out;
    struct sha256 *sum, *packed_sum; /* NULL if not asked for. */
    struct zstd_writer *writer; /* Same. */
    uint8_t *buffer, *packed;
};

/* Waits while it is told to stand still.  Returns false if the work is to be
 * dropped. */
static bool
may_go_on(struct packer *p)
{
    const struct timespec ts = { .tv_nsec = PAUSE_NS };

    while (atomic_load(&p->pause) && !atomic_load(&p->cancel)) {
        nanosleep(&ts, NULL);
    }
    return !atomic_load(&p->cancel);
}

/* Compresses 'n' bytes, and writes what comes of them. */
static int
pack_chunk(struct packing *k, size_t n)
{
    struct packer_result *r = &k->packer->result;
    size_t len;
    int error;

    if (!zstd_writer_add(k->writer, k->buffer, n, k->packed, &len)) {
        return ENOMEM;
    }
    error = rec_pwrite_all(k->out, k->packed, len, r->packed_size, NULL);
    if (k->packed_sum) {
        sha256_update(k->packed_sum, k->packed, len);
    }
    r->packed_size += len;
    return error;
}

/* Takes the whole file through.  The page cache is for others. */
static int
run_through(struct packing *k)
{
    uint64_t size = k->packer->job.size;
    uint64_t offset = 0;
    int error = 0;

    while (!error && offset < size) {
        size_t n = REC_MIN(ZSTD_WRITER_CHUNK, size - offset);

        if (!may_go_on(k->packer)) {
            return ECANCELED;
        }
        error = rec_pread_all(k->in, k->buffer, n, offset);
        if (!error && k->sum) {
            sha256_update(k->sum, k->buffer, n);
        }
        if (!error && k->writer) {
            error = pack_chunk(k, n);
        }
        posix_fadvise(k->in, offset, n, POSIX_FADV_DONTNEED);
        offset += n;
    }
    return error;
}

/* Opens the file of the job, which must be as large as it was. */
static int
open_input(struct packing *k)
{
    const struct packer_job *job = &k->packer->job;
    struct stat st;

    k->in = openat(k->packer->dirfd, job->name,
                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (k->in < 0 || fstat(k->in, &st)) {
        return errno;
    }
    return (S_ISREG(st.st_mode) && (uint64_t) st.st_size == job->size
            ? 0 : ESTALE);
}

/* Opens the file that is to be made, and what is needed to make it. */
static int
open_output(struct packing *k, const char *part)
{
    k->out = openat(k->packer->dirfd, part,
                    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                    0640);
    if (k->out < 0) {
        return errno;
    }
    k->writer = zstd_writer_create(k->packer->job.size);
    k->packed = rec_xcalloc(1, ZSTD_WRITER_OUT);
    return k->writer ? 0 : ENOMEM;
}

/* Brings what was made to the disk, and closes it. */
static int
close_output(struct packing *k)
{
    int error = 0;

    if (fsync(k->out)) {
        error = errno;
    }
    posix_fadvise(k->out, 0, 0, POSIX_FADV_DONTNEED);
    if (close(k->out) && !error) {
        error = errno;
    }
    k->out = -1;
    return error;
}

/* Frees what 'k' has left, and stores the sums. */
static void
finish(struct packing *k)
{
    struct packer_result *r = &k->packer->result;

    if (k->sum) {
        sha256_finish(k->sum, r->sha256);
    }
    if (k->packed_sum) {
        sha256_finish(k->packed_sum, r->packed_sha256);
    }
    sha256_destroy(k->sum);
    sha256_destroy(k->packed_sum);
    zstd_writer_destroy(k->writer);
    free(k->packed);
    free(k->buffer);
    if (k->in >= 0) {
        close(k->in);
    }
    if (k->out >= 0) {
        close(k->out);
    }
}

/* Does the job.  Without success nothing is left of it. */
static void
work(struct packer *p)
{
    const struct packer_job *job = &p->job;
    char *part = rec_xasprintf("%s%s%s", job->name, FILE_NAME_ZSTD,
                               FILE_NAME_PART);
    struct packing k = {
        .packer = p,
        .in = -1,
        .out = -1,
        .sum = job->sha256 ? sha256_create() : NULL,
        .packed_sum = (job->sha256 && job->compress
                       ? sha256_create() : NULL),
        .buffer = rec_xcalloc(1, ZSTD_WRITER_CHUNK),
    };
    int error = open_input(&k);

    if (!error && job->compress) {
        error = open_output(&k, part);
    }
    if (!error) {
        error = run_through(&k);
    }
    if (!error && job->compress) {
        error = close_output(&k);
    }
    finish(&k);
    if (error && job->compress) {
        unlinkat(p->dirfd, part, 0);
    }
    p->result.error = error;
    free(part);
}

static void *
packer_thread(void *p_)
{
    const struct sched_param param = { 0 };
    struct packer *p = p_;

    setpriority(PRIO_PROCESS, syscall(SYS_gettid), NICE);
    sched_setscheduler(0, SCHED_BATCH, &param);
    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_CLASS_IDLE);
    for (;;) {
        while (sem_wait(&p->work)) {
            /* Interrupted: nothing else can go wrong. */
        }
        if (atomic_load(&p->finish)) {
            return NULL;
        }
        work(p);
        atomic_store(&p->state, PACKER_DONE);
        p->done(p->aux);
    }
}

/* Returns a packer for files in 'dirfd', which is lent.  It has no thread
 * before there is work for one.  When a job is done, that thread calls
 * 'done', which must not wait for anything. */
struct packer *
packer_create(int dirfd, void (*done)(void *aux), void *aux)
{
    struct packer *p = rec_xcalloc(1, sizeof *p);

    p->dirfd = dirfd;
    p->done = done;
    p->aux = aux;
    sem_init(&p->work, 0, 0);
    return p;
}

/* Drops the work, waits for the thread's end, and frees 'p'. */
void
packer_destroy(struct packer *p)
{
    if (p) {
        if (p->started) {
            packer_cancel(p);
            atomic_store(&p->finish, true);
            sem_post(&p->work);
            pthread_join(p->thread, NULL);
        }
        free((char *) p->job.name);
        sem_destroy(&p->work);
        free(p);
    }
}

/* From now on 'p' stands still for 'reason', or not for that one any more. */
void
packer_pause(struct packer *p, enum packer_reason reason, bool pause)
{
    if (pause) {
        atomic_fetch_or(&p->pause, reason);
    } else {
        atomic_fetch_and(&p->pause, ~reason);
    }
}

/* Returns true if 'p' has nothing to do and nothing to tell. */
bool
packer_is_idle(const struct packer *p)
{
    return atomic_load(&p->state) == PACKER_IDLE;
}

/* Has 'job' done by 'p', which must be idle.  Returns false if that cannot be
 * for lack of a thread. */
bool
packer_give(struct packer *p, const struct packer_job *job)
{
    if (!p->started) {
        if (pthread_create(&p->thread, NULL, packer_thread, p)) {
            return false;
        }
        p->started = true;
    }
    free((char *) p->job.name);
    p->job = *job;
    p->job.name = rec_xstrdup(job->name);
    p->result = (struct packer_result) {
        .sequence = job->sequence,
        .size = job->size,
        .compress = job->compress,
    };
    atomic_store(&p->cancel, false);
    atomic_store(&p->state, PACKER_BUSY);
    sem_post(&p->work);
    return true;
}

/* If the work is done, stores what became of it in '*r' and returns true. */
bool
packer_take(struct packer *p, struct packer_result *r)
{
    if (atomic_load(&p->state) != PACKER_DONE) {
        return false;
    }
    *r = p->result;
    atomic_store(&p->state, PACKER_IDLE);
    return true;
}

/* Has 'p' drop what it is doing; it will be done, with ECANCELED, soon. */
void
packer_cancel(struct packer *p)
{
    atomic_store(&p->cancel, true);
}
