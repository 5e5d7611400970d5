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

#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "plugin/core/session.h"
#include "plugin/core/switch-state.h"
#include "plugin/core/tunnel.h"
#include "plugin/daemon/vswitchd-ctl.h"
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
    struct vswitchd_ctl *ctl;
    struct shash routes;        /* "struct route"s by collector. */
    unsigned int seq;
    char *asked;                /* The collector that is asked for. */
};

/* Creates what asks the vswitchd whose sockets are in 'run_dir'. */
struct route_link *
route_link_create(const char *run_dir)
{
    struct route_link *r = xzalloc(sizeof *r);

    r->ctl = vswitchd_ctl_create(run_dir, RETRY);
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

void
route_link_destroy(struct route_link *r)
{
    struct shash_node *node, *next;

    if (r) {
        SHASH_FOR_EACH_SAFE (node, next, &r->routes) {
            delete_route(r, node);
        }
        shash_destroy(&r->routes);
        vswitchd_ctl_destroy(r->ctl);
        free(r->asked);
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
handle_reply(struct route_link *r, bool ok, const char *text)
{
    bool found = ok || strncmp(text, "Not found", 9);
    const char *words = ok ? text : "";

    if (!ok && found) {
        VLOG_INFO_ONCE("vswitchd cannot say which way it has to collectors: "
                       "%s", text);
    }
    set_route(r, r->asked, found, find_word(words, "dev"),
              find_word(words, "src"));
}

static void
receive(struct route_link *r)
{
    char *text;
    enum ctl_answer answer = vswitchd_ctl_run(r->ctl, &text);

    if (answer == CTL_REPLY || answer == CTL_REFUSAL) {
        handle_reply(r, answer == CTL_REPLY, text);
    }
    free(text);
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

void
route_link_run(struct route_link *r)
{
    const struct shash_node *next;

    receive(r);
    next = find_next(r);
    if (!next || !vswitchd_ctl_may_ask(r->ctl)
        || time_msec() < ((struct route *) next->data)->next) {
        return;
    }
    free(r->asked);
    r->asked = xstrdup(next->name);
    if (!vswitchd_ctl_ask(r->ctl, "ovs/route/lookup", r->asked)) {
        assume(r);
    }
}

void
route_link_wait(struct route_link *r)
{
    const struct shash_node *next = find_next(r);

    vswitchd_ctl_wait(r->ctl, (next ? ((struct route *) next->data)->next
                               : LLONG_MAX));
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
