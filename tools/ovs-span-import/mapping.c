/* SPDX-License-Identifier: Apache-2.0 */

/* Names by the port map; see mapping.h. */

#include <config.h>

#include "mapping.h"

#include <stdlib.h>
#include <string.h>

#include "import-text.h"
#include "plugin/record/record-util.h"

#define MAX_VALUE 255           /* Bytes; also the longest OVS port name. */

static int
compare_ports(const void *a_, const void *b_)
{
    const struct dv_port *const *a = a_;
    const struct dv_port *const *b = b_;

    return strcmp((*a)->key.text, (*b)->key.text);
}

static const char *
group_of(const struct dv_port *port)
{
    return port->group_key.text ? port->group_key.text : "";
}

static int
compare_groups(const void *a_, const void *b_)
{
    const struct dv_port *const *a = a_;
    const struct dv_port *const *b = b_;
    int order = strcmp(group_of(*a), group_of(*b));

    return order ? order : (*a > *b) - (*a < *b);
}

/* Makes 'm' translate by 'map' and by what 'export' says of ports; all three
 * stay the caller's and have to outlive it.  Every port has a key. */
void
mapping_init(struct mapping *m, const struct port_map *map,
             const struct vsphere_export *export, const char *host,
             struct report *report)
{
    *m = (struct mapping) {
        .map = map, .export = export, .host = host, .report = report,
    };
    m->ports = rec_xcalloc(export->n_ports, sizeof *m->ports);
    m->by_group = rec_xcalloc(export->n_ports, sizeof *m->by_group);
    for (size_t i = 0; i < export->n_ports; i++) {
        m->ports[i] = m->by_group[i] = &export->ports[i];
    }
    qsort(m->ports, export->n_ports, sizeof *m->ports, compare_ports);
    qsort(m->by_group, export->n_ports, sizeof *m->by_group, compare_groups);
    for (size_t i = 1; i < export->n_ports; i++) {
        const struct dv_port *port = m->ports[i];

        if (!strcmp(port->key.text, m->ports[i - 1]->key.text)) {
            report_error(report, &port->place, "the port \"%.80s\" is told "
                         "twice, also in %s line %u: import one switch at a "
                         "time, and each port once", port->key.text,
                         m->ports[i - 1]->place.file,
                         m->ports[i - 1]->place.line);
        }
    }
}

/* Frees what 'm' owns. */
void
mapping_destroy(struct mapping *m)
{
    for (size_t i = 0; i < m->n_missing; i++) {
        free(m->missing[i].name);
        free(m->missing[i].use);
        place_destroy(&m->missing[i].place);
    }
    free(m->missing);
    free(m->ports);
    free(m->by_group);
}

/* Returns what the export says of the port 'key', or NULL. */
const struct dv_port *
mapping_find_port(const struct mapping *m, const char *key)
{
    size_t low = 0, high = m->export->n_ports;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(m->ports[middle]->key.text, key);

        if (!order) {
            return m->ports[middle];
        } else if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* Returns the index in m->by_group of the first port that is not before those
 * of the port group 'group_key'. */
size_t
mapping_find_group(const struct mapping *m, const char *group_key)
{
    size_t low = 0, high = m->export->n_ports;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(group_of(m->by_group[middle]), group_key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Returns false if only ports of one host count and 'port_key' is on another.
 * If the export does not tell, reports that, and returns true. */
bool
mapping_is_here(const struct mapping *m, const struct text_at *port_key)
{
    const struct dv_port *port = mapping_find_port(m, port_key->text);

    if (!m->host) {
        return true;
    } else if (!port) {
        report_error(m->report, &port_key->place, "nothing tells which host "
                     "port \"%.80s\" is on, which --host needs: export the "
                     "ports too (govc dvs.portgroup.info -json)",
                     port_key->text);
        return true;
    }
    return port->host.text && !strcmp(port->host.text, m->host);
}

static void
add_missing(struct mapping *m, const char *prefix, const char *name,
            const struct place *place, const char *use)
{
    struct missing *missing;

    if (m->n_missing >= m->allocated_missing) {
        m->allocated_missing = REC_MAX(16, 2 * m->allocated_missing);
        m->missing = rec_xrealloc(m->missing, m->allocated_missing
                                              * sizeof *m->missing);
    }
    missing = &m->missing[m->n_missing++];
    missing->prefix = prefix;
    missing->name = rec_xstrdup(name);
    missing->use = rec_xstrdup(use);
    place_clone(&missing->place, place);
}

/* Returns the map's entry for 'name', or NULL, which is noted. */
static const struct map_entry *
look_up(struct mapping *m, const char *prefix, const char *name,
        const struct place *place, const char *use)
{
    const struct map_entry *e = port_map_find(m->map, prefix, name);

    if (!e && !strcmp(prefix, "portKey") && strchr(name, ' ')) {
        report_error(m->report, place, "\"%.80s\" is no port key, but a list "
                     "that was cut off by ConvertTo-Json: export again with "
                     "-Depth 10", name);
    } else if (!e) {
        add_missing(m, prefix, name, place, use);
    }
    return e;
}

/* Returns what stands behind "KIND:" in 'value' if KIND is one of the
 * 'kinds', separated by blanks, and else NULL. */
static const char *
value_of_kind(const char *value, const char *kinds)
{
    const char *colon = strchr(value, ':');

    for (const char *kind = kinds; colon && *kind; ) {
        size_t n = strcspn(kind, " ");

        if (n == (size_t) (colon - value) && !memcmp(kind, value, n)) {
            return colon + 1;
        }
        kind += n + strspn(kind + n, " ");
    }
    return NULL;
}

/* Returns true if 'value' may stand in a spec: printable, not empty, not too
 * long, with none of the characters in 'bad'. */
static bool
is_usable(const char *value, const char *bad)
{
    char *clean = text_clean_copy(value, strlen(value), MAX_VALUE);
    bool ok = value[0] && !strcmp(clean, value) && !strpbrk(value, bad);

    free(clean);
    return ok;
}

/* Returns a copy of e->value, a selector of one of 'kinds', or NULL after
 * reporting that it is none. */
static char *
take_selector(struct mapping *m, const struct map_entry *e,
              const char *kinds, const char *use)
{
    const char *value = value_of_kind(e->value, kinds);

    if (!value || !is_usable(value, ",")) {
        report_error(m->report, &e->place, "\"%.80s\" is %s: write "
                     "KIND:VALUE with a KIND of %s and a value without "
                     "comma, not \"%.80s\"", e->key, use, kinds, e->value);
        return NULL;
    }
    return rec_xstrdup(e->value);
}

/* Returns the selector of a port that is a source or a member. */
char *
mapping_source(struct mapping *m, const struct text_at *port_key,
               const char *use)
{
    const struct map_entry *e = look_up(m, "portKey", port_key->text,
                                        &port_key->place, use);

    return e ? take_selector(m, e, "port iface-id mac vm uplink hook", use)
             : NULL;
}

/* Returns the selector of all ports that have a connectee of 'type'. */
char *
mapping_connectee(struct mapping *m, const char *type,
                  const struct place *place, const char *use)
{
    const struct map_entry *e = look_up(m, "connectee", type, place, use);

    return e ? take_selector(m, e, "port iface-id mac vm bridge uplink group",
                             use)
             : NULL;
}

/* Returns the destination, port:NAME or sink:NAME, of a port. */
char *
mapping_destination(struct mapping *m, const struct text_at *port_key,
                    const char *use)
{
    const struct map_entry *e = look_up(m, "portKey", port_key->text,
                                        &port_key->place, use);
    const char *port = e ? value_of_kind(e->value, "port") : NULL;
    const char *sink = e ? value_of_kind(e->value, "sink") : NULL;

    if (!e) {
        return NULL;
    } else if (!(port && is_usable(port, ",*?[/"))
               && !(sink && text_is_legal_name(sink))) {
        report_error(m->report, &e->place, "\"%.80s\" is %s: write port:NAME "
                     "with the name of one port, or sink:NAME for a recorder, "
                     "not \"%.80s\"", e->key, use, e->value);
        return NULL;
    }
    return rec_xstrdup(e->value);
}

/* Returns e->value, a name or KIND:NAME, without the kind. */
static char *
take_name(struct mapping *m, const struct map_entry *e, const char *kind,
          const char *use)
{
    const char *name = value_of_kind(e->value, kind);

    name = name ? name : e->value;
    if (!is_usable(name, ":,*?[/")) {
        report_error(m->report, &e->place, "\"%.80s\" is %s: write %s:NAME, "
                     "not \"%.80s\"", e->key, use, kind, e->value);
        return NULL;
    }
    return rec_xstrdup(name);
}

/* Returns the name of the port or bond that is the uplink 'name'. */
char *
mapping_uplink(struct mapping *m, const struct text_at *name,
               const char *use)
{
    const struct map_entry *e = look_up(m, "uplink", name->text,
                                        &name->place, use);

    return e ? take_name(m, e, "uplink", use) : NULL;
}

/* Returns the name of the bridge that 'group' is on: by the group's name, its
 * key, or its switch's. */
char *
mapping_bridge(struct mapping *m, const struct port_group *group)
{
    const char *const names[] = {
        group->name.text, group->key.text, group->dvs.text,
    };

    for (size_t i = 0; i < REC_ARRAY_SIZE(names); i++) {
        const struct map_entry *e
            = names[i] ? port_map_find(m->map, "network", names[i]) : NULL;

        if (e) {
            return take_name(m, e, "bridge", "a network");
        }
    }
    add_missing(m, "network", group->name.text, &group->place,
                "a port group, whose bridge is asked");
    return NULL;
}

/* Returns the name of the bridge that the distributed switch 'name' is, or
 * NULL if nobody asks for that: then any bridge is meant. */
char *
mapping_switch(struct mapping *m, const char *name)
{
    const struct map_entry *e = port_map_find(m->map, "network", name);

    return e ? take_name(m, e, "bridge", "a switch") : NULL;
}

/* Writes what the export says of the port 'key'. */
static void
describe_port(const struct mapping *m, const char *key, FILE *stream)
{
    const struct dv_port *port = mapping_find_port(m, key);
    const struct {
        const char *what;
        const char *text;
    } facts[] = {
        { "type", port ? port->connectee.type.text : NULL },
        { "connected", port ? port->connectee.entity.text : NULL },
        { "NIC", port ? port->connectee.nic_key.text : NULL },
        { "address", port ? port->connectee.address.text : NULL },
        { "MAC", port ? port->state.runtime.mac.text : NULL },
        { "name", port ? port->config.name.text : NULL },
        { "port group", port ? port->group_key.text : NULL },
        { "host", port ? port->host.text : NULL },
    };
    const char *separator = "; vSphere says: ";

    for (size_t i = 0; i < REC_ARRAY_SIZE(facts); i++) {
        if (facts[i].text) {
            fprintf(stream, "%s%s %.80s", separator, facts[i].what,
                    facts[i].text);
            separator = ", ";
        }
    }
}

static int
compare_missing(const void *a_, const void *b_)
{
    const struct missing *a = a_;
    const struct missing *b = b_;
    int order = strcmp(a->prefix, b->prefix);

    if (!order) {
        order = strcmp(a->name, b->name);
    }
    if (!order) {
        order = strcmp(a->place.file, b->place.file);
    }
    return order ? order : (a->place.line > b->place.line)
                           - (a->place.line < b->place.line);
}

/* Reports the 'n' uses of one name that is missing. */
static void
report_name(struct mapping *m, const struct missing *missing, size_t n)
{
    size_t size;
    char *text;
    FILE *stream = text_open(&text, &size);

    fprintf(stream, "the port map has no %s \"%.80s\", which is %s",
            missing->prefix, missing->name, missing->use);
    if (n > 1) {
        fprintf(stream, " (and used %zu times more)", n - 1);
    }
    if (!strcmp(missing->prefix, "portKey")) {
        describe_port(m, missing->name, stream);
    }
    fclose(stream);
    report_error(m->report, &missing->place, "%s", text);
    free(text);
}

/* Reports all names that were looked for in vain, each once with what it is,
 * and in the end as a list. */
void
mapping_report_missing(struct mapping *m)
{
    const char *prefix = NULL;
    size_t size;
    char *list;
    FILE *stream;

    if (!m->n_missing) {
        return;
    }
    qsort(m->missing, m->n_missing, sizeof *m->missing, compare_missing);
    stream = text_open(&list, &size);
    for (size_t i = 0, n; i < m->n_missing; i += n) {
        const struct missing *missing = &m->missing[i];

        for (n = 1; i + n < m->n_missing
                    && missing->prefix == missing[n].prefix
                    && !strcmp(missing->name, missing[n].name); n++) {
            continue;
        }
        report_name(m, missing, n);
        fprintf(stream, "%s%s%s\"%.80s\"", prefix ? ", " : "",
                missing->prefix == prefix ? "" : missing->prefix,
                missing->prefix == prefix ? "" : " ", missing->name);
        prefix = missing->prefix;
    }
    fclose(stream);
    report_hint(m->report, "give --port-map=FILE with an entry for each of "
                "these: %s", list);
    free(list);
}
