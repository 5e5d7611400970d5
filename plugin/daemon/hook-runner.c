/* SPDX-License-Identifier: Apache-2.0 */

/* Runs the programs of a directory for one event, in a child of the daemon, so
 * that only the child waits for a disk or for them.
 *
 * All of them run at once, each in a process group of its own, with the event
 * on standard input.  What is not root's, or what others may write, is not
 * run; neither is anything from a directory of which that is true. */

#include <config.h>
#include "plugin/daemon/hook-runner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plugin/daemon/child-setup.h"
#include "util.h"

/* The report is the child's standard error: a sentence a line. */
#define REPORT_FD STDERR_FILENO

struct hook {
    char *path;
    pid_t pid;
};

static bool
is_trusted(const struct stat *s)
{
    return !s->st_uid && !(s->st_mode & (S_IWGRP | S_IWOTH));
}

static void
report_untrusted(const char *path)
{
    dprintf(REPORT_FD, "%s: is not run: it has to be root's, and only root's "
            "to write; \"chown root\" and \"chmod go-w\" it.\n", path);
}

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Puts the programs of 'dir' that may be run into 'hooks', at most
 * HOOK_RUNNER_MAX, in the order of their names.  Returns how many. */
static size_t
find_hooks(const char *dir, struct hook *hooks)
{
    struct dirent **entries;
    struct stat s;
    size_t n = 0;

    if (stat(dir, &s)) {
        dprintf(REPORT_FD, "%s: %s\n", dir, strerror(errno));
        return 0;
    } else if (!is_trusted(&s)) {
        report_untrusted(dir);
        return 0;
    }

    int n_entries = scandir(dir, &entries, is_visible, alphasort);
    for (int i = 0; i < n_entries; i++) {
        char *path = xasprintf("%s/%s", dir, entries[i]->d_name);

        if (stat(path, &s) || !S_ISREG(s.st_mode)
            || !(s.st_mode & S_IXUSR)) {
            free(path);
        } else if (!is_trusted(&s)) {
            report_untrusted(path);
            free(path);
        } else if (n >= HOOK_RUNNER_MAX) {
            dprintf(REPORT_FD, "%s: is not run: %d programs are the limit.\n",
                    path, HOOK_RUNNER_MAX);
            free(path);
        } else {
            hooks[n].path = path;
            hooks[n++].pid = 0;
        }
        free(entries[i]);
    }
    if (n_entries >= 0) {
        free(entries);
    }
    return n;
}

/* Becomes the program 'path', with 'line' on its standard input: a file in
 * memory, so that nobody waits who does not read it. */
OVS_NO_RETURN static void
become(const char *path, const char *line)
{
    char *argv[] = { CONST_CAST(char *, path), NULL };
    int null_fd = open("/dev/null", O_RDWR);
    int fd = memfd_create("event", 0);

    setpgid(0, 0);
    child_reset_signals();
    if (fd < 0 || null_fd < 0 || dprintf(fd, "%s\n", line) < 0
        || lseek(fd, 0, SEEK_SET) || dup2(fd, STDIN_FILENO) < 0) {
        _exit(EXIT_FAILURE);
    }
    dup2(null_fd, STDOUT_FILENO);
    dup2(null_fd, STDERR_FILENO);
    child_close_files(3);
    execv(path, argv);
    _exit(127);
}

static void
start_hook(struct hook *hook, const char *line)
{
    hook->pid = fork();
    if (!hook->pid) {
        become(hook->path, line);
    } else if (hook->pid < 0) {
        dprintf(REPORT_FD, "%s: %s\n", hook->path, strerror(errno));
        hook->pid = 0;
    } else {
        setpgid(hook->pid, hook->pid);  /* Whoever of us comes first. */
    }
}

/* Ends what 'hook' may have left running, and says so if it failed. */
static void
finish_hook(struct hook *hook, int status)
{
    kill(-hook->pid, SIGKILL);
    hook->pid = 0;
    if (WIFSIGNALED(status)) {
        dprintf(REPORT_FD, "%s: killed by signal %d.\n", hook->path,
                WTERMSIG(status));
    } else if (WEXITSTATUS(status)) {
        dprintf(REPORT_FD, "%s: exit code %d.\n", hook->path,
                WEXITSTATUS(status));
    }
}

/* Takes note of the hooks that have ended.  Returns true if others run. */
static bool
reap(struct hook *hooks, size_t n)
{
    bool running = false;

    for (size_t i = 0; i < n; i++) {
        int status;

        if (hooks[i].pid
            && waitpid(hooks[i].pid, &status, WNOHANG) == hooks[i].pid) {
            finish_hook(&hooks[i], status);
        }
        running |= hooks[i].pid != 0;
    }
    return running;
}

static void
wait_for_hooks(struct hook *hooks, size_t n)
{
    struct timespec now, end;
    sigset_t child;

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += HOOK_RUNNER_SECONDS;
    while (reap(hooks, n)) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec >= end.tv_sec) {
            break;
        }
        sigtimedwait(&child, NULL,
                     &(struct timespec) { .tv_sec = end.tv_sec - now.tv_sec });
    }
    for (size_t i = 0; i < n; i++) {
        if (hooks[i].pid) {
            dprintf(REPORT_FD, "%s: took more than %d seconds and was "
                    "ended.\n", hooks[i].path, HOOK_RUNNER_SECONDS);
            kill(-hooks[i].pid, SIGKILL);
        }
    }
}

/* Runs in a child that has just been forked: gives 'line' to the programs of
 * 'dir', and writes to 'report_fd' a sentence a line on what went wrong.  Ends
 * when they have ended, or their time is over. */
void
hook_runner_main(const char *dir, const char *line, int report_fd)
{
    struct hook hooks[HOOK_RUNNER_MAX];
    sigset_t child;
    size_t n;

    setsid();
    child_reset_signals();
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    dup2(report_fd, REPORT_FD);
    child_close_files(3);
    if (chdir("/")) {
        /* It only would keep a file system busy. */
    }

    /* Should even this hang. */
    alarm(HOOK_RUNNER_SECONDS + 5);
    n = find_hooks(dir, hooks);
    for (size_t i = 0; i < n; i++) {
        start_hook(&hooks[i], line);
    }
    wait_for_hooks(hooks, n);
    _exit(EXIT_SUCCESS);
}
