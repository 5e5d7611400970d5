/* SPDX-License-Identifier: Apache-2.0 */

/* The loop of the daemon: whatever happened, compare what is asked for with
 * what is there, do the difference, and tell what came of it.
 *
 *     while (!reconciler_is_gone(r)) {
 *         reconciler_run(r);
 *         reconciler_wait(r);
 *         poll_block();
 *     } */

#ifndef SPAN_DAEMON_RECONCILER_H
#define SPAN_DAEMON_RECONCILER_H 1

#include <stdbool.h>

struct estimate;
struct host_facts;
struct pass;
struct plan;
struct policy;
struct port_rates;
struct reconciler;
struct session_db;
struct session_set;
struct verdicts;
struct wanted;
struct wanted_session;

/* All of it is borrowed for as long as the reconciler lives. */
struct reconciler_config {
    const char *session_remote; /* Database OVS_Span. */
    const char *switch_remote;  /* Database Open_vSwitch. */
    const struct policy *policy;
    const char *capture_dir;
    const char *run_dir;
    const char *log_dir;
    const char *sink_program;
};

/* How the daemon is. */
struct reconciler_status {
    const struct pass *pass;    /* The last one; NULL before the first. */
    const struct host_facts *facts;
    bool session_db, switch_db; /* Connected? */
};

struct reconciler *reconciler_create(const struct reconciler_config *);
void reconciler_destroy(struct reconciler *);
void reconciler_run(struct reconciler *);
void reconciler_wait(struct reconciler *);

bool reconciler_is_connected(const struct reconciler *);
void reconciler_leave(struct reconciler *);
void reconciler_hand_over(struct reconciler *);
bool reconciler_is_gone(const struct reconciler *);

/* For the control commands and the metrics. */
void reconciler_get_status(const struct reconciler *,
                           struct reconciler_status *);
const struct pass *reconciler_last_pass(const struct reconciler *);
char *reconciler_explain(const struct reconciler *);
const char *reconciler_flow_error(const struct reconciler *,
                                  const char *bridge);
void reconciler_plan_for(struct reconciler *, const struct session_set *,
                         struct wanted *, struct plan *, struct verdicts *);
void reconciler_estimate(const struct reconciler *, const struct wanted *,
                         const struct wanted_session *, struct estimate *);
const char *reconciler_host_name(const struct reconciler *);
const struct port_rates *reconciler_port_rates(const struct reconciler *);
struct session_db *reconciler_session_db(const struct reconciler *);
void reconciler_resync(struct reconciler *);
char *reconciler_rotate(struct reconciler *, const char *sink);

#endif /* plugin/daemon/reconciler.h */
