/* SPDX-License-Identifier: Apache-2.0 */

/* A small language in which plan cases are written: commands that make a
 * switch, sessions and trouble, and commands that plan.  See script.c for the
 * commands, cases/ for the cases. */

#ifndef TESTS_PLAN_SCRIPT_H
#define TESTS_PLAN_SCRIPT_H 1

#include "fake-switch.h"
#include "limit-watch.h"
#include "openvswitch/dynamic-string.h"
#include "port-group.h"
#include "promisc-watch.h"
#include "session.h"
#include "svec.h"
#include "verdict.h"
#include "wanted.h"

struct script {
    struct fake_switch fake;
    struct session *sessions;
    size_t n_sessions;
    struct sink_config *sinks;
    size_t n_sinks;
    struct port_group *groups;
    size_t n_groups;
    struct policy policy;
    int64_t now;
    bool leaving;
    struct promisc_watch watch;
    struct limit_watch limits;
    struct ds news;             /* Of passes since the last "watch". */
};

void script_init(struct script *);
void script_destroy(struct script *);
void script_command(struct script *, const char *line, struct ds *output);
void script_lease(struct script *, const char *session, const char *host,
                  const char *state);
bool script_split(const char *text, char **key, const char **value);
void script_says(struct script *, const struct svec *, struct ds *output);
int script_converge(struct script *, int max_passes, struct ds *output);

bool script_split(const char *text, char **key, const char **value);
bool script_port_command(struct script *, const struct svec *args);
bool script_group_command(struct script *, const struct svec *args,
                          struct ds *output);
void script_destroy_groups(struct script *);
void script_watch(struct script *, const struct wanted *);

struct resolve_config script_config(const struct script *);
void script_print_verdicts(const struct wanted *, const struct verdicts *,
                           struct ds *output);
void script_judge(struct script *, struct ds *output);
void script_sources(struct script *, struct ds *output);

#endif /* tests/plan/script.h */
