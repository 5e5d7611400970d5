/* SPDX-License-Identifier: Apache-2.0 */

/* Writes an exported file; see export-output.h. */

#include <config.h>

#include "export-output.h"

#include <stdlib.h>
#include <string.h>

#include "record-util.h"

#define BUFFER_SIZE (1 << 20)

/* An interface, and what was counted of it. */
struct interface {
    struct record_interface about;      /* Owns its texts. */
    uint64_t packets, lost;
    uint64_t first, last;
};

struct export_output {
    int fd;
    int error;                  /* Positive errno value of the first. */
    bool begun;
    char *application, *os;
    uint32_t snaplen;           /* Of all interfaces. */
    struct interface *interfaces;
    size_t n_interfaces, allocated_interfaces;

    uint8_t *buffer;
    size_t len;
    uint64_t bytes;             /* Written. */
};

/* Returns a file that goes to 'fd', which stays the caller's.  The caller must
 * destroy it. */
struct export_output *
export_output_create(int fd, const char *application, const char *os)
{
    struct export_output *out = rec_xcalloc(1, sizeof *out);

    out->fd = fd;
    out->application = rec_xstrdup(application);
    out->os = rec_xstrdup(os);
    out->buffer = rec_xcalloc(1, BUFFER_SIZE);
    return out;
}

/* Frees 'out', which may be NULL. */
void
export_output_destroy(struct export_output *out)
{
    if (!out) {
        return;
    }
    for (size_t i = 0; i < out->n_interfaces; i++) {
        struct record_interface *about = &out->interfaces[i].about;

        free((char *) about->name);
        free((char *) about->description);
        free((char *) about->filter);
        free((char *) about->os);
    }
    free(out->interfaces);
    free(out->application);
    free(out->os);
    free(out->buffer);
    free(out);
}

static void
write_fully(struct export_output *out, const uint8_t *data, size_t n)
{
    size_t done = 0;

    if (!out->error) {
        out->error = rec_write_all(out->fd, data, n, &done);
        out->bytes += done;
    }
}

static void
flush(struct export_output *out)
{
    write_fully(out, out->buffer, out->len);
    out->len = 0;
}

/* Appends the 'n' bytes at 'data'. */
void
export_output_write(struct export_output *out, const void *data, size_t n)
{
    if (n > BUFFER_SIZE - out->len) {
        flush(out);
    }
    if (n > BUFFER_SIZE) {
        write_fully(out, data, n);
    } else {
        memcpy(out->buffer + out->len, data, n);
        out->len += n;
    }
}

static bool
is_same_text(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

static bool
is_same_interface(const struct record_interface *a,
                  const struct record_interface *b)
{
    return a->linktype == b->linktype && a->speed == b->speed
           && is_same_text(a->name, b->name)
           && is_same_text(a->description, b->description)
           && is_same_text(a->filter, b->filter)
           && is_same_text(a->os, b->os);
}

static const char *
copy_text(const char *text)
{
    return text && text[0] ? rec_xstrdup(text) : NULL;
}

static void
write_interface(struct export_output *out, size_t i)
{
    struct record_interface about = out->interfaces[i].about;
    uint8_t *block = rec_xcalloc(1, RECORD_HEADER_MAX);

    about.snaplen = out->snaplen;
    export_output_write(out, block, record_format_interface(block, &about));
    free(block);
}

/* Returns the number of interface 'about' in the file, which is described in
 * it from now on.  Interfaces that differ in nothing but the snap length are
 * one. */
uint32_t
export_output_add_interface(struct export_output *out,
                            const struct record_interface *about)
{
    struct interface *iface;
    size_t i;

    if (!out->begun) {
        bool unlimited = (!about->snaplen
                          || (out->n_interfaces && !out->snaplen));

        out->snaplen = unlimited ? 0 : REC_MAX(out->snaplen, about->snaplen);
    }
    for (i = 0; i < out->n_interfaces; i++) {
        if (is_same_interface(&out->interfaces[i].about, about)) {
            return i;
        }
    }
    if (out->n_interfaces == out->allocated_interfaces) {
        out->allocated_interfaces = REC_MAX(8, 2 * out->allocated_interfaces);
        out->interfaces = rec_xrealloc(
            out->interfaces,
            out->allocated_interfaces * sizeof *out->interfaces);
    }
    iface = &out->interfaces[out->n_interfaces++];
    *iface = (struct interface) {
        .about = {
            .name = copy_text(about->name),
            .description = copy_text(about->description),
            .filter = copy_text(about->filter),
            .os = copy_text(about->os),
            .speed = about->speed,
            .linktype = about->linktype,
        },
    };
    if (out->begun) {
        write_interface(out, i);
    }
    return i;
}

/* How many interfaces the file has. */
size_t
export_output_n_interfaces(const struct export_output *out)
{
    return out->n_interfaces;
}

/* Writes what the file starts with.  To be called once, when as many
 * interfaces as possible were added. */
void
export_output_begin(struct export_output *out)
{
    uint8_t *block = rec_xcalloc(1, RECORD_HEADER_MAX);
    struct record_interface section = {
        .os = out->os,
        .application = out->application,
    };

    export_output_write(out, block, record_format_section(block, &section));
    free(block);
    for (size_t i = 0; i < out->n_interfaces; i++) {
        write_interface(out, i);
    }
    out->begun = true;
}

/* Counts a packet of 'interface' for the summary at the end. */
void
export_output_count(struct export_output *out, uint32_t interface,
                    uint64_t time, uint64_t dropcount)
{
    struct interface *iface = &out->interfaces[interface];

    iface->packets++;
    iface->lost += dropcount;
    iface->first = iface->first ? REC_MIN(iface->first, time) : time;
    iface->last = REC_MAX(iface->last, time);
}

/* 0, or the positive errno value of what went wrong: then no more writing is
 * tried. */
int
export_output_error(const struct export_output *out)
{
    return out->error;
}

/* Writes what the file ends with, and stores its size in '*bytes'.  Returns 0
 * or a positive errno value. */
int
export_output_finish(struct export_output *out, uint64_t *bytes)
{
    for (size_t i = 0; i < out->n_interfaces; i++) {
        const struct interface *iface = &out->interfaces[i];
        uint8_t block[RECORD_SUMMARY_MAX];
        struct record_summary s = {
            .start = iface->first,
            .end = iface->last,
            .arrived = iface->packets + iface->lost,
            .received = iface->packets + iface->lost,
            .dropped = iface->lost,
            .delivered = iface->packets,
            .interface = i,
        };

        if (iface->packets) {
            export_output_write(out, block,
                                record_format_pcapng.summary(block, &s));
        }
    }
    flush(out);
    *bytes = out->bytes;
    return out->error;
}
