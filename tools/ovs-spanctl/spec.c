/* SPDX-License-Identifier: Apache-2.0 */

/* The file of "apply": JSON text in, sessions and sinks out.
 *
 *   {"sinks": [{"name": ..., KEY: VALUE, ...}, ...],
 *    "sessions": [{"name": ..., "sources": [...], "destinations": [...],
 *                  KEY: VALUE, ...}, ...]}
 *
 * The keys are those of "add" and "sink-add", and each value is handed to the
 * core as the KEY=VALUE that people would type, so there is one parser.  The
 * reading is strict: a file with a mistake is refused whole, with the path of
 * the mistake. */

#include <config.h>

#include "spanctl.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "sset.h"
#include "util.h"

/* JSON types that a value may have. */
enum {
    TEXT = 1 << 0,
    NUMBER = 1 << 1,
    FLAG = 1 << 2,
    LIST = 1 << 3,              /* Array of texts. */
};

struct key {
    const char *json;           /* Key in the file. */
    const char *arg;            /* Key of the command line. */
    int types;
};

static const struct key session_keys[] = {
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

static const struct key sink_keys[] = {
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

/* Takes one "key=value" into 'aux'. */
typedef bool take_arg_func(const char *arg, void *aux, struct fault *);

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

static const char *
types_to_string(int types)
{
    return (types == LIST ? "an array of strings"
            : types == TEXT ? "a string"
            : types == NUMBER ? "an integer"
            : types == FLAG ? "true or false"
            : "a string or an integer");
}

static int
type_of(const struct json *json)
{
    return (json->type == JSON_STRING ? TEXT
            : json->type == JSON_INTEGER ? NUMBER
            : json->type == JSON_TRUE || json->type == JSON_FALSE ? FLAG
            : json->type == JSON_ARRAY ? LIST
            : 0);
}

/* Hands 'json', a text, number or flag, to 'take' as the value of 'arg'.
 * Returns NULL, or a message that begins with 'path' for the caller to
 * free. */
static char *
take_value(const char *path, const char *arg, const struct json *json,
           take_arg_func *take, void *aux)
{
    struct fault fault = FAULT_INITIALIZER;
    char *message = NULL;
    char *word;

    if (json->type == JSON_STRING) {
        word = xasprintf("%s=%s", arg, json_string(json));
    } else if (json->type == JSON_INTEGER) {
        word = xasprintf("%s=%"PRId64, arg, (int64_t) json_integer(json));
    } else {
        word = xasprintf("%s=%s", arg,
                         json->type == JSON_TRUE ? "true" : "false");
    }
    if (!take(word, aux, &fault)) {
        message = xasprintf("%s: %s", path, fault.detail);
        fault_clear(&fault);
    }
    free(word);
    return message;
}

/* Hands each element of the array 'json' to 'take'. */
static char *
take_list(const char *path, const char *arg, const struct json *json,
          take_arg_func *take, void *aux)
{
    const struct json_array *array = json_array(json);
    char *error = NULL;

    for (size_t i = 0; i < array->n && !error; i++) {
        char *subpath = xasprintf("%s[%"PRIuSIZE"]", path, i);

        if (array->elems[i]->type != JSON_STRING) {
            error = xasprintf("%s: has to be a string", subpath);
        } else {
            error = take_value(subpath, arg, array->elems[i], take, aux);
        }
        free(subpath);
    }
    return error;
}

static char *
complain_about_key(const char *path, const char *name,
                   const struct key *keys)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "%s: unknown key \"%s\"; known are name", path, name);
    for (const struct key *key = keys; key->json; key++) {
        ds_put_format(&s, ", %s", key->json);
    }
    return ds_steal_cstr(&s);
}

/* Hands all members of 'object' but its name to 'take'. */
static char *
take_object(const char *path, const struct json *object,
            const struct key *keys, take_arg_func *take, void *aux)
{
    const struct shash_node **nodes = shash_sort(json_object(object));
    size_t n = shash_count(json_object(object));
    char *error = NULL;

    for (size_t i = 0; i < n && !error; i++) {
        const struct json *value = nodes[i]->data;
        const struct key *key = keys;

        if (!strcmp(nodes[i]->name, "name")) {
            continue;
        }
        while (key->json && strcmp(key->json, nodes[i]->name)) {
            key++;
        }
        if (!key->json) {
            error = complain_about_key(path, nodes[i]->name, keys);
            continue;
        }

        char *subpath = xasprintf("%s.%s", path, key->json);
        if (!(type_of(value) & key->types)) {
            error = xasprintf("%s: has to be %s", subpath,
                              types_to_string(key->types));
        } else if (value->type == JSON_ARRAY) {
            error = take_list(subpath, key->arg, value, take, aux);
        } else {
            error = take_value(subpath, key->arg, value, take, aux);
        }
        free(subpath);
    }
    free(nodes);
    return error;
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

/* Reads 'object' as a new member of 'spec->sessions'. */
static char *
parse_session(const char *path, const struct json *object, int64_t now,
              struct spec *spec)
{
    struct fault fault = FAULT_INITIALIZER;
    char *error = NULL;
    const char *name = get_name(path, object, &error);

    if (!name) {
        return error;
    }
    for (size_t i = 0; i < spec->n_sessions; i++) {
        if (!strcmp(spec->sessions[i].name, name)) {
            return xasprintf("%s.name: there is a session \"%s\" already",
                             path, name);
        }
    }

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
    error = take_object(path, object, session_keys, take_session_arg, &taker);
    if (!taker.args.has_type) {
        s->type = session_infer_type(s);
    }
    if (!error && !session_check(s, &fault)) {
        error = xasprintf("%s: %s", path, fault.detail);
        fault_clear(&fault);
    }
    return error;
}

/* Reads 'object' as a new member of 'spec->sinks'. */
static char *
parse_sink(const char *path, const struct json *object,
           int64_t now OVS_UNUSED, struct spec *spec)
{
    struct fault fault = FAULT_INITIALIZER;
    char *error = NULL;
    const char *name = get_name(path, object, &error);

    if (!name) {
        return error;
    }
    for (size_t i = 0; i < spec->n_sinks; i++) {
        if (!strcmp(spec->sinks[i].name, name)) {
            return xasprintf("%s.name: there is a sink \"%s\" already", path,
                             name);
        }
    }

    struct sink_config *sink = &spec->sinks[spec->n_sinks++];

    sink_config_init(sink, name);
    error = take_object(path, object, sink_keys, take_sink_arg, sink);
    if (!error && !sink_config_check(sink, &fault)) {
        error = xasprintf("%s: %s", path, fault.detail);
        fault_clear(&fault);
    }
    return error;
}

/* Reads the member 'name' of 'root', an array, with 'parse'. */
static char *
parse_array(const struct json *root, const char *name, int64_t now,
            char *(*parse)(const char *path, const struct json *, int64_t now,
                           struct spec *),
            struct spec *spec)
{
    const struct json *json = shash_find_data(json_object(root), name);
    char *error = NULL;

    if (!json) {
        return NULL;
    }
    if (json->type != JSON_ARRAY) {
        return xasprintf("%s: has to be an array", name);
    }

    const struct json_array *array = json_array(json);
    if (parse == parse_session) {
        spec->has_sessions = true;
        spec->sessions = xcalloc(array->n + 1, sizeof *spec->sessions);
    } else {
        spec->sinks = xcalloc(array->n + 1, sizeof *spec->sinks);
    }
    for (size_t i = 0; i < array->n && !error; i++) {
        char *path = xasprintf("%s[%"PRIuSIZE"]", name, i);

        error = parse(path, array->elems[i], now, spec);
        free(path);
    }
    return error;
}

static char *
parse_root(const struct json *root, int64_t now, struct spec *spec)
{
    struct shash_node *node;
    char *error;

    if (root->type == JSON_STRING) {
        /* That is how the parser reports an error; a string as the root would
         * be wrong anyway. */
        return xasprintf("not JSON: %s", json_string(root));
    }
    if (root->type != JSON_OBJECT) {
        return xstrdup("the whole has to be an object");
    }
    SHASH_FOR_EACH (node, json_object(root)) {
        if (strcmp(node->name, "sinks") && strcmp(node->name, "sessions")) {
            return xasprintf("unknown key \"%s\"; known are sinks and "
                             "sessions", node->name);
        }
    }
    error = parse_array(root, "sinks", now, parse_sink, spec);
    if (!error) {
        error = parse_array(root, "sessions", now, parse_session, spec);
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
}
