/* SPDX-License-Identifier: Apache-2.0 */

/* The port map; see port-map.h. */

#include <config.h>

#include "port-map.h"

#include <stdlib.h>
#include <string.h>

#include "plugin/record/record-util.h"

static int
compare_entries(const void *a_, const void *b_)
{
    const struct map_entry *a = a_;
    const struct map_entry *b = b_;
    int order = strcmp(a->key, b->key);

    return order ? order : (a->place.line > b->place.line)
                           - (a->place.line < b->place.line);
}

/* Takes 'key' and 'value', and a copy of 'place'. */
static void
add_entry(struct port_map *map, char *key, char *value,
          const struct place *place)
{
    struct map_entry *e;

    if (map->n >= map->allocated) {
        map->allocated = map->allocated ? 2 * map->allocated : 64;
        map->entries = rec_xrealloc(map->entries,
                                    map->allocated * sizeof *map->entries);
    }
    e = &map->entries[map->n++];
    e->key = key;
    e->value = value;
    place_clone(&e->place, place);
}

static void
read_json(struct port_map *map, const char *file, const char *text,
          size_t size, struct report *report)
{
    struct json_doc doc;
    struct json_at root, at;

    if (json_doc_parse(&doc, file, text, size, report)) {
        json_at_root(&root, &doc);
        for (bool more = json_at_first(&at, &root); more;
             more = json_at_next(&at)) {
            struct place place;

            if (!json_string_length(at.value)) {
                report_error_at(report, &at, "has to be a string that is not "
                                "empty");
                continue;
            }
            json_at_place(&at, &place);
            add_entry(map, rec_xstrdup(at.key),
                      rec_xstrdup(json_string_value(at.value)), &place);
            place_destroy(&place);
        }
    }
    json_doc_destroy(&doc);
}

static size_t
skip_blanks(const char *line, size_t n, size_t i)
{
    while (i < n && (line[i] == ' ' || line[i] == '\t' || line[i] == '\r')) {
        i++;
    }
    return i;
}

/* Reads one line, KEY VALUE or "KEY" VALUE, of 'n' bytes. */
static void
read_line(struct port_map *map, const char *line, size_t n,
          const struct place *place, struct report *report)
{
    size_t key = skip_blanks(line, n, 0);
    size_t key_end, value;

    while (n > key && skip_blanks(line, n, n - 1) == n) {
        n--;
    }
    if (key == n || line[key] == '#') {
        return;
    }
    if (line[key] == '"') {
        key++;
        key_end = key;
        while (key_end < n && line[key_end] != '"') {
            key_end++;
        }
        value = skip_blanks(line, n, key_end + (key_end < n));
    } else {
        key_end = key;
        while (key_end < n && skip_blanks(line, n, key_end) == key_end) {
            key_end++;
        }
        value = skip_blanks(line, n, key_end);
    }
    if (key_end == key || value >= n) {
        report_error(report, place, "has to be a key and a value: 112 vm:web1,"
                     " or \"Uplink 1\" uplink:eth1");
        return;
    }
    add_entry(map, rec_xstrndup(line + key, key_end - key),
              rec_xstrndup(line + value, n - value), place);
}

static void
read_lines(struct port_map *map, const char *file, const char *text,
           size_t size, struct report *report)
{
    struct place place = { .file = file };

    if (memchr(text, '\0', size)) {
        report_error(report, &place, "this is no text, it holds NUL bytes");
        return;
    }
    for (const char *line = text; *line; ) {
        size_t n = strcspn(line, "\n");

        place.line++;
        read_line(map, line, n, &place, report);
        line += n + (line[n] == '\n');
    }
}

/* Reads 'text', 'size' bytes with a NUL behind them, into 'map', which the
 * caller destroys.  'file', which has to outlive it, names it in messages.
 * What is wrong is reported. */
void
port_map_read(struct port_map *map, const char *file, const char *text,
              size_t size, struct report *report)
{
    *map = (struct port_map) { .n = 0 };
    if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
        text += 3;
        size -= 3;
    }
    if (size > JSON_DOC_MAX_SIZE) {
        struct place place = { .file = file };

        report_error(report, &place, "longer than 64 MiB");
    } else if (text[strspn(text, " \t\r\n")] == '{') {
        read_json(map, file, text, size, report);
    } else {
        read_lines(map, file, text, size, report);
    }
    if (map->n) {
        qsort(map->entries, map->n, sizeof *map->entries, compare_entries);
    }
    for (size_t i = 1; i < map->n; i++) {
        const struct map_entry *e = &map->entries[i];

        if (!strcmp(e->key, e[-1].key)) {
            report_error(report, &e->place, "\"%.80s\" is there already, in "
                         "line %u", e->key, e[-1].place.line);
        }
    }
}

static const struct map_entry *
find_entry(const struct port_map *map, const char *key)
{
    size_t low = 0, high = map->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(map->entries[middle].key, key);

        if (!order) {
            return &map->entries[middle];
        } else if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* Returns the entry "PREFIX:KEY", else the entry "KEY", else NULL. */
const struct map_entry *
port_map_find(const struct port_map *map, const char *prefix,
              const char *key)
{
    char *full = rec_xasprintf("%s:%s", prefix, key);
    const struct map_entry *e = find_entry(map, full);

    if (!e) {
        e = find_entry(map, full + strlen(prefix) + 1);
    }
    free(full);
    return e;
}

/* Frees what 'map' owns. */
void
port_map_destroy(struct port_map *map)
{
    for (size_t i = 0; i < map->n; i++) {
        free(map->entries[i].key);
        free(map->entries[i].value);
        place_destroy(&map->entries[i].place);
    }
    free(map->entries);
}
