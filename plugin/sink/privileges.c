/* SPDX-License-Identifier: Apache-2.0 */

/* What the recorder may do; see privileges.h. */

#include <config.h>

#include "privileges.h"

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Returns true if directory 'dirfd' is somebody else's, as when a person
 * records into his own directory by way of sudo. */
static bool
is_foreign(int dirfd)
{
    struct stat st;

    return dirfd >= 0 && !fstat(dirfd, &st) && st.st_uid != geteuid();
}

/* Gives up every capability, for good, of the calling thread and those it will
 * start: a hostile frame or filter must not get further than this process.
 * Only writing to 'dirfd' stays possible (-1 if there is no directory), also
 * if it is somebody else's.  Without privileges to give up, does nothing. */
void
privileges_drop(int dirfd)
{
    struct __user_cap_header_struct header = {
        .version = _LINUX_CAPABILITY_VERSION_3,
    };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (is_foreign(dirfd)) {
        uint32_t keep = 1U << CAP_DAC_OVERRIDE;
        struct __user_cap_data_struct now[_LINUX_CAPABILITY_U32S_3];

        if (!syscall(SYS_capget, &header, now)) {
            data[0].effective = now[0].effective & keep;
            data[0].permitted = now[0].permitted & keep;
        }
    }
    syscall(SYS_capset, &header, data);
}
