/* SPDX-License-Identifier: Apache-2.0 */

/* What of a session's sources is mirrored on this host, for people. */

#ifndef SPAN_CORE_WANTED_SOURCES_H
#define SPAN_CORE_WANTED_SOURCES_H 1

struct smap;
struct wanted_session;

void wanted_sources_fill(const struct wanted_session *, struct smap *);

#endif /* plugin/core/wanted-sources.h */
