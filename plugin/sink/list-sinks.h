/* SPDX-License-Identifier: Apache-2.0 */

/* Lists the sinks that have files in a capture directory. */

#ifndef SPAN_SINK_LIST_SINKS_H
#define SPAN_SINK_LIST_SINKS_H 1

char *list_sinks(const char *dir);

#endif /* plugin/sink/list-sinks.h */
