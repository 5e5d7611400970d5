/* SPDX-License-Identifier: Apache-2.0 */

/* Between rows of OVS_Span's table Port_Group and the core's values; see
 * session-row.h. */

#ifndef OVSDB_SCHEMA_GROUP_ROW_H
#define OVSDB_SCHEMA_GROUP_ROW_H 1

#include "plugin/core/port-group.h"

struct ovsdb_idl;
struct ovsdb_idl_txn;
struct spanrec_port_group;

void group_row_read(const struct spanrec_port_group *, struct port_group *);
void group_row_write(const struct spanrec_port_group *,
                     const struct port_group *);
struct spanrec_port_group *group_row_insert(const struct port_group *,
                                            struct ovsdb_idl_txn *);
const struct spanrec_port_group *group_row_find(const struct ovsdb_idl *,
                                                const char *name);

#endif /* ovsdb-schema/group-row.h */
