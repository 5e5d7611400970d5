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

/* Forgets the first 'n' bytes. */
static void
consume(struct json_stream *s, size_t n)
{
    s->len -= n;
    memmove(s->buffer, s->buffer + n, s->len);
    s->scanned = s->depth = 0;
    s->in_string = s->escaped = false;
}

/* Looks at one more byte, 'c'. */
static void
scan(struct json_stream *s, char c)
{
    if (s->escaped) {
        s->escaped = false;
    } else if (s->in_string) {
        s->escaped = c == '\\';
        s->in_string = c != '"';
    } else if (c == '"') {
        s->in_string = true;
    } else if (c == '{') {
        s->depth++;
    } else if (c == '}') {
        s->depth--;
    }
    s->scanned++;
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
    size_t n = 0;

    *json = NULL;
    while (!s->scanned && n < s->len && is_space(s->buffer[n])) {
        n++;
    }
    if (n) {
        consume(s, n);
    }
    if (!s->len) {
        return true;
    }
    if (s->buffer[0] != '{') {
        return false;
    }
    while (s->scanned < s->len && (s->depth || !s->scanned)) {
        scan(s, s->buffer[s->scanned]);
    }
    if (s->depth) {
        return s->len < sizeof s->buffer;
    }
    *json = json_loadb(s->buffer, s->scanned, 0, NULL);
    consume(s, s->scanned);
    return *json != NULL;
}
