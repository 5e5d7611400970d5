/* SPDX-License-Identifier: Apache-2.0 */

/* A network interface that frames are sent to; see relay-port.h. */

#include <config.h>

#include "relay-port.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "packet-socket.h"
#include "plugin/record/record-util.h"

/* Bytes of the frames that are sent at once; more than the largest frame. */
#define MEMORY (UINT64_C(1) << 20)

/* A device may let us wait for so long, once; until it takes something again
 * there is no more waiting, lest a dead one keep us forever. */
#define SEND_TIMEOUT_US 100000

/* One without a queue to wait for, such as a tap whose reader is busy, is
 * asked again after so long. */
#define RETRY_US 500

struct relay_port {
    int fd;
    unsigned int ifindex;
    bool clogged;               /* It let us wait, and took nothing. */
    unsigned int n;             /* Frames that wait to be sent. */
    size_t used;                /* Bytes of them. */
    uint8_t *memory;
    struct iovec iov[RELAY_PORT_BATCH];
    struct mmsghdr messages[RELAY_PORT_BATCH];
};

static char *
describe_errno(const char *name, const char *what)
{
    char buffer[128];

    return rec_xasprintf("%s: %s: %s", name, what,
                         rec_strerror(errno, buffer, sizeof buffer));
}

/* Returns the index of the interface that 'name' is linked to: the other end
 * of a veth pair, the device below a VLAN; its own if it is linked to none, 0
 * if that cannot be found out. */
static unsigned int
get_link(const char *name)
{
    char *path = rec_xasprintf("/sys/class/net/%s/iflink", name);
    FILE *file = fopen(path, "re");
    unsigned int ifindex = 0;

    if (file) {
        if (fscanf(file, "%u", &ifindex) != 1) {
            ifindex = 0;
        }
        fclose(file);
    }
    free(path);
    return ifindex;
}

/* Returns true if what is sent to 'p', which is 'name', arrives at 'capture':
 * it would come back, and go round forever.  (An interface's own frames are
 * not captured: from and to the same one, there and back, is fine.) */
static bool
leads_back(const struct relay_port *p, const char *name, const char *capture)
{
    unsigned int ifindex = if_nametoindex(capture);

    return (p->ifindex != ifindex && get_link(name) == ifindex
            && get_link(capture) == p->ifindex);
}

/* Returns NULL if frames of Ethernet can be sent to 'name', otherwise a
 * sentence. */
static char *
check_interface(struct relay_port *p, const char *name, const char *capture)
{
    struct ifreq ifr = { .ifr_ifindex = 0 };

    p->ifindex = if_nametoindex(name);
    if (!p->ifindex) {
        return describe_errno(name, "cannot be relayed to");
    }
    if (leads_back(p, name, capture)) {
        return rec_xasprintf("%s: frames cannot be relayed to where they come "
                             "from", name);
    }
    memcpy(ifr.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
    if (ioctl(p->fd, SIOCGIFHWADDR, &ifr)
        || ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER) {
        return rec_xasprintf("%s: only interfaces that carry Ethernet frames "
                             "can be relayed to", name);
    }
    return NULL;
}

/* Binds the socket to the interface, such that it receives nothing, and sends
 * past queues that would only delay and drop. */
static char *
bind_socket(struct relay_port *p, const char *name)
{
    const struct sockaddr_ll sll = {
        .sll_family = AF_PACKET,
        .sll_ifindex = p->ifindex,
    };
    const struct timeval timeout = { .tv_usec = SEND_TIMEOUT_US };
    int yes = 1;

    if (setsockopt(p->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes)
        || setsockopt(p->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout,
                      sizeof timeout)
        || bind(p->fd, (const struct sockaddr *) &sll, sizeof sll)) {
        return describe_errno(name, "cannot be relayed to");
    }
    return NULL;
}

/* Opens interface 'name'.  It may be 'capture', which frames are captured
 * from, but not the other end of that one's veth pair.  Returns NULL and
 * stores the port in '*pp', or returns a sentence that the caller must
 * free. */
char *
relay_port_open(const char *name, const char *capture, struct relay_port **pp)
{
    struct relay_port *p = rec_xcalloc(1, sizeof *p);
    char *error;

    *pp = NULL;
    p->memory = rec_xcalloc(1, MEMORY);
    for (size_t i = 0; i < RELAY_PORT_BATCH; i++) {
        p->messages[i].msg_hdr.msg_iov = &p->iov[i];
        p->messages[i].msg_hdr.msg_iovlen = 1;
    }
    p->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    error = (p->fd < 0
             ? describe_errno(name, "cannot be relayed to")
             : check_interface(p, name, capture));
    if (!error) {
        error = bind_socket(p, name);
    }
    if (error) {
        relay_port_close(p);
        return error;
    }
    *pp = p;
    return NULL;
}

/* Closes and frees 'p'. */
void
relay_port_close(struct relay_port *p)
{
    if (p) {
        if (p->fd >= 0) {
            close(p->fd);
        }
        free(p->memory);
        free(p);
    }
}

/* Returns true if a frame of 'n' bytes has no room before the next
 * relay_port_flush(). */
bool
relay_port_is_full(const struct relay_port *p, size_t n)
{
    return p->n >= RELAY_PORT_BATCH || p->used + n > MEMORY;
}

/* Adds a frame of 'n' bytes to those that wait, which must have room for it.
 * Returns where the caller must put it. */
void *
relay_port_add(struct relay_port *p, size_t n)
{
    void *frame = p->memory + p->used;

    p->iov[p->n++] = (struct iovec) { .iov_base = frame, .iov_len = n };
    p->used += n;
    return frame;
}

static void
wait_a_moment(void)
{
    const struct timespec moment = { .tv_nsec = RETRY_US * 1000 };

    nanosleep(&moment, NULL);
}

/* Sends message 'i' and as many of those behind it as go at once.  Returns
 * their number, or -1 with errno set if 'i' was refused. */
static int
send_from(struct relay_port *p, unsigned int i)
{
    unsigned int patience = p->clogged ? 0 : SEND_TIMEOUT_US / RETRY_US;
    bool again = false;

    for (;;) {
        int n = sendmmsg(p->fd, &p->messages[i], p->n - i,
                         p->clogged ? MSG_DONTWAIT : 0);

        if (n > 0) {
            p->clogged = false;
            return n;
        }
        if (errno == ENOBUFS && patience) {
            patience--;
            wait_a_moment();
            continue;
        }
        p->clogged = errno == EAGAIN || errno == ENOBUFS;
        if (errno == ENETDOWN && !again) {
            /* May be of old: an interface that was down in between tells so
             * once, when it is up already. */
            again = true;
        } else if (errno != EINTR) {
            return -1;
        }
    }
}

/* Sends the frames that wait, and adds to '*result' what became of them. */
void
relay_port_flush(struct relay_port *p, struct relay_result *result)
{
    unsigned int i = 0;

    while (i < p->n) {
        int n = send_from(p, i);

        if (n < 0) {
            result->refused++;
            result->error = errno;
            i++;
            continue;
        }
        result->sent += n;
        for (int j = 0; j < n; j++) {
            result->bytes += p->iov[i++].iov_len;
        }
    }
    p->n = 0;
    p->used = 0;
}

/* Returns true once the interface was deleted, or taken out of our network
 * name space; not if it is merely down. */
bool
relay_port_is_gone(const struct relay_port *p)
{
    return packet_socket_ifindex(p->fd) != p->ifindex;
}
