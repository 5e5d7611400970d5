/* SPDX-License-Identifier: Apache-2.0 */

/* Learned addresses: see fdb-link.h.
 *
 * Nothing tells when a bridge learns or forgets an address, so vswitchd's
 * command "fdb/show" is asked for each bridge again and again, one at a time
 * and never waited for, as long as there is a port for which it matters.  All
 * of an answer is kept, because the next port that matters may already be in
 * it, but only what concerns the ports that do is told.
 *
 * When vswitchd cannot be asked, because its socket is elsewhere, a bridge
 * counts as one that has learned nothing. */

#include <config.h>
#include "plugin/daemon/fdb-link.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "plugin/core/switch-state.h"
#include "plugin/core/wanted-group.h"
#include "plugin/core/wanted.h"
#include "plugin/daemon/vswitchd-ctl.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(fdb_link);

/* Milliseconds between questions for the same bridge; until vswitchd is tried
 * again; and until a bridge of which nothing is known counts as empty. */
#define INTERVAL 1000
#define RETRY 500
#define PATIENCE 2000

struct address_list {
    struct switch_address *addresses;
    size_t n, allocated;
};

struct fdb {
    bool wanted;
    bool known;
    struct address_list all;
    struct address_list told;   /* Those at 'ofports', sorted. */
    int64_t *ofports;           /* That matter. */
    size_t n_ofports, allocated_ofports;
    long long int since;        /* First asked for, msec. */
    long long int next;         /* When to ask again, msec. */
};

struct fdb_link {
    struct vswitchd_ctl *ctl;
    struct shash bridges;       /* "struct fdb"s by name. */
    char *asked;                /* The bridge that is asked for. */
    unsigned int seq;
};

/* Creates what asks the vswitchd whose sockets are in 'run_dir'. */
struct fdb_link *
fdb_link_create(const char *run_dir)
{
    struct fdb_link *f = xzalloc(sizeof *f);

    f->ctl = vswitchd_ctl_create(run_dir, RETRY);
    shash_init(&f->bridges);
    return f;
}

static void
delete_fdb(struct fdb_link *f, struct shash_node *node)
{
    struct fdb *fdb = node->data;

    shash_delete(&f->bridges, node);
    free(fdb->all.addresses);
    free(fdb->told.addresses);
    free(fdb->ofports);
    free(fdb);
}

/* Frees 'f'; NULL is fine. */
void
fdb_link_destroy(struct fdb_link *f)
{
    struct shash_node *node, *next;

    if (f) {
        SHASH_FOR_EACH_SAFE (node, next, &f->bridges) {
            delete_fdb(f, node);
        }
        shash_destroy(&f->bridges);
        vswitchd_ctl_destroy(f->ctl);
        free(f->asked);
        free(f);
    }
}

static void
add_address(struct address_list *list, const struct switch_address *address)
{
    if (list->n >= list->allocated) {
        list->addresses = x2nrealloc(list->addresses, &list->allocated,
                                     sizeof *list->addresses);
    }
    list->addresses[list->n++] = *address;
}

static int
compare_ofports(const void *a_, const void *b_)
{
    const int64_t *a = a_, *b = b_;

    return *a < *b ? -1 : *a > *b;
}

/* Brings what 'fdb' tells to what it knows; returns true if it was not so
 * already. */
static bool
update_told(struct fdb *fdb)
{
    struct address_list told = { NULL, 0, 0 };

    for (size_t i = 0; i < fdb->all.n && fdb->n_ofports; i++) {
        const struct switch_address *address = &fdb->all.addresses[i];

        if (bsearch(&address->ofport, fdb->ofports, fdb->n_ofports,
                    sizeof *fdb->ofports, compare_ofports)) {
            add_address(&told, address);
        }
    }
    if (told.n) {
        qsort(told.addresses, told.n, sizeof *told.addresses,
              switch_address_compare);
    }
    bool changed = told.n != fdb->told.n;
    for (size_t i = 0; i < told.n && !changed; i++) {
        changed = switch_address_compare(&told.addresses[i],
                                         &fdb->told.addresses[i]) != 0;
    }
    free(fdb->told.addresses);
    fdb->told = told;
    return changed;
}

/* Takes what 'fdb' holds for the truth. */
static void
set_known(struct fdb_link *f, struct fdb *fdb)
{
    if (update_told(fdb) || !fdb->known) {
        f->seq++;
    }
    fdb->known = true;
    fdb->next = time_msec() + INTERVAL;
}

/* Reads into 'fdb' what "fdb/show" has printed; cuts 'text' up. */
static void
parse(struct fdb *fdb, char *text)
{
    char *line;

    fdb->all.n = 0;
    while ((line = strsep(&text, "\n"))) {
        struct switch_address address;

        if (switch_address_parse(&address, line)) {
            add_address(&fdb->all, &address);
        }
    }
}

static void
receive(struct fdb_link *f)
{
    char *text;
    enum ctl_answer answer = vswitchd_ctl_run(f->ctl, &text);

    if (answer == CTL_REPLY || answer == CTL_REFUSAL) {
        struct fdb *fdb = shash_find_data(&f->bridges, f->asked);

        if (answer == CTL_REFUSAL) {
            VLOG_DBG("%s: %s", f->asked, text);
            text[0] = '\0';
        }
        if (fdb) {
            parse(fdb, text);
            set_known(f, fdb);
        }
    }
    free(text);
}

/* vswitchd cannot be asked now: what is known stays. */
static void
assume(struct fdb_link *f)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &f->bridges) {
        struct fdb *fdb = node->data;

        if (!fdb->known && time_msec() >= fdb->since + PATIENCE) {
            VLOG_INFO_ONCE("vswitchd cannot be asked for the addresses that "
                           "bridges have learned; going on without them");
            set_known(f, fdb);
        }
    }
}

/* Returns the bridge that is to be asked for next, NULL if there is none. */
static const struct shash_node *
find_next(const struct fdb_link *f)
{
    const struct shash_node *node, *best = NULL;

    SHASH_FOR_EACH (node, &f->bridges) {
        const struct fdb *fdb = node->data;

        if (!best || fdb->next < ((struct fdb *) best->data)->next) {
            best = node;
        }
    }
    return best;
}

void
fdb_link_run(struct fdb_link *f)
{
    const struct shash_node *next;

    receive(f);
    next = find_next(f);
    if (!next || !vswitchd_ctl_may_ask(f->ctl)
        || time_msec() < ((struct fdb *) next->data)->next) {
        return;
    }
    free(f->asked);
    f->asked = xstrdup(next->name);
    if (!vswitchd_ctl_ask(f->ctl, "fdb/show", f->asked)) {
        assume(f);
    }
}

void
fdb_link_wait(struct fdb_link *f)
{
    const struct shash_node *next = find_next(f);

    vswitchd_ctl_wait(f->ctl, (next ? ((struct fdb *) next->data)->next
                               : LLONG_MAX));
}

/* Changes when what fdb_link_fill() tells has changed. */
unsigned int
fdb_link_seq(const struct fdb_link *f)
{
    return f->seq;
}

static void
add_ofports(struct fdb *fdb, const struct switch_port *port)
{
    for (size_t i = 0; i < port->n_ifaces; i++) {
        if (port->ifaces[i]->ofport <= 0) {
            continue;
        }
        if (fdb->n_ofports >= fdb->allocated_ofports) {
            fdb->ofports = x2nrealloc(fdb->ofports, &fdb->allocated_ofports,
                                      sizeof *fdb->ofports);
        }
        fdb->ofports[fdb->n_ofports++] = port->ifaces[i]->ofport;
    }
}

/* Asks for the ports of 'wg' for which it matters. */
static void
ask_group(struct fdb_link *f, const struct wanted_group *wg)
{
    for (size_t i = 0; i < wg->n_ports; i++) {
        struct fdb *fdb;

        if (!wanted_group_port_needs_fdb(wg, &wg->ports[i])) {
            continue;
        }
        fdb = shash_find_data(&f->bridges, wg->bridge->name);
        if (!fdb) {
            fdb = xzalloc(sizeof *fdb);
            fdb->since = time_msec();
            shash_add(&f->bridges, wg->bridge->name, fdb);
        }
        fdb->wanted = true;
        add_ofports(fdb, wg->ports[i].port);
    }
}

/* Asks from now on for the addresses behind those ports of the groups in
 * 'wanted' for which they matter, and for no others. */
void
fdb_link_ask(struct fdb_link *f, const struct wanted *wanted)
{
    struct shash_node *node, *next;

    SHASH_FOR_EACH (node, &f->bridges) {
        struct fdb *fdb = node->data;

        fdb->wanted = false;
        fdb->n_ofports = 0;
    }
    for (size_t i = 0; i < wanted->n_groups; i++) {
        ask_group(f, &wanted->groups[i]);
    }
    SHASH_FOR_EACH_SAFE (node, next, &f->bridges) {
        struct fdb *fdb = node->data;

        if (!fdb->wanted) {
            delete_fdb(f, node);
            continue;
        }
        if (fdb->n_ofports) {
            qsort(fdb->ofports, fdb->n_ofports, sizeof *fdb->ofports,
                  compare_ofports);
        }
        if (update_told(fdb)) {
            f->seq++;
        }
    }
}

/* Writes what is known into 'state'. */
void
fdb_link_fill(const struct fdb_link *f, struct switch_state *state)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        struct switch_bridge *bridge = state->bridges[i];
        const struct fdb *fdb = shash_find_data(&f->bridges, bridge->name);

        if (fdb && fdb->known) {
            bridge->fdb_known = true;
            for (size_t j = 0; j < fdb->told.n; j++) {
                switch_bridge_add_address(bridge, &fdb->told.addresses[j]);
            }
        }
    }
}
