/* SPDX-License-Identifier: Apache-2.0 */

/* Lists the files of a sink that no recorder serves, as one that did would
 * answer "recordings"; see list-files.h. */

#include <config.h>

#include "list-files.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "manifest-read.h"
#include "options.h"
#include "plugin/record/file-list.h"
#include "plugin/record/record-util.h"
#include "privileges.h"
#include "recordings.h"
#include "sink-user.h"

/* Stores in '*fd' the directory of 'sink' under 'dir', -1 if there is none.
 * Returns 0 or a positive errno value. */
static int
open_directory(const char *dir, const char *sink, int *fd)
{
    int parent = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int error = 0;

    *fd = (parent < 0
           ? -1
           : openat(parent, sink,
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (*fd < 0 && errno != ENOENT) {
        error = errno;
    }
    if (parent >= 0) {
        close(parent);
    }
    return error;
}

/* Writes 'recordings' to the standard output.  Returns 0 or a positive errno
 * value. */
static int
print(struct recordings *recordings)
{
    json_t *json = recordings_to_json(recordings);
    int error = 0;

    if (json_dumpf(json, stdout, JSON_COMPACT) || putchar('\n') == EOF
        || fflush(stdout)) {
        error = errno ? errno : EIO;
    }
    json_decref(json);
    return error;
}

/* Becomes, for good, the owner of the directory 'dirfd': what its files say
 * may be nonsense. */
static char *
leave_root(const struct sink_options *o, int dirfd)
{
    struct sink_user user;
    char *error = sink_user_choose(&user, o, dirfd);

    if (!error) {
        error = privileges_drop(&user);
    }
    sink_user_destroy(&user);
    return error;
}

/* Prints what is known of the files of the sink that 'o' names, of which there
 * may be none.  Changes nothing, so that it may be called at any time.
 * Returns NULL or a sentence that the caller must free. */
char *
list_files(const struct sink_options *o)
{
    struct recordings *recordings = recordings_create();
    struct file_list list = { 0 };
    char buffer[128], *message = NULL;
    int dirfd;
    int error = open_directory(o->dir, o->sink, &dirfd);

    if (!error && dirfd >= 0) {
        message = leave_root(o, dirfd);
        if (!message) {
            error = file_list_read(&list, dirfd, o->sink);
            manifest_read_all(dirfd, &list, recordings);
            file_list_destroy(&list);
        }
        close(dirfd);
    }
    if (!error && !message) {
        error = print(recordings);
    }
    recordings_destroy(recordings);
    return (error
            ? rec_xasprintf("the files in %s/%s cannot be listed: %s", o->dir,
                            o->sink,
                            rec_strerror(error, buffer, sizeof buffer))
            : message);
}
