/* SPDX-License-Identifier: Apache-2.0 */

/* What a selector that names nothing may have been meant to say: a part of
 * locate(). */

#include <config.h>
#include "locate.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "source-match.h"
#include "util.h"
#include "wanted.h"

/* Of each host; of a text so many letters are looked at. */
#define MAX_NEAR 3
#define MAX_TEXT 64

/* Values that are offered, the nearest first. */
struct near {
    const char *value;          /* That was asked for. */
    struct {
        char *text;
        size_t distance;
    } best[MAX_NEAR];
    size_t n;
};

/* Letters to be changed, added or taken away (Levenshtein) to make 'a' of 'b',
 * whatever their case. */
static size_t
count_edits(const char *a, const char *b)
{
    size_t row[MAX_TEXT + 1];
    size_t n = strnlen(b, MAX_TEXT);

    for (size_t j = 0; j <= n; j++) {
        row[j] = j;
    }
    for (size_t i = 0; i < MAX_TEXT && a[i]; i++) {
        size_t diagonal = row[0];

        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t same = (tolower((unsigned char) a[i])
                           == tolower((unsigned char) b[j]));
            size_t changed = diagonal + !same;

            diagonal = row[j + 1];
            row[j + 1] = MIN(changed, MIN(row[j], row[j + 1]) + 1);
        }
    }
    return row[n];
}

/* Offers 'text', a value of the selector's kind. */
static void
offer(struct near *near, const char *text)
{
    size_t length = strnlen(near->value, MAX_TEXT);
    size_t distance = count_edits(near->value, text);
    size_t i;

    if (!*text || distance > MAX(length / 3, 1)) {
        return;
    }
    for (i = 0; i < near->n; i++) {
        if (!strcmp(near->best[i].text, text)) {
            return;
        }
    }
    for (i = near->n; i && near->best[i - 1].distance > distance; i--) {
        if (i < MAX_NEAR) {
            near->best[i] = near->best[i - 1];
        } else {
            free(near->best[i - 1].text);
            near->n--;
        }
    }
    if (i < MAX_NEAR) {
        near->best[i].text = xstrdup(text);
        near->best[i].distance = distance;
        near->n++;
    }
}

static void
offer_ids(struct near *near, enum selector_kind kind, const struct smap *ids)
{
    static const char *const vm[] = {
        "vm-name", "vm-id", "vm-uuid", "xs-vm-uuid", NULL,
    };
    static const char *const iface[] = { "iface-id", NULL };
    static const char *const mac[] = { "attached-mac", NULL };
    const char *const *keys = (kind == SELECTOR_VM ? vm
                               : kind == SELECTOR_IFACE_ID ? iface
                               : kind == SELECTOR_MAC ? mac : NULL);

    for (size_t i = 0; keys && keys[i]; i++) {
        offer(near, smap_get_def(ids, keys[i], ""));
    }
}

static void
offer_port(struct near *near, enum selector_kind kind,
           const struct switch_port *port)
{
    if (kind == SELECTOR_PORT
        || (kind == SELECTOR_UPLINK && port_is_uplink(port))) {
        offer(near, port->name);
    }
    offer_ids(near, kind, &port->external_ids);
    for (size_t i = 0; i < port->n_ifaces; i++) {
        const struct switch_iface *iface = port->ifaces[i];

        offer_ids(near, kind, &iface->external_ids);
        if (kind == SELECTOR_MAC) {
            offer(near, iface->mac);
        }
    }
}

/* Finds selectors of the same kind, and with nearly the same value, that name
 * something here, and puts them into 'found->near'. */
void
locate_near(const struct locate_input *in, struct located *found)
{
    char *selector = selector_to_string(in->selector);
    struct near near = { .value = in->selector->value };

    for (size_t i = 0; i < in->state->n_bridges; i++) {
        const struct switch_bridge *bridge = in->state->bridges[i];

        if (bridge->ours) {
            continue;
        }
        if (in->selector->kind == SELECTOR_BRIDGE) {
            offer(&near, bridge->name);
        }
        for (size_t j = 0; j < bridge->n_ports; j++) {
            if (!bridge->ports[j]->ours) {
                offer_port(&near, in->selector->kind, bridge->ports[j]);
            }
        }
    }
    for (size_t i = 0; i < in->wanted->n_groups
                       && in->selector->kind == SELECTOR_GROUP; i++) {
        offer(&near, in->wanted->groups[i].group->name);
    }
    for (size_t i = 0; i < near.n; i++) {
        svec_add_nocopy(&found->near, xasprintf(
            "%.*s:%s", (int) strcspn(selector, ":"), selector,
            near.best[i].text));
        free(near.best[i].text);
    }
    free(selector);
}

/* Adds to 's' a sentence that says that 'selector' names nothing, and that
 * 'near' do. */
void
locate_put_absence(const struct selector *selector, const struct svec *near,
                   struct ds *s)
{
    static const char *const what[] = {
        [SELECTOR_PORT] = "no port of a bridge has this name",
        [SELECTOR_IFACE_ID] = "no interface has this iface-id",
        [SELECTOR_MAC] = "no interface has this address",
        [SELECTOR_VM] = "no interface is marked as of this machine",
        [SELECTOR_VLAN] = "no port has this VLAN by its tag or trunks, or by "
                          "what it has sent lately",
        [SELECTOR_BRIDGE] = "there is no such bridge, or it has no ports",
        [SELECTOR_UPLINK] = "no port that may lead out of a host has this "
                            "name",
        [SELECTOR_GROUP] = "there is no such port group, or it has no "
                           "members now",
        [SELECTOR_HOOK] = "no session has such a hook on a bridge now",
    };
    char *text = selector_to_string(selector);

    ds_put_format(s, "%s is nowhere: %s", text, what[selector->kind]);
    for (size_t i = 0; i < near->n; i++) {
        ds_put_format(s, "%s%s", i ? (i + 1 < near->n ? ", " : " or ")
                      : "; there is ", near->names[i]);
    }
    free(text);
}
