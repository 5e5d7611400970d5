/* SPDX-License-Identifier: Apache-2.0 */

/* What a Binding row says of counts: see binding-counts.h. */

#include <config.h>

#include "plugin/daemon/binding-counts.h"

#include <limits.h>
#include <string.h>

#include "openvswitch/util.h"
#include "ovsdb-schema/span-idl.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"

/* Returns the value of counter 'text', 0 when it is no number. */
static int64_t
counter_value(const char *text)
{
    long long int value;

    return str_to_llong(text, 10, &value) && value >= 0 ? value : 0;
}

/* A map from strings to numbers as the IDL takes it. */
struct map {
    const char **keys;          /* Borrowed strings. */
    int64_t *values;
    size_t n;
};

/* Initializes '*map', for the caller to destroy, with the numbers in 'smap',
 * whose keys it borrows. */
static void
map_init(struct map *map, const struct smap *smap)
{
    const struct smap_node *node;

    map->n = 0;
    map->keys = xcalloc(smap_count(smap) + 1, sizeof *map->keys);
    map->values = xcalloc(smap_count(smap) + 1, sizeof *map->values);
    SMAP_FOR_EACH (node, smap) {
        map->keys[map->n] = node->key;
        map->values[map->n++] = counter_value(node->value);
    }
}

static void
map_destroy(struct map *map)
{
    free(map->keys);
    free(map->values);
}

static bool
counters_differ(const struct spanrec_binding *row, const struct smap *counters)
{
    if (row->n_counters != smap_count(counters)) {
        return true;
    }
    for (size_t i = 0; i < row->n_counters; i++) {
        const char *value = smap_get(counters, row->key_counters[i]);

        if (!value || counter_value(value) != row->value_counters[i]) {
            return true;
        }
    }
    return false;
}

/* Returns the time 'key' of Binding.counted in 'row', 0 if there is none. */
static int64_t
get_time(const struct spanrec_binding *row, const char *key)
{
    for (size_t i = 0; i < row->n_counted; i++) {
        if (!strcmp(row->key_counted[i], key)) {
            return row->value_counted[i];
        }
    }
    return 0;
}

/* Stores that 'row' was counted now, 'before' at the look before and will be
 * at 'next'. */
static void
write_times(const struct spanrec_binding *row, long long int before,
            long long int next)
{
    const char *keys[] = { "at", "before", "next" };
    long long int now = time_wall_msec();
    int64_t values[ARRAY_SIZE(keys)];

    before = before ? before : get_time(row, "at");
    values[0] = now;
    values[1] = before ? before : now;
    values[2] = (next == LLONG_MAX ? now : now + MAX(next - time_msec(), 0));
    spanrec_binding_set_counted(row, keys, values, ARRAY_SIZE(keys));
}

static void
write_counters(const struct spanrec_binding *row, const struct smap *counters)
{
    struct map map;

    map_init(&map, counters);
    spanrec_binding_set_counters(row, map.keys, map.values, map.n);
    map_destroy(&map);
}

/* Differs the room that recorders have from what 'row' says?  By so much that
 * it is worth a transaction: other programs use the disk, too. */
static bool
disk_free_differs(const struct spanrec_binding *row, const struct smap *disk)
{
    if (row->n_disk_free != smap_count(disk)) {
        return true;
    }
    for (size_t i = 0; i < row->n_disk_free; i++) {
        const char *text = smap_get(disk, row->key_disk_free[i]);
        int64_t old = row->value_disk_free[i];
        int64_t new = text ? counter_value(text) : 0;

        if (!text || (new < old ? old - new : new - old) > old / 64) {
            return true;
        }
    }
    return false;
}

static void
write_disk_free(const struct spanrec_binding *row, const struct smap *disk)
{
    struct map map;

    map_init(&map, disk);
    spanrec_binding_set_disk_free(row, map.keys, map.values, map.n);
    map_destroy(&map);
}

/* Brings 'row' up to date with 'counters' and with 'disk_free' (NULL = none),
 * decimal numbers, as far as it is worth it; with 'times' also when it was
 * counted.  The look before this one was at
 * 'before' (Unix time; 0 = unknown), the next will be at 'next' (monotonic
 * time; LLONG_MAX = never), both in milliseconds. */
void
binding_counts_write(const struct spanrec_binding *row,
                     const struct smap *counters,
                     const struct smap *disk_free, bool times,
                     long long int before, long long int next)
{
    bool differs = counters_differ(row, counters);

    if (differs) {
        write_counters(row, counters);
    }
    if (differs && times) {
        write_times(row, before, next);
    }
    if (disk_free && (differs || disk_free_differs(row, disk_free))) {
        write_disk_free(row, disk_free);
    }
}
