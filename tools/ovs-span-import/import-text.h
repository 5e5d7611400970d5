/* SPDX-License-Identifier: Apache-2.0 */

/* Text of exports: what may be shown, stored and used as a name. */

#ifndef SPAN_IMPORT_TEXT_H
#define SPAN_IMPORT_TEXT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

bool text_is_identifier(const char *, size_t n);
char *text_clean_copy(const char *, size_t n, size_t max);
char *text_store_copy(const char *, size_t max, bool *changed);

bool text_is_legal_name(const char *);
char *text_legal_name(const char *, const char *fallback);

FILE *text_open(char **, size_t *);

#endif /* tools/ovs-span-import/import-text.h */
