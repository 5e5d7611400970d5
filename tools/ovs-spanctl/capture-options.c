/* SPDX-License-Identifier: Apache-2.0 */

/* The line of capture: dumpcap's letters with dumpcap's meanings, and some
 * words of our own. */

#include <config.h>

#include "capture.h"

#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db-ctl-base.h"
#include "openvswitch/dynamic-string.h"
#include "plugin/core/text.h"
#include "util.h"

enum {
    OPT_FILTER = UCHAR_MAX + 1,
    OPT_SESSION,
    OPT_STRIP_VLAN,
    OPT_WAIT,
    OPT_DB,
};

static const struct option long_options[] = {
    {"filter", required_argument, NULL, OPT_FILTER},
    {"session", required_argument, NULL, OPT_SESSION},
    {"strip-vlan", no_argument, NULL, OPT_STRIP_VLAN},
    {"wait", no_argument, NULL, OPT_WAIT},
    {"db", required_argument, NULL, OPT_DB},
    {"autostop", required_argument, NULL, 'a'},
    {"ring-buffer", required_argument, NULL, 'b'},
    {"buffer-size", required_argument, NULL, 'B'},
    {"interface", required_argument, NULL, 'i'},
    {"snapshot-length", required_argument, NULL, 's'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char usage_text[] = "\
usage: ovs-spanctl capture SELECTOR[,from|to]... [OPTION]...\n\
Captures what SELECTORs name (vm:web1, port:tap7, vlan:20, ...), and leaves\n\
nothing behind on the switch.\n\
  -w FILE|-              into this file, or as a stream to standard output;\n\
                         without, tshark or tcpdump shows the packets\n\
  -f BPF                 only what matches (pcap-filter(7))\n\
  --filter=MATCH         only what matches this OpenFlow match; the rest\n\
                         is not even copied\n\
  -s BYTES               of each packet so many bytes (0: all)\n\
  -c COUNT               end after so many packets\n\
  -a duration:SECONDS    end after this time\n\
  -a filesize:KB         end when the file has so many thousand bytes\n\
  -a packets:COUNT       as -c\n\
  -b duration:SECONDS|filesize:KB|packets:COUNT\n\
                         begin the next file after that\n\
  -b files:COUNT         keep so many files\n\
  -B MIB                 memory for packets in the kernel (256)\n\
  -i SELECTOR            as SELECTOR\n\
  -n, -P                 pcapng (the default), pcap\n\
  -q                     do not show how many packets there are\n\
  --session=NAME         what this session mirrors, filtered as it does\n\
  --strip-vlan           without the outer VLAN tag\n\
  --wait                 wait for ports that are not there yet\n\
  --db=DATABASE          connect to DATABASE\n\
Exit codes: 0 ended as asked, 1 refused or misused, 2 broken off.\n\
ovs-span-capture(8) has the rest.\n";

/* Returns 'text', a number from 'min' to 'max', the value of option 'name'. */
static int64_t
parse_number(const char *name, const char *text, int64_t min, int64_t max)
{
    int64_t number;

    if (!text_to_number(text, max, &number) || number < min) {
        ctl_fatal("capture: %s %s: not a number from %"PRId64" to %"PRId64,
                  name, text, min, max);
    }
    return number;
}

/* Is 'text' the criterion 'name', NAME:VALUE?  Points '*value' to the
 * latter. */
static bool
is_criterion(const char *text, const char *name, const char **value)
{
    size_t n = strlen(name);

    *value = text + n + 1;
    return !strncmp(text, name, n) && text[n] == ':';
}

/* Adds an option for the recorder. */
static void OVS_PRINTF_FORMAT(2, 3)
pass(struct capture_options *o, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    svec_add_nocopy(&o->recorder, xvasprintf(format, args));
    va_end(args);
}

static void
parse_autostop(struct capture_options *o, const char *text)
{
    const char *value;

    if (is_criterion(text, "duration", &value)) {
        o->duration = parse_number("-a duration:", value, 1, UINT32_MAX);
        pass(o, "--duration=%"PRId64, o->duration);
    } else if (is_criterion(text, "packets", &value)) {
        pass(o, "--count=%"PRId64, parse_number("-a packets:", value, 1,
                                                INT64_MAX));
    } else if (is_criterion(text, "filesize", &value)) {
        o->max_bytes = 1000 * parse_number("-a filesize:", value, 1,
                                           INT64_MAX / 1000);
    } else {
        ctl_fatal("capture: -a %s: write duration:SECONDS, filesize:KB or "
                  "packets:COUNT", text);
    }
}

static void
parse_ring(struct capture_options *o, const char *text)
{
    const char *value;

    if (is_criterion(text, "duration", &value)) {
        pass(o, "--seconds=%"PRId64, parse_number("-b duration:", value, 1,
                                                  UINT32_MAX));
    } else if (is_criterion(text, "filesize", &value)) {
        pass(o, "--filesize=%"PRId64, 1000 * parse_number(
            "-b filesize:", value, 5, INT64_MAX / 1000));
    } else if (is_criterion(text, "packets", &value)) {
        pass(o, "--packets=%"PRId64, parse_number("-b packets:", value, 1,
                                                  INT64_MAX));
    } else if (is_criterion(text, "files", &value)) {
        pass(o, "--files=%"PRId64, parse_number("-b files:", value, 1,
                                                INT64_MAX));
    } else {
        ctl_fatal("capture: -b %s: write duration:SECONDS, filesize:KB, "
                  "packets:COUNT or files:COUNT", text);
    }
}

/* Takes the option 'c', one that goes on to the recorder.  Returns false if it
 * is another one. */
static bool
parse_recorder_option(struct capture_options *o, int c)
{
    switch (c) {
    case 'a':
        parse_autostop(o, optarg);
        return true;

    case 'b':
        parse_ring(o, optarg);
        return true;

    case 'B':
        pass(o, "--buffer=%"PRId64"MiB", parse_number("-B", optarg, 1, 2047));
        return true;

    case 'c':
        pass(o, "--count=%"PRId64, parse_number("-c", optarg, 1, INT64_MAX));
        return true;

    case 'f':
        pass(o, "--filter=%s", optarg);
        return true;

    case 's':
        pass(o, "--snaplen=%"PRId64, parse_number("-s", optarg, 0, 262144));
        return true;
    }
    return false;
}

static void
parse_option(struct capture_options *o, int c)
{
    switch (c) {
    case 'i':
        svec_add(&o->sources, optarg);
        break;

    case 'n':
        o->pcap = false;
        break;

    case 'P':
        o->pcap = true;
        break;

    case 'q':
        o->quiet = true;
        break;

    case 'w':
        o->write = optarg;
        break;

    case 'h':
        fputs(usage_text, stdout);
        exit(CAPTURE_DONE);

    case OPT_FILTER:
        o->filter = optarg;
        break;

    case OPT_SESSION:
        o->session = optarg;
        break;

    case OPT_STRIP_VLAN:
        o->strip_vlan = true;
        break;

    case OPT_WAIT:
        o->wait = true;
        break;

    case OPT_DB:
        o->db = optarg;
        break;

    default:
        ovs_error(0, "capture: see \"ovs-spanctl capture --help\"");
        exit(CAPTURE_REFUSED);
    }
}

/* Parses the line, "capture" and what comes behind it, into '*o', which the
 * caller must destroy.  Exits if it is wrong. */
void
capture_options_parse(struct capture_options *o, int argc, char *argv[])
{
    memset(o, 0, sizeof *o);
    svec_init(&o->sources);
    svec_init(&o->recorder);

    optind = 0;                 /* Starts anew (GNU). */
    for (;;) {
        int c = getopt_long(argc, argv, "a:b:B:c:f:hi:nPqs:w:", long_options,
                            NULL);

        if (c == -1) {
            break;
        }
        if (!parse_recorder_option(o, c)) {
            parse_option(o, c);
        }
    }
    while (optind < argc) {
        svec_add(&o->sources, argv[optind++]);
    }
    if (o->pcap) {
        pass(o, "--format=pcap");
    }
    if (!o->sources.n == !o->session) {
        ctl_fatal("capture: say what, either by selectors such as vm:web1 or "
                  "port:tap7, or by --session=NAME");
    }
    if (o->session && (o->filter || o->strip_vlan)) {
        ctl_fatal("capture: --session takes filter and VLAN tags as the "
                  "session has them");
    }
}

void
capture_options_destroy(struct capture_options *o)
{
    svec_destroy(&o->sources);
    svec_destroy(&o->recorder);
}

/* Returns what is captured, in few words.  The caller must free it. */
char *
capture_options_describe(const struct capture_options *o)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (o->session) {
        ds_put_format(&s, "session %s", o->session);
    }
    for (size_t i = 0; i < o->sources.n && s.length < 200; i++) {
        ds_put_format(&s, "%s%s", i ? " " : "", o->sources.names[i]);
    }
    if (o->filter) {
        ds_put_format(&s, " (%.200s)", o->filter);
    }
    return ds_steal_cstr(&s);
}
