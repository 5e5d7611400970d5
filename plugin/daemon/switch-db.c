/* SPDX-License-Identifier: Apache-2.0 */

/* The edge to the database Open_vSwitch: an IDL that replicates the columns
 * which decisions need, and rows turned into a switch_state.  Only one
 * ovs-spand may work on a switch: an OVSDB lock (RFC 7047, 4.1.8) sees to
 * that. mirror-apply.c says what is written. */

#include <config.h>

#include "plugin/daemon/switch-db.h"

#include "openvswitch/hmap.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "plugin/core/switch-state.h"
#include "timeval.h"
#include "util.h"
#include "vswitch-idl.h"

VLOG_DEFINE_THIS_MODULE(switch_db);

/* Milliseconds of silence after which the server is asked whether it is still
 * there.  Unix sockets have no probe unless one is set. */
#define PROBE_INTERVAL 5000

/* vswitchd brings statistics up to date every 5 s, or as rarely as
 * other_config:stats-update-interval says (vswitch.xml).  A mirror that has
 * none after three times that has failed. */
#define STATS_INTERVAL 5000
#define STATS_ROUNDS 3

/* vswitchd is taken for dead (milliseconds) when it has not moved cur_cfg for
 * this long although it is behind. */
#define SWITCH_PATIENCE 4000

/* What Linux says of tap devices, bits per second. */
#define TAP_DEFAULT_SPEED 10000000

/* How long a Mirror row has been without statistics although it selects. */
struct mirror_wait {
    struct hmap_node node;      /* In switch_db, by 'uuid'. */
    struct uuid uuid;
    long long int since;        /* Monotonic milliseconds. */
    unsigned int generation;    /* Of the last fill that saw it. */
};

struct switch_db {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_txn *txn;  /* Under way, or NULL. */
    unsigned int txn_seqno;     /* Changes when a transaction has ended. */
    struct hmap waits;          /* Of struct mirror_wait. */
    unsigned int generation;
    int64_t cur_cfg;            /* Of vswitchd, seen last. */
    long long int alive_at;     /* When vswitchd last kept up with us. */
    long long int next_due;     /* When patience is over; LLONG_MAX. */
    unsigned int due_seqno;     /* Changes when that moment has come. */
    char *system_id;            /* NULL = not known yet. */
};

static void
register_idl(struct ovsdb_idl *idl)
{
    const struct ovsdb_idl_column *const columns[] = {
        &ovsrec_open_vswitch_col_bridges, &ovsrec_open_vswitch_col_cur_cfg,
        &ovsrec_open_vswitch_col_next_cfg, &ovsrec_open_vswitch_col_db_version,
        &ovsrec_open_vswitch_col_external_ids,
        &ovsrec_open_vswitch_col_other_config,
        &ovsrec_open_vswitch_col_ovs_version,
        &ovsrec_bridge_col_name, &ovsrec_bridge_col_datapath_type,
        &ovsrec_bridge_col_external_ids, &ovsrec_bridge_col_fail_mode,
        &ovsrec_bridge_col_controller, &ovsrec_controller_col_target,
        &ovsrec_bridge_col_mirrors, &ovsrec_bridge_col_other_config,
        &ovsrec_bridge_col_ports,
        &ovsrec_port_col_name, &ovsrec_port_col_external_ids,
        &ovsrec_port_col_interfaces, &ovsrec_port_col_tag,
        &ovsrec_port_col_trunks, &ovsrec_port_col_vlan_mode,
        &ovsrec_port_col_bond_active_slave, &ovsrec_port_col_bond_mode,
        &ovsrec_port_col_other_config,
        &ovsrec_interface_col_name, &ovsrec_interface_col_type,
        &ovsrec_interface_col_ofport, &ovsrec_interface_col_mac_in_use,
        &ovsrec_interface_col_error, &ovsrec_interface_col_external_ids,
        &ovsrec_interface_col_options, &ovsrec_interface_col_ifindex,
        &ovsrec_interface_col_mtu, &ovsrec_interface_col_mtu_request,
        &ovsrec_interface_col_admin_state, &ovsrec_interface_col_link_state,
        &ovsrec_interface_col_link_speed, &ovsrec_interface_col_status,
        &ovsrec_mirror_col_name, &ovsrec_mirror_col_external_ids,
        &ovsrec_mirror_col_select_all, &ovsrec_mirror_col_select_src_port,
        &ovsrec_mirror_col_select_dst_port, &ovsrec_mirror_col_select_vlan,
        &ovsrec_mirror_col_output_port, &ovsrec_mirror_col_statistics,
    };

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(idl, columns[i]);
    }
    /* These move all the time; whoever wants them reads them in passing. */
    ovsdb_idl_omit_alert(idl, &ovsrec_mirror_col_statistics);
    ovsdb_idl_omit_alert(idl, &ovsrec_interface_col_status);
}

/* Connects to 'remote', an OVSDB connection method. */
struct switch_db *
switch_db_create(const char *remote)
{
    struct switch_db *db = xzalloc(sizeof *db);

    db->idl = ovsdb_idl_create(remote, &ovsrec_idl_class, false, true);
    ovsdb_idl_set_probe_interval(db->idl, PROBE_INTERVAL);
    ovsdb_idl_set_lock(db->idl, "ovs_spand");
    register_idl(db->idl);
    hmap_init(&db->waits);
    db->next_due = LLONG_MAX;
    return db;
}

void
switch_db_destroy(struct switch_db *db)
{
    if (db) {
        struct mirror_wait *wait;

        HMAP_FOR_EACH_POP (wait, node, &db->waits) {
            free(wait);
        }
        hmap_destroy(&db->waits);
        if (db->txn) {
            ovsdb_idl_txn_destroy(db->txn);
        }
        ovsdb_idl_destroy(db->idl);
        free(db->system_id);
        free(db);
    }
}

/* Learns who we are, once: everything of ours bears that name, so it stays for
 * the life of the process.  Without a system-id the UUID of the Open_vSwitch
 * row does; it lives as long as the database. */
static void
learn_system_id(struct switch_db *db)
{
    const struct ovsrec_open_vswitch *root = switch_db_root(db);
    const char *id;

    if (!root || !switch_db_is_synced(db)) {
        return;
    }
    id = smap_get_def(&root->external_ids, "system-id", "");
    if (!db->system_id) {
        db->system_id = (*id ? xstrdup(id)
                         : xasprintf(UUID_FMT,
                                     UUID_ARGS(&root->header_.uuid)));
        VLOG_INFO("this host is %s", db->system_id);
    } else if (*id && strcmp(id, db->system_id)) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);

        VLOG_WARN_RL(&rl, "external_ids:system-id is now %s, but this host "
                     "goes on as %s; \"ovs-appctl -t ovs-spand exit\" and "
                     "start again to change that", id, db->system_id);
    }
}

static void
txn_run(struct switch_db *db)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    enum ovsdb_idl_txn_status status;

    if (!db->txn) {
        return;
    }
    status = ovsdb_idl_txn_commit(db->txn);
    if (status == TXN_INCOMPLETE) {
        return;
    }
    if (status == TXN_TRY_AGAIN) {
        VLOG_DBG("the switch changed meanwhile; planning again");
    } else if (status != TXN_SUCCESS && status != TXN_UNCHANGED) {
        VLOG_WARN_RL(&rl, "change of the switch was not stored: %s: %s",
                     ovsdb_idl_txn_status_to_string(status),
                     ovsdb_idl_txn_get_error(db->txn));
    }
    ovsdb_idl_txn_destroy(db->txn);
    db->txn = NULL;
    db->txn_seqno++;
}

void
switch_db_run(struct switch_db *db)
{
    ovsdb_idl_run(db->idl);
    txn_run(db);
    learn_system_id(db);
    if (time_msec() >= db->next_due) {
        db->next_due = LLONG_MAX;
        db->due_seqno++;
    }
}

void
switch_db_wait(struct switch_db *db)
{
    ovsdb_idl_wait(db->idl);
    if (db->txn) {
        ovsdb_idl_txn_wait(db->txn);
    }
    if (db->next_due != LLONG_MAX) {
        poll_timer_wait_until(db->next_due);
    }
}

/* Is there a complete copy of the database, and are we the one ovs-spand that
 * works on it? */
bool
switch_db_is_synced(const struct switch_db *db)
{
    return (ovsdb_idl_has_ever_connected(db->idl)
            && ovsdb_idl_has_lock(db->idl));
}

bool
switch_db_is_connected(const struct switch_db *db)
{
    return ovsdb_idl_is_connected(db->idl);
}

/* Does another ovs-spand work on this switch? */
bool
switch_db_is_contended(const struct switch_db *db)
{
    return ovsdb_idl_is_lock_contended(db->idl);
}

/* Changes when what switch_db_fill() yields may have changed, but for
 * counters. */
unsigned int
switch_db_seqno(const struct switch_db *db)
{
    return (ovsdb_idl_get_seqno(db->idl) + db->txn_seqno + db->due_seqno);
}

struct ovsdb_idl *
switch_db_idl(const struct switch_db *db)
{
    return db->idl;
}

/* Returns the one Open_vSwitch row, or NULL. */
const struct ovsrec_open_vswitch *
switch_db_root(const struct switch_db *db)
{
    return ovsrec_open_vswitch_first(db->idl);
}

/* Returns the name that marks what is ours, or NULL while it is not known. */
const char *
switch_db_system_id(const struct switch_db *db)
{
    return db->system_id;
}

const char *
switch_db_ovs_version(const struct switch_db *db)
{
    const struct ovsrec_open_vswitch *root = switch_db_root(db);

    return root && root->ovs_version ? root->ovs_version : "";
}

const char *
switch_db_schema_version(const struct switch_db *db)
{
    const struct ovsrec_open_vswitch *root = switch_db_root(db);

    return root && root->db_version ? root->db_version : "";
}

/* Does a Mirror row of this switch have a filter of its own (OVS 3.4)?  The
 * IDL of the library that we link may be too old to know the column. */
bool
switch_db_has_mirror_filter(const struct switch_db *db)
{
    int major = 0, minor = 0;

    return (ovs_scan(switch_db_ovs_version(db), "%d.%d", &major, &minor)
            && (major > 3 || (major == 3 && minor >= 4)));
}

/* Is a transaction under way?  Its effects are not observed yet. */
bool
switch_db_is_busy(const struct switch_db *db)
{
    return db->txn != NULL;
}

/* Opens a transaction; none may be under way.  The caller puts into it what it
 * has to and calls switch_db_commit(). */
struct ovsdb_idl_txn *
switch_db_begin(struct switch_db *db)
{
    db->txn = ovsdb_idl_txn_create(db->idl);
    ovsdb_idl_txn_add_comment(db->txn, "ovs-spand");
    return db->txn;
}

/* Sends the open transaction.  switch_db_run() sees to the rest, and
 * switch_db_seqno() changes when it has ended, well or not. */
void
switch_db_commit(struct switch_db *db)
{
    txn_run(db);
}

static long long int
stats_patience(const struct switch_db *db)
{
    const struct ovsrec_open_vswitch *root = switch_db_root(db);
    int interval = (root ? smap_get_int(&root->other_config,
                                        "stats-update-interval", 0) : 0);

    return (long long int) STATS_ROUNDS * MAX(interval, STATS_INTERVAL);
}

/* Has 'row', which selects something, waited too long for its first
 * statistics? */
static bool
mirror_is_dead(struct switch_db *db, const struct ovsrec_mirror *row)
{
    const struct uuid *uuid = &row->header_.uuid;
    struct mirror_wait *wait;
    long long int due;

    HMAP_FOR_EACH_WITH_HASH (wait, node, uuid_hash(uuid), &db->waits) {
        if (uuid_equals(&wait->uuid, uuid)) {
            goto found;
        }
    }
    wait = xzalloc(sizeof *wait);
    wait->uuid = *uuid;
    wait->since = time_msec();
    hmap_insert(&db->waits, &wait->node, uuid_hash(uuid));

found:
    wait->generation = db->generation;
    due = wait->since + stats_patience(db);
    if (time_msec() < due) {
        db->next_due = MIN(db->next_due, due);
        return false;
    }
    return true;
}

/* Forgets the waits of mirrors that this fill has not met. */
static void
forget_waits(struct switch_db *db)
{
    struct mirror_wait *wait;

    HMAP_FOR_EACH_SAFE (wait, node, &db->waits) {
        if (wait->generation != db->generation) {
            hmap_remove(&db->waits, &wait->node);
            free(wait);
        }
    }
}

static int
compare_uuids(const void *a, const void *b)
{
    return uuid_compare_3way(a, b);
}

static struct uuid *
port_uuids(struct ovsrec_port **ports, size_t n)
{
    struct uuid *uuids = xcalloc(n + 1, sizeof *uuids);

    for (size_t i = 0; i < n; i++) {
        uuids[i] = ports[i]->header_.uuid;
    }
    qsort(uuids, n, sizeof *uuids, compare_uuids);
    return uuids;
}

static int64_t
mirror_statistic(const struct ovsrec_mirror *row, const char *key)
{
    for (size_t i = 0; i < row->n_statistics; i++) {
        if (!strcmp(row->key_statistics[i], key)) {
            return MAX(row->value_statistics[i], 0);
        }
    }
    return 0;
}

static void
fill_mirror(struct switch_db *db, struct switch_bridge *bridge,
            const struct ovsrec_mirror *row)
{
    struct switch_mirror *m = switch_bridge_add_mirror(bridge, row->name);

    m->uuid = row->header_.uuid;
    smap_destroy(&m->external_ids);
    smap_clone(&m->external_ids, &row->external_ids);
    m->select_all = row->select_all;
    m->src = port_uuids(row->select_src_port, row->n_select_src_port);
    m->n_src = row->n_select_src_port;
    m->dst = port_uuids(row->select_dst_port, row->n_select_dst_port);
    m->n_dst = row->n_select_dst_port;
    m->vlans = xcalloc(row->n_select_vlan + 1, sizeof *m->vlans);
    for (size_t i = 0; i < row->n_select_vlan; i++) {
        m->vlans[m->n_vlans++] = row->select_vlan[i];   /* Sorted already. */
    }
    if (row->output_port) {
        m->output_port = row->output_port->header_.uuid;
    }
    m->has_statistics = row->n_statistics > 0;
    m->packets = mirror_statistic(row, "tx_packets");
    m->bytes = mirror_statistic(row, "tx_bytes");
    if (!m->has_statistics && (m->select_all || m->n_src || m->n_dst)) {
        m->dead = mirror_is_dead(db, row);
    }
}

/* Is the network device behind 'row' gone?  vswitchd keeps the OpenFlow number
 * of the port, but has nothing to say about the device any more. */
static bool
has_lost_device(const struct ovsrec_interface *row)
{
    return (row->n_ofport && *row->ofport > 0
            && (!row->n_ifindex || !*row->ifindex)
            && !row->mac_in_use
            && row->admin_state && !strcmp(row->admin_state, "down"));
}

/* Returns the speed of the link behind 'row', bits per second, 0 if it is not
 * known.  Linux before 5.17 says 10 Mbit/s of tap devices that nobody has told
 * another speed (drivers/net/tun.c), and they are never that slow. */
static int64_t
link_speed(const struct ovsrec_interface *row)
{
    int64_t speed = row->n_link_speed ? *row->link_speed : 0;

    return (speed == TAP_DEFAULT_SPEED
            && !strcmp(smap_get_def(&row->status, "driver_name", ""), "tun")
            ? 0 : MAX(speed, 0));
}

static void
fill_iface(struct switch_port *port, const struct ovsrec_interface *row)
{
    struct switch_iface *i = switch_port_add_iface(port, row->name);

    free(i->type);
    i->type = xstrdup(strcmp(row->type, "system") ? row->type : "");
    i->ofport = row->n_ofport ? *row->ofport : 0;
    free(i->mac);
    i->mac = xstrdup(row->mac_in_use ? row->mac_in_use : "");
    free(i->error);
    i->error = xstrdup(row->error ? row->error : "");
    free(i->driver);
    i->driver = xstrdup(smap_get_def(&row->status, "driver_name", ""));
    smap_destroy(&i->external_ids);
    smap_clone(&i->external_ids, &row->external_ids);
    smap_destroy(&i->options);
    smap_clone(&i->options, &row->options);
    i->ifindex = row->n_ifindex ? *row->ifindex : 0;
    i->mtu = row->n_mtu ? *row->mtu : 0;
    i->mtu_request = row->n_mtu_request ? *row->mtu_request : 0;
    i->link_speed = link_speed(row);
    i->link_down = row->link_state && !strcmp(row->link_state, "down");
    if (has_lost_device(row)) {
        i->ofport = -1;
        free(i->error);
        i->error = xstrdup("its network device is gone");
    }
}

static void
fill_vlans(struct switch_port *port, const struct ovsrec_port *row)
{
    uint16_t *trunks = xcalloc(row->n_trunks + 1, sizeof *trunks);

    for (size_t i = 0; i < row->n_trunks; i++) {
        trunks[i] = row->trunks[i];
    }
    switch_port_set_vlans(port, row->vlan_mode ? row->vlan_mode : "",
                          row->n_tag ? *row->tag : -1, trunks, row->n_trunks);
    free(trunks);
}

/* Seconds until 'row' forgets an address (vswitchd/bridge.c,
 * bridge_configure_mac_table(); lib/mac-learning.c, normalize_idle_time()). */
static int
mac_aging(const struct ovsrec_bridge *row)
{
    int seconds = smap_get_int(&row->other_config, "mac-aging-time", 0);

    return seconds ? MIN(MAX(seconds, 15), 3600) : SWITCH_MAC_AGING;
}

static void
fill_port(struct switch_bridge *bridge, const struct ovsrec_port *row)
{
    struct switch_port *port = switch_bridge_add_port(bridge, row->name);

    port->uuid = row->header_.uuid;
    smap_destroy(&port->external_ids);
    smap_clone(&port->external_ids, &row->external_ids);
    fill_vlans(port, row);
    if (row->bond_active_slave) {
        free(port->active_mac);
        port->active_mac = xstrdup(row->bond_active_slave);
    }
    free(port->bond_mode);
    port->bond_mode = xstrdup(row->bond_mode ? row->bond_mode : "");
    port->lb_output = smap_get_bool(&row->other_config, "lb-output-action",
                                    false);
    for (size_t i = 0; i < row->n_interfaces; i++) {
        fill_iface(port, row->interfaces[i]);
    }
}

static void
fill_bridge(struct switch_db *db, struct switch_state *state,
            const struct ovsrec_bridge *row)
{
    struct switch_bridge *bridge = switch_state_add_bridge(state, row->name);

    bridge->uuid = row->header_.uuid;
    free(bridge->datapath_type);
    bridge->datapath_type = xstrdup(row->datapath_type);
    free(bridge->fail_mode);
    bridge->fail_mode = xstrdup(row->fail_mode ? row->fail_mode : "");
    bridge->has_controller = row->n_controller > 0;
    smap_destroy(&bridge->external_ids);
    smap_clone(&bridge->external_ids, &row->external_ids);
    bridge->mac_aging = mac_aging(row);
    for (size_t i = 0; i < row->n_ports; i++) {
        fill_port(bridge, row->ports[i]);
    }
    for (size_t i = 0; i < row->n_mirrors; i++) {
        fill_mirror(db, bridge, row->mirrors[i]);
    }
}

/* Does vswitchd keep up with its database? */
static void
fill_progress(struct switch_db *db, struct switch_state *state,
              const struct ovsrec_open_vswitch *root)
{
    long long int now = time_msec();
    bool settled = root->cur_cfg >= root->next_cfg;

    state->config_settled = !db->txn && settled;
    if (settled || root->cur_cfg != db->cur_cfg || !db->alive_at) {
        db->cur_cfg = root->cur_cfg;
        db->alive_at = now;
    }
    state->unreachable = now >= db->alive_at + SWITCH_PATIENCE;
    if (!settled && !state->unreachable) {
        db->next_due = MIN(db->next_due, db->alive_at + SWITCH_PATIENCE);
    }
}

/* Adds to 'state' all that the database says of the switch. */
void
switch_db_fill(struct switch_db *db, struct switch_state *state)
{
    const struct ovsrec_open_vswitch *root = switch_db_root(db);

    if (!root) {
        return;
    }
    db->generation++;
    db->next_due = LLONG_MAX;
    free(state->ovs_version);
    state->ovs_version = xstrdup(switch_db_ovs_version(db));
    for (size_t i = 0; i < root->n_bridges; i++) {
        fill_bridge(db, state, root->bridges[i]);
    }
    forget_waits(db);
    fill_progress(db, state, root);
}
