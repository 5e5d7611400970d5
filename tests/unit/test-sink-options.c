/* SPDX-License-Identifier: Apache-2.0
 *
 * The recorder's command line, and how it changes while it runs. */

#include <config.h>
#include "plugin/sink/options.h"
#include "plugin/record/record-format.h"
#include "plugin/record/record-util.h"
#include "tests/tap.h"
#include <stdlib.h>
#include <string.h>

/* Parses the words of 'line'. */
static char *
parse(struct sink_options *o, const char *line)
{
    char *words = rec_xstrdup(line);
    char *argv[32], *save = NULL, *error;
    int argc = 0;

    argv[argc++] = words;
    for (char *w = strtok_r(words, " ", &save); w;
         w = strtok_r(NULL, " ", &save)) {
        argv[argc++] = w;
    }
    error = options_parse(o, argc, argv);
    free(words);
    return error;
}

#define DAEMON "--interface=if --sink=s --dir=/d --control=/c "
#define HAND "--interface=if --write=f "

static void
test_defaults(void)
{
    struct sink_options o;
    char *error = parse(&o, DAEMON);

    tap_str(error, NULL, "the options of ovs-spand");
    tap_int(o.live.rotation.bytes, 100000000, "its files have 100 MB");
    tap_int(o.live.retention.min_free_percent, 10, "10%% stay free");
    tap_int(o.buffer, 256 << 20, "256 MiB of buffer");
    tap_int(o.snaplen, OPTIONS_SNAPLEN_MAX, "whole frames");
    tap_str(o.format->name, "pcapng", "pcapng");
    tap_str(o.filter, "", "no filter");
    tap_int(o.n_given, 4, "four options were given");
    tap_int(o.network_fs.policy, NETWORK_FS_CAP, "a cap on network storage");
    tap_int(o.network_fs.byte_rate, 50000000, "of 50 MB per second");
    tap_ok(!o.live.compress && !o.live.sha256, "files stay as they are");
    options_destroy(&o);

    error = parse(&o, DAEMON "--on-full=stop --budget=1GB --compress=true "
                  "--sha256=true --network-fs=7MB");
    tap_str(error, NULL, "what concerns storage");
    tap_int(o.live.retention.on_full, RETENTION_STOP, "on-full");
    tap_int(o.live.retention.budget, 1000000000, "budget");
    tap_ok(o.live.compress && o.live.sha256, "compress, sha256");
    tap_int(o.network_fs.byte_rate, 7000000, "network-fs");
    options_destroy(&o);

    error = parse(&o, HAND);
    tap_str(error, NULL, "by hand");
    tap_int(o.live.rotation.bytes, 0, "one file, however large");
    tap_int(o.live.retention.min_free_percent, 0, "and no floor");
    tap_int(o.network_fs.policy, NETWORK_FS_ALLOW, "no cap either");
    options_destroy(&o);
}

static void
test_values(void)
{
    struct sink_options o;
    char *error = parse(&o, "--interface if --write f --snaplen=64 "
                        "--filesize 1MiB --seconds=2 --packets=3 --files=4 "
                        "--max-bytes=5GB --min-free=6%,1KB --buffer=7MiB "
                        "--format=pcap --cpu=1 --filter=udp --stats "
                        "--description=text --user=joe --count=8 "
                        "--duration=9");

    tap_str(error, NULL, "all options, with = or with a space");
    tap_str(o.interface, "if", "interface");
    tap_str(o.write, "f", "write");
    tap_int(o.snaplen, 64, "snaplen");
    tap_int(o.live.rotation.bytes, 1 << 20, "filesize");
    tap_int(o.live.rotation.seconds, 2, "seconds");
    tap_int(o.live.rotation.packets, 3, "packets");
    tap_int(o.live.retention.files, 4, "files");
    tap_int(o.live.retention.bytes, 5000000000, "max-bytes");
    tap_int(o.live.retention.min_free_percent, 6, "min-free");
    tap_int(o.live.retention.min_free_bytes, 1000, "of both kinds");
    tap_int(o.buffer, 7 << 20, "buffer");
    tap_str(o.format->name, "pcap", "format");
    tap_int(o.cpu, 1, "cpu");
    tap_str(o.filter, "udp", "filter");
    tap_str(o.live.description, "text", "description");
    tap_ok(o.stats, "stats");
    tap_str(o.user, "joe", "user");
    tap_int(o.count, 8, "count");
    tap_int(o.duration, 9, "duration");
    options_destroy(&o);
}

static void
test_less(void)
{
    struct sink_options o;
    char *error = parse(&o, HAND);

    tap_ok(!error && !o.drop && o.vlan_aware && o.sample == 1 && !o.priority
           && !o.live.byte_rate, "everything is recorded by default");
    options_destroy(&o);
    error = parse(&o, HAND "--overload=drop --vlan-aware=false --sample=10 "
                  "--priority=3 --byte-rate=20MB --control=c");
    tap_str(error, NULL, "or less");
    tap_ok(o.drop, "overload");
    tap_ok(!o.vlan_aware, "vlan-aware");
    tap_int(o.sample, 10, "sample");
    tap_int(o.priority, 3, "priority");
    tap_int(o.live.byte_rate, 20000000, "byte-rate");
    tap_str(o.control, "c", "and a control socket by hand");
    options_destroy(&o);
    error = parse(&o, "--interface=if --relay=to --sample=2 --byte-rate=1MB");
    tap_str(error, NULL, "a relay");
    tap_str(o.relay, "to", "where to");
    options_destroy(&o);
}

static const char *const refusals[][2] = {
    { "", "interface is missing" },
    { "--interface=if",
      "either write, or relay, or sink, dir and control must be given" },
    { "--interface=if --sink=s --dir=d",
      "either write, or relay, or sink, dir and control must be given" },
    { HAND "--sink=s",
      "write does not go together with sink and dir" },
    { "--interface=if --write=- --seconds=1",
      "the standard output is one file: filesize, seconds and packets do "
      "not go together with it" },
    { HAND "--user=", "user must have 1 to 4096 characters, not \"\"" },
    { HAND "--count=-1",
      "count must be a number from 0 to 9223372036854775807, not \"-1\"" },
    { HAND "--duration=4294967296",
      "duration must be a number from 0 to 4294967295, not \"4294967296\"" },
    { HAND "--files=2",
      "files and max-bytes need filesize, seconds or packets" },
    { HAND "--on-full=ring",
      "on-full=ring needs filesize, seconds or packets" },
    { HAND "--compress=true", "compress and sha256 need sink" },
    { HAND "--sha256=true", "compress and sha256 need sink" },
    { DAEMON "--on-full=die",
      "on-full must be ring, stop or pause, not \"die\"" },
    { DAEMON "--compress=yes",
      "compress must be true or false, not \"yes\"" },
    { DAEMON "--network-fs=0", "network-fs must be allow, refuse, or a "
      "size such as 50MB for each second, at least 100KB, not \"0\"" },
    { DAEMON "--budget=1", "budget must be a size such as 10GB or "
      "512MiB, at least 4096 bytes, or 0 for no limit, not \"1\"" },
    { HAND "--nonsense", "--nonsense: no such option" },
    { HAND "--byte-rat=1MB", "--byte-rat=1MB: no such option" },
    { HAND "--byte-rate=1", "byte-rate must be bytes per second such as 20MB, "
      "from 100KB to 100GB, or 0 for no cap, not \"1\"" },
    { HAND "--overload=stop",
      "overload must be wait or drop, not \"stop\"" },
    { HAND "--sample=0",
      "sample must be a number from 1 to 65535, not \"0\"" },
    { HAND "--vlan-aware=1",
      "vlan-aware must be true or false, not \"1\"" },
    { HAND "--priority=100",
      "priority must be a number from 1 to 99, not \"100\"" },
    { HAND "--filesiz=1MB", "--filesiz=1MB: no such option" },
    { HAND "-i", "-i: arguments start with --" },
    { HAND "file", "file: arguments start with --" },
    { HAND "--snaplen", "snaplen needs a value" },
    { HAND "--stats=1", "stats takes no value" },
    { HAND "--snaplen=1 --snaplen=2", "snaplen is given twice" },
    { HAND "--snaplen=262145",
      "snaplen must be a number from 0 to 262144, not \"262145\"" },
    { "--interface=if --relay=to --seconds=1",
      "relay goes without everything that is about files" },
    { HAND "--relay=to",
      "relay goes without everything that is about files" },
    { HAND "--format=csv",
      "format must be pcapng or pcap, not \"csv\"" },
    { HAND "--buffer=1",
      "buffer must be a size from 1MiB to 2047MiB, not \"1\"" },
    { HAND "--min-free=100%", "min-free must be a share such as 10% (at "
      "most 99%), a size such as 5GB, or both, such as 10%,5GB, not "
      "\"100%\"" },
    { HAND "--min-free=1%,2%", "min-free must be a share such as 10% (at "
      "most 99%), a size such as 5GB, or both, such as 10%,5GB, not "
      "\"1%,2%\"" },
    { HAND "--filesize=5", "filesize must be a size such as 100MB or "
      "64MiB, at least 4096 bytes, or 0 for no limit, not \"5\"" },
    { "--interface=sixteen-letters-",
      "interface must have 1 to 15 characters, not "
      "\"sixteen-letters-\"" },
    { "--sink=../x", "sink must be 1 to 64 letters, digits, '_', '.' or "
      "'-', and not begin with a dot, not \"../x\"" },
};

static void
test_refusals(void)
{
    for (size_t i = 0; i < REC_ARRAY_SIZE(refusals); i++) {
        struct sink_options o;
        char *error = parse(&o, refusals[i][0]);

        tap_str(error, refusals[i][1], "refused: %s", refusals[i][0]);
        free(error);
        options_destroy(&o);
    }
}

static const char *
get_given(const struct sink_options *o, const char *name)
{
    for (size_t i = 0; i < o->n_given; i++) {
        if (!strcmp(o->given[i].name, name)) {
            return o->given[i].value;
        }
    }
    return NULL;
}

static char *
configure(struct sink_options *o, const char *name, const char *value)
{
    struct option_text text = { .name = name, .value = rec_xstrdup(value) };
    char *error = options_configure(o, &text, 1);

    free(text.value);
    return error;
}

/* A relay takes another sample while it runs. */
static void
test_configure_relay(void)
{
    struct sink_options o;
    char *error = parse(&o, "--interface=if --relay=if --sample=2 "
                        "--snaplen=64");

    tap_str(error, NULL, "a relay back to where the frames come from");
    error = configure(&o, "sample", "7");
    tap_str(error, NULL, "takes another sample");
    tap_int(o.sample, 7, "that one");
    tap_str(get_given(&o, "sample"), "7", "and says so");
    tap_str(get_given(&o, "snaplen"), "64", "what cannot change is");
    error = configure(&o, "sample", "0");
    tap_ok(error, "not just any: %s", error);
    free(error);
    tap_int(o.sample, 7, "then it stays as it was");
    error = options_configure(&o, NULL, 0);
    tap_str(error, NULL, "none is");
    tap_int(o.sample, 1, "all");
    error = configure(&o, "filesize", "2MB");
    tap_ok(error, "and it has no files: %s", error);
    free(error);
    options_destroy(&o);
}

static void
test_configure(void)
{
    struct sink_options o;
    char *error = parse(&o, DAEMON "--seconds=5 --files=9 --snaplen=64");

    tap_str(error, NULL, "a recorder with limits");
    error = configure(&o, "filesize", "2MB");
    tap_str(error, NULL, "is configured");
    tap_int(o.live.rotation.bytes, 2000000, "what is named is set");
    tap_int(o.live.rotation.seconds, 0, "what is not is at its default");
    tap_int(o.live.retention.files, 0, "and that too");
    tap_int(o.live.retention.min_free_percent, 10, "even if that is not 0");
    tap_str(get_given(&o, "filesize"), "2MB", "it is said to be given");
    tap_str(get_given(&o, "seconds"), NULL, "the other is not any more");
    tap_str(get_given(&o, "snaplen"), "64", "what cannot change is");

    error = configure(&o, "filesize", "2XB");
    tap_ok(error, "a bad value is refused: %s", error);
    free(error);
    error = configure(&o, "snaplen", "60");
    tap_str(error, "snaplen cannot change while recording",
            "so is what cannot change");
    free(error);
    error = configure(&o, "colour", "red");
    tap_str(error, "colour: no such option", "and what there is not");
    free(error);
    tap_int(o.live.rotation.bytes, 2000000, "which all changes nothing");
    tap_str(get_given(&o, "filesize"), "2MB", "nor what is given");

    error = options_configure(&o, NULL, 0);
    tap_str(error, NULL, "nothing given");
    tap_int(o.live.rotation.bytes, 100000000, "is all defaults");
    options_destroy(&o);
}

int
main(void)
{
    struct sink_options o;

    test_defaults();
    test_values();
    test_less();
    test_refusals();
    test_configure();
    test_configure_relay();
    tap_str(parse(&o, "--help --nonsense"), NULL, "help is always given");
    tap_ok(o.help, "and noticed");
    options_destroy(&o);
    return tap_done();
}
