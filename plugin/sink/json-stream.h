/* SPDX-License-Identifier: Apache-2.0 */

/* JSON objects that follow each other on a byte stream, with or without white
 * space between them (RFC 7047 section 4). */

#ifndef SPAN_SINK_JSON_STREAM_H
#define SPAN_SINK_JSON_STREAM_H 1

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* No object may be longer than this. */
#define JSON_STREAM_MAX 65536

struct json_stream {
    size_t len;                 /* Bytes in 'buffer'. */
    size_t scanned;             /* Of these: looked at. */
    unsigned int depth;         /* Braces open there. */
    bool in_string, escaped;    /* What 'scanned' ends within. */
    char buffer[JSON_STREAM_MAX];
};

char *json_stream_space(struct json_stream *, size_t *n);
void json_stream_add(struct json_stream *, size_t n);
bool json_stream_next(struct json_stream *, json_t **);

#endif /* plugin/sink/json-stream.h */
