/* SPDX-License-Identifier: Apache-2.0 */

/* What this host tells of itself: columns of its Host row. */

#ifndef SPAN_DAEMON_HOST_FACTS_H
#define SPAN_DAEMON_HOST_FACTS_H 1

#include "smap.h"
#include "sset.h"

struct switch_db;

struct host_facts {
    char *name;
    struct smap versions;
    struct smap status;
    struct sset capabilities;
};

void host_facts_init(struct host_facts *, const char *capture_dir);
void host_facts_destroy(struct host_facts *);
void host_facts_update(struct host_facts *, const struct switch_db *);

#endif /* plugin/daemon/host-facts.h */
