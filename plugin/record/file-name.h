/* SPDX-License-Identifier: Apache-2.0 */

/* What capture files are called:
 *
 *     PREFIX_00001_20260131T235959Z.pcapng
 *
 * with ".part" behind it while the file is open.  The number goes up by one
 * from file to file and never starts again; the time is when the file was
 * opened, in UTC. */

#ifndef SPAN_FILE_NAME_H
#define SPAN_FILE_NAME_H 1

#include <stdbool.h>
#include <stdint.h>

#define FILE_NAME_PART ".part"
#define FILE_NAME_MANIFEST ".json"
#define FILE_NAME_SEQUENCE_MAX UINT64_C(999999999999999)

bool file_name_is_valid_sink(const char *);
char *file_name_format(const char *prefix, uint64_t sequence,
                       uint64_t wall_ns, const char *extension);
bool file_name_parse(const char *name, const char *prefix, uint64_t *sequence,
                     bool *part);

#endif /* plugin/record/file-name.h */
