/* SPDX-License-Identifier: Apache-2.0 */

/* From what vSphere's export says to the specification that ovs-spanctl apply
 * takes. */

#ifndef SPAN_IMPORT_CONVERT_H
#define SPAN_IMPORT_CONVERT_H 1

#include <jansson.h>

#include "mapping.h"

/* Limits of a session, as ovs-spanctl has them. */
#define CONVERT_MAX_SOURCES 1024
#define CONVERT_MAX_DESTINATIONS 64
#define CONVERT_MAX_TEXT 1024   /* Bytes of a description or a reason. */

json_t *convert_export(struct mapping *);
json_t *convert_session(struct mapping *, const struct vspan_session *);
json_t *convert_group(struct mapping *, const struct port_group *);

char *convert_name(struct mapping *, const struct text_at *name,
                   const char *fallback);
void convert_add_once(json_t *array, const char *text);

#endif /* tools/ovs-span-import/convert.h */
