/* SPDX-License-Identifier: Apache-2.0 */

/* Metrics by HTTP over a Unix socket.  See metrics-socket.h.
 *
 * Each connection is for one request.  Nobody is waited for: a client has a
 * few seconds for everything.  All that are answered after the same pass share
 * one page. */

#include <config.h>
#include "plugin/daemon/metrics-socket.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "plugin/core/http-request.h"
#include "plugin/daemon/group-socket.h"
#include "plugin/daemon/metrics.h"
#include "plugin/daemon/pass.h"
#include "plugin/daemon/reconciler.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(metrics_socket);
static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

#define PATH "/metrics"

static const char *const content_types[] = {
    [METRIC_OPENMETRICS] = "application/openmetrics-text; version=1.0.0; "
                           "charset=utf-8",
    [METRIC_PROMETHEUS] = "text/plain; version=0.0.4; charset=utf-8",
};

/* The metrics of a moment, which several clients may be reading. */
struct page {
    size_t n_users;
    uint64_t pass;              /* Its number; 0 = before the first. */
    bool session_db, switch_db; /* As in "struct reconciler_status". */
    char *text;
    size_t length;
};

struct client {
    struct ovs_list node;       /* In "struct metrics_socket"'s 'clients'. */
    struct stream *stream;
    long long int deadline;     /* msec. */
    char request[HTTP_REQUEST_MAX];
    size_t n;                   /* Bytes in 'request'. */
    struct ds head;             /* Of the answer; empty before there is one. */
    struct page *page;          /* What follows it; NULL = nothing. */
    size_t sent;                /* Bytes of both together. */
};

struct metrics_socket {
    struct group_socket *socket;
    struct ovs_list clients;    /* Who came first is the first. */
    size_t n_clients;
    struct page *pages[N_METRIC_FORMATS];   /* The newest; NULL = none. */
};

/* Creates what serves the socket 'path'. */
struct metrics_socket *
metrics_socket_create(const char *path)
{
    struct metrics_socket *ms = xzalloc(sizeof *ms);

    ms->socket = group_socket_create(path);
    ovs_list_init(&ms->clients);
    return ms;
}

static void
page_unref(struct page *page)
{
    if (page && !--page->n_users) {
        free(page->text);
        free(page);
    }
}

static void
drop(struct metrics_socket *ms, struct client *client)
{
    ovs_list_remove(&client->node);
    ms->n_clients--;
    stream_close(client->stream);
    page_unref(client->page);
    ds_destroy(&client->head);
    free(client);
}

/* Closes the socket and removes it. */
void
metrics_socket_destroy(struct metrics_socket *ms)
{
    if (ms) {
        struct client *client, *next;

        LIST_FOR_EACH_SAFE (client, next, node, &ms->clients) {
            drop(ms, client);
        }
        for (size_t i = 0; i < N_METRIC_FORMATS; i++) {
            page_unref(ms->pages[i]);
        }
        group_socket_destroy(ms->socket);
        free(ms);
    }
}

/* Returns a page of what 'status' says, for the caller to unref. */
static struct page *
get_page(struct metrics_socket *ms, enum metric_format format,
         const struct reconciler_status *status)
{
    uint64_t pass = status->pass ? status->pass->number : 0;
    struct page *page = ms->pages[format];

    if (!page || page->pass != pass || page->session_db != status->session_db
        || page->switch_db != status->switch_db) {
        page_unref(page);
        page = ms->pages[format] = xzalloc(sizeof *page);
        page->n_users = 1;
        page->pass = pass;
        page->session_db = status->session_db;
        page->switch_db = status->switch_db;
        page->text = metrics_to_text(status, format);
        page->length = strlen(page->text);
    }
    page->n_users++;
    return page;
}

/* Makes the head of an answer, for 'length' bytes that follow. */
static void
put_head(struct client *client, enum http_status code, const char *type,
         size_t length)
{
    ds_put_format(&client->head, "HTTP/1.1 %d %s\r\n"
                  "Content-Type: %s\r\n"
                  "Content-Length: %"PRIuSIZE"\r\n"
                  "%s"
                  "Connection: close\r\n\r\n",
                  code, http_status_reason(code), type, length,
                  code == HTTP_BAD_METHOD ? "Allow: GET, HEAD\r\n" : "");
}

/* Makes the answer to 'request', which is as 'code' says. */
static void
answer(struct metrics_socket *ms, struct client *client,
       enum http_status code, const struct http_request *request,
       const struct reconciler_status *status)
{
    if (code == HTTP_OK) {
        enum metric_format format = (request->plain ? METRIC_PROMETHEUS
                                     : METRIC_OPENMETRICS);
        struct page *page = get_page(ms, format, status);

        put_head(client, code, content_types[format], page->length);
        if (request->head) {
            page_unref(page);
        } else {
            client->page = page;
        }
    } else {
        char *text = xasprintf("%s: there is only \"GET %s\" here.\n",
                               http_status_reason(code), PATH);

        put_head(client, code, "text/plain; charset=utf-8", strlen(text));
        if (!request->head) {
            ds_put_cstr(&client->head, text);
        }
        free(text);
    }
}

/* Reads what has come of a request.  Returns false when the client is gone. */
static bool
hear(struct metrics_socket *ms, struct client *client,
     const struct reconciler_status *status)
{
    while (!client->head.length) {
        struct http_request request;
        enum http_status code;
        int n = stream_recv(client->stream, client->request + client->n,
                            sizeof client->request - client->n);

        if (n <= 0) {
            return n == -EAGAIN;
        }
        client->n += n;
        code = http_request_parse(client->request, client->n, PATH, &request);
        if (code != HTTP_MORE) {
            answer(ms, client, code, &request, status);
        }
    }
    return true;
}

/* Sends what can be sent.  Returns false when all is, or nothing can be. */
static bool
say(struct client *client)
{
    size_t length = client->head.length;
    size_t total = length + (client->page ? client->page->length : 0);

    while (client->sent < total) {
        bool head = client->sent < length;
        const char *rest = (head ? client->head.string + client->sent
                            : client->page->text + (client->sent - length));
        int n = stream_send(client->stream, rest,
                            (head ? length : total) - client->sent);

        if (n <= 0) {
            return n == -EAGAIN;
        }
        client->sent += n;
    }
    return !length;
}

/* Does for 'client' what can be done without waiting. */
static void
run_client(struct metrics_socket *ms, struct client *client,
           const struct reconciler_status *status)
{
    stream_run(client->stream);
    if (time_msec() >= client->deadline || !hear(ms, client, status)
        || !say(client)) {
        drop(ms, client);
    }
}

/* Takes in a client that has connected. */
static struct client *
add_client(struct metrics_socket *ms, struct stream *stream)
{
    struct client *client = xzalloc(sizeof *client);

    if (ms->n_clients >= METRICS_SOCKET_MAX_CLIENTS) {
        VLOG_WARN_RL(&rl, "%s: %d clients are connected, and that is the "
                     "limit: the first of them is dropped",
                     group_socket_path(ms->socket),
                     METRICS_SOCKET_MAX_CLIENTS);
        drop(ms, CONTAINER_OF(ovs_list_front(&ms->clients), struct client,
                              node));
    }
    client->stream = stream;
    client->deadline = time_msec() + METRICS_SOCKET_PATIENCE;
    ds_init(&client->head);
    ovs_list_push_back(&ms->clients, &client->node);
    ms->n_clients++;
    return client;
}

/* Answers by 'status' whoever asks.  Those who are many are not all accepted
 * at once, so that this does not take long. */
void
metrics_socket_run(struct metrics_socket *ms,
                   const struct reconciler_status *status)
{
    struct client *client, *next;

    LIST_FOR_EACH_SAFE (client, next, node, &ms->clients) {
        run_client(ms, client, status);
    }
    for (int i = 0; i < METRICS_SOCKET_MAX_CLIENTS; i++) {
        struct stream *stream = group_socket_accept(ms->socket);

        if (!stream) {
            break;
        }
        run_client(ms, add_client(ms, stream), status);
    }
}

void
metrics_socket_wait(const struct metrics_socket *ms)
{
    const struct client *client;

    group_socket_wait(ms->socket);
    LIST_FOR_EACH (client, node, &ms->clients) {
        stream_run_wait(client->stream);
        if (client->head.length) {
            stream_send_wait(client->stream);
        } else {
            stream_recv_wait(client->stream);
        }
        poll_timer_wait_until(client->deadline);
    }
}
