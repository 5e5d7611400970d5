/* SPDX-License-Identifier: Apache-2.0 */

/* Plan operations as one transaction on the database Open_vSwitch.
 *
 * Sets that other people write too (Bridge.ports, Bridge.mirrors) are changed
 * by adding and taking out single members, never as a whole.  What is deleted
 * or changed is verified to be still marked as it was when it was observed.
 * Rows may be gone by now: then the operation is left out, and the next pass,
 * which sees that, plans again. */

#include <config.h>

#include "plugin/daemon/mirror-apply.h"

#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "plugin/core/plan.h"
#include "plugin/daemon/switch-db.h"
#include "util.h"
#include "vswitch-idl.h"

/* A transaction being put together.  Bridges that it makes itself get their
 * columns written whole, at the end. */
struct apply {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_txn *txn;
    const struct ovsrec_open_vswitch *root;
    struct shash bridges;       /* Name to struct ovsrec_bridge. */
    struct shash new_bridges;   /* Name to struct new_bridge. */
    struct shash new_ports;     /* Name to struct ovsrec_port. */
};

struct new_bridge {
    struct ovsrec_bridge *row;
    struct ovsrec_port **ports;
    size_t n_ports, allocated_ports;
};

/* Is 'op' one for this file? */
bool
mirror_apply_handles(const struct op *op)
{
    return op->type <= OP_ADD_MIRROR;
}

static const struct ovsrec_bridge *
find_bridge(const struct apply *a, const char *name)
{
    return shash_find_data(&a->bridges, name);
}

static const struct ovsrec_port *
find_port(const struct apply *a, const struct ovsrec_bridge *bridge,
          const char *name)
{
    const struct ovsrec_port *port = shash_find_data(&a->new_ports, name);

    for (size_t i = 0; !port && i < bridge->n_ports; i++) {
        if (!strcmp(bridge->ports[i]->name, name)) {
            port = bridge->ports[i];
        }
    }
    return port;
}

static void
del_mirror(struct apply *a, const struct op *op)
{
    const struct ovsrec_bridge *bridge = find_bridge(a, op->bridge);
    const struct ovsrec_mirror *row = ovsrec_mirror_get_for_uuid(a->idl,
                                                                 &op->row);

    if (bridge && row) {
        ovsrec_mirror_verify_external_ids(row);
        ovsrec_bridge_update_mirrors_delvalue(bridge, row);
    }
}

typedef void port_set_func(const struct ovsrec_mirror *,
                           const struct ovsrec_port *);

static void
update_ports(struct apply *a, const struct ovsrec_mirror *row,
             const struct uuid *uuids, size_t n, port_set_func *update)
{
    for (size_t i = 0; i < n; i++) {
        const struct ovsrec_port *port = ovsrec_port_get_for_uuid(a->idl,
                                                                  &uuids[i]);

        if (port) {
            update(row, port);
        }
    }
}

static void
set_mirror(struct apply *a, const struct op *op)
{
    const struct ovsrec_bridge *bridge = find_bridge(a, op->bridge);
    const struct ovsrec_mirror *row = ovsrec_mirror_get_for_uuid(a->idl,
                                                                 &op->row);
    const struct smap_node *id;

    if (!bridge || !row) {
        return;
    }
    ovsrec_mirror_verify_external_ids(row);
    update_ports(a, row, op->del_src, op->n_del_src,
                 ovsrec_mirror_update_select_src_port_delvalue);
    update_ports(a, row, op->add_src, op->n_add_src,
                 ovsrec_mirror_update_select_src_port_addvalue);
    update_ports(a, row, op->del_dst, op->n_del_dst,
                 ovsrec_mirror_update_select_dst_port_delvalue);
    update_ports(a, row, op->add_dst, op->n_add_dst,
                 ovsrec_mirror_update_select_dst_port_addvalue);
    for (size_t i = 0; i < op->n_del_vlans; i++) {
        ovsrec_mirror_update_select_vlan_delvalue(row, op->del_vlans[i]);
    }
    for (size_t i = 0; i < op->n_add_vlans; i++) {
        ovsrec_mirror_update_select_vlan_addvalue(row, op->add_vlans[i]);
    }
    if (op->clear_select_all) {
        ovsrec_mirror_set_select_all(row, false);
    }
    SMAP_FOR_EACH (id, &op->ids) {
        ovsrec_mirror_update_external_ids_setkey(row, id->key, id->value);
    }
    if (op->output) {
        const struct ovsrec_port *output = find_port(a, bridge, op->output);

        if (output) {
            ovsrec_mirror_set_output_port(row, output);
        }
    }
}

static void
del_port(struct apply *a, const struct op *op)
{
    const struct ovsrec_bridge *bridge = find_bridge(a, op->bridge);
    const struct ovsrec_port *row = ovsrec_port_get_for_uuid(a->idl,
                                                             &op->row);

    if (bridge && row) {
        ovsrec_port_verify_external_ids(row);
        ovsrec_bridge_update_ports_delvalue(bridge, row);
    }
}

static void
del_bridge(struct apply *a, const struct op *op)
{
    const struct ovsrec_bridge *row = ovsrec_bridge_get_for_uuid(a->idl,
                                                                 &op->row);

    if (row) {
        ovsrec_bridge_verify_external_ids(row);
        ovsrec_open_vswitch_update_bridges_delvalue(a->root, row);
    }
}

/* Makes a Port row 'name' with its one Interface of type 'type'. */
static struct ovsrec_port *
insert_port(struct apply *a, const char *name, const char *type,
            const struct op *op)
{
    struct ovsrec_interface *iface = ovsrec_interface_insert(a->txn);
    struct ovsrec_port *port = ovsrec_port_insert(a->txn);

    ovsrec_interface_set_name(iface, name);
    ovsrec_interface_set_type(iface, type);
    ovsrec_port_set_name(port, name);
    ovsrec_port_set_interfaces(port, &iface, 1);
    ovsrec_port_set_external_ids(port, &op->ids);
    return port;
}

/* Nothing but our own rules shall ever handle a frame in a private bridge:
 * without any rule it drops everything (fail_mode secure) and it never looks
 * for a controller by itself. */
static void
add_bridge(struct apply *a, const struct op *op)
{
    struct smap config = SMAP_INITIALIZER(&config);
    struct new_bridge *new = xzalloc(sizeof *new);

    new->row = ovsrec_bridge_insert(a->txn);
    ovsrec_bridge_set_name(new->row, op->name);
    ovsrec_bridge_set_datapath_type(new->row, op->iface_type);
    ovsrec_bridge_set_fail_mode(new->row, "secure");
    ovsrec_bridge_set_external_ids(new->row, &op->ids);
    smap_add(&config, "disable-in-band", "true");
    ovsrec_bridge_set_other_config(new->row, &config);
    smap_destroy(&config);

    new->allocated_ports = 1;
    new->ports = xmalloc(sizeof *new->ports);
    new->ports[new->n_ports++] = insert_port(a, op->name, "internal", op);
    shash_add(&a->new_bridges, op->name, new);
    shash_add(&a->bridges, op->name, new->row);
    ovsrec_open_vswitch_update_bridges_addvalue(a->root, new->row);
}

static void
set_bridge(struct apply *a, const struct op *op)
{
    const struct ovsrec_bridge *row = ovsrec_bridge_get_for_uuid(a->idl,
                                                                 &op->row);

    if (row) {
        ovsrec_bridge_verify_external_ids(row);
        ovsrec_bridge_set_fail_mode(row, "secure");
    }
}

static void
add_port(struct apply *a, const struct op *op)
{
    const struct ovsrec_bridge *bridge = find_bridge(a, op->bridge);
    struct new_bridge *new = shash_find_data(&a->new_bridges, op->bridge);
    struct smap config = SMAP_INITIALIZER(&config);
    struct ovsrec_port *port;

    if (!bridge) {
        return;
    }
    port = insert_port(a, op->name, op->iface_type, op);
    ovsrec_interface_set_options(port->interfaces[0], &op->options);
    if (op->mtu) {
        ovsrec_interface_set_mtu_request(port->interfaces[0], &op->mtu, 1);
    }

    /* A copy waits for no spanning tree, and a priority tag stays on it. */
    smap_add(&config, "stp-enable", "false");
    smap_add(&config, "rstp-enable", "false");
    smap_add(&config, "priority-tags", "if-nonzero");
    ovsrec_port_set_other_config(port, &config);
    smap_destroy(&config);

    shash_replace(&a->new_ports, op->name, port);
    if (new) {
        if (new->n_ports >= new->allocated_ports) {
            new->ports = x2nrealloc(new->ports, &new->allocated_ports,
                                    sizeof *new->ports);
        }
        new->ports[new->n_ports++] = port;
    } else {
        ovsrec_bridge_update_ports_addvalue(bridge, port);
    }
}

static void
set_port(struct apply *a, const struct op *op)
{
    const struct ovsrec_port *port = ovsrec_port_get_for_uuid(a->idl,
                                                              &op->row);

    if (port && port->n_interfaces) {
        ovsrec_port_verify_external_ids(port);
        ovsrec_interface_set_options(port->interfaces[0], &op->options);
        ovsrec_interface_set_mtu_request(port->interfaces[0], &op->mtu,
                                         op->mtu ? 1 : 0);
    }
}

/* Makes a Mirror row that has an output but selects nothing yet.  That alone
 * reserves the output port. */
static void
add_mirror(struct apply *a, const struct op *op)
{
    const struct ovsrec_bridge *bridge = find_bridge(a, op->bridge);
    const struct ovsrec_port *output;
    struct ovsrec_mirror *row;

    output = bridge ? find_port(a, bridge, op->output) : NULL;
    if (!output) {
        return;
    }
    row = (uuid_is_zero(&op->row) ? ovsrec_mirror_insert(a->txn)
           : ovsrec_mirror_insert_persist_uuid(a->txn, &op->row));
    ovsrec_mirror_set_name(row, op->name);
    ovsrec_mirror_set_external_ids(row, &op->ids);
    ovsrec_mirror_set_output_port(row, output);
    if (op->snaplen) {
        int64_t snaplen = op->snaplen;

        ovsrec_mirror_set_snaplen(row, &snaplen, 1);
    }
    ovsrec_bridge_update_mirrors_addvalue(bridge, row);
}

static void
apply_op(struct apply *a, const struct op *op)
{
    switch (op->type) {
    case OP_DEL_MIRROR: del_mirror(a, op); break;
    case OP_SET_MIRROR: set_mirror(a, op); break;
    case OP_DEL_PORT: del_port(a, op); break;
    case OP_DEL_BRIDGE: del_bridge(a, op); break;
    case OP_ADD_BRIDGE: add_bridge(a, op); break;
    case OP_SET_BRIDGE: set_bridge(a, op); break;
    case OP_ADD_PORT: add_port(a, op); break;
    case OP_SET_PORT: set_port(a, op); break;
    case OP_ADD_MIRROR: add_mirror(a, op); break;
    case OP_LINK_UP:
    case OP_PORT_FLAGS:
    case OP_CLEAR_PORT_FLAGS:
    case OP_STOP_FLOOD:
    case OP_RESUME_FLOOD:
    case OP_DEL_METER:
    case OP_SET_METER:
    case OP_ADD_METER:
    case OP_DEL_FLOW:
    case OP_ADD_FLOW:
    case OP_START_SINK:
    case OP_CONFIGURE_SINK:
    case OP_STOP_SINK:
        break;
    }
}

static void
finish_new_bridges(struct apply *a)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &a->new_bridges) {
        struct new_bridge *new = node->data;

        ovsrec_bridge_set_ports(new->row, new->ports, new->n_ports);
        free(new->ports);
    }
    shash_destroy_free_data(&a->new_bridges);
}

/* Sends the row operations of 'plan' as one transaction.  Does nothing while
 * an earlier one is under way.  The outcome is observed, not returned. */
void
mirror_apply(struct switch_db *db, const struct plan *plan)
{
    struct apply a = {
        .idl = switch_db_idl(db),
        .root = switch_db_root(db),
        .bridges = SHASH_INITIALIZER(&a.bridges),
        .new_bridges = SHASH_INITIALIZER(&a.new_bridges),
        .new_ports = SHASH_INITIALIZER(&a.new_ports),
    };

    if (switch_db_is_busy(db) || !a.root) {
        return;
    }
    a.txn = switch_db_begin(db);
    for (size_t i = 0; i < a.root->n_bridges; i++) {
        shash_add_once(&a.bridges, a.root->bridges[i]->name,
                       a.root->bridges[i]);
    }
    for (size_t i = 0; i < plan->n_ops; i++) {
        apply_op(&a, plan->ops[i]);
    }
    finish_new_bridges(&a);
    shash_destroy(&a.bridges);
    shash_destroy(&a.new_ports);

    /* Lets everybody, us included, see when vswitchd has done it. */
    ovsdb_idl_txn_increment(a.txn, &a.root->header_,
                            &ovsrec_open_vswitch_col_next_cfg, false);
    switch_db_commit(db);
}
