/* SPDX-License-Identifier: Apache-2.0 */

/* What is known of a sink's capture files, as a recorder tells it
 * (ovs-span-sink(8), "recordings"): values that fit into rows of table
 * Recording. */

#ifndef SPAN_DAEMON_RECORDING_LIST_H
#define SPAN_DAEMON_RECORDING_LIST_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json;

/* A host reports so many files of a sink, the newest. */
#define RECORDING_LIST_MAX 1000

struct recording {
    char *name;
    char *state;                /* As in table Recording. */
    int64_t first, last;        /* Unix time, nanoseconds; 0 = none. */
    int64_t packets, bytes, lost, gaps;
    char *sha256;               /* NULL = unknown. */
    char *compressed;           /* NULL = it is not. */
};

struct recording_list {
    struct recording *recordings;       /* Sorted by name; no name twice. */
    size_t n;
};

struct recording *recording_from_json(const struct json *);
void recording_destroy(struct recording *);

struct recording_list *recording_list_from_json(const struct json *);
struct recording_list *recording_list_create(void);
void recording_list_destroy(struct recording_list *);
struct recording *recording_list_find(const struct recording_list *,
                                      const char *name);

#endif /* plugin/daemon/recording-list.h */
