/* SPDX-License-Identifier: Apache-2.0 */

/* A Unix socket for root and the group "span".  See group-socket.h. */

#include <config.h>
#include "plugin/daemon/group-socket.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(group_socket);
static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Milliseconds until a socket that cannot be made is tried again: more each
 * time, as each time is several lines in the log. */
#define MIN_RETRY 10000
#define MAX_RETRY (10 * 60 * 1000)

struct group_socket {
    char *path;
    struct pstream *pstream;    /* NULL = not open. */
    long long int retry_at;     /* When to try to open it, msec. */
    int retry;                  /* How long after that, msec. */
};

/* Creates the socket 'path' as soon as somebody might be accepted.  What a
 * process that is gone has left under that name is replaced. */
struct group_socket *
group_socket_create(const char *path)
{
    struct group_socket *gs = xzalloc(sizeof *gs);

    gs->path = xstrdup(path);
    gs->retry_at = LLONG_MIN;
    gs->retry = MIN_RETRY;
    return gs;
}

/* Closes the socket and removes it. */
void
group_socket_destroy(struct group_socket *gs)
{
    if (gs) {
        pstream_close(gs->pstream);
        free(gs->path);
        free(gs);
    }
}

const char *
group_socket_path(const struct group_socket *gs)
{
    return gs->path;
}

static void
open_socket(struct group_socket *gs)
{
    const struct group *group = getgrnam("span");
    char *name = xasprintf("punix:%s", gs->path);
    int error = pstream_open(name, &gs->pstream, 0);

    free(name);
    if (!error && ((group && !geteuid()
                    && chown(gs->path, -1, group->gr_gid))
                   || chmod(gs->path, 0660))) {
        VLOG_WARN("%s: %s", gs->path, ovs_strerror(errno));
    }
    if (error) {
        VLOG_WARN_RL(&rl, "%s: %s", gs->path, ovs_strerror(error));
        gs->pstream = NULL;
        gs->retry_at = time_msec() + gs->retry;
        gs->retry = MIN(gs->retry * 2, MAX_RETRY);
    }
}

/* Returns somebody who has connected, for the caller to close, or NULL. */
struct stream *
group_socket_accept(struct group_socket *gs)
{
    struct stream *stream;

    if (!gs->pstream && time_msec() >= gs->retry_at) {
        open_socket(gs);
    }
    return (gs->pstream && !pstream_accept(gs->pstream, &stream)
            ? stream : NULL);
}

void
group_socket_wait(const struct group_socket *gs)
{
    if (gs->pstream) {
        pstream_wait(gs->pstream);
    } else {
        poll_timer_wait_until(gs->retry_at);
    }
}
