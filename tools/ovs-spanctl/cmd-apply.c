/* SPDX-License-Identifier: Apache-2.0 */

/* apply: makes sessions, sinks and port groups be as a file says.
 *
 * What the file names is made or changed; what it does not name is left
 * alone, or deleted with --prune.  Applying the same file again changes
 * nothing. */

#include <config.h>

#include "spanctl.h"

#include <errno.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "ovsdb-schema/group-row.h"
#include "ovsdb-schema/session-row.h"
#include "ovsdb-schema/span-idl.h"
#include "timeval.h"
#include "util.h"

/* More than any sane file; keeps a mistaken name from eating the memory. */
#define MAX_FILE (16 * 1024 * 1024)

/* Reads the file 'name', "-" for standard input, into '*text', for the caller
 * to free.  Returns NULL or a message for the caller to free. */
static char *
read_file(const char *name, char **text)
{
    FILE *stream = strcmp(name, "-") ? fopen(name, "r") : stdin;
    struct ds s = DS_EMPTY_INITIALIZER;
    char buffer[4096];
    size_t n;

    if (!stream) {
        return xasprintf("%s: cannot be opened (%s)", name,
                         ovs_strerror(errno));
    }
    while (s.length <= MAX_FILE
           && (n = fread(buffer, 1, sizeof buffer, stream)) > 0) {
        ds_put_buffer(&s, buffer, n);
    }

    char *error = NULL;
    if (ferror(stream)) {
        error = xasprintf("%s: cannot be read (%s)", name,
                          ovs_strerror(errno));
    } else if (s.length > MAX_FILE) {
        error = xasprintf("%s: longer than %d bytes", name, MAX_FILE);
    } else if (strlen(ds_cstr(&s)) != s.length) {
        error = xasprintf("%s: holds a NUL byte, so it is not JSON", name);
    }
    if (stream != stdin) {
        fclose(stream);
    }
    *text = ds_steal_cstr(&s);
    return error;
}

/* What one run of "apply" is about. */
struct apply {
    struct ctl_context *ctx;
    const struct spec *spec;
    bool dry_run;
};

/* Says what becomes of the 'kind' called 'name', which has the settings 'old',
 * NULL if it is not there, and will have 'new', NULL if it goes. */
static void
put_change(const struct apply *a, const char *kind, const char *name,
           const struct svec *old, const struct svec *new)
{
    struct ds *out = &a->ctx->output;
    bool same = old && new && svec_equal(old, new);

    if (!a->dry_run) {
        ds_put_format(out, "%s %s: %s\n", kind, name,
                      (!old ? "added" : !new ? "deleted"
                       : same ? "unchanged" : "changed"));
    } else if (!same) {
        ds_put_format(out, "%c %s %s\n", !old ? '+' : !new ? '-' : '~', kind,
                      name);
        settings_diff(old, new, out);
        span_context_cast(a->ctx)->changes->differs = true;
    }
}

static void
lines_of_sink_row(const struct spanrec_sink *row, struct svec *lines)
{
    struct sink_config sink;

    sink_row_read(row, &sink);
    settings_of_sink(&sink, lines);
    sink_config_destroy(&sink);
}

static void
apply_sink(const struct apply *a, const struct sink_config *sink)
{
    const struct spanrec_sink *row = sink_row_find(a->ctx->idl, sink->name);
    struct svec old = SVEC_EMPTY_INITIALIZER;
    struct svec new = SVEC_EMPTY_INITIALIZER;

    settings_of_sink(sink, &new);
    if (row) {
        lines_of_sink_row(row, &old);
    }
    put_change(a, "sink", sink->name, row ? &old : NULL, &new);
    if (!a->dry_run) {
        sink_store(a->ctx, row, sink);
    }
    svec_destroy(&old);
    svec_destroy(&new);
}

static bool
spec_lists_sink(const struct spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->n_sinks; i++) {
        if (!strcmp(spec->sinks[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Do the first 'n' sessions of 'spec' record to the sink 'name'? */
static bool
spec_uses_sink(const struct spec *spec, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        const struct session *s = &spec->sessions[i];

        for (size_t j = 0; j < s->n_destinations; j++) {
            if (s->destinations[j].kind == DESTINATION_SINK
                && !strcmp(s->destinations[j].target, name)) {
                return true;
            }
        }
    }
    return false;
}

/* Makes the sinks that the 'i'th session needs and nobody has made, with
 * defaults. */
static void
apply_implied_sinks(const struct apply *a, size_t i)
{
    const struct session *s = &a->spec->sessions[i];

    for (size_t j = 0; j < s->n_destinations; j++) {
        const struct destination *d = &s->destinations[j];
        struct sink_config sink;

        if (d->kind == DESTINATION_SINK
            && !sink_row_find(a->ctx->idl, d->target)
            && !spec_lists_sink(a->spec, d->target)
            && !spec_uses_sink(a->spec, i, d->target)) {
            sink_config_init(&sink, d->target);
            apply_sink(a, &sink);
            sink_config_destroy(&sink);
        }
    }
}

/* Gives 's', whose ttl counts from now, the expiry that 'old' has, if that is
 * still to come and all that differs: else applying a file with a ttl again
 * would change something each time. */
static void
keep_expiry(struct session *s, const struct session *old)
{
    int64_t expires = s->expires;

    if (s->expires && old->expires > time_wall()) {
        s->expires = old->expires;
        if (!settings_same_session(s, old)) {
            s->expires = expires;
        }
    }
}

static void
lines_of_session_row(const struct spanrec_session *row, struct session *s,
                     struct svec *lines)
{
    session_row_read(row, s);
    settings_of_session(s, lines);
    if (fault_is_set(&s->fault)) {
        svec_add(lines, "(something that is not understood)");
    }
}

static void
apply_session(const struct apply *a, struct session *s)
{
    const struct spanrec_session *row = session_row_find(a->ctx->idl,
                                                         s->name);
    struct svec old_lines = SVEC_EMPTY_INITIALIZER;
    struct svec new_lines = SVEC_EMPTY_INITIALIZER;

    if (row) {
        struct session old;

        lines_of_session_row(row, &old, &old_lines);
        if (!fault_is_set(&old.fault)) {
            keep_expiry(s, &old);
        }
        session_destroy(&old);
    }
    settings_of_session(s, &new_lines);
    put_change(a, "session", s->name, row ? &old_lines : NULL, &new_lines);
    if (!a->dry_run) {
        session_store(a->ctx, row, s);
    }
    svec_destroy(&old_lines);
    svec_destroy(&new_lines);
}

static void
lines_of_group_row(const struct spanrec_port_group *row,
                   struct port_group *group, struct svec *lines)
{
    group_row_read(row, group);
    settings_of_group(group, lines);
    if (fault_is_set(&group->fault)) {
        svec_add(lines, "(something that is not understood)");
    }
}

/* As keep_expiry(), for port groups. */
static void
keep_group_expiry(struct port_group *group, const struct port_group *old)
{
    int64_t expires = group->expires;

    if (group->expires && old->expires > time_wall()) {
        group->expires = old->expires;
        if (!settings_same_group(group, old)) {
            group->expires = expires;
        }
    }
}

static void
apply_group(const struct apply *a, struct port_group *group)
{
    const struct spanrec_port_group *row = group_row_find(a->ctx->idl,
                                                          group->name);
    struct svec old_lines = SVEC_EMPTY_INITIALIZER;
    struct svec new_lines = SVEC_EMPTY_INITIALIZER;

    if (row) {
        struct port_group old;

        lines_of_group_row(row, &old, &old_lines);
        if (!fault_is_set(&old.fault)) {
            keep_group_expiry(group, &old);
        }
        port_group_destroy(&old);
    }
    settings_of_group(group, &new_lines);
    put_change(a, "group", group->name, row ? &old_lines : NULL, &new_lines);
    if (!a->dry_run) {
        group_store(a->ctx, row, group);
    }
    svec_destroy(&old_lines);
    svec_destroy(&new_lines);
}

static void
prune_session(const struct apply *a, const struct spanrec_session *row)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    struct session s;

    for (size_t i = 0; i < a->spec->n_sessions; i++) {
        if (!strcmp(a->spec->sessions[i].name, row->name)) {
            return;
        }
    }
    lines_of_session_row(row, &s, &lines);
    put_change(a, "session", s.name, &lines, NULL);
    if (!a->dry_run) {
        session_delete(a->ctx, row);
    }
    session_destroy(&s);
    svec_destroy(&lines);
}

/* Deletes the sink 'row' unless the file has it, or has a session that
 * records to it. */
static void
prune_sink(const struct apply *a, const struct spanrec_sink *row)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;

    if (spec_lists_sink(a->spec, row->name)
        || spec_uses_sink(a->spec, a->spec->n_sessions, row->name)) {
        return;
    }
    lines_of_sink_row(row, &lines);
    put_change(a, "sink", row->name, &lines, NULL);
    if (!a->dry_run) {
        sink_delete(a->ctx, row);
    }
    svec_destroy(&lines);
}

/* Deletes the group 'row' unless the file has it. */
static void
prune_group(const struct apply *a, const struct spanrec_port_group *row)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    struct port_group group;

    for (size_t i = 0; i < a->spec->n_groups; i++) {
        if (!strcmp(a->spec->groups[i].name, row->name)) {
            return;
        }
    }
    lines_of_group_row(row, &group, &lines);
    put_change(a, "group", group.name, &lines, NULL);
    if (!a->dry_run) {
        group_delete(a->ctx, row);
    }
    port_group_destroy(&group);
    svec_destroy(&lines);
}

/* Deletes what the file does not have; port groups only if it has a list of
 * them.  Sessions go first: they use sinks and groups. */
static void
prune(const struct apply *a)
{
    size_t n;
    const struct spanrec_session **sessions
        = session_rows_sorted(a->ctx->idl, &n);

    for (size_t i = 0; i < n; i++) {
        prune_session(a, sessions[i]);
    }
    free(sessions);

    const struct spanrec_port_group **groups = group_rows_sorted(a->ctx->idl,
                                                                 &n);

    for (size_t i = 0; a->spec->has_groups && i < n; i++) {
        prune_group(a, groups[i]);
    }
    free(groups);

    const struct spanrec_sink **sinks = sink_rows_sorted(a->ctx->idl, &n);

    for (size_t i = 0; i < n; i++) {
        prune_sink(a, sinks[i]);
    }
    free(sinks);
}

/* Reads the file 'name' into 'spec', for the caller to destroy.  Returns NULL
 * or a message for the caller to free. */
static char *
read_spec(const char *name, bool prune, struct spec *spec)
{
    /* Read once, for the command may run again when the database changes
     * under it, and standard input does not come twice. */
    static char *text;
    char *error = text ? NULL : read_file(name, &text);
    char *mistake;

    if (error) {
        return error;
    }
    mistake = spec_parse(spec, text, time_wall());
    if (!mistake && prune && !spec->has_sessions) {
        mistake = xstrdup("--prune wants a list of sessions, to know which "
                          "may stay; \"sessions\": [] is none of them");
    }
    if (mistake) {
        error = xasprintf("%s: %s",
                          strcmp(name, "-") ? name : "standard input",
                          mistake);
        free(mistake);
    }
    return error;
}

void
cmd_apply(struct ctl_context *ctx)
{
    bool pruning = shash_find(&ctx->options, "--prune") != NULL;
    struct spec spec = { .sessions = NULL };
    struct apply a = {
        .ctx = ctx,
        .spec = &spec,
        .dry_run = shash_find(&ctx->options, "--dry-run") != NULL,
    };
    char *error = read_spec(ctx->argv[1], pruning, &spec);

    if (error) {
        ctl_error(ctx, "%s", error);
        free(error);
    } else if (!(spec.n_sessions || spec.n_groups) || a.dry_run
               || session_needs_host(ctx)) {
        for (size_t i = 0; i < spec.n_sinks; i++) {
            apply_sink(&a, &spec.sinks[i]);
        }
        for (size_t i = 0; i < spec.n_groups; i++) {
            apply_group(&a, &spec.groups[i]);
        }
        for (size_t i = 0; i < spec.n_sessions; i++) {
            if (!groups_exist(ctx, &spec.sessions[i], spec.groups,
                              spec.n_groups)) {
                break;
            }
            apply_implied_sinks(&a, i);
            apply_session(&a, &spec.sessions[i]);
        }
        if (pruning) {
            prune(&a);
        }
    }
    spec_destroy(&spec);
}
