/* SPDX-License-Identifier: Apache-2.0 */

/* What the recorder's threads have to tell; see report.h. */

#include <config.h>

#include "report.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct complaint {
    char *code;
    char *message;
};

struct report {
    pthread_mutex_t mutex;
    int fd;                     /* Readable when there is news. */
    enum report_state state;
    unsigned int events;
    struct complaint complaints[REPORT_N_SOURCES];
    char *degradation;
    char *file;
};

/* Returns a report in state REPORT_STARTING, or NULL if the system has no
 * descriptor left. */
struct report *
report_create(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct report *r;

    if (fd < 0) {
        return NULL;
    }
    r = rec_xcalloc(1, sizeof *r);
    pthread_mutex_init(&r->mutex, NULL);
    r->fd = fd;
    return r;
}

static void
clear_complaint(struct complaint *c)
{
    free(c->code);
    free(c->message);
    c->code = c->message = NULL;
}

/* Frees 'r', which no thread may use any more. */
void
report_destroy(struct report *r)
{
    if (r) {
        for (int i = 0; i < REPORT_N_SOURCES; i++) {
            clear_complaint(&r->complaints[i]);
        }
        free(r->degradation);
        free(r->file);
        close(r->fd);
        pthread_mutex_destroy(&r->mutex);
        free(r);
    }
}

/* Returns a descriptor that polls readable when there is news, until
 * report_take_news(). */
int
report_fd(const struct report *r)
{
    return r->fd;
}

/* Tells the reader that something changed, and lets go of 'r'. */
static void
unlock_and_tell(struct report *r)
{
    pthread_mutex_unlock(&r->mutex);
    eventfd_write(r->fd, 1);
}

/* Sets the state.  REPORT_FAILED stays whatever comes after it. */
void
report_set_state(struct report *r, enum report_state state)
{
    pthread_mutex_lock(&r->mutex);
    if (r->state != REPORT_FAILED) {
        r->state = state;
    }
    unlock_and_tell(r);
}

/* Notes that 'event' happened. */
void
report_set_event(struct report *r, enum report_event event)
{
    pthread_mutex_lock(&r->mutex);
    r->events |= event;
    unlock_and_tell(r);
}

/* Notes that the file called 'name' is open, or with NULL that none is. */
void
report_set_file(struct report *r, const char *name)
{
    pthread_mutex_lock(&r->mutex);
    free(r->file);
    r->file = name ? rec_xstrdup(name) : NULL;
    unlock_and_tell(r);
}

/* Notes what a cap on bytes does to frames, or with NULL that it does nothing.
 */
void
report_set_degradation(struct report *r, const char *text)
{
    pthread_mutex_lock(&r->mutex);
    free(r->degradation);
    r->degradation = text ? rec_xstrdup(text) : NULL;
    unlock_and_tell(r);
}

/* Notes what 'source' has to complain about, in place of what it complained
 * about before: 'code' is one word for programs, the rest a sentence. */
void
report_set_error(struct report *r, enum report_source source,
                 const char *code, const char *format, ...)
{
    struct complaint *c = &r->complaints[source];
    struct complaint new = { .code = rec_xstrdup(code) };
    va_list args;

    va_start(args, format);
    if (vasprintf(&new.message, format, args) < 0) {
        new.message = rec_xstrdup(code);
    }
    va_end(args);

    pthread_mutex_lock(&r->mutex);
    if (c->message && !strcmp(c->message, new.message)) {
        pthread_mutex_unlock(&r->mutex);
        clear_complaint(&new);
        return;
    }
    clear_complaint(c);
    *c = new;
    unlock_and_tell(r);
}

/* Notes that 'source' has nothing to complain about any more. */
void
report_clear_error(struct report *r, enum report_source source)
{
    struct complaint *c = &r->complaints[source];

    pthread_mutex_lock(&r->mutex);
    if (!c->code) {
        pthread_mutex_unlock(&r->mutex);
        return;
    }
    clear_complaint(c);
    unlock_and_tell(r);
}

/* Makes report_fd() wait for the next news.  Whoever acts on them calls this
 * before report_view(); one who only looks must not, lest the news are lost.
 */
void
report_take_news(struct report *r)
{
    eventfd_t count;

    eventfd_read(r->fd, &count);
}

/* Copies what 'r' says now to '*v', which the caller must pass to
 * report_view_destroy(). */
void
report_view(struct report *r, struct report_view *v)
{
    memset(v, 0, sizeof *v);
    pthread_mutex_lock(&r->mutex);
    v->state = r->state;
    v->events = r->events;
    v->degradation = r->degradation ? rec_xstrdup(r->degradation) : NULL;
    v->file = r->file ? rec_xstrdup(r->file) : NULL;
    for (int i = 0; i < REPORT_N_SOURCES; i++) {
        if (r->complaints[i].code) {
            v->code = rec_xstrdup(r->complaints[i].code);
            v->message = rec_xstrdup(r->complaints[i].message);
            break;
        }
    }
    pthread_mutex_unlock(&r->mutex);
}

/* Frees what 'v' holds. */
void
report_view_destroy(struct report_view *v)
{
    free(v->code);
    free(v->message);
    free(v->degradation);
    free(v->file);
}

/* Returns 'state' as the control protocol calls it. */
const char *
report_state_name(enum report_state state)
{
    switch (state) {
    case REPORT_STARTING: return "starting";
    case REPORT_READY: return "ready";
    case REPORT_STOPPING: return "stopping";
    case REPORT_FAILED: return "failed";
    }
    return "failed";
}
