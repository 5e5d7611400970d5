/* SPDX-License-Identifier: Apache-2.0 */

/* Strict reading of text: see text.h.  Stricter than libc's strtol() and its
 * kin on purpose: no signs, no white space, no octal, no trailing garbage. */

#include <config.h>
#include "text.h"
#include <string.h>
#include <strings.h>
#include "util.h"

/* Reads the lead byte 'c' of a UTF-8 character: returns how many bytes the
 * character takes and sets '*code' to the bits it holds; 0 if 'c' cannot lead
 * one. */
static size_t
utf8_lead(unsigned char c, uint32_t *code)
{
    if (c < 0x80) {
        *code = c;
        return 1;
    } else if (c >= 0xc2 && c < 0xe0) {
        *code = c & 0x1f;
        return 2;
    } else if (c >= 0xe0 && c < 0xf0) {
        *code = c & 0x0f;
        return 3;
    } else if (c >= 0xf0 && c < 0xf5) {
        *code = c & 0x07;
        return 4;
    }
    return 0;
}

/* Returns how many bytes the character takes that 's' begins with: 1 to 4, or
 * 0 if it is a control character (the end of the string is one) or not valid
 * UTF-8 as RFC 3629 defines it, which is what JSON and so OVSDB take. */
size_t
text_char_length(const char *s)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    uint32_t code = 0;
    size_t n = utf8_lead(*s, &code);

    for (size_t i = 1; i < n; i++) {
        unsigned char c = s[i];

        if ((c & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (c & 0x3f);
    }

    bool valid = (n > 0 && code >= least[n] && code <= 0x10ffff
                  && (code < 0xd800 || code > 0xdfff));
    bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    return valid && !control ? n : 0;
}

/* Returns true if 's' is valid UTF-8 without control characters and has at
 * most 'max_bytes' bytes. */
bool
text_is_clean(const char *s, size_t max_bytes)
{
    const char *start = s;

    while (*s) {
        size_t n = text_char_length(s);

        if (!n) {
            return false;
        }
        s += n;
        if (s - start > max_bytes) {
            return false;
        }
    }
    return true;
}

/* Reads the decimal digits that 's' begins with into '*value' and returns a
 * pointer to what follows them; NULL if there are none, if the number begins
 * with a needless 0, or if it is greater than 'max'. */
static const char *
read_digits(const char *s, int64_t max, int64_t *value)
{
    const char *start = s;
    int64_t v = 0;

    for (; *s >= '0' && *s <= '9'; s++) {
        int digit = *s - '0';

        if (digit > max || v > (max - digit) / 10
            || (s > start && *start == '0')) {
            return NULL;
        }
        v = v * 10 + digit;
    }
    *value = v;
    return s > start ? s : NULL;
}

/* Reads 's', a decimal number from 0 to 'max' and nothing else, into
 * '*value'.  Returns false, with '*value' unchanged, if it is anything else.
 */
bool
text_to_number(const char *s, int64_t max, int64_t *value)
{
    int64_t v;
    const char *end = read_digits(s, max, &v);

    if (!end || *end) {
        return false;
    }
    *value = v;
    return true;
}

/* Reads 's', a number of bytes with an optional suffix, into '*value': K, M,
 * G, T, KB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB (powers of
 * 1024), in either case.  Returns false, with '*value' unchanged, if it is
 * anything else or more than INT64_MAX. */
bool
text_to_size(const char *s, int64_t *value)
{
    static const char letters[] = "kmgt";
    int64_t v;
    const char *end = read_digits(s, INT64_MAX, &v);

    if (!end) {
        return false;
    }
    if (*end) {
        const char *letter = strchr(letters, *end | 0x20);
        const char *rest = end + 1;
        int64_t base = (!*rest || !strcasecmp(rest, "b") ? 1000
                        : !strcasecmp(rest, "ib") ? 1024
                        : 0);

        if (!letter || !base) {
            return false;
        }
        for (int i = 0; i <= letter - letters; i++) {
            if (v > INT64_MAX / base) {
                return false;
            }
            v *= base;
        }
    }
    *value = v;
    return true;
}

/* Reads 's', "true" or "false", into '*value'.  Returns false if it is
 * anything else. */
bool
text_to_bool(const char *s, bool *value)
{
    if (!strcmp(s, "true") || !strcmp(s, "false")) {
        *value = *s == 't';
        return true;
    }
    return false;
}
