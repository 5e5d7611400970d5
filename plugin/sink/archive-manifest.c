/* SPDX-License-Identifier: Apache-2.0 */

/* The manifests of closed files; see archive.h.  One that cannot be written,
 * as on a full disk, is kept in memory and tried again. */

#include <config.h>

#include "archive.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "capture-place.h"
#include "manifest.h"
#include "options.h"
#include "plugin/record/file-name.h"
#include "plugin/record/record-util.h"
#include "recordings.h"

/* More are not kept: a manifest has some kilobytes. */
#define UNWRITTEN_MAX 256

/* Tells those who ask what 'm' says. */
static void
tell_recordings(struct archive *a, const struct manifest *m)
{
    struct file_name parts = { .sequence = 0 };

    file_name_split(m->name, &parts);
    recordings_put(a->recordings, &(struct recording) {
        .name = (char *) m->name,
        .sequence = parts.sequence,
        .state = recording_state_parse(m->state),
        .first = m->stats.first,
        .last = m->stats.last,
        .packets = m->stats.packets,
        .bytes = m->size,
        .lost = m->stats.dropcount,
        .gaps = m->stats.gaps,
    });
}

/* Forgets the manifest number 'i' of those that could not be written. */
static void
forget(struct archive *a, size_t i)
{
    json_decref(a->unwritten[i].json);
    free(a->unwritten[i].name);
    a->n_unwritten--;
    memmove(&a->unwritten[i], &a->unwritten[i + 1],
            (a->n_unwritten - i) * sizeof *a->unwritten);
}

/* Keeps 'json', which it takes over, as the manifest of file 'name'. */
static void
keep(struct archive *a, const char *name, json_t *json)
{
    if (a->n_unwritten == UNWRITTEN_MAX) {
        forget(a, 0);
    }
    a->unwritten = rec_xrealloc(
        a->unwritten, (a->n_unwritten + 1) * sizeof *a->unwritten);
    a->unwritten[a->n_unwritten++] = (struct archive_manifest) {
        .name = rec_xstrdup(name),
        .json = json,
    };
}

/* Writes the manifest 'm', all but whose options is there, of a file under
 * ovs-spand. */
void
archive_write_manifest(struct archive *a, struct manifest *m)
{
    json_t *json;

    m->options = a->options;
    tell_recordings(a, m);
    if (!a->options->sink) {
        return;
    }
    json = manifest_to_json(m);
    if (manifest_store(a->place->dirfd, m->name, json)) {
        keep(a, m->name, json);
    } else {
        json_decref(json);
    }
}

/* Tries once more to write manifests that could not be written. */
void
archive_write_late(struct archive *a)
{
    while (a->n_unwritten
           && !manifest_store(a->place->dirfd, a->unwritten[0].name,
                              a->unwritten[0].json)) {
        for (size_t i = 0; i < a->files.n; i++) {
            if (!strcmp(a->files.entries[i].name, a->unwritten[0].name)) {
                a->files.entries[i].settled = false;
            }
        }
        forget(a, 0);
    }
}

/* Removes the manifest of the file whose plain name is 'name', written or
 * not. */
void
archive_remove_manifest(struct archive *a, const char *name)
{
    manifest_remove(a->place->dirfd, name);
    for (size_t i = a->n_unwritten; i-- > 0; ) {
        if (!strcmp(a->unwritten[i].name, name)) {
            forget(a, i);
        }
    }
}

/* Forgets all manifests that could not be written. */
void
archive_forget_manifests(struct archive *a)
{
    while (a->n_unwritten) {
        forget(a, a->n_unwritten - 1);
    }
    free(a->unwritten);
}
