/* SPDX-License-Identifier: Apache-2.0 */

/* The command line of ovs-spand. */

#include <config.h>

#include "plugin/daemon/options.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command-line.h"
#include "daemon.h"
#include "dirs.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "plugin/core/text.h"
#include "process.h"
#include "stream-ssl.h"
#include "stream.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(options);

/* How often a file of metrics is written, seconds: as often as node exporters
 * are usually asked. */
#define METRICS_INTERVAL 15
#define METRICS_INTERVAL_MAX 3600

enum {
    OPT_DB = UCHAR_MAX + 1,
    OPT_OVS_DB,
    OPT_POLICY,
    OPT_CAPTURE_DIR,
    OPT_SINK,
    OPT_METRICS_SOCKET,
    OPT_METRICS_FILE,
    OPT_METRICS_INTERVAL,
    OPT_UNIXCTL,
    OPT_PEER_CA_CERT,
    OPT_BOOTSTRAP_CA_CERT,
    VLOG_OPTION_ENUMS,
    DAEMON_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
};

static const struct option long_options[] = {
    {"db", required_argument, NULL, OPT_DB},
    {"ovs-db", required_argument, NULL, OPT_OVS_DB},
    {"policy", required_argument, NULL, OPT_POLICY},
    {"capture-dir", required_argument, NULL, OPT_CAPTURE_DIR},
    {"sink", required_argument, NULL, OPT_SINK},
    {"metrics-socket", required_argument, NULL, OPT_METRICS_SOCKET},
    {"metrics-file", required_argument, NULL, OPT_METRICS_FILE},
    {"metrics-interval", required_argument, NULL, OPT_METRICS_INTERVAL},
    {"unixctl", required_argument, NULL, OPT_UNIXCTL},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    DAEMON_LONG_OPTIONS,
    VLOG_LONG_OPTIONS,
    STREAM_SSL_LONG_OPTIONS,
    {"peer-ca-cert", required_argument, NULL, OPT_PEER_CA_CERT},
    {"bootstrap-ca-cert", required_argument, NULL, OPT_BOOTSTRAP_CA_CERT},
    {NULL, 0, NULL, 0},
};

/* Returns where 'name' is seen from the directory of this program, if it is
 * there and can be run; else NULL. */
static char *
find_beside(const char *name)
{
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    char *dir, *file, *found;

    if (n < 0) {
        return NULL;
    }
    exe[n] = '\0';
    dir = dir_name(exe);
    file = xasprintf("%s/%s", dir, name);
    found = access(file, X_OK) ? NULL : realpath(file, NULL);
    free(dir);
    free(file);
    return found;
}

/* Returns the recorder's file name: in the same directory, in the bin beside
 * our sbin, in the build tree, where it was installed to, or along PATH. */
static char *
find_sink(void)
{
    static const char *const places[] = {
        "ovs-span-sink", "../bin/ovs-span-sink", "../sink/ovs-span-sink",
    };
    char *file;

    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        file = find_beside(places[i]);
        if (file) {
            return file;
        }
    }
    file = xstrdup(SPAN_BINDIR "/ovs-span-sink");
    if (access(file, X_OK)) {
        char *found = process_search_path("ovs-span-sink");

        if (found) {
            free(file);
            return found;
        }
    }
    return file;
}

OVS_NO_RETURN static void
usage(const struct options *o)
{
    printf("%s: port mirroring (SPAN) for Open vSwitch\n"
           "usage: %s [OPTIONS]\n"
           "  --db=REMOTE           database OVS_Span\n"
           "                        (default: %s)\n"
           "  --ovs-db=REMOTE       database Open_vSwitch\n"
           "                        (default: %s)\n"
           "  --policy=FILE         what this host allows\n"
           "                        (default: %s)\n"
           "  --capture-dir=DIR     where capture files go\n"
           "                        (default: %s)\n"
           "  --sink=PROGRAM        the recorder\n"
           "                        (default: %s)\n"
           "  --metrics-socket=FILE Unix socket for \"GET /metrics\"\n"
           "  --metrics-file=FILE   metrics for a textfile collector\n"
           "  --metrics-interval=SECONDS\n"
           "                        write that file so often (default: %d)\n",
           program_name, program_name, o->session_remote, o->switch_remote,
           o->policy, o->capture_dir, o->sink, o->metrics_interval);
    stream_usage("REMOTE", true, false, true);
    daemon_usage();
    vlog_usage();
    printf("\nOther options:\n"
           "  --unixctl=SOCKET      override default control socket name\n"
           "  -h, --help            display this help message\n"
           "  -V, --version         display version information\n");
    exit(EXIT_SUCCESS);
}

/* Ends the process unless 'value' of option 'name' is one OVSDB connection
 * method, or several separated by commas. */
static void
check_remote(const char *name, const char *value)
{
    char *copy = xstrdup(value);
    char *rest = copy;
    size_t n = 0;

    for (char *one = strsep(&rest, ","); one; one = strsep(&rest, ",")) {
        if (*one && stream_verify_name(one)) {
            ovs_fatal(0, "--%s=%s: \"%s\" is no connection method; write "
                      "unix:FILE, tcp:IP:PORT or ssl:IP:PORT", name, value,
                      one);
        }
        n += *one != '\0';
    }
    if (!n) {
        ovs_fatal(0, "--%s names no database; write unix:FILE, tcp:IP:PORT "
                  "or ssl:IP:PORT", name);
    }
    free(copy);
}

/* Ends the process if 'file' is there and is not of type 'type' (S_IFMT),
 * 'what' in words: option 'name' must not take its place. */
static void
check_replaceable(const char *name, const char *file, mode_t type,
                  const char *what)
{
    struct stat s;

    if (!*file) {
        ovs_fatal(0, "--%s: names no file", name);
    } else if (!lstat(file, &s) && (s.st_mode & S_IFMT) != type) {
        ovs_fatal(0, "--%s=%s: is there and is no %s; name another file",
                  name, file, what);
    }
}

static int
read_interval(const char *value)
{
    int64_t seconds;

    if (!text_to_number(value, METRICS_INTERVAL_MAX, &seconds) || !seconds) {
        ovs_fatal(0, "--metrics-interval=%s: is no number of seconds from 1 "
                  "to %d", value, METRICS_INTERVAL_MAX);
    }
    return seconds;
}

static void
replace(char **option, const char *value)
{
    free(*option);
    *option = xstrdup(value);
}

/* A detached daemon works in the root directory, so names must be full. */
static void
replace_file(char **option, const char *value)
{
    free(*option);
    *option = abs_file_name(NULL, value);
}

static void
options_default(struct options *o)
{
    *o = (struct options) {
        .session_remote = xasprintf("unix:%s/db.sock", ovs_rundir()),
        .switch_remote = xasprintf("unix:%s/db.sock", ovs_rundir()),
        .policy = xstrdup(SPAN_SYSCONFDIR "/ovs-span/policy.json"),
        .capture_dir = xstrdup(SPAN_LOCALSTATEDIR "/lib/ovs-span/captures"),
        .sink = find_sink(),
        .metrics_interval = METRICS_INTERVAL,
    };
}

/* Handles option 'c' if it is one of our own. */
static bool
handle_own(struct options *o, int c)
{
    switch (c) {
    case OPT_DB:
        check_remote("db", optarg);
        replace(&o->session_remote, optarg);
        return true;
    case OPT_OVS_DB:
        check_remote("ovs-db", optarg);
        replace(&o->switch_remote, optarg);
        return true;
    case OPT_POLICY:
        replace_file(&o->policy, optarg);
        o->policy_given = true;
        return true;
    case OPT_CAPTURE_DIR:
        replace_file(&o->capture_dir, optarg);
        return true;
    case OPT_SINK:
        replace_file(&o->sink, optarg);
        return true;
    case OPT_METRICS_SOCKET:
        check_replaceable("metrics-socket", optarg, S_IFSOCK, "socket");
        replace_file(&o->metrics_socket, optarg);
        return true;
    case OPT_METRICS_FILE:
        check_replaceable("metrics-file", optarg, S_IFREG, "regular file");
        replace_file(&o->metrics_file, optarg);
        return true;
    case OPT_METRICS_INTERVAL:
        o->metrics_interval = read_interval(optarg);
        return true;
    case OPT_UNIXCTL:
        replace(&o->unixctl, optarg);
        return true;
    case OPT_PEER_CA_CERT:
        stream_ssl_set_peer_ca_cert_file(optarg);
        return true;
    case OPT_BOOTSTRAP_CA_CERT:
        stream_ssl_set_ca_cert_file(optarg, true);
        return true;
    case 'h':
        usage(o);
    case 'V':
        printf("%s (ovs-span) %s\n", program_name, SPAN_VERSION);
        exit(EXIT_SUCCESS);
    default:
        return false;
    }
}

/* Reads the command line into '*o', which the caller must destroy with
 * options_destroy().  Ends the process when it is wrong, or asks for help. */
void
options_parse(struct options *o, int argc, char *argv[])
{
    char *short_options = ovs_cmdl_long_options_to_short_options(long_options);

    options_default(o);
    for (;;) {
        int c = getopt_long(argc, argv, short_options, long_options, NULL);

        if (c == -1) {
            break;
        } else if (handle_own(o, c)) {
            continue;
        }
        switch (c) {
        VLOG_OPTION_HANDLERS
        DAEMON_OPTION_HANDLERS
        STREAM_SSL_OPTION_HANDLERS

        case '?':
            exit(EXIT_FAILURE);

        default:
            OVS_NOT_REACHED();
        }
    }
    free(short_options);
    if (optind < argc) {
        VLOG_FATAL("\"%s\": only options are accepted; use --help for usage",
                   argv[optind]);
    }
}

void
options_destroy(struct options *o)
{
    free(o->session_remote);
    free(o->switch_remote);
    free(o->policy);
    free(o->capture_dir);
    free(o->sink);
    free(o->metrics_socket);
    free(o->metrics_file);
    free(o->unixctl);
}
