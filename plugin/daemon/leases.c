/* SPDX-License-Identifier: Apache-2.0 */

/* Leases: see leases.h. */

#include <config.h>

#include "plugin/daemon/leases.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/span-idl.h"
#include "plugin/core/name.h"
#include "plugin/core/wanted-live.h"
#include "plugin/core/wanted.h"
#include "plugin/daemon/group-socket.h"
#include "plugin/daemon/session-db.h"
#include "plugin/daemon/sink-report.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(leases);
static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

#define MAX_LEASES 64

/* Milliseconds that those who held a lease of our predecessor get to come
 * back. */
#define RETURN_PERIOD 2000

/* A row that could not be deleted is tried again after this long. */
#define SWEEP_RETRY 1000

/* Messages of one holder that are taken in one turn of the loop, and bytes
 * that may wait to be read by it. */
#define MESSAGES_PER_RUN 20
#define BACKLOG_MAX 65536

struct lease {
    struct ovs_list node;
    struct jsonrpc *rpc;
    char *session;              /* NULL = it holds nothing yet. */
    char *port;                 /* That it was told of; or NULL. */
    struct sink_report report;
};

struct leases {
    struct group_socket *socket;
    struct ovs_list list;       /* "struct lease"s. */
    size_t n;
    char *system_id;            /* NULL = not known yet. */
    char *host;
    unsigned int seq;

    long long int return_by;    /* msec. */
    bool known;

    struct ovsdb_idl_txn *txn;  /* Deletes rows; or NULL. */
    long long int next_sweep;   /* msec. */
};

/* Serves the socket in 'run_dir', once leases_set_host() was called. */
struct leases *
leases_create(const char *run_dir)
{
    struct leases *l = xzalloc(sizeof *l);
    char *path = xasprintf("%s/span-lease.sock", run_dir);

    l->socket = group_socket_create(path);
    ovs_list_init(&l->list);
    l->return_by = time_msec() + RETURN_PERIOD;
    free(path);
    return l;
}

static void
lease_destroy(struct leases *l, struct lease *lease)
{
    if (lease->session) {
        VLOG_INFO("%s: the lease is over", lease->session);
    }
    ovs_list_remove(&lease->node);
    l->n--;
    l->seq++;
    jsonrpc_close(lease->rpc);
    sink_report_uninit(&lease->report);
    free(lease->session);
    free(lease->port);
    free(lease);
}

void
leases_destroy(struct leases *l)
{
    struct lease *lease, *next;

    if (!l) {
        return;
    }
    LIST_FOR_EACH_SAFE (lease, next, node, &l->list) {
        lease_destroy(l, lease);
    }
    if (l->txn) {
        ovsdb_idl_txn_destroy(l->txn);
    }
    group_socket_destroy(l->socket);
    free(l->system_id);
    free(l->host);
    free(l);
}

/* Says who we are. */
void
leases_set_host(struct leases *l, const char *system_id, const char *host)
{
    if (!l->system_id || strcmp(l->system_id, system_id)) {
        free(l->system_id);
        l->system_id = xstrdup(system_id);
    }
    if (!l->host || strcmp(l->host, host)) {
        free(l->host);
        l->host = xstrdup(host);
    }
}

static struct lease *
find_lease(const struct leases *l, const char *session)
{
    struct lease *lease;

    LIST_FOR_EACH (lease, node, &l->list) {
        if (lease->session && !strcmp(lease->session, session)) {
            return lease;
        }
    }
    return NULL;
}

static void
accept_holders(struct leases *l)
{
    struct stream *stream;

    while (l->system_id && l->n < MAX_LEASES
           && (stream = group_socket_accept(l->socket)) != NULL) {
        struct lease *lease = xzalloc(sizeof *lease);

        lease->rpc = jsonrpc_open(stream);
        sink_report_init(&lease->report);
        ovs_list_push_back(&l->list, &lease->node);
        l->n++;
    }
}

/* Returns the only parameter of 'msg' if it is of 'type', else NULL. */
static const struct json *
get_param(const struct jsonrpc_msg *msg, enum json_type type)
{
    const struct json *params = msg->params;

    return (params && params->type == JSON_ARRAY && json_array(params)->n == 1
            && json_array(params)->elems[0]->type == type
            ? json_array(params)->elems[0] : NULL);
}

/* Answers the request 'msg' to hold a session. */
static struct jsonrpc_msg *
handle_hold(struct leases *l, struct lease *lease,
            const struct jsonrpc_msg *msg)
{
    const struct json *name = get_param(msg, JSON_STRING);
    const char *problem = (!name || !name_is_valid(json_string(name))
                           ? "hold takes the name of a session"
                           : lease->session ? "this holds a session already"
                           : find_lease(l, json_string(name))
                           ? "somebody else holds this session" : NULL);

    if (problem) {
        return jsonrpc_create_error(json_string_create(problem), msg->id);
    }

    struct json *result = json_object_create();
    lease->session = xstrdup(json_string(name));
    VLOG_INFO("%s: somebody holds the lease", lease->session);
    l->seq++;
    json_object_put_string(result, "system_id", l->system_id);
    json_object_put_string(result, "host", l->host);
    return jsonrpc_create_reply(result, msg->id);
}

static void
handle_message(struct leases *l, struct lease *lease,
               const struct jsonrpc_msg *msg)
{
    if (msg->type == JSONRPC_NOTIFY && !strcmp(msg->method, "status")) {
        const struct json *status = get_param(msg, JSON_OBJECT);

        if (status && sink_report_update(&lease->report, status)) {
            l->seq++;
        }
    } else if (msg->type == JSONRPC_REQUEST) {
        jsonrpc_send(lease->rpc,
                     (!strcmp(msg->method, "hold")
                      ? handle_hold(l, lease, msg)
                      : !strcmp(msg->method, "echo")
                      ? jsonrpc_create_reply(json_clone(msg->params), msg->id)
                      : jsonrpc_create_error(
                          json_string_create("hold and echo are known"),
                          msg->id)));
    }
}

/* Takes what a holder says.  Returns false if it is gone. */
static bool
run_lease(struct leases *l, struct lease *lease)
{
    jsonrpc_run(lease->rpc);
    for (int i = 0; i < MESSAGES_PER_RUN; i++) {
        struct jsonrpc_msg *msg;
        int error = jsonrpc_recv(lease->rpc, &msg);

        if (error == EAGAIN) {
            break;
        } else if (error) {
            return false;
        }
        handle_message(l, lease, msg);
        jsonrpc_msg_destroy(msg);
    }
    return (!jsonrpc_get_status(lease->rpc)
            && jsonrpc_get_backlog(lease->rpc) <= BACKLOG_MAX);
}

static void
run_txn(struct leases *l)
{
    enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit(l->txn);

    if (status == TXN_INCOMPLETE) {
        return;
    }
    if (status != TXN_SUCCESS && status != TXN_UNCHANGED) {
        VLOG_WARN_RL(&rl, "a session whose lease is over cannot be deleted: "
                     "%s", ovsdb_idl_txn_get_error(l->txn));
        l->next_sweep = time_msec() + SWEEP_RETRY;
    }
    ovsdb_idl_txn_destroy(l->txn);
    l->txn = NULL;
    l->seq++;
}

void
leases_run(struct leases *l)
{
    struct lease *lease, *next;

    accept_holders(l);
    LIST_FOR_EACH_SAFE (lease, next, node, &l->list) {
        if (!run_lease(l, lease)) {
            lease_destroy(l, lease);
        }
    }
    if (l->txn) {
        run_txn(l);
    }
    if (l->next_sweep && time_msec() >= l->next_sweep) {
        l->next_sweep = 0;
        l->seq++;
    }
}

void
leases_wait(struct leases *l)
{
    struct lease *lease;

    if (l->system_id && l->n < MAX_LEASES) {
        group_socket_wait(l->socket);
    }
    LIST_FOR_EACH (lease, node, &l->list) {
        jsonrpc_wait(lease->rpc);
        jsonrpc_recv_wait(lease->rpc);
    }
    if (l->txn) {
        ovsdb_idl_txn_wait(l->txn);
    }
    if (!l->known) {
        poll_timer_wait_until(l->return_by);
    }
    if (l->next_sweep) {
        poll_timer_wait_until(l->next_sweep);
    }
}

/* Changes when somebody begins or ends to hold a session, or when a recorder
 * reports something that matters. */
unsigned int
leases_seq(const struct leases *l)
{
    return l->seq;
}

/* Is 's' a session of this host that somebody ought to hold, and does not? */
static bool
is_orphan(const struct leases *l, const struct session *s)
{
    const struct destination *live = session_live_destination(s);

    return (live && l->system_id && !strcmp(live->target, l->system_id)
            && !find_lease(l, s->name));
}

/* Have all holders come back that a predecessor had, or had time to?  Before,
 * what they hold must not look as if it were not held. */
bool
leases_known(struct leases *l, const struct session_db *db)
{
    if (!l->known && time_msec() < l->return_by) {
        struct session_set asked;
        bool any = false;

        session_db_read(db, &asked);
        for (size_t i = 0; i < asked.n_sessions; i++) {
            any |= is_orphan(l, &asked.sessions[i]);
        }
        session_set_destroy(&asked);
        if (any) {
            return false;
        }
    }
    l->known = true;
    return true;
}

/* Adds each lease to 'state' as a recorder. */
void
leases_fill(const struct leases *l, struct switch_state *state)
{
    const struct lease *lease;

    LIST_FOR_EACH (lease, node, &l->list) {
        if (lease->session) {
            char *name = live_sink_name(lease->session);
            struct switch_sink *sink = switch_state_add_sink(state, name);

            free(name);
            sink->live = true;
            sink->state = (lease->report.valid ? lease->report.state
                           : SINK_STARTING);
            free(sink->error);
            sink->error = xstrdup(lease->report.error ? lease->report.error
                                  : "");
            sink_report_fill(&lease->report, sink);
        }
    }
}

/* The port in 'state' at which the holder of 'lease' may start a recorder, or
 * NULL. */
static const struct switch_port *
find_port(const struct lease *lease, const struct switch_state *state)
{
    char *sink = live_sink_name(lease->session);
    const struct switch_port *found = NULL;

    for (size_t i = 0; i < state->n_bridges && !found; i++) {
        const struct switch_bridge *bridge = state->bridges[i];

        for (size_t j = 0; j < bridge->n_ports && bridge->ours; j++) {
            const struct switch_port *port = bridge->ports[j];

            if (port->ours && port->n_ifaces && port->ifaces[0]->link_ready
                && switch_port_ofport(port) > 0
                && !strcmp(switch_port_role(port), SPAN_ROLE_CAPTURE)
                && !strcmp(smap_get_def(&port->external_ids, SPAN_KEY_SINK,
                                        ""), sink)) {
                found = port;
            }
        }
    }
    free(sink);
    return found;
}

/* Tells those who wait for it that their capture port is there. */
void
leases_tell(struct leases *l, const struct switch_state *state)
{
    struct lease *lease;

    LIST_FOR_EACH (lease, node, &l->list) {
        const struct switch_port *port
            = lease->session ? find_port(lease, state) : NULL;

        if (port && (!lease->port || strcmp(lease->port, port->name))) {
            free(lease->port);
            lease->port = xstrdup(port->name);
            jsonrpc_send(lease->rpc, jsonrpc_create_notify(
                "port", json_array_create_1(json_string_create(port->name))));
        }
    }
}

/* Deletes from the database what of 'asked' has lost its lease. */
void
leases_sweep(struct leases *l, struct session_db *db,
             const struct session_set *asked)
{
    struct ovsdb_idl *idl = session_db_idl(db);

    if (l->txn || l->next_sweep || !session_db_is_connected(db)) {
        return;
    }
    for (size_t i = 0; i < asked->n_sessions; i++) {
        const struct session *s = &asked->sessions[i];
        const struct spanrec_session *row;

        if (!is_orphan(l, s)) {
            continue;
        }
        row = spanrec_session_get_for_uuid(idl, &s->uuid);
        if (row) {
            if (!l->txn) {
                l->txn = ovsdb_idl_txn_create(idl);
                ovsdb_idl_txn_add_comment(l->txn, "ovs-spand: leases");
            }
            VLOG_INFO("%s: nobody holds it any more; it is deleted", s->name);
            spanrec_session_delete(row);
        }
    }
    if (l->txn) {
        run_txn(l);
    }
}
