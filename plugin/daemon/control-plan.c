/* SPDX-License-Identifier: Apache-2.0 */

/* span/plan: what would be done, without doing it.
 *
 * The session is added, changed or enabled in a copy of what is asked for, and
 * the same pure functions that the loop uses decide about the copy. */

#include <config.h>

#include "plugin/daemon/control.h"

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "plugin/core/estimate.h"
#include "plugin/core/fault.h"
#include "plugin/daemon/pass.h"
#include "plugin/daemon/reconciler.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

/* Before the name of a port group; nothing is before that of a session. */
#define GROUP "group:"

/* A session that does not exist yet has this UUID, so that the same dry run
 * prints the same names each time. */
static const struct uuid dry_run_uuid = {
    .parts = { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
};

static struct session *
find_session(struct session_set *set, const char *name)
{
    for (size_t i = 0; i < set->n_sessions; i++) {
        if (!strcmp(set->sessions[i].name, name)) {
            return &set->sessions[i];
        }
    }
    return NULL;
}

static struct session *
add_session(struct session_set *set, const char *name)
{
    struct session *s;

    set->sessions = xrealloc(set->sessions, ((set->n_sessions + 1)
                                             * sizeof *set->sessions));
    s = &set->sessions[set->n_sessions++];
    session_init(s, name);
    s->uuid = dry_run_uuid;
    return s;
}

static bool
has_sink(const struct session_set *set, const char *name)
{
    for (size_t i = 0; i < set->n_sinks; i++) {
        if (!strcmp(set->sinks[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Sinks that do not exist are made with defaults when a session is added. */
static void
add_missing_sinks(struct session_set *set, const struct session *s)
{
    for (size_t i = 0; i < s->n_destinations; i++) {
        const struct destination *d = &s->destinations[i];

        if (d->kind == DESTINATION_SINK && !has_sink(set, d->target)) {
            set->sinks = xrealloc(set->sinks, ((set->n_sinks + 1)
                                               * sizeof *set->sinks));
            sink_config_init(&set->sinks[set->n_sinks++], d->target);
        }
    }
}

/* Changes '*set' as the arguments say.  Returns the session that they are
 * about; NULL, with '*fault' set, when they are wrong. */
static const struct session *
change_set(struct session_set *set, int argc, const char *argv[],
           struct fault *fault)
{
    struct session_args args = {
        .now = time_wall(), .fresh_sources = true, .fresh_destinations = true,
    };
    struct session *s = find_session(set, argv[1]);
    bool is_new = !s;

    if (!s && argc == 2) {
        fault_set(fault, "no-session", "There is no session \"%s\"; say what "
                  "it should be: source=... dest=...", argv[1]);
        return NULL;
    }
    if (!s) {
        s = add_session(set, argv[1]);
    }
    fault_clear(&s->fault);
    s->enabled = true;
    for (int i = 2; i < argc; i++) {
        if (!session_parse_arg(s, argv[i], &args, fault)) {
            return NULL;
        }
    }
    if (is_new && !args.has_type) {
        s->type = session_infer_type(s);
    }
    if (!session_check(s, fault)) {
        return NULL;
    }
    add_missing_sinks(set, s);
    return s;
}

/* Prints the operations of 'plan' that 'known' does not have. */
void
control_put_ops(const struct plan *plan, const struct plan *known,
                struct ds *ds)
{
    struct sset old = SSET_INITIALIZER(&old);
    size_t n = 0;

    for (size_t i = 0; known && i < known->n_ops; i++) {
        sset_add_and_free(&old, op_to_string(known->ops[i]));
    }
    for (size_t i = 0; i < plan->n_ops; i++) {
        char *text = op_to_string(plan->ops[i]);

        if (!sset_contains(&old, text)) {
            ds_put_format(ds, "%s\n", text);
            n++;
        }
        free(text);
    }
    if (!n) {
        ds_put_cstr(ds, "nothing to do\n");
    }
    sset_destroy(&old);
}

static const char *
words_for(const struct wanted_session *ws, const struct verdict *v)
{
    return (!v->pending ? binding_state_to_string(v->state)
            : fault_is_set(&ws->fault) ? "degraded" : "active");
}

/* Prints how much 'ws' would copy, if it would copy. */
static void
put_estimate(const struct reconciler *r, const struct wanted *wanted,
             const struct wanted_session *ws, struct ds *ds)
{
    struct fault fault = FAULT_INITIALIZER;
    struct estimate e;

    reconciler_estimate(r, wanted, ws, &e);
    if (e.n_ports) {
        ds_put_cstr(ds, "Estimate: ");
        estimate_put(&e, ds);
        ds_put_cstr(ds, ".\n");
    }
    if (estimate_is_over(&e, &fault)) {
        ds_put_format(ds, "%s: add and set would warn, and refuse with "
                      "--strict.\n", fault.reason);
        fault_clear(&fault);
    }
    estimate_destroy(&e);
}

static void
put_result(const struct reconciler *r, const struct wanted *wanted,
           const struct verdicts *verdicts, const struct session *session,
           struct ds *ds)
{
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        const struct wanted_session *ws = &wanted->sessions[i];

        if (ws->session != session) {
            continue;
        }
        ds_put_format(ds, "%s would be %s\n", session->name,
                      words_for(ws, &verdicts->verdicts[i]));
        if (fault_is_set(&ws->fault)) {
            ds_put_format(ds, "%s: %s\n", ws->fault.reason,
                          ws->fault.detail);
        }
        put_estimate(r, wanted, ws, ds);
    }
}

/* Prints what would be done first if the session argv[1], or the port group if
 * it is "group:" and its name, was enabled, changed or added as 'argv' says,
 * and what it would come to; without arguments, what is being done now.
 * Returns false with a sentence in 'ds' when the arguments are wrong. */
bool
control_show_plan(struct reconciler *r, int argc, const char *argv[],
                  struct ds *ds)
{
    const struct pass *last = reconciler_last_pass(r);
    struct fault fault = FAULT_INITIALIZER;
    const struct session *session;
    struct verdicts verdicts;
    struct session_set set;
    struct wanted wanted;
    struct plan plan;

    if (argc < 2) {
        control_put_ops(&last->plan, NULL, ds);
        return true;
    }
    if (!strncmp(argv[1], GROUP, strlen(GROUP))) {
        return control_plan_group(r, argv[1] + strlen(GROUP), argc - 2,
                                  argv + 2, ds);
    }
    session_set_clone(&set, &last->asked);
    session = change_set(&set, argc, argv, &fault);
    if (session) {
        reconciler_plan_for(r, &set, &wanted, &plan, &verdicts);
        put_result(r, &wanted, &verdicts, session, ds);
        control_put_ops(&plan, &last->plan, ds);
        verdicts_destroy(&verdicts);
        plan_destroy(&plan);
        wanted_destroy(&wanted);
    } else {
        ds_put_format(ds, "%s: %s", fault.reason, fault.detail);
    }
    fault_clear(&fault);
    session_set_destroy(&set);
    return session != NULL;
}
