/* SPDX-License-Identifier: Apache-2.0 */

/* What an earlier recorder wrote about its files. */

#ifndef SPAN_SINK_MANIFEST_READ_H
#define SPAN_SINK_MANIFEST_READ_H 1

#include <jansson.h>
#include <stdbool.h>

#include "recordings.h"

struct file_list;

json_t *manifest_load(int dirfd, const char *name);
bool manifest_read(int dirfd, const char *name, struct recording *);
void manifest_read_all(int dirfd, const struct file_list *,
                       struct recordings *);

#endif /* plugin/sink/manifest-read.h */
