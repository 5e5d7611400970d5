/* SPDX-License-Identifier: Apache-2.0 */

/* Whom the recorder runs as; see sink-user.h.
 *
 * Recordings have to belong to that user, or he could neither add to them nor
 * delete them.  What an earlier recorder made as root, or as another user, is
 * given to him, and only that: a directory or file that somebody else put
 * there could be a trap that makes root give away what is not his to have. */

#include <config.h>

#include "sink-user.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture-place.h"
#include "options.h"
#include "plugin/record/record-util.h"

/* The user whom ovs-span-setup and packages make, and the group of those who
 * may read recordings. */
#define USER "span"
#define GROUP "span"

static char *
describe_errno(const struct sink_user *user, const char *what)
{
    char buffer[128];

    return rec_xasprintf("%s %s: %s", what, user->name,
                         rec_strerror(errno, buffer, sizeof buffer));
}

static void
set_user(struct sink_user *user, uid_t uid, gid_t gid, const char *name)
{
    free(user->name);
    user->uid = uid;
    user->gid = gid;
    user->name = name ? rec_xstrdup(name) : rec_xasprintf("%u", uid);
}

/* Takes user 'name'.  Returns false if there is none. */
static bool
set_user_named(struct sink_user *user, const char *name)
{
    const struct passwd *pw = getpwnam(name);

    if (pw) {
        set_user(user, pw->pw_uid, pw->pw_gid, pw->pw_name);
    }
    return pw != NULL;
}

/* Takes the owner of directory 'dirfd', or root if there is none. */
static void
set_owner(struct sink_user *user, int dirfd)
{
    struct stat st;

    if (dirfd < 0 || fstat(dirfd, &st) || !st.st_uid) {
        set_user(user, 0, getegid(), "root");
    } else {
        const struct passwd *pw = getpwuid(st.st_uid);

        if (pw) {
            set_user(user, pw->pw_uid, pw->pw_gid, pw->pw_name);
        } else {
            set_user(user, st.st_uid, st.st_gid, NULL);
        }
    }
}

/* Decides whom to run as.  That is the user asked for; otherwise, for a file
 * named by hand or a list of files, the owner of the directory, because it is
 * his; otherwise USER if there is such a user; otherwise the owner of the
 * sink's directory, who may be root.  The files of a sink get group GROUP if
 * there is one.  'dirfd' is the directory, or -1.  Returns NULL, or a sentence
 * that the caller must free; the caller must sink_user_destroy() in either
 * case. */
char *
sink_user_choose(struct sink_user *user, const struct sink_options *o,
                 int dirfd)
{
    const struct group *group;

    *user = (struct sink_user) { .change = !geteuid(), .asked = o->user };
    set_user(user, geteuid(), getegid(), NULL);
    if (o->user && !set_user_named(user, o->user)) {
        return rec_xasprintf("user: there is no user %s", o->user);
    }
    if (!user->change) {
        return (user->uid == geteuid()
                ? NULL
                : rec_xasprintf("user: only root can record as user %s",
                                o->user));
    }
    if (!o->user) {
        bool owner = (!o->sink || o->list) && dirfd >= 0;

        if (owner || !set_user_named(user, USER)) {
            set_owner(user, dirfd);
        }
    }
    group = o->sink ? getgrnam(GROUP) : NULL;
    if (group) {
        user->gid = group->gr_gid;
    }
    return NULL;
}

/* Returns true if a recorder may have made the file called 'name'. */
static bool
is_ours(const char *name, const char *prefix)
{
    size_t n = strlen(prefix);

    return !strncmp(name, prefix, n) && name[n] == '_'
           && isdigit((unsigned char) name[n + 1]);
}

/* Gives the file called 'name' to 'user' if it belongs to 'owner', and is what
 * it seems to be. */
static int
take_file(const struct sink_user *user, int dirfd, const char *name,
          uid_t owner)
{
    int fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    int error = 0;
    struct stat st;

    if (fd < 0) {
        return errno == ENOENT ? 0 : errno;
    }
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_nlink == 1
        && st.st_uid == owner
        && fchownat(fd, "", user->uid, user->gid, AT_EMPTY_PATH)) {
        error = errno;
    }
    close(fd);
    return error;
}

/* Gives the recordings in directory 'dirfd' that belong to 'owner' to
 * 'user'.  Returns 0 or a positive errno value. */
static int
take_files(const struct sink_user *user, int dirfd, const char *prefix,
           uid_t owner)
{
    int copy = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *e;
    int error = 0;

    if (!dir) {
        error = errno;
        if (copy >= 0) {
            close(copy);
        }
        return error;
    }
    while (!error && (e = readdir(dir))) {
        if (is_ours(e->d_name, prefix)) {
            error = take_file(user, dirfd, e->d_name, owner);
        }
    }
    closedir(dir);
    return error;
}

/* Gives the sink's own directory to 'user', the files first: as long as it is
 * the former owner's, nobody else can have put them there. */
static int
take_directory(const struct sink_user *user, const struct capture_place *place)
{
    struct stat st;
    int error = 0;

    if (fstat(place->dirfd, &st)) {
        return errno;
    }
    if (st.st_uid != user->uid) {
        error = take_files(user, place->dirfd, place->prefix, st.st_uid);
    }
    if (!error && (st.st_uid != user->uid || st.st_gid != user->gid)
        && fchown(place->dirfd, user->uid, user->gid)) {
        error = errno;
    }
    return error;
}

/* Gives the directory that sinks' directories are in to 'user', so that he can
 * make one again that was deleted, if it is root's and as ovs-spand and
 * recorders make it.  Others keep theirs. */
static void
take_parent(const struct sink_user *user, const char *parent)
{
    int fd = capture_place_open_parent(parent);
    struct stat st;

    if (fd >= 0) {
        if (!fstat(fd, &st) && !st.st_uid
            && (st.st_mode & 07777) == CAPTURE_PLACE_MODE) {
            (void) !fchown(fd, user->uid, user->gid);
        }
        close(fd);
    }
}

/* Gives the directory of a sink, and what recorders made in it, to 'user'.
 * Nothing else changes its owner.  Some file systems know one owner only, or
 * take nothing from root: if nobody asked for 'user' it then becomes the
 * directory's owner.  Returns NULL, or a sentence that the caller must
 * free. */
char *
sink_user_take_over(struct sink_user *user, const struct capture_place *place)
{
    if (!user->change || !place->parent) {
        return NULL;
    }
    errno = take_directory(user, place);
    if (!errno) {
        take_parent(user, place->parent);
    } else if (user->asked) {
        return describe_errno(user, "the sink's directory cannot be given to "
                              "user");
    } else {
        gid_t group = user->gid;

        set_owner(user, place->dirfd);
        user->gid = group;
    }
    return NULL;
}

/* Becomes 'user', for good, with no group but his.  Returns NULL, or a
 * sentence that the caller must free. */
char *
sink_user_become(const struct sink_user *user)
{
    if (user->change
        && (setgroups(0, NULL)
            || setresgid(user->gid, user->gid, user->gid)
            || setresuid(user->uid, user->uid, user->uid))) {
        return describe_errno(user, "the recorder cannot become user");
    }
    return NULL;
}

/* Frees what 'user' holds. */
void
sink_user_destroy(struct sink_user *user)
{
    free(user->name);
    user->name = NULL;
}
