/* SPDX-License-Identifier: Apache-2.0 */

/* Small helpers of the recorder and of all that handles recordings: memory
 * that is never NULL, all of a buffer read or written, clocks, and text.
 * Nothing here is of Open vSwitch. */

#ifndef SPAN_RECORD_UTIL_H
#define SPAN_RECORD_UTIL_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REC_ARRAY_SIZE(ARRAY) (sizeof (ARRAY) / sizeof (ARRAY)[0])
#define REC_MIN(A, B) ((A) < (B) ? (A) : (B))
#define REC_MAX(A, B) ((A) > (B) ? (A) : (B))
#define REC_PRINTF(FMT, ARG) __attribute__((__format__(printf, FMT, ARG)))

#define NSEC_PER_SEC  UINT64_C(1000000000)
#define NSEC_PER_MSEC UINT64_C(1000000)

void *rec_xcalloc(size_t n, size_t size);
void *rec_xrealloc(void *, size_t size);
char *rec_xstrdup(const char *);
char *rec_xstrndup(const char *, size_t);
char *rec_xasprintf(const char *format, ...) REC_PRINTF(1, 2);

int rec_write_all(int fd, const void *, size_t n, size_t *done);
int rec_pwrite_all(int fd, const void *, size_t n, uint64_t offset,
                   size_t *done);
int rec_pread_all(int fd, void *, size_t n, uint64_t offset);

uint64_t rec_time_monotonic(void);
uint64_t rec_time_wall(void);

const char *rec_strerror(int error, char *buffer, size_t size);

#endif /* plugin/record/record-util.h */
