/* SPDX-License-Identifier: Apache-2.0 */

/* What the capture loop does with the frames that it takes: an output lays
 * them into files (file-output.h) or sends them on (relay-output.h).  All of
 * these functions are called by the capture thread, with the output's own
 * 'aux'. */

#ifndef SPAN_SINK_CAPTURE_OUTPUT_H
#define SPAN_SINK_CAPTURE_OUTPUT_H 1

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

struct capture_output {
    /* Takes one frame.  Called by libpcap itself, with 'aux' as the first
     * argument; the frame is gone when it returns. */
    pcap_handler take;

    void (*begin)(void *aux, uint64_t now);     /* Once, first of all. */
    void (*settle)(void *aux);                  /* After each lot of frames. */

    /* Some times a second.  Returns false if the capture is to end. */
    bool (*tick)(void *aux, uint64_t now);

    void (*end)(void *aux);                     /* Once, last of all. */
};

#endif /* plugin/sink/capture-output.h */
