/* SPDX-License-Identifier: Apache-2.0 */

/* What is known about a closed capture file; see manifest.h. */

#include <config.h>

#include "manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "accounting.h"
#include "counters-json.h"
#include "file-header.h"
#include "manifest-read.h"
#include "options.h"
#include "plugin/record/file-name.h"
#include "plugin/record/record-format.h"
#include "plugin/record/record-util.h"
#include "segment-ring.h"

/* Returns 'wall_ns' as in "2026-01-31T23:59:59.123456789Z", or null for 0. */
static json_t *
time_to_json(uint64_t wall_ns)
{
    time_t t = wall_ns / NSEC_PER_SEC;
    char text[32], fraction[16];
    struct tm tm;

    if (!wall_ns) {
        return json_null();
    }
    gmtime_r(&t, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(fraction, sizeof fraction, "%09u",
             (unsigned int) (wall_ns % NSEC_PER_SEC));
    return json_sprintf("%s.%sZ", text, fraction);
}

/* Texts that are not UTF-8 have no place in JSON. */
static json_t *
text_to_json(const char *text)
{
    json_t *json = text ? json_string(text) : NULL;

    return json ? json : json_null();
}

/* Returns the names in 'sessions', which commas separate. */
static json_t *
sessions_to_json(const char *sessions)
{
    json_t *list = json_array();
    size_t n;

    for (const char *p = sessions ? sessions : ""; *p; p += n + !!p[n]) {
        n = strcspn(p, ",");
        if (n) {
            char *name = rec_xstrndup(p, n);

            json_array_append_new(list, text_to_json(name));
            free(name);
        }
    }
    return list;
}

static json_t *
gaps_to_json(const struct manifest *m)
{
    json_t *list = json_array();

    for (size_t i = 0; i < m->n_gaps; i++) {
        const struct segment_gap *gap = &m->gaps[i];
        json_t *json = json_object();

        json_object_set_new(json, "after_packet",
                            json_integer(gap->after_packet));
        json_object_set_new(json, "time", time_to_json(gap->time));
        json_object_set_new(json, "lost", json_integer(gap->lost));
        json_array_append_new(list, json);
    }
    return list;
}

/* Returns what the manifest 'm' says.  The caller owns it. */
json_t *
manifest_to_json(const struct manifest *m)
{
    const struct sink_options *o = m->options;
    const struct capture_file_stats *s = &m->stats;
    const struct file_header *h = m->header;
    json_t *json = json_object();

    json_object_set_new(json, "file", text_to_json(m->name));
    json_object_set_new(json, "state", text_to_json(m->state));
    json_object_set_new(json, "sink", text_to_json(o->sink));
    json_object_set_new(json, "host", text_to_json(o->host));
    json_object_set_new(json, "sessions",
                        sessions_to_json(h ? h->sessions : NULL));
    json_object_set_new(json, "interface", text_to_json(o->interface));
    json_object_set_new(json, "description",
                        text_to_json(h ? h->description : NULL));
    json_object_set_new(json, "filter", text_to_json(o->filter));
    json_object_set_new(json, "snaplen", json_integer(o->snaplen));
    json_object_set_new(json, "sample", json_integer(o->sample));
    json_object_set_new(json, "opened", time_to_json(s->opened));
    json_object_set_new(json, "closed", time_to_json(s->closed));
    json_object_set_new(json, "first", time_to_json(s->first));
    json_object_set_new(json, "last", time_to_json(s->last));
    json_object_set_new(json, "packets", json_integer(s->packets));
    json_object_set_new(json, "bytes", json_integer(m->size));
    json_object_set_new(json, "lost", json_integer(s->dropcount));
    json_object_set_new(json, "gaps", json_integer(s->gaps));
    json_object_set_new(json, "gap_list", gaps_to_json(m));
    json_object_set_new(json, "write_drop", json_integer(s->write_drop));
    if (m->counters) {
        json_object_set_new(json, "counters", counters_to_json(m->counters));
        json_object_set_new(json, "counters_since_open",
                            counters_to_json(m->counters_since_open));
    }
    return json;
}

/* Writes 'text' into a new file 'name' in 'dirfd'. */
static int
write_text(int dirfd, const char *name, const char *text)
{
    int error;
    int fd;

    fd = openat(dirfd, name,
                O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0) {
        return errno;
    }
    error = rec_write_all(fd, text, strlen(text), NULL);
    if (close(fd) && !error) {
        error = errno;
    }
    return error;
}

/* Writes 'json' as the manifest of the file 'file' in 'dirfd', at once or not
 * at all.  Returns 0 or a positive errno value. */
int
manifest_store(int dirfd, const char *file, json_t *json)
{
    char *name = rec_xasprintf("%s%s", file, FILE_NAME_MANIFEST);
    char *part = rec_xasprintf("%s%s", name, FILE_NAME_PART);
    char *dump = json_dumps(json, JSON_INDENT(2));
    char *text = rec_xasprintf("%s\n", dump ? dump : "{}");
    int error = write_text(dirfd, part, text);

    if (!error && renameat(dirfd, part, dirfd, name)) {
        error = errno;
    }
    if (error) {
        unlinkat(dirfd, part, 0);
    }
    free(text);
    free(dump);
    free(part);
    free(name);
    return error;
}

/* Adds 'p' to the manifest of the file 'name' in 'dirfd', if there is one.
 * Returns 0 or a positive errno value. */
int
manifest_amend(int dirfd, const char *name, const struct manifest_packing *p)
{
    json_t *json = manifest_load(dirfd, name);
    int error;

    if (!json) {
        return ENOENT;
    }
    if (p->sha256) {
        json_object_set_new(json, "sha256", json_string(p->sha256));
    }
    if (p->compressed) {
        json_object_set_new(json, "compressed", json_string(p->compressed));
        json_object_set_new(json, "compressed_bytes",
                            json_integer(p->compressed_bytes));
    }
    if (p->compressed_sha256) {
        json_object_set_new(json, "compressed_sha256",
                            json_string(p->compressed_sha256));
    }
    error = manifest_store(dirfd, name, json);
    json_decref(json);
    return error;
}

/* Removes the manifest of capture file 'name', if there is one. */
void
manifest_remove(int dirfd, const char *name)
{
    char *manifest = rec_xasprintf("%s%s", name, FILE_NAME_MANIFEST);

    unlinkat(dirfd, manifest, 0);
    free(manifest);
}
