/* SPDX-License-Identifier: Apache-2.0 */

/* apply: makes sessions and sinks be as a file says.
 *
 * What the file names is made or changed; what it does not name is left
 * alone.  Applying the same file again changes nothing. */

#include <config.h>

#include "spanctl.h"

#include <errno.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
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

/* Says what becomes of the 'kind' called 'name': 'old' is NULL if it is new.
 */
static void
print_difference(struct ctl_context *ctx, const char *kind, const char *name,
                 const struct svec *old, const struct svec *new)
{
    bool dry_run = shash_find(&ctx->options, "--dry-run") != NULL;
    static const struct svec nothing = SVEC_EMPTY_INITIALIZER;
    const char *what = (!old ? "added"
                        : svec_equal(old, new) ? "unchanged"
                        : "changed");

    ds_put_format(&ctx->output, "%s %s: %s%s\n", kind, name,
                  dry_run && strcmp(what, "unchanged") ? "would be " : "",
                  what);
    if (dry_run) {
        settings_diff(old ? old : &nothing, new, &ctx->output);
    }
}

static void
apply_sink(struct ctl_context *ctx, const struct sink_config *sink)
{
    const struct spanrec_sink *row = sink_row_find(ctx->idl, sink->name);
    struct svec old_lines = SVEC_EMPTY_INITIALIZER;
    struct svec new_lines = SVEC_EMPTY_INITIALIZER;

    settings_of_sink(sink, &new_lines);
    if (row) {
        struct sink_config old;

        sink_row_read(row, &old);
        settings_of_sink(&old, &old_lines);
        sink_config_destroy(&old);
    }
    print_difference(ctx, "sink", sink->name, row ? &old_lines : NULL,
                     &new_lines);
    if (!shash_find(&ctx->options, "--dry-run")) {
        sink_store(ctx, row, sink);
    }
    svec_destroy(&old_lines);
    svec_destroy(&new_lines);
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
apply_session(struct ctl_context *ctx, struct session *s)
{
    const struct spanrec_session *row = session_row_find(ctx->idl, s->name);
    struct svec old_lines = SVEC_EMPTY_INITIALIZER;
    struct svec new_lines = SVEC_EMPTY_INITIALIZER;

    if (row) {
        struct session old;

        session_row_read(row, &old);
        if (!fault_is_set(&old.fault)) {
            keep_expiry(s, &old);
        }
        settings_of_session(&old, &old_lines);
        if (fault_is_set(&old.fault)) {
            svec_add(&old_lines, "(something that is not understood)");
        }
        session_destroy(&old);
    }
    settings_of_session(s, &new_lines);
    print_difference(ctx, "session", s->name, row ? &old_lines : NULL,
                     &new_lines);
    if (!shash_find(&ctx->options, "--dry-run")) {
        session_store(ctx, row, s);
    }
    svec_destroy(&old_lines);
    svec_destroy(&new_lines);
}

void
cmd_apply(struct ctl_context *ctx)
{
    /* Read once, for the command may run again when the database changes
     * under it, and standard input does not come twice. */
    static char *text;
    const char *name = ctx->argv[1];
    struct spec spec = { .sessions = NULL };
    char *error = text ? NULL : read_file(name, &text);

    if (!error) {
        char *mistake = spec_parse(&spec, text, time_wall());

        if (mistake) {
            error = xasprintf("%s: %s", (strcmp(name, "-") ? name
                                         : "standard input"), mistake);
            free(mistake);
        }
    }
    if (error) {
        ctl_error(ctx, "%s", error);
        free(error);
    } else if (!spec.n_sessions || shash_find(&ctx->options, "--dry-run")
               || session_needs_host(ctx)) {
        for (size_t i = 0; i < spec.n_sinks; i++) {
            apply_sink(ctx, &spec.sinks[i]);
        }
        for (size_t i = 0; i < spec.n_sessions; i++) {
            apply_session(ctx, &spec.sessions[i]);
        }
    }
    spec_destroy(&spec);
}
