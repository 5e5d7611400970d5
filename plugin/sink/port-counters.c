/* SPDX-License-Identifier: Apache-2.0 */

/* What a network interface itself counts; see port-counters.h.  Read through
 * rtnetlink, not /sys, because that shows the interfaces of whoever mounted
 * it; both descriptors are opened before the recorder gives up its rights. */

#include <config.h>

#include "port-counters.h"

#include <errno.h>
#include <fcntl.h>
#include <arpa/inet.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stddef.h>
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
    bool started;               /* 'last' is set. */
    struct port_sample last;
    uint64_t before;            /* 'last.packets' when we began. */
    struct port_totals totals;
};

/* What a counter has got more, nothing if it was set back. */
static uint64_t
more(uint64_t before, uint64_t after)
{
    return after > before ? after - before : 0;
}

/* Adds to 't' what was counted between two samples; there is also one of each
 * moment when the interface came up or went down.
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

    if (!before->up) {
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

/* Returns an rtnetlink socket that also hears of what happens to interface
 * 'ifindex', and of no other; or -1. */
static int
open_netlink(unsigned int ifindex)
{
    /* The index of a message about an interface is a number of 32 bits. */
    const size_t where = sizeof (struct nlmsghdr)
                         + offsetof(struct ifinfomsg, ifi_index);
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, where),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(ifindex), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const struct sock_fprog program = {
        .len = REC_ARRAY_SIZE(code), .filter = code,
    };
    const struct sockaddr_nl address = {
        .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK,
    };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (fd >= 0
        && (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                       sizeof program)
            || bind(fd, (const void *) &address, sizeof address))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Returns the counters of 'interface' of our network name space, whose index
 * is 'ifindex'.  port_counters_start() makes them count. */
struct port_counters *
port_counters_open(const char *interface, unsigned int ifindex)
{
    struct port_counters *c = rec_xcalloc(1, sizeof *c);

    c->netlink = open_netlink(ifindex);
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

/* Returns how many frames were dropped from the backlogs, 0 if that is not
 * known. */
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
    sum = sum_second_numbers(text);
    free(text);
    return sum;
}

/* Adds what was counted until 'now'. */
static void
advance(struct port_counters *c, const struct port_sample *now)
{
    if (c->started) {
        port_totals_add(&c->totals, &c->last, now, c->early);
    }
    c->started = true;
    c->last = *now;
}

/* Takes the 'n' bytes of messages at 'buffer'.  Returns true if one of them is
 * the answer to our question. */
static bool
take_messages(struct port_counters *c, const char *buffer, int n)
{
    bool answered = false;

    for (const struct nlmsghdr *h = (const void *) buffer;
         n > 0 && NLMSG_OK(h, (unsigned int) n); h = NLMSG_NEXT(h, n)) {
        struct port_sample now = { .backlog = read_backlog(c) };

        answered = answered || h->nlmsg_seq == c->seq;
        if (h->nlmsg_type == RTM_NEWLINK && parse_link(h, &now)) {
            advance(c, &now);
        }
    }
    return answered;
}

/* Adds what was counted until now: what happened to the interface meanwhile is
 * waiting, and then comes the answer to what we ask. */
static void
catch_up(struct port_counters *c)
{
    char *buffer = rec_xcalloc(1, ANSWER_MAX);
    bool done = c->netlink < 0 || !ask(c);

    while (!done) {
        ssize_t n = recv(c->netlink, buffer, ANSWER_MAX, MSG_DONTWAIT);

        if (n > 0) {
            done = take_messages(c, buffer, n);
        } else if (n == 0 || (errno != EINTR && errno != ENOBUFS)) {
            done = true;
        }
    }
    free(buffer);
}

/* Starts to count: what came before is not ours. */
void
port_counters_start(struct port_counters *c)
{
    catch_up(c);
    c->before = c->last.packets;
    c->totals = (struct port_totals) { .rx = 0 };
}

/* Returns how many frames the interface had counted before
 * port_counters_start(), 0 if that is unknown. */
uint64_t
port_counters_before(const struct port_counters *c)
{
    return c->before;
}

/* Stores in '*t' what was counted since port_counters_start().  When the
 * interface is gone this stays as it was last.  May have to wait for others
 * who just change the network's configuration. */
void
port_counters_read(struct port_counters *c, struct port_totals *t)
{
    catch_up(c);
    *t = c->totals;
}
