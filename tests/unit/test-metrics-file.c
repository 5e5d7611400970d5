/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics in a file: whole, for everybody to read, and gone at the end. */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "plugin/daemon/host-facts.h"
#include "plugin/daemon/metrics-file.h"
#include "plugin/daemon/metrics.h"
#include "plugin/daemon/reconciler.h"
#include "tests/tap.h"
#include "timeval.h"
#include "util.h"

static struct reconciler_status status;
static char *dir;

/* Returns the name of 'file' in 'dir', until it is called again. */
static const char *
in_dir(const char *file)
{
    static char *name;

    free(name);
    name = xasprintf("%s/%s", dir, file);
    return name;
}

/* Turns the loop for 'ms' milliseconds. */
static void
turn(struct metrics_file *mf, int ms)
{
    long long int end = time_msec() + ms;

    while (time_msec() < end) {
        metrics_file_run(mf, &status);
        metrics_file_wait(mf);
        poll_timer_wait_until(end);
        poll_block();
    }
}

/* Turns the loop until 'file' is there, for 5 s at most. */
static bool
turn_until_there(struct metrics_file *mf, const char *file)
{
    for (int i = 0; i < 500 && access(in_dir(file), F_OK); i++) {
        turn(mf, 10);
    }
    return !access(in_dir(file), F_OK);
}

static char *
read_file(const char *file)
{
    FILE *stream = fopen(in_dir(file), "r");
    char *text = xzalloc(100000);

    if (stream) {
        ignore(fread(text, 1, 99999, stream));
        fclose(stream);
    }
    return text;
}

static void
test_write(void)
{
    char *want = metrics_to_text(&status, METRIC_PROMETHEUS);
    struct metrics_file *mf = metrics_file_create(in_dir("a.prom"), 1);
    struct stat before, after;
    char *got;

    umask(077);
    tap_ok(turn_until_there(mf, "a.prom"), "it is written at once");
    stat(in_dir("a.prom"), &before);
    tap_int(before.st_mode & 07777, 0644, "for everybody to read");
    got = read_file("a.prom");
    tap_str(got, want, "the metrics");
    turn(mf, 1500);
    stat(in_dir("a.prom"), &after);
    tap_ok(before.st_ino != after.st_ino, "another one after a second");
    tap_ok(access(in_dir(".a.prom.new"), F_OK), "nothing beside it");
    metrics_file_destroy(mf);
    tap_ok(access(in_dir("a.prom"), F_OK) && errno == ENOENT,
           "at the end it goes");
    free(got);
    free(want);
}

/* Somebody who may write to the directory waits for root's. */
static void
test_trap(void)
{
    struct metrics_file *mf = metrics_file_create(in_dir("b.prom"), 1);
    char *victim = xstrdup(in_dir("victim"));
    FILE *stream = fopen(victim, "w");
    char *got;

    fputs("mine", stream);
    fclose(stream);
    ignore(symlink(victim, in_dir(".b.prom.new")));
    ignore(symlink(victim, in_dir("b.prom")));
    turn(mf, 500);
    got = read_file("victim");
    tap_str(got, "mine", "no link is followed");
    free(got);
    got = read_file("b.prom");
    tap_ok(strstr(got, "ovs_span_ready 0") != NULL, "but replaced");
    free(got);
    metrics_file_destroy(mf);
    tap_ok(!unlink(victim), "and the file it led to stays");
    free(victim);
}

/* What cannot be written is written as soon as it can. */
static void
test_error(void)
{
    struct metrics_file *mf = metrics_file_create(in_dir("d/c.prom"), 1);

    turn(mf, 200);
    ignore(mkdir(in_dir("d"), 0700));
    tap_ok(turn_until_there(mf, "d/c.prom"), "when the directory is there");
    metrics_file_destroy(mf);
    tap_ok(!rmdir(in_dir("d")), "nothing is left in it");
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    char name[] = "/tmp/span-metrics.XXXXXX";
    struct host_facts facts;

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    dir = mkdtemp(name);
    if (!dir) {
        return EXIT_FAILURE;
    }
    host_facts_init(&facts, "/nowhere");
    status.facts = &facts;
    test_write();
    test_trap();
    test_error();
    host_facts_destroy(&facts);
    rmdir(dir);
    return tap_done();
}
