/* SPDX-License-Identifier: Apache-2.0 */

/* What a child process does between fork and exec.  In a process that may have
 * threads only async-signal-safe functions are allowed there; these are. */

#ifndef SPAN_DAEMON_CHILD_SETUP_H
#define SPAN_DAEMON_CHILD_SETUP_H 1

void child_reset_signals(void);
void child_close_files(int first);

#endif /* plugin/daemon/child-setup.h */
