/* SPDX-License-Identifier: Apache-2.0 */

/* The port map: what vSphere's port keys, uplinks and networks are called on
 * Open vSwitch.  A JSON object of strings, or lines "KEY VALUE". */

#ifndef SPAN_IMPORT_PORT_MAP_H
#define SPAN_IMPORT_PORT_MAP_H 1

#include "json-doc.h"
#include "report.h"

struct map_entry {
    char *key;
    char *value;
    struct place place;
};

struct port_map {
    struct map_entry *entries;  /* Sorted by key. */
    size_t n, allocated;
};

void port_map_read(struct port_map *, const char *file, const char *text,
                   size_t size, struct report *);
const struct map_entry *port_map_find(const struct port_map *,
                                      const char *prefix, const char *key);
void port_map_destroy(struct port_map *);

#endif /* tools/ovs-span-import/port-map.h */
