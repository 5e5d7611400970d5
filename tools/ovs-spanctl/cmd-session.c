/* SPDX-License-Identifier: Apache-2.0 */

/* add, set, del, enable, disable.
 *
 * The words of a session are parsed and checked by the core, the same code
 * that the daemon trusts, before anything is written. */

#include <config.h>

#include "spanctl.h"

#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/session-row.h"
#include "ovsdb-schema/span-idl.h"
#include "plugin/core/name.h"
#include "timeval.h"
#include "util.h"

/* Reports 'fault', about the session or sink called 'name', and clears it. */
static void
report_fault(struct ctl_context *ctx, const char *name, struct fault *fault)
{
    ctl_error(ctx, "%.80s: %s (%s)", name, fault->detail, fault->reason);
    fault_clear(fault);
}

/* Returns true if there is a host to carry a session out or if nobody wants
 * to wait for one.  Otherwise reports an error. */
bool
session_needs_host(struct ctl_context *ctx)
{
    if (!span_context_cast(ctx)->wait || hosts_any(ctx->idl)) {
        return true;
    }
    ctl_error(ctx, "no host runs ovs-spand, so nothing would be mirrored and "
              "nothing was changed; start it on each host, e.g. with "
              "\"ovs-spand --pidfile --detach --log-file\", or use --no-wait "
              "to store the session for later");
    return false;
}

/* Makes the sinks that 's' needs and nobody has made yet, with defaults. */
static void
make_sinks(struct ctl_context *ctx, const struct session *s)
{
    for (size_t i = 0; i < s->n_destinations; i++) {
        const char *target = s->destinations[i].target;
        struct sink_config sink;

        if (s->destinations[i].kind != DESTINATION_SINK
            || sink_row_find(ctx->idl, target)) {
            continue;
        }
        sink_config_init(&sink, target);
        sink_store(ctx, NULL, &sink);
        sink_config_destroy(&sink);
    }
}

/* Writes 's' over 'row', or as a new row when 'row' is NULL, with the sinks
 * that it needs, and asks for a report.  Changes nothing when nothing
 * changes. */
void
session_store(struct ctl_context *ctx, const struct spanrec_session *row,
              const struct session *s)
{
    struct changes *changes = span_context_cast(ctx)->changes;

    if (shash_find(&ctx->options, "--strict")) {
        changes->strict = true;
        if (!span_context_cast(ctx)->wait) {
            ctl_error(ctx, "--strict has to wait for the hosts; leave out "
                      "--no-wait");
            return;
        }
    }
    changes_report(changes, s->name);
    make_sinks(ctx, s);
    if (!row) {
        changes_note_session(changes, s->name, NULL);
        session_row_insert(s, ctx->txn);
        return;
    }

    struct session old;

    session_row_read(row, &old);
    if (fault_is_set(&old.fault) || !settings_same_session(&old, s)) {
        spanrec_session_verify_name(row);
        changes_note_session(changes, s->name, row);
        session_row_write(row, s, ctx->txn);
    }
    session_destroy(&old);
}

/* Parses the key=value words from ctx->argv[2] on into 's' and checks the
 * whole; a new session without type= gets the type that fits the others.
 * Returns false, with an error reported, when something is wrong. */
static bool
parse_session(struct ctl_context *ctx, struct session *s, bool is_new)
{
    struct fault fault = FAULT_INITIALIZER;
    struct session_args args = {
        .now = time_wall(),
        .fresh_sources = true,
        .fresh_destinations = true,
    };

    char *key = settings_repeated_key(ctx->argv + 2, ctx->argc - 2);
    if (key) {
        ctl_error(ctx, "%.80s: %.80s= is given twice", s->name, key);
        free(key);
        return false;
    }
    for (int i = 2; i < ctx->argc; i++) {
        if (!session_parse_arg(s, ctx->argv[i], &args, &fault)) {
            report_fault(ctx, s->name, &fault);
            return false;
        }
    }
    if (is_new && !args.has_type) {
        s->type = session_infer_type(s);
    }
    if (!session_check(s, &fault)) {
        report_fault(ctx, s->name, &fault);
        return false;
    }
    return args.fresh_sources || groups_exist(ctx, s, NULL, 0);
}

/* "add" of a session that exists: fine with --may-exist if it is the same. */
static void
add_existing(struct ctl_context *ctx, const struct spanrec_session *row,
             struct session *s)
{
    struct session old;

    if (!shash_find(&ctx->options, "--may-exist")) {
        ctl_error(ctx, "%.80s: a session of this name exists already; use "
                  "\"set\" to change it", s->name);
        return;
    }
    session_row_read(row, &old);

    /* A ttl counts from now and would never be the same. */
    if (s->expires && old.expires) {
        s->expires = old.expires;
    }
    if (settings_same_session(&old, s)) {
        session_store(ctx, row, s);
    } else {
        ctl_error(ctx, "%.80s: a session of this name exists already, with "
                  "other settings; use \"set\" to change it", s->name);
    }
    session_destroy(&old);
}

void
cmd_session_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const struct spanrec_session *row = session_row_find(ctx->idl, name);
    struct session s;

    session_init(&s, name);
    if (!parse_session(ctx, &s, true)) {
        /* Reported. */
    } else if (row) {
        add_existing(ctx, row, &s);
    } else if (session_needs_host(ctx)) {
        session_store(ctx, NULL, &s);
    }
    session_destroy(&s);
}

/* Returns the row of the session 'name', or NULL with an error reported unless
 * --if-exists was given. */
static const struct spanrec_session *
find_session(struct ctl_context *ctx, const char *name)
{
    const struct spanrec_session *row = session_row_find(ctx->idl, name);

    if (!row && !shash_find(&ctx->options, "--if-exists")) {
        ctl_error(ctx, "%.80s: there is no session of this name; "
                  "\"list\" shows which there are", name);
    }
    return row;
}

/* Reads 'row' into 's' for changing it.  Returns false, with an error
 * reported and nothing to destroy, if it cannot be understood. */
static bool
read_session(struct ctl_context *ctx, const struct spanrec_session *row,
             struct session *s)
{
    session_row_read(row, s);
    if (fault_is_set(&s->fault)) {
        ctl_error(ctx, "%.80s: what is stored is not understood: %s  "
                  "Delete it and add it again, or mend it with \"db-set\".",
                  row->name, s->fault.detail);
        session_destroy(s);
        return false;
    }
    return true;
}

void
cmd_session_set(struct ctl_context *ctx)
{
    const struct spanrec_session *row = find_session(ctx, ctx->argv[1]);
    struct session s;

    if (!row || !read_session(ctx, row, &s)) {
        return;
    }
    if (parse_session(ctx, &s, false) && session_needs_host(ctx)) {
        session_store(ctx, row, &s);
    }
    session_destroy(&s);
}

/* Deletes the session 'row'.  Its sinks stay. */
void
session_delete(struct ctl_context *ctx, const struct spanrec_session *row)
{
    spanrec_session_verify_name(row);
    changes_note_session(span_context_cast(ctx)->changes, row->name, row);
    spanrec_session_delete(row);
}

void
cmd_session_del(struct ctl_context *ctx)
{
    for (int i = 1; i < ctx->argc; i++) {
        const struct spanrec_session *row = find_session(ctx, ctx->argv[i]);

        if (ctx->error) {
            return;
        }
        if (row) {
            session_delete(ctx, row);
        }
    }
}

static void
set_enabled(struct ctl_context *ctx, bool enabled)
{
    struct changes *changes = span_context_cast(ctx)->changes;

    for (int i = 1; i < ctx->argc; i++) {
        const struct spanrec_session *row = find_session(ctx, ctx->argv[i]);

        if (ctx->error) {
            return;
        }
        if (!row) {
            continue;
        }
        changes_report(changes, row->name);
        if ((!row->n_enabled || *row->enabled) != enabled) {
            spanrec_session_verify_name(row);
            changes_note_session(changes, row->name, row);
            spanrec_session_set_enabled(row, &enabled, !enabled);
        }
    }
}

void
cmd_session_enable(struct ctl_context *ctx)
{
    if (session_needs_host(ctx)) {
        set_enabled(ctx, true);
    }
}

void
cmd_session_disable(struct ctl_context *ctx)
{
    set_enabled(ctx, false);
}
