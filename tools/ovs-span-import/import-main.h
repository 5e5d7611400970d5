/* SPDX-License-Identifier: Apache-2.0 */

/* ovs-span-import as a function, so that tests can link it. */

#ifndef SPAN_IMPORT_MAIN_H
#define SPAN_IMPORT_MAIN_H 1

#include <stddef.h>
#include <stdio.h>

/* What main() returns. */
enum {
    IMPORT_DONE = 0,
    IMPORT_REFUSED = 1,         /* Something in the input is wrong. */
    IMPORT_TROUBLE = 2,         /* Wrong usage; cannot read or write. */
};

/* A text that was read: an export or a port map. */
struct import_text {
    const char *name;           /* For messages. */
    const char *text;           /* With a NUL behind it. */
    size_t size;
};

char *import_convert(const struct import_text *exports, size_t n_exports,
                     const struct import_text *port_map, const char *host,
                     FILE *messages);
int import_main(int argc, char *argv[]);

#endif /* tools/ovs-span-import/import-main.h */
