/* SPDX-License-Identifier: Apache-2.0 */

/* What the recorder was asked to do; see options.h.  Pure.
 *
 * Each option is a row of a table: its name, whether it may change while the
 * recorder runs, and the function that takes its value. */

#include <config.h>

#include "options.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "file-name.h"
#include "record-format.h"
#include "sink-util.h"
#include "size-text.h"

#define DEFAULT_BUFFER (UINT64_C(256) << 20)
#define DEFAULT_FILESIZE UINT64_C(100000000)
#define DEFAULT_MIN_FREE_PERCENT 10

/* A file must have room for its header and a packet or two. */
#define FILESIZE_MIN 4096
#define BUFFER_MIN (UINT64_C(1) << 20)
#define BUFFER_MAX (UINT64_C(2047) << 20) /* libpcap takes an int. */
#define CPU_MAX 1023
#define COUNT_MAX INT64_MAX
#define SECONDS_MAX UINT32_MAX

/* Takes a value into the options, or returns a malloc'd sentence that says
 * what the value should have been. */
typedef char *option_setter(struct sink_options *, const char *value);

struct option {
    const char *name;
    bool live;
    option_setter *set;         /* NULL: the option takes no value. */
};

static char *
set_text(char **where, const char *value, size_t max)
{
    if (!*value || strlen(value) > max) {
        return sink_xasprintf("must have 1 to %zu characters", max);
    }
    free(*where);
    *where = sink_xstrdup(value);
    return NULL;
}

static char *
set_number(uint64_t *where, const char *value, uint64_t min, uint64_t max)
{
    uint64_t v;

    if (!size_text_parse_number(value, max, &v) || v < min) {
        return sink_xasprintf("must be a number from %llu to %llu",
                              (unsigned long long int) min,
                              (unsigned long long int) max);
    }
    *where = v;
    return NULL;
}

static char *
set_interface(struct sink_options *o, const char *value)
{
    return set_text(&o->interface, value, IFNAMSIZ - 1);
}

static char *
set_sink(struct sink_options *o, const char *value)
{
    if (!file_name_is_valid_sink(value)) {
        return sink_xstrdup("must be 1 to 64 letters, digits, '_', '.' or "
                            "'-', and not begin with a dot");
    }
    return set_text(&o->sink, value, 64);
}

static char *
set_dir(struct sink_options *o, const char *value)
{
    return set_text(&o->dir, value, RECORD_TEXT_MAX);
}

static char *
set_control(struct sink_options *o, const char *value)
{
    return set_text(&o->control, value,
                    sizeof ((struct sockaddr_un *) 0)->sun_path - 1);
}

static char *
set_write(struct sink_options *o, const char *value)
{
    return set_text(&o->write, value, RECORD_TEXT_MAX);
}

static char *
set_filter(struct sink_options *o, const char *value)
{
    if (!*value) {
        o->filter[0] = '\0';
        return NULL;
    }
    return set_text(&o->filter, value, RECORD_TEXT_MAX);
}

static char *
set_description(struct sink_options *o, const char *value)
{
    return set_text(&o->description, value, RECORD_TEXT_MAX);
}

static char *
set_format(struct sink_options *o, const char *value)
{
    const struct record_format *format = record_format_lookup(value);

    if (!format) {
        return sink_xstrdup("must be pcapng or pcap");
    }
    o->format = format;
    return NULL;
}

static char *
set_snaplen(struct sink_options *o, const char *value)
{
    uint64_t v = 0;
    char *error = set_number(&v, value, 0, OPTIONS_SNAPLEN_MAX);

    if (!error) {
        o->snaplen = v ? v : OPTIONS_SNAPLEN_MAX;
    }
    return error;
}

static char *
set_buffer(struct sink_options *o, const char *value)
{
    uint64_t v;

    if (!size_text_parse_bytes(value, &v) || v < BUFFER_MIN
        || v > BUFFER_MAX) {
        return sink_xstrdup("must be a size from 1MiB to 2047MiB");
    }
    o->buffer = v;
    return NULL;
}

static char *
set_cpu(struct sink_options *o, const char *value)
{
    uint64_t v = 0;
    char *error = set_number(&v, value, 0, CPU_MAX);

    if (!error) {
        o->cpu = v;
    }
    return error;
}

static char *
set_filesize(struct sink_options *o, const char *value)
{
    uint64_t v;

    if (!size_text_parse_bytes(value, &v) || (v && v < FILESIZE_MIN)) {
        return sink_xstrdup("must be a size such as 100MB or 64MiB, at least "
                            "4096 bytes, or 0 for no limit");
    }
    o->live.rotation.bytes = v;
    return NULL;
}

static char *
set_seconds(struct sink_options *o, const char *value)
{
    return set_number(&o->live.rotation.seconds, value, 0, SECONDS_MAX);
}

static char *
set_packets(struct sink_options *o, const char *value)
{
    return set_number(&o->live.rotation.packets, value, 0, COUNT_MAX);
}

static char *
set_files(struct sink_options *o, const char *value)
{
    return set_number(&o->live.retention.files, value, 0, COUNT_MAX);
}

static char *
set_max_bytes(struct sink_options *o, const char *value)
{
    uint64_t v;

    if (!size_text_parse_bytes(value, &v) || (v && v < FILESIZE_MIN)) {
        return sink_xstrdup("must be a size such as 10GB or 512MiB, at least "
                            "4096 bytes, or 0 for no limit");
    }
    o->live.retention.bytes = v;
    return NULL;
}

static char *
set_min_free(struct sink_options *o, const char *value)
{
    struct retention_limits *l = &o->live.retention;
    unsigned int percent = 0;
    uint64_t bytes = 0;

    if (!size_text_parse_percent(value, &percent)
        && !size_text_parse_bytes(value, &bytes)) {
        return sink_xstrdup("must be a share such as 10% (at most 99%) or a "
                            "size such as 5GB");
    }
    l->min_free_percent = percent;
    l->min_free_bytes = bytes;
    return NULL;
}

static const struct option options[] = {
    { "interface", false, set_interface },
    { "sink", false, set_sink },
    { "dir", false, set_dir },
    { "control", false, set_control },
    { "write", false, set_write },
    { "filter", false, set_filter },
    { "description", false, set_description },
    { "format", false, set_format },
    { "snaplen", false, set_snaplen },
    { "buffer", false, set_buffer },
    { "cpu", false, set_cpu },
    { "filesize", true, set_filesize },
    { "seconds", true, set_seconds },
    { "packets", true, set_packets },
    { "files", true, set_files },
    { "max-bytes", true, set_max_bytes },
    { "min-free", true, set_min_free },
    { "stats", false, NULL },
    { "help", false, NULL },
    { "version", false, NULL },
};

static const struct option *
find_option(const char *name, size_t n)
{
    for (size_t i = 0; i < SINK_ARRAY_SIZE(options); i++) {
        if (strlen(options[i].name) == n
            && !strncmp(options[i].name, name, n)) {
            return &options[i];
        }
    }
    return NULL;
}

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
    o->given = sink_xrealloc(o->given, (o->n_given + 1) * sizeof *o->given);
    o->given[o->n_given++] = (struct option_text) {
        .name = option->name,
        .value = sink_xstrdup(value),
    };
}

/* Takes 'value' for 'option', and remembers it. */
static char *
set_option(struct sink_options *o, const struct option *option,
           const char *value)
{
    char *error, *message;

    if (was_given(o, option->name)) {
        return sink_xasprintf("%s is given twice", option->name);
    }
    error = option->set(o, value);
    if (error) {
        message = sink_xasprintf("%s %s, not \"%s\"", option->name, error,
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
    if (!o->write && !was_given(o, "filesize")) {
        o->live.rotation.bytes = DEFAULT_FILESIZE;
    }
    if (!o->write && !was_given(o, "min-free")) {
        o->live.retention.min_free_percent = DEFAULT_MIN_FREE_PERCENT;
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
        return sink_xasprintf("%s: arguments start with --", arg);
    }
    name = arg + 2;
    equals = strchr(name, '=');
    option = find_option(name, equals ? equals - name : strlen(name));
    if (!option) {
        return sink_xasprintf("%s: no such option", arg);
    }
    if (!option->set) {
        if (equals) {
            return sink_xasprintf("%s takes no value", option->name);
        }
        set_switch(o, option);
        return NULL;
    }
    value = equals ? equals + 1 : *i < argc ? argv[(*i)++] : NULL;
    if (!value) {
        return sink_xasprintf("%s needs a value", option->name);
    }
    return set_option(o, option, value);
}

/* Says what does not go together in 'o', or returns NULL. */
static const char *
check_together(const struct sink_options *o)
{
    const struct rotation_limits *r = &o->live.rotation;
    const struct retention_limits *l = &o->live.retention;
    bool rotates = r->bytes || r->seconds || r->packets;

    if (!o->interface) {
        return "interface is missing";
    }
    if (o->write && (o->sink || o->dir || o->control)) {
        return "write does not go together with sink, dir and control";
    }
    if (!o->write && !(o->sink && o->dir && o->control)) {
        return "either write, or sink, dir and control must be given";
    }
    if (o->write && !strcmp(o->write, "-") && rotates) {
        return "the standard output is one file: filesize, seconds and "
               "packets do not go together with it";
    }
    if (!rotates && retention_is_ring(l)) {
        return "files and max-bytes need filesize, seconds or packets";
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
        .filter = sink_xstrdup(""),
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
        set_live_defaults(o);
        conflict = check_together(o);
        error = conflict ? sink_xstrdup(conflict) : NULL;
    }
    return error;
}

/* Frees the text of the options given that may change. */
static void
forget_live(struct sink_options *o)
{
    size_t n = 0;

    for (size_t i = 0; i < o->n_given; i++) {
        const char *name = o->given[i].name;

        if (find_option(name, strlen(name))->live) {
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
    return trial;
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
        const struct option *option = find_option(name, strlen(name));

        if (!option) {
            error = sink_xasprintf("%s: no such option", name);
        } else if (!option->live) {
            error = sink_xasprintf("%s cannot change while recording", name);
        } else {
            error = set_option(&trial, option, texts[i].value);
        }
    }
    if (!error) {
        set_live_defaults(&trial);
        conflict = check_together(&trial);
        error = conflict ? sink_xstrdup(conflict) : NULL;
    }
    if (!error) {
        o->live = trial.live;
        forget_live(o);
        for (size_t i = 0; i < trial.n_given; i++) {
            const char *name = trial.given[i].name;

            remember(o, find_option(name, strlen(name)),
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
    free(o->sink);
    free(o->dir);
    free(o->control);
    free(o->write);
    free(o->filter);
    free(o->description);
    memset(o, 0, sizeof *o);
}

/* Returns the text of --help. */
const char *
options_usage(void)
{
    return
"Usage: ovs-span-sink --interface=IF --write=FILE|- [OPTION]...\n"
"       ovs-span-sink --interface=IF --sink=NAME --dir=DIR --control=SOCKET\n"
"                     [OPTION]...\n"
"Record the frames that arrive at network interface IF.\n"
"\n"
"  --interface=IF       network interface to record from\n"
"  --write=FILE|-       by hand: the file to write, or - for standard output\n"
"  --sink=NAME          under ovs-spand: the sink's name,\n"
"  --dir=DIR            where its directory is made,\n"
"  --control=SOCKET     and the Unix socket to be controlled through\n"
"\n"
"What is recorded:\n"
"  --filter=BPF         only frames that match (pcap-filter(7)), in whatever\n"
"                       VLAN they are\n"
"  --snaplen=N          only the first N bytes of each frame (0: all)\n"
"  --format=pcapng|pcap how it is written; both with nanoseconds\n"
"  --description=TEXT   said about the interface in each pcapng file\n"
"\n"
"When a new file begins (0: never for that reason):\n"
"  --filesize=SIZE      before a file grows larger (100MB under ovs-spand)\n"
"  --seconds=N          when a file was open for N seconds\n"
"  --packets=N          when a file holds N packets\n"
"\n"
"What is kept:\n"
"  --files=N            the N newest files, the open one included\n"
"  --max-bytes=SIZE     the newest files that have SIZE bytes together\n"
"  --min-free=N%|SIZE   leave so much free on the disk (10% under ovs-spand)\n"
"\n"
"How it is done:\n"
"  --buffer=SIZE        memory for frames in the kernel (256MiB)\n"
"  --cpu=N              run the capture thread on processor N\n"
"  --stats              print the counters each second; on a terminal they\n"
"                       are shown anyway\n"
"\n"
"  --help, --version\n"
"\n"
"A SIZE is a number of bytes, or has a unit: K, M, G, KB, MB, GB count in\n"
"thousands, KiB, MiB, GiB in 1024s.\n";
}
