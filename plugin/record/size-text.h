/* SPDX-License-Identifier: Apache-2.0 */

/* Numbers and sizes as people write them on the command line. */

#ifndef SPAN_SIZE_TEXT_H
#define SPAN_SIZE_TEXT_H 1

#include <stdbool.h>
#include <stdint.h>

bool size_text_parse_number(const char *, uint64_t max, uint64_t *);
bool size_text_parse_bytes(const char *, uint64_t *);
bool size_text_parse_percent(const char *, unsigned int *);

#endif /* plugin/record/size-text.h */
