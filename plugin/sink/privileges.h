/* SPDX-License-Identifier: Apache-2.0 */

/* What the recorder may do once it has opened its interface and directory:
 * read frames, write files, and nothing else. */

#ifndef SPAN_SINK_PRIVILEGES_H
#define SPAN_SINK_PRIVILEGES_H 1

struct sink_user;

char *privileges_drop(const struct sink_user *);

#endif /* plugin/sink/privileges.h */
