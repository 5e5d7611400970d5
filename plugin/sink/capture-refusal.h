/* SPDX-License-Identifier: Apache-2.0 */

/* Why an interface cannot be captured from, and what to do about it. */

#ifndef SPAN_SINK_CAPTURE_REFUSAL_H
#define SPAN_SINK_CAPTURE_REFUSAL_H 1

char *capture_refusal(const char *interface, int error, const char *detail);

#endif /* plugin/sink/capture-refusal.h */
