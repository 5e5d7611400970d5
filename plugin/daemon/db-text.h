/* SPDX-License-Identifier: Apache-2.0 */

/* Text that comes from outside, made fit for a database or a terminal. */

#ifndef SPAN_DAEMON_DB_TEXT_H
#define SPAN_DAEMON_DB_TEXT_H 1

#include <stddef.h>

char *text_cut(const char *, size_t max_chars);

#endif /* plugin/daemon/db-text.h */
