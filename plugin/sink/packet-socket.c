/* SPDX-License-Identifier: Apache-2.0 */

/* What packet sockets have in common; see packet-socket.h. */

#include <config.h>

#include "packet-socket.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

/* Returns the index of the interface that socket 'fd' is bound to, 0 if that
 * interface is gone: the kernel then forgets the binding, also when another
 * interface takes over its name or index. */
unsigned int
packet_socket_ifindex(int fd)
{
    struct sockaddr_ll sll;
    socklen_t n = sizeof sll;

    return (getsockname(fd, (struct sockaddr *) &sll, &n)
            || sll.sll_ifindex <= 0 ? 0 : sll.sll_ifindex);
}
