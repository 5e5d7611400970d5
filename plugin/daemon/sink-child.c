/* SPDX-License-Identifier: Apache-2.0 */

/* A recorder as a process.  See sink-child.h; sink-proc.c has one for each
 * sink.
 *
 * A process is watched through a pidfd, which works for those that a former
 * daemon started too, is safe against reuse of process IDs, and leaves SIGCHLD
 * to others.  Where the kernel has none (before Linux 5.3) it is looked at
 * several times a second. */

#include <config.h>
#include "plugin/daemon/sink-child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "plugin/daemon/child-setup.h"
#include "process.h"
#include "smap.h"
#include "socket-util.h"
#include "svec.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sink_child);

/* Milliseconds between looks at a process without a pidfd. */
#define LOOK_INTERVAL 200

/* The recorder's program could not be executed; as in shells. */
#define EXIT_NO_PROGRAM 127

void
sink_child_init(struct sink_child *child)
{
    memset(child, 0, sizeof *child);
    child->pidfd = -1;
}

/* Forgets the process; it lives on if it does. */
void
sink_child_uninit(struct sink_child *child)
{
    if (child->pidfd >= 0) {
        close(child->pidfd);
    }
    free(child->log);
    sink_child_init(child);
}

static int
open_pidfd(pid_t pid)
{
#ifdef SYS_pidfd_open
    return syscall(SYS_pidfd_open, pid, 0);
#else
    return -1;
#endif
}

/* Becomes the recorder, with its output and its complaints into these files,
 * or ours where they are negative.  Between fork and exec of a process that
 * may have threads only async-signal-safe functions are allowed. */
static void OVS_NO_RETURN
become(char *argv[], int output_fd, int error_fd)
{
    static const char complaint[] = "cannot execute the recorder\n";

    setsid();
    child_reset_signals();

    int null_fd = open("/dev/null", O_RDWR);
    if (null_fd >= 0) {
        dup2(null_fd, STDIN_FILENO);
    }
    if (error_fd >= 0) {
        dup2(error_fd, STDERR_FILENO);
    }
    if (output_fd >= 0) {
        dup2(output_fd, STDOUT_FILENO);
    }
    child_close_files(3);
    if (chdir("/")) {
        /* It only would keep a file system busy. */
    }
    execvp(argv[0], argv);
    if (write(STDERR_FILENO, complaint, sizeof complaint - 1) < 0) {
        /* There is nobody to tell. */
    }
    _exit(EXIT_NO_PROGRAM);
}

static void
make_argv(struct svec *argv, const char *program, const struct smap *options)
{
    const struct smap_node **nodes = smap_sort(options);

    svec_init(argv);
    svec_add(argv, program);
    for (size_t i = 0; i < smap_count(options); i++) {
        svec_add_nocopy(argv, xasprintf("--%s=%s", nodes[i]->key,
                                        nodes[i]->value));
    }
    svec_terminate(argv);
    free(nodes);
}

/* Opens the log file 'child->log' to append to it; notes where it ends now. */
static int
open_log(struct sink_child *child)
{
    struct stat s;
    int fd = open(child->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
                  | O_NOFOLLOW, 0640);

    if (fd < 0 || fstat(fd, &s)) {
        VLOG_WARN("%s: cannot open the recorder's log (%s)", child->log,
                  ovs_strerror(errno));
        free(child->log);
        child->log = NULL;
    } else {
        child->log_start = s.st_size;
    }
    return fd;
}

/* Makes 'child' the process that executes 'argv'.  Returns NULL or a
 * sentence. */
static char *
spawn(struct sink_child *child, char *argv[], int output_fd, int error_fd)
{
    pid_t pid = fork();

    if (!pid) {
        become(argv, output_fd, error_fd);
    } else if (pid < 0) {
        return xasprintf("The recorder cannot be started: %s.",
                         ovs_strerror(errno));
    }
    child->pid = pid;
    child->ours = true;
    child->pidfd = open_pidfd(pid);
    return NULL;
}

/* Starts 'program' with "--KEY=VALUE" for each of 'options'.  Its standard
 * output and error go to the end of file 'log', or to ours if that is NULL.
 * Returns NULL, or a sentence, for the caller to free, if it could not. */
char *
sink_child_start(struct sink_child *child, const char *program,
                 const struct smap *options, const char *log)
{
    struct svec argv;
    int log_fd = -1;
    char *error;

    sink_child_uninit(child);
    if (log) {
        child->log = xstrdup(log);
        log_fd = open_log(child);
    }
    make_argv(&argv, program, options);
    error = spawn(child, argv.names, log_fd, log_fd);
    svec_destroy(&argv);
    if (log_fd >= 0) {
        close(log_fd);
    }
    return error;
}

/* Starts 'argv', which ends with a NULL, and stores a descriptor in '*output'
 * from which what it prints can be read without waiting; the caller must close
 * it.  Returns NULL, or a sentence, for the caller to free, if it could
 * not. */
char *
sink_child_run(struct sink_child *child, char *argv[], int *output)
{
    int fds[2];
    char *error;

    *output = -1;
    sink_child_uninit(child);
    if (pipe2(fds, O_CLOEXEC)) {
        return xasprintf("The recorder cannot be started: %s.",
                         ovs_strerror(errno));
    }
    error = spawn(child, argv, fds[1], -1);
    close(fds[1]);
    if (error) {
        close(fds[0]);
        return error;
    }
    set_nonblocking(fds[0]);
    *output = fds[0];
    return NULL;
}

/* Watches process 'pid', which somebody else has started. */
void
sink_child_adopt(struct sink_child *child, pid_t pid)
{
    sink_child_uninit(child);
    child->pid = pid;
    child->pidfd = open_pidfd(pid);
}

/* Returns true if there is no process, or no longer. */
bool
sink_child_has_ended(struct sink_child *child)
{
    if (!child->pid) {
        return true;
    }

    bool ended;
    if (child->ours) {
        pid_t pid;
        do {
            pid = waitpid(child->pid, &child->status, WNOHANG);
        } while (pid < 0 && errno == EINTR);
        ended = pid != 0;
    } else if (child->pidfd >= 0) {
        struct pollfd pfd = { .fd = child->pidfd, .events = POLLIN };
        ended = poll(&pfd, 1, 0) > 0;
    } else {
        ended = kill(child->pid, 0) && errno == ESRCH;
    }
    if (ended) {
        child->pid = 0;
        if (child->pidfd >= 0) {
            close(child->pidfd);
            child->pidfd = -1;
        }
    }
    return ended;
}

/* Wakes the poll loop up when the process ends. */
void
sink_child_wait(const struct sink_child *child)
{
    if (!child->pid) {
        return;
    }
    if (child->pidfd >= 0) {
        poll_fd_wait(child->pidfd, POLLIN);
    } else {
        poll_timer_wait(LOOK_INTERVAL);
    }
}

void
sink_child_kill(const struct sink_child *child, int signr)
{
    if (!child->pid) {
        return;
    }
#ifdef SYS_pidfd_send_signal
    if (child->pidfd >= 0) {
        syscall(SYS_pidfd_send_signal, child->pidfd, signr, NULL, 0);
        return;
    }
#endif
    kill(child->pid, signr);
}

/* Returns how the process ended: its exit status, or -1 if that is unknown or
 * a signal ended it. */
int
sink_child_exit_code(const struct sink_child *child)
{
    return (child->ours && !child->pid && WIFEXITED(child->status)
            ? WEXITSTATUS(child->status) : -1);
}

/* Returns the last line that the process has logged, NULL if there is none.
 * The caller frees it. */
static char *
last_words(const struct sink_child *child)
{
    char text[1024];
    struct stat s;
    char *words = NULL;
    int fd = child->log ? open(child->log, O_RDONLY | O_CLOEXEC) : -1;

    if (fd < 0) {
        return NULL;
    }
    if (!fstat(fd, &s) && s.st_size > child->log_start) {
        off_t start = MAX(child->log_start,
                          s.st_size - (off_t) sizeof text + 1);
        ssize_t n = pread(fd, text, sizeof text - 1, start);

        while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' ')) {
            n--;
        }
        if (n > 0) {
            text[n] = '\0';
            char *newline = strrchr(text, '\n');
            words = xstrdup(newline ? newline + 1 : text);
        }
    }
    close(fd);
    return words;
}

/* Returns a sentence on why the process has ended.  The caller frees it. */
char *
sink_child_epitaph(const struct sink_child *child)
{
    char *sentence;

    if (!child->ours) {
        return xstrdup("The recorder has ended.");
    }
    if (sink_child_exit_code(child) == EXIT_NO_PROGRAM) {
        return xstrdup("The recorder ovs-span-sink cannot be executed; see "
                       "the option --sink of ovs-spand.");
    }
    char *words = last_words(child);
    if (words) {
        sentence = xasprintf("The recorder has ended: %s", words);
    } else {
        char *status = process_status_msg(child->status);
        sentence = xasprintf("The recorder has ended (%s).", status);
        free(status);
    }
    free(words);
    return sentence;
}
