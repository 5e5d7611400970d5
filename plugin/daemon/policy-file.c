/* SPDX-License-Identifier: Apache-2.0 */

/* Reads policy.json.  It is strict: a key that is not known, a value of the
 * wrong type or a file that others may write is an error, and the daemon does
 * not start on an error, because a rule that is silently not obeyed is worse
 * than none. */

#include <config.h>

#include "plugin/daemon/policy-file.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "plugin/core/text.h"
#include "plugin/core/tunnel.h"
#include "util.h"

/* Each reads 'value' into 'policy' or only checks it, and returns NULL or what
 * it should have been. */
typedef const char *key_func(const struct json *value, struct policy *,
                             struct fault *);

static bool
is_array_of_strings(const struct json *value)
{
    if (value->type != JSON_ARRAY) {
        return false;
    }
    for (size_t i = 0; i < value->array.n; i++) {
        if (value->array.elems[i]->type != JSON_STRING) {
            return false;
        }
    }
    return true;
}

static const char *
read_selectors(const struct json *value, bool hooks,
               struct selector **selectors, size_t *n, struct fault *fault)
{
    if (!is_array_of_strings(value)) {
        return "an array of selectors, such as [\"port:eth0\"]";
    }
    *selectors = xcalloc(value->array.n + 1, sizeof **selectors);
    for (size_t i = 0; i < value->array.n; i++) {
        const char *text = json_string(value->array.elems[i]);

        if (!selector_parse(&(*selectors)[*n], text, fault)) {
            return "an array of selectors";
        }

        enum selector_kind kind = (*selectors)[(*n)++].kind;
        if (kind == SELECTOR_VLAN || kind == SELECTOR_GROUP
            || (kind == SELECTOR_HOOK && !hooks)) {
            fault_set(fault, "unsupported",
                      "\"%s\" names no port, so it could not be obeyed.",
                      text);
            return "an array of selectors of ports";
        }
    }
    return NULL;
}

static const char *
read_never_source(const struct json *value, struct policy *policy,
                  struct fault *fault)
{
    return read_selectors(value, true, &policy->never_source,
                          &policy->n_never_source, fault);
}

static const char *
read_never_destination(const struct json *value, struct policy *policy,
                       struct fault *fault)
{
    return read_selectors(value, false, &policy->never_destination,
                          &policy->n_never_destination, fault);
}

static const char *
read_max_ttl(const struct json *value, struct policy *policy,
             struct fault *fault OVS_UNUSED)
{
    if (value->type != JSON_INTEGER || value->integer < 0) {
        return "a number of seconds, 0 for no limit";
    }
    policy->max_ttl = value->integer;
    return NULL;
}

static const char *
read_collectors(const struct json *value, struct policy *policy,
                struct fault *fault)
{
    if (!is_array_of_strings(value)) {
        return "an array of networks, such as [\"192.0.2.0/24\"]";
    }
    policy->collectors = xcalloc(value->array.n + 1,
                                 sizeof *policy->collectors);
    for (size_t i = 0; i < value->array.n; i++) {
        const char *text = json_string(value->array.elems[i]);

        if (!collector_net_parse(
                &policy->collectors[policy->n_collectors++], text)) {
            fault_set(fault, "invalid", "\"%s\" is no network.", text);
            return "an array of networks";
        }
    }
    return NULL;
}

static const char *
read_uplinks(const struct json *value, struct policy *policy,
             struct fault *fault OVS_UNUSED)
{
    if (!is_array_of_strings(value)) {
        return "an array of port names, such as [\"eth1\", \"bond*\"]";
    }
    policy->uplinks = xcalloc(value->array.n + 1, sizeof *policy->uplinks);
    for (size_t i = 0; i < value->array.n; i++) {
        policy->uplinks[policy->n_uplinks++]
            = xstrdup(json_string(value->array.elems[i]));
    }
    return NULL;
}

static const char *
read_promiscuous(const struct json *value, struct policy *policy,
                 struct fault *fault OVS_UNUSED)
{
    if (value->type != JSON_TRUE && value->type != JSON_FALSE) {
        return "true or false";
    }
    policy->no_promiscuous = value->type == JSON_FALSE;
    return NULL;
}

/* Reads a number of bytes, with or without a suffix. */
static bool
read_size(const struct json *value, int64_t *size)
{
    if (value->type == JSON_INTEGER && value->integer >= 0) {
        *size = value->integer;
        return true;
    }
    return (value->type == JSON_STRING
            && text_to_size(json_string(value), size));
}

static const char *
read_max_byte_rate(const struct json *value, struct policy *policy,
                   struct fault *fault OVS_UNUSED)
{
    return (read_size(value, &policy->max_byte_rate)
            ? NULL : "a number of bytes per second, such as \"100MB\", 0 for "
            "no limit");
}

static const char *
read_max_bytes(const struct json *value, struct policy *policy,
               struct fault *fault OVS_UNUSED)
{
    return (read_size(value, &policy->max_bytes)
            ? NULL : "a number of bytes, such as \"500GB\", 0 for no limit");
}

static const char *
read_network_fs(const struct json *value, struct policy *policy,
                struct fault *fault OVS_UNUSED)
{
    int64_t size;

    if (value->type == JSON_STRING
        && (!strcmp(json_string(value), "allow")
            || !strcmp(json_string(value), "refuse"))) {
        policy->network_fs = xstrdup(json_string(value));
    } else if (read_size(value, &size) && size > 0) {
        policy->network_fs = xasprintf("%"PRId64, size);
    } else {
        return "\"allow\", \"refuse\" or a number of bytes per second, such "
               "as \"50MB\"";
    }
    return NULL;
}

static const char *
read_min_free(const struct json *value, struct policy *policy,
              struct fault *fault OVS_UNUSED)
{
    const char *text = (value->type == JSON_STRING ? json_string(value) : "");
    int percent = 0, n = 0;
    int64_t size;

    if (ovs_scan(text, "%d%%%n", &percent, &n) && !text[n]
        && percent >= 0 && percent <= 99) {
        policy->min_free = xasprintf("%d%%", percent);
    } else if (read_size(value, &size)) {
        policy->min_free = xasprintf("%"PRId64, size);
    } else {
        return "a number of bytes, such as \"500MB\", or a percentage, such "
               "as \"10%\"";
    }
    return NULL;
}

static const char *
read_hooks_dir(const struct json *value, struct policy *policy,
               struct fault *fault OVS_UNUSED)
{
    if (value->type != JSON_STRING || json_string(value)[0] != '/') {
        return "the full name of a directory";
    }
    policy->hooks_dir = xstrdup(json_string(value));
    return NULL;
}

static const struct {
    const char *name;
    key_func *read;
} keys[] = {
    { "collectors", read_collectors },
    { "uplinks", read_uplinks },
    { "never_source", read_never_source },
    { "never_destination", read_never_destination },
    { "promiscuous", read_promiscuous },
    { "max_byte_rate", read_max_byte_rate },
    { "max_bytes", read_max_bytes },
    { "min_free", read_min_free },
    { "network_fs", read_network_fs },
    { "max_ttl", read_max_ttl },
    { "hooks_dir", read_hooks_dir },
};

static char *
read_key(const char *name, const struct json *value, struct policy *policy)
{
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        struct fault fault = FAULT_INITIALIZER;
        const char *want;
        char *error = NULL;

        if (strcmp(name, keys[i].name)) {
            continue;
        }
        want = keys[i].read(value, policy, &fault);
        if (want) {
            error = xasprintf("\"%s\" has to be %s.%s%s", name, want,
                              fault.detail ? " " : "",
                              fault.detail ? fault.detail : "");
        }
        fault_clear(&fault);
        return error;
    }
    return xasprintf("\"%s\" is no key of a policy.  The keys are collectors, "
                     "uplinks, never_source, never_destination, promiscuous, "
                     "max_byte_rate, max_bytes, min_free, network_fs, "
                     "max_ttl and hooks_dir.", name);
}

static char *
read_object(const struct json *json, struct policy *policy)
{
    const struct shash_node **nodes;
    char *error = NULL;
    size_t n;

    if (json->type == JSON_STRING) {
        return xasprintf("%s.", json_string(json));     /* Syntax error. */
    } else if (json->type != JSON_OBJECT) {
        return xstrdup("it has to be a JSON object.");
    }
    n = shash_count(json_object(json));
    nodes = shash_sort(json_object(json));
    for (size_t i = 0; !error && i < n; i++) {
        error = read_key(nodes[i]->name, nodes[i]->data, policy);
    }
    free(nodes);
    return error;
}

/* Reads the policy in 'file_name' into '*policyp', which the caller must
 * destroy with policy_file_destroy().  When the file does not exist '*policyp'
 * is NULL, and that is an error if 'must_exist'.  Returns NULL or a sentence
 * for the caller to free. */
char *
policy_file_read(const char *file_name, bool must_exist,
                 struct policy **policyp)
{
    struct policy *policy;
    struct json *json;
    struct stat s;
    char *error, *message;

    *policyp = NULL;
    if (stat(file_name, &s)) {
        return (errno == ENOENT && !must_exist ? NULL
                : xasprintf("%s: %s", file_name, ovs_strerror(errno)));
    }
    if (s.st_mode & S_IWOTH) {
        return xasprintf("%s: everybody may write this policy; "
                         "\"chmod o-w\" it.", file_name);
    }
    json = json_from_file(file_name);
    policy = xzalloc(sizeof *policy);
    error = read_object(json, policy);
    json_destroy(json);
    if (!error) {
        *policyp = policy;
        return NULL;
    }
    policy_file_destroy(policy);
    message = xasprintf("%s: %s", file_name, error);
    free(error);
    return message;
}

static void
destroy_selectors(struct selector *selectors, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        selector_destroy(&selectors[i]);
    }
    free(selectors);
}

void
policy_file_destroy(struct policy *policy)
{
    if (policy) {
        destroy_selectors(policy->never_source, policy->n_never_source);
        destroy_selectors(policy->never_destination,
                          policy->n_never_destination);
        for (size_t i = 0; i < policy->n_uplinks; i++) {
            free(policy->uplinks[i]);
        }
        free(policy->uplinks);
        free(policy->collectors);
        free(policy->hooks_dir);
        free(policy->min_free);
        free(policy->network_fs);
        free(policy);
    }
}
