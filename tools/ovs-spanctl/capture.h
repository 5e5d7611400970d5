/* SPDX-License-Identifier: Apache-2.0 */

/* capture: its files, and what they share.
 *
 *   cmd-capture.c      the command: from the lease to the last word
 *   capture-options.c  its line
 *   capture-session.c  the session in the database, and what hosts say of it
 *   capture-lease.c    the connection to ovs-spand that keeps it alive
 *   capture-child.c    the recorder, and the program that shows the packets
 *   capture-words.c    what people are told of packets
 */

#ifndef TOOLS_SPANCTL_CAPTURE_H
#define TOOLS_SPANCTL_CAPTURE_H 1

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "smap.h"
#include "svec.h"

struct json;
struct session;
struct settings;

/* Exit codes, as ovs-span-capture(8) has them. */
enum {
    CAPTURE_DONE = 0,           /* Ended as asked. */
    CAPTURE_REFUSED = 1,        /* Misused, refused, never began. */
    CAPTURE_BROKEN = 2,         /* Ended before it was asked to. */
};

/* What the line asks for. */
struct capture_options {
    const char *db;             /* NULL = as the settings have it. */
    struct svec sources;        /* Selectors. */
    const char *session;        /* Capture as this one; or NULL. */
    const char *filter;         /* OpenFlow match, or NULL. */
    bool strip_vlan;
    const char *write;          /* File, "-", or NULL = show them. */
    struct svec recorder;       /* Options for the recorder. */
    int64_t duration;           /* Seconds; 0 = no limit. */
    uint64_t max_bytes;         /* Of the file, to end at; 0 = no limit. */
    bool quiet;
    bool wait;                  /* For ports that are not there yet. */
    bool pcap;
};

/* capture-options.c */
void capture_options_parse(struct capture_options *, int argc, char *argv[]);
void capture_options_destroy(struct capture_options *);
char *capture_options_describe(const struct capture_options *);

/* capture-session.c: NULL or a sentence for the caller to free is what
 * begin() returns; a session that hosts refuse is told by look(). */
struct capture_session;

enum capture_outlook {
    OUTLOOK_OPEN,               /* Nothing is known yet, or it waits. */
    OUTLOOK_ACTIVE,             /* This host mirrors. */
    OUTLOOK_NOWHERE,            /* No host has any source. */
    OUTLOOK_REFUSED,            /* This host refuses, or another has it. */
    OUTLOOK_DELETED,            /* Somebody has deleted the session. */
};

struct capture_session *capture_session_create(const char *remote);
void capture_session_destroy(struct capture_session *);
char *capture_session_begin(struct capture_session *, const char *name,
                            const struct capture_options *,
                            const char *system_id);
void capture_session_run(struct capture_session *);
void capture_session_wait(struct capture_session *);
enum capture_outlook capture_session_look(struct capture_session *,
                                          char **sentence);
void capture_session_end(struct capture_session *);

/* capture-lease.c */
struct capture_lease;

struct capture_lease *capture_lease_create(const char *session);
void capture_lease_destroy(struct capture_lease *);
char *capture_lease_hold(struct capture_lease *);
const char *capture_lease_system_id(const struct capture_lease *);
const char *capture_lease_host(const struct capture_lease *);
const char *capture_lease_port(const struct capture_lease *);
void capture_lease_status(struct capture_lease *, const struct json *);
void capture_lease_run(struct capture_lease *);
void capture_lease_wait(struct capture_lease *);

/* capture-child.c */
struct capture_child;

/* What the recorder has said last. */
struct capture_counts {
    bool ready;
    bool began;                 /* It was, once. */
    uint64_t captured, bytes;
    struct smap dropped;        /* Where, and how many. */
    char *error;                /* Sentence, or NULL. */
};

char *capture_child_create(const struct capture_options *,
                           struct capture_child **);
void capture_child_destroy(struct capture_child *);
char *capture_child_record(struct capture_child *, const char *port,
                           const char *session, const char *host);
bool capture_child_run(struct capture_child *, struct capture_lease *);
void capture_child_wait(struct capture_child *);
const struct capture_counts *capture_child_counts(
    const struct capture_child *);
bool capture_child_reader_is_gone(const struct capture_child *);
bool capture_child_is_running(const struct capture_child *);
void capture_child_stop(struct capture_child *, bool now);
int capture_child_finish(struct capture_child *);

/* capture-words.c */
void capture_counts_read(struct capture_counts *, const struct json *status);
void capture_counts_line(const struct capture_counts *, uint64_t last);
void capture_counts_clear(void);
void capture_counts_finish(const struct capture_counts *);

/* cmd-capture.c */
int capture_run(const struct settings *, int argc, char *argv[]);

#endif /* tools/ovs-spanctl/capture.h */
