/* SPDX-License-Identifier: Apache-2.0 */

/* Strict reading of what people type: numbers, words, sizes, plain text. */

#ifndef SPAN_CORE_TEXT_H
#define SPAN_CORE_TEXT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

size_t text_char_length(const char *);
bool text_is_clean(const char *, size_t max_bytes);

bool text_to_number(const char *, int64_t max, int64_t *);
bool text_to_size(const char *, int64_t *);
bool text_to_bool(const char *, bool *);

#endif /* plugin/core/text.h */
