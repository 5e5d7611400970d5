/* SPDX-License-Identifier: Apache-2.0 */

/* Capture files in a directory; see capture-dir.h. */

#include <config.h>

#include "capture-dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "plugin/record/time-text.h"
#include "util.h"

/* More than any manifest has. */
#define MANIFEST_MAX (1 << 20)

static const struct json *
get_member(const struct json *json, const char *name, enum json_type type)
{
    const struct json *member = shash_find_data(json_object(json), name);

    return member && member->type == type ? member : NULL;
}

static char *
get_text(const struct json *json, const char *name)
{
    const struct json *text = get_member(json, name, JSON_STRING);

    return text ? xstrdup(json_string(text)) : NULL;
}

/* Stores the sum called 'name' in 'sum', which is empty otherwise. */
static void
get_sum(const struct json *json, const char *name, char sum[SHA256_HEX_SIZE])
{
    const struct json *text = get_member(json, name, JSON_STRING);

    if (text && strlen(json_string(text)) < SHA256_HEX_SIZE) {
        ovs_strlcpy(sum, json_string(text), SHA256_HEX_SIZE);
    }
}

static uint64_t
get_number(const struct json *json, const char *name)
{
    const struct json *number = get_member(json, name, JSON_INTEGER);

    return (number && json_integer(number) >= 0
            ? json_integer(number) : CAPTURE_UNKNOWN);
}

/* A time is a text, as in "2026-01-31T23:59:59.123456789Z", or a number of
 * nanoseconds since 1970. */
static uint64_t
get_time(const struct json *json, const char *name)
{
    const struct json *text = get_member(json, name, JSON_STRING);
    uint64_t ns;

    if (!text) {
        return get_number(json, name);
    }
    return time_text_parse(json_string(text), 0, &ns) ? ns : CAPTURE_UNKNOWN;
}

/* Reads the manifest of the file 'path', which may have ".part" or ".zst"
 * behind it.  Returns false if there is none.  The caller must destroy '*m'
 * otherwise. */
bool
manifest_read(struct manifest *m, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t dir_len = slash ? slash + 1 - path : 0;
    struct file_name parts;
    struct json *json = NULL;
    struct stat st;
    char *name;

    name = (file_name_split(path + dir_len, &parts)
            ? xasprintf("%.*s%s", (int) (dir_len + parts.plain_len), path,
                        FILE_NAME_MANIFEST)
            : xasprintf("%s%s", path, FILE_NAME_MANIFEST));
    if (!stat(name, &st) && S_ISREG(st.st_mode)
        && st.st_size <= MANIFEST_MAX) {
        json = json_from_file(name);
    }
    free(name);
    if (!json || json->type != JSON_OBJECT) {
        json_destroy(json);
        return false;
    }

    *m = (struct manifest) {
        .state = get_text(json, "state"),
        .interface = get_text(json, "interface"),
        .description = get_text(json, "description"),
        .filter = get_text(json, "filter"),
        .first = get_time(json, "first"),
        .last = get_time(json, "last"),
        .claims = {
            .packets = get_number(json, "packets"),
            .lost = get_number(json, "lost"),
            .gaps = get_number(json, "gaps"),
            .bytes = get_number(json, "bytes"),
            .packed_bytes = get_number(json, "compressed_bytes"),
        },
    };
    get_sum(json, "sha256", m->claims.sha256);
    get_sum(json, "compressed_sha256", m->claims.packed_sha256);
    json_destroy(json);
    return true;
}

/* Frees what '*m' holds. */
void
manifest_destroy(struct manifest *m)
{
    free(m->state);
    free(m->interface);
    free(m->description);
    free(m->filter);
}

/* Is 'name', in 'dir' or a directory in it, a capture file, of 'sink' unless
 * that is NULL?  Then adds it to 'files'. */
static void
add_file(struct capture_dir *files, const char *dir, const char *name,
         const char *sink)
{
    struct file_name parts;
    struct stat st;
    char *path;

    /* What is both compressed and not complete is a copy in the making. */
    if (!file_name_split(name, &parts) || (parts.zstd && parts.part)
        || (sink && (strlen(sink) != parts.prefix_len
                     || strncmp(name, sink, parts.prefix_len)))) {
        return;
    }
    path = xasprintf("%s/%s", dir, name);
    if (lstat(path, &st) || !S_ISREG(st.st_mode)) {
        free(path);
        return;
    }
    if (files->n >= files->allocated) {
        files->entries = x2nrealloc(files->entries, &files->allocated,
                                    sizeof *files->entries);
    }
    struct capture_entry *e = &files->entries[files->n++];

    *e = (struct capture_entry) {
        .path = path,
        .sink = xmemdup0(name, parts.prefix_len),
        .name = xstrdup(name),
        .parts = parts,
        .size = st.st_size,
    };
    e->has_manifest = !parts.part && manifest_read(&e->manifest, path);
}

/* Adds the files in 'dir', and those in its directories if 'deep'.  What is no
 * directory, or is gone again, has none, unless it was asked for.  Returns
 * NULL or a message for the caller to free. */
static char *
scan(struct capture_dir *files, const char *dir, const char *sink, bool deep)
{
    const struct dirent *d;
    DIR *stream = opendir(dir);
    char *message = NULL;

    if (!stream) {
        return (!deep && (errno == ENOTDIR || errno == ENOENT)
                ? NULL : xasprintf("%s: %s", dir, ovs_strerror(errno)));
    }
    while (!message && (d = readdir(stream)) != NULL) {
        if (deep && file_name_is_valid_sink(d->d_name)
            && (d->d_type == DT_DIR || d->d_type == DT_UNKNOWN)) {
            char *sub = xasprintf("%s/%s", dir, d->d_name);

            message = scan(files, sub, sink, false);
            free(sub);
        }
        add_file(files, dir, d->d_name, sink);
    }
    closedir(stream);
    return message;
}

static int
compare_entries(const void *a_, const void *b_)
{
    const struct capture_entry *a = a_, *b = b_;
    int cmp = strcmp(a->sink, b->sink);

    if (!cmp && a->parts.sequence != b->parts.sequence) {
        cmp = a->parts.sequence < b->parts.sequence ? -1 : 1;
    }
    /* Names of one file are neighbours, the closed one's is first. */
    return cmp ? cmp : strcmp(a->path, b->path);
}

static void
destroy_entry(struct capture_entry *e)
{
    free(e->path);
    free(e->sink);
    free(e->name);
    if (e->has_manifest) {
        manifest_destroy(&e->manifest);
    }
}

/* Returns the bytes of the path that 'e' has when it is closed and not
 * compressed. */
static size_t
plain_len(const struct capture_entry *e)
{
    return strlen(e->path) - strlen(e->name) + e->parts.plain_len;
}

/* Of a file that was seen under several names, as it was closed or compressed
 * just then, or has a copy, keeps the first. */
static void
remove_doubles(struct capture_dir *files)
{
    size_t n = 0;

    for (size_t i = 0; i < files->n; i++) {
        struct capture_entry *e = &files->entries[i];
        const struct capture_entry *before = n ? &files->entries[n - 1] : NULL;

        if (before && plain_len(before) == plain_len(e)
            && !strncmp(before->path, e->path, plain_len(e))) {
            destroy_entry(e);
        } else {
            files->entries[n++] = *e;
        }
    }
    files->n = n;
}

/* Finds the capture files in 'dir' and in its directories, those of 'sink'
 * unless that is NULL.  Returns NULL, or a message for the caller to free if
 * it cannot be read.  The caller must destroy '*files' in either case. */
char *
capture_dir_read(struct capture_dir *files, const char *dir, const char *sink)
{
    char *message;

    memset(files, 0, sizeof *files);
    message = scan(files, dir, sink, true);
    if (files->n) {
        qsort(files->entries, files->n, sizeof *files->entries,
              compare_entries);
    }
    remove_doubles(files);
    return message;
}

/* Frees what '*files' holds. */
void
capture_dir_destroy(struct capture_dir *files)
{
    for (size_t i = 0; i < files->n; i++) {
        destroy_entry(&files->entries[i]);
    }
    free(files->entries);
}
