/* SPDX-License-Identifier: Apache-2.0 */

/* What the recorder was asked to do, on its command line and later over its
 * control socket.  Text in, numbers out, and a sentence if they are wrong;
 * nothing here looks at the world. */

#ifndef SPAN_SINK_OPTIONS_H
#define SPAN_SINK_OPTIONS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fs-kind.h"
#include "retention.h"
#include "rotation.h"

struct record_format;

/* Used when none is given, or 0: more than any frame has. */
#define OPTIONS_SNAPLEN_MAX 262144

/* An option as it was given: its name without "--", and its value. */
struct option_text {
    const char *name;
    char *value;
};

/* What may change while the recorder runs. */
struct live_options {
    uint64_t byte_rate;         /* Bytes per second at most; 0: no cap. */
    struct rotation_limits rotation;
    struct retention_limits retention;
    bool compress;              /* Closed files, with zstd. */
    bool sha256;                /* Of closed files, into their manifests. */
    char *sessions;             /* Separated by commas, or NULL. */
    char *description;          /* Or NULL. */
};

struct sink_options {
    bool help, version;         /* If true, nothing else was looked at. */
    bool list;                  /* Only list the files of 'sink' in 'dir'. */

    /* With a daemon: NAME, DIR and SOCKET.  By hand: FILE or "-" alone. */
    char *sink, *dir, *control;
    char *write;
    char *relay;                /* Instead: interface to send frames to. */

    char *interface;
    char *user;                 /* To record as, or NULL. */
    char *filter;               /* Never NULL. */
    bool vlan_aware;            /* It holds in whatever VLAN a frame is. */
    uint32_t sample;            /* Of those that match, one in so many. */
    char *host;                 /* Its name, or NULL. */
    const struct record_format *format;
    uint32_t snaplen;           /* Bytes, never 0. */
    uint64_t buffer;            /* Bytes of the kernel's ring. */
    bool drop;                  /* With our memory full, leave frames out
                                 * rather than to the kernel's buffer. */
    int cpu;                    /* For the capture thread, or -1. */
    int priority;               /* Its real-time priority, or 0. */
    struct network_fs network_fs;
    uint64_t count;             /* End after so many frames; 0: never. */
    uint64_t duration;          /* End after so many seconds; 0: never. */
    bool quiet;                 /* Who started it tells people himself. */
    bool stats;                 /* Print a line of counters each second. */
    struct live_options live;

    struct option_text *given;
    size_t n_given;
};

char *options_parse(struct sink_options *, int argc, char *const argv[]);
char *options_configure(struct sink_options *, const struct option_text *,
                        size_t n);
void options_destroy(struct sink_options *);
const char *options_usage(void);

#endif /* plugin/sink/options.h */
