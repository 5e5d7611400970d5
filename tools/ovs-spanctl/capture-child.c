/* SPDX-License-Identifier: Apache-2.0 */

/* The recorder of a capture, and the program that shows the packets.
 *
 *   capture port -> ovs-span-sink -> file, our standard output, or a pipe to
 *                        |           tshark
 *                 its standard input: a socket between it and us, by which it
 *                 tells its counters; when we are gone, it ends
 *
 * Each program that reads from a pipe can go away, and the recorder learns of
 * it with the next packet only; so we look at the pipe's end ourselves. */

#include <config.h>

#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "process.h"
#include "stream-fd.h"
#include "stream.h"
#include "util.h"

struct capture_child {
    const struct capture_options *options;
    char *program;              /* The recorder. */
    int out;                    /* Where it writes as to its standard output;
                                 * -1 = to a file that it opens. */
    bool own_out;               /* To be closed by us. */
    pid_t viewer;               /* 0 = none. */
    pid_t recorder;             /* 0 = not started. */
    bool ended;                 /* It has, with 'status'. */
    int status;
    bool killed;
    struct jsonrpc *rpc;        /* To the recorder; or NULL. */
    struct capture_counts counts;
};

/* Returns the recorder's file name: beside us, in the build tree, where it was
 * installed to, or along PATH.  The caller must free it. */
static char *
find_recorder(void)
{
    static const char *const places[] = {
        "ovs-span-sink", "../../plugin/sink/ovs-span-sink",
    };
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    char *found = NULL;

    if (n > 0) {
        exe[n] = '\0';
        char *dir = dir_name(exe);

        for (size_t i = 0; i < ARRAY_SIZE(places) && !found; i++) {
            found = xasprintf("%s/%s", dir, places[i]);
            if (access(found, X_OK)) {
                free(found);
                found = NULL;
            }
        }
        free(dir);
    }
    if (!found) {
        found = process_search_path("ovs-span-sink");
    }
    return found ? found : xstrdup(SPAN_BINDIR "/ovs-span-sink");
}

/* In a child: takes back what we did to signals, and becomes 'argv'. */
static void OVS_NO_RETURN
become(char *argv[])
{
    sigset_t none;

    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvp(argv[0], argv);
    ovs_error(errno, "%s", argv[0]);
    _exit(127);
}

/* Starts the program that shows packets.  It has a process group of its own,
 * for Ctrl-C to end the capture only: then it still shows the last ones. */
static char *
start_viewer(struct capture_child *child)
{
    static char *const tshark[] = { "tshark", "-l", "-r", "-", NULL };
    static char *const tcpdump[] = { "tcpdump", "-l", "-n", "-r", "-", NULL };
    char *const *argv = tshark;
    char *found = process_search_path("tshark");
    int fds[2];

    if (!found) {
        found = process_search_path("tcpdump");
        argv = tcpdump;
    }
    if (!found) {
        return xstrdup("there is neither tshark nor tcpdump to show the "
                       "packets; write them with -w FILE");
    }
    free(found);
    if (pipe2(fds, O_CLOEXEC)) {
        return xstrdup(ovs_strerror(errno));
    }
    child->viewer = fork();
    if (!child->viewer) {
        setpgid(0, 0);
        dup2(fds[0], STDIN_FILENO);
        become(CONST_CAST(char **, argv));
    }
    close(fds[0]);
    child->out = fds[1];
    child->own_out = true;
    return child->viewer < 0 ? xstrdup(ovs_strerror(errno)) : NULL;
}

/* Finds out where packets go.  A FIFO is opened here: whoever reads from it
 * may go away. */
static char *
open_output(struct capture_child *child, const char *name)
{
    struct stat st;

    if (!name) {
        return start_viewer(child);
    }
    if (!strcmp(name, "-")) {
        if (isatty(STDOUT_FILENO)) {
            return xstrdup("the standard output is a terminal; without -w "
                           "the packets are shown");
        }
        child->out = STDOUT_FILENO;
    } else if (!stat(name, &st) && S_ISFIFO(st.st_mode)) {
        child->out = open(name, O_WRONLY | O_CLOEXEC);
        child->own_out = true;
        if (child->out < 0) {
            return xasprintf("%s: %s", name, ovs_strerror(errno));
        }
    }
    return NULL;
}

/* Prepares for what 'o', which is borrowed, asks for.  Returns NULL and stores
 * the child in '*childp', or returns a sentence for the caller to free. */
char *
capture_child_create(const struct capture_options *o,
                     struct capture_child **childp)
{
    struct capture_child *child = xzalloc(sizeof *child);

    child->options = o;
    child->out = -1;
    child->program = find_recorder();
    smap_init(&child->counts.dropped);
    *childp = child;
    return open_output(child, o->write);
}

void
capture_child_destroy(struct capture_child *child)
{
    if (child) {
        jsonrpc_close(child->rpc);
        if (child->own_out && child->out >= 0) {
            close(child->out);
        }
        smap_destroy(&child->counts.dropped);
        free(child->counts.error);
        free(child->program);
        free(child);
    }
}

/* The line that the recorder is started with. */
static void
make_line(const struct capture_child *child, const char *port,
          const char *session, const char *host, struct svec *argv)
{
    const struct capture_options *o = child->options;
    char *what = capture_options_describe(o);

    svec_add(argv, child->program);
    svec_add_nocopy(argv, xasprintf("--interface=%s", port));
    svec_add(argv, "--control=-");
    svec_add_nocopy(argv, xasprintf("--write=%s", (child->out >= 0 ? "-"
                                                   : o->write)));
    svec_add_nocopy(argv, xasprintf("--sessions=%s", session));
    svec_add_nocopy(argv, xasprintf("--host=%s", host));
    svec_add_nocopy(argv, xasprintf("--description=%s", what));
    for (size_t i = 0; i < o->recorder.n; i++) {
        svec_add(argv, o->recorder.names[i]);
    }
    svec_terminate(argv);
    free(what);
}

/* Starts the recorder at 'port'.  Returns NULL, or a sentence for the caller
 * to free. */
char *
capture_child_record(struct capture_child *child, const char *port,
                     const char *session, const char *host)
{
    struct svec argv = SVEC_EMPTY_INITIALIZER;
    struct stream *stream;
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
        return xstrdup(ovs_strerror(errno));
    }
    make_line(child, port, session, host, &argv);
    child->recorder = fork();
    if (!child->recorder) {
        /* The end of the terminal's session is ours to see to. */
        dup2(fds[0], STDIN_FILENO);
        if (child->out >= 0) {
            dup2(child->out, STDOUT_FILENO);
        }
        become(argv.names);
    }
    svec_destroy(&argv);
    close(fds[0]);
    fcntl(fds[1], F_SETFL, fcntl(fds[1], F_GETFL) | O_NONBLOCK);
    if (child->recorder < 0 || new_fd_stream(xstrdup("recorder"), fds[1], 0,
                                             AF_UNIX, &stream)) {
        close(fds[1]);
        return xstrdup("the recorder cannot be started");
    }
    child->rpc = jsonrpc_open(stream);
    return NULL;
}

static void
handle_message(struct capture_child *child, struct capture_lease *lease,
               const struct jsonrpc_msg *msg)
{
    const struct json *params = msg->params;

    if (msg->type == JSONRPC_NOTIFY && !strcmp(msg->method, "status")
        && params->type == JSON_ARRAY && json_array(params)->n == 1
        && json_array(params)->elems[0]->type == JSON_OBJECT) {
        capture_counts_read(&child->counts, json_array(params)->elems[0]);
        capture_lease_status(lease, json_array(params)->elems[0]);
    }
}

/* Hears what the recorder has to say, passes it on to 'lease', and looks
 * whether it has ended.  Returns true if there was a word from it. */
bool
capture_child_run(struct capture_child *child, struct capture_lease *lease)
{
    struct jsonrpc_msg *msg;
    bool news = false;

    if (child->rpc) {
        int error;

        jsonrpc_run(child->rpc);
        while (!(error = jsonrpc_recv(child->rpc, &msg))) {
            handle_message(child, lease, msg);
            jsonrpc_msg_destroy(msg);
            news = true;
        }
        if (error != EAGAIN) {
            jsonrpc_close(child->rpc);
            child->rpc = NULL;
        }
    }
    if (child->recorder > 0 && !child->ended && !child->rpc) {
        pid_t pid = waitpid(child->recorder, &child->status, WNOHANG);

        child->ended = pid == child->recorder;
    }
    return news;
}

void
capture_child_wait(struct capture_child *child)
{
    if (child->rpc) {
        jsonrpc_wait(child->rpc);
        jsonrpc_recv_wait(child->rpc);
    }
    if (child->out >= 0 && !child->ended) {
        poll_fd_wait(child->out, POLLERR | POLLHUP);
    }
}

const struct capture_counts *
capture_child_counts(const struct capture_child *child)
{
    return &child->counts;
}

/* Does nobody read what the recorder writes any more? */
bool
capture_child_reader_is_gone(const struct capture_child *child)
{
    struct pollfd pfd = { .fd = child->out };

    return (child->out >= 0 && poll(&pfd, 1, 0) > 0
            && pfd.revents & (POLLERR | POLLHUP | POLLNVAL));
}

/* Was the recorder started, and has not ended? */
bool
capture_child_is_running(const struct capture_child *child)
{
    return child->recorder > 0 && !child->ended;
}

/* Asks the recorder to write what has arrived, and to end; or kills it if
 * 'now'. */
void
capture_child_stop(struct capture_child *child, bool now)
{
    if (!capture_child_is_running(child)) {
        return;
    }
    child->killed |= now;
    kill(child->recorder, now ? SIGKILL : SIGTERM);
}

/* Waits for the program that shows packets, now that all were written to it.
 * Returns the exit code for how the recorder has ended. */
int
capture_child_finish(struct capture_child *child)
{
    if (child->own_out && child->out >= 0) {
        close(child->out);
        child->out = -1;
    }
    if (child->viewer > 0) {
        while (waitpid(child->viewer, NULL, 0) < 0 && errno == EINTR) {
            continue;
        }
    }
    return (child->recorder <= 0 ? CAPTURE_REFUSED
            : WIFEXITED(child->status) && !WEXITSTATUS(child->status)
            ? CAPTURE_DONE
            : child->counts.began ? CAPTURE_BROKEN : CAPTURE_REFUSED);
}
