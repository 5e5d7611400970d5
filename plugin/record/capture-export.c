/* SPDX-License-Identifier: Apache-2.0 */

/* Exports a time slice; see capture-export.h.
 *
 *   files of a stream, one after the other -> records within the slice, laid
 *   out anew -> merge -> output
 *
 * Losses noted with records that are not taken are carried to the stream's
 * next one that is, once the slice has begun. */

#include <config.h>

#include "capture-export.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture-reader.h"
#include "export-output.h"
#include "file-name.h"
#include "packet-merge.h"
#include "record-util.h"

/* A stream is in order but for this. */
#define WINDOW NSEC_PER_SEC

/* Bytes of packets that may wait for their place. */
#define MEMORY (64 << 20)

/* A file is left when so many packets one after the other are behind the end
 * of the slice: its clock will not go back any more. */
#define BEHIND_MAX 4096

/* Packets between two calls of 'poll'. */
#define POLL_PACKETS 4096

/* Files that are held open from the first look at them on, so that a ring that
 * goes on meanwhile does not take them away. */
#define OPEN_MAX 500

/* A stream at work. */
struct source {
    struct export_stream *stream;
    size_t next;                /* Of its files. */
    struct export_file *file;   /* At hand, or NULL. */
    struct capture_reader *reader;
    uint32_t *interfaces;       /* The output's for each of the reader's. */
    size_t n_interfaces;
    bool used;                  /* The file at hand gave a packet. */
    bool begun;                 /* The slice has. */
    uint64_t carried;           /* Losses. */
    uint64_t time;              /* Of the packet before. */
    unsigned int behind;        /* Packets behind the slice in a row. */
};

struct export {
    const struct export_options *options;
    struct export_result *result;
    struct export_output *output;
    struct packet_merge *merge;
    struct source *sources;
    size_t n_sources;
    size_t n_open;
    uint64_t n_steps;           /* Records looked at, about. */
    uint64_t written_time;      /* Of the packet written last. */
};

static void REC_PRINTF(2, 3)
note(struct export *e, const char *format, ...)
{
    char sentence[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    e->options->note(e->options->aux, sentence);
}

static bool
ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n >= m && !strcmp(s + n - m, end);
}

/* Opens the file called 'path'.  A file may have been closed, or compressed,
 * since its name was read.  Returns its descriptor, or -1 with errno set. */
static int
open_path(const char *path)
{
    int n = strlen(path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT && ends_with(path, FILE_NAME_PART)) {
        char *plain = rec_xstrndup(path, n - strlen(FILE_NAME_PART));

        fd = open_path(plain);
        free(plain);
    } else if (fd < 0 && errno == ENOENT && !ends_with(path, FILE_NAME_ZSTD)) {
        char *packed = rec_xasprintf("%s%s", path, FILE_NAME_ZSTD);

        fd = open(packed, O_RDONLY | O_CLOEXEC);
        free(packed);
    }
    return fd;
}

/* Returns a descriptor of 'file' at its start, or -1 with that said. */
static int
open_file(struct export *e, struct export_file *file)
{
    char buffer[128];
    int fd = file->fd;

    if (fd >= 0) {
        file->fd = -1;
        e->n_open--;
        lseek(fd, 0, SEEK_SET);
        return fd;
    }
    fd = open_path(file->path);
    if (fd < 0) {
        e->result->incomplete = true;
        note(e, "%s: %s, so what it has is not in the export", file->path,
             (errno == ENOENT ? "it was deleted meanwhile"
              : rec_strerror(errno, buffer, sizeof buffer)));
    }
    return fd;
}

/* Is any packet of 'file' within the slice, as far as is known? */
static bool
is_wanted(const struct export *e, const struct export_file *file)
{
    return (!file->gone && file->first <= e->options->to
            && file->last >= e->options->from);
}

/* Adds the reader's interface 'i' to the output.  Returns its number there. */
static uint32_t
add_interface(struct export *e, const struct export_file *file,
              const struct capture_reader *reader, uint32_t i)
{
    struct record_interface about = *capture_reader_interface(reader, i);

    if (!about.name) {
        about.name = file->interface;
    }
    if (!about.description) {
        about.description = file->description;
    }
    if (!about.filter) {
        about.filter = file->filter;
    }
    return export_output_add_interface(e->output, &about);
}

/* Adds the interfaces that are described at the start of 'file'. */
static void
look_at_file(struct export *e, struct export_file *file)
{
    struct capture_record record;
    struct capture_reader *reader;
    int fd = open_file(e, file);

    if (fd < 0) {
        /* Said once is enough. */
        file->gone = true;
        return;
    }
    if (e->n_open < OPEN_MAX) {
        file->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        e->n_open += file->fd >= 0;
    }
    reader = capture_reader_create(fd, false);
    while (capture_reader_next(reader, &record)
           && record.kind == CAPTURE_INTERFACE) {
        add_interface(e, file, reader, record.interface);
    }
    capture_reader_destroy(reader);
}

/* Says how the file at hand of 's' ended, if that is worth it, and lets go of
 * it. */
static void
close_source_file(struct export *e, struct source *s)
{
    const struct capture_facts *f = capture_reader_facts(s->reader);
    bool open = ends_with(s->file->path, FILE_NAME_PART);

    if (f->end != CAPTURE_OPEN && f->end != CAPTURE_WHOLE
        && !(open && f->end == CAPTURE_CUT)) {
        e->result->incomplete = true;
        note(e, "%s: readable up to byte %"PRIu64"%s: %s; what is behind it "
             "is not in the export", s->file->path, f->bytes,
             f->zstd ? " (unpacked)" : "", f->detail);
    }
    e->result->files += s->used;
    capture_reader_destroy(s->reader);
    s->reader = NULL;
    s->file = NULL;
}

/* Makes the next file of 's' that is wanted the one at hand.  Returns false if
 * there is none. */
static bool
open_source_file(struct export *e, struct source *s)
{
    while (s->next < s->stream->n) {
        struct export_file *file = &s->stream->files[s->next++];
        int fd = is_wanted(e, file) ? open_file(e, file) : -1;

        if (fd >= 0) {
            s->file = file;
            s->reader = capture_reader_create(fd, false);
            s->n_interfaces = 0;
            s->used = false;
            s->behind = 0;
            return true;
        }
    }
    return false;
}

/* Passes 'record' of 's', which is within the slice, to the merge. */
static void
take_packet(struct export *e, struct source *s, struct capture_record *record)
{
    const struct record_format *format = &record_format_pcapng;
    struct record_packet *packet = &record->packet;
    size_t size;

    packet->interface = s->interfaces[record->interface];
    packet->dropcount += s->carried;
    s->carried = 0;
    s->begun = true;
    s->used = true;
    size = format->packet_size(packet->caplen, packet->dropcount);
    format->packet(packet_merge_add(e->merge, s - e->sources, packet->time,
                                    size), packet);
    export_output_count(e->output, packet->interface, packet->time,
                        packet->dropcount);
    e->result->packets++;
    e->result->lost += packet->dropcount;
}

/* Does with 'record' of 's' what is to be done.  Returns false if the rest of
 * the file is behind the slice. */
static bool
take_record(struct export *e, struct source *s, struct capture_record *record)
{
    const struct export_options *o = e->options;
    struct record_packet *packet = &record->packet;

    if (record->kind == CAPTURE_INTERFACE) {
        s->interfaces = rec_xrealloc(
            s->interfaces, (record->interface + 1) * sizeof *s->interfaces);
        s->interfaces[record->interface]
            = add_interface(e, s->file, s->reader, record->interface);
        s->n_interfaces = record->interface + 1;
    }
    if (record->kind != CAPTURE_PACKET) {
        return true;
    }
    if (!packet->time) {
        packet->time = s->time;
    }
    s->time = packet->time;
    if (record->interface < s->n_interfaces && packet->time >= o->from
        && packet->time <= o->to) {
        s->behind = 0;
        take_packet(e, s, record);
        return true;
    }
    if (s->begun) {
        s->carried += packet->dropcount;
    }
    s->behind = (packet->time > o->to && packet->time - o->to > WINDOW
                 ? s->behind + 1 : 0);
    return s->behind < BEHIND_MAX;
}

/* Reads 's' up to its next packet, or its end. */
static void
read_source(struct export *e, struct source *s)
{
    struct capture_record record;
    uint64_t before = e->result->packets;

    while (e->result->packets == before) {
        if (!(++e->n_steps % POLL_PACKETS)) {
            e->options->poll(e->options->aux);
        }
        if (!s->reader && !open_source_file(e, s)) {
            packet_merge_end(e->merge, s - e->sources);
            return;
        }
        if (!capture_reader_next(s->reader, &record)
            || !take_record(e, s, &record)) {
            close_source_file(e, s);
        }
    }
}

/* Writes all that may be written now. */
static void
write_packets(struct export *e)
{
    const uint8_t *block;
    uint64_t time;
    size_t n;

    while ((block = packet_merge_take(e->merge, &time, &n)) != NULL) {
        struct export_result *r = e->result;

        export_output_write(e->output, block, n);
        r->disordered += time < e->written_time;
        e->written_time = REC_MAX(e->written_time, time);
        r->first = r->first ? REC_MIN(r->first, time) : time;
        r->last = REC_MAX(r->last, time);
    }
}

static void
start(struct export *e, struct export_stream *streams, size_t n)
{
    e->sources = rec_xcalloc(n, sizeof *e->sources);
    e->n_sources = n;
    for (size_t i = 0; i < n; i++) {
        e->sources[i].stream = &streams[i];
        for (size_t j = 0; j < streams[i].n; j++) {
            struct export_file *file = &streams[i].files[j];

            file->fd = -1;
            file->gone = false;
            if (is_wanted(e, file)) {
                look_at_file(e, file);
            }
        }
    }
    export_output_begin(e->output);
}

static void
finish(struct export *e)
{
    for (size_t i = 0; i < e->n_sources; i++) {
        struct source *s = &e->sources[i];

        capture_reader_destroy(s->reader);
        free(s->interfaces);
        for (size_t j = 0; j < s->stream->n; j++) {
            if (s->stream->files[j].fd >= 0) {
                close(s->stream->files[j].fd);
            }
        }
    }
    free(e->sources);
}

/* Writes the packets of the 'n' 'streams' that 'options' asks for to 'fd', and
 * stores in '*result' what became of them.  Returns 0, or a positive errno
 * value if writing failed. */
int
capture_export(struct export_stream *streams, size_t n,
               const struct export_options *options, int fd,
               struct export_result *result)
{
    struct export e = { .options = options, .result = result };
    size_t back;
    int error;

    memset(result, 0, sizeof *result);
    e.output = export_output_create(fd, options->application, options->os);
    e.merge = packet_merge_create(n, WINDOW, MEMORY);
    start(&e, streams, n);
    while (!export_output_error(e.output)
           && packet_merge_wants(e.merge, &back)) {
        read_source(&e, &e.sources[back]);
        write_packets(&e);
    }
    write_packets(&e);
    error = export_output_finish(e.output, &result->bytes);
    result->interfaces = export_output_n_interfaces(e.output);
    finish(&e);
    packet_merge_destroy(e.merge);
    export_output_destroy(e.output);
    return error;
}
