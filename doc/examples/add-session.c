/* Copyright (c) 2026 The ovs-span Authors.
 * SPDX-License-Identifier: Apache-2.0 */

/* A session of one's own, in C: adds it to the database OVS_Span, waits until
 * the hosts have applied it, says how it went, and deletes it when standard
 * input ends.
 *
 *     add-session unix:/var/run/openvswitch/db.sock web1 vm:web1 web1
 *
 * names the database, the session, its source and the sink that records it.
 *
 * It stands on libopenvswitch's OVSDB IDL, with the code that ovsdb-idlc makes
 * of span.ovsschema.  Exit code 0: the session ran; 1: it did not, or
 * something failed. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/span-idl.h"
#include "timeval.h"
#include "util.h"

/* The hosts have so long to apply a change, milliseconds. */
#define PATIENCE 30000

/* Only what is read here: the database may hold many files and events. */
static void
monitor(struct ovsdb_idl *idl)
{
    ovsdb_idl_add_column(idl, &spanrec_span_global_col_next_cfg);
    ovsdb_idl_add_column(idl, &spanrec_host_col_name);
    ovsdb_idl_add_column(idl, &spanrec_host_col_cur_cfg);
    ovsdb_idl_add_column(idl, &spanrec_sink_col_name);
    ovsdb_idl_add_column(idl, &spanrec_session_col_name);
    ovsdb_idl_add_column(idl, &spanrec_session_col_bindings);
    ovsdb_idl_add_column(idl, &spanrec_binding_col_host);
    ovsdb_idl_add_column(idl, &spanrec_binding_col_state);
    ovsdb_idl_add_column(idl, &spanrec_binding_col_reason);
    ovsdb_idl_add_column(idl, &spanrec_binding_col_detail);
}

/* Waits for news from the database, or until 'deadline', monotonic
 * milliseconds. */
static void
wait_for_news(struct ovsdb_idl *idl, long long int deadline)
{
    ovsdb_idl_wait(idl);
    poll_timer_wait_until(deadline);
    poll_block();
    ovsdb_idl_run(idl);
}

static const struct spanrec_session *
find_session(const struct ovsdb_idl *idl, const char *name)
{
    const struct spanrec_session *session;

    SPANREC_SESSION_FOR_EACH (session, idl) {
        if (!strcmp(session->name, name)) {
            return session;
        }
    }
    return NULL;
}

static void
need_sink(const struct ovsdb_idl *idl, struct ovsdb_idl_txn *txn,
          const char *name)
{
    const struct spanrec_sink *sink;

    SPANREC_SINK_FOR_EACH (sink, idl) {
        if (!strcmp(sink->name, name)) {
            return;
        }
    }
    spanrec_sink_set_name(spanrec_sink_insert(txn), name);
}

static void
insert_session(struct ovsdb_idl_txn *txn, const char *name,
               const char *selector, const char *sink)
{
    struct spanrec_session *session = spanrec_session_insert(txn);
    struct spanrec_source *source = spanrec_source_insert(txn);
    struct spanrec_destination *destination
        = spanrec_destination_insert(txn);

    spanrec_source_set_selector(source, selector);
    spanrec_destination_set_kind(destination, "sink");
    spanrec_destination_set_target(destination, sink);
    spanrec_session_set_name(session, name);
    spanrec_session_set_owner(session, "add-session");
    spanrec_session_set_sources(session, &source, 1);
    spanrec_session_set_destinations(session, &destination, 1);
}

/* Stores 'txn', and with it that there is something for the hosts to do.
 * Returns the number that they will have applied, or -1. */
static int64_t
commit(struct ovsdb_idl *idl, struct ovsdb_idl_txn *txn)
{
    const struct spanrec_span_global *global = spanrec_span_global_first(idl);
    int64_t cfg = -1;

    if (!global) {
        global = spanrec_span_global_insert(txn);
    }
    ovsdb_idl_txn_increment(txn, &global->header_,
                            &spanrec_span_global_col_next_cfg, true);
    enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit_block(txn);
    if (status == TXN_SUCCESS) {
        cfg = ovsdb_idl_txn_get_increment_new_value(txn);
    } else {
        ovs_error(0, "%s: %s", ovsdb_idl_txn_status_to_string(status),
                  ovsdb_idl_txn_get_error(txn));
    }
    ovsdb_idl_txn_destroy(txn);
    return cfg;
}

/* Waits until all hosts have applied everything up to 'cfg'. */
static bool
wait_for_hosts(struct ovsdb_idl *idl, int64_t cfg)
{
    long long int deadline = time_msec() + PATIENCE;

    while (time_msec() < deadline) {
        const struct spanrec_host *host;
        bool all = true;

        SPANREC_HOST_FOR_EACH (host, idl) {
            all = all && host->cur_cfg >= cfg;
        }
        if (all) {
            return true;
        }
        wait_for_news(idl, deadline);
    }
    ovs_error(0, "a host does not answer");
    return false;
}

/* Says how 'session' is on each host.  Returns true if none refuses it. */
static bool
report(const struct spanrec_session *session)
{
    bool ok = session->n_bindings > 0;

    for (size_t i = 0; i < session->n_bindings; i++) {
        const struct spanrec_binding *b = session->bindings[i];

        printf("%s on %s: %s%s%s%s%s\n", session->name,
               b->host ? b->host->name : "a host", b->state,
               *b->reason ? ": " : "", b->reason,
               *b->reason ? ": " : "", b->detail);
        ok = ok && strcmp(b->state, "refused");
    }
    fflush(stdout);
    return ok;
}

/* Adds the session and says how it went.  Returns true if it runs. */
static bool
add(struct ovsdb_idl *idl, const char *name, const char *selector,
    const char *sink)
{
    struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(idl);

    need_sink(idl, txn, sink);
    insert_session(txn, name, selector, sink);

    int64_t cfg = commit(idl, txn);
    if (cfg < 0 || !wait_for_hosts(idl, cfg)) {
        return false;
    }
    const struct spanrec_session *session = find_session(idl, name);
    return session && report(session);
}

/* Deletes the session.  Returns true if the hosts have, too. */
static bool
del(struct ovsdb_idl *idl, const char *name)
{
    struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(idl);
    const struct spanrec_session *session = find_session(idl, name);

    if (session) {
        spanrec_session_delete(session);
    }
    int64_t cfg = commit(idl, txn);
    return cfg >= 0 && wait_for_hosts(idl, cfg);
}

int
main(int argc, char *argv[])
{
    long long int deadline = time_msec() + PATIENCE;
    bool ok;
    char c;

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    if (argc != 5) {
        ovs_fatal(0, "usage: %s DATABASE NAME SELECTOR SINK", program_name);
    }

    struct ovsdb_idl *idl = ovsdb_idl_create(argv[1], &spanrec_idl_class,
                                             false, true);
    monitor(idl);
    while (!ovsdb_idl_has_ever_connected(idl)) {
        if (time_msec() >= deadline) {
            ovs_fatal(0, "%s does not answer", argv[1]);
        }
        wait_for_news(idl, deadline);
    }
    if (find_session(idl, argv[2])) {
        ovs_fatal(0, "there is a session %s already", argv[2]);
    }

    ok = add(idl, argv[2], argv[3], argv[4]);
    while (ok && read(STDIN_FILENO, &c, 1) > 0) {
        /* It runs.  (While we read, the IDL hears nothing.) */
    }
    ok = del(idl, argv[2]) && ok;
    ovsdb_idl_destroy(idl);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
