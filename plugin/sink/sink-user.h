/* SPDX-License-Identifier: Apache-2.0 */

/* Whom the recorder runs as once everything is open that only root can open,
 * and what has to belong to him. */

#ifndef SPAN_SINK_SINK_USER_H
#define SPAN_SINK_SINK_USER_H 1

#include <stdbool.h>
#include <sys/types.h>

struct capture_place;
struct sink_options;

struct sink_user {
    bool change;                /* We are root: become the user. */
    bool asked;                 /* For this one, by name. */
    uid_t uid;
    gid_t gid;
    char *name;                 /* For messages. */
};

char *sink_user_choose(struct sink_user *, const struct sink_options *,
                       int dirfd);
char *sink_user_take_over(struct sink_user *, const struct capture_place *);
char *sink_user_become(const struct sink_user *);
void sink_user_destroy(struct sink_user *);

#endif /* plugin/sink/sink-user.h */
