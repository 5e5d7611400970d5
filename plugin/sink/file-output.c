/* SPDX-License-Identifier: Apache-2.0 */

/* Lays frames into segments for the writer; see file-output.h. */

#include <config.h>

#include "file-output.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "accounting.h"
#include "capture-source.h"
#include "file-header.h"
#include "frame-cap.h"
#include "loss-notes.h"
#include "plugin/record/pcapng-packet.h"
#include "plugin/record/record-format.h"
#include "plugin/record/record-util.h"
#include "segment-ring.h"

/* A summary is written after this time if there were frames meanwhile. */
#define SUMMARY_NS (10 * NSEC_PER_SEC)

#define WAIT_MS 100

static const uint8_t nothing[1];

struct file_output {
    struct file_output_config config;

    /* Asked by the main thread. */
    atomic_bool rotate;
    pthread_mutex_t mutex;
    struct rotation_limits limits;

    /* Of the capture thread alone. */
    struct segment *segment;    /* Being filled, or 'none'. */
    struct segment none;        /* Stands for no segment: it is full. */
    size_t limit;               /* A segment is full with so many bytes, and
                                 * has room for a summary. */
    size_t end;                 /* Up to here... */
    uint64_t until;             /* ...and with time stamps before that, frames
                                 * need no second look; see set_end(). */
    const uint8_t *tail;        /* What the next segment starts with... */
    size_t carry;               /* ...and its length. */
    bool new_file;              /* The next segment starts a file. */
    struct rotation rotation;
    struct loss_notes notes;    /* Losses for later frames' records. */
    uint64_t unnoted;           /* Losses for the next frame's record. */
    struct frame_cap cap;
    uint64_t capped_bytes;      /* What of 'rotation' the cap knows of... */
    uint64_t capped_packets;    /* ...already. */
    uint64_t next_summary;
    uint64_t summary_packets;   /* Delivered when the last was written. */

    /* Not in 'config.accounting' yet. */
    uint64_t queued;
    uint64_t ring_drop;
    uint64_t cap_drop;
    uint64_t note_in;           /* With so many of these there is more to
                                 * note. */
};

static bool
has_segment(const struct file_output *out)
{
    return out->segment != &out->none;
}

/* Sets 'out->end' and 'out->until': as long as a segment has no more bytes, a
 * frame is just laid down, because there is room for it in the segment, in the
 * file and in what the cap on bytes allows, there is no loss to be noted, and
 * so on.  To be called whenever something of that may have changed. */
static void
set_end(struct file_output *out)
{
    const struct rotation *r = &out->rotation;
    const struct byte_cap *cap = &out->cap.cap;
    uint64_t room = out->limit - REC_MIN(out->limit, out->segment->len);

    out->capped_bytes = r->bytes;
    out->capped_packets = r->packets;
    out->end = 0;
    out->until = UINT64_MAX;
    if (out->config.format != &record_format_pcapng || !room
        || out->unnoted || out->notes.n || cap->step || r->limits.packets
        || !r->packets) {
        return;
    }
    if (r->limits.bytes) {
        room = REC_MIN(room,
                       r->limits.bytes - REC_MIN(r->limits.bytes,
                                                 r->bytes + r->reserve));
    }
    if (cap->rate) {
        room = REC_MIN(room, (uint64_t) REC_MAX(cap->left, 0));
        out->until = cap->start + BYTE_CAP_SLOT_NS;
    }
    out->end = out->segment->len + room;
}

/* Tells the cap on bytes what was laid down since set_end(). */
static void
tell_cap(struct file_output *out)
{
    const struct rotation *r = &out->rotation;

    byte_cap_add(&out->cap.cap, r->packets - out->capped_packets,
                 r->bytes - out->capped_bytes,
                 out->config.format->packet_size(BYTE_CAP_SLICE, 0));
    out->capped_bytes = r->bytes;
    out->capped_packets = r->packets;
}

/* Tells the next frame what was lost before it. */
static void
note_losses(struct file_output *out)
{
    struct accounting_snapshot s;
    uint64_t unnoted, held;

    if (!out->config.noting) {
        return;
    }
    accounting_read(out->config.accounting, &s);
    loss_notes_update(&out->notes, s.ps_drop, s.ps_recv - s.ps_drop,
                      s.delivered);
    unnoted = accounting_unnoted(&s);
    held = loss_notes_held(&out->notes);
    out->unnoted = unnoted > held ? unnoted - held : 0;
    out->note_in = loss_notes_next(&out->notes) - s.delivered;
}

/* Brings our counters up to date, and tells the next frame what is known to be
 * lost. */
static void
settle(struct file_output *out)
{
    struct accounting *a = out->config.accounting;

    accounting_add(&a->delivered,
                   out->queued + out->ring_drop + out->cap_drop);
    accounting_add(&a->queued, out->queued);
    accounting_add(&a->ring_drop, out->ring_drop);
    accounting_add(&a->cap_drop, out->cap_drop);
    out->queued = out->ring_drop = out->cap_drop = 0;
    note_losses(out);
}

/* Brings all counters up to date. */
static void
count(struct file_output *out)
{
    capture_source_count(out->config.source, out->config.accounting);
    settle(out);
}

/* Starts a file in the segment, which must be empty. */
static void
start_file(struct file_output *out, uint64_t now)
{
    const struct file_output_config *c = &out->config;
    struct segment *s = out->segment;

    s->header = file_headers_get(c->headers);
    memcpy(s->data, s->header->data, s->header->len);
    s->len = s->header->len;
    s->first = true;
    out->new_file = false;
    byte_cap_charge(&out->cap.cap, s->len);
    rotation_open(&out->rotation, now, s->header->len,
                  c->format->summary ? RECORD_SUMMARY_MAX : 0);
}

/* Gets a segment, if there is none, and goes on in it.  Returns false if none
 * is free, and if 'wait' only after having waited a while. */
static bool
get_segment(struct file_output *out, bool wait)
{
    struct segment *s;

    if (has_segment(out)) {
        return true;
    }
    s = segment_ring_get_free(out->config.ring, wait ? WAIT_MS : 0);
    if (!s) {
        return false;
    }
    memmove(s->data, out->tail, out->carry);
    s->carry = s->len = out->carry;
    out->segment = s;
    if (out->new_file) {
        start_file(out, rec_time_monotonic());
    }
    return true;
}

/* The same, but waits however long it takes. */
static void
wait_for_segment(struct file_output *out)
{
    while (!get_segment(out, true)) {
        count(out);
    }
}

/* Passes the segment on.  The next one goes on where it ends: a file's pages
 * must each be whole in one segment, so what is beyond the last whole page is
 * there once more.  It stays in memory until the next segment is got, even if
 * that is the same again, because nobody else fills any. */
static void
pass_on(struct file_output *out)
{
    const struct segment *old = out->segment;

    out->new_file = old->last;
    out->carry = old->last ? 0 : old->len % SEGMENT_PAGE;
    out->tail = old->data + old->len - out->carry;
    out->segment = &out->none;
    segment_ring_put_filled(out->config.ring);
    if (out->config.drop) {
        get_segment(out, false);
    } else {
        wait_for_segment(out);
    }
}

/* Lays the counters into the file.  There is always room for them. */
static void
put_summary(struct file_output *out)
{
    const struct file_output_config *c = &out->config;
    struct segment *s = out->segment;
    struct accounting_snapshot a;
    size_t n;

    if (!c->format->summary) {
        return;
    }
    count(out);
    accounting_read(c->accounting, &a);
    n = c->format->summary(s->data + s->len, &(struct record_summary) {
        .start = c->started,
        .end = rec_time_wall(),
        .arrived = a.rx,
        .port_drop = a.port_drop,
        .received = a.ps_recv,
        .dropped = a.ps_drop,
        .delivered = a.queued - a.write_drop,
    });
    s->len += n;
    out->rotation.bytes += n;
    byte_cap_charge(&out->cap.cap, n);
    out->summary_packets = a.delivered;
}

/* Ends the file in the segment, with all that was counted until now. */
static void
end_file(struct file_output *out)
{
    put_summary(out);
    count(out);
    accounting_read(out->config.accounting, &out->segment->counters);
    out->segment->last = true;
}

/* Ends the file and starts the next one.  There must be a segment. */
static void
rotate(struct file_output *out)
{
    end_file(out);
    pass_on(out);
    if (has_segment(out) && segment_ring_has_free(out->config.ring)) {
        /* So that there is always an open file to be seen. */
        pass_on(out);
    }
}

/* Notes in 's' that it has got a packet of 'time'. */
static void
describe(struct segment *s, uint64_t time)
{
    if (!s->packets++ || time < s->first_time) {
        s->first_time = time;
    }
    if (time > s->last_time) {
        s->last_time = time;
    }
}

/* Notes in 's' what was lost before 'packet', which it is yet to get. */
static void
describe_gap(struct segment *s, const struct record_packet *packet)
{
    if (s->gaps < SEGMENT_GAPS_MAX) {
        s->gap_list[s->gaps] = (struct segment_gap) {
            .after_packet = s->packets,
            .time = packet->time,
            .lost = packet->dropcount,
        };
    }
    s->dropcount += packet->dropcount;
    s->gaps++;
}

/* Makes room for a record of 'size' bytes in the file that it belongs in.
 * Returns false if there is none, and it was not to be waited for. */
static bool
make_room(struct file_output *out, size_t size)
{
    if (!get_segment(out, false)) {
        return false;
    }
    if (rotation_due_before(&out->rotation, size)) {
        rotate(out);
    }
    if (has_segment(out) && out->segment->len + size > out->limit) {
        pass_on(out);
    }
    return has_segment(out);
}

/* Leaves a frame out, and counts it in '*counter'. */
static void
leave_out(struct file_output *out, uint64_t *counter)
{
    ++*counter;
    if (out->config.noting) {
        out->unnoted++;
    }
}

/* Cuts 'packet' if the cap on bytes wants that.  Returns false if it wants the
 * packet left out. */
static bool
fit_into_cap(struct file_output *out, struct record_packet *packet)
{
    const struct record_format *format = out->config.format;
    uint32_t cut = REC_MIN(packet->caplen, (uint32_t) BYTE_CAP_SLICE);

    switch (byte_cap_decide(
                &out->cap.cap, packet->time,
                format->packet_size(packet->caplen, packet->dropcount),
                format->packet_size(cut, packet->dropcount))) {
    case BYTE_CAP_TAKE:
        return true;
    case BYTE_CAP_CUT:
        packet->caplen = cut;
        return true;
    case BYTE_CAP_LEAVE:
        break;
    }
    return false;
}

/* Returns the losses that the next frame is to tell of. */
static uint64_t
get_dropcount(struct file_output *out)
{
    if (out->queued + out->ring_drop + out->cap_drop >= out->note_in) {
        settle(out);
    }
    return out->unnoted;
}

/* Takes a frame that needs a second look. */
static void
take_slowly(struct file_output *out, const struct pcap_pkthdr *h,
            const u_char *data)
{
    const struct record_format *format = out->config.format;
    struct record_packet packet = {
        .data = data,
        .time = h->ts.tv_sec * NSEC_PER_SEC + h->ts.tv_usec,
        .dropcount = get_dropcount(out),
        .caplen = REC_MIN(h->caplen, out->config.snaplen),
        .len = h->len,
    };
    struct segment *s = out->segment;
    size_t size;

    tell_cap(out);
    if (out->cap.cap.rate && !fit_into_cap(out, &packet)) {
        leave_out(out, &out->cap_drop);
        return;
    }
    size = format->packet_size(packet.caplen, packet.dropcount);
    if (s->len + size > out->limit
        || rotation_due_before(&out->rotation, size)) {
        if (!make_room(out, size)) {
            leave_out(out, &out->ring_drop);
            return;
        }
        s = out->segment;
    }
    format->packet(s->data + s->len, &packet);
    s->len += size;
    if (packet.dropcount) {
        describe_gap(s, &packet);
        accounting_add(&out->config.accounting->noted, packet.dropcount);
        out->unnoted = 0;
    }
    describe(s, packet.time);
    rotation_add(&out->rotation, size);
    out->queued++;
}

/* Takes one frame.  Called by libpcap.  This is what a capture's processor
 * time goes to. */
static void
take(u_char *out_, const struct pcap_pkthdr *h, const u_char *data)
{
    struct file_output *out = (struct file_output *) out_;
    uint32_t caplen = REC_MIN(h->caplen, out->config.snaplen);
    size_t size = pcapng_packet_block_size(caplen);
    uint64_t time = h->ts.tv_sec * NSEC_PER_SEC + h->ts.tv_usec;
    struct segment *s = out->segment;
    uint8_t *end;

    if (s->len + size > out->end || time >= out->until) {
        take_slowly(out, h, data);
        set_end(out);
        return;
    }
    end = pcapng_put_packet(s->data + s->len, size, 0, time, data, caplen,
                            h->len);
    pcapng_set_32(end, size);
    s->len += size;
    describe(s, time);
    rotation_add(&out->rotation, size);
    out->queued++;
}

/* Writes a summary if it is time to and something came, but not where the one
 * at the end of the file may have to go. */
static void
put_summary_if_due(struct file_output *out, uint64_t now)
{
    struct accounting_snapshot a;

    if (now >= out->next_summary
        && out->segment->len + RECORD_SUMMARY_MAX <= out->limit) {
        out->next_summary = now + SUMMARY_NS;
        accounting_read(out->config.accounting, &a);
        if (a.delivered != out->summary_packets) {
            put_summary(out);
        }
    }
}

/* Does what is to be done for the file now and then. */
static void
look_at_file(struct file_output *out, uint64_t now)
{
    if (atomic_exchange(&out->rotate, false)
        || rotation_due_on_time(&out->rotation, now)) {
        rotate(out);
    } else {
        put_summary_if_due(out, now);
    }

    /* If the writer is behind, it has enough to do: the segment can wait, and
     * what matters is to take frames. */
    if (has_segment(out) && out->segment->len > out->segment->carry
        && segment_ring_has_free(out->config.ring)) {
        pass_on(out);
    }
}

/* Brings everything up to date between lots of frames. */
static void
settle_all(void *out_)
{
    struct file_output *out = out_;

    tell_cap(out);
    settle(out);
    set_end(out);
}

/* Does what is to be done now and then, also when no frames come. */
static bool
tick(void *out_, uint64_t now)
{
    struct file_output *out = out_;

    tell_cap(out);
    settle(out);
    pthread_mutex_lock(&out->mutex);
    out->rotation.limits = out->limits;
    pthread_mutex_unlock(&out->mutex);
    frame_cap_tick(&out->cap, atomic_load(&out->config.accounting->delivered),
                   out->config.snaplen, out->config.report);
    if (get_segment(out, false)) {
        look_at_file(out, now);
    }
    set_end(out);
    return true;
}

static void
begin(void *out_, uint64_t now)
{
    struct file_output *out = out_;

    out->next_summary = now + SUMMARY_NS;
    frame_cap_begin(&out->cap);
    wait_for_segment(out);
}

/* Ends the last file. */
static void
end(void *out_)
{
    struct file_output *out = out_;

    settle(out);
    wait_for_segment(out);
    end_file(out);
    out->segment->end = true;
    segment_ring_put_filled(out->config.ring);
}

const struct capture_output file_output_class = {
    .take = take,
    .begin = begin,
    .settle = settle_all,
    .tick = tick,
    .end = end,
};

/* Returns a new output, with no file open yet.  Files end at 'limits'. */
struct file_output *
file_output_create(const struct file_output_config *config,
                   const struct rotation_limits *limits)
{
    struct file_output *out = rec_xcalloc(1, sizeof *out);

    out->config = *config;
    out->limits = out->rotation.limits = *limits;
    out->limit = segment_ring_size(config->ring) - RECORD_SUMMARY_MAX;
    out->none.len = out->limit;
    out->segment = &out->none;
    out->tail = nothing;
    out->new_file = true;
    out->note_in = UINT64_MAX;
    pthread_mutex_init(&out->mutex, NULL);
    return out;
}

/* Frees 'out', which no thread may use any more. */
void
file_output_destroy(struct file_output *out)
{
    if (out) {
        pthread_mutex_destroy(&out->mutex);
        free(out);
    }
}

/* From now on files end at 'limits'. */
void
file_output_set_limits(struct file_output *out,
                       const struct rotation_limits *limits)
{
    pthread_mutex_lock(&out->mutex);
    out->limits = *limits;
    pthread_mutex_unlock(&out->mutex);
}

/* From now on no more than 'byte_rate' bytes per second are laid down, or as
 * many as come if it is 0. */
void
file_output_set_byte_rate(struct file_output *out, uint64_t byte_rate)
{
    frame_cap_set_rate(&out->cap, byte_rate);
}

/* Ends the open file soon and starts the next one. */
void
file_output_rotate(struct file_output *out)
{
    atomic_store(&out->rotate, true);
}
