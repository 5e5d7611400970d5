/* SPDX-License-Identifier: Apache-2.0 */

/* A VMwareVspanSession as a session; see convert.h.
 *
 * vSphere names directions from the port: what a port transmits comes from it
 * into the switch, "from"; what it receives, the switch delivers "to" it. */

#include <config.h>

#include "convert.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "import-text.h"
#include "plugin/record/record-util.h"

enum direction { FROM = 1, TO = 2 };

/* The kinds of ends that a type of session has. */
enum {
    PORTS = 1 << 0,
    CONNECTEES = 1 << 1,
    VLANS = 1 << 2,
    UPLINKS = 1 << 3,
    ADDRESSES = 1 << 4,
};

static const struct {
    const char *name;           /* Ours. */
    unsigned int sources, destinations;
} types[] = {
    [VSPAN_MIXED] = { "mixed", PORTS | CONNECTEES, PORTS | UPLINKS },
    [VSPAN_LOCAL] = { "local", PORTS | CONNECTEES, PORTS },
    [VSPAN_REMOTE_SOURCE] = { "rspan-source", PORTS | CONNECTEES, UPLINKS },
    [VSPAN_REMOTE_DESTINATION] = { "rspan-destination", VLANS, PORTS },
    [VSPAN_ENCAPSULATED] = { "erspan-source", PORTS | CONNECTEES,
                             ADDRESSES },
};

static const char *const encap_kinds[] = {
    [VSPAN_GRE] = "gre", [VSPAN_ERSPAN2] = "erspan2",
    [VSPAN_ERSPAN3] = "erspan3",
};

/* One source, while they are collected. */
struct source {
    char *selector;
    const char *from_key;       /* The port key that it comes from, or NULL. */
    unsigned int directions;
};

/* A session while it is converted. */
struct job {
    struct mapping *m;
    const struct vspan_session *s;
    enum vspan_type type;
    const char *name;           /* For messages. */
    struct source sources[CONVERT_MAX_SOURCES];
    size_t n_sources;
    json_t *destinations;
    size_t n_elsewhere;         /* Ports that --host leaves out. */
};

static bool
is_true(const struct flag_at *flag)
{
    return flag->set && flag->value;
}

/* Reports that the type of session does not have such an end, unless it is
 * one of 'allowed'. */
static void
check_end(struct job *job, unsigned int allowed, unsigned int kind,
          const struct place *place, const char *what, const char *role)
{
    if (!(allowed & kind)) {
        report_error(job->m->report, place, "a session of type %s%s has no "
                     "%s as %s", vspan_type_names[job->type],
                     job->s->type.set ? "" : " (sessionType is not set)",
                     what, role);
    }
}

static void
check_ends(struct job *job, const struct vspan_ports *ports,
           unsigned int allowed, const char *role)
{
    if (ports->port_keys.n) {
        check_end(job, allowed, PORTS, &ports->port_keys.items[0].place,
                  "portKey", role);
    }
    if (ports->connectees.n) {
        check_end(job, allowed, CONNECTEES, &ports->connectees.items[0].place,
                  "wildcardPortConnecteeType", role);
    }
    if (ports->vlans.n) {
        check_end(job, allowed, VLANS, &ports->vlans.items[0].place, "vlans",
                  role);
    }
    if (ports->uplinks.n) {
        check_end(job, allowed, UPLINKS, &ports->uplinks.items[0].place,
                  "uplinkPortName", role);
    }
    if (ports->addresses.n) {
        check_end(job, allowed, ADDRESSES, &ports->addresses.items[0].place,
                  "ipAddress", role);
    }
}

/* Adds 'selector', which is taken over; NULL adds nothing.  'port_key' is what
 * it comes from, or NULL. */
static void
add_source(struct job *job, char *selector, const char *port_key,
           unsigned int directions, const struct place *place)
{
    struct source *source = job->sources;
    struct source *end = job->sources + job->n_sources;

    while (selector && source < end && strcmp(source->selector, selector)) {
        source++;
    }
    if (!selector) {
        return;
    } else if (source == end && job->n_sources == CONVERT_MAX_SOURCES) {
        report_error(job->m->report, place, "a session has at most %d "
                     "sources: divide it into several", CONVERT_MAX_SOURCES);
        free(selector);
        return;
    } else if (source == end) {
        source->selector = selector;
        source->from_key = port_key;
        source->directions = 0;
        job->n_sources++;
    } else {
        if (port_key && source->from_key
            && strcmp(port_key, source->from_key)) {
            report_warning(job->m->report, place, "the ports \"%.80s\" and "
                           "\"%.80s\" both are %s, which is mirrored once, "
                           "in all directions that either is",
                           source->from_key, port_key, selector);
        }
        free(selector);
    }
    source->directions |= directions;
}

static bool
too_many(struct job *job, const struct text_list *list)
{
    if (list->n > CONVERT_MAX_SOURCES) {
        report_error(job->m->report, &list->items[0].place, "%zu ports are "
                     "too many: a session has at most %d sources; divide it "
                     "into several", list->n, CONVERT_MAX_SOURCES);
        return true;
    }
    return false;
}

static void
collect_sources(struct job *job, const struct vspan_ports *ports,
                enum direction direction)
{
    const struct text_list *keys = &ports->port_keys;
    char *use = rec_xasprintf("a source (%s) of session \"%.80s\"",
                              direction == FROM ? "transmitted" : "received",
                              job->name);

    for (size_t i = 0; !too_many(job, keys) && i < keys->n; i++) {
        const struct text_at *key = &keys->items[i];

        if (mapping_is_here(job->m, key)) {
            add_source(job, mapping_source(job->m, key, use), key->text,
                       direction, &key->place);
        } else {
            job->n_elsewhere++;
        }
    }
    for (size_t i = 0; i < ports->connectees.n; i++) {
        const struct number_at *type = &ports->connectees.items[i];

        if (direction == FROM) {
            report_error(job->m->report, &type->place, "wildcards select "
                         "received packets only, no transmitted ones");
        } else {
            add_source(job, mapping_connectee(
                           job->m, vspan_connectee_types[type->value],
                           &type->place, use),
                       NULL, direction, &type->place);
        }
    }
    for (size_t i = 0; i < ports->vlans.n; i++) {
        const struct number_at *vlan = &ports->vlans.items[i];

        /* Frames that come into the switch in this VLAN, whatever the list:
         * that is what vSphere means by "ingress source". */
        add_source(job, rec_xasprintf("vlan:%"PRId64, vlan->value), NULL,
                   FROM, &vlan->place);
    }
    free(use);
}

/* Adds 'destination', which is taken over; NULL adds nothing. */
static void
add_destination(struct job *job, char *destination, const struct place *place)
{
    size_t n = json_array_size(job->destinations);

    if (destination && n == CONVERT_MAX_DESTINATIONS) {
        report_error(job->m->report, place, "a session has at most %d "
                     "destinations: divide it into several",
                     CONVERT_MAX_DESTINATIONS);
    } else if (destination) {
        convert_add_once(job->destinations, destination);
        if (json_array_size(job->destinations) == n) {
            report_warning(job->m->report, place, "%s is a destination "
                           "already, and gets each copy once", destination);
        }
    }
    free(destination);
}

/* Returns the canonical form of 'address', a unicast address of IPv4 or IPv6,
 * or NULL.  The caller frees it. */
static char *
parse_address(const char *address)
{
    struct in_addr ip4;
    struct in6_addr ip6;
    char text[INET6_ADDRSTRLEN];

    if (inet_pton(AF_INET, address, &ip4) == 1) {
        unsigned int first = ntohl(ip4.s_addr) >> 24;

        return first && first != 127 && first < 224 ? rec_xstrdup(address)
                                                     : NULL;
    }
    if (inet_pton(AF_INET6, address, &ip6) != 1
        || IN6_IS_ADDR_UNSPECIFIED(&ip6) || IN6_IS_ADDR_LOOPBACK(&ip6)
        || IN6_IS_ADDR_MULTICAST(&ip6) || IN6_IS_ADDR_V4MAPPED(&ip6)) {
        return NULL;
    }
    return rec_xstrdup(inet_ntop(AF_INET6, &ip6, text, sizeof text));
}

/* Returns the tunnel to 'address', or NULL after reporting that it is none. */
static char *
make_tunnel(struct job *job, const struct text_at *address)
{
    const struct vspan_session *s = job->s;
    enum vspan_encap encap = s->encap.value;
    char *ip = parse_address(address->text);
    char id[32] = "", cos[32] = "";
    char *tunnel;

    if (!ip) {
        report_error(job->m->report, &address->place, "\"%.80s\" is no "
                     "unicast address of IPv4 or IPv6", address->text);
        return NULL;
    }
    if (encap != VSPAN_GRE && s->erspan_id.set) {
        snprintf(id, sizeof id, ",id=%"PRId64, s->erspan_id.value);
    }
    if (encap == VSPAN_ERSPAN3 && s->erspan_cos.value) {
        snprintf(cos, sizeof cos, ",cos=%"PRId64, s->erspan_cos.value);
    }
    tunnel = rec_xasprintf("%s:%s%s%s", encap_kinds[encap], ip, id, cos);
    free(ip);
    return tunnel;
}

static void
collect_destinations(struct job *job)
{
    const struct vspan_ports *d = &job->s->destination;
    char *use = rec_xasprintf("a destination of session \"%.80s\"",
                              job->name);

    for (size_t i = 0; !too_many(job, &d->port_keys) && i < d->port_keys.n;
         i++) {
        const struct text_at *key = &d->port_keys.items[i];

        if (mapping_is_here(job->m, key)) {
            add_destination(job, mapping_destination(job->m, key, use),
                            &key->place);
        } else {
            job->n_elsewhere++;
        }
    }
    for (size_t i = 0; i < d->uplinks.n; i++) {
        char *uplink = mapping_uplink(job->m, &d->uplinks.items[i], use);

        if (uplink) {
            add_destination(job, rec_xasprintf("rspan:%s", uplink),
                            &d->uplinks.items[i].place);
            free(uplink);
        }
    }
    for (size_t i = 0; i < d->addresses.n; i++) {
        add_destination(job, make_tunnel(job, &d->addresses.items[i]),
                        &d->addresses.items[i].place);
    }
    free(use);
}

/* Says what of the encapsulation has no effect or is not to be had. */
static void
check_encapsulation(struct job *job)
{
    const struct vspan_session *s = job->s;
    struct report *report = job->m->report;
    bool tunnel = job->type == VSPAN_ENCAPSULATED;
    bool erspan = tunnel && s->encap.value != VSPAN_GRE;

    if (!tunnel && s->encap.value != VSPAN_GRE) {
        report_warning(report, &s->encap.place, "encapType has no effect in a "
                       "session of type %s, and is left out",
                       vspan_type_names[job->type]);
    }
    if (!erspan && s->erspan_id.value) {
        report_warning(report, &s->erspan_id.place, "erspanId has no effect "
                       "without ERSPAN, and is left out");
    }
    if (s->erspan_cos.value && !(tunnel && s->encap.value == VSPAN_ERSPAN3)) {
        report_warning(report, &s->erspan_cos.place, "erspanCOS can be given "
                       "with erspan3 only, and is left out");
    }
    if (s->erspan_nanoseconds.set && tunnel
        && s->encap.value == VSPAN_ERSPAN3) {
        report_warning(report, &s->erspan_nanoseconds.place, "Open vSwitch "
                       "has no choice of the timestamps' granularity, 100 "
                       "microseconds; %s are not to be had",
                       s->erspan_nanoseconds.value ? "nanoseconds"
                       : "microseconds");
    } else if (is_true(&s->erspan_nanoseconds)) {
        report_warning(report, &s->erspan_nanoseconds.place,
                       "erspanGraNanosec has no effect without erspan3, and "
                       "is left out");
    }
    if (s->netstack.text && strcmp(s->netstack.text, "defaultTcpipStack")) {
        report_warning(report, &s->netstack.place, "copies travel by the "
                       "host's routes: Open vSwitch knows no TCP/IP stack "
                       "\"%.80s\"", s->netstack.text);
    }
}

/* Says what of the VLANs and of normal traffic is wrong or has no effect. */
static void
check_options(struct job *job)
{
    const struct vspan_session *s = job->s;
    struct report *report = job->m->report;

    if (s->destination.uplinks.n && !s->encap_vlan.set) {
        report_error(report, &s->place, "encapsulationVlanId is not set: "
                     "copies that leave by an uplink need a VLAN of their "
                     "own");
    } else if (s->encap_vlan.set && !s->destination.uplinks.n) {
        report_warning(report, &s->encap_vlan.place, "encapsulationVlanId is "
                       "for copies that leave by an uplink, and is left out");
    }
    if (is_true(&s->normal_traffic) && !s->destination.port_keys.n) {
        report_warning(report, &s->normal_traffic.place,
                       "normalTrafficAllowed has no effect, since no port is "
                       "a destination, and is left out");
    }
    if (!s->enabled.set) {
        report_warning(report, &s->place, "\"enabled\" is not set, and is "
                       "taken for true");
    }
}

static void
set_text(struct job *job, json_t *out, const char *key, const char *text,
         const struct place *place)
{
    bool changed = false;
    char *copy = text_store_copy(text, CONVERT_MAX_TEXT, &changed);

    if (changed) {
        report_warning(job->m->report, place, "the %s is cut to %d bytes and "
                       "one line", key, CONVERT_MAX_TEXT);
    }
    json_object_set_new(out, key, json_string(copy));
    free(copy);
}

static void
set_number(json_t *out, const char *key, const struct number_at *number,
           int64_t normal)
{
    if (number->set && number->value != normal) {
        json_object_set_new(out, key, json_integer(number->value));
    }
}

static void
set_origin(struct job *job, json_t *out)
{
    const struct vspan_session *s = job->s;
    char *text = rec_xasprintf("vSphere session%s%.400s%s%s%.400s",
                               s->name.text ? " \"" : "",
                               s->name.text ? s->name.text : "",
                               s->name.text ? "\"" : "",
                               s->key.text ? ", key " : "",
                               s->key.text ? s->key.text : "");
    bool changed = false;
    char *copy = text_store_copy(text, CONVERT_MAX_TEXT, &changed);

    json_object_set_new(out, "reason", json_string(copy));
    free(copy);
    free(text);
}

/* Returns the sources, each on the bridge that the session's switch is, if the
 * port map tells. */
static json_t *
write_sources(struct job *job)
{
    static const char *const words[] = {
        [FROM] = "from", [TO] = "to", [FROM | TO] = "both",
    };
    char *bridge = job->s->dvs ? mapping_switch(job->m, job->s->dvs) : NULL;
    json_t *sources = json_array();

    for (size_t i = 0; i < job->n_sources; i++) {
        const struct source *source = &job->sources[i];
        char *text = rec_xasprintf("%s,%s%s%s", source->selector,
                                   words[source->directions],
                                   bridge ? ",bridge=" : "",
                                   bridge ? bridge : "");

        json_array_append_new(sources, json_string(text));
        free(text);
    }
    free(bridge);
    return sources;
}

/* Writes the session out under 'name'. */
static json_t *
write_session(struct job *job, const char *name)
{
    const struct vspan_session *s = job->s;
    json_t *out = json_object();

    json_object_set_new(out, "name", json_string(name));
    json_object_set_new(out, "type", json_string(types[job->type].name));
    if (s->enabled.set && !s->enabled.value) {
        json_object_set_new(out, "enabled", json_false());
    }
    json_object_set_new(out, "sources", write_sources(job));
    json_object_set(out, "destinations", job->destinations);
    set_number(out, "snaplen", &s->packet_length, 0);
    set_number(out, "sample", &s->sampling, 1);
    if (s->destination.uplinks.n) {
        set_number(out, "encap_vlan", &s->encap_vlan, 0);
    }
    if (is_true(&s->strip_vlan)) {
        json_object_set_new(out, "strip_vlan", json_true());
    }
    if (is_true(&s->normal_traffic) && s->destination.port_keys.n) {
        json_object_set_new(out, "normal_traffic", json_true());
    }
    if (s->description.text) {
        set_text(job, out, "description", s->description.text,
                 &s->description.place);
    }
    set_origin(job, out);
    return out;
}

/* Says that a session without sources or without destinations is left out. */
static void
leave_out(struct job *job, const char *what)
{
    if (job->n_elsewhere) {
        report_warning(job->m->report, &job->s->place, "session \"%.80s\" has "
                       "no %s on host %.80s, and is left out", job->name,
                       what, job->m->host);
    } else {
        report_warning(job->m->report, &job->s->place, "session \"%.80s\" "
                       "names no %s, so it mirrors nothing, and is left out",
                       job->name, what);
    }
}

/* Returns the session, or NULL if there is none to make, which was
 * reported. */
static json_t *
convert_job(struct job *job)
{
    const struct vspan_session *s = job->s;
    unsigned int n_errors = job->m->report->n_errors;
    size_t n_missing = job->m->n_missing;
    const struct text_at *called = s->name.text ? &s->name : &s->key;
    json_t *out = NULL;

    if (!called->text) {
        report_error(job->m->report, &s->place, "this session has neither a "
                     "name nor a key");
        return NULL;
    }
    job->name = called->text;
    check_ends(job, &s->transmitted, types[job->type].sources, "source");
    check_ends(job, &s->received, types[job->type].sources, "source");
    check_ends(job, &s->destination, types[job->type].destinations,
               "destination");
    collect_sources(job, &s->transmitted, FROM);
    collect_sources(job, &s->received, TO);
    collect_destinations(job);
    check_options(job);
    check_encapsulation(job);
    if (job->m->report->n_errors != n_errors
        || job->m->n_missing != n_missing) {
        return NULL;
    } else if (!job->n_sources) {
        leave_out(job, "source");
    } else if (!json_array_size(job->destinations)) {
        leave_out(job, "destination");
    } else {
        char *name = convert_name(job->m, called, "session");

        if (job->n_elsewhere) {
            report_warning(job->m->report, &s->place, "%zu ports of session "
                           "\"%.80s\" are not on host %.80s, and are left "
                           "out", job->n_elsewhere, job->name, job->m->host);
        }
        out = write_session(job, name);
        free(name);
    }
    return out;
}

/* Returns 's' as "sessions" of a specification has it, or NULL if it cannot be
 * one; what is wrong, left out or different is reported. */
json_t *
convert_session(struct mapping *m, const struct vspan_session *s)
{
    struct job *job = rec_xcalloc(1, sizeof *job);
    json_t *out;

    job->m = m;
    job->s = s;
    job->type = s->type.set ? (enum vspan_type) s->type.value : VSPAN_MIXED;
    job->destinations = json_array();
    out = convert_job(job);

    json_decref(job->destinations);
    for (size_t i = 0; i < job->n_sources; i++) {
        free(job->sources[i].selector);
    }
    free(job);
    return out;
}
