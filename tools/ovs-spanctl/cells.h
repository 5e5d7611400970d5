/* SPDX-License-Identifier: Apache-2.0 */

/* Tables that commands print, cell by cell. */

#ifndef TOOLS_SPANCTL_CELLS_H
#define TOOLS_SPANCTL_CELLS_H 1

#include <stddef.h>
#include <stdint.h>

struct table;

struct table *cells_create(const char *const headings[], size_t n);
void cells_begin(struct table *, const char *const headings[], size_t n);
void cells_add_text(struct table *, const char *);
void cells_add_text_nocopy(struct table *, char *);
void cells_add_number(struct table *, int64_t);

#endif /* tools/ovs-spanctl/cells.h */
