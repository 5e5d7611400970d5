/* SPDX-License-Identifier: Apache-2.0 */

/* Numbers and sizes as people write them; see size-text.h.  Pure. */

#include <config.h>

#include "size-text.h"

#include <string.h>

#include "record-util.h"

/* Reads the digits at the start of 's' into '*value'.  Returns what follows
 * them, or NULL if there is no digit or the number is above 'max'. */
static const char *
parse_digits(const char *s, uint64_t max, uint64_t *value)
{
    const char *p = s;
    uint64_t v = 0;

    for (; *p >= '0' && *p <= '9'; p++) {
        unsigned int digit = *p - '0';

        if (v > (max - REC_MIN(digit, max)) / 10) {
            return NULL;
        }
        v = v * 10 + digit;
    }
    if (p == s || v > max) {
        return NULL;
    }
    *value = v;
    return p;
}

/* Parses 's', decimal digits only, into '*value' if it is 'max' at most. */
bool
size_text_parse_number(const char *s, uint64_t max, uint64_t *value)
{
    uint64_t v;
    const char *end = parse_digits(s, max, &v);

    if (!end || *end) {
        return false;
    }
    *value = v;
    return true;
}

/* Parses 's', a number of bytes with an optional unit, into '*bytes': K, M,
 * G, KB, MB, GB count in thousands, KiB, MiB, GiB in 1024s. */
bool
size_text_parse_bytes(const char *s, uint64_t *bytes)
{
    static const struct unit {
        const char *name;
        uint64_t factor;
    } units[] = {
        { "", 1 }, { "B", 1 },
        { "K", 1000 }, { "KB", 1000 }, { "KiB", 1024 },
        { "M", 1000000 }, { "MB", 1000000 }, { "MiB", 1 << 20 },
        { "G", 1000000000 }, { "GB", 1000000000 }, { "GiB", 1 << 30 },
    };
    uint64_t v;
    const char *end = parse_digits(s, INT64_MAX, &v);

    for (size_t i = 0; end && i < REC_ARRAY_SIZE(units); i++) {
        if (!strcmp(end, units[i].name)) {
            if (v > INT64_MAX / units[i].factor) {
                return false;
            }
            *bytes = v * units[i].factor;
            return true;
        }
    }
    return false;
}

/* Parses 's', "0%" to "99%", into '*percent'. */
bool
size_text_parse_percent(const char *s, unsigned int *percent)
{
    uint64_t v;
    const char *end = parse_digits(s, 99, &v);

    if (!end || strcmp(end, "%")) {
        return false;
    }
    *percent = v;
    return true;
}
