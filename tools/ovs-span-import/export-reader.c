/* SPDX-License-Identifier: Apache-2.0 */

/* Finds sessions, ports and port groups in an export, however they are
 * wrapped; see vsphere.h.
 *
 * The same session comes bare, in a list, in the switch's configuration
 * (VMwareDVSConfigInfo), in a managed object that has a configuration, in
 * PowerCLI's object around that ("ExtensionData"), or as a property that
 * govc object.collect tells ({name, op, val}); an object says by its keys what
 * it is. */

#include <config.h>

#include "export-walk.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/record/record-util.h"

/* Returns the member 'name' of 'object', however it is written, or NULL. */
json_t *
object_get(const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    char other[64];

    if (!value && strlen(name) < sizeof other) {
        strcpy(other, name);
        other[0] = toupper((unsigned char) other[0]);
        value = json_object_get(object, other);
    }
    return value;
}

/* The kinds, and what an object of each has: one of 'any'. */
static const struct {
    enum kind kind;
    const char *any[9];
} marks[] = {
    { KIND_BOX, { "_value" } },
    { KIND_CONTAINER, { "vMwareVspanSession", "distributedVirtualPort" } },
    { KIND_EXTENSION, { "extensionData" } },
    { KIND_UPDATE, { "changeSet", "propSet" } },
    { KIND_SESSION, { "sourcePortTransmitted", "sourcePortReceived",
                      "destinationPort", "sessionType",
                      "normalTrafficAllowed", "stripOriginalVlan",
                      "mirroredPacketLength", "encapsulationVlanId" } },
    { KIND_SWITCH, { "vspanSession", "vspanConfigSpec", "uplinkPortPolicy",
                     "defaultProxySwitchMaxNumPorts" } },
    { KIND_PORT, { "portgroupKey", "dvsUuid", "proxyHost", "connectee" } },
    { KIND_GROUP, { "distributedVirtualSwitch", "defaultPortConfig",
                    "portNameFormat" } },
    { KIND_MANAGED, { "config", "portKeys" } },
};

/* Returns what 'object' is, as far as its keys say. */
enum kind
object_find_kind(const json_t *object)
{
    if (json_is_string(object_get(object, "name"))
        && object_get(object, "val")) {
        return KIND_PROPERTY;
    } else if (object_get(object, "value") && object_get(object, "count")) {
        return KIND_BOX;
    }
    for (size_t i = 0; i < REC_ARRAY_SIZE(marks); i++) {
        for (const char *const *name = marks[i].any; *name; name++) {
            if (object_get(object, *name)) {
                return marks[i].kind;
            }
        }
    }
    return KIND_UNKNOWN;
}

/* Says that the member 'at' is of no use here. */
void
walk_unknown_key(struct walk *w, const struct json_at *at)
{
    report_warning_at(w->report, at, "this key is not known, and is left out");
}

/* Returns 'array', which has 'n' elements of 'size' bytes and room for
 * '*allocated', with room for one more, zeroed. */
static void *
grow(void *array, size_t n, size_t *allocated, size_t size)
{
    if (n >= *allocated) {
        *allocated = REC_MAX(16, 2 * n);
        array = rec_xrealloc(array, *allocated * size);
    }
    memset((char *) array + n * size, 0, size);
    return array;
}

static void
read_session(struct walk *w, const struct json_at *at)
{
    struct vsphere_export *e = w->export;
    struct vspan_session *s;

    e->found = true;
    if (e->n_sessions >= VSPHERE_MAX_SESSIONS) {
        if (e->n_sessions == VSPHERE_MAX_SESSIONS && !w->report->n_errors) {
            report_error_at(w->report, at, "more than %d sessions",
                            VSPHERE_MAX_SESSIONS);
        }
        return;
    }
    e->sessions = grow(e->sessions, e->n_sessions, &e->allocated_sessions,
                       sizeof *s);
    s = &e->sessions[e->n_sessions++];
    json_at_place(at, &s->place);
    fields_read(at, vspan_session_fields, s, w->report);
}

static void
read_port(struct walk *w, const struct json_at *at)
{
    struct vsphere_export *e = w->export;
    struct dv_port *port;

    e->found = true;
    e->ports = grow(e->ports, e->n_ports, &e->allocated_ports, sizeof *port);
    port = &e->ports[e->n_ports++];
    json_at_place(at, &port->place);
    fields_read(at, dv_port_fields, port, w->report);
    if (!port->key.text) {
        report_error_at(w->report, at, "this port has no key");
    }
}

/* Notes that the sessions from number 'first' on are those of the switch
 * 'name', which may be NULL. */
void
walk_name_switch(struct walk *w, size_t first, const char *name)
{
    for (size_t i = first; name && i < w->export->n_sessions; i++) {
        struct vspan_session *s = &w->export->sessions[i];

        if (!s->dvs) {
            s->dvs = rec_xstrdup(name);
        }
    }
}

/* Takes the port group 'draft', which was read from 'at', over. */
void
walk_add_group(struct walk *w, const struct json_at *at,
               struct port_group *draft)
{
    struct vsphere_export *e = w->export;

    e->found = true;
    json_at_place(at, &draft->place);
    if (!draft->name.text) {
        report_error_at(w->report, at, "this port group has no name");
    }
    e->groups = grow(e->groups, e->n_groups, &e->allocated_groups,
                     sizeof *draft);
    e->groups[e->n_groups++] = *draft;
}

/* What else VMwareDVSConfigInfo and VMwareDVSConfigSpec have. */
static const struct field switch_fields[] = {
    { .name = "configVersion" }, { .name = "contact" },
    { .name = "createTime" }, { .name = "defaultPortConfig" },
    { .name = "defaultProxySwitchMaxNumPorts" }, { .name = "description" },
    { .name = "extensionKey" }, { .name = "healthCheckConfig" },
    { .name = "host" }, { .name = "infrastructureTrafficResourceConfig" },
    { .name = "ipfixConfig" }, { .name = "lacpApiVersion" },
    { .name = "lacpGroupConfig" }, { .name = "linkDiscoveryProtocolConfig" },
    { .name = "maxMtu" }, { .name = "maxPorts" },
    { .name = "multicastFilteringMode" }, { .name = "name" },
    { .name = "netResourcePoolTrafficResourceConfig" },
    { .name = "networkOffloadConfig" }, { .name = "networkOffloadSpecId" },
    { .name = "networkResourceControlVersion" },
    { .name = "networkResourceManagementEnabled" }, { .name = "numPorts" },
    { .name = "numStandalonePorts" }, { .name = "operation" },
    { .name = "pnicCapacityRatioForReservation" }, { .name = "policy" },
    { .name = "productInfo" }, { .name = "pvlanConfig" },
    { .name = "pvlanConfigSpec" }, { .name = "realTimeConfig" },
    { .name = "switchIpAddress" }, { .name = "targetInfo" },
    { .name = "uplinkPortPolicy" }, { .name = "uplinkPortgroup" },
    { .name = "uuid" }, { .name = "vendorSpecificConfig" },
    { .name = "vmVnicNetworkResourcePool" },
    { .name = NULL },
};

/* Keys under which containers hold what we look for. */
static const struct {
    const char *key;
    enum kind hint;
} containers[] = {
    { "session", KIND_SESSION },
    { "sessions", KIND_SESSION },
    { "vspanSession", KIND_SESSION },
    { "vspanSessions", KIND_SESSION },
    { "vMwareVspanSession", KIND_SESSION },
    { "vspanConfigSpec", KIND_SWITCH },
    { "port", KIND_PORT },
    { "ports", KIND_PORT },
    { "distributedVirtualPort", KIND_PORT },
    { "portgroup", KIND_UNKNOWN },
    { "portgroups", KIND_UNKNOWN },
    { "portGroup", KIND_UNKNOWN },
    { "portGroups", KIND_UNKNOWN },
    { "distributedVirtualPortgroup", KIND_MANAGED },
    { "dVPortgroupConfigInfo", KIND_GROUP },
    { "config", KIND_UNKNOWN },
    { "elements", KIND_UNKNOWN },
    { "objects", KIND_UNKNOWN },
    { "objectContent", KIND_UNKNOWN },
    { "returnval", KIND_UNKNOWN },
    { "switch", KIND_UNKNOWN },
    { "switches", KIND_UNKNOWN },
};

/* Goes into 'at' if it is a member that holds what we look for.  Returns false
 * if it is not. */
static bool
walk_contained(struct walk *w, const struct json_at *at)
{
    for (size_t i = 0; i < REC_ARRAY_SIZE(containers); i++) {
        if (key_is(at->key, containers[i].key)) {
            w->export->found |= containers[i].hint != KIND_UNKNOWN;
            walk_value(w, at, containers[i].hint);
            return true;
        }
    }
    return false;
}

/* Reads 'at', in which 'fields' are of no concern. */
static void
read_container(struct walk *w, const struct json_at *at,
               const struct field *fields)
{
    struct json_at member;

    for (bool more = json_at_first(&member, at); more;
         more = json_at_next(&member)) {
        if (!walk_contained(w, &member) && !key_is(member.key, "_typeName")
            && !(fields && field_find(fields, member.key))) {
            walk_unknown_key(w, &member);
        }
    }
}

static void
read_switch(struct walk *w, const struct json_at *at)
{
    size_t first = w->export->n_sessions;

    w->export->found = true;
    read_container(w, at, switch_fields);
    walk_name_switch(w, first, json_string_value(object_get(at->value,
                                                            "name")));
}

/* Goes into the members 'a' and 'b' of 'at', and into no other. */
static void
walk_members(struct walk *w, const struct json_at *at, const char *a,
             const char *b, enum kind hint)
{
    struct json_at member;

    for (bool more = json_at_first(&member, at); more;
         more = json_at_next(&member)) {
        if (key_is(member.key, a) || key_is(member.key, b)) {
            walk_value(w, &member, hint);
        }
    }
}

static void
walk_object(struct walk *w, const struct json_at *at, enum kind hint)
{
    enum kind kind = object_find_kind(at->value);

    if (kind == KIND_UNKNOWN) {
        kind = hint;
    }
    switch (kind) {
    case KIND_UNKNOWN:
    case KIND_CONTAINER:
        read_container(w, at, NULL);
        break;
    case KIND_BOX:
        walk_members(w, at, "_value", "value", hint);
        break;
    case KIND_EXTENSION:
        walk_members(w, at, "extensionData", "extensionData", hint);
        break;
    case KIND_PROPERTY:
        read_properties(w, at);
        break;
    case KIND_UPDATE:
        read_update(w, at);
        break;
    case KIND_SESSION:
        read_session(w, at);
        break;
    case KIND_SWITCH:
        read_switch(w, at);
        break;
    case KIND_PORT:
        read_port(w, at);
        break;
    case KIND_GROUP: {
        struct port_group draft = { .key.text = NULL };

        fields_read(at, port_group_fields, &draft, w->report);
        walk_add_group(w, at, &draft);
        break;
    }
    case KIND_MANAGED:
        read_managed(w, at);
        break;
    default:
        break;
    }
}

/* Reads whatever 'at' is; 'hint' says what it is if its keys do not. */
void
walk_value(struct walk *w, const struct json_at *at, enum kind hint)
{
    struct json_at element;

    if (json_is_array(at->value)) {
        const json_t *first = json_array_get(at->value, 0);

        if (json_is_object(first)
            && object_find_kind(first) == KIND_PROPERTY) {
            read_properties(w, at);
            return;
        }
        for (bool more = json_at_first(&element, at); more;
             more = json_at_next(&element)) {
            walk_value(w, &element, hint);
        }
    } else if (!json_is_null(at->value) && expect_object(at, w->report)) {
        walk_object(w, at, hint);
    }
}

/* Reads 'doc' into 'export', adding to what it holds; it has to outlive
 * 'export'.  What is wrong is reported.  Returns false if there is nothing in
 * it that this is about. */
bool
vsphere_export_read(struct vsphere_export *export, const struct json_doc *doc,
                    struct report *report)
{
    struct walk w = { export, report };
    struct json_at root;

    export->found = false;
    json_at_root(&root, doc);
    walk_value(&w, &root, KIND_UNKNOWN);
    if (!export->found && !report->n_errors) {
        report_error_at(report, &root, "no VMwareVspanSession, port or port "
                        "group was found: export the switch's \"config\", "
                        "for example");
    }
    return export->found;
}

/* Frees what 'export' owns. */
void
vsphere_export_destroy(struct vsphere_export *export)
{
    for (size_t i = 0; i < export->n_sessions; i++) {
        vspan_session_destroy(&export->sessions[i]);
    }
    for (size_t i = 0; i < export->n_ports; i++) {
        dv_port_destroy(&export->ports[i]);
    }
    for (size_t i = 0; i < export->n_groups; i++) {
        port_group_destroy(&export->groups[i]);
    }
    free(export->sessions);
    free(export->ports);
    free(export->groups);
}
