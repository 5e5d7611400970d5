/* SPDX-License-Identifier: Apache-2.0 */

/* Requests by HTTP.  See http-request.h.
 *
 * A line may end with a line feed alone, as RFC 9112 (2.2) allows.  A body is
 * not looked at: no method that is served gives it a meaning. */

#include <config.h>
#include "http-request.h"

#include <string.h>
#include <strings.h>

#include "openvswitch/util.h"
#include "util.h"

/* Returns where the head that 'bytes' begin with ends, behind its empty line;
 * 0 if it does not. */
static size_t
head_length(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n') {
            if (i + 1 < n && bytes[i + 1] == '\n') {
                return i + 2;
            } else if (i + 2 < n && bytes[i + 1] == '\r'
                       && bytes[i + 2] == '\n') {
                return i + 3;
            }
        }
    }
    return 0;
}

/* Takes the next line out of '*rest', without what ends it. */
static char *
take_line(char **rest)
{
    char *line = strsep(rest, "\n");
    size_t n = strlen(line);

    if (n && line[n - 1] == '\r') {
        line[n - 1] = '\0';
    }
    return line;
}

/* Is 'target' that of 'path', whatever its query and, in the absolute form,
 * its host? */
static bool
is_target(const char *target, const char *path)
{
    static const char scheme[] = "http://";
    size_t n = strlen(path);

    if (!strncasecmp(target, scheme, strlen(scheme))) {
        target += strlen(scheme);
        target += strcspn(target, "/");
    }
    return (!strncmp(target, path, n)
            && (!target[n] || target[n] == '?'));
}

static enum http_status
parse_request_line(char *line, const char *path, struct http_request *r)
{
    const char *method = strsep(&line, " ");
    const char *target = line ? strsep(&line, " ") : NULL;
    const char *version = line;

    if (!target || !*target || !version
        || strncmp(version, "HTTP/", 5) || strchr(version, ' ')) {
        return HTTP_BAD_REQUEST;
    } else if (strcmp(version, "HTTP/1.1") && strcmp(version, "HTTP/1.0")) {
        return HTTP_BAD_VERSION;
    }
    r->head = !strcmp(method, "HEAD");
    if (!r->head && strcmp(method, "GET")) {
        return HTTP_BAD_METHOD;
    }
    return is_target(target, path) ? HTTP_OK : HTTP_NOT_FOUND;
}

/* Reads the header fields in 'rest'.  Returns false if one is none. */
static bool
parse_fields(char *rest, struct http_request *r)
{
    bool named = false;

    while (rest && *rest) {
        char *value = take_line(&rest);
        const char *name = strsep(&value, ":");

        if (!*name && !value) {
            break;              /* The empty line. */
        } else if (!*name || !value || strpbrk(name, " \t")) {
            return false;
        }
        if (!strcasecmp(name, "Accept")) {
            r->plain |= strstr(value, "text/plain") != NULL;
            named |= strstr(value, "application/openmetrics-text") != NULL;
        }
    }
    r->plain &= !named;
    return true;
}

/* Looks at the 'n' bytes that have come of a request, and says how it is to be
 * answered: HTTP_OK if it asks for 'path', and then 'r' says how.  HTTP_MORE
 * as long as that cannot be told. */
enum http_status
http_request_parse(const char *bytes, size_t n, const char *path,
                   struct http_request *r)
{
    size_t length = head_length(bytes, MIN(n, HTTP_REQUEST_MAX));
    enum http_status status;
    char *head, *rest;

    memset(r, 0, sizeof *r);
    if (!length) {
        return n < HTTP_REQUEST_MAX ? HTTP_MORE : HTTP_TOO_LARGE;
    } else if (memchr(bytes, '\0', length)) {
        return HTTP_BAD_REQUEST;
    }
    head = rest = xmemdup0(bytes, length);
    status = parse_request_line(take_line(&rest), path, r);
    if (!parse_fields(rest, r)) {
        status = HTTP_BAD_REQUEST;
    }
    free(head);
    return status;
}

/* Returns the words that go with 'status'. */
const char *
http_status_reason(enum http_status status)
{
    switch (status) {
    case HTTP_OK:
        return "OK";
    case HTTP_NOT_FOUND:
        return "Not Found";
    case HTTP_BAD_METHOD:
        return "Method Not Allowed";
    case HTTP_TOO_LARGE:
        return "Request Header Fields Too Large";
    case HTTP_BAD_VERSION:
        return "HTTP Version Not Supported";
    case HTTP_BAD_REQUEST:
    case HTTP_MORE:
    default:
        return "Bad Request";
    }
}
