/* SPDX-License-Identifier: Apache-2.0 */

/* Lists the files of a sink that no recorder serves. */

#ifndef SPAN_SINK_LIST_FILES_H
#define SPAN_SINK_LIST_FILES_H 1

struct sink_options;

char *list_files(const struct sink_options *);

#endif /* plugin/sink/list-files.h */
