/* SPDX-License-Identifier: Apache-2.0 */

/* The counters as the status and manifests have them; see counters-json.h. */

#include <config.h>

#include "counters-json.h"

#include "accounting.h"

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
