/* SPDX-License-Identifier: Apache-2.0 */

/* Preloaded into the recorder: libpcap's counters, which have 32 bits, are
 * about to begin anew when it starts. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pcap/pcap.h>

int
pcap_stats(pcap_t *pcap, struct pcap_stat *stat)
{
    int (*real)(pcap_t *, struct pcap_stat *);
    int error;

    *(void **) &real = dlsym(RTLD_NEXT, "pcap_stats");
    error = real(pcap, stat);
    stat->ps_recv -= 100;
    stat->ps_drop -= 100;
    return error;
}
