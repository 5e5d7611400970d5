/* SPDX-License-Identifier: Apache-2.0 */

/* The control socket of one recorder.  See sink-link.h; sink-proc.c has one
 * for each sink. */

#include <config.h>
#include "plugin/daemon/sink-link.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "plugin/daemon/recording-list.h"
#include "socket-util.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sink_link);
static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Milliseconds between attempts to connect: a recorder that is starting is
 * there within a few, and its first frames wait for it. */
#define RETRY_MIN 4
#define RETRY_MAX 500

/* A recorder reports every second.  After PROBE msec without a word it is
 * asked, after SILENCE it counts as silent and the connection as dead. */
#define PROBE   5000
#define SILENCE 10000

/* Messages that are taken in one turn of the loop. */
#define MESSAGES_PER_RUN 20

/* The list of a recorder's files is asked for again after so many
 * milliseconds, and so many more for each file in it: long lists of many
 * recorders that change all the time must not keep us busy. */
#define LIST_GAP      100
#define LIST_GAP_FILE 3

/* Bytes that may wait to be sent to a recorder that does not read. */
#define BACKLOG_MAX 65536

struct sink_link {
    char *name;                 /* "unix:FILE". */
    struct jsonrpc *rpc;        /* NULL = not connected. */
    long long int next_try;     /* msec. */
    int retry;                  /* msec. */
    long long int last_word;    /* Of this connection, msec. */
    bool probed;                /* Asked since. */
    bool silent;                /* SILENCE was reached, nothing heard since. */
    unsigned int seq;           /* Changes with what matters of 'report'. */
    struct sink_report report;

    struct recording_list *recordings;  /* Not taken yet; NULL = no news. */
    int64_t recordings_seq;     /* Of the list that came last. */
    bool recordings_asked;      /* For the next. */
    long long int recordings_next;      /* When it may be, msec. */
};

/* Creates the connection to the control socket 'socket'; the recorder may be
 * there later only. */
struct sink_link *
sink_link_create(const char *socket)
{
    struct sink_link *link = xzalloc(sizeof *link);

    link->name = xasprintf("unix:%s", socket);
    link->retry = RETRY_MIN;
    sink_report_init(&link->report);
    return link;
}

void
sink_link_destroy(struct sink_link *link)
{
    if (link) {
        jsonrpc_close(link->rpc);
        recording_list_destroy(link->recordings);
        sink_report_uninit(&link->report);
        free(link->name);
        free(link);
    }
}

static void
disconnect(struct sink_link *link)
{
    jsonrpc_close(link->rpc);
    link->rpc = NULL;
    link->seq++;
    link->retry = RETRY_MIN;
    link->next_try = time_msec() + link->retry;
}

static void
try_to_connect(struct sink_link *link)
{
    struct stream *stream;
    int error = jsonrpc_stream_open(link->name, &stream, 0);

    if (error) {
        link->next_try = time_msec() + link->retry;
        link->retry = MIN(link->retry * 3 / 2, RETRY_MAX);
        return;
    }
    link->rpc = jsonrpc_open(stream);
    link->last_word = time_msec();
    link->probed = false;
    link->recordings_asked = false;
    link->seq++;
}

static void
handle_status(struct sink_link *link, const struct json *status)
{
    if (sink_report_update(&link->report, status)) {
        link->seq++;
    }
}

/* Takes over 'list', NULL if it cannot be read. */
static void
handle_recordings(struct sink_link *link, int64_t seq,
                  struct recording_list *list)
{
    size_t n = list ? list->n : RECORDING_LIST_MAX;

    link->recordings_next = time_msec() + LIST_GAP + n * LIST_GAP_FILE;
    link->recordings_asked = false;
    if (list) {
        recording_list_destroy(link->recordings);
        link->recordings = list;
        link->recordings_seq = seq;
    }
}

/* What an answer holds says what it is the answer to. */
static void
handle_reply(struct sink_link *link, const struct json *result)
{
    const struct json *seq = sink_report_member(result, "seq",
                                                JSON_INTEGER);

    if (sink_report_member(result, "state", JSON_STRING)) {
        handle_status(link, result);
    } else if (seq) {
        handle_recordings(link, json_integer(seq),
                          recording_list_from_json(result));
    }
}

static void
handle_message(struct sink_link *link, const struct jsonrpc_msg *msg)
{
    link->last_word = time_msec();
    link->probed = false;
    if (link->silent) {
        link->silent = false;
        link->seq++;
    }
    if (msg->type == JSONRPC_NOTIFY && !strcmp(msg->method, "status")
        && msg->params->type == JSON_ARRAY && json_array(msg->params)->n == 1
        && json_array(msg->params)->elems[0]->type == JSON_OBJECT) {
        handle_status(link, json_array(msg->params)->elems[0]);
    } else if (msg->type == JSONRPC_REPLY
               && msg->result->type == JSON_OBJECT) {
        handle_reply(link, msg->result);
    } else if (msg->type == JSONRPC_ERROR) {
        char *error = json_to_string(msg->error, 0);
        VLOG_WARN_RL(&rl, "%s: refuses a request: %s", link->name, error);
        free(error);
    }
}

static void
receive(struct sink_link *link)
{
    for (int i = 0; i < MESSAGES_PER_RUN; i++) {
        struct jsonrpc_msg *msg;
        int error = jsonrpc_recv(link->rpc, &msg);

        if (error == EAGAIN) {
            return;
        } else if (error) {
            disconnect(link);
            return;
        }
        handle_message(link, msg);
        jsonrpc_msg_destroy(msg);
    }
    poll_immediate_wake();
}

/* Is the list of the recorder's files another one than we have? */
static bool
is_list_due(const struct sink_link *link)
{
    return (link->rpc && !link->recordings_asked && link->report.valid
            && link->report.recordings_seq
            && link->report.recordings_seq != link->recordings_seq);
}

static void
probe(struct sink_link *link)
{
    long long int quiet = time_msec() - link->last_word;

    if (quiet >= SILENCE) {
        VLOG_WARN_RL(&rl, "%s: no word for %lld ms", link->name, quiet);
        link->silent = true;
        disconnect(link);
    } else if (quiet >= PROBE && !link->probed) {
        link->probed = true;
        sink_link_request(link, "echo", NULL);
    }
}

void
sink_link_run(struct sink_link *link)
{
    if (!link->rpc && time_msec() >= link->next_try) {
        try_to_connect(link);
    }
    if (link->rpc) {
        jsonrpc_run(link->rpc);
        receive(link);
    }
    if (is_list_due(link) && time_msec() >= link->recordings_next) {
        link->recordings_asked = sink_link_request(link, "recordings", NULL);
    }
    if (link->rpc) {
        probe(link);
    }
}

void
sink_link_wait(struct sink_link *link)
{
    if (link->rpc) {
        jsonrpc_wait(link->rpc);
        jsonrpc_recv_wait(link->rpc);
        poll_timer_wait_until(link->last_word
                              + (link->probed ? SILENCE : PROBE));
        if (is_list_due(link)) {
            poll_timer_wait_until(link->recordings_next);
        }
    } else {
        poll_timer_wait_until(link->next_try);
    }
}

/* Changes when the connection or the report does, but for counters and the
 * name of the file. */
unsigned int
sink_link_seq(const struct sink_link *link)
{
    return link->seq;
}

/* Returns the last report, owned by 'link'; it may be of a recorder that has
 * ended meanwhile. */
const struct sink_report *
sink_link_report(const struct sink_link *link)
{
    return &link->report;
}

bool
sink_link_is_connected(const struct sink_link *link)
{
    return link->rpc != NULL;
}

/* Returns true if the recorder is there but has not said a word for long. */
bool
sink_link_is_silent(const struct sink_link *link)
{
    return link->silent;
}

/* Returns the list of the recorder's files, for the caller to destroy; NULL if
 * it has not changed since the last call. */
struct recording_list *
sink_link_take_recordings(struct sink_link *link)
{
    struct recording_list *list = link->recordings;

    link->recordings = NULL;
    return list;
}

/* Sends the request 'method' with 'param' as the only parameter, or without
 * any if it is NULL; 'param' is owned by the callee.  Returns false if the
 * recorder cannot be reached now. */
bool
sink_link_request(struct sink_link *link, const char *method,
                  struct json *param)
{
    if (!link->rpc || jsonrpc_get_backlog(link->rpc) > BACKLOG_MAX) {
        json_destroy(param);
        return false;
    }

    struct json *params = (param ? json_array_create_1(param)
                           : json_array_create_empty());
    return !jsonrpc_send(link->rpc, jsonrpc_create_request(method, params,
                                                           NULL));
}

/* Returns the process that listens on 'socket', or 0 and an errno value in
 * '*error' if none does; ECONNREFUSED says that it is a dead one's.  The
 * kernel tells, so that a hung process is found too. */
pid_t
sink_link_probe(const char *socket_name, int *error)
{
    struct ucred peer = { .pid = 0 };
    socklen_t size = sizeof peer;
    int fd = make_unix_socket(SOCK_STREAM, true, NULL, socket_name);

    if (fd < 0) {
        *error = -fd;
        return 0;
    }
    *error = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) ? errno : 0;
    close(fd);
    return *error ? 0 : peer.pid;
}
