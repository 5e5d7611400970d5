/* SPDX-License-Identifier: Apache-2.0 */

/* JSON objects on a byte stream; see json-stream.h. */

#include <config.h>

#include "json-stream.h"

#include <string.h>

/* Returns where to put bytes that arrive, and in '*n' how many. */
char *
json_stream_space(struct json_stream *s, size_t *n)
{
    *n = sizeof s->buffer - s->len;
    return s->buffer + s->len;
}

/* Notes that 'n' bytes arrived there. */
void
json_stream_add(struct json_stream *s, size_t n)
{
    s->len += n;
}

static void
consume(struct json_stream *s, size_t n)
{
    s->len -= n;
    memmove(s->buffer, s->buffer + n, s->len);
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Takes the next object out of 's' into '*json', which the caller then owns;
 * NULL if it is not complete yet.  Returns false if what arrived can never
 * become an object, and the stream is of no use any more. */
bool
json_stream_next(struct json_stream *s, json_t **json)
{
    json_error_t error;
    size_t n = 0;

    *json = NULL;
    while (n < s->len && is_space(s->buffer[n])) {
        n++;
    }
    consume(s, n);
    if (!s->len) {
        return true;
    }
    if (s->buffer[0] != '{') {
        return false;
    }
    *json = json_loadb(s->buffer, s->len, JSON_DISABLE_EOF_CHECK, &error);
    if (*json) {
        consume(s, error.position);
        return true;
    }
    return (json_error_code(&error) == json_error_premature_end_of_input
            && s->len < sizeof s->buffer);
}
