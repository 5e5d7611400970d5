/* SPDX-License-Identifier: Apache-2.0 */

/* Which sources and destinations each type of session takes, as in vSphere
 * (VMwareVspanSession.sessionType), and which type fits what was named: see
 * session.h. */

#include <config.h>
#include "session.h"
#include <stdlib.h>
#include "util.h"

#define TO_HERE     ((1u << DESTINATION_SINK) | (1u << DESTINATION_PORT) \
                     | (1u << DESTINATION_LIVE))
#define TO_UPLINKS  (1u << DESTINATION_RSPAN)
#define TO_IP       ((1u << DESTINATION_GRE) | (1u << DESTINATION_ERSPAN2) \
                     | (1u << DESTINATION_ERSPAN3))

static const struct type_rule {
    bool ports;                 /* Sources other than VLANs? */
    bool vlans;
    unsigned int kinds;         /* Of destinations, by bits. */
    const char *sentence;
} rules[] = {
    /* dvPortMirror */
    [SESSION_LOCAL] = {
        true, true, TO_HERE, "copies to sinks and ports of the host",
    },
    /* remoteMirrorSource */
    [SESSION_RSPAN_SOURCE] = {
        true, false, TO_UPLINKS, "copies from ports to rspan:UPLINK",
    },
    /* remoteMirrorDest */
    [SESSION_RSPAN_DESTINATION] = {
        false, true, TO_HERE, "copies from VLANs to sinks and ports of the "
        "host",
    },
    /* encapsulatedRemoteMirrorSource */
    [SESSION_ERSPAN_SOURCE] = {
        true, false, TO_IP, "copies from ports to gre:IP, erspan2:IP and "
        "erspan3:IP",
    },
    /* mixedDestMirror, which has no IP addresses */
    [SESSION_MIXED] = {
        true, true, TO_HERE | TO_UPLINKS | TO_IP, "copies anything anywhere",
    },
};

static bool
has_vlan_source(const struct session *s)
{
    for (size_t i = 0; i < s->n_sources; i++) {
        if (s->sources[i].selector.kind == SELECTOR_VLAN) {
            return true;
        }
    }
    return false;
}

/* The kinds of destinations of 's', by bits. */
static unsigned int
destination_kinds(const struct session *s)
{
    unsigned int kinds = 0;

    for (size_t i = 0; i < s->n_destinations; i++) {
        kinds |= 1u << s->destinations[i].kind;
    }
    return kinds;
}

/* Returns the type that fits the sources and destinations of 's': what
 * somebody means who does not name one.  It is never
 * SESSION_RSPAN_DESTINATION, which copies as SESSION_LOCAL does. */
enum session_type
session_infer_type(const struct session *s)
{
    unsigned int kinds = destination_kinds(s);

    return (!(kinds & ~TO_HERE) ? SESSION_LOCAL
            : has_vlan_source(s) ? SESSION_MIXED
            : !(kinds & ~TO_UPLINKS) ? SESSION_RSPAN_SOURCE
            : !(kinds & ~TO_IP) ? SESSION_ERSPAN_SOURCE
            : SESSION_MIXED);
}

/* Returns the first source or destination of 's' that 'rule' does not allow,
 * as text for the caller to free, or NULL. */
static char *
find_misfit(const struct session *s, const struct type_rule *rule)
{
    for (size_t i = 0; i < s->n_sources; i++) {
        bool vlan = s->sources[i].selector.kind == SELECTOR_VLAN;

        if (vlan ? !rule->vlans : !rule->ports) {
            char *text = source_to_string(&s->sources[i]);
            char *misfit = xasprintf("source=%s", text);

            free(text);
            return misfit;
        }
    }
    for (size_t i = 0; i < s->n_destinations; i++) {
        const struct destination *d = &s->destinations[i];

        if (!(rule->kinds & (1u << d->kind))) {
            return xasprintf("dest=%s:%s", destination_kind_to_string(d->kind),
                             d->target);
        }
    }
    return NULL;
}

/* The VLAN of RSPAN is there exactly when something goes out in it. */
static bool
check_encap_vlan(const struct session *s, struct fault *fault)
{
    bool rspan = destination_kinds(s) & TO_UPLINKS;

    if (rspan && !s->encap_vlan) {
        fault_set(fault, "encap-vlan",
                  "Copies to rspan: go out in a VLAN of their own: write "
                  "which, encap_vlan=1 to 4094.");
    } else if (!rspan && s->encap_vlan) {
        fault_set(fault, "encap-vlan",
                  "encap_vlan=%d is for copies to rspan:UPLINK, and the "
                  "session has no such destination: write encap_vlan=0.",
                  s->encap_vlan);
    } else {
        return true;
    }
    return false;
}

/* Copies that go out in a VLAN that the session mirrors would come back. */
static bool
check_own_vlan(const struct session *s, struct fault *fault)
{
    for (size_t i = 0; s->encap_vlan && i < s->n_sources; i++) {
        const struct selector *selector = &s->sources[i].selector;

        if (selector->kind == SELECTOR_VLAN
            && selector->vlan == s->encap_vlan) {
            fault_set(fault, "mirror-loop",
                      "The session mirrors VLAN %d and sends its copies in "
                      "it: they would be mirrored again.  Write another "
                      "encap_vlan.", s->encap_vlan);
            return false;
        }
    }
    return true;
}

/* Checks that the type of 's' allows its sources and destinations, and that
 * its encap_vlan goes with them. */
bool
session_check_type(const struct session *s, struct fault *fault)
{
    const struct type_rule *rule = &rules[s->type];
    char *misfit = find_misfit(s, rule);

    if (misfit) {
        fault_set(fault, "session-type",
                  "A session of type %s %s, so it cannot have %.300s: write "
                  "type=%s.", session_type_to_string(s->type),
                  rule->sentence, misfit,
                  session_type_to_string(session_infer_type(s)));
        free(misfit);
        return false;
    }
    return check_encap_vlan(s, fault) && check_own_vlan(s, fault);
}
