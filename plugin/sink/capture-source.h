/* SPDX-License-Identifier: Apache-2.0 */

/* A network interface that frames are captured from, through libpcap.  The
 * filter runs in the kernel only and is attached to the socket here, not by
 * libpcap, so that each frame that passed it is counted exactly once: as
 * dropped by the kernel or as delivered to us. */

#ifndef SPAN_SINK_CAPTURE_SOURCE_H
#define SPAN_SINK_CAPTURE_SOURCE_H 1

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture-filter.h"

/* The kernel hands over a block of frames when it is full or this old, by
 * default. */
#define CAPTURE_SOURCE_TIMEOUT_MS 100

struct accounting;
struct capture_source;

struct capture_source_config {
    const char *interface;
    struct capture_filter filter;
    uint32_t snaplen;           /* Bytes of each frame. */
    uint64_t buffer;            /* Bytes of the ring, as far as to be had. */
    int timeout_ms;             /* How old a block of frames may become, at
                                 * most the default. */
    bool live;                  /* The filter may change. */
};

char *capture_source_open(const struct capture_source_config *,
                          struct capture_source **);
void capture_source_close(struct capture_source *);

int capture_source_fd(const struct capture_source *);
unsigned int capture_source_ifindex(const struct capture_source *);
uint64_t capture_source_buffer(const struct capture_source *);
uint64_t capture_source_speed(const struct capture_source *);

int capture_source_dispatch(struct capture_source *, int max, pcap_handler,
                            void *aux);
bool capture_source_watch(struct capture_source *, struct accounting *);
void capture_source_count(struct capture_source *, struct accounting *);
uint64_t capture_source_before(const struct capture_source *);
char *capture_source_refilter(struct capture_source *,
                              const struct capture_filter *);
bool capture_source_is_gone(const struct capture_source *);
void capture_source_shut(struct capture_source *);

#endif /* plugin/sink/capture-source.h */
