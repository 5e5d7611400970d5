/* SPDX-License-Identifier: Apache-2.0 */

/* Asking all hosts where something is, over the database. */

#ifndef TOOLS_SPANCTL_INQUIRY_H
#define TOOLS_SPANCTL_INQUIRY_H 1

#include <stdbool.h>
#include <stddef.h>

#include "openvswitch/uuid.h"
#include "smap.h"
#include "svec.h"

struct settings;

/* What a host has answered; printable. */
struct host_answer {
    char *host;                 /* Its name. */
    bool came;                  /* If not, the rest is empty. */
    struct smap *locations;     /* Columns by name: plugin/core/locate.h. */
    size_t n_locations;
    long long int n_more;       /* That are not among them. */
    struct svec near;           /* Selectors that name something. */
    char *error;                /* NULL = none. */
};

struct inquiry {
    const char *selector;       /* Borrowed. */
    struct uuid uuid;           /* Of its row. */
    struct host_answer *answers;         /* One for each host, by name. */
    size_t n_answers;
};

bool inquiries_ask(const struct settings *, struct inquiry *, size_t n);
void inquiry_destroy(struct inquiry *);

#endif /* tools/ovs-spanctl/inquiry.h */
