/* SPDX-License-Identifier: Apache-2.0 */

/* The commands of "ovs-appctl -t ovs-spand". */

#ifndef SPAN_DAEMON_CONTROL_H
#define SPAN_DAEMON_CONTROL_H 1

#include <stdbool.h>
#include <stddef.h>

struct control;
struct ds;
struct locator;
struct pass;
struct plan;
struct reconciler;
struct svec;
struct unixctl_conn;

struct control *control_create(struct reconciler *, struct locator *);
void control_destroy(struct control *);
void control_leave(struct control *);

/* Of the files control-*.c. */
void control_show_sessions(const struct pass *, struct ds *);
bool control_show_session(const struct reconciler *, const struct pass *,
                          const char *name, struct ds *);
void control_show_sinks(const struct pass *, struct ds *);
bool control_show_sink(const struct pass *, const char *name, struct ds *);
bool control_show_plan(struct reconciler *, int argc, const char *argv[],
                       struct ds *);
void control_list_groups(const struct pass *, struct ds *);
bool control_show_group(const struct pass *, const char *name, struct ds *);
bool control_plan_group(struct reconciler *, const char *name, int argc,
                        const char *argv[], struct ds *);
void control_locate(struct locator *, struct unixctl_conn *,
                    const char *selector);
void control_put_table(struct ds *, const struct svec *cells,
                       size_t n_columns);
void control_put_ops(const struct plan *, const struct plan *known,
                     struct ds *);

#endif /* plugin/daemon/control.h */
