/* SPDX-License-Identifier: Apache-2.0 */

/* Selectors: text in, struct out, and back: see selector.h. */

#include <config.h>
#include "selector.h"
#include <stdlib.h>
#include <string.h>
#include "name.h"
#include "packets.h"
#include "text.h"
#include "util.h"

#define MAX_VALUE 255           /* Bytes; also the longest OVS port name. */

#define KINDS "port, iface-id, mac, vm, vlan, bridge, uplink, group or hook"

static bool parse_any(struct selector *, struct fault *);
static bool parse_port(struct selector *, struct fault *);
static bool parse_one(struct selector *, struct fault *);
static bool parse_mac(struct selector *, struct fault *);
static bool parse_vlan(struct selector *, struct fault *);
static bool parse_name(struct selector *, struct fault *);
static bool parse_hook(struct selector *, struct fault *);

/* 'parse' checks 'value', puts it into its canonical form and sets 'mac' or
 * 'vlan'. */
static const struct selector_class {
    const char *name;
    bool (*parse)(struct selector *, struct fault *);
} classes[] = {
    [SELECTOR_PORT] = { "port", parse_port },
    [SELECTOR_IFACE_ID] = { "iface-id", parse_any },
    [SELECTOR_MAC] = { "mac", parse_mac },
    [SELECTOR_VM] = { "vm", parse_any },
    [SELECTOR_VLAN] = { "vlan", parse_vlan },
    [SELECTOR_BRIDGE] = { "bridge", parse_one },
    [SELECTOR_UPLINK] = { "uplink", parse_one },
    [SELECTOR_GROUP] = { "group", parse_name },
    [SELECTOR_HOOK] = { "hook", parse_hook },
};

static bool
parse_any(struct selector *s, struct fault *fault)
{
    if (strchr(s->value, ',')) {
        fault_set(fault, "bad-selector",
                  "A selector cannot hold a comma: \"%s:%.80s\".",
                  classes[s->kind].name, s->value);
        return false;
    }
    return true;
}

static bool
parse_port(struct selector *s, struct fault *fault)
{
    if (strchr(s->value, '/')) {
        fault_set(fault, "bad-selector",
                  "\"%.80s\" cannot be the name of a port or bridge: Open "
                  "vSwitch allows no \"/\" in it.", s->value);
        return false;
    }
    return parse_any(s, fault);
}

/* A pattern would be taken for a name, and wait for ever. */
static bool
parse_one(struct selector *s, struct fault *fault)
{
    if (strpbrk(s->value, "*?[")) {
        fault_set(fault, "bad-selector",
                  "\"%s:%.80s\" is a pattern, but %s: takes one name: write a "
                  "selector for each, or port:PATTERN.",
                  classes[s->kind].name, s->value, classes[s->kind].name);
        return false;
    }
    return parse_port(s, fault);
}

static bool
parse_name(struct selector *s, struct fault *fault)
{
    if (!name_is_valid(s->value)) {
        fault_set(fault, "bad-selector",
                  "\"%.80s\" is no name of a %s: write 1 to 64 letters, "
                  "digits, \"_\", \".\" or \"-\", no dot first.",
                  s->value, classes[s->kind].name);
        return false;
    }
    return true;
}

/* The longest name of a network device (Linux IFNAMSIZ).  A hook is none, but
 * OpenFlow before 1.4 cuts the names of ports to as much. */
#define MAX_HOOK 15

static bool
parse_hook(struct selector *s, struct fault *fault)
{
    if (strlen(s->value) > MAX_HOOK) {
        fault_set(fault, "bad-selector",
                  "\"%.80s\" is too long for the name of a port: write a hook "
                  "of at most %d characters.", s->value, MAX_HOOK);
        return false;
    }
    return parse_name(s, fault);
}

/* Reads six times two hexadecimal digits with colons between them. */
static bool
mac_from_string(const char *s, struct eth_addr *mac)
{
    if (strlen(s) != 17) {
        return false;
    }
    for (int i = 0; i < 6; i++) {
        int high = hexit_value(s[3 * i]);
        int low = hexit_value(s[3 * i + 1]);

        if (high < 0 || low < 0 || (i < 5 && s[3 * i + 2] != ':')) {
            return false;
        }
        mac->ea[i] = high << 4 | low;
    }
    return true;
}

static bool
parse_mac(struct selector *s, struct fault *fault)
{
    if (!mac_from_string(s->value, &s->mac)) {
        fault_set(fault, "bad-selector",
                  "\"%.80s\" is no MAC address: write six pairs of "
                  "hexadecimal digits, for example mac:52:54:00:00:00:01.",
                  s->value);
        return false;
    }
    if (eth_addr_is_multicast(s->mac) || eth_addr_is_zero(s->mac)) {
        fault_set(fault, "bad-selector",
                  "\"%s\" can be no interface's MAC address: name a unicast "
                  "address.", s->value);
        return false;
    }
    free(s->value);
    s->value = xasprintf(ETH_ADDR_FMT, ETH_ADDR_ARGS(s->mac));
    return true;
}

static bool
parse_vlan(struct selector *s, struct fault *fault)
{
    int64_t vlan;

    if (!text_to_number(s->value, 4094, &vlan) || !vlan) {
        fault_set(fault, "bad-selector",
                  "\"%.80s\" is no VLAN: write a number from 1 to 4094.",
                  s->value);
        return false;
    }
    s->vlan = vlan;
    return true;
}

/* Looks up the kind whose name is the 'n' bytes at 'text'. */
static bool
kind_from_text(const char *text, size_t n, enum selector_kind *kind)
{
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        if (strlen(classes[i].name) == n
            && !memcmp(classes[i].name, text, n)) {
            *kind = i;
            return true;
        }
    }
    return false;
}

/* Reads 'text', KIND:VALUE, into '*s', whatever that held before.  The caller
 * must selector_destroy() it.  On failure sets 'fault', leaves '*s' with
 * nothing to destroy, and returns false. */
bool
selector_parse(struct selector *s, const char *text, struct fault *fault)
{
    const char *colon = strchr(text, ':');

    memset(s, 0, sizeof *s);
    if (!colon || !kind_from_text(text, colon - text, &s->kind)) {
        fault_set(fault, "bad-selector",
                  "\"%.80s\" selects nothing known: write KIND:VALUE, for "
                  "example port:vm1, with a KIND of " KINDS ".", text);
        return false;
    }
    if (!colon[1]) {
        fault_set(fault, "bad-selector",
                  "\"%s\" needs a value behind the colon.", text);
        return false;
    }
    if (!text_is_clean(colon + 1, MAX_VALUE)) {
        fault_set(fault, "bad-selector",
                  "The value in \"%.80s\" is longer than %d bytes or holds "
                  "characters that cannot be printed.", text, MAX_VALUE);
        return false;
    }

    s->value = xstrdup(colon + 1);
    if (!classes[s->kind].parse(s, fault)) {
        selector_destroy(s);
        return false;
    }
    return true;
}

/* Makes '*dst', whatever it held before, a copy of 'src'. */
void
selector_clone(struct selector *dst, const struct selector *src)
{
    *dst = *src;
    dst->value = nullable_xstrdup(src->value);
}

/* Returns 's' as selector_parse() reads it.  The caller frees it. */
char *
selector_to_string(const struct selector *s)
{
    return xasprintf("%s:%s", classes[s->kind].name, s->value);
}

/* Frees what 's' owns and leaves nothing in it.  NULL is fine. */
void
selector_destroy(struct selector *s)
{
    if (s) {
        free(s->value);
        memset(s, 0, sizeof *s);
    }
}
