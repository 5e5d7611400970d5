/* SPDX-License-Identifier: Apache-2.0 */

/* Which frames are captured, as a program for the kernel: an expression of
 * pcap-filter(7), seen through VLAN tags, and a sample of one frame in so
 * many.  libpcap compiles the expression; nothing here touches a socket. */

#ifndef SPAN_SINK_CAPTURE_FILTER_H
#define SPAN_SINK_CAPTURE_FILTER_H 1

#include <linux/filter.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

struct capture_filter {
    const char *expression;     /* "" for all frames. */
    bool vlan_aware;            /* In whatever VLAN they are. */
    uint32_t sample;            /* One frame in so many; 1 for all. */
};

char *capture_filter_compile(const struct capture_filter *, pcap_t *,
                             struct sock_fprog *);
bool capture_filter_takes_all(const struct capture_filter *);
char *capture_filter_widen(const char *expression);

#endif /* plugin/sink/capture-filter.h */
