/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics by HTTP over a Unix socket: what clients get, and who is dropped. */

#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fatal-signal.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "plugin/daemon/host-facts.h"
#include "plugin/daemon/metrics-socket.h"
#include "plugin/daemon/metrics.h"
#include "plugin/daemon/reconciler.h"
#include "socket-util.h"
#include "tests/tap.h"
#include "util.h"

static char *path;
static struct metrics_socket *ms;
static struct reconciler_status status;

static int
connect_client(void)
{
    return make_unix_socket(SOCK_STREAM, true, NULL, path);
}

static void
say(int fd, const char *text)
{
    ignore(send(fd, text, strlen(text), MSG_NOSIGNAL));
    metrics_socket_run(ms, &status);
}

/* Returns what there is to read from 'fd', for the caller to free, and stores
 * in '*end' whether the other side has closed it. */
static char *
read_all(int fd, bool *end)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    char buffer[65536];
    ssize_t n;

    while ((n = read(fd, buffer, sizeof buffer)) > 0) {
        ds_put_buffer(&ds, buffer, n);
        metrics_socket_run(ms, &status);
    }
    *end = !n || errno == ECONNRESET;
    return ds_steal_cstr(&ds);
}

/* Checks that the answer to 'request' begins with 'line', is whole, and has
 * the body 'body' unless that is NULL. */
static void
check_answer(const char *request, const char *line, const char *body)
{
    int fd = connect_client();
    bool end;

    say(fd, request);

    char *answer = read_all(fd, &end);
    char *got = strstr(answer, "\r\n\r\n");
    char *length = strstr(answer, "Content-Length: ");

    tap_ok(!strncmp(answer, line, strlen(line)) && end, "%s", line);
    tap_int(length ? atoi(length + 16) : -1,
            got ? strlen(got + 4) : 0, "as many bytes as it says");
    if (body) {
        tap_str(got ? got + 4 : "", body, "the metrics");
    }
    free(answer);
    close(fd);
}

static void
test_answers(void)
{
    char *metrics = metrics_to_text(&status, METRIC_OPENMETRICS);
    char *plain = metrics_to_text(&status, METRIC_PROMETHEUS);
    char *big = xmalloc(1000001);
    struct stat s;

    metrics_socket_run(ms, &status);
    tap_ok(!stat(path, &s) && S_ISSOCK(s.st_mode), "there is a socket");
    tap_int(s.st_mode & 0777, 0660, "for root and a group");
    check_answer("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n",
                 "HTTP/1.1 200 OK\r\n"
                 "Content-Type: application/openmetrics-text; version=1.0.0;",
                 metrics);
    check_answer("GET /metrics HTTP/1.1\r\nAccept: text/plain\r\n\r\n",
                 "HTTP/1.1 200 OK\r\n"
                 "Content-Type: text/plain; version=0.0.4;", plain);
    check_answer("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n",
                 "Not Found: there is only \"GET /metrics\" here.\n");
    check_answer("PUT /metrics HTTP/1.1\r\n\r\n",
                 "HTTP/1.1 405 Method Not Allowed\r\n", NULL);
    check_answer("hello\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", NULL);
    memset(big, 'x', 1000000);
    big[1000000] = '\0';
    check_answer(big, "HTTP/1.1 431 Request Header Fields Too Large\r\n",
                 NULL);
    free(big);
    free(metrics);
    free(plain);
}

static void
test_pieces(void)
{
    static const char request[] = "HEAD /metrics HTTP/1.1\r\n\r\n";
    int fd = connect_client();
    bool end;
    char *answer;

    for (size_t i = 0; request[i]; i++) {
        say(fd, (char[2]) { request[i], '\0' });
    }
    answer = read_all(fd, &end);
    tap_ok(!strncmp(answer, "HTTP/1.1 200 OK\r\n", 17)
           && !strcmp(answer + strlen(answer) - 4, "\r\n\r\n") && end,
           "a request byte by byte; HEAD has no body");
    free(answer);
    close(fd);

    fd = connect_client();
    say(fd, "GET /metr");
    close(fd);
    metrics_socket_run(ms, &status);
    check_answer("GET /metrics HTTP/1.0\n\n", "HTTP/1.1 200 OK\r\n", NULL);
}

static void
test_many(void)
{
    int fds[METRICS_SOCKET_MAX_CLIENTS + 3];
    size_t n_dropped = 0;
    bool end;

    for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
        fds[i] = connect_client();
        say(fds[i], "GET /");
    }
    for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
        free(read_all(fds[i], &end));
        n_dropped += end;
        tap_ok(end == (i < 3), "client %"PRIuSIZE, i);
    }
    tap_int(n_dropped, 3, "who came first makes room");
    check_answer("GET /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                 NULL);
    for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
        close(fds[i]);
    }
    metrics_socket_run(ms, &status);
}

/* What a killed daemon has left is replaced. */
static void
test_stale(void)
{
    char *other = xasprintf("%s.stale", path);

    close(make_unix_socket(SOCK_STREAM, true, other, NULL));
    metrics_socket_destroy(ms);
    tap_ok(access(path, F_OK) && errno == ENOENT, "the socket has gone");
    free(path);
    path = other;
    ms = metrics_socket_create(path);
    metrics_socket_run(ms, &status);
    check_answer("GET /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                 NULL);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    char dir[] = "/tmp/span-metrics.XXXXXX";
    struct host_facts facts;

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    fatal_ignore_sigpipe();
    if (!mkdtemp(dir)) {
        return EXIT_FAILURE;
    }
    host_facts_init(&facts, "/nowhere");
    status.facts = &facts;
    path = xasprintf("%s/sock", dir);
    ms = metrics_socket_create(path);
    test_answers();
    test_pieces();
    test_many();
    test_stale();
    metrics_socket_destroy(ms);
    host_facts_destroy(&facts);
    free(path);
    rmdir(dir);
    return tap_done();
}
