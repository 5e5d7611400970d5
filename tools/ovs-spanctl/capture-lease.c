/* SPDX-License-Identifier: Apache-2.0 */

/* The connection to ovs-spand on this host that keeps the session of a capture
 * alive (plugin/daemon/leases.h).  When it breaks, because ovs-spand is
 * restarted, it is made again: the capture goes on meanwhile. */

#include <config.h>

#include "capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dirs.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

/* Milliseconds between attempts to connect again. */
#define RETRY 50

struct capture_lease {
    char *session;
    char *remote;
    struct jsonrpc *rpc;        /* NULL = not connected. */
    long long int next_try;     /* msec. */
    char *system_id, *host;     /* Of this host; NULL = unknown. */
    char *port;                 /* The capture port; NULL = not there yet. */
    struct json *status;        /* Told last; or NULL. */
};

struct capture_lease *
capture_lease_create(const char *session)
{
    struct capture_lease *lease = xzalloc(sizeof *lease);

    lease->session = xstrdup(session);
    lease->remote = xasprintf("unix:%s/span-lease.sock", ovs_rundir());
    return lease;
}

void
capture_lease_destroy(struct capture_lease *lease)
{
    if (lease) {
        jsonrpc_close(lease->rpc);
        json_destroy(lease->status);
        free(lease->session);
        free(lease->remote);
        free(lease->system_id);
        free(lease->host);
        free(lease->port);
        free(lease);
    }
}

static struct jsonrpc_msg *
make_request(const struct capture_lease *lease)
{
    return jsonrpc_create_request(
        "hold", json_array_create_1(json_string_create(lease->session)),
        NULL);
}

static char *
get_string(const struct json *object, const char *name)
{
    const struct json *member = shash_find_data(json_object(object), name);

    return (member && member->type == JSON_STRING
            ? xstrdup(json_string(member)) : NULL);
}

/* Takes hold of the session for the first time.  Returns NULL, or a sentence
 * for the caller to free. */
char *
capture_lease_hold(struct capture_lease *lease)
{
    struct jsonrpc_msg *reply;
    struct stream *stream;
    int error = jsonrpc_stream_open(lease->remote, &stream, 0);

    if (!error) {
        lease->rpc = jsonrpc_open(stream);
        error = jsonrpc_transact_block(lease->rpc, make_request(lease),
                                       &reply);
    }
    if (error) {
        return xasprintf("%s: no ovs-spand serves this host (%s); packets are "
                         "captured where the switch is, so run this there, "
                         "e.g. with ssh", lease->remote + strlen("unix:"),
                         ovs_retval_to_string(error));
    }
    if (reply->type == JSONRPC_REPLY && reply->result->type == JSON_OBJECT) {
        lease->system_id = get_string(reply->result, "system_id");
        lease->host = get_string(reply->result, "host");
    }
    jsonrpc_msg_destroy(reply);
    return (lease->system_id && lease->host ? NULL
            : xasprintf("%s: ovs-spand does not let the session be held",
                        lease->remote));
}

const char *
capture_lease_system_id(const struct capture_lease *lease)
{
    return lease->system_id;
}

const char *
capture_lease_host(const struct capture_lease *lease)
{
    return lease->host;
}

/* Returns the capture port, or NULL while it is not there. */
const char *
capture_lease_port(const struct capture_lease *lease)
{
    return lease->port;
}

static void
send_status(struct capture_lease *lease)
{
    if (lease->rpc && lease->status) {
        jsonrpc_send(lease->rpc, jsonrpc_create_notify(
            "status", json_array_create_1(json_clone(lease->status))));
    }
}

/* Passes on what the recorder says of itself. */
void
capture_lease_status(struct capture_lease *lease, const struct json *status)
{
    json_destroy(lease->status);
    lease->status = json_clone(status);
    send_status(lease);
}

static void
handle_message(struct capture_lease *lease, const struct jsonrpc_msg *msg)
{
    if (msg->type == JSONRPC_NOTIFY && !strcmp(msg->method, "port")
        && msg->params->type == JSON_ARRAY && json_array(msg->params)->n == 1
        && json_array(msg->params)->elems[0]->type == JSON_STRING) {
        free(lease->port);
        lease->port = xstrdup(json_string(
            json_array(msg->params)->elems[0]));
    }
}

static void
hold_again(struct capture_lease *lease)
{
    struct stream *stream;

    if (time_msec() < lease->next_try) {
        return;
    }
    lease->next_try = time_msec() + RETRY;
    if (!jsonrpc_stream_open(lease->remote, &stream, 0)) {
        lease->rpc = jsonrpc_open(stream);
        jsonrpc_send(lease->rpc, make_request(lease));
        send_status(lease);
    }
}

void
capture_lease_run(struct capture_lease *lease)
{
    struct jsonrpc_msg *msg;
    int error = 0;

    if (!lease->rpc) {
        hold_again(lease);
    }
    if (!lease->rpc) {
        return;
    }
    jsonrpc_run(lease->rpc);
    while (!(error = jsonrpc_recv(lease->rpc, &msg))) {
        handle_message(lease, msg);
        jsonrpc_msg_destroy(msg);
    }
    if (error != EAGAIN) {
        jsonrpc_close(lease->rpc);
        lease->rpc = NULL;
        lease->next_try = time_msec();
    }
}

void
capture_lease_wait(struct capture_lease *lease)
{
    if (lease->rpc) {
        jsonrpc_wait(lease->rpc);
        jsonrpc_recv_wait(lease->rpc);
    } else {
        poll_timer_wait_until(lease->next_try);
    }
}
