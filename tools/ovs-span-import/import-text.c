/* SPDX-License-Identifier: Apache-2.0 */

/* Text of exports; see import-text.h. */

#include <config.h>

#include "import-text.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/record/record-util.h"

/* Of the names of sessions and groups (ovs-span(5), "Names"). */
#define MAX_NAME 64
#define HASH_SIZE 9             /* "-" and eight digits. */

/* Returns how many of the 'n' bytes at 's' the character takes that they
 * begin with, or 0 if it is a control character or not UTF-8. */
static size_t
char_length(const char *s, size_t n)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char c = n ? *s : 0;
    size_t length = (c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2
                     : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0);
    uint32_t code = length < 2 ? c : c & (0x7f >> length);

    if (length > n) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (s[i] & 0x3f);
    }
    return (length && code >= least[length] && code <= 0x10ffff
            && (code < 0xd800 || code > 0xdfff)
            && code >= 0x20 && (code < 0x7f || code >= 0xa0) ? length : 0);
}

/* Returns true if the 'n' bytes at 's' are letters, digits and "_", and no
 * digit comes first. */
bool
text_is_identifier(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = s[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
              || (i && c >= '0' && c <= '9'))) {
            return false;
        }
    }
    return n > 0;
}

/* Copies the 'n' bytes at 's', at most 'max' of them, with 'bad' in place of
 * what cannot be printed.  Sets '*changed' if anything was left out or
 * replaced. */
static char *
copy_text(const char *s, size_t n, size_t max, char bad, bool *changed)
{
    char *copy = rec_xcalloc(1, REC_MIN(n, max) + 1);
    size_t size = 0;

    for (size_t i = 0; i < n; ) {
        size_t length = char_length(s + i, n - i);

        if (size + REC_MAX(length, 1) > max) {
            *changed = true;
            break;
        }
        if (length) {
            memcpy(copy + size, s + i, length);
            size += length;
            i += length;
        } else {
            copy[size++] = bad;
            i++;
            *changed = true;
        }
    }
    return copy;
}

/* Returns the 'n' bytes at 's', at most 'max' of them, for messages: '?' is in
 * place of what cannot be printed.  The caller frees it. */
char *
text_clean_copy(const char *s, size_t n, size_t max)
{
    bool changed = false;

    return copy_text(s, n, max, '?', &changed);
}

/* Returns 's', at most 'max' bytes of it, as the database takes text: a space
 * is in place of each control character.  Sets '*changed' if that differs from
 * 's', and leaves it else.  The caller frees it. */
char *
text_store_copy(const char *s, size_t max, bool *changed)
{
    return copy_text(s, strlen(s), max, ' ', changed);
}

static bool
is_name_char(char c)
{
    return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-');
}

/* Returns true if 'name' may name a session, a sink or a group. */
bool
text_is_legal_name(const char *name)
{
    size_t n = 0;

    while (n <= MAX_NAME && is_name_char(name[n])) {
        n++;
    }
    return n > 0 && n <= MAX_NAME && !name[n] && name[0] != '.';
}

/* FNV-1a (www.isthe.com/chongo/tech/comp/fnv), folded into 32 bits. */
static uint32_t
hash_text(const char *s)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *s; s++) {
        hash = (hash ^ (uint8_t) *s) * UINT64_C(0x100000001b3);
    }
    return hash ^ hash >> 32;
}

/* Returns 'name' if it is legal, else a legal name that resembles it: with "_"
 * for whatever is not allowed, and a hash of 'name' behind it, so that a name
 * comes out the same whatever stands beside it, and different names come out
 * different.  'fallback' is used when nothing remains of 'name'.  The caller
 * frees it. */
char *
text_legal_name(const char *name, const char *fallback)
{
    char base[MAX_NAME - HASH_SIZE + 1];
    size_t n = 0;

    if (text_is_legal_name(name)) {
        return rec_xstrdup(name);
    }
    for (const char *p = name; *p && n < sizeof base - 1; p++) {
        if (is_name_char(*p) && (n || *p != '.')) {
            base[n++] = *p;
        } else if (n && base[n - 1] != '_') {
            base[n++] = '_';
        }
    }
    while (n && base[n - 1] == '_') {
        n--;
    }
    base[n] = '\0';
    return rec_xasprintf("%s-%08"PRIx32, n ? base : fallback,
                         hash_text(name));
}

/* Opens a stream that writes into memory: '*text', which is complete when the
 * stream is closed, and which the caller frees.  Never NULL. */
FILE *
text_open(char **text, size_t *size)
{
    FILE *stream = open_memstream(text, size);

    if (!stream) {
        perror("open_memstream");
        abort();
    }
    return stream;
}
