/* SPDX-License-Identifier: Apache-2.0 */

/* The rules for a session that hold without a switch: see session.h.  Limits
 * are VMwareVspanSession's where that has one. */

#include <config.h>
#include "session.h"
#include <string.h>
#include "flow-text.h"
#include "name.h"
#include "text.h"
#include "util.h"

#define MAX_TEXT 1024           /* Bytes of a description or a reason. */
#define MAX_OWNER 256           /* Bytes. */
#define MAX_BRIDGE 255          /* Bytes. */

/* Numbers: 'min' to 'max', and 'none' beside, which means that there is none;
 * 'none' equals 'min' where there is no such value. */
static const struct limit {
    const char *key;
    int64_t none, min, max;
    const char *sentence;
} limits[] = {
    /* mirroredPacketLength */
    { "snaplen", 0, 60, 65535,
      "60 to 65535 bytes, or 0 for whole frames" },
    /* samplingRate */
    { "sample", 1, 1, 65535,
      "1 to 65535, for one frame in that many" },
    /* The width of an OpenFlow meter's rate. */
    { "rate", 0, 1, UINT32_MAX,
      "1 to 4294967295 frames a second, or 0 for no limit" },
    /* encapsulationVlanId */
    { "encap_vlan", 0, 1, 4094,
      "1 to 4094, or 0 for none" },
    { "expires", 0, 1, INT64_MAX,
      "a time in seconds since 1970, or 0 for never" },
};

/* Checks that 'value' is in the range of the session's number 'key' (as in
 * session_parse_arg(), and "expires"). */
bool
session_check_number(const char *key, int64_t value, struct fault *fault)
{
    for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
        const struct limit *l = &limits[i];

        if (!strcmp(l->key, key) && value != l->none
            && (value < l->min || value > l->max)) {
            fault_set(fault, "out-of-range",
                      "%s=%"PRId64" is out of range: write %s.",
                      key, value, l->sentence);
            return false;
        }
    }
    return true;
}

static bool
check_numbers(const struct session *s, struct fault *fault)
{
    return (session_check_number("snaplen", s->snaplen, fault)
            && session_check_number("sample", s->sample, fault)
            && session_check_number("rate", s->rate_limit, fault)
            && session_check_number("encap_vlan", s->encap_vlan, fault)
            && session_check_number("expires", s->expires, fault));
}

/* Checks that 'value', the 'key' of a session or a port group, has at most
 * 'max' bytes and none that cannot be printed. */
bool
session_check_text(const char *key, const char *value, size_t max,
                   struct fault *fault)
{
    if (!text_is_clean(value, max)) {
        fault_set(fault, "bad-text",
                  "The %s is longer than %"PRIuSIZE" bytes or holds "
                  "characters that cannot be printed.", key, max);
        return false;
    }
    return true;
}

static bool
check_texts(const struct session *s, struct fault *fault)
{
    if (!name_is_valid(s->name)) {
        fault_set(fault, "bad-name",
                  "\"%.80s\" cannot name a session: write 1 to 64 letters, "
                  "digits, \"_\", \".\" or \"-\", no dot first.", s->name);
        return false;
    }
    return (session_check_text("description", s->description, MAX_TEXT, fault)
            && session_check_text("owner", s->owner, MAX_OWNER, fault)
            && session_check_text("reason", s->reason, MAX_TEXT, fault));
}

/* A session copies something to somewhere, and how many of each a row of the
 * database can hold. */
static bool
check_counts(const struct session *s, struct fault *fault)
{
    if (!s->n_sources) {
        fault_set(fault, "no-source",
                  "The session mirrors nothing: name at least one source, for "
                  "example source=port:vm1.");
    } else if (!s->n_destinations) {
        fault_set(fault, "no-destination",
                  "The session sends its copies nowhere: name at least one "
                  "destination, for example dest=sink:web.");
    } else if (s->n_sources > SESSION_MAX_SOURCES
               || s->n_destinations > SESSION_MAX_DESTINATIONS) {
        fault_set(fault, "too-many",
                  "A session has at most %d sources and %d destinations; "
                  "divide it into several, or select by bridge: or by a "
                  "pattern.", SESSION_MAX_SOURCES, SESSION_MAX_DESTINATIONS);
    } else {
        return true;
    }
    return false;
}

static bool
check_source(const struct source *source, struct fault *fault)
{
    if (strchr(source->bridge, '/')
        || !text_is_clean(source->bridge, MAX_BRIDGE)) {
        fault_set(fault, "bad-source", "\"%.80s\" names no bridge.",
                  source->bridge);
        return false;
    }
    if (source->selector.kind == SELECTOR_HOOK
        && source->direction != DIRECTION_BOTH) {
        fault_set(fault, "bad-source",
                  "What a controller sends to a hook has no direction: write "
                  "source=hook:%s without from or to.",
                  source->selector.value);
        return false;
    }
    return true;
}

/* In a session that mirrors VLANs and other things, a frame of such a VLAN is
 * copied by the VLAN's mirror alone, so that it is copied once.  That mirror
 * then has to see every frame of the VLAN: where it enters the switch, since
 * not every frame is delivered. */
static bool
check_vlan_directions(const struct session *s, struct fault *fault)
{
    const struct source *first = NULL;
    bool others = false;
    bool equal = true;

    for (size_t i = 0; i < s->n_sources; i++) {
        const struct source *source = &s->sources[i];

        if (source->selector.kind == SELECTOR_HOOK) {
            continue;           /* Its frames are always copied. */
        } else if (source->selector.kind != SELECTOR_VLAN) {
            others = true;
        } else if (!first) {
            first = source;
        } else if (first->direction != source->direction) {
            equal = false;
        }
    }

    if (!equal) {
        fault_set(fault, "vlan-direction",
                  "All vlan: sources of a session share one direction: give "
                  "them the same of from, to and both, or make a session for "
                  "each.");
    } else if (first && others && first->direction == DIRECTION_TO) {
        fault_set(fault, "vlan-direction",
                  "Beside other sources, vlan: sources need the direction "
                  "from or both: write vlan:%"PRIu16",from, or mirror the "
                  "VLANs in a session of their own.", first->selector.vlan);
    } else {
        return true;
    }
    return false;
}

/* A hook is one port. */
static bool
check_hook_once(const struct session *s, size_t i, struct fault *fault)
{
    const struct selector *selector = &s->sources[i].selector;

    for (size_t j = 0; selector->kind == SELECTOR_HOOK && j < i; j++) {
        const struct selector *other = &s->sources[j].selector;

        if (other->kind == SELECTOR_HOOK
            && !strcmp(other->value, selector->value)) {
            fault_set(fault, "bad-source",
                      "The hook %s is there twice: name it once, on one "
                      "bridge.", selector->value);
            return false;
        }
    }
    return true;
}

static bool
check_sources(const struct session *s, struct fault *fault)
{
    for (size_t i = 0; i < s->n_sources; i++) {
        if (!check_source(&s->sources[i], fault)
            || !check_hook_once(s, i, fault)) {
            return false;
        }
    }
    return check_vlan_directions(s, fault);
}

/* Checks s->destinations[i] against those before it. */
static bool
check_destination(const struct session *s, size_t i, struct fault *fault)
{
    const struct destination *d = &s->destinations[i];
    const char *kind = destination_kind_to_string(d->kind);

    if (!destination_check(d, fault)) {
        return false;
    }
    if (strcmp(smap_get_def(&d->options, "cos", "0"), "0")) {
        fault_set(fault, "unsupported",
                  "Open vSwitch has no means to set the class of service in "
                  "an ERSPAN header: write %s:%s without cos=, or cos=0.",
                  kind, d->target);
        return false;
    }
    for (size_t j = 0; j < i; j++) {
        const struct destination *other = &s->destinations[j];

        if (other->kind == d->kind && !strcmp(other->target, d->target)) {
            fault_set(fault, "duplicate-destination",
                      "The destination %s:%s is there twice: name it once.",
                      kind, d->target);
            return false;
        }
    }
    return true;
}

/* A port cannot be source and destination of one session; what a pattern or
 * another selector selects is known only on the switch. */
static bool
check_port_conflict(const struct session *s, const struct destination *d,
                    struct fault *fault)
{
    for (size_t i = 0; i < s->n_sources; i++) {
        const struct selector *selector = &s->sources[i].selector;

        if (d->kind == DESTINATION_PORT
            && (selector->kind == SELECTOR_HOOK
                || (selector->kind == SELECTOR_PORT
                    && !name_is_glob(selector->value)))
            && !strcmp(selector->value, d->target)) {
            fault_set(fault, "VspanSameSessionPortConflict",
                      "Port %s is source and destination of the session: its "
                      "copies would be copied again.  Name another port as "
                      "destination.", d->target);
            return false;
        }
    }
    return true;
}

static bool
check_destinations(const struct session *s, struct fault *fault)
{
    for (size_t i = 0; i < s->n_destinations; i++) {
        if (!check_destination(s, i, fault)
            || !check_port_conflict(s, &s->destinations[i], fault)) {
            return false;
        }
    }
    return true;
}

/* Who watches a session gets it alone, and takes the sample himself. */
static bool
check_live(const struct session *s, struct fault *fault)
{
    for (size_t i = 0; i < s->n_destinations; i++) {
        if (s->destinations[i].kind == DESTINATION_LIVE
            && (s->n_destinations > 1 || s->sample > 1)) {
            fault_set(fault, "bad-destination",
                      "A live destination is the only one of its session, "
                      "and takes every frame: write sample=1, and sessions "
                      "of their own for other destinations.");
            return false;
        }
    }
    return true;
}

/* Checks 's' for what can be known without a switch.  Sets 'fault' to the
 * first thing that is wrong and returns false if there is any; s->fault, what
 * its reader found, comes before all else. */
bool
session_check(const struct session *s, struct fault *fault)
{
    if (fault_is_set(&s->fault)) {
        fault_set(fault, s->fault.reason, "%s", s->fault.detail);
        return false;
    }
    return (check_texts(s, fault)
            && check_counts(s, fault)
            && check_numbers(s, fault)
            && check_sources(s, fault)
            && check_destinations(s, fault)
            && check_live(s, fault)
            && session_check_type(s, fault)
            && flow_filter_check(s->filter, fault));
}
