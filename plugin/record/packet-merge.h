/* SPDX-License-Identifier: Apache-2.0 */

/* Brings packets of several streams, each of them nearly in order, into one
 * order by time.  A packet may go when no stream is so far back any more that
 * it could bring an earlier one, a stream being in order but for 'window'
 * nanoseconds; or when memory is short. */

#ifndef SPAN_PACKET_MERGE_H
#define SPAN_PACKET_MERGE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet_merge;

struct packet_merge *packet_merge_create(size_t n_streams, uint64_t window,
                                         size_t memory);
void packet_merge_destroy(struct packet_merge *);

bool packet_merge_wants(const struct packet_merge *, size_t *stream);
uint8_t *packet_merge_add(struct packet_merge *, size_t stream, uint64_t time,
                          size_t n);
void packet_merge_end(struct packet_merge *, size_t stream);
const uint8_t *packet_merge_take(struct packet_merge *, uint64_t *time,
                                 size_t *n);

#endif /* plugin/record/packet-merge.h */
