/* SPDX-License-Identifier: Apache-2.0 */

/* A session's arguments, key=value as ovs-spanctl add and set take them, into
 * the struct: see session.h. */

#include <config.h>
#include "session.h"
#include <stdlib.h>
#include <string.h>
#include "text.h"
#include "util.h"

/* The longest ttl=: ten years in seconds.  Longer than that is "never". */
#define MAX_TTL (INT64_C(10) * 366 * 86400)

#define KEYS "source, dest, type, filter, snaplen, sample, rate, " \
             "encap_vlan, strip_vlan, normal_traffic, ttl, owner, reason, " \
             "description and enabled"

struct arg {
    const char *key;
    bool (*parse)(struct session *, const struct arg *, const char *value,
                  struct session_args *, struct fault *);
    size_t offset;              /* Of the member that it sets. */
};

static bool
parse_source(struct session *s, const struct arg *arg OVS_UNUSED,
             const char *value, struct session_args *args,
             struct fault *fault)
{
    struct source source;

    if (!source_parse(&source, value, fault)) {
        return false;
    }
    if (args->fresh_sources) {
        session_clear_sources(s);
        args->fresh_sources = false;
    }
    *session_add_source(s) = source;
    return true;
}

static bool
parse_destination(struct session *s, const struct arg *arg OVS_UNUSED,
                  const char *value, struct session_args *args,
                  struct fault *fault)
{
    struct destination destination;

    if (!destination_parse(&destination, value, fault)) {
        return false;
    }
    if (args->fresh_destinations) {
        session_clear_destinations(s);
        args->fresh_destinations = false;
    }

    struct destination *d = session_add_destination(s);
    d->kind = destination.kind;
    d->target = destination.target;
    hmap_swap(&d->options.map, &destination.options.map);
    smap_destroy(&destination.options);
    return true;
}

static bool
parse_type(struct session *s, const struct arg *arg OVS_UNUSED,
           const char *value, struct session_args *args,
           struct fault *fault)
{
    if (!session_type_from_string(value, &s->type)) {
        fault_set(fault, "bad-argument",
                  "\"%.80s\" is no type of session: write local, "
                  "rspan-source, rspan-destination, erspan-source or mixed.",
                  value);
        return false;
    }
    args->has_type = true;
    return true;
}

/* Reads 'value' of ttl=, seconds from 'now' on, 0 for ever, into '*expires'.
 * Both are Unix times in seconds; '*expires' may become 0. */
bool
session_parse_ttl(const char *value, int64_t now, int64_t *expires,
                  struct fault *fault)
{
    int64_t ttl;

    if (!text_to_number(value, MAX_TTL, &ttl)) {
        fault_set(fault, "bad-argument",
                  "ttl=%.80s is no time to live: write seconds, at most %"
                  PRId64", or 0 to live until it is deleted.", value, MAX_TTL);
        return false;
    }
    *expires = ttl ? now + ttl : 0;
    return true;
}

static bool
parse_ttl(struct session *s, const struct arg *arg OVS_UNUSED,
          const char *value, struct session_args *args, struct fault *fault)
{
    return session_parse_ttl(value, args->now, &s->expires, fault);
}

/* Reads a number and checks its range. */
static bool
read_number(const struct arg *arg, const char *value, int64_t *number,
            struct fault *fault)
{
    if (!text_to_number(value, INT64_MAX, number)) {
        fault_set(fault, "bad-argument",
                  "%s=%.80s is no number: write decimal digits only.",
                  arg->key, value);
        return false;
    }
    return session_check_number(arg->key, *number, fault);
}

static bool
parse_int(struct session *s, const struct arg *arg, const char *value,
          struct session_args *args OVS_UNUSED, struct fault *fault)
{
    int64_t number;

    if (!read_number(arg, value, &number, fault)) {
        return false;
    }
    *ALIGNED_CAST(int *, (char *) s + arg->offset) = number;
    return true;
}

static bool
parse_int64(struct session *s, const struct arg *arg, const char *value,
            struct session_args *args OVS_UNUSED, struct fault *fault)
{
    int64_t number;

    if (!read_number(arg, value, &number, fault)) {
        return false;
    }
    *ALIGNED_CAST(int64_t *, (char *) s + arg->offset) = number;
    return true;
}

static bool
parse_bool(struct session *s, const struct arg *arg, const char *value,
           struct session_args *args OVS_UNUSED, struct fault *fault)
{
    if (!text_to_bool(value, (bool *) ((char *) s + arg->offset))) {
        fault_set(fault, "bad-argument",
                  "%s=%.80s is neither true nor false.", arg->key, value);
        return false;
    }
    return true;
}

static bool
parse_text(struct session *s, const struct arg *arg, const char *value,
           struct session_args *args OVS_UNUSED,
           struct fault *fault OVS_UNUSED)
{
    char **member = ALIGNED_CAST(char **, (char *) s + arg->offset);

    free(*member);
    *member = xstrdup(value);
    return true;
}

static const struct arg session_arg_table[] = {
    { "source", parse_source, 0 },
    { "dest", parse_destination, 0 },
    { "type", parse_type, 0 },
    { "filter", parse_text, offsetof(struct session, filter) },
    { "snaplen", parse_int, offsetof(struct session, snaplen) },
    { "sample", parse_int, offsetof(struct session, sample) },
    { "rate", parse_int64, offsetof(struct session, rate_limit) },
    { "encap_vlan", parse_int, offsetof(struct session, encap_vlan) },
    { "strip_vlan", parse_bool, offsetof(struct session, strip_vlan) },
    { "normal_traffic", parse_bool,
      offsetof(struct session, normal_traffic) },
    { "ttl", parse_ttl, 0 },
    { "owner", parse_text, offsetof(struct session, owner) },
    { "reason", parse_text, offsetof(struct session, reason) },
    { "description", parse_text, offsetof(struct session, description) },
    { "enabled", parse_bool, offsetof(struct session, enabled) },
};

/* Reads 'arg', one KEY=VALUE, into 's'.  On failure sets 'fault' and returns
 * false with 's' and 'args' as they were.  Texts are taken as they are;
 * session_check() judges them. */
bool
session_parse_arg(struct session *s, const char *arg,
                  struct session_args *args, struct fault *fault)
{
    const char *equals = strchr(arg, '=');

    if (!equals) {
        fault_set(fault, "bad-argument",
                  "\"%.80s\" is no argument of a session: write KEY=VALUE "
                  "with a KEY of " KEYS ".", arg);
        return false;
    }

    size_t n = equals - arg;
    for (size_t i = 0; i < ARRAY_SIZE(session_arg_table); i++) {
        const struct arg *a = &session_arg_table[i];

        if (strlen(a->key) == n && !memcmp(a->key, arg, n)) {
            return a->parse(s, a, equals + 1, args, fault);
        }
    }
    fault_set(fault, "bad-argument",
              "A session has no \"%.*s\": known are " KEYS ".",
              (int) MIN(n, 80), arg);
    return false;
}
