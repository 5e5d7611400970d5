/* SPDX-License-Identifier: Apache-2.0 */

/* What capture files are called; see file-name.h.  Pure. */

#include <config.h>

#include "file-name.h"

#include <stdio.h>
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

/* Reads a time as in "20260131T235959Z" at the start of 's', UTC, into '*ns'.
 * Returns what follows it, or NULL. */
static const char *
parse_time(const char *s, uint64_t *ns)
{
    static const char shape[] = "ddddddddTddddddZ";
    struct tm tm = { 0 };
    time_t t;

    for (size_t i = 0; shape[i]; i++) {
        if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i]) {
            return NULL;
        }
    }
    if (sscanf(s, "%4d%2d%2dT%2d%2d%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
               &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6) {
        return NULL;
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    t = timegm(&tm);
    *ns = t > 0 ? (uint64_t) t * NSEC_PER_SEC : 0;
    return s + strlen(shape);
}

/* Reads the number of a file, at least 5 digits, at the start of 's' into
 * '*sequence'.  Returns what follows it, or NULL. */
static const char *
parse_sequence(const char *s, uint64_t *sequence)
{
    size_t width = strspn(s, "0123456789");
    char digits[24];

    if (width < 5 || width >= sizeof digits || (width > 5 && s[0] == '0')) {
        return NULL;
    }
    memcpy(digits, s, width);
    digits[width] = '\0';
    return (size_text_parse_number(digits, FILE_NAME_SEQUENCE_MAX, sequence)
            ? s + width : NULL);
}

/* If '*s' starts with 'word', steps over it and returns true. */
static bool
skip_word(const char **s, const char *word)
{
    size_t n = strlen(word);

    if (strncmp(*s, word, n)) {
        return false;
    }
    *s += n;
    return true;
}

/* Returns true if 'name' is what file_name_format() makes for any prefix in
 * one of our two formats, with ".zst", ".part" or both behind it or without,
 * and stores what it says in '*parts'.  Everything else in a directory is
 * somebody else's. */
bool
file_name_split(const char *name, struct file_name *parts)
{
    const char *time = strrchr(name, '_');
    const char *number = time;
    const char *rest;

    do {
        if (!number || number == name) {
            return false;
        }
    } while (*--number != '_');
    parts->prefix_len = number - name;
    if (!parts->prefix_len
        || parse_sequence(number + 1, &parts->sequence) != time) {
        return false;
    }
    rest = parse_time(time + 1, &parts->opened);
    if (!rest || !(skip_word(&rest, ".pcapng") || skip_word(&rest, ".pcap"))) {
        return false;
    }
    parts->plain_len = rest - name;
    parts->zstd = skip_word(&rest, FILE_NAME_ZSTD);
    parts->part = skip_word(&rest, FILE_NAME_PART);
    return !*rest;
}

/* Returns the name that the file 'name' has when it is closed and not
 * compressed, which is also the one that its manifest goes by.  The caller
 * must free it. */
char *
file_name_plain(const char *name)
{
    struct file_name parts;

    return (file_name_split(name, &parts)
            ? rec_xstrndup(name, parts.plain_len)
            : rec_xstrdup(name));
}

/* Returns true if 'name' is exactly what file_name_format() makes for
 * 'prefix' in one of our two formats, with ".part" behind it or without.
 * Stores its number in '*sequence' and whether ".part" was there in '*part'.
 */
bool
file_name_parse(const char *name, const char *prefix, uint64_t *sequence,
                bool *part)
{
    struct file_name parts;

    if (!file_name_split(name, &parts) || parts.zstd
        || parts.prefix_len != strlen(prefix)
        || strncmp(name, prefix, parts.prefix_len)) {
        return false;
    }
    *sequence = parts.sequence;
    *part = parts.part;
    return true;
}
