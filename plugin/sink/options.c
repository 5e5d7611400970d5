/* SPDX-License-Identifier: Apache-2.0 */

/* What the recorder was asked to do; see options.h.  Pure. */

#include <config.h>

#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "option-table.h"
#include "plugin/record/record-format.h"
#include "plugin/record/record-util.h"

#define DEFAULT_BUFFER (UINT64_C(256) << 20)
#define DEFAULT_FILESIZE UINT64_C(100000000)
#define DEFAULT_MIN_FREE_PERCENT 10

static bool
was_given(const struct sink_options *o, const char *name)
{
    for (size_t i = 0; i < o->n_given; i++) {
        if (!strcmp(o->given[i].name, name)) {
            return true;
        }
    }
    return false;
}

static void
remember(struct sink_options *o, const struct option *option,
         const char *value)
{
    o->given = rec_xrealloc(o->given, (o->n_given + 1) * sizeof *o->given);
    o->given[o->n_given++] = (struct option_text) {
        .name = option->name,
        .value = rec_xstrdup(value),
    };
}

/* Takes 'value' for 'option', and remembers it. */
static char *
set_option(struct sink_options *o, const struct option *option,
           const char *value)
{
    char *error, *message;

    if (was_given(o, option->name)) {
        return rec_xasprintf("%s is given twice", option->name);
    }
    error = option->set(o, value);
    if (error) {
        message = rec_xasprintf("%s %s, not \"%s\"", option->name, error,
                                 value);
        free(error);
        return message;
    }
    remember(o, option, value);
    return NULL;
}

static void
set_switch(struct sink_options *o, const struct option *option)
{
    if (!strcmp(option->name, "help")) {
        o->help = true;
    } else if (!strcmp(option->name, "version")) {
        o->version = true;
    } else if (!strcmp(option->name, "list")) {
        o->list = true;
    } else {
        o->stats = true;
    }
}

/* Sets what may change while the recorder runs, and was not given, to its
 * default.  By hand, a capture is one file without limits, as other recorders
 * make it. */
static void
set_live_defaults(struct sink_options *o)
{
    if (o->sink && !was_given(o, "filesize")) {
        o->live.rotation.bytes = DEFAULT_FILESIZE;
    }
    if (o->sink && !was_given(o, "min-free")) {
        o->live.retention.min_free_percent = DEFAULT_MIN_FREE_PERCENT;
    }
}

/* The same for what may not change. */
static void
set_defaults(struct sink_options *o)
{
    if (o->sink && !was_given(o, "network-fs")) {
        o->network_fs = (struct network_fs) {
            .policy = NETWORK_FS_CAP,
            .byte_rate = NETWORK_FS_BYTE_RATE,
        };
    }
}

/* Takes one argument, and the next one if that is its value.  Adds to '*i'
 * what it took. */
static char *
parse_argument(struct sink_options *o, int argc, char *const argv[], int *i)
{
    const char *arg = argv[(*i)++];
    const char *name, *equals, *value;
    const struct option *option;

    if (strncmp(arg, "--", 2)) {
        return rec_xasprintf("%s: arguments start with --", arg);
    }
    name = arg + 2;
    equals = strchr(name, '=');
    option = option_find(name, equals ? equals - name : strlen(name));
    if (!option) {
        return rec_xasprintf("%s: no such option", arg);
    }
    if (!option->set) {
        if (equals) {
            return rec_xasprintf("%s takes no value", option->name);
        }
        set_switch(o, option);
        return NULL;
    }
    value = equals ? equals + 1 : *i < argc ? argv[(*i)++] : NULL;
    if (!value) {
        return rec_xasprintf("%s needs a value", option->name);
    }
    return set_option(o, option, value);
}

/* Says what does not go together with a relay, or returns NULL. */
static const char *
check_relay(const struct sink_options *o)
{
    static const char *const files[] = {
        "sink", "dir", "write", "format", "filesize", "seconds", "packets",
        "files", "max-bytes", "min-free", "budget", "on-full", "network-fs",
        "compress", "sha256", "host", "sessions", "description", "overload",
    };

    for (size_t i = 0; i < REC_ARRAY_SIZE(files); i++) {
        if (was_given(o, files[i])) {
            return "relay goes without everything that is about files";
        }
    }
    return NULL;
}

/* Says what does not go together in 'o', or returns NULL. */
static const char *
check_together(const struct sink_options *o)
{
    const struct rotation_limits *r = &o->live.rotation;
    const struct retention_limits *l = &o->live.retention;
    bool rotates = r->bytes || r->seconds || r->packets;

    if (o->list) {
        return (o->dir && o->n_given == (o->sink ? 2 : 1)
                ? NULL : "list goes together with dir, or sink and dir, only");
    }
    if (!o->interface) {
        return "interface is missing";
    }
    if (o->relay) {
        return check_relay(o);
    }
    if (o->write && (o->sink || o->dir)) {
        return "write does not go together with sink and dir";
    }
    if (!o->write && !(o->sink && o->dir && o->control)) {
        return "either write, or relay, or sink, dir and control must be "
               "given";
    }
    if (o->write && !strcmp(o->write, "-") && rotates) {
        return "the standard output is one file: filesize, seconds and "
               "packets do not go together with it";
    }
    if (!rotates && retention_is_ring(l)) {
        return "files and max-bytes need filesize, seconds or packets";
    }
    if (!rotates && l->on_full == RETENTION_RING) {
        return "on-full=ring needs filesize, seconds or packets";
    }
    if (o->write && (o->live.compress || o->live.sha256)) {
        return "compress and sha256 need sink";
    }
    return NULL;
}

/* Parses the command line into '*o', which need not be initialized.  Returns
 * NULL if all is well, otherwise a sentence that the caller must free.  In
 * either case the caller must options_destroy() '*o'. */
char *
options_parse(struct sink_options *o, int argc, char *const argv[])
{
    const char *conflict;
    char *error = NULL;

    *o = (struct sink_options) {
        .filter = rec_xstrdup(""),
        .vlan_aware = true,
        .sample = 1,
        .format = &record_format_pcapng,
        .snaplen = OPTIONS_SNAPLEN_MAX,
        .buffer = DEFAULT_BUFFER,
        .cpu = -1,
    };
    for (int i = 1; i < argc && !error; ) {
        error = parse_argument(o, argc, argv, &i);
        if (o->help || o->version) {
            free(error);
            return NULL;
        }
    }
    if (!error) {
        set_defaults(o);
        set_live_defaults(o);
        o->quiet = o->sink || (o->control && !strcmp(o->control, "-"));
        conflict = check_together(o);
        error = conflict ? rec_xstrdup(conflict) : NULL;
    }
    return error;
}

/* May 'option' change while 'o' is carried out?  A relay has no file that
 * would have to say in what sample its frames are. */
static bool
is_live(const struct sink_options *o, const struct option *option)
{
    return option->live || (o->relay && !strcmp(option->name, "sample"));
}

/* Frees the text of the options given that may change. */
static void
forget_live(struct sink_options *o)
{
    size_t n = 0;

    for (size_t i = 0; i < o->n_given; i++) {
        const char *name = o->given[i].name;

        if (is_live(o, option_find(name, strlen(name)))) {
            free(o->given[i].value);
        } else {
            o->given[n++] = o->given[i];
        }
    }
    o->n_given = n;
}

/* Returns a copy of 'o' whose live options are not given. */
static struct sink_options
copy_for_trial(const struct sink_options *o)
{
    struct sink_options trial = *o;

    trial.given = NULL;
    trial.n_given = 0;
    memset(&trial.live, 0, sizeof trial.live);
    if (o->relay) {
        trial.sample = 1;
    }
    return trial;
}

static void
free_live(struct live_options *live)
{
    free(live->sessions);
    free(live->description);
}

/* Replaces everything in 'o' that may change while the recorder runs by the
 * 'n' options at 'texts', and what these do not name by its default.  Returns
 * NULL if all is well; otherwise 'o' is as before, and the caller must free
 * the sentence returned. */
char *
options_configure(struct sink_options *o, const struct option_text *texts,
                  size_t n)
{
    struct sink_options trial = copy_for_trial(o);
    const char *conflict;
    char *error = NULL;

    for (size_t i = 0; i < n && !error; i++) {
        const char *name = texts[i].name;
        const struct option *option = option_find(name, strlen(name));

        if (!option) {
            error = rec_xasprintf("%s: no such option", name);
        } else if (!is_live(o, option)) {
            error = rec_xasprintf("%s cannot change while recording", name);
        } else {
            error = set_option(&trial, option, texts[i].value);
        }
    }
    if (!error) {
        set_live_defaults(&trial);
        conflict = check_together(&trial);
        error = conflict ? rec_xstrdup(conflict) : NULL;
    }
    if (error) {
        free_live(&trial.live);
    } else {
        free_live(&o->live);
        o->live = trial.live;
        o->sample = trial.sample;
        forget_live(o);
        for (size_t i = 0; i < trial.n_given; i++) {
            const char *name = trial.given[i].name;

            remember(o, option_find(name, strlen(name)),
                     trial.given[i].value);
        }
    }
    for (size_t i = 0; i < trial.n_given; i++) {
        free(trial.given[i].value);
    }
    free(trial.given);
    return error;
}

/* Frees what 'o' holds. */
void
options_destroy(struct sink_options *o)
{
    for (size_t i = 0; i < o->n_given; i++) {
        free(o->given[i].value);
    }
    free(o->given);
    free(o->interface);
    free(o->user);
    free(o->sink);
    free(o->dir);
    free(o->control);
    free(o->write);
    free(o->relay);
    free(o->filter);
    free(o->host);
    free_live(&o->live);
    memset(o, 0, sizeof *o);
}
