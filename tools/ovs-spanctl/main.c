/* SPDX-License-Identifier: Apache-2.0 */

/* ovs-spanctl: options and usage.  What a line does is in run.c, what a
 * command does in the cmd-*.c files. */

#include <config.h>

#include "spanctl.h"

#include "capture.h"
#include <limits.h>
#include <stdlib.h>

#include "command-line.h"
#include "fatal-signal.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "ovsdb-schema/span-idl.h"
#include "process.h"
#include "stream-ssl.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

enum {
    OPT_DB = UCHAR_MAX + 1,
    OPT_DAEMON,
    OPT_NO_WAIT,
    OPT_NO_SYSLOG,
    OPT_LOCAL,
    OPT_COMMANDS,
    OPT_OPTIONS,
    OPT_BOOTSTRAP_CA_CERT,
    OPT_PEER_CA_CERT,
    VLOG_OPTION_ENUMS,
    TABLE_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
};

static const struct option global_options[] = {
    {"db", required_argument, NULL, OPT_DB},
    {"daemon", required_argument, NULL, OPT_DAEMON},
    {"no-wait", no_argument, NULL, OPT_NO_WAIT},
    {"no-syslog", no_argument, NULL, OPT_NO_SYSLOG},
    {"timeout", required_argument, NULL, 't'},
    {"commands", no_argument, NULL, OPT_COMMANDS},
    {"options", no_argument, NULL, OPT_OPTIONS},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    VLOG_LONG_OPTIONS,
    TABLE_LONG_OPTIONS,
    STREAM_SSL_LONG_OPTIONS,
    {"bootstrap-ca-cert", required_argument, NULL, OPT_BOOTSTRAP_CA_CERT},
    {"peer-ca-cert", required_argument, NULL, OPT_PEER_CA_CERT},
    {NULL, 0, NULL, 0},
};

static const char session_usage[] = "\
Sessions:\n\
  add NAME KEY=VALUE...       mirror what source= says to where dest= says\n\
  set NAME KEY=VALUE...       change a session in place\n\
  del NAME...                 delete sessions\n\
  enable NAME...              let sessions mirror again\n\
  disable NAME...             stop sessions, keep their settings\n\
  list                        a line per session and host\n\
  show [NAME]                 all that is known about sessions\n\
  plan [group:]NAME [KEY=VALUE]...   what would ovs-spand do?\n\
                              Changes nothing\n\
  locate SELECTOR             its host, bridge, port, VLAN, uplink, bond\n\
                              member, traffic, and how to capture it\n\
  locate SELECTOR with SELECTOR   the same, and can the second one see it?\n\
  advise SELECTOR [with SELECTOR]   only how to capture it\n\
  apply FILE|-                make all of these be as a JSON file says\n\
  init                        initialize the database; not needed before add\n\
Keys of a session:\n\
  source=SELECTOR[,from|to|both][,bridge=BRIDGE]   may be repeated\n\
  dest=sink:NAME|port:NAME                         may be repeated\n\
  type filter snaplen sample rate encap_vlan strip_vlan normal_traffic\n\
  ttl owner reason description\n\
SELECTOR is port:NAME (glob allowed), iface-id:ID, mac:MAC, vm:NAME|UUID,\n\
vlan:N, bridge:NAME, uplink:NAME, group:NAME or hook:NAME.\n\
\n\
Sinks:\n\
  sink-add NAME [KEY=VALUE]...  make a recorder\n\
  sink-set NAME KEY=VALUE...    change it\n\
  sink-del NAME...              delete recorders that no session uses\n\
  sink-list                     a line per recorder\n\
Keys of a sink:\n\
  dir format capture_filter snaplen filesize seconds packets files\n\
  max_bytes min_free on_full byte_rate buffer overload compress sha256\n\
  vlan_aware cpu priority\n";

static const char group_usage[] = "\
Port groups:\n\
  group-add NAME bridge=BRIDGE member=SELECTOR... [KEY=VALUE]...\n\
                              put ports under one policy\n\
  group-set NAME KEY=VALUE... change it\n\
  group-del NAME...           delete groups that no session mirrors\n\
  group-list                  a line per group and host\n\
  group-show [NAME]           all that is known about groups\n\
  isolate SELECTOR with SELECTOR [ttl=SECONDS] [owner=] [reason=] [name=]\n\
                              let the second port see all frames of the\n\
                              first, for an hour\n\
  isolate --undo NAME|SELECTOR   end that\n\
Keys of a group:\n\
  vlan member override        may be repeated\n\
  bridge promiscuous promiscuous_ports mac_changes forged_transmits\n\
  mac_limit limit_policy ttl owner reason\n";

static const char files_usage[] = "\
Live:\n\
  capture SELECTOR... -w FILE|-   capture packets now; without -w, show\n\
                              them; \"capture --help\" has its options\n\
\n\
Capture files:\n\
  files [SINK]                those that hosts tell of\n\
  files --dir=DIR [SINK]      those in a directory, without a database\n\
  verify FILE...              are they whole?  exit code 1: no, 2: misused\n\
  export SESSION -w FILE|-    all packets of a session on this host, by time\n\
    --from=T --to=T           of this time: 2026-01-31T23:59:59Z, 23:59,\n\
                              -10m (ago), seconds since 1970\n\
    --sink=NAME --dir=DIR     of this sink, in this directory; without a\n\
                              session no database is needed\n";

static const char events_usage[] = "\
How it is:\n\
  top [-d SECONDS]            a live table of sessions; h shows its keys\n\
  top --once [-d SECONDS]     the table, of so many seconds, for programs\n\
  graph [SESSION]             the way of the copies, as a picture of text\n\
    --dot, --svg              for Graphviz; made by Graphviz\n\
    --host=HOST               only what this host does\n\
\n\
Events:\n\
  events [SESSION]            what has happened, on all hosts, newest last\n\
  events -f [SESSION]         how things are on this host, then what happens\n\
";

static const char db_usage[] = "\
Database commands:\n\
  db-list TBL [REC]              db-find TBL CONDITION...\n\
  db-get TBL REC COL[:KEY]       db-set TBL REC COL[:KEY]=VALUE\n\
  db-add TBL REC COL [KEY=]VALUE db-remove TBL REC COL [KEY=]VALUE\n\
  db-clear TBL REC COL           db-create TBL COL[:KEY]=VALUE\n\
  db-destroy TBL REC             db-wait-until TBL REC [COL[:KEY]=VALUE]\n";

OVS_NO_RETURN static void
usage(const struct settings *settings)
{
    printf("%s: port mirroring for Open vSwitch\n"
           "usage: %s [OPTIONS] COMMAND [ARG...] [-- COMMAND...]\n\n"
           "%s\n%s\n%s\n%s\n%s\n"
           "Options:\n"
           "  --db=DATABASE      connect to DATABASE\n"
           "                     (default: $OVS_SPAN_DB or %s)\n"
           "  --daemon=TARGET    whom \"plan\" asks (default: %s)\n"
           "  --no-wait          do not wait for the hosts\n"
           "  -t, --timeout=SECS wait at most SECS seconds (default: %u; "
           "0: forever)\n"
           "  -f, --format=FMT   table, list, json, csv or html\n"
           "  --may-exist        (add, sink-add, ...) an equal one may exist\n"
           "  --strict           (add, set, apply) refuse what destinations "
           "cannot take\n"
           "  --if-exists        (set, del, enable, ...) it need not exist\n"
           "  --undo             (isolate) end it\n"
           "  --prune            (apply) delete what the file does not name\n"
           "  --dry-run          (apply) only show what would change\n"
           "  --force            (export) overwrite the file\n"
           "  --no-syslog        do not write to the system log\n",
           program_name, program_name, session_usage, group_usage, files_usage,
           events_usage, db_usage,
           ctl_default_db(), settings->daemon, settings->timeout);
    table_usage();
    vlog_usage();
    stream_usage("database", true, true, true);
    printf("\nOther options:\n"
           "  --commands, --options   list what can be typed, for programs\n"
           "  -h, --help         display this help message\n"
           "  -V, --version      display version information\n"
           "Exit codes: 0 done, 1 refused or failed, 2 a host has not "
           "answered in time,\n"
           "3 (apply --dry-run) something would change.\n");
    exit(EXIT_SUCCESS);
}

OVS_NO_RETURN static void
print_version(void)
{
    printf("%s (ovs-span) %s\n"
           "Open vSwitch library %s\n"
           "DB Schema %s\n", program_name, SPAN_VERSION, VERSION,
           spanrec_get_db_version());
    exit(EXIT_SUCCESS);
}

static void
parse_timeout(struct settings *settings, const char *arg)
{
    /* A month; more would only overflow. */
    if (!str_to_uint(arg, 10, &settings->timeout)
        || settings->timeout > 30 * 24 * 3600) {
        ctl_fatal("--timeout=%s: not a number of seconds from 0 to 2592000",
                  arg);
    }
}

/* Handles the option 'c' of getopt_long(), local ones excepted. */
static void
handle_option(int c, struct settings *settings)
{
    switch (c) {
    case OPT_DB:
        settings->db = optarg;
        break;

    case OPT_DAEMON:
        settings->daemon = optarg;
        break;

    case OPT_NO_WAIT:
        settings->wait = false;
        break;

    case OPT_NO_SYSLOG:
        vlog_set_levels(NULL, VLF_SYSLOG, VLL_OFF);
        break;

    case 't':
        parse_timeout(settings, optarg);
        break;

    case 'h':
        usage(settings);

    case 'V':
        print_version();

    case OPT_COMMANDS:
        words_print_commands();
        exit(EXIT_SUCCESS);

    case OPT_OPTIONS:
        ctl_print_options(global_options);
        OVS_NOT_REACHED();

    VLOG_OPTION_HANDLERS
    TABLE_OPTION_HANDLERS(&settings->style)
    STREAM_SSL_OPTION_HANDLERS

    case OPT_PEER_CA_CERT:
        stream_ssl_set_peer_ca_cert_file(optarg);
        break;

    case OPT_BOOTSTRAP_CA_CERT:
        stream_ssl_set_ca_cert_file(optarg, true);
        break;

    case '?':
        exit(EXIT_REFUSED);

    default:
        ctl_fatal("option -%c is not handled", c);
    }
    if (c == 'f' || c == OPT_BARE) {
        settings->style_given = true;
    }
}

/* Parses the options at the front of 'argv' into 'settings' and
 * 'local_options'.  Afterward 'optind' is the index of the first other
 * word. */
static void
parse_options(int argc, char *argv[], struct settings *settings,
              struct shash *local_options)
{
    char *tmp = ovs_cmdl_long_options_to_short_options(global_options);
    char *short_options = xasprintf("+%s", tmp);
    size_t n_global = ARRAY_SIZE(global_options) - 1;
    size_t n_options = n_global;
    size_t allocated_options = ARRAY_SIZE(global_options);
    struct option *options = xmemdup(global_options, sizeof global_options);

    free(tmp);
    ctl_add_cmd_options(&options, &n_options, &allocated_options, OPT_LOCAL);

    optind = 0;                 /* Starts anew (GNU). */
    for (;;) {
        int idx;
        int c = getopt_long(argc, argv, short_options, options, &idx);

        if (c == -1) {
            break;
        }
        if (c != OPT_LOCAL) {
            handle_option(c, settings);
            continue;
        }

        char *name = xasprintf("--%s", options[idx].name);
        if (shash_find(local_options, name)) {
            ctl_fatal("'%s' option specified multiple times", name);
        }
        shash_add_nocopy(local_options, name, nullable_xstrdup(optarg));
    }
    free(short_options);

    for (size_t i = n_global; options[i].name; i++) {
        free(CONST_CAST(char *, options[i].name));
    }
    free(options);
}

/* Refuses lines that could not be undone as a whole, and commands in company
 * that need no database. */
static void
check_commands(const struct ctl_command *commands, size_t n)
{
    bool ours = false;
    bool base = false;

    for (size_t i = 0; i < n; i++) {
        const struct ctl_command_syntax *syntax = commands[i].syntax;

        if (n > 1 && span_command_is_local(&commands[i])) {
            ctl_fatal("\"%s\" has to be the only command", syntax->name);
        }
        if (syntax->mode == RW) {
            ours = ours || span_command_is_ours(syntax);
            base = base || !span_command_is_ours(syntax);
        }
    }
    if (ours && base) {
        ctl_fatal("db-* commands that write cannot be combined with commands "
                  "for sessions, sinks and groups, which may be undone; give "
                  "them on lines of their own");
    }
}

/* Parses the words behind the options.  Options among them go to 'settings'.
 */
static void
parse_words(int argc, char *argv[], struct settings *settings,
            struct shash *local_options, struct svec *words,
            struct ctl_command **commands, size_t *n)
{
    static struct svec hoisted = SVEC_EMPTY_INITIALIZER;
    static char *message;       /* Static as well: reachable at the exit. */
    char *error;

    svec_add(&hoisted, program_name);
    error = words_translate(argc, argv, global_options, &hoisted, words);
    if (error) {
        ctl_fatal("%s", error);
    }
    svec_terminate(&hoisted);
    parse_options(hoisted.n, hoisted.names, settings, local_options);

    svec_terminate(words);
    error = ctl_parse_commands(words->n, words->names, local_options,
                               commands, n);
    if (error) {
        message = words_untranslate(error);
        free(error);
        if (svec_contains_unsorted(words, "verify")) {
            /* 1 would say that a file is not whole. */
            ovs_error(0, "%s", message);
            exit(EXIT_MISUSED);
        }
        ctl_fatal("%s", message);
    }
    check_commands(*commands, *n);
}

static void
set_default_db(struct settings *settings)
{
    if (!settings->db || !settings->db[0]) {
        settings->db = ctl_default_db();
    }
}

int
main(int argc, char *argv[])
{
    static struct shash local_options = SHASH_INITIALIZER(&local_options);
    static struct svec words = SVEC_EMPTY_INITIALIZER;
    static struct ctl_command *commands;
    struct settings settings = {
        .db = getenv("OVS_SPAN_DB"),
        .daemon = "ovs-spand",
        .wait = true,
        .timeout = 30,
        .style = TABLE_STYLE_DEFAULT,
    };
    size_t n_commands;
    int status;

    set_program_name(argv[0]);
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    vlog_set_levels_from_string_assert("reconnect:warn");
    span_commands_register();

    char *args = process_escape_args(argv);
    settings.args = args;
    parse_options(argc, argv, &settings, &local_options);
    if (optind < argc && !strcmp(argv[optind], "capture")) {
        /* Its letters have meanings of their own. */
        set_default_db(&settings);
        status = capture_run(&settings, argc - optind, argv + optind);
        free(args);
        return status;
    }
    parse_words(argc - optind, argv + optind, &settings, &local_options,
                &words, &commands, &n_commands);
    set_default_db(&settings);

    if (span_command_is_local(&commands[0])) {
        status = span_command_run_local(&settings, &commands[0]);
    } else {
        status = run_commands(&settings, commands, n_commands);
    }

    for (size_t i = 0; i < n_commands; i++) {
        shash_destroy_free_data(&commands[i].options);
    }
    free(commands);
    svec_destroy(&words);
    free(args);
    return status;
}
