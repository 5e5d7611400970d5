/* SPDX-License-Identifier: Apache-2.0 */

/* The file of "apply": JSON text in, sinks, groups and sessions out.
 *
 *   {"sinks": [{"name": ..., KEY: VALUE, ...}, ...],
 *    "groups": [{"name": ..., "bridge": ..., "vlans": [...],
 *                "members": [...], "promiscuous_ports": [...],
 *                "overrides": {SELECTOR: "PART=accept|reject,...", ...},
 *                KEY: VALUE, ...}, ...],
 *    "sessions": [{"name": ..., "sources": [...], "destinations": [...],
 *                  KEY: VALUE, ...}, ...]}
 *
 * The keys are those of "add", "sink-add" and "group-add", and each value is
 * handed to the core as the KEY=VALUE that people would type, so there is one
 * parser.  The reading is strict: a file with a mistake is refused whole, with
 * the path of the mistake. */

#include <config.h>

#include "spanctl.h"
#include "spec-args.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "sset.h"
#include "util.h"

static const struct spec_key session_keys[] = {
    {"sources", "source", LIST},
    {"destinations", "dest", LIST},
    {"type", "type", TEXT},
    {"filter", "filter", TEXT},
    {"snaplen", "snaplen", NUMBER},
    {"sample", "sample", NUMBER},
    {"rate", "rate", NUMBER},
    {"encap_vlan", "encap_vlan", NUMBER},
    {"strip_vlan", "strip_vlan", FLAG},
    {"normal_traffic", "normal_traffic", FLAG},
    {"ttl", "ttl", NUMBER},
    {"owner", "owner", TEXT},
    {"reason", "reason", TEXT},
    {"description", "description", TEXT},
    {"enabled", "enabled", FLAG},
    {NULL, NULL, 0},
};

static const struct spec_key sink_keys[] = {
    {"dir", "dir", TEXT},
    {"format", "format", TEXT},
    {"capture_filter", "capture_filter", TEXT},
    {"snaplen", "snaplen", NUMBER},
    {"filesize", "filesize", TEXT | NUMBER},
    {"seconds", "seconds", NUMBER},
    {"packets", "packets", NUMBER},
    {"files", "files", NUMBER},
    {"max_bytes", "max_bytes", TEXT | NUMBER},
    {"min_free", "min_free", TEXT | NUMBER},
    {"byte_rate", "byte_rate", TEXT | NUMBER},
    {"buffer", "buffer", TEXT | NUMBER},
    {"overload", "overload", TEXT},
    {"compress", "compress", FLAG},
    {"sha256", "sha256", FLAG},
    {"on_full", "on_full", TEXT},
    {"vlan_aware", "vlan_aware", FLAG},
    {"cpu", "cpu", NUMBER},
    {"priority", "priority", NUMBER},
    {NULL, NULL, 0},
};

/* In the order in which they are to be taken: "promiscuous_ports" adds to what
 * "overrides" says. */
static const struct spec_key group_keys[] = {
    {"bridge", "bridge", TEXT},
    {"vlans", "vlan", NUMBERS},
    {"members", "member", LIST},
    {"promiscuous", "promiscuous", TEXT},
    {"mac_changes", "mac_changes", TEXT},
    {"forged_transmits", "forged_transmits", TEXT},
    {"overrides", "override", MAP},
    {"promiscuous_ports", "promiscuous_ports", JOINED},
    {"mac_limit", "mac_limit", NUMBER},
    {"limit_policy", "limit_policy", TEXT},
    {"ttl", "ttl", NUMBER},
    {"owner", "owner", TEXT},
    {"reason", "reason", TEXT},
    {NULL, NULL, 0},
};

/* Returns the end of the JSON string that starts at 'p', its closing quote. */
static const char *
end_of_string(const char *p)
{
    for (p++; *p && *p != '"'; p++) {
        if (*p == '\\' && p[1]) {
            p++;
        }
    }
    return p;
}

/* Adds the string token from 'p' to 'end' to 'keys'.  Returns NULL, or the key
 * if it was there already, for the caller to free. */
static char *
add_key(struct sset *keys, const char *p, const char *end)
{
    char *key;

    if (!json_string_unescape(p + 1, end - p - 1, &key)) {
        free(key);
        key = xmemdup0(p + 1, end - p - 1);
    }
    if (!sset_add(keys, key)) {
        return key;
    }
    free(key);
    return NULL;
}

/* Returns a key that occurs twice in one object of 'text', which is valid
 * JSON, or NULL.  (The parser would take the last one without a word.)  The
 * caller must free it. */
static char *
find_duplicate_key(const char *text)
{
    struct sset **stack = NULL; /* Keys of open objects; NULL for arrays. */
    size_t n = 0, allocated = 0;
    bool expect_key = false;
    char *duplicate = NULL;

    for (const char *p = text; *p && !duplicate; p++) {
        if (*p == '{' || *p == '[') {
            if (n >= allocated) {
                stack = x2nrealloc(stack, &allocated, sizeof *stack);
            }
            stack[n] = NULL;
            expect_key = *p == '{';
            if (expect_key) {
                stack[n] = xmalloc(sizeof **stack);
                sset_init(stack[n]);
            }
            n++;
        } else if ((*p == '}' || *p == ']') && n) {
            if (stack[--n]) {
                sset_destroy(stack[n]);
                free(stack[n]);
            }
            expect_key = false;
        } else if (*p == ',') {
            expect_key = n && stack[n - 1];
        } else if (*p == '"') {
            const char *end = end_of_string(p);

            if (expect_key) {
                duplicate = add_key(stack[n - 1], p, end);
                expect_key = false;
            }
            p = *end ? end : end - 1;
        }
    }
    while (n--) {
        if (stack[n]) {
            sset_destroy(stack[n]);
            free(stack[n]);
        }
    }
    free(stack);
    return duplicate;
}

/* Returns the name of 'object', owned by it, or NULL with '*error' set. */
static const char *
get_name(const char *path, const struct json *object, char **error)
{
    const struct json *name = NULL;

    if (object->type != JSON_OBJECT) {
        *error = xasprintf("%s: has to be an object", path);
        return NULL;
    }
    name = shash_find_data(json_object(object), "name");
    if (!name) {
        *error = xasprintf("%s: there is no \"name\"", path);
    } else if (name->type != JSON_STRING) {
        *error = xasprintf("%s.name: has to be a string", path);
    } else {
        return json_string(name);
    }
    return NULL;
}

struct session_taker {
    struct session *session;
    struct session_args args;
};

static bool
take_session_arg(const char *arg, void *taker_, struct fault *fault)
{
    struct session_taker *taker = taker_;

    return session_parse_arg(taker->session, arg, &taker->args, fault);
}

static bool
take_sink_arg(const char *arg, void *sink, struct fault *fault)
{
    return sink_config_parse_arg(sink, arg, fault);
}

/* Reads 'object' as a new member of 'spec->sessions', of this 'name'. */
static char *
parse_session(const char *path, const char *name, const struct json *object,
              int64_t now, struct spec *spec)
{
    struct fault fault = FAULT_INITIALIZER;
    struct session *s = &spec->sessions[spec->n_sessions++];
    struct session_taker taker = {
        .session = s,
        .args = {
            .now = now,
            .fresh_sources = true,
            .fresh_destinations = true,
        },
    };

    session_init(s, name);
    char *error = spec_take_object(path, object, session_keys,
                                   take_session_arg, &taker);
    if (!taker.args.has_type) {
        s->type = session_infer_type(s);
    }
    if (!error && !session_check(s, &fault)) {
        error = xasprintf("%s: %s", path, fault.detail);
        fault_clear(&fault);
    }
    return error;
}

/* Reads 'object' as a new member of 'spec->sinks', of this 'name'. */
static char *
parse_sink(const char *path, const char *name, const struct json *object,
           int64_t now OVS_UNUSED, struct spec *spec)
{
    struct fault fault = FAULT_INITIALIZER;
    struct sink_config *sink = &spec->sinks[spec->n_sinks++];

    sink_config_init(sink, name);
    char *error = spec_take_object(path, object, sink_keys, take_sink_arg,
                                   sink);
    if (!error && !sink_config_check(sink, &fault)) {
        error = xasprintf("%s: %s", path, fault.detail);
        fault_clear(&fault);
    }
    return error;
}

struct group_taker {
    struct port_group *group;
    struct port_group_args args;
};

static bool
take_group_arg(const char *arg, void *taker_, struct fault *fault)
{
    struct group_taker *taker = taker_;

    return port_group_parse_arg(taker->group, arg, &taker->args, fault);
}

/* Reads 'object' as a new member of 'spec->groups', of this 'name'. */
static char *
parse_group(const char *path, const char *name, const struct json *object,
            int64_t now, struct spec *spec)
{
    struct fault fault = FAULT_INITIALIZER;
    struct port_group *group = &spec->groups[spec->n_groups++];
    struct group_taker taker = { group, { now, true, true } };

    port_group_init(group, name);
    char *error = spec_take_object(path, object, group_keys, take_group_arg,
                                   &taker);
    if (!error && (!port_group_check_bridge(group, &fault)
                   || !port_group_check(group, &fault))) {
        error = xasprintf("%s: %s", path, fault.detail);
        fault_clear(&fault);
    }
    return error;
}

static void
begin_sessions(struct spec *spec, size_t n)
{
    spec->has_sessions = true;
    spec->sessions = xcalloc(n + 1, sizeof *spec->sessions);
}

static void
begin_sinks(struct spec *spec, size_t n)
{
    spec->sinks = xcalloc(n + 1, sizeof *spec->sinks);
}

static void
begin_groups(struct spec *spec, size_t n)
{
    spec->has_groups = true;
    spec->groups = xcalloc(n + 1, sizeof *spec->groups);
}

/* A part of the whole: an array of objects with names. */
struct part {
    const char *key;
    const char *word;           /* What each of them is. */
    void (*begin)(struct spec *, size_t n);
    char *(*parse)(const char *path, const char *name, const struct json *,
                   int64_t now, struct spec *);
};

/* In the order in which they are to be read. */
static const struct part parts[] = {
    {"sinks", "sink", begin_sinks, parse_sink},
    {"groups", "group", begin_groups, parse_group},
    {"sessions", "session", begin_sessions, parse_session},
};

/* Reads 'object', whose name must not be in 'names' yet. */
static char *
parse_member(const struct part *part, const char *path,
             const struct json *object, int64_t now, struct sset *names,
             struct spec *spec)
{
    char *error = NULL;
    const char *name = get_name(path, object, &error);

    return (!name ? error
            : !sset_add(names, name)
            ? xasprintf("%s.name: there is a %s \"%s\" already", path,
                        part->word, name)
            : part->parse(path, name, object, now, spec));
}

/* Reads 'part' of 'root', if it is there. */
static char *
parse_part(const struct part *part, const struct json *root, int64_t now,
           struct spec *spec)
{
    const struct json *json = shash_find_data(json_object(root), part->key);
    struct sset names = SSET_INITIALIZER(&names);
    char *error = NULL;

    if (!json) {
        return NULL;
    }
    if (json->type != JSON_ARRAY) {
        return xasprintf("%s: has to be an array", part->key);
    }

    const struct json_array *array = json_array(json);
    part->begin(spec, array->n);
    for (size_t i = 0; i < array->n && !error; i++) {
        char *path = xasprintf("%s[%"PRIuSIZE"]", part->key, i);

        error = parse_member(part, path, array->elems[i], now, &names, spec);
        free(path);
    }
    sset_destroy(&names);
    return error;
}

static bool
is_part(const char *key)
{
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        if (!strcmp(key, parts[i].key)) {
            return true;
        }
    }
    return false;
}

static char *
parse_root(const struct json *root, int64_t now, struct spec *spec)
{
    struct shash_node *node;
    char *error = NULL;

    if (root->type == JSON_STRING) {
        /* That is how the parser reports an error; a string as the root would
         * be wrong anyway. */
        return xasprintf("not JSON: %s", json_string(root));
    }
    if (root->type != JSON_OBJECT) {
        return xstrdup("the whole has to be an object");
    }
    SHASH_FOR_EACH (node, json_object(root)) {
        if (!is_part(node->name)) {
            return xasprintf("unknown key \"%s\"; known are sinks, groups "
                             "and sessions", node->name);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(parts) && !error; i++) {
        error = parse_part(&parts[i], root, now, spec);
    }
    return error;
}

/* Initializes 'spec' from 'text'; a ttl counts from 'now', Unix time in
 * seconds.  Returns NULL, or a message with the path of the mistake for the
 * caller to free.  The caller must destroy 'spec' either way. */
char *
spec_parse(struct spec *spec, const char *text, int64_t now)
{
    struct json *root = json_from_string(text);
    char *error;

    *spec = (struct spec) { .sessions = NULL };
    error = parse_root(root, now, spec);
    json_destroy(root);
    if (!error) {
        char *key = find_duplicate_key(text);

        if (key) {
            error = xasprintf("the key \"%s\" occurs twice in one object",
                              key);
            free(key);
        }
    }
    return error;
}

/* Frees what 'spec' holds. */
void
spec_destroy(struct spec *spec)
{
    for (size_t i = 0; i < spec->n_sessions; i++) {
        session_destroy(&spec->sessions[i]);
    }
    free(spec->sessions);
    for (size_t i = 0; i < spec->n_sinks; i++) {
        sink_config_destroy(&spec->sinks[i]);
    }
    free(spec->sinks);
    for (size_t i = 0; i < spec->n_groups; i++) {
        port_group_destroy(&spec->groups[i]);
    }
    free(spec->groups);
}
