/* SPDX-License-Identifier: Apache-2.0 */

/* graph: a picture of the way of the copies.  What is in it is decided by
 * graph-model.c, how it looks by graph-text.c and graph-dot.c. */

#include <config.h>

#include "spanctl.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graph-model.h"
#include "live-row.h"
#include "live-view.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/session-row.h"
#include "ovsdb-schema/span-idl.h"
#include "smap.h"
#include "util.h"

/* For how long rates are measured, milliseconds. */
#define DEFAULT_MEASURE 3000

extern char **environ;

/* What to draw.  All of it is borrowed. */
struct subject {
    const char *session;        /* NULL = all. */
    const char *host;           /* NULL = all. */
};

/* Is 'host' what people call 'row'? */
static bool
is_host(const struct spanrec_host *row, const char *host)
{
    return !strcmp(host_name(row), host) || !strcmp(row->system_id, host);
}

/* Leaves those of the 'n' 'bindings' that are of 'host'.  Returns how many. */
static size_t
keep_host(struct spanrec_binding **bindings, size_t n, const char *host)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (bindings[i]->host && is_host(bindings[i]->host, host)) {
            bindings[kept++] = bindings[i];
        }
    }
    return kept;
}

/* Adds 'row' to 'g': the hosts of 'subject' where it does something, or, if it
 * does nothing on any, all of them; but of a host nothing that waits there,
 * unless it is asked for by its name. */
static void
add_session(struct graph *g, const struct live_view *view,
            const struct spanrec_session *row, const struct subject *subject)
{
    size_t n;
    struct spanrec_binding **bindings = hosts_bindings(live_view_idl(view),
                                                       row->name, &n);
    bool anywhere = false, done;
    struct session session;

    session_row_read(row, &session);
    n = subject->host ? keep_host(bindings, n, subject->host) : n;
    for (size_t i = 0; i < n; i++) {
        anywhere |= strcmp(bindings[i]->state, "waiting") != 0;
    }
    done = subject->host && (!n || (!anywhere && !subject->session));
    for (size_t i = 0; i < MAX(n, 1) && !done; i++) {
        const struct spanrec_binding *binding = n ? bindings[i] : NULL;
        struct live_row live;

        if (anywhere && !strcmp(binding->state, "waiting")) {
            continue;
        }
        live_view_read_row(view, row, binding, &live);
        graph_add(g, &session, &live, binding ? &binding->sources : NULL);
        live_row_destroy(&live);
        /* Hosts that all wait have the same picture. */
        done = !anywhere;
    }
    free(bindings);
    session_destroy(&session);
}

/* Fills 'g' with 'subject'. */
static void
read_graph(struct graph *g, const struct live_view *view,
           const struct subject *subject)
{
    const struct spanrec_session *row;

    graph_init(g);
    SPANREC_SESSION_FOR_EACH (row, live_view_idl(view)) {
        if (!subject->session || !strcmp(row->name, subject->session)) {
            add_session(g, view, row, subject);
        }
    }
    graph_sort(g);
}

static void
print_text(const struct graph *g, const struct subject *subject)
{
    const char *terminal = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    struct graph_text_options options = {
        .utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
        .width = INT_MAX / 2,
    };
    struct ds text = DS_EMPTY_INITIALIZER;
    struct winsize size;

    if (isatty(STDOUT_FILENO)) {
        options.color = (terminal && strcmp(terminal, "dumb")
                         && !(no_color && *no_color));
        if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col) {
            options.width = size.ws_col;
        }
    }
    graph_to_text(g, &options, &text);
    fputs(g->n ? ds_cstr(&text)
          : subject->host ? "There is no session on this host.\n"
          : "There is no session.\n", stdout);
    ds_destroy(&text);
}

/* Runs Graphviz, whose input is 'file' and whose output is ours.  Returns the
 * exit code. */
static int
run_dot(FILE *file)
{
    char program[] = "dot", format[] = "-Tsvg";
    char *argv[] = { program, format, NULL };
    posix_spawn_file_actions_t actions;
    int error, status;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(file), STDIN_FILENO);
    error = posix_spawnp(&pid, program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error == ENOENT) {
        ctl_fatal("there is no program \"dot\"; the package graphviz brings "
                  "it, and --dot does without");
    } else if (error) {
        ctl_fatal("dot: cannot be run (%s)", ovs_strerror(error));
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        continue;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status)) {
        ovs_error(0, "dot -Tsvg has failed");
        return EXIT_REFUSED;
    }
    return EXIT_DONE;
}

/* Prints 'g' for Graphviz, or, with 'svg', what Graphviz makes of it.  Returns
 * the exit code. */
static int
print_dot(const struct graph *g, bool svg)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    int status = EXIT_DONE;

    graph_to_dot(g, &text);
    if (!svg) {
        fputs(ds_cstr(&text), stdout);
    } else {
        /* A file, not a pipe: "dot" may write before it has read all. */
        FILE *file = tmpfile();

        if (!file || fputs(ds_cstr(&text), file) < 0 || fflush(file)
            || fseek(file, 0, SEEK_SET)) {
            ctl_fatal("cannot write a temporary file (%s)",
                      ovs_strerror(errno));
        }
        status = run_dot(file);
        fclose(file);
    }
    ds_destroy(&text);
    return status;
}

/* Exits with an error if there is no such session or host. */
static void
check_subject(const struct ovsdb_idl *idl, const struct subject *subject)
{
    const struct spanrec_host *row;

    if (subject->session && !session_row_find(idl, subject->session)) {
        ctl_fatal("%.80s: there is no session of this name; \"list\" shows "
                  "which there are", subject->session);
    }
    if (subject->host) {
        SPANREC_HOST_FOR_EACH (row, idl) {
            if (is_host(row, subject->host)) {
                return;
            }
        }
        ctl_fatal("%.80s: there is no host of this name; \"--columns=name "
                  "db-list Host\" shows which there are", subject->host);
    }
}

/* Runs "graph", as 'command' has it.  Returns the exit code. */
int
graph_run(const struct settings *settings, const struct ctl_command *command)
{
    const struct shash *options = &command->options;
    const struct subject subject = {
        .session = command->argc > 1 ? command->argv[1] : NULL,
        .host = shash_find_data(options, "--host"),
    };
    bool dot = shash_find(options, "--dot") != NULL;
    bool svg = shash_find(options, "--svg") != NULL;
    long long int msec = live_view_delay(command, DEFAULT_MEASURE);
    struct live_view *view;
    struct graph g;
    int status = EXIT_DONE;

    if (dot + svg + (shash_find(options, "--text") != NULL) > 1) {
        ctl_fatal("give only one of --text, --dot and --svg");
    }
    setlocale(LC_CTYPE, "");
    view = live_view_create(settings);
    live_view_connect(view);
    check_subject(live_view_idl(view), &subject);
    live_view_measure(view, msec);
    read_graph(&g, view, &subject);
    if (dot || svg) {
        status = print_dot(&g, svg);
    } else {
        print_text(&g, &subject);
    }
    graph_destroy(&g);
    live_view_destroy(view);
    return status;
}
