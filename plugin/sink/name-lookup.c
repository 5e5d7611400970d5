/* SPDX-License-Identifier: Apache-2.0 */

/* Keeps libpcap from looking names up: of hosts and networks in filters.
 *
 * A filter comes from a database.  With "host name" in it, compiling would
 * send a DNS query, with whatever the name says, from a process that is still
 * root, and might block for as long as DNS takes; and the filter would mean
 * another address tomorrow.  libpcap has no option against it, but it calls
 * the C library through the dynamic linker, which finds these here first.
 * Numeric addresses and the names of ports and protocols go on to the C
 * library. */

#define _GNU_SOURCE 1
#include <config.h>
#include "name-lookup.h"

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>

static bool forbidden;

/* From now on no host or network has a name. */
void
name_lookup_forbid(void)
{
    forbidden = true;
}

int
getaddrinfo(const char *node, const char *service,
            const struct addrinfo *hints, struct addrinfo **result)
{
    int (*libc_getaddrinfo)(const char *, const char *,
                            const struct addrinfo *, struct addrinfo **);
    struct addrinfo numeric = { .ai_flags = 0 };

    *(void **) &libc_getaddrinfo = dlsym(RTLD_NEXT, "getaddrinfo");
    if (!libc_getaddrinfo) {
        return EAI_FAIL;
    }
    if (hints) {
        numeric = *hints;
    }
    if (forbidden && node) {
        numeric.ai_flags |= AI_NUMERICHOST;
    }
    return libc_getaddrinfo(node, service, &numeric, result);
}

struct hostent *
gethostbyname(const char *name)
{
    struct hostent *(*libc_gethostbyname)(const char *);

    *(void **) &libc_gethostbyname = dlsym(RTLD_NEXT, "gethostbyname");
    if (forbidden || !libc_gethostbyname) {
        h_errno = HOST_NOT_FOUND;
        return NULL;
    }
    return libc_gethostbyname(name);
}

int
getnetbyname_r(const char *name, struct netent *buffer, char *text,
               size_t size, struct netent **result, int *h_errnop)
{
    int (*libc_getnetbyname_r)(const char *, struct netent *, char *, size_t,
                               struct netent **, int *);

    *(void **) &libc_getnetbyname_r = dlsym(RTLD_NEXT, "getnetbyname_r");
    if (forbidden || !libc_getnetbyname_r) {
        *result = NULL;
        *h_errnop = HOST_NOT_FOUND;
        return ENOENT;
    }
    return libc_getnetbyname_r(name, buffer, text, size, result, h_errnop);
}
