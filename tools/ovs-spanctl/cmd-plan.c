/* SPDX-License-Identifier: Apache-2.0 */

/* plan: what would the local ovs-spand do?  The daemon knows the switch and
 * has the planner, so it is asked over its control socket, as ovs-appctl(8)
 * does. */

#include <config.h>

#include "spanctl.h"

#include "daemon.h"
#include "dirs.h"
#include "jsonrpc.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "unixctl.h"
#include "util.h"

/* Returns the control socket of 'target', a socket's absolute name or the name
 * of a daemon with a pidfile, or NULL with an error reported.  The caller must
 * free it. */
static char *
find_socket(const char *target)
{
    if (target[0] == '/') {
        return xstrdup(target);
    }

    char *pidfile = xasprintf("%s/%s.pid", ovs_rundir(), target);
    vlog_set_levels_from_string_assert("daemon_unix:console:off");
    pid_t pid = read_pidfile(pidfile);
    char *name = NULL;

    if (pid < 0) {
        ovs_error(-pid, "%s: no ovs-spand runs here, and only it can plan",
                  pidfile);
    } else {
        name = xasprintf("%s/%s.%ld.ctl", ovs_rundir(), target, (long) pid);
    }
    free(pidfile);
    return name;
}

/* Asks the daemon 'target' for its plan of the session (or, as "group:NAME",
 * the port group) and settings in the 'argc' words of 'argv', and prints the
 * answer.  Returns the exit code. */
int
plan_run(const char *target, int argc, char *argv[])
{
    char *socket = find_socket(target);
    struct jsonrpc *client;
    char *result, *complaint;
    int error;

    if (!socket) {
        return EXIT_REFUSED;
    }
    error = unixctl_client_create(socket, &client);
    if (error) {
        ovs_error(error, "%s: cannot ask ovs-spand", socket);
        free(socket);
        return EXIT_REFUSED;
    }
    error = unixctl_client_transact(client, "span/plan", argc, argv, &result,
                                    &complaint);
    jsonrpc_close(client);
    if (error) {
        ovs_error(error, "%s: ovs-spand does not answer", socket);
        free(socket);
        return EXIT_REFUSED;
    }
    free(socket);

    int status = complaint ? EXIT_REFUSED : EXIT_DONE;
    if (complaint) {
        size_t length = strlen(complaint);

        while (length && complaint[length - 1] == '\n') {
            complaint[--length] = '\0';
        }
        ovs_error(0, "%s", complaint);
    } else if (result) {
        fputs(result, stdout);
    }
    free(result);
    free(complaint);
    return status;
}
