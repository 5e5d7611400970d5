/* SPDX-License-Identifier: Apache-2.0 */

/* What the recorder may do; see privileges.h. */

#include <config.h>

#include "privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plugin/record/record-util.h"
#include "plugin/record/sha256.h"
#include "sink-user.h"
#include "syscall-filter.h"

/* Captured frames are nobody else's business: they must not get into a core
 * file, nor be looked at by other processes of the same user. */
static void
hide_memory(void)
{
    const struct rlimit none = { 0, 0 };

    setrlimit(RLIMIT_CORE, &none);
    /* The leak checker of sanitizers needs to look. */
    prctl(PR_SET_DUMPABLE, SYSCALL_FILTER_IS_LOOSE, 0, 0, 0);
}

/* Empties the capability sets that a later execve() would draw upon. */
static void
drop_bounds(void)
{
    for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
        prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
    }
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

/* Drops every capability of the calling thread. */
static int
drop_capabilities(void)
{
    struct __user_cap_header_struct header = {
        .version = _LINUX_CAPABILITY_VERSION_3,
    };
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

    return syscall(SYS_capset, &header, none) ? errno : 0;
}

/* Gives up, for good, everything but to record as 'user', for the calling
 * thread and those it will start: a hostile frame or filter must not get
 * further than this process.  Returns NULL, or a sentence that the caller must
 * free; then nothing must be recorded.
 *
 * A kernel without system call filters is no reason not to record; it is
 * remarked upon. */
char *
privileges_drop(const struct sink_user *user)
{
    char buffer[128], *message;
    int error;

    /* libcrypto reads its configuration, and loads what that names, when it is
     * first used. */
    sha256_destroy(sha256_create());

    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    drop_bounds();
    message = sink_user_become(user);
    if (message) {
        return message;
    }
    error = drop_capabilities();
    if (error) {
        return rec_xasprintf("capabilities cannot be dropped: %s",
                             rec_strerror(error, buffer, sizeof buffer));
    }
    hide_memory();
    error = syscall_filter_install();
    if (error) {
        fprintf(stderr, "ovs-span-sink: recording without a filter of system "
                "calls, as it cannot be installed: %s\n",
                rec_strerror(error, buffer, sizeof buffer));
    }
    return NULL;
}
