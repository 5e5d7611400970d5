/* SPDX-License-Identifier: Apache-2.0 */

/* What capture files are called; see file-name.h.  Pure. */

#include <config.h>

#include "file-name.h"

#include <string.h>
#include <time.h>

#include "record-util.h"
#include "size-text.h"

/* Returns true if 's' can be the name of a sink, and so of its directory and
 * the first part of its files' names: 1 to 64 letters, digits, '_', '.', '-',
 * and no dot at the start. */
bool
file_name_is_valid_sink(const char *s)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    size_t n = strlen(s);

    return n >= 1 && n <= 64 && s[0] != '.' && strspn(s, allowed) == n;
}

/* Returns the name of the file number 'sequence' opened at 'wall_ns'
 * (nanoseconds since 1970).  The caller must free it. */
char *
file_name_format(const char *prefix, uint64_t sequence, uint64_t wall_ns,
                 const char *extension)
{
    time_t t = wall_ns / NSEC_PER_SEC;
    char when[32];
    struct tm tm;

    gmtime_r(&t, &tm);
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &tm);
    return rec_xasprintf("%s_%05llu_%s.%s", prefix,
                          (unsigned long long int) sequence, when, extension);
}

/* Returns true if 's' starts with a time as in "20260131T235959Z". */
static bool
starts_with_time(const char *s)
{
    static const char shape[] = "ddddddddTddddddZ";

    for (size_t i = 0; shape[i]; i++) {
        if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i]) {
            return false;
        }
    }
    return true;
}

/* Returns true if 'name' is exactly what file_name_format() makes for
 * 'prefix' in one of our two formats, with ".part" behind it or without.
 * Stores its number in '*sequence' and whether ".part" was there in '*part'.
 * Everything else in a directory is somebody else's. */
bool
file_name_parse(const char *name, const char *prefix, uint64_t *sequence,
                bool *part)
{
    size_t n = strlen(prefix);
    const char *rest;
    char digits[24];
    size_t width;

    if (strncmp(name, prefix, n) || name[n] != '_') {
        return false;
    }
    name += n + 1;
    width = strspn(name, "0123456789");
    if (width < 5 || width >= sizeof digits || name[width] != '_'
        || (width > 5 && name[0] == '0')) {
        return false;
    }
    memcpy(digits, name, width);
    digits[width] = '\0';
    name += width + 1;
    if (!starts_with_time(name)) {
        return false;
    }
    name += strlen("20260131T235959Z");
    if (!strncmp(name, ".pcapng", 7)) {
        rest = name + 7;
    } else if (!strncmp(name, ".pcap", 5)) {
        rest = name + 5;
    } else {
        return false;
    }
    *part = !strcmp(rest, FILE_NAME_PART);
    return (*part || !*rest)
           && size_text_parse_number(digits, FILE_NAME_SEQUENCE_MAX, sequence);
}
