/* SPDX-License-Identifier: Apache-2.0 */

/* Small helpers; see record-util.h. */

#include <config.h>

#include "record-util.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static void
out_of_memory(void)
{
    fputs("ovs-span: out of memory\n", stderr);
    abort();
}

/* Returns 'n' times 'size' zeroed bytes, never NULL. */
void *
rec_xcalloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);

    if (!p) {
        out_of_memory();
    }
    return p;
}

/* Like realloc(), never NULL. */
void *
rec_xrealloc(void *p, size_t size)
{
    p = realloc(p, size ? size : 1);
    if (!p) {
        out_of_memory();
    }
    return p;
}

/* Like strdup(), never NULL. */
char *
rec_xstrdup(const char *s)
{
    return rec_xstrndup(s, strlen(s));
}

/* Returns a copy of the first 'n' bytes of 's', which must not be shorter. */
char *
rec_xstrndup(const char *s, size_t n)
{
    char *copy = rec_xcalloc(1, n + 1);

    memcpy(copy, s, n);
    return copy;
}

/* Like asprintf(), but returns the string, which the caller must free. */
char *
rec_xasprintf(const char *format, ...)
{
    va_list args;
    char *s;
    int n;

    va_start(args, format);
    n = vasprintf(&s, format, args);
    va_end(args);
    if (n < 0) {
        out_of_memory();
    }
    return s;
}

/* What a call that took or gave 'chunk' bytes, or failed, means for a loop
 * that goes on until all is done: 0 to go on, or a positive errno value. */
static int
check_chunk(ssize_t chunk)
{
    return (chunk > 0 || (chunk < 0 && errno == EINTR) ? 0
            : chunk ? errno : EIO);
}

/* Waits until the stream 'fd' takes more.  It does not wait by itself if
 * somebody who shares it does not want that. */
static void
wait_for_stream(int fd)
{
    struct pollfd pfd = { .fd = fd, .events = POLLOUT };

    poll(&pfd, 1, -1);
}

static int
write_all(int fd, const uint8_t *data, size_t n, bool stream, uint64_t offset,
          size_t *done)
{
    int error = 0;

    while (n && !error) {
        ssize_t chunk = (stream ? write(fd, data, n)
                         : pwrite(fd, data, n, offset));

        if (chunk < 0 && errno == EAGAIN && stream) {
            wait_for_stream(fd);
            continue;
        }
        error = check_chunk(chunk);
        if (chunk > 0) {
            data += chunk;
            n -= chunk;
            offset += chunk;
            *done += chunk;
        }
    }
    return error;
}

/* Writes the 'n' bytes at 'data' to the stream 'fd', or where it stands in a
 * file.  Returns 0 or a positive errno value.  Adds to '*done', unless 'done'
 * is NULL, what was written in either case. */
int
rec_write_all(int fd, const void *data, size_t n, size_t *done)
{
    size_t unused = 0;

    return write_all(fd, data, n, true, 0, done ? done : &unused);
}

/* The same to the file 'fd', at 'offset'. */
int
rec_pwrite_all(int fd, const void *data, size_t n, uint64_t offset,
               size_t *done)
{
    size_t unused = 0;

    return write_all(fd, data, n, false, offset, done ? done : &unused);
}

/* Reads the 'n' bytes at 'offset' of the file 'fd', which has to have them.
 * Returns 0 or a positive errno value. */
int
rec_pread_all(int fd, void *data, size_t n, uint64_t offset)
{
    uint8_t *p = data;
    int error = 0;

    while (n && !error) {
        ssize_t chunk = pread(fd, p, n, offset);

        error = check_chunk(chunk);
        if (chunk > 0) {
            p += chunk;
            n -= chunk;
            offset += chunk;
        }
    }
    return error;
}

static uint64_t
read_clock(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* Nanoseconds of a clock that nobody sets. */
uint64_t
rec_time_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Nanoseconds since 1970 UTC. */
uint64_t
rec_time_wall(void)
{
    return read_clock(CLOCK_REALTIME);
}

/* Describes errno value 'error', using 'buffer' of 'size' bytes if needed.
 * Unlike strerror(), safe in every thread. */
const char *
rec_strerror(int error, char *buffer, size_t size)
{
    return strerror_r(error, buffer, size);
}
