/* SPDX-License-Identifier: Apache-2.0 */

/* Metrics in a file.  See metrics-file.h.
 *
 * A child writes it, so that on storage that hangs only that waits.  Its pipe
 * says what went wrong, and by its end that it is done.  The new file is made
 * beside the old one, under a name that the collector does not read, and takes
 * its place whole.  Others may write to the directory, so nothing that stands
 * there is opened. */

#include <config.h>
#include "plugin/daemon/metrics-file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "plugin/daemon/child-setup.h"
#include "plugin/daemon/metrics.h"
#include "plugin/daemon/reconciler.h"
#include "socket-util.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(metrics_file);

/* Milliseconds that a child may take before it is complained about, and that
 * the end of the daemon waits for one. */
#define PATIENCE 5000
#define LAST_PATIENCE 1000

/* Bytes of a child's complaint. */
#define MAX_REPORT 256

struct metrics_file {
    char *path;
    char *fresh;                /* Where the next one is made. */
    long long int interval;     /* msec. */
    long long int next;         /* When to write, msec. */
    bool ready;                 /* Did it say so last? */

    pid_t pid;                  /* Of the child; 0 = none. */
    int fd;                     /* Its complaint; -1 = all of it is read. */
    long long int late;         /* When the child is too slow, msec. */
    char report[MAX_REPORT];
    size_t n;                   /* Bytes in 'report'. */

    char *error;                /* What was complained about last; or NULL. */
};

/* Returns the name of a hidden file beside 'path', for the caller to free. */
static char *
hidden_name(const char *path)
{
    char *dir = dir_name(path);
    char *base = base_name(path);
    char *hidden = xasprintf("%s/.%s.new", dir, base);

    free(dir);
    free(base);
    return hidden;
}

/* Creates what writes the file 'path' each 'interval' seconds. */
struct metrics_file *
metrics_file_create(const char *path, int interval)
{
    struct metrics_file *mf = xzalloc(sizeof *mf);

    mf->path = xstrdup(path);
    mf->fresh = hidden_name(path);
    mf->interval = interval * 1000LL;
    mf->next = time_msec();
    mf->fd = -1;
    return mf;
}

/* Makes 'mf''s file, of 'text'.  Returns 0 or an errno. */
static int
write_file(const struct metrics_file *mf, const char *text)
{
    size_t n = strlen(text), written;
    int error, fd;

    unlink(mf->fresh);
    fd = open(mf->fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
    if (fd < 0) {
        return errno;
    }
    error = write_fully(fd, text, n, &written);
    if (!error && (fchmod(fd, 0644) || close(fd)
                   || rename(mf->fresh, mf->path))) {
        error = errno;
    }
    if (error) {
        unlink(mf->fresh);
    }
    return error;
}

/* Removes the file, and what one that was killed has left. */
static int
remove_file(const struct metrics_file *mf)
{
    unlink(mf->fresh);
    return unlink(mf->path) && errno != ENOENT ? errno : 0;
}

/* Runs in the child: writes 'text', or removes the file if it is NULL. */
OVS_NO_RETURN static void
child_main(const struct metrics_file *mf, const char *text, int fd)
{
    int error;

    child_reset_signals();
    dup2(fd, STDERR_FILENO);
    child_close_files(3);
    error = text ? write_file(mf, text) : remove_file(mf);
    if (error) {
        dprintf(STDERR_FILENO, "%s", strerror(error));
    }
    _exit(error ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* Takes note of what came of writing: 'error', a phrase, or NULL.  What is
 * known already is not said again. */
static void
take_error(struct metrics_file *mf, const char *error)
{
    if (error && !nullable_string_is_equal(error, mf->error)) {
        VLOG_WARN("%s: cannot be written: %s", mf->path, error);
    } else if (!error && mf->error) {
        VLOG_INFO("%s: can be written again", mf->path);
    }
    free(mf->error);
    mf->error = nullable_xstrdup(error);
}

static void
start(struct metrics_file *mf, const char *text)
{
    int fds[2];

    if (pipe(fds)) {
        take_error(mf, ovs_strerror(errno));
        return;
    }
    mf->pid = fork();
    if (!mf->pid) {
        child_main(mf, text, fds[1]);
    } else if (mf->pid < 0) {
        take_error(mf, ovs_strerror(errno));
        mf->pid = 0;
        close(fds[0]);
    } else {
        mf->fd = fds[0];
        set_nonblocking(mf->fd);
        mf->n = 0;
        mf->late = time_msec() + PATIENCE;
    }
    close(fds[1]);
}

static void
read_report(struct metrics_file *mf)
{
    ssize_t n;

    do {
        n = read(mf->fd, mf->report + mf->n, sizeof mf->report - 1 - mf->n);
        mf->n += MAX(n, 0);
    } while (n > 0);
    if (!n || (errno != EAGAIN && errno != EINTR)) {
        close(mf->fd);
        mf->fd = -1;
    }
}

/* Looks how the child gets on. */
static void
look_at_child(struct metrics_file *mf)
{
    int status = 0;

    if (mf->fd >= 0) {
        read_report(mf);
    }
    if (mf->pid && mf->fd < 0 && waitpid(mf->pid, &status, WNOHANG)) {
        mf->pid = 0;
        mf->report[mf->n] = '\0';
        take_error(mf, (mf->n ? mf->report
                        : status ? "the child that does so was killed"
                        : NULL));
    } else if (mf->pid && time_msec() >= mf->late) {
        take_error(mf, "its storage does not answer");
    }
}

static void
wait_for_child(struct metrics_file *mf)
{
    long long int end = time_msec() + LAST_PATIENCE;

    while (mf->pid && time_msec() < end) {
        look_at_child(mf);
        if (mf->pid) {
            xnanosleep_no_quiesce(1000 * 1000);
        }
    }
}

/* Removes the file: figures that nobody brings up to date any more must not
 * look as if they were new. */
void
metrics_file_destroy(struct metrics_file *mf)
{
    if (mf) {
        if (mf->pid) {
            kill(mf->pid, SIGKILL);
            wait_for_child(mf);
        }
        if (!mf->pid) {
            start(mf, NULL);
            wait_for_child(mf);
        }
        if (mf->fd >= 0) {
            close(mf->fd);
        }
        free(mf->path);
        free(mf->fresh);
        free(mf->error);
        free(mf);
    }
}

/* Writes what 'status' says when it is time to, and when the daemon has become
 * ready.  While a child has not ended there is no other. */
void
metrics_file_run(struct metrics_file *mf,
                 const struct reconciler_status *status)
{
    long long int now = time_msec();
    bool ready = status->pass != NULL;

    look_at_child(mf);
    if (!mf->pid && (now >= mf->next || ready != mf->ready)) {
        char *text = metrics_to_text(status, METRIC_PROMETHEUS);

        mf->ready = ready;
        mf->next = now + mf->interval;
        start(mf, text);
        free(text);
    }
}

void
metrics_file_wait(const struct metrics_file *mf)
{
    if (mf->fd >= 0) {
        poll_fd_wait(mf->fd, POLLIN);
    } else if (mf->pid) {
        poll_timer_wait(1);     /* It is just ending. */
    }
    if (mf->pid && !mf->error) {
        poll_timer_wait_until(mf->late);
    } else if (!mf->pid) {
        poll_timer_wait_until(mf->next);
    }
}
