/* SPDX-License-Identifier: Apache-2.0 */

/* The commands of "ovs-appctl -t ovs-spand": a table of them, and those that
 * do something.  What they print is made by the files control-*.c out of the
 * last pass. */

#include <config.h>

#include "plugin/daemon/control.h"

#include <limits.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "plugin/core/relay.h"
#include "plugin/daemon/metrics.h"
#include "plugin/daemon/pass.h"
#include "plugin/daemon/reconciler.h"
#include "unixctl.h"
#include "util.h"

struct control {
    struct reconciler *reconciler;      /* Borrowed. */
    struct locator *locator;            /* Borrowed. */
    struct unixctl_conn **leavers;      /* Who wait for "exit" to end. */
    size_t n_leavers, allocated_leavers;
};

/* Returns the last pass; NULL, with an error replied, before there is one. */
static const struct pass *
need_pass(struct control *control, struct unixctl_conn *conn)
{
    char *why = reconciler_explain(control->reconciler);
    const struct pass *pass = reconciler_last_pass(control->reconciler);

    if (!pass) {
        unixctl_command_reply_error(conn, why ? why : "not ready yet");
    }
    free(why);
    return pass;
}

static void
reply_ds(struct unixctl_conn *conn, bool ok, struct ds *ds)
{
    if (ok) {
        unixctl_command_reply(conn, ds_cstr(ds));
    } else {
        unixctl_command_reply_error(conn, ds_cstr(ds));
    }
    ds_destroy(ds);
}

static void
span_list(struct unixctl_conn *conn, int argc OVS_UNUSED,
          const char *argv[] OVS_UNUSED, void *control_)
{
    const struct pass *pass = need_pass(control_, conn);
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (pass) {
        control_show_sessions(pass, &ds);
        reply_ds(conn, true, &ds);
    }
}

static void
span_show(struct unixctl_conn *conn, int argc, const char *argv[],
          void *control_)
{
    struct control *control = control_;
    const struct pass *pass = need_pass(control, conn);
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (pass) {
        bool ok = control_show_session(control->reconciler, pass,
                                       argc > 1 ? argv[1] : NULL, &ds);

        reply_ds(conn, ok, &ds);
    }
}

static void
span_plan(struct unixctl_conn *conn, int argc, const char *argv[],
          void *control_)
{
    struct control *control = control_;
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (need_pass(control, conn)) {
        bool ok = control_show_plan(control->reconciler, argc, argv, &ds);

        reply_ds(conn, ok, &ds);
    }
}

static void
span_locate(struct unixctl_conn *conn, int argc OVS_UNUSED,
            const char *argv[], void *control_)
{
    struct control *control = control_;

    if (need_pass(control, conn)) {
        control_locate(control->locator, conn, argv[1]);
    }
}

static void
span_resync(struct unixctl_conn *conn, int argc OVS_UNUSED,
            const char *argv[] OVS_UNUSED, void *control_)
{
    struct control *control = control_;

    reconciler_resync(control->reconciler);
    unixctl_command_reply(conn, NULL);
}

static void
sink_list(struct unixctl_conn *conn, int argc OVS_UNUSED,
          const char *argv[] OVS_UNUSED, void *control_)
{
    const struct pass *pass = need_pass(control_, conn);
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (pass) {
        control_show_sinks(pass, &ds);
        reply_ds(conn, true, &ds);
    }
}

static void
sink_show(struct unixctl_conn *conn, int argc, const char *argv[],
          void *control_)
{
    const struct pass *pass = need_pass(control_, conn);
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (pass) {
        bool ok = control_show_sink(pass, argc > 1 ? argv[1] : NULL, &ds);

        reply_ds(conn, ok, &ds);
    }
}

/* Rotates the sink 'name', or all of them.  Returns false with a sentence in
 * 'ds' when one did not. */
static bool
rotate(struct control *control, const struct pass *pass, const char *name,
       struct ds *ds)
{
    size_t n = 0;

    for (size_t i = 0; i < pass->state.n_sinks; i++) {
        const char *sink = pass->state.sinks[i]->name;
        char *error;

        if (name ? strcmp(sink, name) != 0
            : relay_session_name(sink) != NULL) {
            continue;
        }
        n++;
        error = reconciler_rotate(control->reconciler, sink);
        if (error) {
            ds_put_cstr(ds, error);
            free(error);
            return false;
        }
    }
    if (name && !n) {
        ds_put_format(ds, "There is no running sink \"%s\" here; sink/list "
                      "shows which there are.", name);
        return false;
    }
    return true;
}

static void
sink_rotate(struct unixctl_conn *conn, int argc, const char *argv[],
            void *control_)
{
    struct control *control = control_;
    const struct pass *pass = need_pass(control, conn);
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (pass) {
        bool ok = rotate(control, pass, argc > 1 ? argv[1] : NULL, &ds);

        reply_ds(conn, ok, &ds);
    }
}

static void
span_metrics(struct unixctl_conn *conn, int argc OVS_UNUSED,
             const char *argv[] OVS_UNUSED, void *control_)
{
    struct control *control = control_;
    struct reconciler_status status;
    char *text;

    reconciler_get_status(control->reconciler, &status);
    text = metrics_to_text(&status, METRIC_OPENMETRICS);
    unixctl_command_reply(conn, text);
    free(text);
}

/* "exit" is answered when it is done, so that its caller knows that the switch
 * is clean. */
static void
exit_command(struct unixctl_conn *conn, int argc, const char *argv[],
             void *control_)
{
    struct control *control = control_;

    if (argc > 1 && strcmp(argv[1], "--restart")) {
        unixctl_command_reply_error(conn, "the only option is --restart");
        return;
    }
    if (control->n_leavers >= control->allocated_leavers) {
        control->leavers = x2nrealloc(control->leavers,
                                      &control->allocated_leavers,
                                      sizeof *control->leavers);
    }
    control->leavers[control->n_leavers++] = conn;
    if (argc > 1) {
        reconciler_hand_over(control->reconciler);
    } else {
        reconciler_leave(control->reconciler);
    }
}

static const struct {
    const char *name;
    const char *usage;
    int min_args, max_args;
    unixctl_cb_func *function;
} commands[] = {
    { "span/list", "", 0, 0, span_list },
    { "span/show", "[NAME]", 0, 1, span_show },
    { "span/plan", "[[group:]NAME [KEY=VALUE]...]", 0, INT_MAX, span_plan },
    { "span/locate", "SELECTOR", 1, 1, span_locate },
    { "span/resync", "", 0, 0, span_resync },
    { "span/metrics", "", 0, 0, span_metrics },
    { "sink/list", "", 0, 0, sink_list },
    { "sink/show", "[NAME]", 0, 1, sink_show },
    { "sink/rotate", "[NAME]", 0, 1, sink_rotate },
    { "exit", "[--restart]", 0, 1, exit_command },
};

/* Registers the commands, which act on 'reconciler' and ask 'locator'.  All
 * must live as long as the process serves commands. */
struct control *
control_create(struct reconciler *reconciler, struct locator *locator)
{
    struct control *control = xzalloc(sizeof *control);

    control->reconciler = reconciler;
    control->locator = locator;
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        unixctl_command_register(commands[i].name, commands[i].usage,
                                 commands[i].min_args, commands[i].max_args,
                                 commands[i].function, control);
    }
    return control;
}

void
control_destroy(struct control *control)
{
    if (control) {
        free(control->leavers);
        free(control);
    }
}

/* Answers those who wait for "exit". */
void
control_leave(struct control *control)
{
    for (size_t i = 0; i < control->n_leavers; i++) {
        unixctl_command_reply(control->leavers[i], NULL);
    }
    control->n_leavers = 0;
}
