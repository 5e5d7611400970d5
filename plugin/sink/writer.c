/* SPDX-License-Identifier: Apache-2.0 */

/* The writer thread; see writer.h. */

#include <config.h>

#include "writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "accounting.h"
#include "capture-file.h"
#include "file-header.h"
#include "keeper.h"
#include "plugin/record/record-format.h"
#include "plugin/record/record-util.h"
#include "recordings.h"
#include "report.h"
#include "segment-ring.h"

/* A file that cannot be made is tried again after this time. */
#define RETRY_NS NSEC_PER_SEC

/* With so many segments waiting, nothing may keep the writer from the disk. */
#define BEHIND 2

struct writer {
    struct writer_config config;
    pthread_t thread;
    struct capture_file *file;  /* Or NULL. */
    struct file_header *header; /* Of the file being written. */
    uint64_t retry;             /* Monotonic time to try again. */
    struct accounting_snapshot before; /* When the last file was full. */
    uint64_t noted;             /* Losses noted in all files. */
    bool started;               /* The first file has got its header. */
    bool over_budget;           /* The last EDQUOT was the budget's. */
};

/* Returns true if 'error' says that the file system is full. */
static bool
is_full(int error)
{
    return error == ENOSPC || error == EDQUOT;
}

/* Says that writing failed with 'error'.  If it is for lack of room and the
 * capture is to end then, has it end. */
static void
complain(struct writer *w, const char *what, int error)
{
    char buffer[128];
    const char *text = (error == EDQUOT && w->over_budget
                        ? "all files together have reached the budget"
                        : rec_strerror(error, buffer, sizeof buffer));
    const char *code = is_full(error) ? "no-space" : "write-error";

    if (is_full(error) && keeper_stops_when_full(w->config.keeper)) {
        report_set_error(w->config.report, REPORT_WRITER, code,
                         "%s: %s; on-full=stop ends the recording", what,
                         text);
        report_set_event(w->config.report, REPORT_FULL);
    } else {
        report_set_error(w->config.report, REPORT_WRITER, code,
                         "%s: %s; frames are lost until this works again",
                         what, text);
    }
    if (error == EPIPE) {
        report_set_event(w->config.report, REPORT_READER_GONE);
    }
    if (!w->started) {
        report_set_event(w->config.report, REPORT_FIRST_FAILED);
    }
}

/* Counts 'packets' that are in no file, and whose records noted 'dropcount'
 * earlier losses. */
static void
lose(struct writer *w, uint64_t packets, uint64_t dropcount)
{
    struct accounting *a = w->config.accounting;

    accounting_add(&a->write_drop, packets);
    accounting_sub(&a->noted, dropcount);
    if (w->file) {
        w->file->stats.write_drop += packets;
    }
}

/* Returns what is to be told of the open file.  It lasts as long as that
 * does. */
static struct recording
describe_file(const struct writer *w)
{
    const struct capture_file *f = w->file;

    return (struct recording) {
        .name = f->name,
        .sequence = f->sequence,
        .state = RECORDING_OPEN,
        .first = f->stats.first,
        .last = f->stats.last,
        .packets = f->stats.packets,
        .bytes = f->size,
        .lost = f->stats.dropcount,
        .gaps = f->stats.gaps,
    };
}

/* Makes the next file, if none is open and it is time to. */
static void
open_file(struct writer *w)
{
    uint64_t now = rec_time_monotonic();
    struct recording recording;
    int error;

    if (w->file || now < w->retry) {
        return;
    }
    error = capture_file_create(w->config.place,
                                keeper_take_file(w->config.keeper), &w->file);
    if (error) {
        w->retry = (is_full(error) && keeper_make_room(w->config.keeper)
                    ? now : now + RETRY_NS);
        complain(w, "the capture file cannot be made", error);
        return;
    }
    w->file->header = file_header_ref(w->header);
    accounting_add(&w->config.accounting->files, 1);
    recording = describe_file(w);
    recordings_put(w->config.recordings, &recording);
    report_set_file(w->config.report, w->file->name);
    keeper_file_opened(w->config.keeper);
}

/* Returns what was counted until the file was full that ends with 's': by the
 * capture thread then, and by us, who have just come so far. */
static struct accounting_snapshot
get_counters(const struct writer *w, const struct segment *s)
{
    struct accounting_snapshot counters = s->counters, now;

    accounting_read(w->config.accounting, &now);
    counters.written = now.written;
    counters.write_drop = now.write_drop;
    counters.bytes = now.bytes;
    counters.files = now.files;
    counters.noted = w->noted;
    return counters;
}

/* Passes the open file to the keeper, if one is open. */
static void
close_file(struct writer *w, const struct segment *s)
{
    struct accounting_snapshot counters = get_counters(w, s);

    w->retry = 0;
    if (w->file) {
        w->file->stats.closed = rec_time_wall();
        w->file->counters = w->file->counters_since_open = counters;
        accounting_subtract(&w->file->counters_since_open, &w->before);
        keeper_close(w->config.keeper, w->file);
        w->file = NULL;
        report_set_file(w->config.report, NULL);
    }
    w->before = counters;
}

/* Writes the file's header, unless the file has it or 's' brings it. */
static int
write_header(struct writer *w, const struct segment *s)
{
    uint64_t size;
    int error;

    if (s->first || w->file->size) {
        return 0;
    }
    if (keeper_room(w->config.keeper) < w->header->len) {
        w->over_budget = true;
        return EDQUOT;
    }
    error = capture_file_append_raw(w->file, w->header->data, w->header->len,
                                    &size);
    if (error) {
        capture_file_cut(w->file, 0);
    } else {
        accounting_add(&w->config.accounting->bytes, size);
    }
    return error;
}

/* Notes that the file has got 'got' of 's'. */
static void
note_written(struct writer *w, const struct segment *s,
             const struct record_contents *got)
{
    struct capture_file_stats *stats = &w->file->stats;
    struct recording recording;

    accounting_add(&w->config.accounting->written, got->packets);
    accounting_add(&w->config.accounting->bytes, got->bytes);
    capture_file_note_gaps(w->file, s, got->packets);
    stats->packets += got->packets;
    stats->dropcount += got->dropcount;
    w->noted += got->dropcount;
    if (got->packets) {
        if (!stats->first || s->first_time < stats->first) {
            stats->first = s->first_time;
        }
        stats->last = REC_MAX(stats->last, s->last_time);
    }
    recording = describe_file(w);
    recordings_grow(w->config.recordings, &recording);
    if (!w->started && got->bytes) {
        w->started = true;
        report_set_event(w->config.report, REPORT_FIRST_FILE);
    }
}

/* Returns the losses noted before the first 'packets' packets of 's', as far
 * as they are listed. */
static uint64_t
get_noted(const struct segment *s, uint64_t packets)
{
    uint64_t noted = 0;

    for (uint64_t i = 0; i < REC_MIN(s->gaps, (uint64_t) SEGMENT_GAPS_MAX)
                         && s->gap_list[i].after_packet < packets; i++) {
        noted += s->gap_list[i].lost;
    }
    return noted;
}

/* Appends 's' to the open file, and adds to '*got' what of it is there.  If it
 * could not be written entirely, the file ends with the last whole record that
 * could. */
static int
append(struct writer *w, const struct segment *s, struct record_contents *got)
{
    const uint8_t *data = s->data + s->carry;
    size_t n = s->len - s->carry;
    uint64_t before = w->file->size;
    struct record_contents more = { .bytes = n - got->bytes };
    uint64_t room = keeper_room(w->config.keeper);
    uint64_t after;
    int error;

    w->over_budget = room < more.bytes;
    if (w->over_budget) {
        error = capture_file_append_raw(w->file, data + got->bytes, room,
                                        &after);
        error = error ? error : EDQUOT;
    } else {
        error = (got->bytes
                 ? capture_file_append_raw(w->file, data + got->bytes,
                                           more.bytes, &after)
                 : capture_file_append(w->file, s, &after));
    }
    if (error) {
        more = w->config.format->walk(data + got->bytes, after - before,
                                      s->first && !got->bytes);
        capture_file_cut(w->file, before + more.bytes);
        got->packets += more.packets;
        got->dropcount = (w->config.format->summary
                          ? got->dropcount + more.dropcount
                          : get_noted(s, got->packets));
    } else {
        got->packets = s->packets;
        got->dropcount = s->dropcount;
    }
    got->bytes += more.bytes;
    keeper_file_grew(w->config.keeper, w->file->size);
    return error;
}

/* Puts 's' into the open file, or as much of it as there is room for. */
static int
write_segment(struct writer *w, const struct segment *s)
{
    struct record_contents got = { 0 };
    int error;

    do {
        error = write_header(w, s);
        error = error ? error : append(w, s, &got);
    } while (is_full(error) && !w->file->stream
             && keeper_make_room(w->config.keeper));
    if (error) {
        lose(w, s->packets - got.packets, s->dropcount - got.dropcount);
    }
    note_written(w, s, &got);
    return error;
}

static void
take_segment(struct writer *w, const struct segment *s)
{
    if (s->first) {
        file_header_unref(w->header);
        w->header = s->header;
    }
    open_file(w);
    if (!w->file) {
        lose(w, s->packets, s->dropcount);
    } else if (w->started && keeper_is_starved(w->config.keeper)) {
        lose(w, s->packets, s->dropcount);
        if (keeper_stops_when_full(w->config.keeper)) {
            report_set_event(w->config.report, REPORT_FULL);
        }
    } else {
        int error = write_segment(w, s);

        if (error) {
            complain(w, "the capture file cannot be written", error);
        } else if (s->len > s->carry) {
            report_clear_error(w->config.report, REPORT_WRITER);
        }
    }
    if (s->last) {
        close_file(w, s);
    }
}

static void *
writer_thread(void *w_)
{
    struct writer *w = w_;
    bool end;

    do {
        const struct segment *s = segment_ring_get_filled(w->config.ring);

        keeper_press(w->config.keeper, (segment_ring_waiting(w->config.ring)
                                        >= BEHIND));
        take_segment(w, s);
        end = s->end;
        segment_ring_put_free(w->config.ring);
    } while (!end);
    file_header_unref(w->header);
    keeper_finish(w->config.keeper);
    return NULL;
}

/* Starts the thread.  It ends after the segment that says so; then all files
 * were passed to the keeper.  Returns NULL if it cannot be started; otherwise
 * the caller must writer_join() it. */
struct writer *
writer_start(const struct writer_config *config)
{
    struct writer *w = rec_xcalloc(1, sizeof *w);

    w->config = *config;
    if (pthread_create(&w->thread, NULL, writer_thread, w)) {
        free(w);
        return NULL;
    }
    return w;
}

/* Waits for the thread's end and frees 'w'. */
void
writer_join(struct writer *w)
{
    if (w) {
        pthread_join(w->thread, NULL);
        free(w);
    }
}
