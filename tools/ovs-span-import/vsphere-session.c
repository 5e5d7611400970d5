/* SPDX-License-Identifier: Apache-2.0 */

/* VMwareVspanSession and VMwareVspanPort, all their properties; see
 * vsphere.h. */

#include <config.h>

#include "vsphere.h"

#include <stdlib.h>

#define MAX_VLAN 4094

const char *const vspan_type_names[] = {
    [VSPAN_MIXED] = "mixedDestMirror",
    [VSPAN_LOCAL] = "dvPortMirror",
    [VSPAN_REMOTE_SOURCE] = "remoteMirrorSource",
    [VSPAN_REMOTE_DESTINATION] = "remoteMirrorDest",
    [VSPAN_ENCAPSULATED] = "encapsulatedRemoteMirrorSource",
    NULL,
};

const char *const vspan_encap_names[] = {
    [VSPAN_GRE] = "gre",
    [VSPAN_ERSPAN2] = "erspan2",
    [VSPAN_ERSPAN3] = "erspan3",
    NULL,
};

/* DistributedVirtualSwitchPortConnecteeConnecteeType. */
const char *const vspan_connectee_types[] = {
    "pnic", "vmVnic", "hostConsoleVnic", "hostVmkVnic", "systemCrxVnic", NULL,
};

#define AT(MEMBER) .offset = offsetof(struct vspan_ports, MEMBER)
static const struct field vspan_ports_fields[] = {
    { "portKey", read_texts, AT(port_keys) },
    { "uplinkPortName", read_texts, AT(uplinks) },
    { "wildcardPortConnecteeType", read_words, AT(connectees),
      .words = vspan_connectee_types },
    { "vlans", read_numbers, AT(vlans), .min = 1, .max = MAX_VLAN },
    { "ipAddress", read_texts, AT(addresses) },
    { .name = NULL },
};
#undef AT

#define AT(MEMBER) .offset = offsetof(struct vspan_session, MEMBER)
const struct field vspan_session_fields[] = {
    { "key", read_text, AT(key) },
    { "name", read_text, AT(name) },
    { "description", read_text, AT(description) },
    { "enabled", read_flag, AT(enabled) },
    { "sourcePortTransmitted", read_object, AT(transmitted),
      .fields = vspan_ports_fields },
    { "sourcePortReceived", read_object, AT(received),
      .fields = vspan_ports_fields },
    { "destinationPort", read_object, AT(destination),
      .fields = vspan_ports_fields },
    { "encapsulationVlanId", read_number_or_zero, AT(encap_vlan),
      .min = 1, .max = MAX_VLAN },
    { "stripOriginalVlan", read_flag, AT(strip_vlan) },
    { "mirroredPacketLength", read_number_or_zero, AT(packet_length),
      .min = 60, .max = 65535 },
    { "normalTrafficAllowed", read_flag, AT(normal_traffic) },
    { "sessionType", read_word, AT(type), .words = vspan_type_names },
    { "samplingRate", read_number, AT(sampling), .min = 1, .max = 65535 },
    { "encapType", read_word, AT(encap), .words = vspan_encap_names },
    { "erspanId", read_number, AT(erspan_id), .min = 0, .max = 1023 },
    { "erspanCOS", read_number, AT(erspan_cos), .min = 0, .max = 7 },
    { "erspanGraNanosec", read_flag, AT(erspan_nanoseconds) },
    { "netstack", read_text, AT(netstack) },
    { .name = NULL },
};
#undef AT

static void
vspan_ports_destroy(struct vspan_ports *ports)
{
    text_list_destroy(&ports->port_keys);
    text_list_destroy(&ports->uplinks);
    number_list_destroy(&ports->connectees);
    number_list_destroy(&ports->vlans);
    text_list_destroy(&ports->addresses);
}

/* Frees what 's' owns. */
void
vspan_session_destroy(struct vspan_session *s)
{
    place_destroy(&s->place);
    free(s->dvs);
    text_at_destroy(&s->key);
    text_at_destroy(&s->name);
    text_at_destroy(&s->description);
    flag_at_destroy(&s->enabled);
    vspan_ports_destroy(&s->transmitted);
    vspan_ports_destroy(&s->received);
    vspan_ports_destroy(&s->destination);
    number_at_destroy(&s->encap_vlan);
    flag_at_destroy(&s->strip_vlan);
    number_at_destroy(&s->packet_length);
    flag_at_destroy(&s->normal_traffic);
    number_at_destroy(&s->type);
    number_at_destroy(&s->sampling);
    number_at_destroy(&s->encap);
    number_at_destroy(&s->erspan_id);
    number_at_destroy(&s->erspan_cos);
    flag_at_destroy(&s->erspan_nanoseconds);
    text_at_destroy(&s->netstack);
}
