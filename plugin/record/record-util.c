/* SPDX-License-Identifier: Apache-2.0 */

/* Small helpers; see record-util.h. */

#include <config.h>

#include "record-util.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
