/* SPDX-License-Identifier: Apache-2.0 */

/* The two ends of a session as text: sources, SELECTOR[,from|to|both]
 * [,bridge=BRIDGE], and destinations, KIND:TARGET[,id=N][,cos=N]: see
 * session.h. */

#include <config.h>
#include "session.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "name.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "text.h"
#include "util.h"

#define MAX_PORT 255            /* Bytes of an OVS port's or bridge's name. */

/* VMwareVspanSession erspanId and erspanCOS. */
#define MAX_ERSPAN_ID 1023
#define MAX_ERSPAN_COS 7

/* RFC 2890. */
#define MAX_GRE_KEY INT64_C(4294967295)

/* Reads one word behind a selector's comma into 'source'. */
static bool
parse_source_word(struct source *source, const char *word,
                  struct fault *fault)
{
    if (!strncmp(word, "bridge=", 7)) {
        const char *bridge = word + 7;

        if (!*bridge || strchr(bridge, '/')
            || !text_is_clean(bridge, MAX_PORT)) {
            fault_set(fault, "bad-source",
                      "\"%.80s\" names no bridge: write bridge=NAME.", word);
            return false;
        }
        if (source->bridge[0]) {
            fault_set(fault, "bad-source",
                      "A source can name one bridge only, not \"%.80s\" as "
                      "well.", word);
            return false;
        }
        free(source->bridge);
        source->bridge = xstrdup(bridge);
        return true;
    }

    enum direction direction;
    if (!direction_from_string(word, &direction)) {
        fault_set(fault, "bad-source",
                  "\"%.80s\" says nothing of a source: behind the selector "
                  "write from, to, both or bridge=NAME.", word);
        return false;
    }
    if (source->direction) {
        fault_set(fault, "bad-source",
                  "A source has one direction: write one of from, to and "
                  "both, not \"%s\" as well.", word);
        return false;
    }
    source->direction = direction;
    return true;
}

/* Reads 'text' into '*source', whatever that held before; without a direction
 * it is both.  The caller must source_destroy() it.  On failure sets 'fault',
 * leaves '*source' with nothing to destroy, and returns false. */
bool
source_parse(struct source *source, const char *text, struct fault *fault)
{
    char *copy = xstrdup(text);
    char *rest = copy;
    char *word = strsep(&rest, ",");
    bool ok = selector_parse(&source->selector, word, fault);

    source->bridge = xstrdup("");
    source->direction = 0;
    while (ok && (word = strsep(&rest, ",")) != NULL) {
        ok = parse_source_word(source, word, fault);
    }
    if (!source->direction) {
        source->direction = DIRECTION_BOTH;
    }
    if (!ok) {
        source_destroy(source);
    }
    free(copy);
    return ok;
}

/* Returns 'source' as source_parse() reads it, with its direction.  The
 * caller frees it. */
char *
source_to_string(const struct source *source)
{
    char *selector = selector_to_string(&source->selector);
    char *s = xasprintf("%s,%s%s%s", selector,
                        direction_to_string(source->direction),
                        source->bridge[0] ? ",bridge=" : "",
                        source->bridge);
    free(selector);
    return s;
}

/* Reads 'target', the address of a collector, and if it is one puts its
 * canonical form into '*canonical', for the caller to free. */
static bool
parse_address(const char *target, char **canonical)
{
    struct in6_addr ip6;
    ovs_be32 ip4;
    char text[INET6_ADDRSTRLEN];

    if (inet_pton(AF_INET, target, &ip4) == 1) {
        uint8_t first = ntohl(ip4) >> 24;

        *canonical = xstrdup(target);
        return first != 0 && first != 127 && first < 224;
    }
    if (inet_pton(AF_INET6, target, &ip6) == 1) {
        inet_ntop(AF_INET6, &ip6, text, sizeof text);
        *canonical = xstrdup(text);
        return !(IN6_IS_ADDR_UNSPECIFIED(&ip6) || IN6_IS_ADDR_LOOPBACK(&ip6)
                 || IN6_IS_ADDR_MULTICAST(&ip6) || IN6_IS_ADDR_V4MAPPED(&ip6));
    }
    *canonical = NULL;
    return false;
}

/* Checks d->target for what its kind allows. */
static bool
check_target(const struct destination *d, struct fault *fault)
{
    const char *kind = destination_kind_to_string(d->kind);
    char *canonical;
    bool ok;

    switch (d->kind) {
    case DESTINATION_SINK:
        if (!name_is_valid(d->target)) {
            fault_set(fault, "bad-name",
                      "\"%.80s\" cannot name a sink: write 1 to 64 letters, "
                      "digits, \"_\", \".\" or \"-\", no dot first.",
                      d->target);
            return false;
        }
        return true;

    case DESTINATION_PORT:
    case DESTINATION_RSPAN:
        if (!d->target[0] || strchr(d->target, '/')
            || strpbrk(d->target, "*?[")
            || !text_is_clean(d->target, MAX_PORT)) {
            fault_set(fault, "bad-destination",
                      "\"%s:%.80s\" names no single port: a destination takes "
                      "the whole name of one port, without * ? [ or /.",
                      kind, d->target);
            return false;
        }
        return true;

    case DESTINATION_LIVE:
        if (!d->target[0] || !text_is_clean(d->target, MAX_PORT)) {
            fault_set(fault, "bad-destination",
                      "\"%.80s\" is no system-id of a host.", d->target);
            return false;
        }
        return true;

    case DESTINATION_GRE:
    case DESTINATION_ERSPAN2:
    case DESTINATION_ERSPAN3:
        ok = parse_address(d->target, &canonical);
        if (!ok) {
            fault_set(fault, "bad-destination",
                      "\"%.80s\" is no address of a collector: write a "
                      "unicast IPv4 or IPv6 address, for example "
                      "%s:192.0.2.1.", d->target, kind);
        }
        free(canonical);
        return ok;

    default:
        OVS_NOT_REACHED();
    }
}

/* Checks the option 'key' of 'd'. */
static bool
check_option(const struct destination *d, const char *key, const char *value,
             struct fault *fault)
{
    const char *kind = destination_kind_to_string(d->kind);
    bool has_id = (d->kind == DESTINATION_GRE
                   || d->kind == DESTINATION_ERSPAN2
                   || d->kind == DESTINATION_ERSPAN3);
    int64_t number, max;

    if (has_id && !strcmp(key, "id")) {
        max = d->kind == DESTINATION_GRE ? MAX_GRE_KEY : MAX_ERSPAN_ID;
    } else if (d->kind == DESTINATION_ERSPAN3 && !strcmp(key, "cos")) {
        max = MAX_ERSPAN_COS;
    } else {
        fault_set(fault, "bad-destination",
                  "A destination %s: has no option \"%.80s\"%s.", kind, key,
                  d->kind == DESTINATION_ERSPAN3 ? ", only id and cos"
                  : has_id ? ", only id" : "");
        return false;
    }
    if (!text_to_number(value, max, &number)) {
        fault_set(fault, "out-of-range",
                  "%s=%.80s is out of range: write a number from 0 to "
                  "%"PRId64".", key, value, max);
        return false;
    }
    return true;
}

/* Checks 'd', however it was made, for what can be known without a switch. */
bool
destination_check(const struct destination *d, struct fault *fault)
{
    if (!check_target(d, fault)) {
        return false;
    }

    const struct smap_node **nodes = smap_sort(&d->options);
    bool ok = true;
    for (size_t i = 0; ok && i < smap_count(&d->options); i++) {
        ok = check_option(d, nodes[i]->key, nodes[i]->value, fault);
    }
    free(nodes);
    return ok;
}

/* Reads one KEY=VALUE behind a target's comma into 'd'. */
static bool
parse_destination_word(struct destination *d, const char *word,
                       struct fault *fault)
{
    const char *equals = strchr(word, '=');

    if (!equals) {
        fault_set(fault, "bad-destination",
                  "\"%.80s\" is no option of a destination: options are "
                  "KEY=VALUE.", word);
        return false;
    }

    char *key = xmemdup0(word, equals - word);
    bool ok = smap_add_once(&d->options, key, equals + 1);
    if (!ok) {
        fault_set(fault, "bad-destination",
                  "A destination can say %.80s= only once.", key);
    }
    free(key);
    return ok;
}

/* Splits 'text', KIND:TARGET[,KEY=VALUE]..., into 'd' unchecked. */
static bool
split_destination(struct destination *d, char *text, struct fault *fault)
{
    char *rest = text;
    char *word = strsep(&rest, ",");
    char *target = word;
    char *kind = strsep(&target, ":");

    /* live: is not for people to write: ovs-spanctl capture does. */
    if (!target || !destination_kind_from_string(kind, &d->kind)
        || d->kind == DESTINATION_LIVE) {
        fault_set(fault, "bad-destination",
                  "\"%.80s\" is no destination: write sink:NAME, port:NAME, "
                  "rspan:UPLINK, gre:IP[,id=N], erspan2:IP[,id=N] or "
                  "erspan3:IP[,id=N][,cos=N].", kind);
        return false;
    }
    d->target = xstrdup(target);
    while ((word = strsep(&rest, ",")) != NULL) {
        if (!parse_destination_word(d, word, fault)) {
            return false;
        }
    }
    return true;
}

/* Reads 'text' into '*d', whatever that held before.  The caller must
 * destination_destroy() it.  On failure sets 'fault', leaves '*d' with nothing
 * to destroy, and returns false. */
bool
destination_parse(struct destination *d, const char *text,
                  struct fault *fault)
{
    char *copy = xstrdup(text);

    d->target = NULL;
    smap_init(&d->options);
    bool ok = (split_destination(d, copy, fault)
               && destination_check(d, fault));
    free(copy);
    if (!ok) {
        destination_destroy(d);
        return false;
    }

    char *canonical;
    if ((d->kind == DESTINATION_GRE || d->kind == DESTINATION_ERSPAN2
         || d->kind == DESTINATION_ERSPAN3)
        && parse_address(d->target, &canonical)) {
        free(d->target);
        d->target = canonical;
    }
    return true;
}

/* Returns 'd' as destination_parse() reads it.  The caller frees it. */
char *
destination_to_string(const struct destination *d)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    const char *const keys[] = { "id", "cos" };

    ds_put_format(&s, "%s:%s", destination_kind_to_string(d->kind),
                  d->target);
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        const char *value = smap_get(&d->options, keys[i]);
        if (value) {
            ds_put_format(&s, ",%s=%s", keys[i], value);
        }
    }
    return ds_steal_cstr(&s);
}
