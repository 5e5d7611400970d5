/* SPDX-License-Identifier: Apache-2.0 */

/* The edge to what Open vSwitch's interfaces count.
 *
 * It has an IDL of its own beside that of switch-db.c: counters move all the
 * time, no decision depends on them, and nobody has to be woken for a pass
 * when they do.  The server sends those that have changed, once in each round
 * of vswitchd, in one message; nothing while all are silent.  Each message
 * costs as much as there are interfaces in it. */

#include <config.h>

#include "plugin/daemon/port-stats.h"

#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "plugin/core/port-rate.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"
#include "vswitch-idl.h"

/* As in switch-db.c. */
#define PROBE_INTERVAL 5000

struct port_stats {
    struct ovsdb_idl *idl;
    unsigned int seqno;         /* Of what has been looked at. */
    bool filled;                /* Have all interfaces been, since the
                                 * connection came up? */
    struct port_rates rates;
};

/* Connects to 'remote', the database Open_vSwitch. */
struct port_stats *
port_stats_create(const char *remote)
{
    struct port_stats *ps = xzalloc(sizeof *ps);

    ps->idl = ovsdb_idl_create(remote, &ovsrec_idl_class, false, true);
    ovsdb_idl_set_probe_interval(ps->idl, PROBE_INTERVAL);
    ovsdb_idl_add_column(ps->idl, &ovsrec_open_vswitch_col_other_config);
    ovsdb_idl_track_add_column(ps->idl, &ovsrec_interface_col_name);
    ovsdb_idl_track_add_column(ps->idl, &ovsrec_interface_col_statistics);
    port_rates_init(&ps->rates);
    return ps;
}

void
port_stats_destroy(struct port_stats *ps)
{
    if (ps) {
        port_rates_destroy(&ps->rates);
        ovsdb_idl_destroy(ps->idl);
        free(ps);
    }
}

/* Reads the counters of 'row' into '*counts'.  Returns false if it has none:
 * vswitchd has not looked at it yet. */
static bool
read_counts(const struct ovsrec_interface *row, struct port_counts *counts)
{
    const struct {
        const char *key;
        uint64_t *value;
    } members[] = {
        {"rx_packets", &counts->from_packets},
        {"rx_bytes", &counts->from_bytes},
        {"tx_packets", &counts->to_packets},
        {"tx_bytes", &counts->to_bytes},
    };
    size_t n = 0;

    for (size_t i = 0; i < row->n_statistics; i++) {
        for (size_t j = 0; j < ARRAY_SIZE(members); j++) {
            if (!strcmp(row->key_statistics[i], members[j].key)) {
                *members[j].value = MAX(row->value_statistics[i], 0);
                n++;
            }
        }
    }
    return n == ARRAY_SIZE(members);
}

static void
take(struct port_stats *ps, const struct ovsrec_interface *row,
     enum port_counts_age age)
{
    struct port_counts counts;

    if (read_counts(row, &counts)) {
        port_rates_take(&ps->rates, row->name, &row->header_.uuid, &counts,
                        age, time_msec());
    }
}

static void
take_all(struct port_stats *ps)
{
    const struct ovsrec_interface *row;

    OVSREC_INTERFACE_FOR_EACH (row, ps->idl) {
        take(ps, row, PORT_COUNTS_OLD);
    }
}

static void
take_changes(struct port_stats *ps)
{
    const struct ovsrec_interface *row;

    OVSREC_INTERFACE_FOR_EACH_TRACKED (row, ps->idl) {
        if (!ovsrec_interface_is_deleted(row)) {
            take(ps, row, PORT_COUNTS_FRESH);
        } else if (row->name) {
            port_rates_forget(&ps->rates, row->name, &row->header_.uuid);
        }
    }
}

static void
learn_interval(struct port_stats *ps)
{
    const struct ovsrec_open_vswitch *root = ovsrec_open_vswitch_first(
        ps->idl);

    port_rates_set_interval(&ps->rates, (
        root ? smap_get_int(&root->other_config, "stats-update-interval", 0)
        : 0));
}

void
port_stats_run(struct port_stats *ps)
{
    ovsdb_idl_run(ps->idl);
    if (!ovsdb_idl_is_connected(ps->idl)) {
        /* What comes next has grown since nobody knows when. */
        port_rates_clear(&ps->rates);
        ps->filled = false;
    } else if (!ps->filled && ovsdb_idl_has_ever_connected(ps->idl)) {
        learn_interval(ps);
        take_all(ps);
        ps->filled = true;
    } else if (ps->seqno != ovsdb_idl_get_seqno(ps->idl)) {
        learn_interval(ps);
        take_changes(ps);
    }
    ps->seqno = ovsdb_idl_get_seqno(ps->idl);
    ovsdb_idl_track_clear(ps->idl);
}

void
port_stats_wait(struct port_stats *ps)
{
    ovsdb_idl_wait(ps->idl);
}

/* Returns what is known of the interfaces, valid for as long as 'ps'. */
const struct port_rates *
port_stats_rates(const struct port_stats *ps)
{
    return &ps->rates;
}
