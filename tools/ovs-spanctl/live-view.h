/* SPDX-License-Identifier: Apache-2.0 */

/* The database, watched: what it says of all sessions on all hosts, with
 * rates.
 *
 *     view = live_view_create(settings);
 *     live_view_connect(view);
 *     for (;;) {
 *         live_view_run(view);
 *         ... live_view_read(view, &n) ...
 *         live_view_wait(view);
 *         poll_block();
 *     } */

#ifndef TOOLS_LIVE_VIEW_H
#define TOOLS_LIVE_VIEW_H 1

#include <stdbool.h>
#include <stddef.h>

struct ctl_command;
struct live_row;
struct live_view;
struct ovsdb_idl;
struct settings;
struct spanrec_binding;
struct spanrec_session;

struct live_view *live_view_create(const struct settings *);
void live_view_destroy(struct live_view *);
void live_view_connect(struct live_view *);
bool live_view_parse_delay(const char *, long long int *msec);
long long int live_view_delay(const struct ctl_command *, long long int msec);
void live_view_measure(struct live_view *, long long int msec);
void live_view_run(struct live_view *);
void live_view_wait(struct live_view *);
bool live_view_is_connected(const struct live_view *);
const struct ovsdb_idl *live_view_idl(const struct live_view *);

struct live_row *live_view_read(const struct live_view *, size_t *n);
void live_view_read_row(const struct live_view *,
                        const struct spanrec_session *,
                        const struct spanrec_binding *, struct live_row *);

#endif /* tools/ovs-spanctl/live-view.h */
