/* SPDX-License-Identifier: Apache-2.0 */

/* The host's policy, from outside the database (policy.json): what its owner
 * allows, whatever the database asks for. */

#ifndef SPAN_DAEMON_POLICY_FILE_H
#define SPAN_DAEMON_POLICY_FILE_H 1

#include <stdbool.h>
#include "plugin/core/wanted.h"

char *policy_file_read(const char *file_name, bool must_exist,
                       struct policy **);
void policy_file_destroy(struct policy *);

#endif /* plugin/daemon/policy-file.h */
