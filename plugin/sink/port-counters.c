/* SPDX-License-Identifier: Apache-2.0 */

/* What a network interface itself counts; see port-counters.h.  Read through
 * rtnetlink, not /sys, because that shows the interfaces of whoever mounted
 * it; both descriptors are opened before the recorder gives up its rights. */

#include <config.h>

#include "port-counters.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugin/record/record-util.h"

/* More than what is said about one interface. */
#define ANSWER_MAX 65536

struct port_counters {
    int netlink;                /* -1 if there is none. */
    int softnet;                /* Same. */
    unsigned int ifindex;
    uint32_t seq;
    bool early;                 /* See port_totals_add(). */
    struct port_sample last;
    struct port_totals totals;
};

/* What a counter has got more, nothing if it was set back. */
static uint64_t
more(uint64_t before, uint64_t after)
{
    return after > before ? after - before : 0;
}

/* Adds to 't' what was counted between two samples.
 *
 * Frames that the interface drops while it is down are all lost.  While it is
 * up, a drop is a loss if it may have come from a backlog, or if there were
 * more drops than frames: a frame that no protocol took is counted as both.
 * 'early' says that the driver counts frames before they come to the backlog,
 * as Open vSwitch's kernel module does; other drivers count those that it
 * took. */
void
port_totals_add(struct port_totals *t, const struct port_sample *before,
                const struct port_sample *after, bool early)
{
    uint64_t packets = more(before->packets, after->packets);
    uint64_t dropped = more(before->dropped, after->dropped);
    uint64_t backlog = more(before->backlog, after->backlog);
    uint64_t from_backlog = REC_MIN(dropped, backlog);
    uint64_t lost = from_backlog;

    if (!before->up || !after->up) {
        lost = dropped;
    } else if (!early) {
        lost = REC_MAX(lost, more(packets, dropped));
    }
    t->drop += lost + more(before->missed, after->missed);
    t->rx += packets - (early ? REC_MIN(from_backlog, packets) : 0);
}

/* Returns true if 'interface' is made by a driver that counts early. */
static bool
counts_early(const char *interface)
{
    struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
    struct ifreq ifr = { .ifr_data = (void *) &info };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool early = false;

    if (fd >= 0) {
        snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", interface);
        early = (!ioctl(fd, SIOCETHTOOL, &ifr)
                 && !strncmp(info.driver, "openvswitch",
                             sizeof info.driver));
        close(fd);
    }
    return early;
}

/* Returns the counters of 'interface' of our network name space, whose index
 * is 'ifindex'.  port_counters_start() makes them count. */
struct port_counters *
port_counters_open(const char *interface, unsigned int ifindex)
{
    struct port_counters *c = rec_xcalloc(1, sizeof *c);

    c->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    c->softnet = open("/proc/net/softnet_stat", O_RDONLY | O_CLOEXEC);
    c->ifindex = ifindex;
    c->early = counts_early(interface);
    return c;
}

/* Closes 'c' and frees it. */
void
port_counters_close(struct port_counters *c)
{
    if (c) {
        if (c->netlink >= 0) {
            close(c->netlink);
        }
        if (c->softnet >= 0) {
            close(c->softnet);
        }
        free(c);
    }
}

/* Asks the kernel about the interface. */
static bool
ask(struct port_counters *c)
{
    struct {
        struct nlmsghdr h;
        struct ifinfomsg info;
    } request = {
        .h = {
            .nlmsg_len = sizeof request,
            .nlmsg_type = RTM_GETLINK,
            .nlmsg_flags = NLM_F_REQUEST,
            .nlmsg_seq = ++c->seq,
        },
        .info = { .ifi_index = c->ifindex },
    };

    return send(c->netlink, &request, sizeof request, 0)
           == sizeof request;
}

/* Reads 'h', which speaks of one interface, into '*s'. */
static bool
parse_link(const struct nlmsghdr *h, struct port_sample *s)
{
    const struct ifinfomsg *info = NLMSG_DATA(h);
    int n = IFLA_PAYLOAD(h);
    struct rtnl_link_stats64 stats = { 0 };
    bool found = false;

    for (const struct rtattr *a = IFLA_RTA(info); RTA_OK(a, n);
         a = RTA_NEXT(a, n)) {
        if (a->rta_type == IFLA_STATS64) {
            memcpy(&stats, RTA_DATA(a),
                   REC_MIN(sizeof stats, (size_t) RTA_PAYLOAD(a)));
            found = true;
        }
    }
    s->up = info->ifi_flags & IFF_UP;
    s->packets = stats.rx_packets;
    s->dropped = stats.rx_dropped;
    s->missed = stats.rx_missed_errors;
    return found;
}

/* Takes the kernel's answer, which is there as soon as the question was put,
 * into '*s'. */
static bool
take_answer(struct port_counters *c, struct port_sample *s)
{
    char *buffer = rec_xcalloc(1, ANSWER_MAX);
    bool found = false, done = false;

    while (!done) {
        ssize_t got = recv(c->netlink, buffer, ANSWER_MAX, MSG_DONTWAIT);
        int n = got;

        if (got < 0 && errno == EINTR) {
            continue;
        }
        for (const struct nlmsghdr *h = (void *) buffer;
             n > 0 && NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
            if (h->nlmsg_seq == c->seq) {
                done = true;
                found = h->nlmsg_type == RTM_NEWLINK && parse_link(h, s);
            }
        }
        done = done || got <= 0;
    }
    free(buffer);
    return found;
}

/* Returns the second number, as the kernel writes it, of each line at 'text':
 * their sum. */
static uint64_t
sum_second_numbers(const char *text)
{
    unsigned int number;
    uint64_t sum = 0;

    while (text && sscanf(text, "%*x %x", &number) == 1) {
        sum += number;
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return sum;
}

/* Returns how many frames were dropped from the backlogs, or all that can be
 * thought of if that is not known. */
static uint64_t
read_backlog(const struct port_counters *c)
{
    size_t len = 0, size = 0;
    char *text = NULL;
    uint64_t sum;
    ssize_t n;

    do {
        if (size - len < 4096) {
            size = size ? 2 * size : 16384;
            text = rec_xrealloc(text, size);
        }
        n = pread(c->softnet, text + len, size - len - 1, len);
        len += n > 0 ? n : 0;
    } while (n > 0);
    text[len] = '\0';
    sum = len ? sum_second_numbers(text) : UINT64_MAX;
    free(text);
    return sum;
}

static bool
sample(struct port_counters *c, struct port_sample *s)
{
    *s = (struct port_sample) { .backlog = 0 };
    if (c->netlink < 0 || !ask(c) || !take_answer(c, s)) {
        return false;
    }
    s->backlog = read_backlog(c);
    return true;
}

/* Starts to count: what came before is not ours. */
void
port_counters_start(struct port_counters *c)
{
    sample(c, &c->last);
    c->totals = (struct port_totals) { .rx = 0 };
}

/* Stores in '*t' what was counted since port_counters_start().  When the
 * interface is gone this stays as it was last.  May have to wait for others
 * who just change the network's configuration. */
void
port_counters_read(struct port_counters *c, struct port_totals *t)
{
    struct port_sample now;

    if (sample(c, &now)) {
        port_totals_add(&c->totals, &c->last, &now, c->early);
        c->last = now;
    }
    *t = c->totals;
}
