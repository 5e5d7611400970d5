/* SPDX-License-Identifier: Apache-2.0 */

/* What capture files are called:
 *
 *     PREFIX_00001_20260131T235959Z.pcapng
 *
 * with ".part" behind it while the file is open, and ".zst" once it is
 * compressed.  The number goes up by one from file to file and never starts
 * again; the time is when the file was opened, in UTC.  What is known of a
 * file is beside it, in a manifest of the name of the file as it was before
 * it was compressed, with ".json" behind that. */

#ifndef SPAN_FILE_NAME_H
#define SPAN_FILE_NAME_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_NAME_PART ".part"
#define FILE_NAME_ZSTD ".zst"
#define FILE_NAME_MANIFEST ".json"
#define FILE_NAME_SEQUENCE_MAX UINT64_C(999999999999999)

/* What a name says. */
struct file_name {
    size_t prefix_len;          /* Of the sink's name, at its start. */
    size_t plain_len;           /* Without ".zst" and ".part". */
    uint64_t sequence;
    uint64_t opened;            /* Nanoseconds since 1970. */
    bool zstd;                  /* ".zst" is there, */
    bool part;                  /* ".part" is there, behind it. */
};

bool file_name_is_valid_sink(const char *);
char *file_name_format(const char *prefix, uint64_t sequence,
                       uint64_t wall_ns, const char *extension);
bool file_name_split(const char *name, struct file_name *);
char *file_name_plain(const char *name);
bool file_name_parse(const char *name, const char *prefix, uint64_t *sequence,
                     bool *part);

#endif /* plugin/record/file-name.h */
