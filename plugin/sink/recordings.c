/* SPDX-License-Identifier: Apache-2.0 */

/* What is known of the sink's newest files; see recordings.h. */

#include <config.h>

#include "recordings.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/record/record-util.h"

struct recordings {
    pthread_mutex_t mutex;
    uint64_t seq;               /* Grows with every change but growth. */
    size_t n;
    struct recording list[RECORDINGS_MAX]; /* By sequence. */
};

static const char *const state_names[] = {
    [RECORDING_OPEN] = "open",
    [RECORDING_CLOSED] = "closed",
    [RECORDING_SUSPECT] = "suspect",
    [RECORDING_RECOVERED] = "recovered",
};

/* Returns 'state' as manifests and the control protocol call it. */
const char *
recording_state_name(enum recording_state state)
{
    return state_names[state];
}

/* Returns the state called 'name', RECORDING_CLOSED for any other text. */
enum recording_state
recording_state_parse(const char *name)
{
    for (size_t i = 0; i < REC_ARRAY_SIZE(state_names); i++) {
        if (!strcmp(state_names[i], name)) {
            return i;
        }
    }
    return RECORDING_CLOSED;
}

/* Returns a memory of no files. */
struct recordings *
recordings_create(void)
{
    struct recordings *r = rec_xcalloc(1, sizeof *r);

    pthread_mutex_init(&r->mutex, NULL);
    r->seq = 1;
    return r;
}

static void
forget(struct recording *recording)
{
    free(recording->name);
    free(recording->sha256);
    free(recording->compressed);
}

/* Frees 'r', which no thread may use any more. */
void
recordings_destroy(struct recordings *r)
{
    if (r) {
        for (size_t i = 0; i < r->n; i++) {
            forget(&r->list[i]);
        }
        pthread_mutex_destroy(&r->mutex);
        free(r);
    }
}

/* Returns where the file number 'sequence' is, or would have to be. */
static size_t
find(const struct recordings *r, uint64_t sequence)
{
    size_t i = r->n;

    while (i && r->list[i - 1].sequence >= sequence) {
        i--;
    }
    return i;
}

static bool
is_at(const struct recordings *r, size_t i, uint64_t sequence)
{
    return i < r->n && r->list[i].sequence == sequence;
}

/* Removes the file at 'i'. */
static void
remove_at(struct recordings *r, size_t i)
{
    forget(&r->list[i]);
    r->n--;
    memmove(&r->list[i], &r->list[i + 1], (r->n - i) * sizeof r->list[0]);
}

static char *
copy_text(const char *text)
{
    return text ? rec_xstrdup(text) : NULL;
}

/* Notes what is known now of the file number 'new->sequence', which stays the
 * caller's, in place of what was known before. */
void
recordings_put(struct recordings *r, const struct recording *new)
{
    struct recording copy = *new;
    size_t i;

    copy.name = rec_xstrdup(new->name);
    copy.sha256 = copy_text(new->sha256);
    copy.compressed = copy_text(new->compressed);

    pthread_mutex_lock(&r->mutex);
    r->seq++;
    i = find(r, new->sequence);
    if (is_at(r, i, new->sequence)) {
        forget(&r->list[i]);
        r->list[i] = copy;
    } else if (r->n < RECORDINGS_MAX || i) {
        if (r->n == RECORDINGS_MAX) {
            remove_at(r, 0);
            i--;
        }
        memmove(&r->list[i + 1], &r->list[i],
                (r->n - i) * sizeof r->list[0]);
        r->list[i] = copy;
        r->n++;
    } else {
        /* Older than all that are remembered. */
        forget(&copy);
    }
    pthread_mutex_unlock(&r->mutex);
}

/* Notes the numbers and times of 'now', an open file that is known already:
 * it has more than before.  This is not news. */
void
recordings_grow(struct recordings *r, const struct recording *now)
{
    size_t i;

    pthread_mutex_lock(&r->mutex);
    i = find(r, now->sequence);
    if (is_at(r, i, now->sequence)) {
        struct recording *recording = &r->list[i];

        recording->first = now->first;
        recording->last = now->last;
        recording->packets = now->packets;
        recording->bytes = now->bytes;
        recording->lost = now->lost;
        recording->gaps = now->gaps;
    }
    pthread_mutex_unlock(&r->mutex);
}

/* Notes the SHA-256 of the file number 'sequence' and the name of its
 * compressed copy, which took its place; NULL for what has not changed. */
void
recordings_pack(struct recordings *r, uint64_t sequence, const char *sha256,
                const char *compressed)
{
    size_t i;

    pthread_mutex_lock(&r->mutex);
    i = find(r, sequence);
    if (is_at(r, i, sequence)) {
        struct recording *recording = &r->list[i];

        r->seq++;
        if (sha256) {
            free(recording->sha256);
            recording->sha256 = rec_xstrdup(sha256);
        }
        if (compressed) {
            free(recording->compressed);
            recording->compressed = rec_xstrdup(compressed);
        }
    }
    pthread_mutex_unlock(&r->mutex);
}

/* Notes that the file number 'sequence' is no more. */
void
recordings_remove(struct recordings *r, uint64_t sequence)
{
    size_t i;

    pthread_mutex_lock(&r->mutex);
    i = find(r, sequence);
    if (is_at(r, i, sequence)) {
        r->seq++;
        remove_at(r, i);
    }
    pthread_mutex_unlock(&r->mutex);
}

/* Returns a number that grows when files come, go, or become known better, but
 * not when the open one grows. */
uint64_t
recordings_seq(struct recordings *r)
{
    uint64_t seq;

    pthread_mutex_lock(&r->mutex);
    seq = r->seq;
    pthread_mutex_unlock(&r->mutex);
    return seq;
}

static json_t *
time_to_json(uint64_t wall_ns)
{
    return wall_ns ? json_integer(wall_ns) : json_null();
}

static json_t *
recording_to_json(const struct recording *recording)
{
    json_t *json = json_object();

    json_object_set_new(json, "name", json_string(recording->name));
    json_object_set_new(json, "state",
                        json_string(recording_state_name(recording->state)));
    json_object_set_new(json, "first", time_to_json(recording->first));
    json_object_set_new(json, "last", time_to_json(recording->last));
    json_object_set_new(json, "packets", json_integer(recording->packets));
    json_object_set_new(json, "bytes", json_integer(recording->bytes));
    json_object_set_new(json, "lost", json_integer(recording->lost));
    json_object_set_new(json, "gaps", json_integer(recording->gaps));
    if (recording->sha256) {
        json_object_set_new(json, "sha256", json_string(recording->sha256));
    }
    if (recording->compressed) {
        json_object_set_new(json, "compressed",
                            json_string(recording->compressed));
    }
    return json;
}

/* Returns everything, oldest file first, as the control protocol has it.  The
 * caller owns it. */
json_t *
recordings_to_json(struct recordings *r)
{
    json_t *json = json_object();
    json_t *list = json_array();

    pthread_mutex_lock(&r->mutex);
    json_object_set_new(json, "seq", json_integer(r->seq));
    for (size_t i = 0; i < r->n; i++) {
        json_array_append_new(list, recording_to_json(&r->list[i]));
    }
    pthread_mutex_unlock(&r->mutex);
    json_object_set_new(json, "recordings", list);
    return json;
}

/* Returns the newest file if it is open, otherwise null.  The caller owns
 * it. */
json_t *
recordings_newest_open(struct recordings *r)
{
    json_t *json = NULL;

    pthread_mutex_lock(&r->mutex);
    if (r->n && r->list[r->n - 1].state == RECORDING_OPEN) {
        json = recording_to_json(&r->list[r->n - 1]);
    }
    pthread_mutex_unlock(&r->mutex);
    return json ? json : json_null();
}
