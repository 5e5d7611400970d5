/* SPDX-License-Identifier: Apache-2.0
 *
 * The recorder's decisions about storage: what kind of file system is this,
 * what follows, and what happens when there is no room. */

#include <config.h>
#include "plugin/sink/fs-kind.h"
#include "plugin/sink/retention.h"
#include "plugin/record/record-util.h"
#include "plugin/record/zstd-writer.h"
#include "tests/tap.h"
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

static void
test_kinds(void)
{
    static const struct {
        uint32_t magic;
        const char *name;
        bool network;
    } cases[] = {
        { EXT4_SUPER_MAGIC, "ext4", false },
        { BTRFS_SUPER_MAGIC, "btrfs", false },
        { XFS_SUPER_MAGIC, "xfs", false },
        { TMPFS_MAGIC, "tmpfs", false },
        { RAMFS_MAGIC, "ramfs", false },
        { OVERLAYFS_SUPER_MAGIC, "overlay", false },
        { NFS_SUPER_MAGIC, "nfs", true },
        { SMB_SUPER_MAGIC, "smb", true },
        { 0xff534d42, "cifs", true },
        { 0xfe534d42, "smb2", true },
        { V9FS_MAGIC, "9p", true },
        { 0x65735546, "fuse", true },
        { 0x00c36400, "ceph", true },
        { OCFS2_SUPER_MAGIC, "ocfs2", true },
        { AFS_SUPER_MAGIC, "afs", true },
        { 0x12345678, "unknown", false },
    };

    for (size_t i = 0; i < REC_ARRAY_SIZE(cases); i++) {
        const struct fs_kind *kind = fs_kind_lookup(cases[i].magic);

        tap_str(kind->name, cases[i].name, "%#x is %s",
                (unsigned int) cases[i].magic, cases[i].name);
        tap_ok(kind->network == cases[i].network, "%s is %s", kind->name,
               cases[i].network ? "somewhere else" : "here");
    }
    tap_ok(fs_kind_lookup(TMPFS_MAGIC)->indirect
           && !fs_kind_lookup(EXT4_SUPER_MAGIC)->indirect,
           "memory takes no direct writes, a disk does");
}

static void
test_decisions(void)
{
    static const struct {
        uint32_t magic;
        enum network_fs_policy policy;
        uint64_t policy_rate, asked;
        bool refused;
        uint64_t byte_rate;
    } cases[] = {
        { EXT4_SUPER_MAGIC, NETWORK_FS_REFUSE, 0, 0, false, 0 },
        { EXT4_SUPER_MAGIC, NETWORK_FS_CAP, 50, 70, false, 70 },
        { NFS_SUPER_MAGIC, NETWORK_FS_ALLOW, 0, 0, false, 0 },
        { NFS_SUPER_MAGIC, NETWORK_FS_ALLOW, 0, 70, false, 70 },
        { NFS_SUPER_MAGIC, NETWORK_FS_REFUSE, 0, 0, true, 0 },
        { NFS_SUPER_MAGIC, NETWORK_FS_CAP, 50, 0, false, 50 },
        { NFS_SUPER_MAGIC, NETWORK_FS_CAP, 50, 70, false, 50 },
        { NFS_SUPER_MAGIC, NETWORK_FS_CAP, 50, 30, false, 30 },
    };

    for (size_t i = 0; i < REC_ARRAY_SIZE(cases); i++) {
        const struct network_fs n = { cases[i].policy, cases[i].policy_rate };
        const struct fs_kind *kind = fs_kind_lookup(cases[i].magic);
        struct fs_decision d;

        fs_kind_decide(kind, &n, cases[i].asked, &d);
        tap_ok(d.kind == kind && d.refused == cases[i].refused
               && d.byte_rate == cases[i].byte_rate,
               "%s, policy %d of %d, asked for %d: %s %d", kind->name,
               cases[i].policy, (int) n.byte_rate, (int) cases[i].asked,
               d.refused ? "refused" : "taken", (int) d.byte_rate);
    }
}

/* Returns how many of five files of 100 bytes go by 'l', with 50 in the open
 * one. */
static size_t
excess(const struct retention_limits *l, uint64_t fs_free, bool *starved)
{
    static const uint64_t sizes[] = { 100, 100, 100, 100, 100 };
    const struct retention_state s = {
        .sizes = sizes,
        .n = REC_ARRAY_SIZE(sizes),
        .open = true,
        .open_bytes = 50,
        .fs_free = fs_free,
        .fs_total = 10000,
    };

    return retention_excess(l, &s, starved);
}

static void
test_on_full(void)
{
    struct retention_limits l = { .files = 9 };
    bool starved;

    tap_int(retention_on_full(&l), RETENTION_RING, "a ring makes room");
    l.on_full = RETENTION_STOP;
    tap_int(retention_on_full(&l), RETENTION_STOP, "unless told otherwise");
    l = (struct retention_limits) { .budget = 500 };
    tap_int(retention_on_full(&l), RETENTION_PAUSE, "a budget is no ring");
    tap_int(excess(&l, 5000, &starved), 0, "so nothing goes for it");
    l.on_full = RETENTION_RING;
    tap_int(excess(&l, 5000, &starved), 1, "with on-full=ring one does");
    l.budget = 550;
    tap_int(excess(&l, 5000, &starved), 0, "a budget just kept");

    l = (struct retention_limits) { .min_free_bytes = 1000 };
    tap_int(excess(&l, 900, &starved), 0, "no ring: nothing goes");
    tap_ok(starved, "and nothing is written below the floor");
    l.on_full = RETENTION_RING;
    tap_int(excess(&l, 900, &starved), 1, "on-full=ring alone: one goes");
    tap_ok(!starved, "and that is room enough");
    l.files = 4;
    l.on_full = RETENTION_PAUSE;
    tap_int(excess(&l, 900, &starved), 2,
            "a ring with on-full=pause keeps its number");
    tap_ok(!starved, "which may make room");
    tap_int(excess(&l, 700, &starved), 2, "but no more files go for it");
    tap_ok(starved, "if it does not");
}

/* Compresses 'n' bytes at 'data'.  Returns what comes of it, to be freed. */
static uint8_t *
pack(const uint8_t *data, size_t n, size_t *packed)
{
    struct zstd_writer *w = zstd_writer_create(n);
    uint8_t *out = rec_xcalloc(1, 2 * n + 2 * ZSTD_WRITER_OUT);
    bool ok = true;

    *packed = 0;
    for (size_t done = 0; done < n && ok; ) {
        size_t chunk = REC_MIN(n - done, ZSTD_WRITER_CHUNK);
        size_t len = 0;

        ok = zstd_writer_add(w, data + done, chunk, out + *packed, &len);
        done += chunk;
        *packed += len;
    }
    tap_ok(ok, "%zu bytes are compressed to %zu", n, *packed);
    zstd_writer_destroy(w);
    return out;
}

/* Looks at frames one by one, as one who has lost the others would. */
static void
test_packing(size_t n, unsigned int noise, size_t want)
{
    uint8_t *data = rec_xcalloc(1, n);
    uint8_t *back = rec_xcalloc(1, n);
    size_t len, frames = 0, at = 0, got = 0, misplaced = 0;
    uint32_t random = 1;
    uint8_t *packed;

    for (size_t i = 0; i < n; i++) {
        random = random * 1103515245 + 12345;
        data[i] = i % 100 < noise ? random >> 16 : i / 1000;
    }
    packed = pack(data, n, &len);
    while (at < len) {
        size_t size = ZSTD_findFrameCompressedSize(packed + at, len - at);
        size_t out;

        misplaced += at % ZSTD_DStreamInSize() != 0;
        out = (ZSTD_isError(size)
               ? size
               : ZSTD_decompress(back + got, n - got, packed + at, size));
        if (ZSTD_isError(out)) {
            break;
        }
        frames++;
        at += size;
        got += out;
    }
    tap_int(frames, want, "in %zu frames", want);
    tap_int(misplaced, 0, "each begins where Wireshark looks for it");
    tap_ok(got == n && !memcmp(data, back, n), "the same comes back");
    free(packed);
    free(back);
    free(data);
}

static void
test_zstd(void)
{
    struct zstd_writer *w = zstd_writer_create(10);
    uint8_t *out = rec_xcalloc(1, ZSTD_WRITER_OUT);
    size_t len;

    tap_ok(!zstd_writer_add(w, "eleven byte", 11, out, &len),
           "more than was announced is refused");
    zstd_writer_destroy(w);
    w = zstd_writer_create(10);
    tap_ok(!zstd_writer_add(w, "nine byte", 9, out, &len),
           "and so is a short piece before the end");
    zstd_writer_destroy(w);
    zstd_writer_destroy(NULL);
    free(out);
    test_packing(1, 0, 1);
    test_packing(ZSTD_WRITER_FRAME, 10, 1);
    for (unsigned int noise = 0; noise <= 100; noise += 20) {
        test_packing(2 * ZSTD_WRITER_FRAME + 12345, noise, 3);
    }
}

int
main(void)
{
    test_zstd();
    test_kinds();
    test_decisions();
    test_on_full();
    return tap_done();
}
