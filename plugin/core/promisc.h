/* SPDX-License-Identifier: Apache-2.0 */

/* What brings the promiscuous ports of a port group every frame of the group,
 * each once: its parts, wanted and observed.
 *
 * Mirrors copy to patch ports whose other ends are on the same bridge.  Open
 * vSwitch goes on counting there what it has mirrored a frame to, so no
 * mirror, ours or a session's, takes the frame twice.  What comes out of the
 * other end is an event, and rules in table 0 of the bridge, which match
 * nothing else, hand it out:
 *
 *     copy     a member has sent the frame, or the switch gives it to a member
 *              that is not promiscuous, or floods it
 *     flood    the switch floods it
 *     peer     the switch gives it to a promiscuous port
 *     address  a promiscuous port has sent it: the rules learn its address.
 *              One mirror for each bit of the ports' slots
 *
 * The switch does not flood to promiscuous ports (OpenFlow's no-flood), so the
 * only frames that reach one of them otherwise than by these rules are those
 * that are for an address that the switch knows there.  Those are left to it:
 *
 *     event   destination                 goes to
 *     copy    of no promiscuous port      all of them but the sender
 *     copy    of a promiscuous port       nobody: "flood" or "peer" has it
 *     flood   of a promiscuous port       that port
 *     peer    of a promiscuous port       the others but the sender
 *     flood, peer, of none                nobody: "copy" has it
 *     flood   in a VLAN not of the group  all of them but the sender, as the
 *                                         switch itself would do
 *
 * On a bridge with a controller a frame may be on hold there and enter the
 * switch a second time, when the controller has decided.  So "copy" then takes
 * what leaves the switch, by any port, instead of what members send; and
 * "received" what leaves by a member's.  Their shadows keep others' frames
 * from the one and members' from the other: a mirror to the same port that
 * comes first, and copies nothing, because Open vSwitch does not cut a frame
 * on its way to a patch port.  What leaves through a patch port, on the other
 * hand, no mirror sees (ofproto/ofproto-dpif-xlate.c,
 * compose_output_action__()), so bridges with patch ports of others have it
 * the first way, always.
 *
 * A sentinel is a port that nothing is connected to, to which the switch
 * floods: by it mirrors tell what is flooded. */

#ifndef SPAN_CORE_PROMISC_H
#define SPAN_CORE_PROMISC_H 1

#include <stdbool.h>
#include <stddef.h>
#include "leg-flows.h"
#include "switch-state.h"
#include "wanted.h"

/* Slots are 1 to PROMISC_MAX_PORTS. */
#define PROMISC_SLOT_BITS 6
#define PROMISC_MAX_PORTS ((1 << PROMISC_SLOT_BITS) - 1)

/* The mirrors, which are also the numbers of the patch ports that they copy
 * to.  Mirror 'm' comes out at patch port 'm ^ 1'.  There is one for each
 * patch port: what comes out of one that no mirror copies to, the switch would
 * take for traffic if somebody deleted our rules. */
enum {
    PROMISC_COPY,
    PROMISC_FLOOD,
    PROMISC_PEER,
    PROMISC_ADDRESS,            /* The first of them. */
    PROMISC_RECEIVED = PROMISC_ADDRESS + PROMISC_SLOT_BITS + 1,
    PROMISC_SPARE,              /* Selects nothing. */
    PROMISC_MAX_ENDS,

    /* Mirrors to patch ports that others copy to. */
    PROMISC_COPY_SHADOW = PROMISC_MAX_ENDS,
    PROMISC_RECEIVED_SHADOW,
    PROMISC_MAX_MIRRORS,
};

/* Of shadows.  The least that a Mirror may have. */
#define PROMISC_SNAPLEN 14

struct promisc_port {
    const struct switch_port *port;
    unsigned int slot;
    bool wanted;                /* Else it is about to be one no more. */
    bool noted;                 /* That floods do not reach it is our doing. */
};

struct promisc {
    const struct wanted_group *wg;
    struct promisc_port *ports; /* Those that the rules know, by UUID. */
    size_t n_ports;
    bool by_egress;             /* Does "copy" take what leaves? */
    bool has[PROMISC_MAX_MIRRORS];       /* The mirrors; none if no ports. */

    /* Observed; NULL = not there. */
    const struct switch_bridge *private_bridge;
    const struct switch_mirror *mirrors[PROMISC_MAX_MIRRORS];
    const struct switch_port *ends[PROMISC_MAX_ENDS];
    const struct switch_port *sentinel;
};

/* What a mirror is to select. */
struct promisc_selection {
    const struct switch_port **src;      /* Sorted by UUID. */
    size_t n_src;
    const struct switch_port **dst;
    size_t n_dst;
    const uint16_t *vlans;      /* Of the group; sorted. */
    size_t n_vlans;
};

void promisc_find(struct promisc *, const struct wanted_group *,
                  const struct switch_state *);
void promisc_destroy(struct promisc *);
bool promisc_takes_part(const struct promisc_port *);

void promisc_check_groups(struct wanted *, const struct switch_state *);
bool promisc_is_established(const struct wanted_group *,
                            const struct switch_state *);
bool promisc_port_runs(const struct wanted_group *,
                       const struct switch_port *);
size_t promisc_mirrors_needed(const struct wanted_group *);
size_t promisc_end(size_t m);
bool promisc_copies(size_t m);
bool promisc_is_shadow(size_t m);
char *promisc_mirror_role(size_t m);
char *promisc_end_role(size_t m);
#define SPAN_ROLE_SENTINEL "promisc-sentinel"

void promisc_select(const struct promisc *, size_t m,
                    struct promisc_selection *);
void promisc_selection_destroy(struct promisc_selection *);
bool promisc_mirror_is_right(const struct promisc *, size_t m);
bool promisc_is_armed(const struct promisc *, const struct switch_state *);
bool promisc_ends_are_guarded(const struct promisc *);

/* The note, in external_ids of the "copy" mirror: the Port rows that floods do
 * not reach because of us, with a space between each two. */
#define SPAN_KEY_NO_FLOOD "span-no-flood"
bool promisc_note_has(const struct switch_mirror *,
                      const struct switch_port *);

bool promisc_flows_build(const struct promisc *, struct flow_list *);
bool promisc_flows_are_in_place(const struct promisc *);
bool promisc_flow_delivers(const struct span_flow *);

bool promisc_judge(const struct wanted_group *, const struct switch_state *,
                   bool overdue, bool *pending, struct fault *);

#endif /* plugin/core/promisc.h */
