/* SPDX-License-Identifier: Apache-2.0 */

/* A child process that runs the programs of a directory. */

#ifndef SPAN_DAEMON_HOOK_RUNNER_H
#define SPAN_DAEMON_HOOK_RUNNER_H 1

#include "openvswitch/compiler.h"

/* Programs that are run for an event, and the seconds that each may take. */
#define HOOK_RUNNER_MAX 16
#define HOOK_RUNNER_SECONDS 10

OVS_NO_RETURN void hook_runner_main(const char *dir, const char *line,
                                    int report_fd);

#endif /* plugin/daemon/hook-runner.h */
