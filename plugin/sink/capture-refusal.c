/* SPDX-License-Identifier: Apache-2.0 */

/* Why an interface cannot be captured from; see capture-refusal.h. */

#include <config.h>

#include "capture-refusal.h"

#include <net/if.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/record/record-util.h"

/* More names than these would hide what is wrong. */
#define NAMES_MAX 20

static int
compare_names(const void *a_, const void *b_)
{
    const struct if_nameindex *a = a_;
    const struct if_nameindex *b = b_;

    return strcmp(a->if_name, b->if_name);
}

/* Returns the names of the interfaces that there are, as text that the caller
 * must free. */
static char *
list_interfaces(void)
{
    struct if_nameindex *all = if_nameindex();
    char *text = NULL;
    size_t size = 0, n = 0;
    FILE *out = open_memstream(&text, &size);

    while (all && all[n].if_index) {
        n++;
    }
    if (all) {
        qsort(all, n, sizeof *all, compare_names);
    }
    if (out) {
        for (size_t i = 0; i < n && i < NAMES_MAX; i++) {
            fprintf(out, "%s%s", i ? ", " : "", all[i].if_name);
        }
        if (n > NAMES_MAX) {
            fprintf(out, " and %zu more", n - NAMES_MAX);
        }
        fclose(out);
    }
    if (all) {
        if_freenameindex(all);
    }
    return text ? text : rec_xstrdup("");
}

/* Returns the path of this program, as text that the caller must free. */
static char *
find_program(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);

    return (n > 0
            ? rec_xstrndup(path, n)
            : rec_xstrdup("ovs-span-sink"));
}

/* Returns a sentence, which the caller must free, that says why libpcap's
 * handle for 'interface' could not be made: because of libpcap's 'error', of
 * which 'detail' may say more. */
char *
capture_refusal(const char *interface, int error, const char *detail)
{
    char *text, *message;

    switch (error) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
        text = list_interfaces();
        message = rec_xasprintf("%s: there is no such interface; there are %s",
                                interface, text);
        break;

    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
        text = find_program();
        message = rec_xasprintf("%s: you may not capture; run this as root, "
                                "or let everybody who can execute it capture "
                                "(setcap cap_net_raw+ep %s)", interface, text);
        break;

    case PCAP_ERROR_IFACE_NOT_UP:
        return rec_xasprintf("%s: is down; bring it up (ip link set dev %s "
                             "up)", interface, interface);

    default:
        return rec_xasprintf("%s: %s%s%s", interface, pcap_statustostr(error),
                             *detail ? ": " : "", detail);
    }
    free(text);
    return message;
}
