/* SPDX-License-Identifier: Apache-2.0 */

/* Selectors: the words by which a source is named (port:NAME, vm:UUID, ...).
 * Text in, struct out, and back. */

#ifndef SPAN_CORE_SELECTOR_H
#define SPAN_CORE_SELECTOR_H 1

#include <stdint.h>
#include "fault.h"
#include "openvswitch/types.h"

enum selector_kind {
    SELECTOR_PORT,              /* OVS Port name; a glob (*, ?, [...]) . */
    SELECTOR_IFACE_ID,          /* Interface external_ids:iface-id. */
    SELECTOR_MAC,               /* attached-mac or the interface's own MAC. */
    SELECTOR_VM,                /* VM name or UUID in external_ids. */
    SELECTOR_VLAN,              /* Every frame of a VLAN, 1 to 4094. */
    SELECTOR_BRIDGE,            /* Every port of a bridge. */
    SELECTOR_UPLINK,            /* A physical port or a whole bond. */
    SELECTOR_GROUP,             /* A Port_Group. */
    SELECTOR_HOOK,              /* A port that an SDN controller feeds. */
};

struct selector {
    enum selector_kind kind;
    char *value;                /* Owned; the text behind the colon. */
    struct eth_addr mac;        /* SELECTOR_MAC only. */
    uint16_t vlan;              /* SELECTOR_VLAN only, 1 to 4094. */
};

bool selector_parse(struct selector *, const char *text, struct fault *);
void selector_clone(struct selector *, const struct selector *);
char *selector_to_string(const struct selector *);
void selector_destroy(struct selector *);

#endif /* plugin/core/selector.h */
