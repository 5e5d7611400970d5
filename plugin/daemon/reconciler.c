/* SPDX-License-Identifier: Apache-2.0 */

/* The loop of the daemon.
 *
 * Each edge says by a sequence number when something that it observes has
 * changed.  Then a pass takes place: observe, resolve, plan, apply, judge,
 * report.  A pass never waits; what it started is observed by a later one.  So
 * it does not matter what has happened, or whether a predecessor was killed in
 * the middle of it.
 *
 * Nothing is planned before both databases are known in full, the switch has
 * told who we are, and the recorders that a predecessor left have been found:
 * what is not known must not look as if it were not there. */

#include <config.h>

#include "plugin/daemon/reconciler.h"

#include <limits.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "plugin/core/estimate.h"
#include "plugin/core/estimates.h"
#include "plugin/core/tally.h"
#include "plugin/daemon/edges.h"
#include "plugin/daemon/event-feed.h"
#include "plugin/daemon/events.h"
#include "plugin/daemon/flow-conn.h"
#include "plugin/daemon/host-facts.h"
#include "plugin/daemon/host-report.h"
#include "plugin/daemon/leases.h"
#include "plugin/daemon/pacing.h"
#include "plugin/daemon/pass.h"
#include "plugin/daemon/port-stats.h"
#include "plugin/daemon/recordings.h"
#include "plugin/daemon/sink-dirs.h"
#include "plugin/daemon/sink-proc.h"
#include "plugin/daemon/switch-db.h"
#include "plugin/daemon/watch.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(reconciler);

/* A deletion is waited for as long as a session is; but only this long
 * (milliseconds) while another session is overdue, which keeps any plan from
 * being complete. */
#define DELETION_PERIOD_LATE 1000

/* A report that could not be stored is made again after this long. */
#define REPORT_RETRY 200

/* Milliseconds between reports for nothing but files. */
#define FILES_INTERVAL 50

/* Leaving gives up after this long (milliseconds) without any progress. */
#define LEAVE_PERIOD 5000

enum phase {
    PHASE_RUNNING,
    PHASE_CLEANING,             /* Takes everything of ours off the switch. */
    PHASE_SIGNING_OFF,          /* Takes its rows out of OVS_Span. */
    PHASE_GONE,
};

struct reconciler {
    const struct reconciler_config config;
    struct edges edges;
    struct events *events;
    struct event_feed *feed;
    struct recordings *recordings;
    struct sink_dirs *dirs;
    struct host_report *report;
    struct host_facts facts;
    struct watch watch;
    struct tally tally;
    struct estimates estimates;

    struct pass *last;          /* NULL before the first. */
    uint64_t seen;              /* edges_seq() when the last pass began. */
    bool due;                   /* A pass is, whatever the seqnos say. */
    bool report_due;
    struct grace grace;
    int64_t next_cfg;           /* Span_Global.next_cfg seen last. */
    long long int asked_at;     /* When it was. */
    long long int caught_up_by; /* When a deletion is overdue; LLONG_MAX. */
    long long int counters_at;  /* When counters are due; LLONG_MAX. */
    bool counters_due;          /* In the next report. */
    long long int expires_at;   /* When a session expires; LLONG_MAX. */
    long long int retry_at;     /* When a report is tried again; LLONG_MAX. */
    long long int files_at;     /* When more files may be reported. */

    enum phase phase;
    char *leave_plan;           /* Of the last pass while cleaning. */
    bool signed_off;            /* The last rows are on their way out. */
    long long int leave_by;
};

/* Connects to the outside worlds.  '*config' is copied, what it points to is
 * borrowed. */
struct reconciler *
reconciler_create(const struct reconciler_config *config)
{
    struct reconciler *r = xzalloc(sizeof *r);

    memcpy(CONST_CAST(struct reconciler_config *, &r->config), config,
           sizeof *config);
    edges_init(&r->edges, config);
    r->events = events_create();
    r->feed = event_feed_create(r->events, config->run_dir,
                                config->policy ? config->policy->hooks_dir
                                : NULL);
    r->recordings = recordings_create(r->events);
    r->dirs = sink_dirs_create(config->sink_program, config->capture_dir,
                               r->recordings);
    sink_dirs_scan(r->dirs);
    r->report = host_report_create(r->edges.session_db, r->events,
                                   r->recordings);
    host_facts_init(&r->facts, config->capture_dir);
    watch_init(&r->watch);
    tally_init(&r->tally);
    estimates_init(&r->estimates);
    grace_init(&r->grace);
    r->next_cfg = -1;
    r->due = true;
    r->caught_up_by = r->counters_at = r->expires_at = LLONG_MAX;
    r->retry_at = LLONG_MAX;
    return r;
}

void
reconciler_destroy(struct reconciler *r)
{
    if (!r) {
        return;
    }
    pass_destroy(r->last);
    grace_destroy(&r->grace);
    estimates_destroy(&r->estimates);
    tally_destroy(&r->tally);
    watch_destroy(&r->watch);
    host_facts_destroy(&r->facts);
    host_report_destroy(r->report);
    sink_dirs_destroy(r->dirs);
    recordings_destroy(r->recordings);
    event_feed_destroy(r->feed);
    events_destroy(r->events);
    edges_destroy(&r->edges);
    free(r->leave_plan);
    free(r);
}

/* Do we know enough to decide anything?  To leave, what is asked for does not
 * matter any more. */
static bool
may_decide(const struct reconciler *r)
{
    return (switch_db_is_synced(r->edges.switch_db)
            && switch_db_system_id(r->edges.switch_db)
            && sink_procs_known(r->edges.sinks)
            && (r->phase != PHASE_RUNNING
                || (session_db_is_synced(r->edges.session_db)
                    && leases_known(r->edges.leases, r->edges.session_db))));
}

/* Has everything that was asked for up to now been done, or been given up? */
static bool
is_caught_up(struct reconciler *r, const struct pass *pass)
{
    int period = r->grace.n_late ? DELETION_PERIOD_LATE : GRACE_PERIOD;

    r->caught_up_by = LLONG_MAX;
    if (pass->verdicts.pending) {
        return false;
    }
    if (pass->plan.complete || time_msec() >= r->asked_at + period) {
        return true;
    }
    r->caught_up_by = r->asked_at + period;
    return false;
}

/* Takes note of whether a report was stored, or is on its way. */
static void
report_is_sent(struct reconciler *r, bool sent)
{
    if (!sent) {
        r->retry_at = time_msec() + REPORT_RETRY;
    }
}

static void
send_report(struct reconciler *r)
{
    struct report report = {
        .system_id = switch_db_system_id(r->edges.switch_db),
        .name = r->facts.name,
        .versions = &r->facts.versions,
        .status = &r->facts.status,
        .capabilities = &r->facts.capabilities,
        .verdicts = &r->last->verdicts,
        .cur_cfg = -1,
        .counters = r->counters_due,
        .next_counters = r->counters_at,
    };

    if (host_report_is_busy(r->report)) {
        return;
    }
    if (is_caught_up(r, r->last)) {
        report.cur_cfg = r->last->asked.next_cfg;
    }
    r->report_due = r->counters_due = false;
    r->retry_at = LLONG_MAX;
    r->files_at = time_msec() + FILES_INTERVAL;
    report_is_sent(r, host_report_write(r->report, &report));
}

/* Decides for 'asked' and 'state' what is wanted and what is to be done. */
static void
decide(const struct reconciler *r, const struct session_set *asked,
       const struct switch_state *state, struct wanted *wanted,
       struct plan *plan)
{
    struct resolve_config config = {
        .capture_dir = r->config.capture_dir,
        .run_dir = r->config.run_dir,
        .host = r->facts.name,
        .policy = r->config.policy,
        .now = time_wall(),
        .leaving = r->phase != PHASE_RUNNING,
    };

    resolve(asked->sessions, asked->n_sessions, asked->groups,
            asked->n_groups, asked->sinks, asked->n_sinks, state, &config,
            wanted);
    plan_compute(wanted, state, plan);
}

/* Counters want a pass now and then even if nothing else happens. */
static void
plan_counters(struct reconciler *r, long long int start)
{
    if (!pass_is_running(r->last)) {
        r->counters_at = LLONG_MAX;
    } else if (r->counters_at == LLONG_MAX || start >= r->counters_at) {
        r->counters_due = true;
        r->counters_at = counters_next(start, time_msec() - start);
    }
}

/* Returns when a pass is due although no edge calls for one. */
static long long int
next_pass(const struct reconciler *r)
{
    long long int next = MIN(r->grace.next, r->expires_at);

    return MIN(MIN(next, edges_next(&r->edges)), r->counters_at);
}

/* Returns when a report is due although there was no pass. */
static long long int
next_report(const struct reconciler *r)
{
    return host_report_is_busy(r->report) ? LLONG_MAX
           : r->report_due ? time_msec()
           : MIN(MIN(r->retry_at, r->caught_up_by),
                 host_report_is_pending(r->report) ? r->files_at : LLONG_MAX);
}

/* Goes on until nothing of ours is left on the switch, or nothing moves. */
static void
run_cleaning(struct reconciler *r)
{
    bool clean = r->last && !r->last->asked.n_sessions
                 && r->last->plan.complete && !r->due;
    char *plan = r->last ? plan_to_string(&r->last->plan) : xstrdup("");

    if (!r->leave_plan || strcmp(plan, r->leave_plan)) {
        free(r->leave_plan);
        r->leave_plan = plan;
        r->leave_by = time_msec() + LEAVE_PERIOD;
    } else {
        free(plan);
    }
    if (!clean && time_msec() < r->leave_by) {
        return;
    }
    if (!clean && *r->leave_plan) {
        VLOG_WARN("leaving although this is still to be done:\n%s",
                  r->leave_plan);
    } else if (!clean) {
        VLOG_WARN("leaving although the switch does not answer");
    }
    r->phase = PHASE_SIGNING_OFF;
    r->leave_by = time_msec() + LEAVE_PERIOD;
    events_add(r->events, "", "daemon", NULL, "ovs-spand %s stopped.",
               SPAN_VERSION);
}

static void
run_signing_off(struct reconciler *r)
{
    const char *system_id = switch_db_system_id(r->edges.switch_db);
    long long int now = time_msec();

    if (!system_id || !session_db_is_synced(r->edges.session_db)) {
        r->phase = PHASE_GONE;
    } else if (now >= r->leave_by) {
        VLOG_WARN("leaving although the database OVS_Span does not answer; "
                  "this host's rows stay there");
        r->phase = PHASE_GONE;
    } else if (!session_db_is_connected(r->edges.session_db)
               || host_report_is_busy(r->report)) {
        return;
    } else if (r->signed_off && r->retry_at == LLONG_MAX) {
        r->phase = PHASE_GONE;
    } else if (r->retry_at == LLONG_MAX || now >= r->retry_at) {
        bool more;

        if (r->retry_at == LLONG_MAX) {
            r->leave_by = now + LEAVE_PERIOD;   /* It goes on. */
        }
        r->retry_at = LLONG_MAX;
        report_is_sent(r, host_report_leave(r->report, system_id, &more));
        r->signed_off = !more;
    }
}

static void
run_pass(struct reconciler *r)
{
    struct pass *pass = xzalloc(sizeof *pass);
    long long int start = time_msec();
    long long int began = time_usec();

    r->due = false;
    r->seen = edges_seq(&r->edges);
    if (r->phase == PHASE_RUNNING) {
        session_db_read(r->edges.session_db, &pass->asked);
    }
    edges_observe(&r->edges, &pass->asked, &pass->state);
    decide(r, &pass->asked, &pass->state, &pass->wanted, &pass->plan);
    edges_ask(&r->edges, &pass->wanted);
    r->due = edges_apply(&r->edges, &pass->plan, &pass->state);
    pass_judge(pass, &r->grace);
    tally_update(&r->tally, &pass->state, &pass->wanted);
    tally_fill(&r->tally, &pass->wanted, &pass->verdicts);
    pass_estimate(pass, port_stats_rates(r->edges.stats), &r->estimates);

    if (pass->asked.next_cfg != r->next_cfg) {
        r->next_cfg = pass->asked.next_cfg;
        r->asked_at = start;
    }
    r->expires_at = pass_next_expiry(pass);
    watch_update(&r->watch, pass, r->events);
    if (r->phase == PHASE_RUNNING) {
        leases_sweep(r->edges.leases, r->edges.session_db, &pass->asked);
        event_feed_update(r->feed, pass);
    }
    pass_count(pass, r->last, began);
    pass_destroy(r->last);
    r->last = pass;
    r->report_due = true;
    plan_counters(r, start);
}

/* Learns what capture files there are: from recorders, and where none tells,
 * from directories. */
static void
run_files(struct reconciler *r)
{
    if (r->phase == PHASE_RUNNING && sink_procs_known(r->edges.sinks)) {
        sink_procs_tell(r->edges.sinks, r->recordings);
        sink_dirs_run(r->dirs);
    }
}

/* Is a pass due? */
static bool
is_due(const struct reconciler *r)
{
    return (r->due || edges_seq(&r->edges) != r->seen
            || time_msec() >= next_pass(r));
}

void
reconciler_run(struct reconciler *r)
{
    const char *system_id;

    edges_run(&r->edges);
    run_files(r);
    report_is_sent(r, host_report_run(r->report));

    system_id = switch_db_system_id(r->edges.switch_db);
    if (system_id) {
        session_db_set_host(r->edges.session_db, system_id);
        host_facts_update(&r->facts, r->edges.switch_db);
        leases_set_host(r->edges.leases, system_id, r->facts.name);
        event_feed_set_host(r->feed, system_id, r->facts.name);
    }
    if (r->phase != PHASE_GONE && may_decide(r) && is_due(r)) {
        run_pass(r);
    }
    if (r->phase == PHASE_CLEANING) {
        run_cleaning(r);
    }
    if (r->phase == PHASE_SIGNING_OFF) {
        run_signing_off(r);
    }
    if (r->phase == PHASE_RUNNING && r->last
        && session_db_is_connected(r->edges.session_db)
        && (r->report_due || time_msec() >= next_report(r))) {
        send_report(r);
    }
    event_feed_run(r->feed);
}

void
reconciler_wait(struct reconciler *r)
{
    long long int next;

    edges_wait(&r->edges);
    host_report_wait(r->report);
    event_feed_wait(r->feed);
    if (r->phase == PHASE_RUNNING && sink_procs_known(r->edges.sinks)) {
        sink_dirs_wait(r->dirs);
    }

    if (r->phase == PHASE_GONE || (may_decide(r) && is_due(r))) {
        poll_immediate_wake();
        return;
    }
    next = may_decide(r) ? next_pass(r) : LLONG_MAX;
    if (session_db_is_connected(r->edges.session_db)) {
        next = MIN(next, (r->phase == PHASE_RUNNING ? next_report(r)
                          : r->retry_at));
    }
    if (r->phase != PHASE_RUNNING) {
        next = MIN(next, r->leave_by);
    }
    if (next != LLONG_MAX) {
        poll_timer_wait_until(next);
    }
}

/* Are both databases there? */
bool
reconciler_is_connected(const struct reconciler *r)
{
    return (session_db_is_synced(r->edges.session_db)
            && switch_db_is_synced(r->edges.switch_db));
}

/* Begins to take everything of ours off the switch and out of the databases;
 * reconciler_is_gone() says when that is done or has been given up. */
void
reconciler_leave(struct reconciler *r)
{
    if (switch_db_is_contended(r->edges.switch_db)) {
        r->phase = PHASE_GONE;          /* It is all another daemon's. */
    } else if (r->phase == PHASE_RUNNING) {
        r->phase = PHASE_CLEANING;
        r->due = true;
        r->retry_at = LLONG_MAX;
        r->leave_by = time_msec() + LEAVE_PERIOD;
    }
}

/* Leaves everything as it is, for the next daemon to go on with. */
void
reconciler_hand_over(struct reconciler *r)
{
    sink_procs_detach(r->edges.sinks);
    r->phase = PHASE_GONE;
}

bool
reconciler_is_gone(const struct reconciler *r)
{
    return r->phase == PHASE_GONE;
}

/* Returns the last pass, NULL before the first.  It is valid until
 * reconciler_run() is called again. */
const struct pass *
reconciler_last_pass(const struct reconciler *r)
{
    return r->last;
}

/* Stores in '*status' how the daemon is.  It is valid until reconciler_run()
 * is called again. */
void
reconciler_get_status(const struct reconciler *r,
                      struct reconciler_status *status)
{
    *status = (struct reconciler_status) {
        .pass = r->last,
        .facts = &r->facts,
        .session_db = session_db_is_connected(r->edges.session_db),
        .switch_db = switch_db_is_connected(r->edges.switch_db),
    };
}

/* Returns a sentence for the caller to free that says what the daemon waits
 * for before it can decide anything, or NULL. */
char *
reconciler_explain(const struct reconciler *r)
{
    char *why = edges_explain(&r->edges, &r->config);

    return (why || r->last ? why
            : xstrdup("Recorders are still being looked for."));
}

/* The name of this host, for people. */
const char *
reconciler_host_name(const struct reconciler *r)
{
    return r->facts.name;
}

/* The database OVS_Span, for inquiry.c. */
struct session_db *
reconciler_session_db(const struct reconciler *r)
{
    return r->edges.session_db;
}

/* Returns what went wrong last with the OpenFlow of 'bridge', or NULL. */
const char *
reconciler_flow_error(const struct reconciler *r, const char *bridge)
{
    return flow_conns_error(r->edges.flows, bridge);
}

/* What would be if 'asked' were asked for: a dry run against the last observed
 * state; there has to be one.  The caller must destroy '*wanted', '*plan' and
 * '*verdicts', which borrow from 'asked' and from the last pass. */
void
reconciler_plan_for(struct reconciler *r, const struct session_set *asked,
                    struct wanted *wanted, struct plan *plan,
                    struct verdicts *verdicts)
{
    decide(r, asked, &r->last->state, wanted, plan);
    verdicts_compute(wanted, &r->last->state, false, verdicts);
}

/* Initializes '*e', for the caller to destroy, with the estimate of 'ws' in
 * 'wanted', which reconciler_plan_for() made. */
void
reconciler_estimate(const struct reconciler *r, const struct wanted *wanted,
                    const struct wanted_session *ws, struct estimate *e)
{
    struct estimate_world world = pass_world(
        r->last, port_stats_rates(r->edges.stats), wanted);

    estimates_compute(&r->estimates, ws, &world, e);
}

/* Returns what ports carry now, valid for as long as 'r'. */
const struct port_rates *
reconciler_port_rates(const struct reconciler *r)
{
    return port_stats_rates(r->edges.stats);
}

/* Forgets what is known of the flows, reads them again and looks at
 * everything. */
void
reconciler_resync(struct reconciler *r)
{
    edges_resync(&r->edges);
    recordings_recheck(r->recordings);
    sink_dirs_scan(r->dirs);
    r->due = true;
}

/* Lets 'sink' begin a new file.  Returns NULL or a sentence, to be freed. */
char *
reconciler_rotate(struct reconciler *r, const char *sink)
{
    return sink_procs_rotate(r->edges.sinks, sink);
}
