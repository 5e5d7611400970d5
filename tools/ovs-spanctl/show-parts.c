/* SPDX-License-Identifier: Apache-2.0 */

/* What "show" and "group-show" both print. */

#include <config.h>

#include "spanctl.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-schema/span-idl.h"
#include "timeval.h"
#include "util.h"

/* Appends 'what' and the time 'msec', in milliseconds since 1970. */
void
show_time(struct ds *out, const char *what, int64_t msec)
{
    struct tm_msec tm;
    char text[64];

    if (gmtime_msec(msec, &tm)
        && strftime_msec(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm)) {
        ds_put_format(out, "%s%s UTC", what, text);
    }
}

/* Appends a line that says when 'what' is, 'expires', seconds since 1970; none
 * if that is 0. */
void
show_expiry(struct ds *out, const char *what, int64_t expires)
{
    if (expires) {
        ds_put_format(out, "    %s ", what);
        show_time(out, "", MIN(expires, INT64_MAX / 1000) * 1000);
        ds_put_char(out, '\n');
    }
}

/* Appends the lines of something of a 'kind', called 'name': its 'settings',
 * in which what a terminal must not get is replaced, and what is wrong with
 * them. */
void
show_settings(struct ds *out, const char *kind, const char *name,
              struct svec *settings, const struct fault *fault)
{
    char *printable = settings_make_printable(xstrdup(name));

    ds_put_format(out, "%s %s\n", kind, printable);
    free(printable);
    for (size_t i = 0; i < settings->n; i++) {
        ds_put_format(out, "    %s\n",
                      settings_make_printable(settings->names[i]));
    }
    if (fault_is_set(fault)) {
        ds_put_format(out, "    stored, but not understood: %s\n",
                      fault->detail);
    }
}

static void
show_counters(struct ds *out, const struct spanrec_binding *binding)
{
    for (size_t i = 0; i < binding->n_counters; i++) {
        const char *key = binding->key_counters[i];
        int64_t value = binding->value_counters[i];
        bool cut = value && !strcmp(key, "cut_packets");

        ds_put_format(out, "        %s: %"PRId64"%s\n", key, value,
                      cut ? " (longer than what fits on the way)" : "");
    }
}

static void
show_estimate(struct ds *out, const struct spanrec_binding *binding)
{
    const char *text = smap_get(&binding->estimate, "text");

    if (text) {
        char *line = settings_make_printable(xstrdup(text));

        ds_put_format(out, "        %s\n", line);
        free(line);
    }
}

/* Appends the state in 'binding' and the reasons for it, and the counters. */
void
show_verdict(struct ds *out, const struct spanrec_binding *binding)
{
    ds_put_format(out, "    %s on %s", binding->state,
                  binding_host(binding));
    if (binding->since) {
        show_time(out, " since ", binding->since);
    }
    if (binding->reason[0]) {
        ds_put_format(out, ": %s", binding->reason);
    }
    ds_put_char(out, '\n');
    if (binding->detail[0]) {
        ds_put_format(out, "        %s\n", binding->detail);
    }
    show_estimate(out, binding);
    show_counters(out, binding);
}
