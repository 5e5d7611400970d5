/* SPDX-License-Identifier: Apache-2.0 */

/* Is a capture file whole, in order, and what was said about it? */

#ifndef SPAN_CAPTURE_CHECK_H
#define SPAN_CAPTURE_CHECK_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture-reader.h"
#include "sha256.h"

/* Gaps that are remembered; all are counted. */
#define CAPTURE_CHECK_GAPS 1000

/* Problems that are put into words. */
#define CAPTURE_CHECK_PROBLEMS 32

/* Times may go back so far, because processors take turns. */
#define CAPTURE_CHECK_STEP UINT64_C(1000000000)

/* Number of a manifest that does not have it. */
#define CAPTURE_UNKNOWN UINT64_MAX

/* What the manifest says.  All of it may be missing: CAPTURE_UNKNOWN, or "" */
struct capture_claims {
    uint64_t packets, lost, gaps;
    uint64_t bytes;             /* Of the file as it was closed. */
    char sha256[SHA256_HEX_SIZE];
    uint64_t packed_bytes;      /* Of the compressed file. */
    char packed_sha256[SHA256_HEX_SIZE];
};

/* Packets are missing before packet number 'packet', the first being 1. */
struct capture_gap {
    uint64_t packet;
    uint64_t time;              /* Of that packet. */
    uint64_t lost;
};

struct capture_check {
    struct capture_facts facts;
    uint64_t size;              /* Of the file. */
    uint64_t packets, data_bytes;
    uint64_t first, last;       /* Earliest and latest, 0 if none. */
    uint64_t interfaces, summaries;

    uint64_t lost, n_gaps;
    struct capture_gap *gaps;   /* The first CAPTURE_CHECK_GAPS of them. */

    uint64_t steps_back;        /* Packets earlier than the one before. */
    uint64_t largest_step;      /* Nanoseconds. */
    uint64_t largest_step_packet;

    bool has_sums;
    char sha256[SHA256_HEX_SIZE];       /* Of what is unpacked. */
    char sha256_stored[SHA256_HEX_SIZE];        /* Of the file as it is. */

    char *problems[CAPTURE_CHECK_PROBLEMS];
    size_t n_problems;
};

void capture_claims_init(struct capture_claims *);
void capture_check_run(struct capture_check *, int fd, bool open,
                       const struct capture_claims *);
bool capture_check_sums_right(const struct capture_check *,
                              const struct capture_claims *);
void capture_check_destroy(struct capture_check *);

#endif /* plugin/record/capture-check.h */
