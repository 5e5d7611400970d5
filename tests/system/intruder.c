/* SPDX-License-Identifier: Apache-2.0 */

/* An intruder, preloaded into the recorder: when a file is closed, it tries
 * from within what one would who got the better of the recorder by a frame.
 * INTRUDER names a file with what to try: "all", of which it writes down what
 * came of each to that file's name with ".out" behind it, or one of those that
 * ought to end the process; anything else is left alone.  INTRUDER_LOOSE says
 * that the recorder was built with sanitizers, which may make processes. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static void
say(FILE *out, const char *what, bool worked)
{
    const char *name = worked ? "works" : strerrorname_np(errno);

    fprintf(out, "%s %s\n", what, name);
}

/* Returns true if 'pid' says that there is a new process; which ends. */
static bool
is_born(long int pid)
{
    if (!pid) {
        _exit(0);
    }
    return pid > 0;
}

/* Tries what must fail and leave the recorder alone. */
static void
try_all(const char *base)
{
    const struct rlimit many = { 1, 1 };
    char name[4096];
    char c = 'x';
    FILE *out;

    snprintf(name, sizeof name, "%s.out", base);
    out = fopen(name, "we");
    if (!out) {
        return;
    }
    say(out, "secret", open("/etc/shadow", O_RDONLY | O_CLOEXEC) >= 0);
    say(out, "log", open("/etc/passwd", O_WRONLY | O_CLOEXEC) >= 0);
    say(out, "memory", open("/proc/1/mem", O_RDONLY | O_CLOEXEC) >= 0);
    say(out, "inet", socket(AF_INET, SOCK_STREAM, 0) >= 0);
    say(out, "packet", socket(AF_PACKET, SOCK_RAW, 0) >= 0);
    say(out, "unix", socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
    if (!getenv("INTRUDER_LOOSE")) {
        say(out, "process", is_born(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)));
    }
    say(out, "kill", !kill(1, 0));
    say(out, "mode", !chmod(name, 04755));
    say(out, "owner", !chown(name, 0, 0));
    say(out, "link", !link(name, "/tmp/intruder-was-here"));
    say(out, "terminal", !ioctl(0, TIOCSTI, &c));
    say(out, "limit", !prlimit(0, RLIMIT_CORE, &many, NULL));
    say(out, "code", mmap(NULL, 4096, PROT_READ | PROT_EXEC,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    fclose(out);
}

/* Tries the call named 'what'. */
static void
try_fatal(const char *what)
{
    const struct sockaddr_un sun = { .sun_family = AF_UNIX };

    if (!strcmp(what, "execve")) {
        execl("/bin/true", "true", (char *) NULL);
    } else if (!strcmp(what, "connect")) {
        connect(0, (const struct sockaddr *) &sun, sizeof sun);
    } else if (!strcmp(what, "ptrace")) {
        ptrace(PTRACE_ATTACH, 1, 0, 0);
    } else if (!strcmp(what, "setuid")) {
        syscall(SYS_setuid, 0);
    } else if (!strcmp(what, "unshare")) {
        unshare(CLONE_NEWUSER);
    }
}

/* Called by the recorder for each file that it closes. */
int
fdatasync(int fd)
{
    int (*next)(int);
    const char *base = getenv("INTRUDER");
    FILE *order = base ? fopen(base, "re") : NULL;
    char what[32] = "";

    *(void **) &next = dlsym(RTLD_NEXT, "fdatasync");
    if (order) {
        if (fscanf(order, "%31s", what) != 1) {
            what[0] = '\0';
        }
        fclose(order);
    }
    if (!strcmp(what, "all")) {
        try_all(base);
    } else {
        try_fatal(what);
    }
    return next(fd);
}
