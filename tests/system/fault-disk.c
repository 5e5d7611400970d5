/* SPDX-License-Identifier: Apache-2.0 */

/* A bad disk, preloaded into the recorder: calls on regular files fail, are
 * cut short, or take their time, as a file says that FAULT_DISK names.  It has
 * one line "CALL WHAT", for example
 *
 *     pwrite error 5      fails with errno 5
 *     pwrite direct 22    the same, but only past the page cache
 *     pwrite half 0       writes only the first half
 *     pwrite sleep 100    takes 100 ms longer
 *     pwrite stall 0      waits until the file says something else
 *
 * and is read at each call. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
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

static struct fault
read_fault(void)
{
    const char *name = getenv("FAULT_DISK");
    FILE *file = name ? fopen(name, "re") : NULL;
    struct fault f = { "", "", 0 };

    if (file) {
        if (fscanf(file, "%31s %31s %d", f.call, f.what, &f.value) != 3) {
            f.call[0] = '\0';
        }
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
        f = read_fault();
        if (strcmp(f.call, call) || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
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

ssize_t
pwrite(int fd, const void *data, size_t n, off_t offset)
{
    ssize_t (*real)(int, const void *, size_t, off_t) =
        dlsym(RTLD_NEXT, "pwrite");
    struct fault f = suffer("pwrite", fd);

    if (f.call[0] && !strcmp(f.what, "half")) {
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

int
renameat2(int from_fd, const char *from, int to_fd, const char *to,
          unsigned int flags)
{
    int (*real)(int, const char *, int, const char *, unsigned int) =
        dlsym(RTLD_NEXT, "renameat2");
    struct fault f = read_fault();

    if (!strcmp(f.call, "renameat2")) {
        errno = f.value;
        return -1;
    }
    return real(from_fd, from, to_fd, to, flags);
}
