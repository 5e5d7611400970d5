/* SPDX-License-Identifier: Apache-2.0 */

/* Kinds of file systems; see fs-kind.h. */

#include <config.h>

#include "fs-kind.h"

#include <stddef.h>

#include "plugin/record/record-util.h"

/* The numbers are those of linux/magic.h and of the file systems' own
 * sources; not every version of that header has all of them.  Whatever is
 * built on FUSE (sshfs, GlusterFS, virtiofs and many more) has one number. */
static const struct fs_kind kinds[] = {
    { 0x0000ef53, "ext4", false, false },
    { 0x58465342, "xfs", false, false },
    { 0x9123683e, "btrfs", false, false },
    { 0xf2f52010, "f2fs", false, false },
    { 0x2fc12fc1, "zfs", false, false },
    { 0xca451a4e, "bcachefs", false, false },
    { 0x3153464a, "jfs", false, false },
    { 0x52654973, "reiserfs", false, false },
    { 0x00004d44, "vfat", false, false },
    { 0x2011bab0, "exfat", false, false },
    { 0x5346544e, "ntfs", false, false },
    { 0x7366746e, "ntfs3", false, false },
    { 0x24051905, "ubifs", false, false },
    { 0x01021994, "tmpfs", false, true },
    { 0x858458f6, "ramfs", false, true },
    { 0x794c7630, "overlay", false, true },
    { 0x0000f15f, "ecryptfs", false, true },
    { 0x00006969, "nfs", true, true },
    { 0x0000517b, "smb", true, true },
    { 0xff534d42, "cifs", true, true },
    { 0xfe534d42, "smb2", true, true },
    { 0x01021997, "9p", true, true },
    { 0x65735546, "fuse", true, true },
    { 0x00c36400, "ceph", true, true },
    { 0x0bd00bd0, "lustre", true, true },
    { 0x47504653, "gpfs", true, true },
    { 0x5346414f, "afs", true, true },
    { 0x6b414653, "kafs", true, true },
    { 0x73757245, "coda", true, true },
    { 0x0000564c, "ncp", true, true },
    { 0x20030528, "orangefs", true, true },
    { 0x786f4256, "vboxsf", true, true },
    { 0xbacbacbc, "vmhgfs", true, true },
    { 0x7461636f, "ocfs2", true, true },
    { 0x01161970, "gfs2", true, true },
};

static const struct fs_kind unknown = { 0, "unknown", false, false };

/* Returns the kind whose number is 'magic', never NULL: what nobody here has
 * heard of is taken for a local disk. */
const struct fs_kind *
fs_kind_lookup(uint32_t magic)
{
    for (size_t i = 0; i < REC_ARRAY_SIZE(kinds); i++) {
        if (kinds[i].magic == magic) {
            return &kinds[i];
        }
    }
    return &unknown;
}

/* Decides in '*d' how a recorder is to use a file system of 'kind' by policy
 * 'n', if it is asked to write 'byte_rate' bytes per second at most (0 for as
 * many as there are). */
void
fs_kind_decide(const struct fs_kind *kind, const struct network_fs *n,
               uint64_t byte_rate, struct fs_decision *d)
{
    *d = (struct fs_decision) { .kind = kind, .byte_rate = byte_rate };
    if (!kind->network) {
        return;
    }
    if (n->policy == NETWORK_FS_REFUSE) {
        d->refused = true;
    } else if (n->policy == NETWORK_FS_CAP
               && (!byte_rate || n->byte_rate < byte_rate)) {
        d->byte_rate = n->byte_rate;
    }
}
