/* SPDX-License-Identifier: Apache-2.0 */

/* Keeps libpcap from looking names up. */

#ifndef SPAN_SINK_NAME_LOOKUP_H
#define SPAN_SINK_NAME_LOOKUP_H 1

void name_lookup_forbid(void);

#endif /* plugin/sink/name-lookup.h */
