/* SPDX-License-Identifier: Apache-2.0 */

/* The recorder: its parts, wired together; see recorder.h. */

#include <config.h>

#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "accounting.h"
#include "capture-file.h"
#include "capture-loop.h"
#include "capture-place.h"
#include "capture-source.h"
#include "file-header.h"
#include "file-output.h"
#include "keeper.h"
#include "options.h"
#include "plugin/record/record-format.h"
#include "plugin/record/record-util.h"
#include "privileges.h"
#include "recordings.h"
#include "relay-output.h"
#include "relay-port.h"
#include "report.h"
#include "segment-ring.h"
#include "sink-user.h"
#include "writer.h"

/* Enough for a disk that pauses for a tenth of a second at 10 Gbit/s; the
 * kernel's ring takes over after that. */
#define RING_SIZE (UINT64_C(64) << 20)

/* A disk is fastest with large pieces.  What goes through the page cache, or
 * into a pipe, is copied once more, and for that the processor's cache should
 * still have it. */
#define SEGMENT_DIRECT (UINT64_C(8) << 20)
#define SEGMENT_CACHED (UINT64_C(1) << 20)

/* Frames that are sent on shall not wait for long, nor come all at once. */
#define RELAY_TIMEOUT_MS 10

struct recorder {
    const struct sink_options *options;
    struct report *report;
    uint64_t started;
    struct accounting accounting;
    struct recordings *recordings;
    struct capture_place place;
    struct file_headers headers;

    struct capture_source *source;
    struct segment_ring *ring;
    struct keeper *keeper;
    struct writer *writer;
    struct file_output *output; /* NULL in a relay. */
    struct relay_port *port;    /* NULL if it is none. */
    struct relay_output *relay; /* The same. */
    struct capture_loop *loop;
    bool stopping;              /* Asked to. */
};

/* Returns the limits of each file.  Where all files together are limited and
 * old ones make room, one file has half of that at most, so that there is
 * always one before it. */
static struct rotation_limits
get_file_limits(const struct live_options *live)
{
    struct rotation_limits limits = live->rotation;
    uint64_t halves[] = {
        live->retention.bytes / 2,
        (retention_on_full(&live->retention) == RETENTION_RING
         ? live->retention.budget / 2 : 0),
    };

    for (size_t i = 0; i < REC_ARRAY_SIZE(halves); i++) {
        if (halves[i] && (!limits.bytes || limits.bytes > halves[i])) {
            limits.bytes = halves[i];
        }
    }
    return limits;
}

/* Decides what the file system means for the capture: a network file system
 * may have a lower cap on bytes per second than was asked for. */
static struct fs_decision
decide_fs(const struct recorder *r, const struct live_options *live)
{
    struct fs_decision d = { .byte_rate = live->byte_rate };

    if (r->place.fs) {
        fs_kind_decide(r->place.fs, &r->options->network_fs, live->byte_rate,
                       &d);
    }
    return d;
}

/* Returns what the keeper is to know. */
static struct keeper_limits
get_keeper_limits(const struct live_options *live)
{
    return (struct keeper_limits) {
        .retention = live->retention,
        .wish = { .compress = live->compress, .sha256 = live->sha256 },
        .file_max = get_file_limits(live).bytes,
    };
}

/* Says what the next file starts with. */
static void
say_header(struct recorder *r)
{
    file_headers_set(&r->headers,
                     file_header_create(r->options,
                                        capture_source_speed(r->source)));
}

/* Makes the output that lays frames into files. */
static void
make_file_output(struct recorder *r, struct capture_loop_config *loop)
{
    const struct sink_options *o = r->options;
    struct rotation_limits limits = get_file_limits(&o->live);

    say_header(r);
    r->output = file_output_create(&(struct file_output_config) {
        .source = r->source,
        .ring = r->ring,
        .accounting = &r->accounting,
        .report = r->report,
        .format = o->format,
        .headers = &r->headers,
        .snaplen = o->snaplen,
        .drop = o->drop,
        .noting = o->format->summary || o->sink,
        .started = r->started,
    }, &limits);
    file_output_set_byte_rate(r->output, decide_fs(r, &o->live).byte_rate);
    loop->output = &file_output_class;
    loop->output_aux = r->output;
}

/* Makes the output that sends frames on. */
static void
make_relay_output(struct recorder *r, struct capture_loop_config *loop)
{
    const struct sink_options *o = r->options;

    r->relay = relay_output_create(&(struct relay_output_config) {
        .port = r->port,
        .name = o->relay,
        .accounting = &r->accounting,
        .report = r->report,
        .snaplen = o->snaplen,
    });
    relay_output_set_byte_rate(r->relay, o->live.byte_rate);
    accounting_set(&r->accounting.before, capture_source_before(r->source));
    loop->output = &relay_output_class;
    loop->output_aux = r->relay;
}

/* Makes the capture thread, which does not run yet: it alone may have
 * real-time priority, and the others would inherit that. */
static char *
make_loop(struct recorder *r)
{
    const struct sink_options *o = r->options;
    struct capture_loop_config config = {
        .source = r->source,
        .accounting = &r->accounting,
        .report = r->report,
        .count = o->count,
        .cpu = o->cpu,
        .priority = o->priority,
    };

    if (r->port) {
        make_relay_output(r, &config);
    } else {
        make_file_output(r, &config);
    }
    return capture_loop_create(&config, &r->loop);
}

/* Starts the threads that the files need. */
static char *
start_file_threads(struct recorder *r)
{
    const struct sink_options *o = r->options;
    struct keeper_limits limits = get_keeper_limits(&o->live);

    r->keeper = keeper_start(&(struct keeper_config) {
        .place = &r->place,
        .report = r->report,
        .recordings = r->recordings,
        .options = o,
    }, &limits);
    if (!r->keeper) {
        return rec_xstrdup("the housekeeping thread cannot be started");
    }
    r->writer = writer_start(&(struct writer_config) {
        .ring = r->ring,
        .accounting = &r->accounting,
        .report = r->report,
        .recordings = r->recordings,
        .keeper = r->keeper,
        .place = &r->place,
        .format = o->format,
    });
    if (!r->writer) {
        keeper_finish(r->keeper);
        return rec_xstrdup("the writer thread cannot be started");
    }
    return NULL;
}

/* Starts the threads, the one that others need first. */
static char *
start_threads(struct recorder *r)
{
    char *error;

    if (!capture_source_watch(r->source, &r->accounting)) {
        return rec_xstrdup("the thread that watches the interface cannot be "
                           "started");
    }
    error = r->port ? NULL : start_file_threads(r);
    if (!error) {
        capture_loop_start(r->loop);
    }
    return error;
}

static char *
make_ring(struct recorder *r)
{
    const struct fs_kind *fs = r->place.fs;
    uint64_t size = fs && !fs->indirect ? SEGMENT_DIRECT : SEGMENT_CACHED;

    r->ring = segment_ring_create(RING_SIZE / size, size);
    return r->ring ? NULL : rec_xstrdup("there is not enough memory");
}

static struct capture_filter
get_filter(const struct sink_options *o)
{
    return (struct capture_filter) {
        .expression = o->filter,
        .vlan_aware = o->vlan_aware,
        .sample = o->sample,
    };
}

static char *
open_source(const struct sink_options *o, struct capture_source **sp)
{
    return capture_source_open(&(struct capture_source_config) {
        .interface = o->interface,
        .filter = get_filter(o),
        .snaplen = o->snaplen,
        .buffer = o->buffer,
        .timeout_ms = (o->relay
                       ? RELAY_TIMEOUT_MS : CAPTURE_SOURCE_TIMEOUT_MS),
        .live = o->relay != NULL,
    }, sp);
}

/* Gives up what is only needed to open things. */
static char *
leave_root(const struct recorder *r)
{
    struct sink_user user;
    char *error = sink_user_choose(&user, r->options, r->place.dirfd);

    if (!error) {
        error = sink_user_take_over(&user, &r->place);
    }
    if (!error) {
        error = privileges_drop(&user);
    }
    if (!error) {
        error = capture_place_check(&r->place, user.name);
    }
    sink_user_destroy(&user);
    return error;
}

/* Starts to record as 'options' say, and to tell 'report', which both are
 * lent and must outlive the recorder.  Returns NULL and stores the recorder in
 * '*rp', or returns a sentence that the caller must free.  Recording works
 * once 'report' tells REPORT_FIRST_FILE, and not at all if
 * REPORT_FIRST_FAILED. */
char *
recorder_start(const struct sink_options *options, struct report *report,
               struct recorder **rp)
{
    struct recorder *r = rec_xcalloc(1, sizeof *r);
    char *error;

    *rp = NULL;
    r->options = options;
    r->report = report;
    r->started = rec_time_wall();
    r->recordings = recordings_create();
    file_headers_init(&r->headers);
    r->place.dirfd = -1;
    error = options->relay ? NULL : capture_place_open(&r->place, options);
    if (!error) {
        error = open_source(options, &r->source);
    }
    if (!error) {
        error = (options->relay
                 ? relay_port_open(options->relay, options->interface,
                                   &r->port)
                 : make_ring(r));
    }
    if (!error) {
        error = capture_loop_take_priority(options->priority);
    }
    if (!error) {
        error = leave_root(r);
    }
    if (!error) {
        error = make_loop(r);
    }
    if (!error) {
        error = start_threads(r);
    }
    if (error) {
        recorder_destroy(r);
        return error;
    }
    *rp = r;
    return NULL;
}

/* Waits until everything is written, which recorder_stop() or the interface's
 * end must have set going, and frees 'r'. */
void
recorder_destroy(struct recorder *r)
{
    if (r) {
        capture_loop_join(r->loop);
        writer_join(r->writer);
        keeper_join(r->keeper);
        file_output_destroy(r->output);
        relay_output_destroy(r->relay);
        relay_port_close(r->port);
        segment_ring_destroy(r->ring);
        capture_source_close(r->source);
        capture_place_close(&r->place);
        recordings_destroy(r->recordings);
        file_headers_destroy(&r->headers);
        free(r);
    }
}

/* Lets the relay 'r' take the sample that its options say by now. */
static void
resample(struct recorder *r)
{
    struct capture_filter filter = get_filter(r->options);
    char *error = (r->stopping
                   ? NULL : capture_source_refilter(r->source, &filter));

    if (error) {
        report_set_error(r->report, REPORT_CAPTURE, "relay-error",
                         "takes the same sample as before: %s", error);
        free(error);
    } else {
        report_clear_error(r->report, REPORT_CAPTURE);
    }
}

/* From now on files are cut and kept as 'live' says, and frames taken. */
void
recorder_configure(struct recorder *r, const struct live_options *live)
{
    struct rotation_limits limits = get_file_limits(live);
    struct keeper_limits keeper_limits = get_keeper_limits(live);

    if (r->relay) {
        relay_output_set_byte_rate(r->relay, live->byte_rate);
        resample(r);
    } else {
        say_header(r);
        file_output_set_limits(r->output, &limits);
        file_output_set_byte_rate(r->output, decide_fs(r, live).byte_rate);
        keeper_set_limits(r->keeper, &keeper_limits);
    }
    capture_loop_wake(r->loop);
}

/* Ends the open file soon and starts the next one.  A relay has none. */
void
recorder_rotate(struct recorder *r)
{
    if (r->output) {
        file_output_rotate(r->output);
        capture_loop_wake(r->loop);
    }
}

/* Ends the recording: what arrived is still written, and then the report tells
 * REPORT_DONE. */
void
recorder_stop(struct recorder *r)
{
    r->stopping = true;
    capture_loop_stop(r->loop);
}

/* Stores in '*info' what is known of 'r'. */
void
recorder_get_info(const struct recorder *r, struct recorder_info *info)
{
    info->ifindex = capture_source_ifindex(r->source);
    info->buffer = capture_source_buffer(r->source);
    info->fs = decide_fs(r, &r->options->live);
    info->started = r->started;
    info->disk_free = info->disk_size = 0;
    if (r->keeper) {
        keeper_get_disk(r->keeper, &info->disk_free, &info->disk_size);
    }
}

/* Stores the counters in '*s'. */
void
recorder_get_counters(const struct recorder *r, struct accounting_snapshot *s)
{
    accounting_read(&r->accounting, s);
}

/* Returns what is known of the files.  It lives as long as 'r'. */
struct recordings *
recorder_get_recordings(const struct recorder *r)
{
    return r->recordings;
}
