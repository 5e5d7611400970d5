/* SPDX-License-Identifier: Apache-2.0 */

/* As much of HTTP/1.1 (RFC 9112) as it takes to be asked for one page. */

#ifndef SPAN_CORE_HTTP_REQUEST_H
#define SPAN_CORE_HTTP_REQUEST_H 1

#include <stdbool.h>
#include <stddef.h>

/* Bytes that a request may have. */
#define HTTP_REQUEST_MAX 8192

enum http_status {
    HTTP_MORE = 0,              /* There must be more of it to come. */
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_NOT_FOUND = 404,
    HTTP_BAD_METHOD = 405,
    HTTP_TOO_LARGE = 431,
    HTTP_BAD_VERSION = 505,
};

struct http_request {
    bool head;                  /* The method is HEAD: no body is wanted. */
    bool plain;                 /* Prometheus's text is accepted, and
                                 * OpenMetrics is not named. */
};

enum http_status http_request_parse(const char *bytes, size_t n,
                                    const char *path, struct http_request *);
const char *http_status_reason(enum http_status);

#endif /* plugin/core/http-request.h */
