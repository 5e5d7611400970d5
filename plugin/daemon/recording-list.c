/* SPDX-License-Identifier: Apache-2.0 */

/* What is known of a sink's capture files.  See recording-list.h.
 *
 * One value that the schema does not allow would spoil the whole transaction
 * that stores it, so nothing gets in here that does not fit. */

#include <config.h>
#include "plugin/daemon/recording-list.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "plugin/core/text.h"
#include "util.h"

/* Lengths that the schema allows (span.ovsschema, table Recording). */
#define MAX_NAME 255
#define MAX_SHA256 64

static const struct json *
get(const struct json *object, const char *name, enum json_type type)
{
    const struct json *member = shash_find_data(json_object(object), name);

    return member && member->type == type ? member : NULL;
}

/* Returns the text in member 'name', for the caller to free; NULL if there is
 * none, or one that does not fit. */
static char *
get_text(const struct json *object, const char *name, size_t max)
{
    const struct json *member = get(object, name, JSON_STRING);
    const char *text = member ? json_string(member) : "";

    return *text && text_is_clean(text, max) ? xstrdup(text) : NULL;
}

static int64_t
get_number(const struct json *object, const char *name)
{
    const struct json *member = get(object, name, JSON_INTEGER);

    return member ? MAX(json_integer(member), 0) : 0;
}

static const char *
get_state(const struct json *object)
{
    static const char *const states[] = {
        "open", "closed", "suspect", "recovered",
    };
    const struct json *member = get(object, "state", JSON_STRING);

    for (size_t i = 0; member && i < ARRAY_SIZE(states); i++) {
        if (!strcmp(states[i], json_string(member))) {
            return states[i];
        }
    }
    return NULL;
}

static bool
read_recording(const struct json *json, struct recording *r)
{
    const char *state;
    char *name;

    if (json->type != JSON_OBJECT || !(state = get_state(json))) {
        return false;
    }
    name = get_text(json, "name", MAX_NAME);
    if (!name) {
        return false;
    }
    *r = (struct recording) {
        .name = name,
        .state = xstrdup(state),
        .first = get_number(json, "first"),
        .last = get_number(json, "last"),
        .packets = get_number(json, "packets"),
        .bytes = get_number(json, "bytes"),
        .lost = get_number(json, "lost"),
        .gaps = get_number(json, "gaps"),
        .sha256 = get_text(json, "sha256", MAX_SHA256),
        .compressed = get_text(json, "compressed", MAX_NAME),
    };
    return true;
}

static void
recording_uninit(struct recording *r)
{
    free(r->name);
    free(r->state);
    free(r->sha256);
    free(r->compressed);
}

/* Returns what 'json' tells of a file, for the caller to recording_destroy();
 * NULL if that is not readable. */
struct recording *
recording_from_json(const struct json *json)
{
    struct recording *r = xmalloc(sizeof *r);

    if (!read_recording(json, r)) {
        free(r);
        return NULL;
    }
    return r;
}

/* Frees 'r', which may be NULL. */
void
recording_destroy(struct recording *r)
{
    if (r) {
        recording_uninit(r);
        free(r);
    }
}

/* Returns a list of no files. */
struct recording_list *
recording_list_create(void)
{
    return xzalloc(sizeof(struct recording_list));
}

void
recording_list_destroy(struct recording_list *list)
{
    if (list) {
        for (size_t i = 0; i < list->n; i++) {
            recording_uninit(&list->recordings[i]);
        }
        free(list->recordings);
        free(list);
    }
}

static int
compare(const void *a_, const void *b_)
{
    const struct recording *a = a_, *b = b_;

    return strcmp(a->name, b->name);
}

/* Of files of one name, which ought not to be, the first stays. */
static void
remove_duplicates(struct recording_list *list)
{
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        if (n && !compare(&list->recordings[n - 1], &list->recordings[i])) {
            recording_uninit(&list->recordings[i]);
        } else {
            list->recordings[n++] = list->recordings[i];
        }
    }
    list->n = n;
}

/* Returns the files that 'json' lists, the answer to "recordings", for the
 * caller to destroy; NULL if it is no such answer. */
struct recording_list *
recording_list_from_json(const struct json *json)
{
    const struct json *array = (json->type == JSON_OBJECT
                                ? get(json, "recordings", JSON_ARRAY) : NULL);
    struct recording_list *list;
    size_t n, first;

    if (!array) {
        return NULL;
    }
    n = json_array(array)->n;
    first = n > RECORDING_LIST_MAX ? n - RECORDING_LIST_MAX : 0;
    list = recording_list_create();
    list->recordings = xcalloc(n - first + 1, sizeof *list->recordings);
    for (size_t i = first; i < n; i++) {
        if (read_recording(json_array(array)->elems[i],
                           &list->recordings[list->n])) {
            list->n++;
        }
    }
    qsort(list->recordings, list->n, sizeof *list->recordings, compare);
    remove_duplicates(list);
    return list;
}

/* Returns the file called 'name' in 'list', or NULL. */
struct recording *
recording_list_find(const struct recording_list *list, const char *name)
{
    struct recording key = { .name = CONST_CAST(char *, name) };

    return (list->n
            ? bsearch(&key, list->recordings, list->n,
                      sizeof *list->recordings, compare)
            : NULL);
}
