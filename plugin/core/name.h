/* SPDX-License-Identifier: Apache-2.0 */

/* Names: which ones people may give, and which ones we give to ports. */

#ifndef SPAN_CORE_NAME_H
#define SPAN_CORE_NAME_H 1

#include <stdbool.h>
#include "openvswitch/uuid.h"
#include "sset.h"

/* external_ids keys that mark what is ours (DESIGN, "The private bridge"). */
#define SPAN_KEY_OWNER   "span-owner"
#define SPAN_KEY_SESSION "span-session"
#define SPAN_KEY_ROLE    "span-role"
#define SPAN_KEY_SINK    "span-sink"
#define SPAN_KEY_FLAGS   "span-flags"    /* We set the port's flags. */
#define SPAN_KEY_BRIDGE  "span-bridge"   /* Whose private end a port is. */
#define SPAN_KEY_HOOK   "span-hook"     /* Which hook it belongs to. */
#define SPAN_KEY_COLLECTOR "span-collector" /* Where a tunnel leads. */
#define SPAN_KEY_KEYED   "span-keyed"    /* Does a tunnel have a key? */

bool name_is_valid(const char *);
bool name_is_glob(const char *);
bool name_glob_matches(const char *glob, const char *name);

char *name_for_private_bridge(const char *datapath_type,
                              const struct sset *taken);
uint32_t name_hash(const char *);
char *name_for_tunnel_port(const char *type, const char *remote, bool keyed,
                           const struct sset *taken);
char *name_for_relay_port(const struct uuid *session, bool to,
                          const struct sset *taken);
char *name_for_capture_port(const char *sink, const struct sset *taken);
void name_for_patch_pair(const struct uuid *session, const char *bridge,
                         const char *role, const struct sset *taken,
                         char **production_end, char **private_end);

#endif /* plugin/core/name.h */
