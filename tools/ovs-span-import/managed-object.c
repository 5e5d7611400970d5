/* SPDX-License-Identifier: Apache-2.0 */

/* Managed objects, whole or property by property; see export-walk.h.  A
 * DistributedVirtualPortgroup has its name and its ports beside its
 * configuration, so it is put together here. */

#include <config.h>

#include "export-walk.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/record/record-util.h"

/* A managed object while it is read: a switch, or a port group with what of it
 * does not stand in its configuration. */
struct draft {
    struct text_at key;
    struct text_at name;
    struct text_list port_keys;
    struct text_at type;        /* Of the object, "DistributedVirtual..." */
    struct text_at id;          /* And its name among such; a group's key. */
    struct port_group group;
    bool has_group;             /* Does 'group' have its settings? */
    bool is_switch;
    size_t first_session;       /* The first one that is of this object. */
};

#define AT(MEMBER) .offset = offsetof(struct draft, MEMBER)
static const struct field draft_fields[] = {
    { "key", read_text, AT(key) },
    { "name", read_text, AT(name) },
    { "portKeys", read_texts, AT(port_keys) },
    { "config", NULL, 0 },
    { "alarmActionsEnabled", NULL, 0 },
    { "availableField", NULL, 0 },
    { "capability", NULL, 0 },
    { "client", NULL, 0 },
    { "configIssue", NULL, 0 },
    { "configStatus", NULL, 0 },
    { "customValue", NULL, 0 },
    { "declaredAlarmState", NULL, 0 },
    { "disabledMethod", NULL, 0 },
    { "effectiveRole", NULL, 0 },
    { "host", NULL, 0 },
    { "moRef", NULL, 0 },
    { "networkResourcePool", NULL, 0 },
    { "overallStatus", NULL, 0 },
    { "parent", NULL, 0 },
    { "permission", NULL, 0 },
    { "portgroup", NULL, 0 },
    { "recentTask", NULL, 0 },
    { "runtime", NULL, 0 },
    { "self", NULL, 0 },
    { "summary", NULL, 0 },
    { "tag", NULL, 0 },
    { "triggeredAlarmState", NULL, 0 },
    { "uuid", NULL, 0 },
    { "value", NULL, 0 },
    { "vm", NULL, 0 },
    { .name = NULL },
};
#undef AT

/* Reads the value 'at' of a managed object's "config". */
static void
read_config(struct walk *w, const struct json_at *at, struct draft *draft)
{
    if (json_is_null(at->value) || !expect_object(at, w->report)) {
        return;
    }
    if (object_find_kind(at->value) == KIND_GROUP) {
        if (!draft->has_group) {
            draft->has_group = true;
            fields_read(at, port_group_fields, &draft->group, w->report);
        } else {
            report_error_at(w->report, at, "there are two configurations of "
                            "one object");
        }
    } else {
        draft->is_switch = true;
        walk_value(w, at, KIND_SWITCH);
    }
}

/* Gives 'to' what 'from' says if it says nothing itself. */
static void
complete(struct text_at *to, struct text_at *from)
{
    if (!to->text) {
        *to = *from;
    } else {
        text_at_destroy(from);
    }
}

/* Takes over what 'draft', read from 'at', has become. */
static void
finish_draft(struct walk *w, const struct json_at *at, struct draft *draft)
{
    bool is_switch = (draft->is_switch
                      || (draft->type.text
                          && strstr(draft->type.text, "Switch")));

    walk_name_switch(w, draft->first_session, draft->name.text);
    complete(&draft->group.key, &draft->key);
    complete(&draft->group.key, &draft->id);
    complete(&draft->group.name, &draft->name);
    text_list_destroy(&draft->group.port_keys);
    draft->group.port_keys = draft->port_keys;
    text_at_destroy(&draft->type);
    if (draft->has_group && !is_switch) {
        walk_add_group(w, at, &draft->group);
    } else {
        port_group_destroy(&draft->group);
    }
}

void
read_managed(struct walk *w, const struct json_at *at)
{
    struct draft draft = { .first_session = w->export->n_sessions };
    struct json_at member;

    fields_read(at, draft_fields, &draft, w->report);
    for (bool more = json_at_first(&member, at); more;
         more = json_at_next(&member)) {
        if (key_is(member.key, "config")) {
            read_config(w, &member, &draft);
        }
    }
    finish_draft(w, at, &draft);
}

/* Notes in 'told' that the property 'name', "config.defaultPortConfig", was
 * told.  Returns false if it, a part of it or what it is a part of was told
 * before. */
static bool
tell_once(json_t *told, const char *name)
{
    char *prefix = rec_xstrdup(name);
    bool ok;

    for (char *c = prefix; *c; c++) {
        *c = tolower((unsigned char) *c);
    }
    ok = !json_object_get(told, prefix);
    json_object_set_new(told, prefix, json_true());
    for (char *dot = strrchr(prefix, '.'); dot; dot = strrchr(prefix, '.')) {
        *dot = '\0';
        ok = ok && !json_is_true(json_object_get(told, prefix));
        json_object_set_new(told, prefix, json_false());
    }
    free(prefix);
    return ok;
}

static void
read_field(struct walk *w, const struct json_at *at,
           const struct field *field, void *base)
{
    if (field->read && !json_is_null(at->value)) {
        field->read(at, field, (char *) base + field->offset, w->report);
    }
}

/* Reads the property "config.'name'", whose value is 'at'. */
static void
read_config_part(struct walk *w, const struct json_at *at, const char *name,
                 struct draft *draft)
{
    static const char setting[] = "defaultPortConfig.";
    const struct field *field = field_find(port_group_fields, name);

    if (key_is(name, "vspanSession")) {
        draft->is_switch = true;
        w->export->found = true;
        walk_value(w, at, KIND_SESSION);
    } else if (field) {
        draft->has_group |= key_is(name, "defaultPortConfig");
        read_field(w, at, field, &draft->group);
    } else if (!strncmp(name, setting, strlen(setting))) {
        field = field_find(port_setting_fields, name + strlen(setting));
        if (field) {
            draft->has_group = true;
            read_field(w, at, field, &draft->group.setting);
        }
    }
}

/* Makes '*inner' what is in 'at' if that is a boxed array of strings, and 'at'
 * itself if not. */
static void
open_box(const struct json_at *at, struct json_at *inner)
{
    if (json_is_object(at->value)) {
        for (bool more = json_at_first(inner, at); more;
             more = json_at_next(inner)) {
            if (key_is(inner->key, "_value") || key_is(inner->key, "string")) {
                return;
            }
        }
    }
    *inner = *at;
}

/* Reads the property 'name', whose value is 'at'. */
static void
read_property(struct walk *w, const struct json_at *at, const char *name,
              struct draft *draft)
{
    size_t n = strcspn(name, ".[");
    char *first = rec_xstrndup(name, n);
    const struct field *field = field_find(draft_fields, first);

    if (!field) {
        report_warning_at(w->report, at, "the property \"%.80s\" is not "
                          "known, and is left out", name);
    } else if (key_is(name, "config")) {
        read_config(w, at, draft);
    } else if (!strncmp(name, "config.", 7)) {
        read_config_part(w, at, name + 7, draft);
    } else if (!name[n]) {
        struct json_at inner;

        open_box(at, &inner);
        read_field(w, &inner, field, draft);
    }
    free(first);
}

/* Reads the property 'at', {name, val}. */
static void
read_property_object(struct walk *w, const struct json_at *at,
                     struct draft *draft, json_t *told)
{
    const char *name = json_string_value(object_get(at->value, "name"));
    struct json_at member;

    for (bool more = json_at_first(&member, at); more;
         more = json_at_next(&member)) {
        if (key_is(member.key, "val")) {
            if (tell_once(told, name)) {
                read_property(w, &member, name, draft);
            } else {
                report_error_at(w->report, &member, "the property \"%.80s\" "
                                "was told before", name);
            }
        } else if (!key_is(member.key, "name") && !key_is(member.key, "op")
                   && !key_is(member.key, "_typeName")
                   && !key_is(member.key, "dynamicType")) {
            walk_unknown_key(w, &member);
        }
    }
}

/* Reads the properties of one object, a list of them or one alone, into
 * 'draft'. */
static void
read_property_list(struct walk *w, const struct json_at *at,
                   struct draft *draft)
{
    json_t *told = json_object();
    struct json_at element;

    if (json_is_object(at->value)
        && object_find_kind(at->value) == KIND_PROPERTY) {
        read_property_object(w, at, draft, told);
    } else {
        for (bool more = json_at_first(&element, at); more;
             more = json_at_next(&element)) {
            if (json_is_object(element.value)
                && object_find_kind(element.value) == KIND_PROPERTY) {
                read_property_object(w, &element, draft, told);
            } else {
                report_error_at(w->report, &element, "has to be a property, "
                                "an object with \"name\" and \"val\"");
            }
        }
    }
    json_decref(told);
}

/* Reads properties that nothing says the object of. */
void
read_properties(struct walk *w, const struct json_at *at)
{
    struct draft draft = { .first_session = w->export->n_sessions };

    read_property_list(w, at, &draft);
    finish_draft(w, at, &draft);
}

/* Reads an ObjectUpdate or an ObjectContent, {obj, changeSet}. */
void
read_update(struct walk *w, const struct json_at *at)
{
    static const struct field obj_fields[] = {
        { "type", read_text, offsetof(struct draft, type) },
        { "value", read_text, offsetof(struct draft, id) },
        { "serverGuid", NULL, 0 },
        { .name = NULL },
    };
    static const struct field obj_field = { "obj", .fields = obj_fields };
    struct draft draft = { .first_session = w->export->n_sessions };
    struct json_at member;
    bool told = false;

    for (bool more = json_at_first(&member, at); more;
         more = json_at_next(&member)) {
        if (json_is_null(member.value)) {
            continue;
        } else if (key_is(member.key, "obj")) {
            if (!told) {
                read_object(&member, &obj_field, &draft, w->report);
            }
            told = true;
        } else if (key_is(member.key, "changeSet")
                   || key_is(member.key, "propSet")) {
            read_property_list(w, &member, &draft);
        } else if (!key_is(member.key, "kind")
                   && !key_is(member.key, "missingSet")
                   && !key_is(member.key, "_typeName")) {
            walk_unknown_key(w, &member);
        }
    }
    finish_draft(w, at, &draft);
}
