/* SPDX-License-Identifier: Apache-2.0 */

/* The file that capture-export.c writes: pcapng of one section and any number
 * of interfaces, which all get the same snap length, for libpcap reads no
 * other files. */

#ifndef SPAN_EXPORT_OUTPUT_H
#define SPAN_EXPORT_OUTPUT_H 1

#include <stddef.h>
#include <stdint.h>

#include "record-format.h"

struct export_output;

struct export_output *export_output_create(int fd, const char *application,
                                           const char *os);
void export_output_destroy(struct export_output *);

uint32_t export_output_add_interface(struct export_output *,
                                     const struct record_interface *);
size_t export_output_n_interfaces(const struct export_output *);
void export_output_begin(struct export_output *);
void export_output_write(struct export_output *, const void *, size_t n);
void export_output_count(struct export_output *, uint32_t interface,
                         uint64_t time, uint64_t dropcount);
int export_output_error(const struct export_output *);
int export_output_finish(struct export_output *, uint64_t *bytes);

#endif /* plugin/record/export-output.h */
