/* SPDX-License-Identifier: Apache-2.0 */

/* Lines for readers of a Unix socket.  See event-stream.h.
 *
 * What readers send is thrown away. */

#include <config.h>
#include "plugin/daemon/event-stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
#include "openvswitch/vlog.h"
#include "plugin/daemon/group-socket.h"
#include "stream.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(event_stream);
static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

struct client {
    struct ovs_list node;       /* In "struct event_stream"'s 'clients'. */
    struct stream *stream;
    struct ds output;           /* Whole lines, from which... */
    size_t sent;                /* ...so many bytes have gone. */
    size_t limit;               /* Bytes that may wait. */
};

struct event_stream {
    struct group_socket *socket;
    struct ovs_list clients;
    size_t n_clients;
    struct client *fresh;       /* Accepted and not yet greeted, or NULL. */
};

/* Creates what serves the socket 'path'. */
struct event_stream *
event_stream_create(const char *path)
{
    struct event_stream *es = xzalloc(sizeof *es);

    es->socket = group_socket_create(path);
    ovs_list_init(&es->clients);
    return es;
}

static void
drop(struct event_stream *es, struct client *client)
{
    ovs_list_remove(&client->node);
    es->n_clients--;
    stream_close(client->stream);
    ds_destroy(&client->output);
    free(client);
}

/* Closes the socket and removes it.  What readers have not been sent yet they
 * are sent now, as far as that does not have to wait for them. */
void
event_stream_destroy(struct event_stream *es)
{
    if (es) {
        struct client *client, *next;

        event_stream_run(es);
        LIST_FOR_EACH_SAFE (client, next, node, &es->clients) {
            drop(es, client);
        }
        group_socket_destroy(es->socket);
        free(es);
    }
}

/* Accepts a reader, which then has to be sent its first line with
 * event_stream_greet().  Returns false if there is none. */
bool
event_stream_accept(struct event_stream *es)
{
    struct stream *stream;

    while ((stream = group_socket_accept(es->socket)) != NULL) {
        struct client *client;

        if (es->n_clients >= EVENT_STREAM_MAX_CLIENTS) {
            VLOG_WARN_RL(&rl, "%s: %d readers are connected, and that is the "
                         "limit", group_socket_path(es->socket),
                         EVENT_STREAM_MAX_CLIENTS);
            stream_close(stream);
            continue;
        }
        client = xzalloc(sizeof *client);
        client->stream = stream;
        ds_init(&client->output);
        ovs_list_push_back(&es->clients, &client->node);
        es->n_clients++;
        es->fresh = client;
        return true;
    }
    return false;
}

bool
event_stream_has_readers(const struct event_stream *es)
{
    return es->n_clients > 0;
}

/* Adds 'line' to what 'client' is to be sent. */
static void
put_line(struct client *client, const char *line)
{
    if (client->sent && client->sent >= client->output.length / 2) {
        struct ds rest = DS_EMPTY_INITIALIZER;

        ds_put_buffer(&rest, client->output.string + client->sent,
                      client->output.length - client->sent);
        ds_destroy(&client->output);
        client->output = rest;
        client->sent = 0;
    }
    ds_put_format(&client->output, "%s\n", line);
}

/* Sends the reader that was accepted last its first line. */
void
event_stream_greet(struct event_stream *es, const char *line)
{
    put_line(es->fresh, line);
    es->fresh->limit = strlen(line) + EVENT_STREAM_MAX_BACKLOG;
    es->fresh = NULL;
}

/* Sends 'line', without a line feed at its end, to all readers. */
void
event_stream_send(struct event_stream *es, const char *line)
{
    struct client *client, *next;

    LIST_FOR_EACH_SAFE (client, next, node, &es->clients) {
        put_line(client, line);
        if (client->output.length - client->sent > client->limit) {
            VLOG_WARN_RL(&rl, "%s: %s does not read; it is dropped",
                         group_socket_path(es->socket),
                         stream_get_name(client->stream));
            drop(es, client);
        }
    }
}

/* Throws away what 'client' says.  Returns false when it has gone. */
static bool
hear(struct client *client)
{
    char buffer[512];
    int n = 0;

    for (int i = 0; i < 10; i++) {
        n = stream_recv(client->stream, buffer, sizeof buffer);
        if (n <= 0) {
            break;
        }
    }
    return n > 0 || n == -EAGAIN;
}

/* Sends what can be sent.  Returns false when 'client' has gone. */
static bool
say(struct client *client)
{
    struct ds *output = &client->output;

    while (client->sent < output->length) {
        int n = stream_send(client->stream, output->string + client->sent,
                            output->length - client->sent);

        if (n <= 0) {
            return n == -EAGAIN;
        }
        client->sent += n;
    }
    ds_clear(output);
    client->sent = 0;
    return true;
}

/* Does what can be done without waiting for anybody. */
void
event_stream_run(struct event_stream *es)
{
    struct client *client, *next;

    LIST_FOR_EACH_SAFE (client, next, node, &es->clients) {
        stream_run(client->stream);
        if (!hear(client) || !say(client)) {
            drop(es, client);
        }
    }
}

void
event_stream_wait(struct event_stream *es)
{
    struct client *client;

    group_socket_wait(es->socket);
    LIST_FOR_EACH (client, node, &es->clients) {
        stream_run_wait(client->stream);
        stream_recv_wait(client->stream);
        if (client->sent < client->output.length) {
            stream_send_wait(client->stream);
        }
    }
}
