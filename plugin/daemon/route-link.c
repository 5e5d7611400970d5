/* SPDX-License-Identifier: Apache-2.0 */

/* Routes to collectors: see route-link.h.
 *
 * vswitchd keeps a routing table of its own, made of the kernel's and of
 * ovs/route/add, and by it sends what goes into tunnels.  Nothing tells when
 * it changes, so its command "ovs/route/lookup" is asked for each collector
 * again and again, one at a time and never waited for.
 *
 * When vswitchd cannot be asked, because its socket is elsewhere, a route
 * counts as found, by a device that is not known. */

#include <config.h>
#include "plugin/daemon/route-link.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "plugin/core/session.h"
#include "plugin/core/switch-state.h"
#include "plugin/core/tunnel.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(route_link);

/* Milliseconds between questions for the same route, and until vswitchd is
 * tried again. */
#define INTERVAL 2000
#define RETRY 1000

struct route {
    bool wanted;
    bool known;
    bool found;
    char *dev, *src;
    long long int next;         /* When to ask again, msec. */
};

struct route_link {
    char *run_dir;
    struct shash routes;        /* "struct route"s by collector. */
    unsigned int seq;

    struct jsonrpc *rpc;        /* To vswitchd; NULL = none. */
    struct json *request;       /* ID of the request under way, or NULL. */
    char *asked;                /* The collector that it asks for. */
    long long int next_try;     /* msec. */
};

/* Creates what asks the vswitchd whose sockets are in 'run_dir'. */
struct route_link *
route_link_create(const char *run_dir)
{
    struct route_link *r = xzalloc(sizeof *r);

    r->run_dir = xstrdup(run_dir);
    shash_init(&r->routes);
    return r;
}

static void
delete_route(struct route_link *r, struct shash_node *node)
{
    struct route *route = node->data;

    shash_delete(&r->routes, node);
    free(route->dev);
    free(route->src);
    free(route);
}

static void
forget_request(struct route_link *r)
{
    json_destroy(r->request);
    free(r->asked);
    r->request = NULL;
    r->asked = NULL;
}

static void
disconnect(struct route_link *r)
{
    jsonrpc_close(r->rpc);
    r->rpc = NULL;
    forget_request(r);
    r->next_try = time_msec() + RETRY;
}

void
route_link_destroy(struct route_link *r)
{
    struct shash_node *node, *next;

    if (r) {
        disconnect(r);
        SHASH_FOR_EACH_SAFE (node, next, &r->routes) {
            delete_route(r, node);
        }
        shash_destroy(&r->routes);
        free(r->run_dir);
        free(r);
    }
}

/* Takes note of what is now known of the route to 'remote'; takes 'dev' and
 * 'src' over. */
static void
set_route(struct route_link *r, const char *remote, bool found, char *dev,
          char *src)
{
    struct route *route = shash_find_data(&r->routes, remote);

    if (!route) {
        free(dev);
        free(src);
        return;
    }
    if (!route->known || route->found != found || strcmp(route->dev, dev)
        || strcmp(route->src, src)) {
        r->seq++;
    }
    free(route->dev);
    free(route->src);
    route->known = true;
    route->found = found;
    route->dev = dev;
    route->src = src;
    route->next = time_msec() + INTERVAL;
}

/* vswitchd cannot be asked now: what is known stays, the rest is let be. */
static void
assume(struct route_link *r)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &r->routes) {
        const struct route *route = node->data;

        if (!route->known) {
            set_route(r, node->name, true, xstrdup(""), xstrdup(""));
        }
    }
}

/* Returns the word behind 'key' in 'text', lines of a key and a word, or "".
 * The caller frees it. */
static char *
find_word(const char *text, const char *key)
{
    size_t n = strlen(key);

    for (const char *line = text; *line; ) {
        size_t length = strcspn(line, "\n");

        if (length > n && !strncmp(line, key, n) && line[n] == ' ') {
            return xmemdup0(line + n + 1, length - n - 1);
        }
        line += length + (line[length] == '\n');
    }
    return xstrdup("");
}

static void
handle_reply(struct route_link *r, const struct jsonrpc_msg *msg)
{
    if (!r->request || !msg->id || !json_equal(msg->id, r->request)) {
        return;
    }

    const struct json *result = (msg->type == JSONRPC_REPLY
                                 ? msg->result : msg->error);
    const char *text = (result && result->type == JSON_STRING
                        ? json_string(result) : "");
    bool found = (msg->type == JSONRPC_REPLY
                  || strncmp(text, "Not found", 9));
    const char *words = msg->type == JSONRPC_REPLY ? text : "";

    if (msg->type != JSONRPC_REPLY && found) {
        VLOG_INFO_ONCE("vswitchd cannot say which way it has to collectors: "
                       "%s", text);
    }
    set_route(r, r->asked, found, find_word(words, "dev"),
              find_word(words, "src"));
    forget_request(r);
}

static void
receive(struct route_link *r)
{
    struct jsonrpc_msg *msg;

    jsonrpc_run(r->rpc);
    while (r->rpc) {
        int error = jsonrpc_recv(r->rpc, &msg);

        if (error == EAGAIN) {
            return;
        } else if (error) {
            disconnect(r);
        } else {
            handle_reply(r, msg);
            jsonrpc_msg_destroy(msg);
        }
    }
}

/* Connects to vswitchd's control socket, whose name has its process ID. */
static void
connect_to_vswitchd(struct route_link *r)
{
    char *file_name = xasprintf("%s/ovs-vswitchd.pid", r->run_dir);
    FILE *file = fopen(file_name, "r");
    struct stream *stream;
    int pid;

    if (file && fscanf(file, "%d", &pid) == 1 && pid > 0) {
        char *name = xasprintf("unix:%s/ovs-vswitchd.%d.ctl", r->run_dir, pid);

        if (!jsonrpc_stream_open(name, &stream, 0)) {
            r->rpc = jsonrpc_open(stream);
        }
        free(name);
    }
    if (file) {
        fclose(file);
    }
    free(file_name);
    if (!r->rpc) {
        r->next_try = time_msec() + RETRY;
    }
}

/* Returns the route that is to be asked for next, NULL if there is none. */
static const struct shash_node *
find_next(const struct route_link *r)
{
    const struct shash_node *node, *best = NULL;

    SHASH_FOR_EACH (node, &r->routes) {
        const struct route *route = node->data;

        if (!best || route->next < ((struct route *) best->data)->next) {
            best = node;
        }
    }
    return best;
}

static void
ask(struct route_link *r, const char *remote)
{
    struct json *params = json_array_create_1(json_string_create(remote));

    if (jsonrpc_send(r->rpc, jsonrpc_create_request("ovs/route/lookup", params,
                                                    &r->request))) {
        disconnect(r);
    } else {
        r->asked = xstrdup(remote);
    }
}

void
route_link_run(struct route_link *r)
{
    const struct shash_node *next;

    if (r->rpc) {
        receive(r);
    }
    next = find_next(r);
    if (!next || r->request
        || time_msec() < ((struct route *) next->data)->next
        || time_msec() < r->next_try) {
        return;
    }
    if (!r->rpc) {
        connect_to_vswitchd(r);
    }
    if (r->rpc) {
        ask(r, next->name);
    }
    if (!r->rpc) {
        assume(r);
    }
}

void
route_link_wait(struct route_link *r)
{
    const struct shash_node *next = find_next(r);

    if (r->rpc) {
        jsonrpc_wait(r->rpc);
        jsonrpc_recv_wait(r->rpc);
    }
    if (next && !r->request) {
        poll_timer_wait_until(MAX(((struct route *) next->data)->next,
                                  r->next_try));
    }
}

/* Changes when the way to a collector has changed. */
unsigned int
route_link_seq(const struct route_link *r)
{
    return r->seq;
}

/* Asks from now on for the ways to the collectors of the 'n' 'sessions', and
 * for no others. */
void
route_link_ask(struct route_link *r, const struct session *sessions, size_t n)
{
    struct shash_node *node, *next;

    SHASH_FOR_EACH (node, &r->routes) {
        ((struct route *) node->data)->wanted = false;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < sessions[i].n_destinations; j++) {
            const struct destination *d = &sessions[i].destinations[j];
            char remote[INET6_ADDRSTRLEN];
            struct route *route;

            if (!destination_is_tunnel(d)) {
                continue;
            }
            collector_address(d, remote, sizeof remote);
            route = shash_find_data(&r->routes, remote);
            if (!route) {
                route = xzalloc(sizeof *route);
                route->dev = xstrdup("");
                route->src = xstrdup("");
                shash_add(&r->routes, remote, route);
            }
            route->wanted = true;
        }
    }
    SHASH_FOR_EACH_SAFE (node, next, &r->routes) {
        if (!((struct route *) node->data)->wanted) {
            delete_route(r, node);
        }
    }
}

/* Writes what is known into 'state'. */
void
route_link_fill(const struct route_link *r, struct switch_state *state)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &r->routes) {
        const struct route *route = node->data;

        if (route->known) {
            switch_state_add_route(state, node->name, route->found,
                                   route->dev, route->src);
        }
    }
}
