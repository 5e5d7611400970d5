/* SPDX-License-Identifier: Apache-2.0 */

/* Small helpers that every part of the recorder uses: memory that is never
 * NULL, clocks, and text.  The recorder links nothing of Open vSwitch. */

#ifndef SPAN_SINK_UTIL_H
#define SPAN_SINK_UTIL_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SINK_ARRAY_SIZE(ARRAY) (sizeof (ARRAY) / sizeof (ARRAY)[0])
#define SINK_MIN(A, B) ((A) < (B) ? (A) : (B))
#define SINK_MAX(A, B) ((A) > (B) ? (A) : (B))
#define SINK_PRINTF(FMT, ARG) __attribute__((__format__(printf, FMT, ARG)))

#define NSEC_PER_SEC  UINT64_C(1000000000)
#define NSEC_PER_MSEC UINT64_C(1000000)

void *sink_xcalloc(size_t n, size_t size);
void *sink_xrealloc(void *, size_t size);
char *sink_xstrdup(const char *);
char *sink_xstrndup(const char *, size_t);
char *sink_xasprintf(const char *format, ...) SINK_PRINTF(1, 2);

uint64_t sink_time_monotonic(void);
uint64_t sink_time_wall(void);

const char *sink_strerror(int error, char *buffer, size_t size);

#endif /* plugin/sink/sink-util.h */
