/* SPDX-License-Identifier: Apache-2.0 */

/* Checks a capture file; see capture-check.h. */

#include <config.h>

#include "capture-check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "record-util.h"

/* What was seen of an interface. */
struct seen {
    uint64_t packets;
    struct capture_summary summary;     /* The last one. */
};

/* A check that goes on. */
struct run {
    struct capture_check *check;
    struct capture_reader *reader;
    struct seen *seen;          /* One for each interface. */
    size_t n_seen;
    uint64_t time;              /* Of the packet before. */
};

/* Notes something that is wrong with the file. */
static void REC_PRINTF(2, 3)
complain(struct capture_check *check, const char *format, ...)
{
    va_list args;
    char *text;

    if (check->n_problems == CAPTURE_CHECK_PROBLEMS) {
        return;
    }
    va_start(args, format);
    if (vasprintf(&text, format, args) >= 0) {
        check->problems[check->n_problems++] = text;
    }
    va_end(args);
}

/* Makes 'claims' say nothing. */
void
capture_claims_init(struct capture_claims *claims)
{
    *claims = (struct capture_claims) {
        .packets = CAPTURE_UNKNOWN,
        .lost = CAPTURE_UNKNOWN,
        .gaps = CAPTURE_UNKNOWN,
        .bytes = CAPTURE_UNKNOWN,
        .packed_bytes = CAPTURE_UNKNOWN,
    };
}

static void
add_interface(struct run *run, uint32_t interface)
{
    run->seen = rec_xrealloc(run->seen,
                             (interface + 1) * sizeof *run->seen);
    memset(&run->seen[interface], 0, sizeof *run->seen);
    run->n_seen = interface + 1;
    run->check->interfaces++;
}

static void
add_gap(struct capture_check *check, const struct record_packet *packet)
{
    size_t i = check->n_gaps++;

    check->lost += packet->dropcount;
    if (i < CAPTURE_CHECK_GAPS) {
        if (!check->gaps) {
            check->gaps = rec_xcalloc(CAPTURE_CHECK_GAPS,
                                      sizeof *check->gaps);
        }
        check->gaps[i] = (struct capture_gap) {
            check->packets, packet->time, packet->dropcount,
        };
    }
}

/* Compares the time of a packet with the one before. */
static void
add_time(struct run *run, uint64_t time)
{
    struct capture_check *check = run->check;

    if (run->time > time) {
        uint64_t step = run->time - time;

        check->steps_back++;
        if (step > check->largest_step) {
            check->largest_step = step;
            check->largest_step_packet = check->packets;
        }
    }
    run->time = time;
    check->first = (check->first ? REC_MIN(check->first, time) : time);
    check->last = REC_MAX(check->last, time);
}

static void
add_packet(struct run *run, const struct capture_record *record)
{
    const struct record_packet *packet = &record->packet;
    struct capture_check *check = run->check;

    check->packets++;
    check->data_bytes += packet->caplen;
    if (packet->dropcount) {
        add_gap(check, packet);
    }
    if (packet->time) {
        add_time(run, packet->time);
    }
    if (record->interface < run->n_seen) {
        run->seen[record->interface].packets++;
    }
}

/* Counters of 'name' that were 'before' and are 'now' must not go back. */
static void
check_forward(struct capture_check *check, uint64_t offset, const char *name,
              uint64_t before, uint64_t now)
{
    if (now < before) {
        complain(check, "the summary at byte %"PRIu64" says %s %"PRIu64", the "
                 "one before it %"PRIu64, offset, name, now, before);
    }
}

/* Our summaries are taken where they stand, by the thread that counts: they
 * agree with each other and with what is before them. */
static void
add_summary(struct run *run, const struct capture_record *record)
{
    const struct capture_summary *s = &record->summary;
    struct capture_check *check = run->check;
    struct seen *seen;

    check->summaries++;
    if (record->interface >= run->n_seen
        || !capture_reader_facts(run->reader)->ours
        || s->accepted == CAPTURE_UNKNOWN || s->os_dropped == CAPTURE_UNKNOWN
        || s->delivered == CAPTURE_UNKNOWN) {
        return;
    }
    seen = &run->seen[record->interface];
    check_forward(check, record->offset, "filteraccept",
                  seen->summary.accepted, s->accepted);
    check_forward(check, record->offset, "osdrop", seen->summary.os_dropped,
                  s->os_dropped);
    if (s->delivered > s->accepted
        || s->os_dropped > s->accepted - s->delivered) {
        complain(check, "the summary at byte %"PRIu64" does not add up: "
                 "usrdeliv %"PRIu64" and osdrop %"PRIu64" of filteraccept "
                 "%"PRIu64, record->offset, s->delivered, s->os_dropped,
                 s->accepted);
    }
    if (seen->packets > s->delivered) {
        complain(check, "the summary at byte %"PRIu64" says that %"PRIu64
                 " packets were delivered, %"PRIu64" are before it",
                 record->offset, s->delivered, seen->packets);
    }
    seen->summary = *s;
}

static void
read_all(struct run *run)
{
    struct capture_record record;

    while (capture_reader_next(run->reader, &record)) {
        switch (record.kind) {
        case CAPTURE_INTERFACE:
            add_interface(run, record.interface);
            break;
        case CAPTURE_PACKET:
            add_packet(run, &record);
            break;
        case CAPTURE_SUMMARY:
            add_summary(run, &record);
            break;
        }
    }
}

/* Complains about the end of the file.  One that is 'open' may end within a
 * record, which is on its way. */
static void
judge_end(struct capture_check *check, bool open)
{
    const struct capture_facts *f = &check->facts;

    for (size_t i = 0; i < REC_MIN(f->n_flaws, (uint64_t) CAPTURE_FLAWS);
         i++) {
        complain(check, "at byte %"PRIu64"%s: %s", f->flaws[i].offset,
                 f->zstd ? " (unpacked)" : "", f->flaws[i].text);
    }
    if (f->n_flaws > CAPTURE_FLAWS) {
        complain(check, "and %"PRIu64" more of this kind",
                 f->n_flaws - CAPTURE_FLAWS);
    }
    if (f->end == CAPTURE_WHOLE || (open && f->end == CAPTURE_CUT)) {
        return;
    }
    if (f->end == CAPTURE_FOREIGN) {
        complain(check, "%s", f->detail);
    } else {
        complain(check, "readable up to byte %"PRIu64"%s: %s", f->bytes,
                 f->zstd ? " (unpacked)" : "", f->detail);
    }
}

static void
judge_number(struct capture_check *check, const char *what, uint64_t claimed,
             uint64_t found)
{
    if (claimed != CAPTURE_UNKNOWN && claimed != found) {
        complain(check, "the manifest says %"PRIu64" %s, the file has %"PRIu64,
                 claimed, what, found);
    }
}

/* Is the sum of the file what 'claims' says, and so that of the compressed
 * one, if it is that?  True if they say nothing. */
bool
capture_check_sums_right(const struct capture_check *check,
                         const struct capture_claims *claims)
{
    return ((!claims->sha256[0] || !strcmp(claims->sha256, check->sha256))
            && (!check->facts.zstd || !claims->packed_sha256[0]
                || !strcmp(claims->packed_sha256, check->sha256_stored)));
}

/* Compares the file with its manifest.  Classic pcap cannot say what was
 * lost. */
static void
judge_claims(struct capture_check *check, const struct capture_claims *claims)
{
    const struct capture_facts *f = &check->facts;

    judge_number(check, "packets", claims->packets, check->packets);
    if (strcmp(f->format, "pcap")) {
        judge_number(check, "lost", claims->lost, check->lost);
        judge_number(check, "gaps", claims->gaps, check->n_gaps);
    }
    if (!f->zstd || f->end == CAPTURE_WHOLE) {
        judge_number(check, "bytes", claims->bytes,
                     f->zstd ? f->bytes : check->size);
    }
    if (f->zstd) {
        judge_number(check, "bytes when compressed", claims->packed_bytes,
                     check->size);
    }
    if (!capture_check_sums_right(check, claims)) {
        complain(check, "SHA-256 is not what the manifest says: the content "
                 "was changed after the file was closed");
    }
}

/* Reads the file 'fd', which this closes, to its end and stores in '*check'
 * all that can be said about it.  'open' says that it is still being written.
 * 'claims' is what its manifest says, or NULL.  The caller must destroy
 * '*check'. */
void
capture_check_run(struct capture_check *check, int fd, bool open,
                  const struct capture_claims *claims)
{
    bool sums = claims && (claims->sha256[0] || claims->packed_sha256[0]);
    struct run run = { .check = check };
    struct stat st;

    memset(check, 0, sizeof *check);
    check->size = fstat(fd, &st) ? 0 : st.st_size;
    run.reader = capture_reader_create(fd, sums);
    read_all(&run);
    if (sums) {
        check->has_sums = true;
        capture_reader_finish(run.reader, check->sha256,
                              check->sha256_stored);
    }
    check->facts = *capture_reader_facts(run.reader);
    judge_end(check, open);
    if (check->largest_step > CAPTURE_CHECK_STEP) {
        complain(check, "packet %"PRIu64" is %"PRIu64" ms earlier than the "
                 "one before it", check->largest_step_packet,
                 check->largest_step / NSEC_PER_MSEC);
    }
    if (claims) {
        judge_claims(check, claims);
    }
    capture_reader_destroy(run.reader);
    free(run.seen);
}

/* Frees what '*check' holds. */
void
capture_check_destroy(struct capture_check *check)
{
    for (size_t i = 0; i < check->n_problems; i++) {
        free(check->problems[i]);
    }
    free(check->gaps);
}
