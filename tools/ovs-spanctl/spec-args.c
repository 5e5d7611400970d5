/* SPDX-License-Identifier: Apache-2.0 */

/* Objects of the file of "apply" as arguments of the command line: each value
 * becomes one KEY=VALUE, or several. */

#include <config.h>

#include "spec-args.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "plugin/core/fault.h"
#include "util.h"

static const char *
types_to_string(int types)
{
    return (types & (LIST | JOINED) ? "an array of strings"
            : types == NUMBERS ? "an array of integers"
            : types == MAP ? "an object of strings"
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
            : json->type == JSON_ARRAY ? LIST | NUMBERS | JOINED
            : json->type == JSON_OBJECT ? MAP
            : 0);
}

/* Hands 'json', a text, number or flag, to 'take' as the value of 'arg'.
 * Returns NULL, or a message that begins with 'path' for the caller to
 * free. */
static char *
take_value(const char *path, const char *arg, const struct json *json,
           spec_take_func *take, void *aux)
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

/* Hands each element of the array 'json', which have to be of 'type', to
 * 'take'. */
static char *
take_list(const char *path, const struct spec_key *key,
          const struct json *json, spec_take_func *take, void *aux)
{
    const struct json_array *array = json_array(json);
    int type = key->types & NUMBERS ? NUMBER : TEXT;
    char *error = NULL;

    for (size_t i = 0; i < array->n && !error; i++) {
        char *subpath = xasprintf("%s[%"PRIuSIZE"]", path, i);

        if (type_of(array->elems[i]) != type) {
            error = xasprintf("%s: has to be %s", subpath,
                              types_to_string(type));
        } else {
            error = take_value(subpath, key->arg, array->elems[i], take, aux);
        }
        free(subpath);
    }
    return error;
}

/* Hands the texts of the array 'json' to 'take' as one argument, with commas
 * between them. */
static char *
take_joined(const char *path, const struct spec_key *key,
            const struct json *json, spec_take_func *take, void *aux)
{
    const struct json_array *array = json_array(json);
    struct ds joined = DS_EMPTY_INITIALIZER;
    struct json *text;
    char *error = NULL;

    for (size_t i = 0; i < array->n && !error; i++) {
        if (type_of(array->elems[i]) != TEXT) {
            error = xasprintf("%s[%"PRIuSIZE"]: has to be a string", path, i);
        } else {
            ds_put_format(&joined, "%s%s", i ? "," : "",
                          json_string(array->elems[i]));
        }
    }
    text = json_string_create_nocopy(ds_steal_cstr(&joined));
    if (!error) {
        error = take_value(path, key->arg, text, take, aux);
    }
    json_destroy(text);
    return error;
}

/* Hands each member of the object 'json' to 'take', as NAME,TEXT. */
static char *
take_map(const char *path, const struct spec_key *key,
         const struct json *json, spec_take_func *take, void *aux)
{
    const struct shash_node **nodes = shash_sort(json_object(json));
    size_t n = shash_count(json_object(json));
    char *error = NULL;

    for (size_t i = 0; i < n && !error; i++) {
        const struct json *value = nodes[i]->data;
        char *subpath = xasprintf("%s.%s", path, nodes[i]->name);

        if (type_of(value) != TEXT) {
            error = xasprintf("%s: has to be a string", subpath);
        } else {
            struct json *text = json_string_create_nocopy(
                xasprintf("%s,%s", nodes[i]->name, json_string(value)));

            error = take_value(subpath, key->arg, text, take, aux);
            json_destroy(text);
        }
        free(subpath);
    }
    free(nodes);
    return error;
}

/* Hands 'json', the value of 'key', to 'take'. */
static char *
take_key(const char *path, const struct spec_key *key,
         const struct json *json, spec_take_func *take, void *aux)
{
    if (!(type_of(json) & key->types)) {
        return xasprintf("%s: has to be %s", path,
                         types_to_string(key->types));
    }
    return (key->types & JOINED ? take_joined(path, key, json, take, aux)
            : key->types & (LIST | NUMBERS)
            ? take_list(path, key, json, take, aux)
            : key->types == MAP ? take_map(path, key, json, take, aux)
            : take_value(path, key->arg, json, take, aux));
}

static char *
complain_about_key(const char *path, const char *name,
                   const struct spec_key *keys)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "%s: unknown key \"%s\"; known are name", path, name);
    for (const struct spec_key *key = keys; key->json; key++) {
        ds_put_format(&s, ", %s", key->json);
    }
    return ds_steal_cstr(&s);
}

/* Hands all members of 'object' but its name to 'take', in the order of
 * 'keys'. */
char *
spec_take_object(const char *path, const struct json *object,
            const struct spec_key *keys, spec_take_func *take, void *aux)
{
    const struct shash_node **nodes = shash_sort(json_object(object));
    size_t n = shash_count(json_object(object));
    char *error = NULL;

    for (size_t i = 0; i < n && !error; i++) {
        const struct spec_key *key = keys;

        while (key->json && strcmp(key->json, nodes[i]->name)) {
            key++;
        }
        if (!key->json && strcmp(nodes[i]->name, "name")) {
            error = complain_about_key(path, nodes[i]->name, keys);
        }
    }
    free(nodes);
    for (const struct spec_key *key = keys; key->json && !error; key++) {
        const struct json *value = shash_find_data(json_object(object),
                                                   key->json);

        if (value) {
            char *subpath = xasprintf("%s.%s", path, key->json);

            error = take_key(subpath, key, value, take, aux);
            free(subpath);
        }
    }
    return error;
}
