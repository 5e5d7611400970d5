/* SPDX-License-Identifier: Apache-2.0 */

/* Kinds of file systems, by the number that statfs(2) gives them: which are
 * somewhere else and shared with others, which take direct writes; and what
 * follows for a recorder.  Pure. */

#ifndef SPAN_SINK_FS_KIND_H
#define SPAN_SINK_FS_KIND_H 1

#include <stdbool.h>
#include <stdint.h>

/* Bytes per second that a recorder puts on a network file system by default:
 * two fifths of a 1 Gbit/s link to a storage that others use too. */
#define NETWORK_FS_BYTE_RATE UINT64_C(50000000)

struct fs_kind {
    uint32_t magic;
    const char *name;           /* As in mount(8), or nearly so. */
    bool network;               /* Others share it and the way to it. */
    bool indirect;              /* Direct writes gain nothing or fail. */
};

/* What to do on a network file system. */
enum network_fs_policy {
    NETWORK_FS_ALLOW,
    NETWORK_FS_REFUSE,
    NETWORK_FS_CAP,
};

struct network_fs {
    enum network_fs_policy policy;
    uint64_t byte_rate;         /* Bytes per second, with NETWORK_FS_CAP. */
};

/* What follows for one directory. */
struct fs_decision {
    const struct fs_kind *kind;
    bool refused;
    uint64_t byte_rate;         /* Bytes per second, 0 if not limited. */
};

const struct fs_kind *fs_kind_lookup(uint32_t magic);
void fs_kind_decide(const struct fs_kind *, const struct network_fs *,
                    uint64_t byte_rate, struct fs_decision *);

#endif /* plugin/sink/fs-kind.h */
