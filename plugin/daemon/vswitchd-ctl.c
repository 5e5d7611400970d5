/* SPDX-License-Identifier: Apache-2.0 */

/* Questions to vswitchd: see vswitchd-ctl.h. */

#include <config.h>
#include "plugin/daemon/vswitchd-ctl.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "timeval.h"
#include "util.h"

struct vswitchd_ctl {
    char *run_dir;
    int retry;                  /* msec between attempts to reach vswitchd. */
    struct jsonrpc *rpc;        /* NULL = not connected. */
    struct json *request;       /* ID of the request under way, or NULL. */
    long long int next_try;     /* msec. */
};

/* Creates what asks the vswitchd whose sockets are in 'run_dir', and when that
 * cannot be reached tries again after 'retry' milliseconds. */
struct vswitchd_ctl *
vswitchd_ctl_create(const char *run_dir, int retry)
{
    struct vswitchd_ctl *ctl = xzalloc(sizeof *ctl);

    ctl->run_dir = xstrdup(run_dir);
    ctl->retry = retry;
    return ctl;
}

static void
forget_request(struct vswitchd_ctl *ctl)
{
    json_destroy(ctl->request);
    ctl->request = NULL;
}

static void
disconnect(struct vswitchd_ctl *ctl)
{
    jsonrpc_close(ctl->rpc);
    ctl->rpc = NULL;
    forget_request(ctl);
    vswitchd_ctl_pause(ctl, ctl->retry);
}

/* Frees 'ctl'; NULL is fine. */
void
vswitchd_ctl_destroy(struct vswitchd_ctl *ctl)
{
    if (ctl) {
        disconnect(ctl);
        free(ctl->run_dir);
        free(ctl);
    }
}

/* Connects to vswitchd's control socket, whose name has its process ID. */
static void
connect_to_vswitchd(struct vswitchd_ctl *ctl)
{
    char *file_name = xasprintf("%s/ovs-vswitchd.pid", ctl->run_dir);
    FILE *file = fopen(file_name, "r");
    struct stream *stream;
    int pid;

    if (file && fscanf(file, "%d", &pid) == 1 && pid > 0) {
        char *name = xasprintf("unix:%s/ovs-vswitchd.%d.ctl", ctl->run_dir,
                               pid);

        if (!jsonrpc_stream_open(name, &stream, 0)) {
            ctl->rpc = jsonrpc_open(stream);
        }
        free(name);
    }
    if (file) {
        fclose(file);
    }
    free(file_name);
}

/* Is no question under way, and has it been long enough since vswitchd could
 * not be reached? */
bool
vswitchd_ctl_may_ask(const struct vswitchd_ctl *ctl)
{
    return !ctl->request && time_msec() >= ctl->next_try;
}

/* Asks for 'command' with the 'n' arguments 'args'; vswitchd_ctl_may_ask()
 * must have said yes.  Returns false if vswitchd cannot be reached now. */
bool
vswitchd_ctl_ask_all(struct vswitchd_ctl *ctl, const char *command,
                     const char *const *args, size_t n)
{
    if (!ctl->rpc) {
        connect_to_vswitchd(ctl);
    }
    if (ctl->rpc) {
        struct json *params = json_array_create_empty();

        for (size_t i = 0; i < n; i++) {
            json_array_add(params, json_string_create(args[i]));
        }

        if (!jsonrpc_send(ctl->rpc, jsonrpc_create_request(command, params,
                                                           &ctl->request))) {
            return true;
        }
    }
    disconnect(ctl);
    return false;
}

/* The same with one argument, or none if 'arg' is NULL. */
bool
vswitchd_ctl_ask(struct vswitchd_ctl *ctl, const char *command,
                 const char *arg)
{
    return vswitchd_ctl_ask_all(ctl, command, &arg, arg ? 1 : 0);
}

/* Is a question under way that vswitchd can already read? */
bool
vswitchd_ctl_is_sent(const struct vswitchd_ctl *ctl)
{
    return ctl->request && !jsonrpc_get_backlog(ctl->rpc);
}

/* Asks nothing more for 'msec' milliseconds. */
void
vswitchd_ctl_pause(struct vswitchd_ctl *ctl, int msec)
{
    ctl->next_try = time_msec() + msec;
}

/* Takes 'msg', which answers the question under way. */
static enum ctl_answer
take_answer(struct vswitchd_ctl *ctl, const struct jsonrpc_msg *msg,
            char **text)
{
    const struct json *body = (msg->type == JSONRPC_REPLY
                               ? msg->result : msg->error);

    *text = xstrdup(body && body->type == JSON_STRING
                    ? json_string(body) : "");
    forget_request(ctl);
    return msg->type == JSONRPC_REPLY ? CTL_REPLY : CTL_REFUSAL;
}

/* Receives, and returns what has come; '*text' is the answer's, for the caller
 * to free, or NULL. */
enum ctl_answer
vswitchd_ctl_run(struct vswitchd_ctl *ctl, char **text)
{
    *text = NULL;
    if (ctl->rpc) {
        jsonrpc_run(ctl->rpc);
    }
    while (ctl->rpc) {
        struct jsonrpc_msg *msg;
        int error = jsonrpc_recv(ctl->rpc, &msg);
        enum ctl_answer answer = CTL_NOTHING;

        if (error == EAGAIN) {
            break;
        } else if (error) {
            disconnect(ctl);
            return CTL_LOST;
        }
        if (ctl->request && msg->id && json_equal(msg->id, ctl->request)) {
            answer = take_answer(ctl, msg, text);
        }
        jsonrpc_msg_destroy(msg);
        if (answer != CTL_NOTHING) {
            return answer;
        }
    }
    return CTL_NOTHING;
}

/* Wakes the poll loop when something has come, or when at or after 'next' (in
 * msec, LLONG_MAX for never) a question may be asked. */
void
vswitchd_ctl_wait(struct vswitchd_ctl *ctl, long long int next)
{
    if (ctl->rpc) {
        jsonrpc_wait(ctl->rpc);
        jsonrpc_recv_wait(ctl->rpc);
    }
    if (!ctl->request && next != LLONG_MAX) {
        poll_timer_wait_until(MAX(next, ctl->next_try));
    }
}
