/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests by HTTP: which are answered, how, and when that can be told. */

#include <config.h>
#include "plugin/core/http-request.h"
#include <stdlib.h>
#include <string.h>
#include "tests/tap.h"
#include "util.h"

#define END "\r\nHost: a\r\n\r\n"

static const struct {
    const char *request;
    enum http_status status;
    bool head, plain;
} cases[] = {
    { "GET /metrics HTTP/1.1" END, HTTP_OK, false, false },
    { "GET /metrics HTTP/1.0\r\n\r\n", HTTP_OK, false, false },
    { "GET /metrics HTTP/1.0\n\n", HTTP_OK, false, false },
    { "GET /metrics?a=b HTTP/1.1" END, HTTP_OK, false, false },
    { "GET http://a.example:80/metrics HTTP/1.1" END, HTTP_OK, false, false },
    { "HEAD /metrics HTTP/1.1" END, HTTP_OK, true, false },
    { "GET /metrics HTTP/1.1\r\nAccept: */*" END, HTTP_OK, false, false },
    { "GET /metrics HTTP/1.1\r\naccept:text/plain;version=0.0.4" END,
      HTTP_OK, false, true },
    { "GET /metrics HTTP/1.1\r\nX-Accept: text/plain" END, HTTP_OK, false,
      false },
    { "GET /metrics HTTP/1.1\r\nAccept: text/plain\r\n"
      "Accept: application/openmetrics-text" END, HTTP_OK, false, false },
    { "GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text;"
      "version=1.0.0,text/plain;q=0.5" END, HTTP_OK, false, false },
    { "GET /metrics HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", HTTP_OK, false,
      false },
    { "GET / HTTP/1.1" END, HTTP_NOT_FOUND, false, false },
    { "GET /metricsx HTTP/1.1" END, HTTP_NOT_FOUND, false, false },
    { "GET /metrics/ HTTP/1.1" END, HTTP_NOT_FOUND, false, false },
    { "GET http://a.example HTTP/1.1" END, HTTP_NOT_FOUND, false, false },
    { "GET ../metrics HTTP/1.1" END, HTTP_NOT_FOUND, false, false },
    { "HEAD / HTTP/1.1" END, HTTP_NOT_FOUND, true, false },
    { "POST /metrics HTTP/1.1" END, HTTP_BAD_METHOD, false, false },
    { "get /metrics HTTP/1.1" END, HTTP_BAD_METHOD, false, false },
    { " /metrics HTTP/1.1" END, HTTP_BAD_METHOD, false, false },
    { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HTTP_BAD_VERSION, false, false },
    { "GET /metrics HTTP/1.11" END, HTTP_BAD_VERSION, false, false },
    { "GET /metrics" END, HTTP_BAD_REQUEST, false, false },
    { "GET  HTTP/1.1" END, HTTP_BAD_REQUEST, false, false },
    { "GET /metrics  HTTP/1.1" END, HTTP_BAD_REQUEST, false, false },
    { "GET /metrics HTTP/1.1 " END, HTTP_BAD_REQUEST, false, false },
    { "GET /metrics FTP/1.1" END, HTTP_BAD_REQUEST, false, false },
    { "GET /metrics HTTP/1.1\r\nno colon\r\n\r\n", HTTP_BAD_REQUEST, false,
      false },
    { "GET /metrics HTTP/1.1\r\n: no name\r\n\r\n", HTTP_BAD_REQUEST, false,
      false },
    { "GET /metrics HTTP/1.1\r\nAccept : a\r\n\r\n", HTTP_BAD_REQUEST, false,
      false },
    { "\r\n\r\n", HTTP_BAD_REQUEST, false, false },
    { "\n\n", HTTP_BAD_REQUEST, false, false },
    { "\x16\x03\x01\x02" END, HTTP_BAD_REQUEST, false, false },
    { "", HTTP_MORE, false, false },
    { "\n", HTTP_MORE, false, false },
    { "GET /metrics HTTP/1.1\r\n", HTTP_MORE, false, false },
    { "GET /metrics HTTP/1.1\r\n\r", HTTP_MORE, false, false },
};

static enum http_status
parse(const char *bytes, size_t n, struct http_request *r)
{
    char *copy = xmemdup(bytes, n);     /* For valgrind and its like. */
    enum http_status status = http_request_parse(copy, n, "/metrics", r);

    free(copy);
    return status;
}

static void
test_cases(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *request = cases[i].request;
        struct http_request r;

        tap_int(parse(request, strlen(request), &r), cases[i].status,
                "\"%.60s\"", request);
        if (cases[i].status == HTTP_OK) {
            tap_ok(r.head == cases[i].head && r.plain == cases[i].plain,
                   "how it is to be answered");
        }
    }
}

/* However a request arrives, all but its last byte is not enough. */
static void
test_pieces(void)
{
    static const char request[] = "GET /metrics HTTP/1.1" END;
    struct http_request r;
    size_t n;

    for (n = 0; n < sizeof request - 2; n++) {
        if (parse(request, n, &r) != HTTP_MORE) {
            break;
        }
    }
    tap_int(n, sizeof request - 2, "byte by byte");
    tap_int(parse("GET / HTTP/1.1\0\r\n\r\n", 19, &r), HTTP_BAD_REQUEST,
            "a null byte");
}

static void
test_size(void)
{
    char *big = xmalloc(HTTP_REQUEST_MAX + 100);
    struct http_request r;

    memset(big, 'a', HTTP_REQUEST_MAX + 100);
    tap_int(parse(big, HTTP_REQUEST_MAX - 1, &r), HTTP_MORE, "almost full");
    tap_int(parse(big, HTTP_REQUEST_MAX, &r), HTTP_TOO_LARGE, "full");
    memcpy(big + HTTP_REQUEST_MAX, "\n\n", 2);
    tap_int(parse(big, HTTP_REQUEST_MAX + 2, &r), HTTP_TOO_LARGE,
            "an end behind that does not count");
    memcpy(big, "GET /metrics HTTP/1.1\r\na:", 25);
    memcpy(big + HTTP_REQUEST_MAX - 4, "\r\n\r\n", 4);
    tap_int(parse(big, HTTP_REQUEST_MAX, &r), HTTP_OK, "exactly full");
    free(big);
}

int
main(void)
{
    test_cases();
    test_pieces();
    test_size();
    return tap_done();
}
