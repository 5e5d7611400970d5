/* SPDX-License-Identifier: Apache-2.0 */

/* Questions to vswitchd by its control socket, as ovs-appctl asks them: one at
 * a time, and never waited for.
 *
 *     if (vswitchd_ctl_may_ask(ctl)) {
 *         vswitchd_ctl_ask(ctl, "fdb/show", "br0");
 *     }
 *     switch (vswitchd_ctl_run(ctl, &text)) ...
 *
 * Each asker has a connection of its own, because an answer may be long in
 * coming. */

#ifndef SPAN_DAEMON_VSWITCHD_CTL_H
#define SPAN_DAEMON_VSWITCHD_CTL_H 1

#include <stdbool.h>
#include <stddef.h>

struct vswitchd_ctl;

enum ctl_answer {
    CTL_NOTHING,                /* Nothing has come. */
    CTL_REPLY,                  /* What the command printed. */
    CTL_REFUSAL,                /* The command failed, and says why. */
    CTL_LOST,                   /* The connection is gone, and with it the
                                 * question, if there was one. */
};

struct vswitchd_ctl *vswitchd_ctl_create(const char *run_dir, int retry);
void vswitchd_ctl_destroy(struct vswitchd_ctl *);

bool vswitchd_ctl_may_ask(const struct vswitchd_ctl *);
bool vswitchd_ctl_ask(struct vswitchd_ctl *, const char *command,
                      const char *arg);
bool vswitchd_ctl_ask_all(struct vswitchd_ctl *, const char *command,
                          const char *const *args, size_t n);
bool vswitchd_ctl_is_sent(const struct vswitchd_ctl *);
void vswitchd_ctl_pause(struct vswitchd_ctl *, int msec);

enum ctl_answer vswitchd_ctl_run(struct vswitchd_ctl *, char **text);
void vswitchd_ctl_wait(struct vswitchd_ctl *, long long int next);

#endif /* plugin/daemon/vswitchd-ctl.h */
