/* SPDX-License-Identifier: Apache-2.0 */

/* What this host tells of itself: columns of its Host row (span.xml). */

#include <config.h>

#include "plugin/daemon/host-facts.h"

#include <sys/utsname.h>
#include <unistd.h>

#include "openvswitch/util.h"
#include "plugin/daemon/switch-db.h"
#include "timeval.h"
#include "util.h"

/* Initializes '*facts' with what does not change while we run. */
void
host_facts_init(struct host_facts *facts, const char *capture_dir)
{
    struct utsname uts;

    smap_init(&facts->versions);
    smap_init(&facts->status);
    sset_init(&facts->capabilities);
    smap_add(&facts->versions, "ovs-span", SPAN_VERSION);
    if (uname(&uts) < 0) {
        facts->name = xstrdup("");
    } else {
        facts->name = xstrdup(uts.nodename);
        smap_add(&facts->versions, "kernel", uts.release);
    }
    smap_add_format(&facts->status, "started", "%lld",
                    (long long int) time_wall());
    smap_add(&facts->status, "capture_dir", capture_dir);
    smap_add_format(&facts->status, "pid", "%ld", (long int) getpid());
}

void
host_facts_destroy(struct host_facts *facts)
{
    free(facts->name);
    smap_destroy(&facts->versions);
    smap_destroy(&facts->status);
    sset_destroy(&facts->capabilities);
}

static void
put_version(struct host_facts *facts, const char *what, const char *version)
{
    if (*version) {
        smap_replace(&facts->versions, what, version);
    }
}

/* Brings '*facts' up to date with what the switch says of itself. */
void
host_facts_update(struct host_facts *facts, const struct switch_db *db)
{
    put_version(facts, "ovs", switch_db_ovs_version(db));
    put_version(facts, "ovs-schema", switch_db_schema_version(db));
    if (switch_db_has_mirror_filter(db)) {
        sset_add(&facts->capabilities, "mirror-filter");
    } else {
        sset_find_and_delete(&facts->capabilities, "mirror-filter");
    }
}
