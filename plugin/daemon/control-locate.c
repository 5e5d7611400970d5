/* SPDX-License-Identifier: Apache-2.0 */

/* What span/locate prints. */

#include <config.h>

#include "plugin/daemon/control.h"

#include "openvswitch/dynamic-string.h"
#include "plugin/core/locate.h"
#include "plugin/core/selector.h"
#include "plugin/daemon/locator.h"
#include "smap.h"
#include "unixctl.h"

static void
put_locations(const struct located *found, struct ds *ds)
{
    for (size_t i = 0; i < found->n_locations; i++) {
        struct smap columns = SMAP_INITIALIZER(&columns);

        location_to_columns(&found->locations[i], found->host, &columns);
        locate_put_columns(&columns, true, ds);
        smap_destroy(&columns);
    }
    if (found->n_more) {
        ds_put_format(ds, "... and %"PRIuSIZE" ports more\n", found->n_more);
    }
}

/* Answers 'conn_', which has asked where 'selector' is. */
static void
reply(const struct selector *selector, const struct located *found,
      void *conn_)
{
    struct unixctl_conn *conn = conn_;
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (!found) {
        unixctl_command_reply_error(conn, "ovs-spand ends");
    } else if (!found->n_locations) {
        locate_put_absence(selector, &found->near, &ds);
        unixctl_command_reply_error(conn, ds_cstr(&ds));
    } else {
        put_locations(found, &ds);
        unixctl_command_reply(conn, ds_cstr(&ds));
    }
    ds_destroy(&ds);
}

/* Replies to 'conn', as soon as 'locator' knows it, where on this host is what
 * 'text' selects. */
void
control_locate(struct locator *locator, struct unixctl_conn *conn,
               const char *text)
{
    struct fault fault = FAULT_INITIALIZER;
    struct selector selector;

    if (selector_parse(&selector, text, &fault)) {
        locator_ask(locator, &selector, reply, conn);
        selector_destroy(&selector);
    } else {
        char *error = xasprintf("%s: %s", fault.reason, fault.detail);

        unixctl_command_reply_error(conn, error);
        free(error);
        fault_clear(&fault);
    }
}
