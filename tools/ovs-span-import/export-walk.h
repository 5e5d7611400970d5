/* SPDX-License-Identifier: Apache-2.0 */

/* What the two halves of the export's reader share: export-reader.c goes
 * through wrappers, managed-object.c reads objects that come in properties. */

#ifndef SPAN_IMPORT_EXPORT_WALK_H
#define SPAN_IMPORT_EXPORT_WALK_H 1

#include "vsphere.h"

/* What an object is. */
enum kind {
    KIND_UNKNOWN,               /* Nothing in it says so. */
    KIND_CONTAINER,             /* Holds others under keys that we know. */
    KIND_BOX,                   /* {_typeName, _value} or {value, Count} */
    KIND_EXTENSION,             /* PowerCLI's, around an object of the API. */
    KIND_PROPERTY,              /* PropertyChange, DynamicProperty. */
    KIND_UPDATE,                /* ObjectUpdate, ObjectContent. */
    KIND_SESSION,
    KIND_SWITCH,                /* VMwareDVSConfigInfo, and its ConfigSpec. */
    KIND_PORT,
    KIND_GROUP,
    KIND_MANAGED,               /* A managed object, switch or port group. */
};

/* What is read into what. */
struct walk {
    struct vsphere_export *export;
    struct report *report;
};

json_t *object_get(const json_t *, const char *name);
enum kind object_find_kind(const json_t *);
void walk_value(struct walk *, const struct json_at *, enum kind hint);
void walk_unknown_key(struct walk *, const struct json_at *);
void walk_name_switch(struct walk *, size_t first_session, const char *name);
void walk_add_group(struct walk *, const struct json_at *,
                    struct port_group *);

void read_managed(struct walk *, const struct json_at *);
void read_properties(struct walk *, const struct json_at *);
void read_update(struct walk *, const struct json_at *);

#endif /* tools/ovs-span-import/export-walk.h */
