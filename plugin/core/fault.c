/* SPDX-License-Identifier: Apache-2.0 */

/* Faults: see fault.h.  Sentences quote what people typed, and they end up in
 * the database and on terminals; so this is where they become harmless. */

#include <config.h>
#include "fault.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "openvswitch/dynamic-string.h"
#include "text.h"
#include "util.h"

/* Returns a copy of 's' that is valid UTF-8 without control characters and
 * no longer than FAULT_MAX_DETAIL bytes.  The caller frees it. */
static char *
clean_copy(const char *s)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    while (*s) {
        size_t n = text_char_length(s);

        if (out.length + MAX(n, 1) > FAULT_MAX_DETAIL - 3) {
            ds_put_cstr(&out, "...");
            break;
        }
        if (n) {
            ds_put_buffer(&out, s, n);
            s += n;
        } else {
            ds_put_char(&out, '?');
            s++;
        }
    }
    return ds_steal_cstr(&out);
}

/* Makes 'fault' say 'reason' and the sentence 'detail', in place of what it
 * said before.  The arguments may point into 'fault'.  What is not printable
 * in the sentence becomes '?'; too long a sentence is cut.  Does nothing if
 * 'fault' is NULL, for callers that only want to know whether. */
void
fault_set(struct fault *fault, const char *reason, const char *detail, ...)
{
    if (fault) {
        char *new_reason = xstrdup(reason);
        va_list args;

        va_start(args, detail);
        char *text = xvasprintf(detail, args);
        va_end(args);

        fault_clear(fault);
        fault->reason = new_reason;
        fault->detail = clean_copy(text);
        free(text);
    }
}

/* Makes 'dst' say what 'src' says, and 'src' nothing. */
void
fault_move(struct fault *dst, struct fault *src)
{
    if (dst != src) {
        fault_clear(dst);
        *dst = *src;
        *src = (struct fault) FAULT_INITIALIZER;
    }
}

/* Makes 'dst' say what 'src' says. */
void
fault_copy(struct fault *dst, const struct fault *src)
{
    if (dst != src) {
        fault_clear(dst);
        dst->reason = nullable_xstrdup(src->reason);
        dst->detail = nullable_xstrdup(src->detail);
    }
}

/* Makes 'fault' say nothing and frees its texts.  NULL is fine. */
void
fault_clear(struct fault *fault)
{
    if (fault) {
        free(fault->reason);
        free(fault->detail);
        *fault = (struct fault) FAULT_INITIALIZER;
    }
}

bool
fault_is_set(const struct fault *fault)
{
    return fault->reason != NULL;
}
