/* SPDX-License-Identifier: Apache-2.0 */

/* Lists the files of a sink that no recorder serves. */

#ifndef SPAN_SINK_LIST_FILES_H
#define SPAN_SINK_LIST_FILES_H 1

char *list_files(const char *dir, const char *sink);

#endif /* plugin/sink/list-files.h */
