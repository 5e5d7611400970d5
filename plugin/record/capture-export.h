/* SPDX-License-Identifier: Apache-2.0 */

/* Copies packets of a time slice from many capture files into one pcapng file,
 * ordered by time. */

#ifndef SPAN_CAPTURE_EXPORT_H
#define SPAN_CAPTURE_EXPORT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record-format.h"

/* A file to read.  Whoever asks for the export owns the texts. */
struct export_file {
    char *path;
    uint64_t first, last;       /* Of its packets; 0 and UINT64_MAX if that is
                                 * not known. */

    /* For what classic pcap cannot say; texts may be NULL. */
    char *interface, *description, *filter;

    /* For capture_export()'s own use. */
    int fd;
    bool gone;
};

/* Files that follow each other, as those of a sink do. */
struct export_stream {
    struct export_file *files;
    size_t n;
};

struct export_options {
    uint64_t from, to;          /* Nanoseconds since 1970, both included. */
    const char *application;    /* Which the new file names. */
    const char *os;

    /* Told what does not go as it should, a sentence for people. */
    void (*note)(void *aux, const char *sentence);

    /* Called now and then; may end the program. */
    void (*poll)(void *aux);
    void *aux;
};

struct export_result {
    uint64_t packets;
    uint64_t files;             /* That they are from. */
    uint64_t interfaces;
    uint64_t lost;              /* Losses noted in the new file. */
    uint64_t disordered;        /* Packets too late for their place. */
    uint64_t first, last;       /* Times, 0 if there are no packets. */
    uint64_t bytes;             /* Written. */
    bool incomplete;            /* Something could not be read. */
};

int capture_export(struct export_stream *, size_t n,
                   const struct export_options *, int fd,
                   struct export_result *);

#endif /* plugin/record/capture-export.h */
