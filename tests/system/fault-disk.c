/* SPDX-License-Identifier: Apache-2.0 */

/* A bad disk, preloaded into the recorder: calls on regular files fail, are
 * cut short, or take their time, as a file says that FAULT_DISK names.  It has
 * up to eight lines "CALL WHAT VALUE", for example
 *
 *     pwrite error 5      fails with errno 5
 *     pwrite direct 22    the same, but only past the page cache
 *     pwrite half 0       writes only the first half
 *     pwrite torn 5       writes the first half, then fails
 *     pwrite sleep 100    takes 100 ms longer
 *     pwrite stall 0      waits until the file says something else
 *
 * and is read at each call.  CALL "make" are all calls that make a file. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

struct fault {
    char call[32];
    char what[32];
    int value;
};

/* Returns what is wrong with 'call', an empty fault if nothing. */
static struct fault
read_fault(const char *call)
{
    const char *name = getenv("FAULT_DISK");
    FILE *file = name ? fopen(name, "re") : NULL;
    struct fault none = { "", "", 0 };
    struct fault f = none;

    for (int i = 0; file && i < 8; i++) {
        if (fscanf(file, "%31s %31s %d", f.call, f.what, &f.value) != 3) {
            f = none;
            break;
        }
        if (!strcmp(f.call, call)) {
            break;
        }
        f = none;
    }
    if (file) {
        fclose(file);
    }
    return f;
}

/* Takes the time that 'call' on 'fd' is to take.  Returns what else is wrong
 * with it; then 'call' is set. */
static struct fault
suffer(const char *call, int fd)
{
    const struct fault none = { "", "", 0 };
    struct fault f;
    struct stat st;

    do {
        f = read_fault(call);
        if (!f.call[0] || fstat(fd, &st)
            || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))) {
            return none;
        }
        if (!strcmp(f.what, "sleep") || !strcmp(f.what, "stall")) {
            usleep(f.value ? f.value * 1000 : 10000);
        }
    } while (!strcmp(f.what, "stall"));
    if (!strcmp(f.what, "direct") && !(fcntl(fd, F_GETFL) & O_DIRECT)) {
        return none;
    }
    return strcmp(f.what, "sleep") ? f : none;
}

/* Returns true, with errno set, if 'call' on 'fd' is to fail. */
static bool
fails(const char *call, int fd)
{
    struct fault f = suffer(call, fd);

    errno = f.value;
    return f.call[0];
}

/* Writes that were torn. */
static atomic_uint torn;

ssize_t
pwrite(int fd, const void *data, size_t n, off_t offset)
{
    ssize_t (*real)(int, const void *, size_t, off_t) =
        dlsym(RTLD_NEXT, "pwrite");
    struct fault f = suffer("pwrite", fd);

    if (f.call[0] && (!strcmp(f.what, "half")
                      || (!strcmp(f.what, "torn") && n > 1
                          && atomic_fetch_add(&torn, 1) % 2 == 0))) {
        return real(fd, data, (n + 1) / 2, offset);
    } else if (f.call[0]) {
        errno = f.value;
        return -1;
    }
    return real(fd, data, n, offset);
}

ssize_t
pwrite64(int fd, const void *data, size_t n, off_t offset)
{
    return pwrite(fd, data, n, offset);
}

int
fdatasync(int fd)
{
    int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");

    return fails("fdatasync", fd) ? -1 : real(fd);
}

int
fsync(int fd)
{
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");

    return fails("fsync", fd) ? -1 : real(fd);
}

int
ftruncate(int fd, off_t size)
{
    int (*real)(int, off_t) = dlsym(RTLD_NEXT, "ftruncate");

    return fails("ftruncate", fd) ? -1 : real(fd, size);
}

int
ftruncate64(int fd, off_t size)
{
    return ftruncate(fd, size);
}

int
close(int fd)
{
    int (*real)(int) = dlsym(RTLD_NEXT, "close");
    int (*flags)(int, int, ...) = dlsym(RTLD_NEXT, "fcntl");

    /* Only what was written to: the file of faults is closed too. */
    if ((flags(fd, F_GETFL) & O_ACCMODE) == O_WRONLY && fails("close", fd)) {
        int error = errno;

        real(fd);
        errno = error;
        return -1;
    }
    return real(fd);
}

/* Returns true, with errno set, if 'call', which takes names, is to fail. */
static bool
fails_by_name(const char *call)
{
    struct fault f = read_fault(call);

    errno = f.value;
    return f.call[0];
}

int
renameat2(int from_fd, const char *from, int to_fd, const char *to,
          unsigned int flags)
{
    int (*real)(int, const char *, int, const char *, unsigned int) =
        dlsym(RTLD_NEXT, "renameat2");

    return (fails_by_name("renameat2")
            ? -1 : real(from_fd, from, to_fd, to, flags));
}

int
unlinkat(int fd, const char *name, int flags)
{
    int (*real)(int, const char *, int) = dlsym(RTLD_NEXT, "unlinkat");

    return fails_by_name("unlinkat") ? -1 : real(fd, name, flags);
}

int
linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    int (*real)(int, const char *, int, const char *, int) =
        dlsym(RTLD_NEXT, "linkat");

    return (fails_by_name("make")
            ? -1 : real(from_fd, from, to_fd, to, flags));
}

int
openat(int fd, const char *name, int flags, ...)
{
    int (*real)(int, const char *, int, ...) = dlsym(RTLD_NEXT, "openat");
    bool makes = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
    mode_t mode = 0;

    if (makes) {
        va_list args;

        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    return makes && fails_by_name("make") ? -1 : real(fd, name, flags, mode);
}
