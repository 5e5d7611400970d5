/* SPDX-License-Identifier: Apache-2.0 */

/* A Unix socket to which root and the group "span" may connect. */

#ifndef SPAN_DAEMON_GROUP_SOCKET_H
#define SPAN_DAEMON_GROUP_SOCKET_H 1

struct group_socket;
struct stream;

struct group_socket *group_socket_create(const char *path);
void group_socket_destroy(struct group_socket *);
const char *group_socket_path(const struct group_socket *);
struct stream *group_socket_accept(struct group_socket *);
void group_socket_wait(const struct group_socket *);

#endif /* plugin/daemon/group-socket.h */
