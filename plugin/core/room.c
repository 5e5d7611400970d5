/* SPDX-License-Identifier: Apache-2.0 */

/* How long copies may be.  See room.h.
 *
 * Open vSwitch credits both branches behind check_pkt_larger() with every
 * packet that its datapath flow has forwarded, so no rule tells how many were
 * longer.  A meter does: the datapath itself counts what comes to it, in the
 * branch that a packet takes.  It is one that never drops.
 *
 * Where the datapath has no check_pkt_larger(), Open vSwitch does it in
 * vswitchd, with every packet of the source's traffic.  The userspace datapath
 * has it; of others that is not known, so there nothing is counted. */

#include <config.h>
#include "room.h"

#include <string.h>

#include "flow-text.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "switch-state.h"
#include "tunnel.h"
#include "util.h"
#include "wanted.h"

/* How many bytes of a frame may go out of 'uplink'; 0 = all.
 *
 * A device of the kernel takes, besides its MTU, an Ethernet header and one
 * VLAN tag, and that of RSPAN is one; what is longer it drops.  (With Open
 * vSwitch's kernel module the tag is not in the frame yet, and a frame may be
 * one that is still to be segmented.)  The tag is pushed after the cut; one of
 * the frame's own is in it. */
int
uplink_room(const struct wanted_leg *leg, const struct wanted_uplink *uplink)
{
    const struct switch_iface *member = uplink->member;
    int64_t room = member->mtu + ETH_HEADER_LEN;

    return (strcmp(switch_bridge_type(leg->bridge), "netdev")
            || member->type[0] || member->mtu <= 0 || room > UINT16_MAX
            ? 0 : room);
}

/* Brings '*least' down to 'room', if copies of 'ws' can be longer. */
static void
consider(const struct wanted_session *ws, int room, int *least)
{
    int snaplen = ws->session->snaplen;

    if (room && (!snaplen || snaplen > room)) {
        *least = *least ? MIN(*least, room) : room;
    }
}

/* Returns from how many bytes on a copy of 'ws' is cut for one of its
 * collectors or uplinks, where that can be counted; 0 = none is. */
int
session_room(const struct wanted_session *ws,
             const struct switch_state *state)
{
    int room = 0;

    if (!ws->n_legs || strcmp(ws->datapath_type, "netdev")) {
        return 0;
    }
    for (size_t i = 0; i < ws->n_tunnels; i++) {
        consider(ws, tunnel_room(ws->tunnels[i], state), &room);
    }
    for (size_t i = 0; i < ws->n_legs; i++) {
        const struct wanted_leg *leg = &ws->legs[i];

        for (size_t j = 0; j < leg->n_uplinks; j++) {
            consider(ws, uplink_room(leg, &leg->uplinks[j]), &room);
        }
    }
    return room;
}

/* Returns the actions that come before the outputs of 'ws' and lead a copy
 * that will be cut past the rule in SPAN_TABLE_CUT, for the caller to free. */
char *
room_check_actions(const struct wanted_session *ws,
                   const struct switch_state *state)
{
    return (ws->cut_meter
            ? xasprintf("check_pkt_larger(%d)->NXM_NX_REG0[0],resubmit(,%d),",
                        session_room(ws, state), SPAN_TABLE_CUT)
            : xstrdup(""));
}
