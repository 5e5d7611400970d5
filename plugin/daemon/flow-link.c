/* SPDX-License-Identifier: Apache-2.0 */

/* One OpenFlow connection to a local socket that reconnects by itself.  See
 * flow-link.h.  flow-bridge.c and port-flags.c talk over it. */

#include <config.h>
#include "plugin/daemon/flow-link.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "openvswitch/list.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vconn.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(flow_link);

/* Milliseconds between attempts to connect. */
#define BACKOFF_MIN 10
#define BACKOFF_MAX 500

/* The same after the switch refused our OpenFlow versions: only somebody who
 * changes its configuration can change that. */
#define BACKOFF_REFUSED (60 * 1000)

/* How long a switch may take to say hello before the attempt is given up. */
#define HELLO_TIMEOUT (5 * 1000)

struct flow_link {
    char *target;               /* As for vconn_open(). */
    uint32_t versions;          /* Bitmap of those that are offered next. */
    uint32_t fallback;          /* Those to offer if these are refused. */
    struct vconn *vconn;        /* NULL = waiting for 'next_try'. */
    bool connected;             /* Hellos have been exchanged. */
    int n_refusals;             /* In a row: no version in common. */
    unsigned int seq;           /* Changes when 'connected' does. */
    struct ovs_list queue;      /* "struct ofpbuf"s to send. */
    long long int deadline;     /* For the hello; msec. */
    long long int next_try;     /* msec. */
    int backoff;                /* msec. */
};

/* Creates a connection to 'target' ("unix:FILE") that offers the OpenFlow
 * 'versions', a bitmap of 1 << OFPxx_VERSION, and if the switch takes none of
 * them those of 'fallback'; the highest in common is spoken. */
struct flow_link *
flow_link_create(const char *target, uint32_t versions, uint32_t fallback)
{
    struct flow_link *link = xzalloc(sizeof *link);

    link->target = xstrdup(target);
    link->versions = versions;
    link->fallback = fallback;
    link->backoff = BACKOFF_MIN;
    ovs_list_init(&link->queue);
    return link;
}

void
flow_link_destroy(struct flow_link *link)
{
    if (link) {
        vconn_close(link->vconn);
        ofpbuf_list_delete(&link->queue);
        free(link->target);
        free(link);
    }
}

/* Did the handshake end because no version is in common?  Then the vconn has
 * the version of the switch.  (Seldom the switch is gone before its hello has
 * been read; the next attempt will tell.) */
static bool
is_refusal(const struct flow_link *link)
{
    int version = link->vconn ? vconn_get_version(link->vconn) : -1;

    return (!link->connected && version > 0
            && !(link->versions & (1u << version)));
}

/* Drops the connection, if any, and plans the next attempt. */
static void
disconnect(struct flow_link *link, int error)
{
    if (link->connected) {
        VLOG_INFO("%s: connection ended (%s)", link->target,
                  ovs_retval_to_string(error));
        link->connected = false;
        link->seq++;
        link->backoff = BACKOFF_MIN;
        link->n_refusals = 0;
    } else if (is_refusal(link)) {
        /* The other versions are tried at once. */
        uint32_t versions = link->versions;

        link->versions = link->fallback;
        link->fallback = versions;
        if (++link->n_refusals == 2) {
            link->seq++;
        }
        link->backoff = link->n_refusals < 2 ? 0 : BACKOFF_REFUSED;
    } else {
        link->backoff = MIN(MAX(link->backoff, BACKOFF_MIN) * 2, BACKOFF_MAX);
    }
    vconn_close(link->vconn);
    link->vconn = NULL;
    ofpbuf_list_delete(&link->queue);
    ovs_list_init(&link->queue);
    link->next_try = time_msec() + link->backoff;
}

static void
connecting(struct flow_link *link)
{
    int error = vconn_connect(link->vconn);

    if (!error) {
        link->connected = true;
        link->n_refusals = 0;
        link->backoff = BACKOFF_MIN;
        link->seq++;
        VLOG_DBG("%s: connected, OpenFlow version 0x%02x", link->target,
                 vconn_get_version(link->vconn));
    } else if (error != EAGAIN) {
        disconnect(link, error);
    } else if (time_msec() >= link->deadline) {
        disconnect(link, ETIMEDOUT);
    }
}

static void
flush_queue(struct flow_link *link)
{
    while (!ovs_list_is_empty(&link->queue)) {
        struct ofpbuf *b = CONTAINER_OF(ovs_list_front(&link->queue),
                                        struct ofpbuf, list_node);
        ovs_list_remove(&b->list_node);

        int error = vconn_send(link->vconn, b);
        if (error) {
            ovs_list_push_front(&link->queue, &b->list_node);
            if (error != EAGAIN) {
                disconnect(link, error);
            }
            return;
        }
    }
}

void
flow_link_run(struct flow_link *link)
{
    if (!link->vconn && time_msec() >= link->next_try) {
        int error = vconn_open(link->target, link->versions, 0, &link->vconn);
        if (error) {
            disconnect(link, error);
            return;
        }
        link->deadline = time_msec() + HELLO_TIMEOUT;
    }
    if (!link->vconn) {
        return;
    }
    vconn_run(link->vconn);
    if (!link->connected) {
        connecting(link);
    }
    if (link->connected) {
        flush_queue(link);
    }
}

void
flow_link_wait(struct flow_link *link)
{
    if (!link->vconn) {
        poll_timer_wait_until(link->next_try);
        return;
    }
    vconn_run_wait(link->vconn);
    if (!link->connected) {
        vconn_connect_wait(link->vconn);
        poll_timer_wait_until(link->deadline);
        return;
    }
    vconn_recv_wait(link->vconn);
    if (!ovs_list_is_empty(&link->queue)) {
        vconn_send_wait(link->vconn);
    }
}

/* Ends a wait for the next attempt to connect. */
void
flow_link_retry_now(struct flow_link *link)
{
    if (!link->vconn) {
        link->next_try = LLONG_MIN;
        link->backoff = BACKOFF_MIN;
    }
}

bool
flow_link_is_connected(const struct flow_link *link)
{
    return link->connected;
}

/* Returns true if the switch speaks none of the offered versions. */
bool
flow_link_is_refused(const struct flow_link *link)
{
    return link->n_refusals >= 2;
}

/* Changes with each connection that begins, ends or is refused. */
unsigned int
flow_link_seq(const struct flow_link *link)
{
    return link->seq;
}

/* The version that was agreed upon; only for a connected 'link'. */
enum ofp_version
flow_link_version(const struct flow_link *link)
{
    return vconn_get_version(link->vconn);
}

/* Queues 'msg', which 'link' then owns, and returns its transaction ID.  The
 * message is lost when the connection ends. */
ovs_be32
flow_link_send(struct flow_link *link, struct ofpbuf *msg)
{
    ofpmsg_update_length(msg);

    const struct ofp_header *oh = msg->data;
    ovs_be32 xid = oh->xid;

    ovs_list_push_back(&link->queue, &msg->list_node);
    if (link->connected) {
        flush_queue(link);
    }
    return xid;
}

/* Returns the next message, which the caller then owns, or NULL if there is
 * none for now.  Answers the switch's keep-alive by itself. */
struct ofpbuf *
flow_link_recv(struct flow_link *link)
{
    while (link->connected) {
        struct ofpbuf *msg;
        int error = vconn_recv(link->vconn, &msg);

        if (error) {
            if (error != EAGAIN) {
                disconnect(link, error);
            }
            return NULL;
        }

        enum ofptype type;
        if (ofptype_decode(&type, msg->data) || type != OFPTYPE_ECHO_REQUEST) {
            return msg;
        }
        flow_link_send(link, ofputil_encode_echo_reply(msg->data));
        ofpbuf_delete(msg);
    }
    return NULL;
}
