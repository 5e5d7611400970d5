/* SPDX-License-Identifier: Apache-2.0 */

/* Routes to collectors: see route-link.h.
 *
 * vswitchd keeps a routing table of its own, made of the kernel's and of
 * ovs/route/add, and by it sends what goes into tunnels.  Nothing tells when
 * it changes, so its command "ovs/route/lookup" is asked for each collector
 * again and again, one at a time and never waited for.
 *
 * It also has a table of neighbors of its own, and drops what it has to send
 * to one whose MAC address is not in there; that makes it ask for it.  A frame
 * traced to the tunnel port, with "ofproto/trace-packet-out", makes it ask,
 * too, and tells whether the address is known, and nothing is sent to the
 * collector.  This is done until there is an answer, and then now and then.
 *
 * When vswitchd cannot be asked, because its socket is elsewhere, a route
 * counts as found, by a device that is not known, and its neighbor as
 * known. */

#include <config.h>
#include "plugin/daemon/route-link.h"

#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "plugin/core/name.h"
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

/* Milliseconds until a neighbor that has not answered is asked the second
 * time; that doubles each time.  After so many times it counts as silent. */
#define FIRST_WAIT 10
#define MAX_TRIES 8

/* One that has answered before and does no more has left a datapath flow for
 * its answers behind, by which vswitchd does not learn from the next ones
 * (tnl_neigh_snoop() sees only what has no flow).  It goes when it has been
 * idle for 10 s (other_config:max-idle), so it is left alone for longer. */
#define SILENT_WAIT 12000
#define SECOND_LOOK 300

/* What can be asked for a collector. */
enum question {
    ASK_ROUTE,
    ASK_NEIGHBOR,
    N_QUESTIONS
};

struct route {
    bool wanted;
    bool known;
    bool found;
    char *dev, *src;

    char *bridge;               /* Of a tunnel port to it; NULL = none. */
    int64_t ofport;             /* Of that port. */
    bool erspan;                /* Is it one for ERSPAN? */
    enum neighbor neighbor;
    int tries;                  /* Without an answer. */
    bool has_answered;          /* Once. */
    bool looked;                /* Silent: asked a moment ago. */

    long long int next[N_QUESTIONS];     /* When to ask again, msec. */
};

struct route_link {
    struct vswitchd_ctl *ctl;
    struct shash routes;        /* "struct route"s by collector. */
    unsigned int seq;
    char *asked;                /* The collector that is asked for. */
    enum question question;     /* And what. */
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
    free(route->bridge);
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
        route->next[ASK_NEIGHBOR] = 0;
        route->tries = 0;
        r->seq++;
    }
    free(route->dev);
    free(route->src);
    route->known = true;
    route->found = found;
    route->dev = dev;
    route->src = src;
    route->next[ASK_ROUTE] = time_msec() + INTERVAL;
}

/* Takes note of whether the neighbor on the way to 'remote' is known now.  One
 * that was does not count as silent at once. */
static void
set_neighbor(struct route_link *r, const char *remote, bool known)
{
    struct route *route = shash_find_data(&r->routes, remote);

    if (!route) {
        return;
    }
    enum neighbor neighbor = (known ? NEIGHBOR_KNOWN
                              : route->tries + 1 >= MAX_TRIES
                              ? NEIGHBOR_SILENT : route->neighbor);
    int wait = (known ? INTERVAL
                : neighbor != NEIGHBOR_SILENT ? FIRST_WAIT << route->tries
                : !route->has_answered ? INTERVAL
                : route->looked ? SILENT_WAIT : SECOND_LOOK);

    route->has_answered |= known;
    route->looked = (neighbor == NEIGHBOR_SILENT && !route->looked);
    route->tries = known ? 0 : MIN(route->tries + 1, MAX_TRIES);
    route->next[ASK_NEIGHBOR] = time_msec() + wait;
    if (route->neighbor != neighbor) {
        route->neighbor = neighbor;
        r->seq++;
    }
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
        if (route->neighbor == NEIGHBOR_ASKED) {
            set_neighbor(r, node->name, true);
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
handle_route(struct route_link *r, bool error, const char *text)
{
    bool found = !error || strncmp(text, "Not found", 9);
    const char *words = error ? "" : text;

    if (error && found) {
        VLOG_INFO_ONCE("vswitchd cannot say which way it has to collectors: "
                       "%s", text);
    }
    set_route(r, r->asked, found, find_word(words, "dev"),
              find_word(words, "src"));
}

/* What is not understood must not keep copies back: then a neighbor counts as
 * known. */
static void
handle_neighbor(struct route_link *r, bool error, const char *text)
{
    if (error) {
        VLOG_INFO_ONCE("vswitchd cannot say whether it knows the neighbors "
                       "on the way to collectors: %s", text);
    }
    set_neighbor(r, r->asked, error || !strstr(text, "neighbor cache miss"));
}

static void
handle_reply(struct route_link *r, bool error, const char *text)
{
    if (r->question == ASK_ROUTE) {
        handle_route(r, error, text);
    } else {
        handle_neighbor(r, error, text);
    }
}

static void
receive(struct route_link *r)
{
    char *text;
    enum ctl_answer answer = vswitchd_ctl_run(r->ctl, &text);

    if (answer == CTL_REPLY || answer == CTL_REFUSAL) {
        handle_reply(r, answer != CTL_REPLY, text);
    }
    free(text);
}

/* Returns the route for which something is to be asked next, NULL if there is
 * none, with what in '*question' and when in '*when'. */
static const struct shash_node *
find_next(const struct route_link *r, enum question *question,
          long long int *when)
{
    const struct shash_node *node, *best = NULL;

    SHASH_FOR_EACH (node, &r->routes) {
        const struct route *route = node->data;

        for (int i = 0; i < N_QUESTIONS; i++) {
            bool possible = (i == ASK_ROUTE
                             || (route->known && route->found
                                 && route->bridge));

            if (possible && (!best || route->next[i] < *when)) {
                best = node;
                *question = i;
                *when = route->next[i];
            }
        }
    }
    return best;
}

/* Asks for a trace of a frame to the tunnel port of 'route'.  Of ERSPAN it has
 * to say a version, or vswitchd warns. */
static bool
ask_neighbor(struct route_link *r, const struct route *route)
{
    char *actions = xasprintf("%soutput:%"PRId64, route->erspan
                              ? "set_field:1->tun_erspan_ver," : "",
                              route->ofport);
    const char *args[] = {
        route->bridge, "in_port=controller,dl_type=0x88b5", actions,
    };
    bool asked = vswitchd_ctl_ask_all(r->ctl, "ofproto/trace-packet-out",
                                      args, ARRAY_SIZE(args));

    free(actions);
    return asked;
}

void
route_link_run(struct route_link *r)
{
    const struct shash_node *next;
    enum question question;
    long long int when;

    receive(r);
    next = find_next(r, &question, &when);
    if (!next || !vswitchd_ctl_may_ask(r->ctl) || time_msec() < when) {
        return;
    }
    free(r->asked);
    r->asked = xstrdup(next->name);
    r->question = question;
    if (question == ASK_NEIGHBOR ? !ask_neighbor(r, next->data)
        : !vswitchd_ctl_ask(r->ctl, "ovs/route/lookup", r->asked)) {
        assume(r);
    }
}

void
route_link_wait(struct route_link *r)
{
    enum question question;
    long long int when;
    const struct shash_node *next = find_next(r, &question, &when);

    vswitchd_ctl_wait(r->ctl, next ? when : LLONG_MAX);
}

/* Changes when the way to a collector has changed, or its neighbor's state. */
unsigned int
route_link_seq(const struct route_link *r)
{
    return r->seq;
}

/* Takes note of the tunnel port 'port' of 'bridge', if it is one. */
static void
watch_port(struct route_link *r, const struct switch_bridge *bridge,
           const struct switch_port *port)
{
    const char *remote = smap_get(&port->external_ids, SPAN_KEY_COLLECTOR);
    struct route *route = remote ? shash_find_data(&r->routes, remote) : NULL;

    if (route && !route->bridge && switch_port_ofport(port) > 0) {
        route->bridge = xstrdup(bridge->name);
        route->ofport = switch_port_ofport(port);
        route->erspan = strstr(switch_port_type(port), "erspan") != NULL;
    }
}

/* Takes note of the ports in 'state' through which the neighbors of collectors
 * can be asked for.  (It does not matter to whom a port belongs.) */
static void
watch_ports(struct route_link *r, const struct switch_state *state)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &r->routes) {
        struct route *route = node->data;

        free(route->bridge);
        route->bridge = NULL;
    }
    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct switch_bridge *bridge = state->bridges[i];

        for (size_t j = 0; j < bridge->n_ports; j++) {
            watch_port(r, bridge, bridge->ports[j]);
        }
    }
}

/* Asks from now on for the ways to the collectors of the 'n' 'sessions', and
 * for no others, and through the tunnel ports of 'state', which does not need
 * to be finished, for the neighbors there. */
void
route_link_ask(struct route_link *r, const struct session *sessions, size_t n,
               const struct switch_state *state)
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
    watch_ports(r, state);
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
                                   route->dev, route->src)->neighbor
                = route->neighbor;
        }
    }
}
