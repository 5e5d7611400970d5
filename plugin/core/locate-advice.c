/* SPDX-License-Identifier: Apache-2.0 */

/* What to do to capture the frames of a location: a part of locate(). */

#include <config.h>
#include "locate.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "session.h"
#include "util.h"
#include "verdict.h"
#include "wanted-group.h"
#include "wanted-leg.h"
#include "wanted.h"

/* Letters of a name that is proposed. */
#define MAX_NAME 32

/* Sentences for a location. */
#define MAX_ADVICE 4

/* Returns 'text' as a shell takes it for one word.  The caller frees it. */
char *
locate_quote(const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:@%+=/-";
    struct ds s = DS_EMPTY_INITIALIZER;

    if (text[strspn(text, safe)]) {
        ds_put_char(&s, '\'');
        for (const char *p = text; *p; p++) {
            ds_put_cstr(&s, *p == '\'' ? "'\\''"
                        : (char[]) { *p, '\0' });
        }
        ds_put_char(&s, '\'');
    } else {
        ds_put_cstr(&s, text);
    }
    return ds_steal_cstr(&s);
}

/* Returns a name for what captures 'selector', made of its value.  The caller
 * frees it. */
char *
locate_name(const char *selector)
{
    /* A number alone would say nothing. */
    const char *value = (!strncmp(selector, "vlan:", 5) ? selector
                         : strchr(selector, ':') + 1);
    char *name = xstrdup(value);
    size_t n = 0;

    for (const char *p = value; *p && n < MAX_NAME; p++) {
        if (isalnum((unsigned char) *p) || (n && strchr("_.-", *p))) {
            name[n++] = *p;
        } else if (n && name[n - 1] != '-') {
            name[n++] = '-';
        }
    }
    while (n && name[n - 1] == '-') {
        n--;
    }
    name[n] = '\0';
    if (!n) {
        free(name);
        name = xstrdup("capture");
    }
    return name;
}

static bool
is_taken(const struct wanted *wanted, const char *name)
{
    for (size_t i = 0; i < wanted->n_sessions; i++) {
        if (!strcmp(wanted->sessions[i].session->name, name)) {
            return true;
        }
    }
    return false;
}

/* Returns the selector by which to capture 'l': what was asked for, or the
 * bond where that was one of its members. */
static char *
pick_selector(const struct locate_input *in, const struct location *l)
{
    return (l->by_member ? xasprintf("uplink:%s", l->port->name)
            : selector_to_string(in->selector));
}

/* Returns the selector by which to go on capturing 'l' when it moves to
 * another host, where its port may have another name. */
static char *
pick_lasting_selector(const struct locate_input *in, size_t n_locations,
                      const struct location *l)
{
    const struct switch_port *port = l->port;

    if (n_locations == 1 && in->selector->kind == SELECTOR_PORT) {
        for (size_t i = 0; i < port->n_ifaces; i++) {
            const struct smap *ids = &port->ifaces[i]->external_ids;
            const char *id = smap_get(ids, "iface-id");
            const char *mac = smap_get(ids, "attached-mac");

            if (id || mac) {
                return xasprintf("%s:%s", id ? "iface-id" : "mac",
                                 id ? id : mac);
            }
        }
    }
    return pick_selector(in, l);
}

/* Says what keeps any capture from getting something. */
static void
advise_of_port(struct location *l)
{
    const struct switch_port *port = l->port;

    if (!switch_port_works(port)) {
        svec_add_nocopy(&l->advice, xasprintf(
            "%s is not in the datapath%s%s: there is nothing to capture "
            "before it is.", port->name,
            port->n_ifaces && port->ifaces[0]->error[0] ? ": " : "",
            port->n_ifaces ? port->ifaces[0]->error : ""));
    }
}

/* Does 'ws' send copies of 'l' to a port that is not on this host?  Then says
 * so. */
static bool
advise_of_absence(const struct locate_input *in,
                  const struct wanted_session *ws, struct location *l)
{
    const struct switch_bridge *bridge;

    for (size_t i = 0; i < ws->session->n_destinations; i++) {
        const struct destination *d = &ws->session->destinations[i];

        if (d->kind == DESTINATION_PORT
            && !wanted_find_port(d->target, in->state, &bridge)) {
            svec_add_nocopy(&l->advice, xasprintf(
                "Session %s sends to port:%s, which is not on %s, where its "
                "source is: no copies get there.  Record them, dest=sink:%s, "
                "or send them, dest=erspan2:ADDRESS.", ws->session->name,
                d->target, in->host, ws->session->name));
            return true;
        }
    }
    return false;
}

static const struct destination *
find_sink(const struct session *s)
{
    for (size_t i = 0; i < s->n_destinations; i++) {
        if (s->destinations[i].kind == DESTINATION_SINK) {
            return &s->destinations[i];
        }
    }
    return NULL;
}

/* Says what sessions of the port already do about it.  Returns true if one
 * records it. */
static bool
advise_of_sessions(const struct locate_input *in, struct location *l)
{
    bool recorded = false, absent = false;

    for (size_t i = 0; i < in->wanted->n_sessions; i++) {
        const struct wanted_session *ws = &in->wanted->sessions[i];
        const struct destination *sink = find_sink(ws->session);

        if (!ws->session->enabled
            || !wanted_session_names_port(ws, l->bridge, l->port)) {
            continue;
        }
        absent = absent || advise_of_absence(in, ws, l);
        if (sink && !recorded && !in->verdicts->verdicts[i].pending
            && in->verdicts->verdicts[i].state == BINDING_ACTIVE) {
            svec_add_nocopy(&l->advice, xasprintf(
                "Session %s already records it on %s: ovs-spanctl files %s",
                ws->session->name, in->host, sink->target));
            recorded = true;
        }
    }
    return recorded;
}

/* Gives the commands that capture 'l'. */
static void
advise_of_capture(const struct locate_input *in, size_t n_locations,
                  struct location *l)
{
    char *now = pick_selector(in, l);
    char *then = pick_lasting_selector(in, n_locations, l);
    char *name = locate_name(now);
    char *word = locate_quote(now), *source = locate_quote(then);
    char *session = xstrdup(name);

    for (int i = 2; is_taken(in->wanted, session); i++) {
        free(session);
        session = xasprintf("%s-%d", name, i);
    }
    svec_add_nocopy(&l->advice, xasprintf(
        "On %s: ovs-spanctl capture %s -w %s.pcapng", in->host, word, name));
    svec_add_nocopy(&l->advice, xasprintf(
        "For longer, on any host that has it: ovs-spanctl add %s source=%s "
        "dest=sink:%s", session, source, session));
    if (locate_is_much(l)) {
        struct ds volume = DS_EMPTY_INITIALIZER;

        locate_put_volume(l, &volume);
        svec_add_nocopy(&l->advice, xasprintf(
            "That would be %s now.  Less: one direction (source=%s,from), "
            "filter=, snaplen=96, sample=, rate=.  On %s, ovs-spanctl plan "
            "%s source=%s dest=sink:%s snaplen=96 estimates it.",
            ds_cstr(&volume), source, in->host, session, source, session));
        ds_destroy(&volume);
    }
    free(session);
    free(source);
    free(word);
    free(name);
    free(then);
    free(now);
}

/* Says where else the frames of 'l' could be captured, and what would be
 * missing there. */
static void
advise_of_way_out(const struct locate_input *in, struct location *l)
{
    const struct way_out *way = l->n_ways ? l->ways : NULL;
    const char *name = way ? way->uplink->name : NULL;

    if (!way) {
        svec_add_nocopy(&l->advice, xasprintf(
            "Nothing outside %s could see the frames of %s: %s has no uplink "
            "for them.  Only a capture here does.", in->host, l->port->name,
            l->bridge->name));
    } else if (way->uplink == l->port) {
        svec_add_nocopy(&l->advice, xasprintf(
            "%s has what enters and leaves the host, not what machines on the "
            "host send each other.%s", name, way->bond_mode
            ? "  Capture the bond, not a member: another may carry it next."
            : ""));
    } else {
        svec_add_nocopy(&l->advice, xasprintf(
            "A capture at uplink:%s sees only what leaves the host, not what "
            "machines on it send each other.%s", name, way->bond_mode
            ? "  Take the bond, not the member that carries it now." : ""));
    }
}

/* Completes 'l', one of 'n_locations' on this host, with advice. */
void
locate_advise(const struct locate_input *in, size_t n_locations,
              struct location *l)
{
    advise_of_port(l);
    if (!strcmp(switch_port_type(l->port), "patch") && !l->port->ours) {
        svec_add_nocopy(&l->advice, xasprintf(
            "What comes into %s through its patch port %s is not mirrored "
            "there: capture the ports that it comes from.", l->bridge->name,
            l->port->name));
    } else if (!l->port->ours) {
        /* A hook has a session already. */
        if (!advise_of_sessions(in, l)) {
            advise_of_capture(in, n_locations, l);
        }
        advise_of_way_out(in, l);
    }
    while (l->advice.n > MAX_ADVICE) {
        free(l->advice.names[--l->advice.n]);
        l->advice.names[l->advice.n] = NULL;
    }
}
