/* SPDX-License-Identifier: Apache-2.0 */

/* From vSphere's names to those of Open vSwitch, by the port map; and the list
 * of what is not in it. */

#ifndef SPAN_IMPORT_MAPPING_H
#define SPAN_IMPORT_MAPPING_H 1

#include "port-map.h"
#include "vsphere.h"

/* A name that the port map does not have. */
struct missing {
    const char *prefix;         /* "portKey", "uplink", ... */
    char *name;
    char *use;                  /* What for; "a source of session web". */
    struct place place;
};

struct mapping {
    const struct port_map *map;
    const struct vsphere_export *export;
    const char *host;           /* Whose ports count, "host-12"; NULL: all. */
    struct report *report;
    const struct dv_port **ports; /* Sorted by key. */
    const struct dv_port **by_group; /* Sorted by the group's key. */
    struct missing *missing;
    size_t n_missing, allocated_missing;
};

void mapping_init(struct mapping *, const struct port_map *,
                  const struct vsphere_export *, const char *host,
                  struct report *);
void mapping_destroy(struct mapping *);

const struct dv_port *mapping_find_port(const struct mapping *,
                                        const char *key);
size_t mapping_find_group(const struct mapping *, const char *group_key);
bool mapping_is_here(const struct mapping *, const struct text_at *port_key);

/* Each returns a text that the caller frees, or NULL if the map has none or it
 * is wrong, which is noted or reported.  'use' says what for. */
char *mapping_source(struct mapping *, const struct text_at *port_key,
                     const char *use);
char *mapping_connectee(struct mapping *, const char *type,
                        const struct place *, const char *use);
char *mapping_destination(struct mapping *, const struct text_at *port_key,
                          const char *use);
char *mapping_uplink(struct mapping *, const struct text_at *name,
                     const char *use);
char *mapping_bridge(struct mapping *, const struct port_group *);
char *mapping_switch(struct mapping *, const char *name);

void mapping_report_missing(struct mapping *);

#endif /* tools/ovs-span-import/mapping.h */
