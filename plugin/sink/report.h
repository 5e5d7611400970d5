/* SPDX-License-Identifier: Apache-2.0 */

/* What the recorder's threads have to tell: its state, what is wrong, which
 * file is open.  Any thread writes; the main thread, which answers the control
 * socket and so must never wait for a disk, reads. */

#ifndef SPAN_SINK_REPORT_H
#define SPAN_SINK_REPORT_H 1

#include <stdbool.h>

#include "plugin/record/record-util.h"

enum report_state {
    REPORT_STARTING,
    REPORT_READY,               /* Ring live, first file open. */
    REPORT_STOPPING,
    REPORT_FAILED,
};

/* Who has something to complain about.  Each has one complaint at most, and
 * the first of these is shown. */
enum report_source {
    REPORT_CAPTURE,
    REPORT_WRITER,
    REPORT_KEEPER,              /* Not enough free space. */
    REPORT_CLOSING,             /* The last file closed may be incomplete. */
    REPORT_DELETING,            /* A file that is to go does not. */
    REPORT_BYTE_RATE,           /* More arrives than may be taken. */
    REPORT_PACKING,             /* A closed file stays as it is. */
    REPORT_N_SOURCES
};

/* Things that happen once. */
enum report_event {
    REPORT_FIRST_FILE = 1 << 0, /* The first file's header is written, or
                                 * the relay runs. */
    REPORT_FIRST_FAILED = 1 << 1, /* ...or it could not be. */
    REPORT_INTERFACE_GONE = 1 << 2,
    REPORT_READER_GONE = 1 << 3, /* Nobody reads the pipe we write to. */
    REPORT_FULL = 1 << 5,       /* No room, and the capture is to end. */
    REPORT_RELAY_GONE = 1 << 6, /* The interface that is relayed to. */
    REPORT_DONE = 1 << 4,       /* Everything is written and closed. */
};

/* A moment's copy; texts are NULL if there is nothing to say. */
struct report_view {
    enum report_state state;
    unsigned int events;        /* Those that happened. */
    char *code;                 /* One word: what is wrong. */
    char *message;              /* The same as a sentence. */
    char *degradation;          /* What a cap on bytes does to frames. */
    char *file;                 /* Name of the open file. */
};

struct report;

struct report *report_create(void);
void report_destroy(struct report *);
int report_fd(const struct report *);

void report_set_state(struct report *, enum report_state);
void report_set_event(struct report *, enum report_event);
void report_set_file(struct report *, const char *name);
void report_set_degradation(struct report *, const char *);
void report_set_error(struct report *, enum report_source, const char *code,
                      const char *format, ...) REC_PRINTF(4, 5);
void report_clear_error(struct report *, enum report_source);

void report_take_news(struct report *);
void report_view(struct report *, struct report_view *);
void report_view_destroy(struct report_view *);
const char *report_state_name(enum report_state);

#endif /* plugin/sink/report.h */
