/* SPDX-License-Identifier: Apache-2.0 */

/* Points in time as people write and read them. */

#ifndef SPAN_TIME_TEXT_H
#define SPAN_TIME_TEXT_H 1

#include <stdbool.h>
#include <stdint.h>

/* "2026-01-31T23:59:59.123456789Z" and the end of the string. */
#define TIME_TEXT_SIZE 31

bool time_text_parse(const char *, uint64_t now, uint64_t *ns);
const char *time_text_format(uint64_t ns, char buffer[TIME_TEXT_SIZE]);

#endif /* plugin/record/time-text.h */
