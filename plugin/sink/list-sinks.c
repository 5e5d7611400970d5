/* SPDX-License-Identifier: Apache-2.0 */

/* Lists the sinks that have files in a capture directory, see list-sinks.h: a
 * file called NAME_... in a directory NAME makes a sink.  The directory may
 * have sub-directories that sinks share (column "dir" of table Sink), so they
 * are looked for on two levels. */

#include <config.h>

#include "list-sinks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/record/file-name.h"
#include "plugin/record/record-util.h"

#define LEVELS 2

/* Opens directory 'name' in 'dirfd'.  Returns NULL, with errno set, if that
 * cannot be; links are not followed, unless 'name' is the user's own word. */
static DIR *
open_directory(int dirfd, const char *name, int flags)
{
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);

    if (!dir && fd >= 0) {
        close(fd);
    }
    return dir;
}

/* Is there a file of 'sink' in 'dir'? */
static bool
has_files(DIR *dir, const char *sink)
{
    const struct dirent *d;
    struct file_name name;

    while ((d = readdir(dir)) != NULL) {
        if (file_name_split(d->d_name, &name)
            && name.prefix_len == strlen(sink)
            && !strncmp(d->d_name, sink, name.prefix_len)) {
            return true;
        }
    }
    return false;
}

static void
add_sink(json_t *sinks, const char *dir, const char *sink)
{
    json_t *json = json_object();

    json_object_set_new(json, "dir", json_string(dir));
    json_object_set_new(json, "sink", json_string(sink));
    json_array_append_new(sinks, json);
}

/* Adds to 'sinks' those in 'dir', whose path is 'path', and 'levels' - 1
 * levels below it. */
static void
collect(DIR *dir, const char *path, int levels, json_t *sinks)
{
    const struct dirent *d;

    while ((d = readdir(dir)) != NULL) {
        DIR *sub = (file_name_is_valid_sink(d->d_name)
                    ? open_directory(dirfd(dir), d->d_name, O_NOFOLLOW)
                    : NULL);

        if (!sub) {
            continue;
        }
        if (has_files(sub, d->d_name)) {
            add_sink(sinks, path, d->d_name);
        }
        if (levels > 1) {
            char *subpath = rec_xasprintf("%s/%s", path, d->d_name);

            rewinddir(sub);
            collect(sub, subpath, levels - 1, sinks);
            free(subpath);
        }
        closedir(sub);
    }
}

/* Prints the sinks that have files below 'path', as JSON; none, if it does not
 * exist.  Returns NULL or a sentence that the caller must free. */
char *
list_sinks(const char *path)
{
    DIR *dir = open_directory(AT_FDCWD, path, 0);
    json_t *sinks = json_array();
    json_t *json = json_object();
    char buffer[128];
    int error = !dir && errno != ENOENT ? errno : 0;

    json_object_set_new(json, "sinks", sinks);
    if (dir) {
        collect(dir, path, LEVELS, sinks);
        closedir(dir);
    }
    if (!error && (json_dumpf(json, stdout, JSON_COMPACT)
                   || putchar('\n') == EOF || fflush(stdout))) {
        error = errno ? errno : EIO;
    }
    json_decref(json);
    return (error
            ? rec_xasprintf("the sinks in %s cannot be listed: %s", path,
                            rec_strerror(error, buffer, sizeof buffer))
            : NULL);
}
