/* SPDX-License-Identifier: Apache-2.0 */

/* What packet sockets (packet(7)) have in common, whether they capture or
 * send. */

#ifndef SPAN_SINK_PACKET_SOCKET_H
#define SPAN_SINK_PACKET_SOCKET_H 1

unsigned int packet_socket_ifindex(int fd);

#endif /* plugin/sink/packet-socket.h */
