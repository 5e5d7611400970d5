/* SPDX-License-Identifier: Apache-2.0 */

/* What a child process does between fork and exec. */

#include <config.h>
#include "plugin/daemon/child-setup.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Lets all signals do what they do by themselves, and blocks none. */
void
child_reset_signals(void)
{
    struct sigaction action = { .sa_handler = SIG_DFL };
    sigset_t none;

    for (int signr = 1; signr < NSIG; signr++) {
        sigaction(signr, &action, NULL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Closes all files from descriptor 'first' on. */
void
child_close_files(int first)
{
#ifdef SYS_close_range
    if (!syscall(SYS_close_range, first, ~0u, 0)) {
        return;
    }
#endif
    for (int fd = sysconf(_SC_OPEN_MAX) - 1; fd >= first; fd--) {
        close(fd);
    }
}
