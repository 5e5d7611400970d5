/* SPDX-License-Identifier: Apache-2.0 */

/* The control socket; see control.h. */

#include <config.h>

#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "json-stream.h"
#include "options.h"
#include "plugin/record/record-util.h"

#define MAX_CLIENTS 32

/* Bytes that a client may leave unread beyond what its socket takes: all that
 * is known of RECORDINGS_MAX files, and some more. */
#define OUTPUT_MAX (1024 * 1024)

/* At the end clients get so long to take their last message. */
#define FINISH_NS NSEC_PER_SEC

struct client {
    struct client *next;
    int fd;
    bool dead;                  /* To be freed at the next occasion. */
    struct json_stream input;
    char *output;               /* Not sent yet. */
    size_t output_len;
    json_t *stop_id;            /* Waits for the answer to "stop". */
};

struct control {
    const struct control_ops *ops;
    void *aux;
    char *path;
    int listen_fd;              /* -1 after the end, and if 'inherited'. */
    bool inherited;             /* One client, who started us with it. */
    int epoll_fd;
    struct client *clients;
    unsigned int n_clients;
};

/* Watches 'fd' for 'events'; 'data' is NULL for the listening socket. */
static bool
watch(struct control *c, int op, int fd, uint32_t events, void *data)
{
    struct epoll_event event = { .events = events, .data.ptr = data };

    return !epoll_ctl(c->epoll_fd, op, fd, &event);
}

static void
free_client(struct client *client)
{
    close(client->fd);
    json_decref(client->stop_id);
    free(client->output);
    free(client);
}

/* Frees the clients that are dead.  Without the one who started it to serve
 * him alone, the recorder ends. */
static void
bury(struct control *c)
{
    bool any = c->clients != NULL;

    for (struct client **cp = &c->clients; *cp; ) {
        struct client *client = *cp;

        if (client->dead) {
            *cp = client->next;
            c->n_clients--;
            free_client(client);
        } else {
            cp = &client->next;
        }
    }
    if (c->inherited && any && !c->clients) {
        c->ops->stop(c->aux);
    }
}

/* Sends as much as the socket takes. */
static void
flush(struct control *c, struct client *client)
{
    size_t sent = 0;

    while (sent < client->output_len) {
        ssize_t n = send(client->fd, client->output + sent,
                         client->output_len - sent,
                         MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            client->dead = n == 0 || (errno != EAGAIN);
            break;
        }
        sent += n;
    }
    client->output_len -= sent;
    memmove(client->output, client->output + sent, client->output_len);
    if (!client->dead) {
        watch(c, EPOLL_CTL_MOD, client->fd,
              EPOLLIN | (client->output_len ? EPOLLOUT : 0), client);
    }
}

/* Sends 'json', which stays the caller's, and a newline. */
static void
send_json(struct control *c, struct client *client, const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    size_t n = text ? strlen(text) : 0;

    if (!text || client->output_len + n + 1 > OUTPUT_MAX) {
        client->dead = true;
    } else if (!client->dead) {
        client->output = rec_xrealloc(client->output,
                                       client->output_len + n + 1);
        memcpy(client->output + client->output_len, text, n);
        client->output[client->output_len + n] = '\n';
        client->output_len += n + 1;
        flush(c, client);
    }
    free(text);
}

/* Answers request 'id' with 'result', or with 'error' if that is not NULL.
 * Takes over 'result', and nothing else.  A notification gets no answer. */
static void
reply(struct control *c, struct client *client, json_t *id, json_t *result,
      const char *error)
{
    if (id && !json_is_null(id)) {
        json_t *json = json_object();

        json_object_set(json, "result", error ? json_null() : result);
        json_object_set_new(json, "error",
                            error ? json_string(error) : json_null());
        json_object_set(json, "id", id);
        send_json(c, client, json);
        json_decref(json);
    }
    json_decref(result);
}

static void
notify(struct control *c, struct client *client, json_t *status)
{
    json_t *json = json_object();
    json_t *params = json_array();

    json_array_append(params, status);
    json_object_set_new(json, "method", json_string("status"));
    json_object_set_new(json, "params", params);
    json_object_set_new(json, "id", json_null());
    send_json(c, client, json);
    json_decref(json);
}

static void
handle_status(struct control *c, struct client *client,
              json_t *params __attribute__((unused)), json_t *id)
{
    reply(c, client, id, c->ops->status(c->aux), NULL);
}

static void
handle_echo(struct control *c, struct client *client, json_t *params,
            json_t *id)
{
    reply(c, client, id, json_incref(params), NULL);
}

static void
handle_recordings(struct control *c, struct client *client,
                  json_t *params __attribute__((unused)), json_t *id)
{
    reply(c, client, id, c->ops->recordings(c->aux), NULL);
}

static void
handle_rotate(struct control *c, struct client *client,
              json_t *params __attribute__((unused)), json_t *id)
{
    c->ops->rotate(c->aux);
    reply(c, client, id, json_object(), NULL);
}

/* Takes the members of 'object' as options.  Returns NULL or a sentence. */
static char *
configure(struct control *c, json_t *object)
{
    size_t n = 0, max = json_object_size(object);
    struct option_text *texts = rec_xcalloc(max, sizeof *texts);
    const char *key;
    json_t *value;
    char *error = NULL;

    json_object_foreach (object, key, value) {
        if (!json_is_string(value)) {
            error = rec_xasprintf("%s must be a string", key);
            break;
        }
        texts[n++] = (struct option_text) {
            .name = key,
            .value = rec_xstrdup(json_string_value(value)),
        };
    }
    if (!error) {
        error = c->ops->configure(c->aux, texts, n);
    }
    for (size_t i = 0; i < n; i++) {
        free(texts[i].value);
    }
    free(texts);
    return error;
}

static void
handle_configure(struct control *c, struct client *client, json_t *params,
                 json_t *id)
{
    json_t *object = json_array_get(params, 0);
    char *error;

    if (json_array_size(params) != 1 || !json_is_object(object)) {
        reply(c, client, id, NULL, "configure takes one object");
        return;
    }
    error = configure(c, object);
    reply(c, client, id, error ? NULL : json_object(), error);
    free(error);
}

static void
handle_stop(struct control *c, struct client *client,
            json_t *params __attribute__((unused)), json_t *id)
{
    /* The answer comes when everything is written. */
    if (!client->stop_id) {
        client->stop_id = json_incref(id);
    }
    c->ops->stop(c->aux);
}

static const struct method {
    const char *name;
    void (*handle)(struct control *, struct client *, json_t *params,
                   json_t *id);
} methods[] = {
    { "echo", handle_echo },
    { "status", handle_status },
    { "recordings", handle_recordings },
    { "rotate", handle_rotate },
    { "configure", handle_configure },
    { "stop", handle_stop },
};

/* Does what 'request' asks for. */
static void
handle_request(struct control *c, struct client *client, json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "method"));
    json_t *params = json_object_get(request, "params");
    json_t *id = json_object_get(request, "id");

    if (!name) {
        /* We ask nothing, so answers are of no interest. */
        client->dead = !json_object_get(request, "result");
        return;
    }
    if (!json_is_array(params)) {
        reply(c, client, id, NULL, "params must be an array");
        return;
    }
    for (size_t i = 0; i < REC_ARRAY_SIZE(methods); i++) {
        if (!strcmp(methods[i].name, name)) {
            methods[i].handle(c, client, params, id);
            return;
        }
    }
    reply(c, client, id, NULL, "unknown method: echo, status, "
          "recordings, rotate, configure and stop are known");
}

/* Reads what 'client' sent and does it. */
static void
receive(struct control *c, struct client *client)
{
    size_t space;
    char *where = json_stream_space(&client->input, &space);
    ssize_t n = recv(client->fd, where, space, MSG_DONTWAIT);
    json_t *json;

    if (n <= 0) {
        client->dead = n == 0 || (errno != EAGAIN && errno != EINTR);
        return;
    }
    json_stream_add(&client->input, n);
    while (!client->dead) {
        if (!json_stream_next(&client->input, &json)) {
            client->dead = true;
        }
        if (!json) {
            break;
        }
        handle_request(c, client, json);
        json_decref(json);
    }
}

/* Takes the client at 'fd', which this closes in the end. */
static void
add_client(struct control *c, int fd)
{
    struct client *client;
    json_t *status;

    client = rec_xcalloc(1, sizeof *client);
    client->fd = fd;
    client->next = c->clients;
    c->clients = client;
    c->n_clients++;
    if (!watch(c, EPOLL_CTL_ADD, fd, EPOLLIN, client)) {
        client->dead = true;
        return;
    }
    status = c->ops->status(c->aux);
    notify(c, client, status);
    json_decref(status);
}

/* Takes a client that waits at the door. */
static void
accept_client(struct control *c)
{
    int fd = accept4(c->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd >= 0 && c->n_clients < MAX_CLIENTS) {
        add_client(c, fd);
    } else if (fd >= 0) {
        close(fd);
    }
}

/* Does what the clients ask for, without waiting for any of them. */
void
control_run(struct control *c)
{
    struct epoll_event events[MAX_CLIENTS + 1];
    int n = epoll_wait(c->epoll_fd, events, REC_ARRAY_SIZE(events), 0);

    for (int i = 0; i < n; i++) {
        struct client *client = events[i].data.ptr;

        if (!client) {
            accept_client(c);
            continue;
        }
        if (!client->dead && events[i].events & EPOLLOUT) {
            flush(c, client);
        }
        if (!client->dead && events[i].events & ~EPOLLOUT) {
            receive(c, client);
        }
    }
    bury(c);
}

/* Tells every client the status. */
void
control_broadcast(struct control *c)
{
    json_t *status = c->clients ? c->ops->status(c->aux) : NULL;

    for (struct client *client = c->clients; client; client = client->next) {
        notify(c, client, status);
    }
    json_decref(status);
    bury(c);
}

/* Returns true if some client has not got everything. */
static bool
is_output_left(const struct control *c)
{
    for (const struct client *cl = c->clients; cl; cl = cl->next) {
        if (!cl->dead && cl->output_len) {
            return true;
        }
    }
    return false;
}

/* Ends the control: no client comes in any more, each that waits for the
 * recorder to have stopped is answered, the one who started it is told the
 * last status anyway, and all get a moment to take that. */
void
control_finish(struct control *c)
{
    uint64_t deadline = rec_time_monotonic() + FINISH_NS;

    if (c->listen_fd >= 0) {
        close(c->listen_fd);
        c->listen_fd = -1;
    }
    for (struct client *client = c->clients; client; client = client->next) {
        if (c->inherited) {
            json_t *status = c->ops->status(c->aux);

            notify(c, client, status);
            json_decref(status);
        }
        if (client->stop_id) {
            reply(c, client, client->stop_id, c->ops->status(c->aux), NULL);
        }
    }
    while (is_output_left(c) && rec_time_monotonic() < deadline) {
        struct pollfd pfd = { .fd = c->epoll_fd, .events = POLLIN };

        poll(&pfd, 1, 10);
        control_run(c);
    }
}

/* Removes the socket at 'path' that nobody serves any more.  Returns false if
 * somebody does, or if it is something else. */
static bool
remove_stale(const struct sockaddr_un *sun)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool stale = false;
    struct stat st;

    if (fd >= 0) {
        stale = (connect(fd, (const struct sockaddr *) sun, sizeof *sun)
                 && errno == ECONNREFUSED
                 && !lstat(sun->sun_path, &st) && S_ISSOCK(st.st_mode)
                 && !unlink(sun->sun_path));
        close(fd);
    }
    return stale;
}

/* Makes the socket that clients come to, for nobody but our own user. */
static int
listen_at(const char *path)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t mask = umask(0177);
    int error = 0;

    memcpy(sun.sun_path, path, strlen(path));
    if (fd < 0) {
        error = errno;
    } else if (bind(fd, (struct sockaddr *) &sun, sizeof sun)) {
        error = errno;
        if (error == EADDRINUSE && remove_stale(&sun)) {
            error = (bind(fd, (struct sockaddr *) &sun, sizeof sun)
                     ? errno : 0);
        }
    }
    umask(mask);
    if (!error && listen(fd, MAX_CLIENTS)) {
        error = errno;
    }
    if (error && fd >= 0) {
        close(fd);
    }
    errno = error;
    return error ? -1 : fd;
}

/* Takes the socket that is our standard input as the only client.  Returns
 * false with errno set if it is none. */
static bool
inherit_client(struct control *c)
{
    struct stat st;
    int fd;

    if (fstat(STDIN_FILENO, &st) || !S_ISSOCK(st.st_mode)) {
        errno = ENOTSOCK;
        return false;
    }
    fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (fd < 0) {
        return false;
    }
    c->inherited = true;
    add_client(c, fd);
    return true;
}

/* Serves the socket at 'path', which must fit into a sockaddr_un; "-" is the
 * standard input.  Returns NULL and stores the control in '*cp', or returns a
 * sentence that the caller must free. */
char *
control_create(const char *path, const struct control_ops *ops, void *aux,
               struct control **cp)
{
    struct control *c = rec_xcalloc(1, sizeof *c);
    char buffer[128];

    *cp = NULL;
    c->ops = ops;
    c->aux = aux;
    c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    c->listen_fd = -1;
    if (c->epoll_fd >= 0 && !strcmp(path, "-")) {
        if (inherit_client(c)) {
            *cp = c;
            return NULL;
        }
    } else {
        c->listen_fd = listen_at(path);
    }
    if (c->listen_fd < 0 || c->epoll_fd < 0
        || !watch(c, EPOLL_CTL_ADD, c->listen_fd, EPOLLIN, NULL)) {
        char *error = rec_xasprintf(
            "%s: the control socket cannot be made: %s", path,
            errno == EADDRINUSE ? "something else is there"
            : rec_strerror(errno, buffer, sizeof buffer));

        control_destroy(c);
        return error;
    }
    c->path = rec_xstrdup(path);
    *cp = c;
    return NULL;
}

/* Removes the socket and frees 'c'. */
void
control_destroy(struct control *c)
{
    if (c) {
        while (c->clients) {
            struct client *next = c->clients->next;

            free_client(c->clients);
            c->clients = next;
        }
        if (c->path) {
            unlink(c->path);
        }
        if (c->listen_fd >= 0) {
            close(c->listen_fd);
        }
        if (c->epoll_fd >= 0) {
            close(c->epoll_fd);
        }
        free(c->path);
        free(c);
    }
}

/* Returns a descriptor that polls readable when there is something to do. */
int
control_fd(const struct control *c)
{
    return c->epoll_fd;
}
