/* SPDX-License-Identifier: Apache-2.0 */

/* export: packets of a time slice, out of all the files of a session's sinks
 * on this host, into one pcapng file. */

#include <config.h>

#include "spanctl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "capture-dir.h"
#include "fatal-signal.h"
#include "openvswitch/util.h"
#include "ovsdb-schema/session-row.h"
#include "ovsdb-schema/span-idl.h"
#include "plugin/record/capture-export.h"
#include "plugin/record/record-util.h"
#include "plugin/record/time-text.h"
#include "smap.h"
#include "util.h"

#define DEFAULT_DIR SPAN_LOCALSTATEDIR "/lib/ovs-span/captures"

/* No exit code: the output is worth nothing. */
#define EXIT_FAILED -1

/* What is to be exported, and where to. */
struct request {
    const char *output;         /* A file, or "-". */
    bool force;
    uint64_t from, to;
    const char *dir;            /* Where the files are, */
    struct svec sinks;          /* and whose they are. */
};

static const char *
get_option(const struct shash *options, const char *name)
{
    return shash_find_data(options, name);
}

/* Reads the time that option 'name' gives, if it is there, into '*ns'.
 * Returns NULL or a message for the caller to free. */
static char *
parse_time(const struct shash *options, const char *name, uint64_t now,
           uint64_t *ns)
{
    const char *text = get_option(options, name);

    if (text && !time_text_parse(text, now, ns)) {
        return xasprintf("%s=%s: not a time; 2026-01-31T23:59:59Z, "
                         "1769903999.5, -10m, 23:59 and 23:59:59 are some",
                         name, text);
    }
    return NULL;
}

/* Reads what the options of the command say.  Returns NULL or a message for
 * the caller to free.  The caller must destroy r->sinks. */
static char *
parse_request(struct request *r, const struct shash *options)
{
    uint64_t now = rec_time_wall();
    char *error;

    *r = (struct request) {
        .output = get_option(options, "--write"),
        .force = shash_find(options, "--force") != NULL,
        .to = UINT64_MAX,
        .dir = get_option(options, "--dir"),
        .sinks = SVEC_EMPTY_INITIALIZER,
    };
    error = parse_time(options, "--from", now, &r->from);
    if (!error) {
        error = parse_time(options, "--to", now, &r->to);
    }
    if (!error && r->from > r->to) {
        error = xstrdup("--from is later than --to");
    }
    if (!error && !r->output) {
        error = xstrdup("export: where to? Give -w FILE, or -w - for the "
                        "standard output");
    }
    return error;
}

/* Is the file of 'st' one of 'files'?  Then it must not be overwritten. */
static bool
is_input(const struct stat *st, const struct capture_dir *files)
{
    for (size_t i = 0; i < files->n; i++) {
        struct stat in;

        if (!stat(files->entries[i].path, &in) && in.st_dev == st->st_dev
            && in.st_ino == st->st_ino) {
            return true;
        }
    }
    return false;
}

/* Opens the output of 'r'.  Returns its descriptor or -1, with that said. */
static int
open_output(const struct request *r, const struct capture_dir *files)
{
    struct stat st;
    int fd;

    if (!strcmp(r->output, "-")) {
        if (isatty(STDOUT_FILENO)) {
            ovs_error(0, "export: the standard output is a terminal, which a "
                      "capture file is not for");
            return -1;
        }
        return STDOUT_FILENO;
    }
    if (r->force && !stat(r->output, &st) && is_input(&st, files)) {
        ovs_error(0, "%s: this is one of the files to be read", r->output);
        return -1;
    }
    fd = open(r->output, (O_WRONLY | O_CREAT | O_CLOEXEC
                          | (r->force ? O_TRUNC : O_EXCL)), 0640);
    if (fd < 0) {
        ovs_error(errno, "%s: cannot be made%s", r->output,
                  errno == EEXIST ? " (--force overwrites it)" : "");
    }
    return fd;
}

/* Appends 'e' to 'stream'. */
static void
add_file(struct export_stream *stream, struct capture_entry *e)
{
    const struct manifest *m = e->has_manifest ? &e->manifest : NULL;
    struct export_file *file;

    stream->files = xrealloc(stream->files,
                             (stream->n + 1) * sizeof *stream->files);
    file = &stream->files[stream->n++];
    *file = (struct export_file) {
        .path = e->path,
        .last = UINT64_MAX,
        .fd = -1,
    };
    if (m) {
        bool times = (m->first != CAPTURE_UNKNOWN
                      && m->last != CAPTURE_UNKNOWN);

        file->first = times ? m->first : 0;
        file->last = times ? m->last : UINT64_MAX;
        file->interface = m->interface;
        file->description = m->description;
        file->filter = m->filter;
    }
}

/* Makes a stream of the files of each sink; 'files' is sorted.  Returns an
 * array of '*n' streams. */
static struct export_stream *
make_streams(struct capture_dir *files, size_t *n)
{
    struct export_stream *streams = NULL;

    *n = 0;
    for (size_t i = 0; i < files->n; i++) {
        struct capture_entry *e = &files->entries[i];

        if (!i || strcmp(e->sink, files->entries[i - 1].sink)) {
            streams = xrealloc(streams, (*n + 1) * sizeof *streams);
            streams[(*n)++] = (struct export_stream) { NULL, 0 };
        }
        add_file(&streams[*n - 1], e);
    }
    return streams;
}

static void
print_note(void *aux OVS_UNUSED, const char *sentence)
{
    ovs_error(0, "%s", sentence);
}

/* A signal ends the program here, and the half of a file goes with it. */
static void
poll_signals(void *aux OVS_UNUSED)
{
    fatal_signal_run();
}

/* Says what was exported: to people, not into a pipe. */
static void
print_result(const struct request *r, const struct export_result *result)
{
    FILE *out = strcmp(r->output, "-") ? stdout : stderr;
    char first[TIME_TEXT_SIZE], last[TIME_TEXT_SIZE];

    fprintf(out, "%s: %"PRIu64" packets from %"PRIu64" files, %"PRIu64
            " lost", r->output, result->packets, result->files,
            result->lost);
    if (result->packets) {
        fprintf(out, ", %s to %s", time_text_format(result->first, first),
                time_text_format(result->last, last));
    }
    if (result->disordered) {
        fprintf(out, ", %"PRIu64" not in order", result->disordered);
    }
    putc('\n', out);
}

/* Exports from 'files' to 'fd'.  Returns the exit code, or EXIT_FAILED if it
 * could not be written. */
static int
export_files(const struct request *r, struct capture_dir *files, int fd)
{
    struct export_options options = {
        .from = r->from,
        .to = r->to,
        .application = "ovs-spanctl " SPAN_VERSION,
        .os = "Linux",
        .note = print_note,
        .poll = poll_signals,
    };
    struct export_result result;
    size_t n;
    struct export_stream *streams = make_streams(files, &n);
    int error = capture_export(streams, n, &options, fd, &result);

    for (size_t i = 0; i < n; i++) {
        free(streams[i].files);
    }
    free(streams);
    if (fd != STDOUT_FILENO && close(fd) && !error) {
        error = errno;
    }
    if (error) {
        ovs_error(error, "%s: writing failed", r->output);
        return EXIT_FAILED;
    }
    print_result(r, &result);
    return result.incomplete ? EXIT_REFUSED : EXIT_DONE;
}

/* Adds the files of 'sink' in 'dir' to 'files'. */
static bool
find_files(struct capture_dir *files, const char *dir, const char *sink)
{
    struct capture_dir more;
    char *error = capture_dir_read(&more, dir, sink);

    if (error) {
        ovs_error(0, "%s; --dir says where else the files are", error);
        free(error);
        capture_dir_destroy(&more);
        return false;
    }
    if (!more.n) {
        ovs_error(0, "%s: sink %s has no files there", dir, sink);
        capture_dir_destroy(&more);
        return true;
    }
    files->entries = xrealloc(files->entries,
                              (files->n + more.n) * sizeof *files->entries);
    memcpy(files->entries + files->n, more.entries,
           more.n * sizeof *more.entries);
    files->n += more.n;
    free(more.entries);
    return true;
}

/* Exports from 'files' to the output of 'r', half of which does not stay.
 * Returns the exit code. */
static int
export_to_output(const struct request *r, struct capture_dir *files)
{
    int fd = open_output(r, files);
    struct stat st;
    bool removable;
    int status;

    if (fd < 0) {
        return EXIT_REFUSED;
    }
    removable = (fd != STDOUT_FILENO && !fstat(fd, &st)
                 && S_ISREG(st.st_mode));
    if (removable) {
        fatal_signal_add_file_to_unlink(r->output);
    }
    status = export_files(r, files, fd);
    if (removable && status != EXIT_FAILED) {
        fatal_signal_remove_file_to_unlink(r->output);
    }
    return status == EXIT_FAILED ? EXIT_REFUSED : status;
}

/* Does what 'r' asks for.  Returns the exit code. */
static int
run_request(const struct request *r)
{
    struct capture_dir files = { NULL, 0, 0 };
    int status = EXIT_REFUSED;
    bool found = true;

    for (size_t i = 0; found && i < r->sinks.n; i++) {
        found = find_files(&files, r->dir ? r->dir : DEFAULT_DIR,
                           r->sinks.names[i]);
    }
    if (found && files.n) {
        status = export_to_output(r, &files);
    }
    capture_dir_destroy(&files);
    return status;
}

/* export --sink=NAME: needs no database.  Returns the exit code. */
int
export_run(const struct shash *options)
{
    struct request r;
    char *error = parse_request(&r, options);
    int status = EXIT_REFUSED;

    if (error) {
        ovs_error(0, "%s", error);
        free(error);
    } else {
        svec_add(&r.sinks, get_option(options, "--sink"));
        status = run_request(&r);
    }
    svec_destroy(&r.sinks);
    return status;
}

/* Returns the row of this host, or NULL. */
static const struct spanrec_host *
find_this_host(const struct ovsdb_idl *idl)
{
    const struct spanrec_host *host, *first = spanrec_host_first(idl);
    struct utsname uts;

    if (!uname(&uts)) {
        SPANREC_HOST_FOR_EACH (host, idl) {
            if (!strcmp(host->name, uts.nodename)) {
                return host;
            }
        }
    }
    return first && !spanrec_host_next(first) ? first : NULL;
}

/* Where the capture files are on this host, as its daemon says. */
static const char *
find_dir(const struct ovsdb_idl *idl)
{
    const struct spanrec_host *host = find_this_host(idl);

    return host ? smap_get(&host->status, "capture_dir") : NULL;
}

static bool
uses_sink(const struct spanrec_session *session, const char *sink)
{
    for (size_t i = 0; i < session->n_destinations; i++) {
        const struct spanrec_destination *d = session->destinations[i];

        if (!strcmp(d->kind, "sink") && !strcmp(d->target, sink)) {
            return true;
        }
    }
    return false;
}

/* Says which other sessions record into 'sink' as well. */
static void
tell_of_others(const struct ovsdb_idl *idl,
               const struct spanrec_session *session, const char *sink)
{
    const struct spanrec_session *other;

    SPANREC_SESSION_FOR_EACH (other, idl) {
        if (other != session && uses_sink(other, sink)) {
            ovs_error(0, "sink %s also records session %s, whose packets are "
                      "in the export as well", sink, other->name);
        }
    }
}

/* Stores in r->sinks the sinks of the session that 'ctx' names. */
static void
find_sinks(struct ctl_context *ctx, struct request *r)
{
    const char *name = ctx->argv[1];
    const char *only = get_option(&ctx->options, "--sink");
    const struct spanrec_session *session = session_row_find(ctx->idl, name);

    if (!session) {
        ctl_error(ctx, "%.80s: there is no session of this name; \"list\" "
                  "shows which there are, and --sink=NAME exports what a sink "
                  "has recorded for a deleted one", name);
        return;
    }
    for (size_t i = 0; i < session->n_destinations; i++) {
        const struct spanrec_destination *d = session->destinations[i];

        if (!strcmp(d->kind, "sink") && (!only || !strcmp(d->target, only))) {
            svec_add(&r->sinks, d->target);
            tell_of_others(ctx->idl, session, d->target);
        }
    }
    if (!r->sinks.n) {
        ctl_error(ctx, "%.80s records into no sink%s%s, so there is nothing "
                  "to export", name, only ? " called " : "",
                  only ? only : "");
    }
}

/* export SESSION: the database says what its sinks are.  To be called when all
 * else that stands on the line is done. */
void
cmd_export_post(struct ctl_context *ctx)
{
    struct request r;
    char *error = parse_request(&r, &ctx->options);

    if (error) {
        ctl_error(ctx, "%s", error);
        free(error);
    } else {
        find_sinks(ctx, &r);
    }
    if (!ctx->error) {
        if (!r.dir) {
            r.dir = find_dir(ctx->idl);
        }
        if (run_request(&r) != EXIT_DONE) {
            ctl_error(ctx, "export: not all of it is done");
        }
    }
    svec_destroy(&r.sinks);
}

/* What can be seen to be wrong before anything is done. */
void
cmd_export(struct ctl_context *ctx)
{
    struct request r;
    char *error = parse_request(&r, &ctx->options);

    if (error) {
        ctl_error(ctx, "%s", error);
        free(error);
    } else if (ctx->argc < 2) {
        ctl_error(ctx, "export: of what? Give a session, or --sink=NAME");
    }
    svec_destroy(&r.sinks);
}
