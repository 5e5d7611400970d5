/* SPDX-License-Identifier: Apache-2.0 */

/* Which member of a bond carries the frames of a port now: a part of
 * locate().
 *
 * bond/show tells the mode and the active member.  With balance-slb the member
 * depends on address and VLAN; ofproto/trace of a frame from the port tells
 * it, whatever rules are on the way.  Where the trace does not get to the
 * bond, the hash of bond/hash does, if bond/show lists it, which it does only
 * for what has carried a kilobyte lately. */

#include <config.h>
#include "locate.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

/* An answer of "bond/show" that is being read.  OVS before 2.16 calls members
 * slaves. */
struct bond_view {
    char *mode;                 /* "" = unknown. */
    bool lacp_failed;           /* It is configured, and not negotiated. */
    bool fallback;              /* Then as active-backup? */
    char *active;               /* Name of the active member, or "". */
    unsigned int basis;
    struct svec states;         /* "NAME=enabled". */
};

/* Copies the word behind 'key' in 'line' to '*word' if 'line' begins so. */
static bool
take_word(const char *line, const char *key, char **word)
{
    size_t n = strlen(key);

    if (strncmp(line, key, n)) {
        return false;
    }
    free(*word);
    *word = xmemdup0(line + n, strcspn(line + n, " \n"));
    return true;
}

/* Reads "member NAME: STATE". */
static void
take_member(struct bond_view *v, const char *line)
{
    const char *name = (!strncmp(line, "member ", 7) ? line + 7
                        : !strncmp(line, "slave ", 6) ? line + 6 : NULL);
    const char *colon = name ? strstr(name, ": ") : NULL;

    if (colon) {
        svec_add_nocopy(&v->states, xasprintf("%.*s=%s", (int) (colon - name),
                                              name, colon + 2));
    }
}

/* Reads "active member mac: MAC(NAME)". */
static void
take_active(struct bond_view *v, const char *line)
{
    const char *open = (!strncmp(line, "active member mac: ", 19)
                        || !strncmp(line, "active slave mac: ", 18)
                        ? strchr(line, '(') : NULL);

    if (open) {
        free(v->active);
        v->active = xmemdup0(open + 1, strcspn(open + 1, ")"));
    }
}

static void
parse_bond(const char *answer, struct bond_view *v)
{
    char *copy = xstrdup(answer), *text = copy, *line;
    char *word = NULL;

    *v = (struct bond_view) { .mode = xstrdup(""), .active = xstrdup("") };
    svec_init(&v->states);
    while ((line = strsep(&text, "\n"))) {
        take_word(line, "bond_mode: ", &v->mode);
        if (take_word(line, "lacp_status: ", &word)) {
            v->lacp_failed = !strcmp(word, "configured");
        } else if (take_word(line, "lacp_fallback_ab: ", &word)) {
            v->fallback = !strcmp(word, "true");
        } else if (take_word(line, "bond-hash-basis: ", &word)) {
            v->basis = strtoul(word, NULL, 10);
        }
        take_active(v, line);
        take_member(v, line);
    }
    free(word);
    free(copy);
}

static void
destroy_bond(struct bond_view *v)
{
    free(v->mode);
    free(v->active);
    svec_destroy(&v->states);
}

/* Without vswitchd: what its database has. */
static void
guess_bond(const struct switch_port *bond, struct bond_view *v)
{
    *v = (struct bond_view) {
        .mode = xstrdup(bond->bond_mode[0] ? bond->bond_mode
                        : "active-backup"),
        .active = xstrdup(""),
    };
    svec_init(&v->states);
    for (size_t i = 0; i < bond->n_ifaces; i++) {
        const struct switch_iface *iface = bond->ifaces[i];

        svec_add_nocopy(&v->states, xasprintf("%s=%s", iface->name,
                                              iface->link_down ? "disabled"
                                              : "enabled"));
        if (bond->active_mac[0] && !strcmp(bond->active_mac, iface->mac)) {
            free(v->active);
            v->active = xstrdup(iface->name);
        }
    }
}

/* Returns the datapath's number of interface 'name' of 'bridge' as "dpif/show"
 * tells it, -1 if it does not. */
static int
datapath_port(const char *answer, const char *bridge, const char *name)
{
    char *copy = xstrdup(answer), *text = copy, *line;
    char *heading = xasprintf("  %s:", bridge);
    size_t n = strlen(name);
    bool inside = false;
    int number = -1;

    while (number < 0 && (line = strsep(&text, "\n"))) {
        if (strncmp(line, "    ", 4)) {
            inside = !strcmp(line, heading);
        } else if (inside && !strncmp(line + 4, name, n) && line[4 + n] == ' '
                   && !ovs_scan(line + 4 + n, " %*d/%d:", &number)) {
            number = -1;
        }
    }
    free(heading);
    free(copy);
    return number;
}

/* Do the datapath actions in 'actions' (to the end of the line) output to port
 * 'number'?  Bare numbers are ports, also within clone(). */
static bool
actions_output_to(const char *actions, int number)
{
    const char *word = actions;
    int depth = 0;

    for (const char *p = actions; ; p++) {
        if (*p == '(') {
            bool clone = (p - word == 5 && !strncmp(word, "clone", 5));

            depth += depth || !clone;
            word = p + 1;
        } else if (*p == ',' || *p == ')' || *p == '\n' || !*p) {
            if (!depth && p > word && strspn(word, "0123456789") == p - word
                && atoi(word) == number) {
                return true;
            }
            depth -= *p == ')' && depth;
            word = p + 1;
        }
        if (*p == '\n' || !*p) {
            return false;
        }
    }
}

static bool
trace_outputs_to(const char *trace, int number)
{
    static const char key[] = "Datapath actions: ";

    for (const char *p = strstr(trace, key); p; p = strstr(p + 1, key)) {
        if (actions_output_to(p + strlen(key), number)) {
            return true;
        }
    }
    return false;
}

/* Asks where vswitchd would send a frame that 'address' of 'l' broadcasts, and
 * adds to 'members' those interfaces of the bond 'way' to which it would.
 * Returns false if that is not known yet. */
static bool
trace_address(const struct locate_input *in, struct located *found,
              const struct location *l, const struct switch_address *address,
              const struct way_out *way, struct sset *members)
{
    const char *bridge = way->bridges[way->n_bridges - 1]->name;
    const char *ports = locate_ask(in, found, "dpif/show");
    struct ds question = DS_EMPTY_INITIALIZER;
    const char *trace;

    /* An EtherType for experiments (IEEE 802), as of nobody's traffic. */
    ds_put_format(&question, "ofproto/trace\n%s\nin_port=%"PRId64",dl_src="
                  ETH_ADDR_FMT",dl_dst=ff:ff:ff:ff:ff:ff,dl_type=0x88b5",
                  l->bridge->name, address->ofport,
                  ETH_ADDR_ARGS(address->mac));
    if (switch_port_tags(l->port, address->vlan)) {
        ds_put_format(&question, ",dl_vlan=%"PRIu16, address->vlan);
    }
    trace = locate_ask(in, found, ds_cstr(&question));
    ds_destroy(&question);
    for (size_t i = 0; ports && trace && i < way->uplink->n_ifaces; i++) {
        const char *name = way->uplink->ifaces[i]->name;
        int number = datapath_port(ports, bridge, name);

        if (number >= 0 && trace_outputs_to(trace, number)) {
            sset_add(members, name);
        }
    }
    return ports && trace;
}

/* Adds to 'members' the one under which 'show', an answer of "bond/show",
 * lists 'hash'. */
static void
find_hash(const char *show, int hash, struct sset *members)
{
    char *copy = xstrdup(show), *text = copy, *line, *name = NULL;
    int number;

    while ((line = strsep(&text, "\n"))) {
        struct bond_view v = { .mode = NULL };

        svec_init(&v.states);
        take_member(&v, line);
        if (v.states.n) {
            free(name);
            name = xmemdup0(v.states.names[0],
                            strcspn(v.states.names[0], "="));
        }
        svec_destroy(&v.states);
        if (name && ovs_scan(line, " hash %d:", &number) && number == hash) {
            sset_add(members, name);
        }
    }
    free(name);
    free(copy);
}

/* The same as trace_address() by the hash of 'address' in the VLAN in which it
 * leaves. */
static void
hash_address(const struct locate_input *in, struct located *found,
             const struct switch_address *address, const struct way_out *way,
             const struct bond_view *v, const char *show,
             struct sset *members)
{
    char *question;
    const char *answer;
    int hash;

    if (way->vlan == WAY_ANY_VLAN) {
        return;
    }
    question = xasprintf("bond/hash\n"ETH_ADDR_FMT"\n%d\n%u",
                         ETH_ADDR_ARGS(address->mac), way->vlan, v->basis);
    answer = locate_ask(in, found, question);
    free(question);
    if (answer && ovs_scan(answer, "%d", &hash)) {
        find_hash(show, hash, members);
    }
}

/* With balance-slb: finds the members of the bond 'way' for the addresses of
 * 'l'. */
static void
find_slb_members(const struct locate_input *in, struct located *found,
                 const struct location *l, const struct bond_view *v,
                 const char *show, struct way_out *way)
{
    way->member_why = (!l->n_addresses
                       ? "no address behind the port is known"
                       : "vswitchd has not said");
    for (size_t i = 0; i < l->n_addresses; i++) {
        struct sset members = SSET_INITIALIZER(&members);
        const char *name;

        if (trace_address(in, found, l, &l->addresses[i], way, &members)
            && sset_count(&members) != 1) {
            hash_address(in, found, &l->addresses[i], way, v, show, &members);
        }
        SSET_FOR_EACH (name, &members) {
            sset_add(&way->members, name);
            way->member_why = "by the hash of address and VLAN";
        }
        sset_destroy(&members);
    }
}

/* Decides which members of the bond 'way' carry the frames of 'l' now. */
static void
find_members(const struct locate_input *in, struct located *found,
             const struct location *l, const struct bond_view *v,
             const char *show, struct way_out *way)
{
    bool backup = (!strcmp(v->mode, "active-backup")
                   || (v->lacp_failed && v->fallback));

    if (v->lacp_failed && !v->fallback) {
        way->member_why = "none: LACP is not negotiated";
    } else if (backup) {
        if (v->active[0]) {
            sset_add(&way->members, v->active);
        }
        way->member_why = v->active[0] ? "the active one" : "none is up";
    } else if (strcmp(v->mode, "balance-slb")) {
        way->member_why = "each flow has one of its own";
    } else if (way->uplink == l->port) {
        way->member_why = "each address and VLAN has one of its own";
    } else {
        find_slb_members(in, found, l, v, show, way);
    }
}

/* Completes 'way', a way out of 'l', if it is a bond. */
void
locate_bond(const struct locate_input *in, struct located *found,
            const struct location *l, struct way_out *way)
{
    struct bond_view v;
    const char *show;
    char *question;

    if (way->uplink->n_ifaces < 2) {
        return;
    }
    question = xasprintf("bond/show\n%s", way->uplink->name);
    show = locate_ask(in, found, question);
    free(question);
    if (show && *show) {
        parse_bond(show, &v);
    } else {
        guess_bond(way->uplink, &v);
    }
    find_members(in, found, l, &v, show ? show : "", way);
    way->bond_mode = xstrdup(v.mode);
    svec_swap(&way->member_states, &v.states);
    destroy_bond(&v);
}
