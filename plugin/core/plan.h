/* SPDX-License-Identifier: Apache-2.0 */

/* The difference between what is wanted and what is there, as an ordered list
 * of operations.
 *
 * A plan holds only what may be done at once: an operation that needs another
 * world to have caught up (an OpenFlow port number, a recorder that is ready,
 * a mirror that is gone) is planned by a later pass, when that is observed.
 * An empty plan with 'complete' true means: nothing left to do or to wait for.
 *
 * Operations name objects by UUID or name, never by pointer into the state. */

#ifndef SPAN_CORE_PLAN_H
#define SPAN_CORE_PLAN_H 1

#include <stdbool.h>
#include <stddef.h>
#include "flow-text.h"
#include "meter.h"
#include "openvswitch/uuid.h"
#include "smap.h"
#include "switch-state.h"
#include "wanted.h"

/* In the order in which a plan lists and the edges carry them out. */
enum op_type {
    /* The Open_vSwitch database: one transaction. */
    OP_DEL_MIRROR,              /* bridge, row */
    OP_SET_MIRROR,              /* bridge, row, add_*, del_*, output, ids */
    OP_DEL_PORT,                /* bridge, row, name */
    OP_DEL_BRIDGE,              /* row, name */
    OP_ADD_BRIDGE,              /* name, iface_type = datapath type, ids */
    OP_SET_BRIDGE,              /* row, name: fail_mode back to secure */
    OP_ADD_PORT,                /* bridge, name, type, options, ids, mtu */
    OP_SET_PORT,                /* bridge, row, name, options, mtu */
    OP_ADD_MIRROR,              /* bridge, name, output, ids, snaplen; row =
                                 * the UUID that it is to have, or zero */

    /* Network devices. */
    OP_LINK_UP,                 /* name: IPv6 off, then up */

    /* OpenFlow: flags first, then meters, then one bundle a bridge. */
    OP_PORT_FLAGS,              /* bridge, name, ofport: no-flood etc. */
    OP_CLEAR_PORT_FLAGS,        /* bridge, name, ofport */
    OP_STOP_FLOOD,              /* bridge, name, ofport: no-flood alone */
    OP_RESUME_FLOOD,            /* bridge, name, ofport */
    OP_DEL_METER,               /* bridge, meter */
    OP_SET_METER,               /* bridge, meter */
    OP_ADD_METER,               /* bridge, meter */
    OP_DEL_FLOW,                /* bridge, flow */
    OP_ADD_FLOW,                /* bridge, flow */

    /* Recorders. */
    OP_START_SINK,              /* name, options */
    OP_CONFIGURE_SINK,          /* name, options */
    OP_STOP_SINK,               /* name */
};

struct op {
    enum op_type type;
    char *bridge;               /* NULL where it says nothing. */
    char *name;
    struct uuid row;            /* Of the object that is changed, or zero. */
    char *iface_type;           /* "patch", "internal"; a datapath type. */
    char *output;               /* Mirror: name of the output port. */
    struct smap options;        /* Interface options; sink options. */
    struct smap ids;            /* external_ids. */
    int64_t mtu;                /* mtu_request; 0 = none. */
    int64_t ofport;
    int snaplen;                /* Mirror: 0 = whole frames. */
    struct uuid *add_src, *del_src, *add_dst, *del_dst;  /* Port rows. */
    size_t n_add_src, n_del_src, n_add_dst, n_del_dst;
    uint16_t *add_vlans, *del_vlans;
    size_t n_add_vlans, n_del_vlans;
    bool clear_select_all;
    struct span_meter meter;
    struct span_flow flow;
};

struct plan {
    struct op **ops;
    size_t n_ops;
    size_t allocated_ops;
    bool complete;              /* Nothing left to wait for either. */
};

void plan_compute(const struct wanted *, const struct switch_state *,
                  struct plan *);
void plan_destroy(struct plan *);
char *op_to_string(const struct op *);
char *plan_to_string(const struct plan *);
const char *op_type_to_string(enum op_type);

#endif /* plugin/core/plan.h */
