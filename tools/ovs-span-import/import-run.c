/* SPDX-License-Identifier: Apache-2.0 */

/* Texts in, text out: the whole of ovs-span-import but files and options; see
 * import-main.h. */

#include <config.h>

#include "import-main.h"

#include <stdlib.h>

#include "convert.h"
#include "plugin/record/record-util.h"

/* Reads all 'exports' into 'export' and 'docs'. */
static void
read_exports(const struct import_text *exports, size_t n_exports,
             struct json_doc *docs, struct vsphere_export *export,
             struct report *report)
{
    for (size_t i = 0; i < n_exports; i++) {
        if (json_doc_parse(&docs[i], exports[i].name, exports[i].text,
                           exports[i].size, report)) {
            vsphere_export_read(export, &docs[i], report);
        }
    }
}

/* Returns the specification for 'exports' as text, or NULL if anything in
 * them, or in 'port_map' (NULL: none), is wrong.  'host', if not NULL, is the
 * host whose ports count.  Errors and warnings go to 'messages'.  The caller
 * frees the text. */
char *
import_convert(const struct import_text *exports, size_t n_exports,
               const struct import_text *port_map, const char *host,
               FILE *messages)
{
    struct vsphere_export export = { .n_sessions = 0 };
    struct json_doc *docs = rec_xcalloc(n_exports, sizeof *docs);
    struct port_map map = { .n = 0 };
    struct report report;
    char *text = NULL;

    report_init(&report, messages);
    if (port_map) {
        port_map_read(&map, port_map->name, port_map->text, port_map->size,
                      &report);
    }
    read_exports(exports, n_exports, docs, &export, &report);
    if (!report.n_errors) {
        struct mapping mapping;
        json_t *spec;

        mapping_init(&mapping, &map, &export, host, &report);
        spec = convert_export(&mapping);
        if (!report.n_errors) {
            text = json_dumps(spec, JSON_INDENT(2));
        }
        json_decref(spec);
        mapping_destroy(&mapping);
    }
    report_finish(&report);

    vsphere_export_destroy(&export);
    port_map_destroy(&map);
    for (size_t i = 0; i < n_exports; i++) {
        json_doc_destroy(&docs[i]);
    }
    free(docs);
    return text;
}
