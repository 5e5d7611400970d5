/* SPDX-License-Identifier: Apache-2.0 */

/* Where capture files are made; see capture-place.h. */

#include <config.h>

#include "capture-place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "fs-kind.h"
#include "options.h"
#include "plugin/record/record-format.h"
#include "plugin/record/record-util.h"

static char *
describe_errno(const char *what, const char *name)
{
    char buffer[128];

    return rec_xasprintf("%s: %s: %s", name, what,
                          rec_strerror(errno, buffer, sizeof buffer));
}

/* Returns the part of 'path' before its last name.  The caller must free
 * it. */
static char *
get_parent(const char *path)
{
    const char *slash = strrchr(path, '/');

    return (!slash ? rec_xstrdup(".")
            : slash == path ? rec_xstrdup("/")
            : rec_xstrndup(path, slash - path));
}

/* Returns true if nobody but root and us can have put 'path' where it is. */
static bool
is_put_by_root(const char *path)
{
    char *parent = get_parent(path);
    struct stat st;
    bool by_root = (!stat(parent, &st)
                    && (!st.st_uid || st.st_uid == geteuid())
                    && !(st.st_mode & (S_IWGRP | S_IWOTH)));

    free(parent);
    return by_root;
}

/* Opens the directory 'path' that directories of sinks are in.  Returns its
 * descriptor, or -1 with errno set.
 *
 * The user that recorders run as owns such directories, and what he puts into
 * one must not make root write, or give something away, elsewhere: for root, a
 * link there is ELOOP. */
int
capture_place_open_parent(const char *path)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    size_t n = strlen(path);
    char *plain;
    struct stat st;
    int error;
    int fd;

    while (n > 1 && path[n - 1] == '/') {
        n--;
    }
    plain = rec_xstrndup(path, n);
    fd = open(plain, flags | (geteuid() ? 0 : O_NOFOLLOW));
    error = errno;
    if (fd < 0 && !lstat(plain, &st) && S_ISLNK(st.st_mode)) {
        if (geteuid() || is_put_by_root(plain)) {
            fd = open(plain, flags);
            error = errno;
        } else {
            error = ELOOP;
        }
    }
    free(plain);
    errno = error;
    return fd;
}

/* Makes directory 'path', if need be, and opens it. */
static int
make_parent(const char *path)
{
    return (mkdir(path, CAPTURE_PLACE_MODE) && errno != EEXIST
            ? -1 : capture_place_open_parent(path));
}

/* The same for directory 'name' in 'parent', which must not be a link. */
static int
make_directory(int parent, const char *name)
{
    return (mkdirat(parent, name, CAPTURE_PLACE_MODE) && errno != EEXIST
            ? -1
            : openat(parent, name,
                     O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
}

/* Opens PARENT/NAME, and keeps other recorders out of it.  Returns NULL and
 * stores the descriptor in '*fd', or returns a sentence. */
static char *
open_own(const char *parent, const char *name, int *fd)
{
    int parent_fd = make_parent(parent);
    char *error = NULL;

    *fd = -1;
    if (parent_fd < 0) {
        return (errno == ELOOP
                ? rec_xasprintf("%s: is a link that others than root can "
                                "have made; name what it leads to", parent)
                : describe_errno("cannot be opened", parent));
    }
    *fd = make_directory(parent_fd, name);
    if (*fd < 0) {
        error = describe_errno("its directory cannot be opened", name);
    } else if (flock(*fd, LOCK_EX | LOCK_NB)) {
        error = (errno == EWOULDBLOCK
                 ? rec_xasprintf("%s: another recorder writes to %s/%s",
                                  name, parent, name)
                 : describe_errno("its directory cannot be locked", name));
    }
    close(parent_fd);
    return error;
}

/* Opens the directory of a sink. */
static char *
open_sink_directory(struct capture_place *place, const struct sink_options *o)
{
    /* Files are for their group to read, whoever started us. */
    umask(027);
    place->parent = o->dir;
    place->prefix = rec_xstrdup(o->sink);
    return open_own(place->parent, place->prefix, &place->dirfd);
}

/* Makes the sink's directory anew, as somebody has deleted it.  Returns true
 * if that worked.  The descriptor stays the same, so other threads may go on
 * using it. */
bool
capture_place_restore(struct capture_place *place)
{
    bool ok;
    int fd;

    if (!place->parent) {
        return false;
    }
    char *error = open_own(place->parent, place->prefix, &fd);

    ok = !error && dup3(fd, place->dirfd, O_CLOEXEC) >= 0;
    free(error);
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

/* Splits the path given by hand into a directory and a name.  With any reason
 * for a second file, the files are numbered. */
static char *
open_path(struct capture_place *place, const struct sink_options *o)
{
    const struct rotation_limits *l = &o->live.rotation;
    const char *slash = strrchr(o->write, '/');
    const char *name = slash ? slash + 1 : o->write;
    const char *dot = strrchr(name, '.');
    char *dir;

    if (!strcmp(o->write, "-")) {
        if (isatty(STDOUT_FILENO)) {
            return rec_xstrdup("the standard output is a terminal; send it "
                               "to a program or a file");
        }
        place->single = rec_xstrdup(o->write);
        return NULL;
    }
    if (!*name) {
        return rec_xasprintf("%s: must be the name of a file", o->write);
    }
    dir = (slash == o->write ? rec_xstrdup("/")
           : slash ? rec_xstrndup(o->write, slash - o->write)
           : rec_xstrdup("."));
    place->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(dir);
    if (place->dirfd < 0) {
        return describe_errno("its directory cannot be opened", o->write);
    }
    if (l->bytes || l->seconds || l->packets) {
        bool extended = dot && (!strcmp(dot, ".pcapng")
                                || !strcmp(dot, ".pcap"));

        place->prefix = rec_xstrndup(name, (extended ? (size_t) (dot - name)
                                             : strlen(name)));
    } else {
        place->single = rec_xstrdup(o->write);
    }
    return NULL;
}

/* Notes what file system 'place' is on, and that it is not refused. */
static char *
check_file_system(struct capture_place *place, const struct sink_options *o)
{
    struct fs_decision d;
    struct statfs fs;

    if (place->dirfd < 0 || fstatfs(place->dirfd, &fs)) {
        return NULL;
    }
    place->fs = fs_kind_lookup(fs.f_type);
    fs_kind_decide(place->fs, &o->network_fs, 0, &d);
    return (d.refused
            ? rec_xasprintf("%s is on a network file system (%s), which "
                            "network-fs=refuse rules out",
                            o->write ? o->write : o->dir, place->fs->name)
            : NULL);
}

/* Opens the place that 'o' speaks of.  Returns NULL, or a sentence that the
 * caller must free.  The caller must capture_place_close() it in either
 * case. */
char *
capture_place_open(struct capture_place *place, const struct sink_options *o)
{
    *place = (struct capture_place) {
        .dirfd = -1,
        .extension = o->format->name,
    };
    char *error = (o->write ? open_path(place, o)
                   : open_sink_directory(place, o));

    return error ? error : check_file_system(place, o);
}

/* Makes sure that we may write to 'place', now that we are 'user'.  Returns
 * NULL, or a sentence that the caller must free. */
char *
capture_place_check(const struct capture_place *place, const char *user)
{
    const char *slash = place->single ? strrchr(place->single, '/') : NULL;
    const char *name = slash ? slash + 1 : place->single;

    if (place->dirfd < 0
        || (name && !faccessat(place->dirfd, name, W_OK, 0))
        || ((!name || errno == ENOENT)
            && !faccessat(place->dirfd, ".", W_OK | X_OK, 0))
        || errno != EACCES) {
        /* Whatever else there may be, the writer will tell. */
        return NULL;
    }
    return rec_xasprintf("%s: user %s may not write there; name another "
                         "directory, or with --user another user",
                         place->single ? place->single : place->prefix, user);
}

/* Closes 'place'. */
void
capture_place_close(struct capture_place *place)
{
    if (place->dirfd >= 0) {
        close(place->dirfd);
    }
    free(place->prefix);
    free(place->single);
}
