/* SPDX-License-Identifier: Apache-2.0 */

/* What an earlier recorder wrote about its files; see manifest-read.h.  The
 * directory is not trusted: whatever cannot be understood is left out. */

#include <config.h>

#include "manifest-read.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "plugin/record/file-list.h"
#include "plugin/record/file-name.h"
#include "plugin/record/record-util.h"

/* More than any manifest has. */
#define MANIFEST_MAX (1 << 20)

/* A SHA-256 in hexadecimal, the name of a file. */
#define TEXT_MAX 255

/* Returns the time 'json' (as in "2026-01-31T23:59:59.123456789Z") in
 * nanoseconds since 1970, or 0 if it is none. */
static uint64_t
get_time(const json_t *json)
{
    const char *text = json_string_value(json);
    struct tm tm = { 0 };
    unsigned int ns = 0;
    const char *rest;
    time_t t;
    int n = 0;

    rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
    if (!rest || sscanf(rest, ".%9uZ%n", &ns, &n) != 1 || n != 11) {
        return 0;
    }
    t = timegm(&tm);
    return (t < 0 || (uint64_t) t >= INT64_MAX / NSEC_PER_SEC
            ? 0 : t * NSEC_PER_SEC + ns);
}

/* Returns the number 'json', or 0 if it is none. */
static uint64_t
get_count(const json_t *json)
{
    json_int_t value = json_integer_value(json);

    return value > 0 ? value : 0;
}

/* Returns a copy of the text 'json', or NULL if it is none, or longer than
 * what we write. */
static char *
get_text(const json_t *json)
{
    return (json_is_string(json) && json_string_length(json) <= TEXT_MAX
            ? rec_xstrdup(json_string_value(json)) : NULL);
}

/* Returns all that the manifest of the file 'name' in 'dirfd' says, or NULL if
 * there is none.  The caller owns it. */
json_t *
manifest_load(int dirfd, const char *name)
{
    char *manifest = rec_xasprintf("%s%s", name, FILE_NAME_MANIFEST);
    int fd = openat(dirfd, manifest,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    json_t *json = NULL;
    struct stat st;

    if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode)
        && st.st_size <= MANIFEST_MAX) {
        json = json_loadfd(fd, 0, NULL);
    }
    if (fd >= 0) {
        close(fd);
    }
    free(manifest);
    if (!json_is_object(json)) {
        json_decref(json);
        return NULL;
    }
    return json;
}

/* Stores in '*r' what the manifest of the file 'name' in 'dirfd' says: all but
 * its name and number, and what it does not say of its size.  Returns false,
 * and leaves '*r' as it is, if there is none.  The caller must free the
 * texts. */
bool
manifest_read(int dirfd, const char *name, struct recording *r)
{
    json_t *json = manifest_load(dirfd, name);
    const char *state;
    uint64_t bytes;

    if (!json) {
        return false;
    }
    state = json_string_value(json_object_get(json, "state"));
    r->state = recording_state_parse(state ? state : "");
    r->first = get_time(json_object_get(json, "first"));
    r->last = get_time(json_object_get(json, "last"));
    r->packets = get_count(json_object_get(json, "packets"));
    bytes = get_count(json_object_get(json, "bytes"));
    r->bytes = bytes ? bytes : r->bytes;
    r->lost = get_count(json_object_get(json, "lost"));
    r->gaps = get_count(json_object_get(json, "gaps"));
    r->sha256 = get_text(json_object_get(json, "sha256"));
    if (!r->compressed) {
        r->compressed = get_text(json_object_get(json, "compressed"));
    }
    json_decref(json);
    return true;
}

/* Tells 'recordings' of the newest files of 'list', which are in 'dirfd'. */
void
manifest_read_all(int dirfd, const struct file_list *list,
                  struct recordings *recordings)
{
    size_t i = list->n > RECORDINGS_MAX ? list->n - RECORDINGS_MAX : 0;

    for (; i < list->n; i++) {
        const struct file_entry *e = &list->entries[i];
        struct recording r = {
            .name = file_name_plain(e->name),
            .sequence = e->sequence,
            .state = e->part ? RECORDING_OPEN : RECORDING_CLOSED,
            .bytes = list->sizes[i],
        };

        if (e->zstd) {
            r.compressed = rec_xstrdup(e->name);
        }
        if (!e->part && manifest_read(dirfd, r.name, &r)
            && r.state == RECORDING_OPEN) {
            r.state = RECORDING_CLOSED;
        }
        recordings_put(recordings, &r);
        free(r.name);
        free(r.sha256);
        free(r.compressed);
    }
}
