/* SPDX-License-Identifier: Apache-2.0 */

/* A network interface that frames are captured from; see capture-source.h. */

#include <config.h>

#include "capture-source.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "accounting.h"
#include "capture-filter.h"
#include "packet-socket.h"
#include "capture-refusal.h"
#include "plugin/record/record-util.h"
#include "port-counters.h"
#include "port-watch.h"

struct capture_source {
    pcap_t *pcap;
    int fd;                     /* Of the packet socket; libpcap's. */
    unsigned int ifindex;
    uint64_t buffer;            /* Bytes of the ring, as obtained. */
    uint64_t speed;             /* Bits per second, 0 if unknown. */
    uint64_t early;             /* Frames in the ring from before the filter
                                 * was in place, to be skipped; not counted
                                 * below. */
    struct accounting_counter32 received, dropped;
    bool filtered;              /* Some frames do not pass the filter. */
    struct port_counters *port;
    struct port_watch *watch;   /* Or NULL. */
};

/* Lets no frame pass to the ring any more. */
static void
reject_all(struct capture_source *s)
{
    struct sock_filter reject = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = { .len = 1, .filter = &reject };

    setsockopt(s->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/* From now on no frame passes to the ring, and what arrives at the interface
 * is not counted any more; the frames in the ring stay. */
void
capture_source_shut(struct capture_source *s)
{
    reject_all(s);
    if (s->watch) {
        port_watch_finish(s->watch);
    }
}

/* Compiles 'filter' and attaches it to the socket of 's'.  Even an empty
 * filter is needed, because it tells the kernel where to cut. */
static char *
set_filter(struct capture_source *s, const struct capture_filter *filter)
{
    struct sock_fprog program;
    char buffer[128], *error;

    error = capture_filter_compile(filter, s->pcap, &program);
    if (error) {
        return error;
    }
    if (setsockopt(s->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                   sizeof program)) {
        error = rec_xasprintf(
            "filter \"%s\": the kernel does not take it (%s)",
            filter->expression, rec_strerror(errno, buffer, sizeof buffer));
    }
    free(program.filter);
    return error;
}

/* Returns the bytes of the ring that the kernel shares with us for socket
 * 'fd', or 0 if that cannot be found out: libpcap takes less than asked for
 * when memory is short, and does not say so. */
static uint64_t
find_buffer_size(int fd)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    uint64_t size = 0;
    char line[512];
    struct stat st;

    if (maps && !fstat(fd, &st)) {
        while (fgets(line, sizeof line, maps)) {
            uint64_t start, end, inode;

            if (sscanf(line, "%"SCNx64"-%"SCNx64" %*s %*s %*s %"SCNu64,
                       &start, &end, &inode) == 3
                && inode == st.st_ino && strstr(line, "socket:[")) {
                size += end - start;
            }
        }
    }
    if (maps) {
        fclose(maps);
    }
    return size;
}

/* Returns the speed of 'interface' in bits per second, 0 if unknown. */
static uint64_t
find_speed(const char *interface)
{
    struct ethtool_cmd command = { .cmd = ETHTOOL_GSET };
    struct ifreq ifr = { .ifr_data = (void *) &command };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    uint64_t speed = 0;

    if (fd >= 0) {
        snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", interface);
        if (!ioctl(fd, SIOCETHTOOL, &ifr)) {
            uint32_t mbps = ethtool_cmd_speed(&command);

            speed = mbps == (uint32_t) SPEED_UNKNOWN ? 0 : mbps * 1000000ULL;
        }
        close(fd);
    }
    return speed;
}

/* Returns true once the interface was deleted, or taken out of our network
 * name space; not if it is merely down. */
bool
capture_source_is_gone(const struct capture_source *s)
{
    return packet_socket_ifindex(s->fd) != s->ifindex;
}

/* Makes and activates libpcap's handle. */
static char *
activate(struct capture_source *s, const struct capture_source_config *config)
{
    const char *interface = config->interface;
    char errbuf[PCAP_ERRBUF_SIZE] = "";
    int error;

    s->pcap = pcap_create(interface, errbuf);
    if (!s->pcap) {
        return rec_xasprintf("%s: %s", interface, errbuf);
    }
    pcap_set_snaplen(s->pcap, config->snaplen);
    pcap_set_promisc(s->pcap, 1);
    pcap_set_timeout(s->pcap, config->timeout_ms);
    pcap_set_buffer_size(s->pcap, config->buffer);
    pcap_set_tstamp_precision(s->pcap, PCAP_TSTAMP_PRECISION_NANO);
    error = pcap_activate(s->pcap);
    if (error < 0) {
        return capture_refusal(interface, error, pcap_geterr(s->pcap));
    }
    if (pcap_datalink(s->pcap) != DLT_EN10MB) {
        return rec_xasprintf("%s: only interfaces that carry Ethernet "
                              "frames can be recorded", interface);
    }
    if (pcap_get_tstamp_precision(s->pcap) != PCAP_TSTAMP_PRECISION_NANO) {
        return rec_xasprintf("%s: has no time stamps in nanoseconds",
                              interface);
    }
    if (pcap_setnonblock(s->pcap, 1, errbuf)) {
        return rec_xasprintf("%s: %s", interface, errbuf);
    }
    s->fd = pcap_get_selectable_fd(s->pcap);
    return NULL;
}

/* Starts to count, and to take the frames that match 'filter'.
 *
 * pcap_activate() let everything into the ring.  So first nothing more is let
 * in, then what is there is counted (it is skipped later), and then the filter
 * takes over.  pcap_setfilter() would lose that count, as it discards frames
 * without telling how many. */
static char *
start_counting(struct capture_source *s, const struct capture_filter *filter)
{
    const struct timespec millisecond = { .tv_nsec = NSEC_PER_MSEC };
    struct pcap_stat stat;
    char buffer[128];
    int yes = 1;

    reject_all(s);
    if (setsockopt(s->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes,
                   sizeof yes)) {
        return rec_xasprintf("outgoing frames cannot be left out (%s); this "
                              "needs Linux 4.20",
                              rec_strerror(errno, buffer, sizeof buffer));
    }
    /* Let go by a frame that is just now being received elsewhere. */
    nanosleep(&millisecond, NULL);
    if (pcap_stats(s->pcap, &stat)) {
        return rec_xasprintf("no statistics: %s", pcap_geterr(s->pcap));
    }
    accounting_counter32_start(&s->received, stat.ps_recv);
    accounting_counter32_start(&s->dropped, stat.ps_drop);
    s->early = stat.ps_recv - stat.ps_drop;
    port_counters_start(s->port);
    return set_filter(s, filter);
}

/* Opens the interface that 'config' names, to capture the incoming frames that
 * pass its filter.  Returns NULL and stores the source in '*sp', or returns a
 * sentence that the caller must free. */
char *
capture_source_open(const struct capture_source_config *config,
                    struct capture_source **sp)
{
    struct capture_source *s = rec_xcalloc(1, sizeof *s);
    char *error = activate(s, config);

    *sp = NULL;
    if (!error) {
        s->ifindex = packet_socket_ifindex(s->fd);
        s->buffer = find_buffer_size(s->fd);
        s->speed = find_speed(config->interface);
        s->filtered = (config->live
                       || !capture_filter_takes_all(&config->filter));
        s->port = port_counters_open(config->interface, s->ifindex);
        error = (s->ifindex
                 ? start_counting(s, &config->filter)
                 : rec_xasprintf("%s: is gone", config->interface));
    }
    if (error) {
        capture_source_close(s);
        return error;
    }
    *sp = s;
    return NULL;
}

/* Closes and frees 's'. */
void
capture_source_close(struct capture_source *s)
{
    if (s) {
        port_watch_destroy(s->watch);
        port_counters_close(s->port);
        if (s->pcap) {
            pcap_close(s->pcap);
        }
        free(s);
    }
}

/* Returns a descriptor that polls readable when frames are there. */
int
capture_source_fd(const struct capture_source *s)
{
    return s->fd;
}

/* Returns the index that the interface had when it was opened. */
unsigned int
capture_source_ifindex(const struct capture_source *s)
{
    return s->ifindex;
}

/* Returns the bytes of the ring obtained. */
uint64_t
capture_source_buffer(const struct capture_source *s)
{
    return s->buffer;
}

/* Returns the interface's speed in bits per second, 0 if unknown. */
uint64_t
capture_source_speed(const struct capture_source *s)
{
    return s->speed;
}

/* Returns how many frames had arrived at the interface before we began to
 * count, since it is there; 0 if that is unknown. */
uint64_t
capture_source_before(const struct capture_source *s)
{
    return port_counters_before(s->port);
}

/* From now on takes the frames that match 'filter', none of which is lost
 * meanwhile.  Only for sources that were opened for that, and never after
 * capture_source_shut().  Returns NULL or a sentence that the caller must
 * free. */
char *
capture_source_refilter(struct capture_source *s,
                        const struct capture_filter *filter)
{
    return set_filter(s, filter);
}

/* Skips a frame from before the filter was in place. */
static void
skip(u_char *source_, const struct pcap_pkthdr *h __attribute__((unused)),
     const u_char *data __attribute__((unused)))
{
    struct capture_source *s = (struct capture_source *) source_;

    s->early--;
}

/* Delivers the frames that are there, about 'max' at most, to 'handler'
 * without ever waiting.  Returns their number, or -1 if something is wrong
 * with the interface (it may be down, or gone). */
int
capture_source_dispatch(struct capture_source *s, int max,
                        pcap_handler handler, void *aux)
{
    int n;

    if (s->early) {
        n = pcap_dispatch(s->pcap, REC_MIN(s->early, (uint64_t) max), skip,
                          (u_char *) s);
    } else {
        n = pcap_dispatch(s->pcap, max, handler, aux);
    }
    return n < 0 ? -1 : n;
}

/* Starts a thread that keeps the counters of the interface in 'a' up to date
 * until capture_source_shut().  Returns false if that is not possible. */
bool
capture_source_watch(struct capture_source *s, struct accounting *a)
{
    s->watch = port_watch_start(s->port, a, s->filtered);
    return s->watch != NULL;
}

/* Brings the counters of 'a' that are the kernel's up to date: how many frames
 * passed the filter so far, and how many of these found no room in the
 * ring. */
void
capture_source_count(struct capture_source *s, struct accounting *a)
{
    struct pcap_stat stat;

    if (!pcap_stats(s->pcap, &stat)) {
        accounting_set(&a->ps_recv,
                       accounting_counter32_update(&s->received,
                                                   stat.ps_recv));
        accounting_set(&a->ps_drop,
                       accounting_counter32_update(&s->dropped,
                                                   stat.ps_drop));
    }
}
