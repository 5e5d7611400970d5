/* SPDX-License-Identifier: Apache-2.0 */

/* Text that comes from outside, made fit for a database or a terminal. */

#include <config.h>

#include "plugin/daemon/db-text.h"

#include "openvswitch/util.h"
#include "unicode.h"
#include "util.h"

/* Returns a copy of 's' for the caller to free, of at most 'max_chars'
 * characters, valid UTF-8 as OVSDB demands of strings (RFC 7047, 3.1): bytes
 * that are not become '?'. */
char *
text_cut(const char *s, size_t max_chars)
{
    char *copy = xstrdup(s);
    char *invalid = utf8_validate(copy, NULL);
    size_t n_chars = 0;
    char *p;

    if (invalid) {
        free(invalid);
        for (p = copy; *p; p++) {
            if (*p & 0x80) {
                *p = '?';
            }
        }
    }
    for (p = copy; *p; p++) {
        /* Bytes 10xxxxxx continue a character. */
        if ((*p & 0xc0) != 0x80 && n_chars++ >= max_chars) {
            *p = '\0';
            break;
        }
    }
    return copy;
}
