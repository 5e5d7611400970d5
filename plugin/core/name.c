/* SPDX-License-Identifier: Apache-2.0 */

/* Names: which ones people may give, and which ones we give to ports: see
 * name.h.
 *
 * A port's name is a network device's name as well, so the ones given here
 * have at most 15 characters (Linux IFNAMSIZ).  They depend on nothing but the
 * arguments, so that a daemon that starts again comes to the same ones.  The
 * hash is FNV-1a and not one of libopenvswitch's, which differ from one
 * processor to another. */

#include <config.h>
#include "name.h"
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include "util.h"

#define MAX_NAME 64
#define MAX_PORT_NAME 15

static bool
is_name_char(char c)
{
    return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-');
}

/* Returns true if 'name' may name a session, a sink or a group, and so also a
 * directory: [A-Za-z0-9_.-]{1,64}, no leading dot. */
bool
name_is_valid(const char *name)
{
    size_t n = 0;

    while (n <= MAX_NAME && is_name_char(name[n])) {
        n++;
    }
    return n > 0 && n <= MAX_NAME && !name[n] && name[0] != '.';
}

/* Returns true if 'name' has characters with a meaning to
 * name_glob_matches(), so that it may match other names than itself. */
bool
name_is_glob(const char *name)
{
    return strpbrk(name, "*?[\\") != NULL;
}

/* Returns true if 'name' matches the pattern 'glob', as fnmatch(3) without
 * flags. */
bool
name_glob_matches(const char *glob, const char *name)
{
    return !fnmatch(glob, name, 0);
}

/* FNV-1a (www.isthe.com/chongo/tech/comp/fnv) of the 'n' bytes at 'data', on
 * top of 'basis'. */
static uint64_t
fnv1a(const void *data, size_t n, uint64_t basis)
{
    const uint8_t *p = data;

    for (size_t i = 0; i < n; i++) {
        basis = (basis ^ p[i]) * UINT64_C(0x100000001b3);
    }
    return basis;
}

/* Hashes 's', its end included, on top of 'basis'. */
static uint64_t
hash_text(const char *s, uint64_t basis)
{
    return fnv1a(s, strlen(s) + 1, basis);
}

/* Folds 'hash' with 'salt' into 32 bits. */
static uint32_t
hash_finish(uint64_t hash, uint32_t salt)
{
    if (salt) {
        char *text = xasprintf("%"PRIu32, salt);
        hash = hash_text(text, hash);
        free(text);
    }
    return hash ^ hash >> 32;
}

#define HASH_BASIS UINT64_C(0xcbf29ce484222325)

/* Returns the name of the private bridge for bridges of 'datapath_type', none
 * of 'taken': "br-span", else "br-span-TYPE", else that with a number.  The
 * caller frees it. */
char *
name_for_private_bridge(const char *datapath_type, const struct sset *taken)
{
    if (!sset_contains(taken, "br-span")) {
        return xstrdup("br-span");
    }

    char *base = (datapath_type[0]
                  ? xasprintf("br-span-%s", datapath_type)
                  : xstrdup("br-span-"));
    for (char *p = base; *p; p++) {
        *p = is_name_char(*p) ? *p : '_';
    }
    for (unsigned int i = 1; ; i++) {
        char *digits = i > 1 ? xasprintf("%u", i) : xstrdup("");
        char *name = xasprintf("%.*s%s", (int) (MAX_PORT_NAME
                                                - strlen(digits)),
                               base, digits);
        free(digits);
        if (!sset_contains(taken, name)) {
            free(base);
            return name;
        }
        free(name);
    }
}

/* Returns the name of the capture port of the sink named 'sink', none of
 * 'taken': "span-SINK" if that can name a device and is free, else "span-" and
 * a hash.  The caller frees it. */
char *
name_for_capture_port(const char *sink, const struct sset *taken)
{
    char *name = xasprintf("span-%s", sink);
    uint64_t hash = hash_text(sink, HASH_BASIS);

    for (uint32_t salt = 0;
         strlen(name) > MAX_PORT_NAME || strchr(name, ':')
         || sset_contains(taken, name);
         salt++) {
        free(name);
        name = xasprintf("span-%08"PRIx32, hash_finish(hash, salt));
    }
    return name;
}

/* Returns a hash of 's', the same on every processor. */
uint32_t
name_hash(const char *s)
{
    return hash_finish(hash_text(s, HASH_BASIS), 0);
}

/* Returns the name of the port for tunnels of 'type' to 'remote', with a key
 * or without, none of 'taken': "span-HASHt".  The caller frees it. */
char *
name_for_tunnel_port(const char *type, const char *remote, bool keyed,
                     const struct sset *taken)
{
    uint64_t hash = hash_text(type, hash_text(remote, HASH_BASIS)) + keyed;
    char *name = NULL;

    for (uint32_t salt = 0; !name || sset_contains(taken, name); salt++) {
        free(name);
        name = xasprintf("span-%08"PRIx32"t", hash_finish(hash, salt));
    }
    return name;
}

static uint64_t
hash_uuid(const struct uuid *uuid, uint64_t basis)
{
    for (size_t i = 0; i < ARRAY_SIZE(uuid->parts); i++) {
        ovs_be32 part = htonl(uuid->parts[i]);

        basis = fnv1a(&part, sizeof part, basis);
    }
    return basis;
}

/* Returns the name of the port of that relay of 'session', none of 'taken':
 * "span-HASHr".  The caller frees it. */
char *
name_for_relay_port(const struct uuid *session, bool to,
                    const struct sset *taken)
{
    uint64_t hash = hash_text(to ? "relay-to" : "relay",
                              hash_uuid(session, HASH_BASIS));
    char *name = NULL;

    for (uint32_t salt = 0; !name || sset_contains(taken, name); salt++) {
        free(name);
        name = xasprintf("span-%08"PRIx32"r", hash_finish(hash, salt));
    }
    return name;
}

/* Names the two ends of the patch pair of 'session' on 'bridge' in 'role',
 * none of 'taken': "span-HASH" on the production bridge, "span-HASHp" on the
 * private one.  The caller frees both. */
void
name_for_patch_pair(const struct uuid *session, const char *bridge,
                    const char *role, const struct sset *taken,
                    char **production_end, char **private_end)
{
    uint64_t hash = hash_text(role, hash_text(
        bridge, hash_uuid(session, HASH_BASIS)));

    for (uint32_t salt = 0; ; salt++) {
        uint32_t h = hash_finish(hash, salt);
        char *production = xasprintf("span-%08"PRIx32, h);
        char *private = xasprintf("span-%08"PRIx32"p", h);

        if (!sset_contains(taken, production)
            && !sset_contains(taken, private)) {
            *production_end = production;
            *private_end = private;
            return;
        }
        free(production);
        free(private);
    }
}
