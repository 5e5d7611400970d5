/* SPDX-License-Identifier: Apache-2.0 */

/* The counters as the status and manifests have them; see counters-json.h. */

#include <config.h>

#include "counters-json.h"

#include "accounting.h"
#include "plugin/record/record-util.h"

/* Returns an object of all counters of 's', by name.  The caller owns it. */
json_t *
counters_to_json(const struct accounting_snapshot *s)
{
    json_t *json = json_object();

#define ACCOUNTING_COUNTER(NAME) \
    json_object_set_new(json, #NAME, json_integer(s->NAME));
#define ACCOUNTING_DERIVED(NAME) ACCOUNTING_COUNTER(NAME)
    ACCOUNTING_COUNTERS
#undef ACCOUNTING_DERIVED
#undef ACCOUNTING_COUNTER
    return json;
}

/* The same for a relay, which has no files. */
json_t *
counters_to_json_of_relay(const struct accounting_snapshot *s)
{
    static const char *const of_files[] = {
        "written", "write_drop", "files", "noted",
    };
    json_t *json = counters_to_json(s);

    for (size_t i = 0; i < REC_ARRAY_SIZE(of_files); i++) {
        json_object_del(json, of_files[i]);
    }
#define ACCOUNTING_COUNTER(NAME) \
    json_object_set_new(json, #NAME, json_integer(s->NAME));
    ACCOUNTING_RELAY_COUNTERS
#undef ACCOUNTING_COUNTER
    return json;
}
