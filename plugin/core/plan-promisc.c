/* SPDX-License-Identifier: Apache-2.0 */

/* The part of a plan that is about promiscuous delivery (promisc.h).
 *
 * In order: patch ports, sentinel and mirrors, which select nothing yet; the
 * rules; the mirrors by which addresses are learned, then the one that copies;
 * and when the datapath follows all that, floods are kept from the promiscuous
 * ports, of which the "copy" mirror has a note.  And back: floods first. */

#include <config.h>
#include "planner.h"

#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "promisc.h"
#include "util.h"
#include "uuid.h"

/* Returns the name for a port of 'pr' in 'role', for the caller to free. */
static char *
name_port(struct planner *p, const struct promisc *pr, const char *role)
{
    char *name, *other;

    name_for_patch_pair(&pr->wg->group->uuid, pr->wg->bridge->name, role,
                        planner_taken(p), &name, &other);
    free(other);
    return name;
}

static void
add_port(struct planner *p, const struct promisc *pr, const char *name,
         const char *type, const char *role, const char *peer)
{
    struct op *op = planner_add_op(p, OP_ADD_PORT, pr->wg->bridge->name,
                                   name);

    op->iface_type = xstrdup(type);
    planner_mark_ours(p, op, &pr->wg->group->uuid, role);
    if (peer) {
        smap_add(&op->options, "peer", peer);
    }
    sset_add(planner_taken(p), name);
}

/* Plans the patch ports, and names them in 'names', whose entries the caller
 * must free. */
static void
plan_ends(struct planner *p, const struct promisc *pr, char *names[])
{
    for (size_t end = 0; end < PROMISC_MAX_ENDS; end++) {
        char *role = promisc_end_role(end);

        names[end] = (!pr->has[end] ? NULL
                      : pr->ends[end] ? xstrdup(pr->ends[end]->name)
                      : name_port(p, pr, role));
        if (names[end]) {
            sset_add(planner_taken(p), names[end]);
        }
        free(role);
    }
    for (size_t end = 0; end < PROMISC_MAX_ENDS; end++) {
        if (!pr->has[end]) {
            continue;
        } else if (pr->ends[end]) {
            planner_mend_patch_port(p, pr->wg->bridge->name, pr->ends[end],
                                    names[end ^ 1]);
        } else {
            char *role = promisc_end_role(end);

            add_port(p, pr, names[end], "patch", role, names[end ^ 1]);
            free(role);
        }
    }
}

static void
plan_sentinel(struct planner *p, const struct promisc *pr)
{
    if (pr->sentinel) {
        planner_claim(p, pr->sentinel);
    } else {
        char *name = name_port(p, pr, SPAN_ROLE_SENTINEL);

        add_port(p, pr, name, "internal", SPAN_ROLE_SENTINEL, NULL);
        free(name);
    }
}

/* May mirror 'm' select what it should now?  What copies comes after what
 * tells whose frame it is. */
static bool
may_arm(const struct planner *p, const struct promisc *pr, size_t m)
{
    if (!promisc_flows_are_in_place(pr) || !pr->sentinel
        || !pr->mirrors[PROMISC_COPY]) {
        return false;
    }
    for (size_t i = 0; promisc_copies(m) && i < PROMISC_MAX_MIRRORS; i++) {
        if (pr->has[i] && !promisc_copies(i)
            && !promisc_mirror_is_right(pr, i)) {
            return false;
        }
    }
    return (!promisc_copies(m)
            || (p->state->config_settled && pr->private_bridge
                && pr->private_bridge->settled_epoch
                   == pr->wg->bridge->epoch)
            || pr->mirrors[m]->n_dst);
}

/* Open vSwitch goes through the mirrors of a frame in the order in which they
 * were made, as far as there are no gaps.  So the one that copies is made
 * last: it then finds the sender's address learned, even if this is the first
 * frame from there.  A vswitchd that starts makes them in the order of their
 * UUIDs (vswitchd/bridge.c, bridge_configure_mirrors()), so it has the
 * highest. */
static bool
has_other_mirrors(const struct promisc *pr)
{
    for (size_t m = PROMISC_FLOOD; m < PROMISC_MAX_MIRRORS; m++) {
        if (pr->has[m] && !pr->mirrors[m]) {
            return false;
        }
    }
    return true;
}

static void
plan_mirror(struct planner *p, const struct promisc *pr, size_t m,
            const char *output)
{
    const struct switch_mirror *mirror = pr->mirrors[m];
    struct promisc_selection s;

    if (!mirror && m == PROMISC_COPY && !has_other_mirrors(pr)) {
        p->waiting = true;
        return;
    }
    if (!mirror) {
        char *name = xasprintf("span-%s", pr->wg->group->name);
        struct op *op = planner_add_op(p, OP_ADD_MIRROR,
                                       pr->wg->bridge->name, name);
        char *role = promisc_mirror_role(m);

        op->output = xstrdup(output);
        if (m == PROMISC_COPY) {
            op->row = pr->wg->group->uuid;
            op->row.parts[0] = UINT32_MAX;
        }
        op->snaplen = promisc_is_shadow(m) ? PROMISC_SNAPLEN : 0;
        planner_mark_ours(p, op, &pr->wg->group->uuid, role);
        p->waiting = true;
        free(role);
        free(name);
        return;
    }
    planner_claim(p, mirror);
    if (promisc_mirror_is_right(pr, m)) {
        return;
    }
    p->waiting = true;
    if (may_arm(p, pr, m)) {
        promisc_select(pr, m, &s);
        struct mirror_selection selection = {
            .output = pr->ends[promisc_end(m)],
            .src = s.src, .n_src = s.n_src,
            .dst = s.dst, .n_dst = s.n_dst,
            .vlans = s.vlans, .n_vlans = s.n_vlans,
        };
        planner_set_mirror(p, pr->wg->bridge, mirror, &selection);
        promisc_selection_destroy(&s);
    }
}

/* Should our doing keep floods from 'pp'?  Whoever has it so by his own doing
 * is let be. */
static bool
keeps_floods(const struct promisc_port *pp, bool armed)
{
    return pp->wanted ? pp->noted || (armed && !pp->port->no_flood)
           : pp->noted && pp->port->no_flood;
}

/* Brings the note to what should be in it, before flags are set, and after
 * they are given back. */
static void
plan_note(struct planner *p, const struct promisc *pr)
{
    const struct switch_mirror *copy = pr->mirrors[PROMISC_COPY];
    bool armed = promisc_is_armed(pr, p->state);
    struct ds note = DS_EMPTY_INITIALIZER;

    if (!pr->wg->bridge->flows_known) {
        p->waiting = true;
        return;
    }
    for (size_t i = 0; i < pr->n_ports; i++) {
        if (keeps_floods(&pr->ports[i], armed)) {
            ds_put_format(&note, "%s"UUID_FMT, note.length ? " " : "",
                          UUID_ARGS(&pr->ports[i].port->uuid));
        }
    }
    if (strcmp(ds_cstr(&note), smap_get_def(&copy->external_ids,
                                            SPAN_KEY_NO_FLOOD, ""))) {
        struct op *op = planner_add_op(p, OP_SET_MIRROR,
                                       pr->wg->bridge->name, copy->name);
        op->row = copy->uuid;
        smap_add(&op->ids, SPAN_KEY_NO_FLOOD, ds_cstr(&note));
        p->waiting = true;
    }
    ds_destroy(&note);
}

static void
plan_group_ports(struct planner *p, const struct wanted_group *wg)
{
    char *names[PROMISC_MAX_ENDS];
    struct promisc pr;

    promisc_find(&pr, wg, p->state);
    if (pr.n_ports) {
        /* It has the rule that makes changes of mirrors take effect. */
        free(planner_private_bridge(p, switch_bridge_type(wg->bridge)));
        plan_ends(p, &pr, names);
        plan_sentinel(p, &pr);
        for (size_t m = 0; m < PROMISC_MAX_MIRRORS; m++) {
            if (pr.has[m]) {
                plan_mirror(p, &pr, m, names[promisc_end(m)]);
            }
        }
        for (size_t end = 0; end < PROMISC_MAX_ENDS; end++) {
            free(names[end]);
        }
        if (pr.mirrors[PROMISC_COPY]) {
            plan_note(p, &pr);
        }
    }
    promisc_destroy(&pr);
}

/* Plans the ports and mirrors of port groups with promiscuous ports. */
void
plan_promisc_ports(struct planner *p)
{
    for (size_t i = 0; i < p->wanted->n_groups; i++) {
        plan_group_ports(p, &p->wanted->groups[i]);
    }
}

static void
plan_group_flags(struct planner *p, const struct wanted_group *wg)
{
    struct promisc pr;

    promisc_find(&pr, wg, p->state);
    bool armed = promisc_is_armed(&pr, p->state);

    for (size_t i = 0; i < PROMISC_MAX_ENDS && wg->bridge->flows_known; i++) {
        const struct switch_port *end = pr.has[i] ? pr.ends[i] : NULL;

        if (end && switch_port_ofport(end) > 0
            && (!end->no_flood || !end->no_packet_in)) {
            planner_add_op(p, OP_PORT_FLAGS, wg->bridge->name,
                           end->name)->ofport = switch_port_ofport(end);
        }
    }
    for (size_t i = 0; i < pr.n_ports && wg->bridge->flows_known; i++) {
        const struct promisc_port *pp = &pr.ports[i];
        bool keep = pp->wanted && armed;

        if (pp->noted && switch_port_works(pp->port)
            && (pp->wanted ? keep && !pp->port->no_flood
                : pp->port->no_flood)) {
            planner_add_op(p, (pp->wanted ? OP_STOP_FLOOD : OP_RESUME_FLOOD),
                           wg->bridge->name, pp->port->name)->ofport
                = switch_port_ofport(pp->port);
            p->waiting = true;
        }
    }
    promisc_destroy(&pr);
}

/* Plans the flags of the ports that are part of promiscuous delivery. */
void
plan_promisc_flags(struct planner *p)
{
    for (size_t i = 0; i < p->wanted->n_groups; i++) {
        if (p->wanted->groups[i].bridge) {
            plan_group_flags(p, &p->wanted->groups[i]);
        }
    }
}
