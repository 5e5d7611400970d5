/* SPDX-License-Identifier: Apache-2.0 */

/* One command line against the database.
 *
 *   connect -> run the commands in one transaction -> commit -> wait for the
 *   hosts -> print what the commands print and what the hosts say, or undo
 *   what was refused
 *
 * The transaction is tried again when the database changed under it.  What a
 * host refuses is undone by a second transaction, so a refused change leaves
 * the database as it was. */

#include <config.h>

#include "spanctl.h"

#include <limits.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/span-idl.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(spanctl);

/* How often a transaction is tried again after a constraint violation, which
 * another writer who makes the same row at the same moment causes. */
#define MAX_COLLISIONS 3

/* How long an undone change is given to reach the hosts, ms. */
#define UNDO_PATIENCE 5000

/* How long --strict waits for a host to know what its ports carry, ms. */
#define ESTIMATE_PATIENCE 15000

struct run {
    const struct settings *settings;
    struct ctl_command *commands;
    size_t n_commands;
    struct ovsdb_idl *idl;
    struct changes changes;
    long long int deadline;     /* time_msec() value. */
    int collisions;
    int64_t cfg;                /* next_cfg that hosts have to reach. */
};

/* Waits for the database, or for 'deadline'. */
static void
wait_for_database(struct run *run, long long int deadline)
{
    ovsdb_idl_wait(run->idl);
    poll_timer_wait_until(deadline);
    poll_block();
}

/* Returns a connection to the database of 'settings', which is not there yet;
 * the caller must add tables, and destroy it. */
struct ovsdb_idl *
span_idl_create(const struct settings *settings)
{
    struct ovsdb_idl *idl = ovsdb_idl_create_unconnected(&spanrec_idl_class,
                                                         false);

    /* Of several servers one may be down: then the next one is asked. */
    ovsdb_idl_set_remote(idl, settings->db, strchr(settings->db, ',') != NULL);
    ovsdb_idl_set_leader_only(idl, false);
    ovsdb_idl_set_db_change_aware(idl, false);
    return idl;
}

/* Ends the program with a sentence if 'idl' will not come, or not again. */
void
span_check_alive(const struct ovsdb_idl *idl, const struct settings *settings)
{
    if (!ovsdb_idl_is_alive(idl)) {
        int error = ovsdb_idl_get_last_error(idl);

        /* The server hangs up without an error when it lacks the database. */
        if (!error) {
            ctl_fatal("%s: the server there has no database OVS_Span; "
                      "\"ovs-span-setup start\" adds it and starts ovs-spand",
                      settings->db);
        }
        ctl_fatal("%s: database connection failed (%s); is ovsdb-server "
                  "running there?", settings->db,
                  ovs_retval_to_string(error));
    }
}

/* Calls 'ctx''s prerequisites for each command. */
static void
run_prerequisites(struct run *run)
{
    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *c = &run->commands[i];
        struct span_context ctx = { .changes = &run->changes };

        if (c->syntax->prerequisites) {
            ds_init(&c->output);
            c->table = NULL;
            ctl_context_init(&ctx.base, c, run->idl, NULL, NULL, NULL);
            c->syntax->prerequisites(&ctx.base);
            if (ctx.base.error) {
                ctl_fatal("%s", ctx.base.error);
            }
            ctl_context_done(&ctx.base, c);
        }
    }
}

static void
free_output(struct run *run)
{
    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *c = &run->commands[i];

        ds_destroy(&c->output);
        table_destroy(c->table);
        free(c->table);
        c->table = NULL;
    }
}

/* Complains about references to rows that no command made. */
static void
check_symbols(const struct ovsdb_symbol_table *symtab)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &symtab->sh) {
        const struct ovsdb_symbol *symbol = node->data;

        if (!symbol->created) {
            ctl_fatal("row id \"%s\" is referenced but never created (e.g. "
                      "with \"-- --id=%s db-create ...\")", node->name,
                      node->name);
        }
        if (!symbol->strong_ref) {
            VLOG_WARN("row id \"%s\" was created but no strong reference to "
                      "it was inserted, so it may not appear in the database",
                      node->name);
        }
    }
}

/* Runs the commands within 'txn'.  Returns false if they have to be run again
 * when the database has changed. */
static bool
run_in_transaction(struct run *run, struct ovsdb_idl_txn *txn,
                   struct ovsdb_symbol_table *symtab)
{
    struct span_context ctx = {
        .changes = &run->changes,
        .wait = run->settings->wait,
    };
    bool again = false;

    for (size_t i = 0; i < run->n_commands; i++) {
        ds_init(&run->commands[i].output);
        run->commands[i].table = NULL;
    }
    ctl_context_init(&ctx.base, NULL, run->idl, txn, symtab, NULL);
    for (size_t i = 0; i < run->n_commands && !again; i++) {
        struct ctl_command *c = &run->commands[i];

        ctl_context_init_command(&ctx.base, c, i == run->n_commands - 1);
        if (c->syntax->run) {
            c->syntax->run(&ctx.base);
        }
        if (ctx.base.error) {
            ctl_fatal("%s", ctx.base.error);
        }
        ctl_context_done_command(&ctx.base, c);
        again = ctx.base.try_again;
    }
    ctl_context_done(&ctx.base, NULL);
    if (!again) {
        check_symbols(symtab);
    }
    return !again;
}

/* Commits 'txn' and waits for the answer.  Never returns when time runs out,
 * because nobody knows then what was stored. */
static enum ovsdb_idl_txn_status
commit(struct run *run, struct ovsdb_idl_txn *txn, long long int deadline)
{
    for (;;) {
        enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit(txn);

        if (status != TXN_INCOMPLETE) {
            return status;
        }
        if (time_msec() >= deadline) {
            ovs_error(0, "%s: the database has not answered in time; look "
                      "with \"list\" whether the change is stored",
                      run->settings->db);
            exit(EXIT_TIMED_OUT);
        }
        ovsdb_idl_run(run->idl);
        ovsdb_idl_txn_wait(txn);
        wait_for_database(run, deadline);
    }
}

static void
postprocess(struct run *run, struct ovsdb_idl_txn *txn,
            struct ovsdb_symbol_table *symtab)
{
    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *c = &run->commands[i];
        struct span_context ctx = { .changes = &run->changes };

        if (c->syntax->postprocess) {
            ctl_context_init(&ctx.base, c, run->idl, txn, symtab, NULL);
            c->syntax->postprocess(&ctx.base);
            if (ctx.base.error) {
                ctl_fatal("%s", ctx.base.error);
            }
            ctl_context_done(&ctx.base, c);
        }
    }
}

/* What comes of a committed transaction: returns true if it is done, false if
 * it has to be tried again, and does not return on errors. */
static bool
check_commit(struct run *run, struct ovsdb_idl_txn *txn,
             enum ovsdb_idl_txn_status status)
{
    const char *error = ovsdb_idl_txn_get_error(txn);

    if (status == TXN_SUCCESS || status == TXN_UNCHANGED) {
        return true;
    }
    if (status == TXN_TRY_AGAIN) {
        return false;
    }
    if (status == TXN_ERROR && strstr(error, "constraint violation")
        && run->collisions++ < MAX_COLLISIONS) {
        return false;
    }
    ctl_fatal("transaction error: %s", error);
}

/* Returns the next_cfg that the hosts have to reach, after 'txn' has been
 * committed. */
static int64_t
get_cfg(const struct run *run, const struct ovsdb_idl_txn *txn)
{
    const struct spanrec_span_global *global;

    if (changes_any(&run->changes)) {
        return ovsdb_idl_txn_get_increment_new_value(txn);
    }
    global = spanrec_span_global_first(run->idl);
    return global ? global->next_cfg : 0;
}

/* Tries the whole line once.  Returns false if it has to be tried again. */
static bool
attempt(struct run *run)
{
    struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(run->idl);
    struct ovsdb_symbol_table *symtab = ovsdb_symbol_table_create();
    enum ovsdb_idl_txn_status status;
    bool done;

    changes_destroy(&run->changes);
    changes_init(&run->changes);
    ovsdb_idl_txn_add_comment(txn, "ovs-spanctl: %s", run->settings->args);

    done = run_in_transaction(run, txn, symtab);
    if (done) {
        if (changes_any(&run->changes)) {
            changes_increment(run->idl, txn);
        }
        status = commit(run, txn, run->deadline);
        done = check_commit(run, txn, status);
        if (done) {
            run->cfg = get_cfg(run, txn);
            postprocess(run, txn, symtab);
        }
    } else {
        ovsdb_idl_txn_abort(txn);
    }

    ovsdb_symbol_table_destroy(symtab);
    ovsdb_idl_txn_destroy(txn);
    if (!done) {
        free_output(run);
    }
    return done;
}

static void
print_output(struct run *run)
{
    for (size_t i = 0; i < run->n_commands; i++) {
        const struct ctl_command *c = &run->commands[i];

        if (c->table) {
            struct table_style style = run->settings->style;

            if (!run->settings->style_given
                && span_command_is_ours(c->syntax)) {
                style.format = TF_TABLE;
            }
            table_print(c->table, &style);
        } else {
            fputs(ds_cstr_ro(&c->output), stdout);
        }
    }
    fflush(stdout);
}

/* Says which hosts have not followed in time. */
static void
complain_about_hosts(const struct run *run)
{
    const struct spanrec_host *host;

    SPANREC_HOST_FOR_EACH (host, run->idl) {
        if (host->cur_cfg < run->cfg) {
            ovs_error(0, "%s has not applied the change within %u seconds; "
                      "is ovs-spand running there?", host_name(host),
                      run->settings->timeout);
        }
    }
    ovs_error(0, "the change stays stored and is applied as soon as the host "
              "is back");
}

/* Undoes the changes of 'run' and gives the hosts a while to follow. */
static void
undo(struct run *run)
{
    long long int deadline = MAX(run->deadline, time_msec() + UNDO_PATIENCE);
    enum ovsdb_idl_txn_status status;

    do {
        struct ovsdb_idl_txn *txn;

        ovsdb_idl_run(run->idl);
        txn = ovsdb_idl_txn_create(run->idl);
        ovsdb_idl_txn_add_comment(txn, "ovs-spanctl: undo: %s",
                                  run->settings->args);
        changes_undo(&run->changes, run->idl, txn);
        changes_increment(run->idl, txn);
        status = commit(run, txn, deadline);
        if (status == TXN_SUCCESS) {
            run->cfg = ovsdb_idl_txn_get_increment_new_value(txn);
        } else if (status != TXN_TRY_AGAIN) {
            ctl_fatal("the change is refused but stays stored, for undoing "
                      "it failed: %s", ovsdb_idl_txn_get_error(txn));
        }
        ovsdb_idl_txn_destroy(txn);
    } while (status == TXN_TRY_AGAIN);

    deadline = time_msec() + UNDO_PATIENCE;
    while (hosts_find_behind(run->idl, run->cfg) && time_msec() < deadline) {
        wait_for_database(run, deadline);
        ovsdb_idl_run(run->idl);
    }
    ovs_error(0, "nothing was changed");
}

/* Have the hosts, which have followed, estimated what --strict has to know?
 * 'give_up' says that they have had time enough. */
static bool
is_estimated(const struct run *run, bool give_up)
{
    return (!run->changes.strict || give_up
            || hosts_have_estimates(run->idl, &run->changes));
}

/* Waits until the hosts have followed, and undoes what they refuse.  Returns
 * the exit code. */
static int
wait_for_hosts(struct run *run)
{
    long long int estimated_by = MIN(run->deadline,
                                     time_msec() + ESTIMATE_PATIENCE);

    ovsdb_idl_enable_reconnect(run->idl);
    for (;;) {
        bool behind;

        ovsdb_idl_run(run->idl);
        behind = hosts_find_behind(run->idl, run->cfg) != NULL;
        if (hosts_refuse(run->idl, &run->changes, run->cfg)
            || (!behind && is_estimated(run, time_msec() >= estimated_by)
                && run->changes.strict
                && hosts_warn(run->idl, &run->changes))
            || (!behind && isolations_fail(run->idl, &run->changes))) {
            if (changes_any(&run->changes)) {
                undo(run);
            }
            return EXIT_REFUSED;
        }
        if (!behind && is_estimated(run, false)) {
            return EXIT_DONE;
        }
        if (behind && time_msec() >= run->deadline) {
            complain_about_hosts(run);
            return EXIT_TIMED_OUT;
        }
        wait_for_database(run, behind ? run->deadline : estimated_by);
    }
}

/* Runs the line until its transaction is through. */
static void
run_to_commit(struct run *run)
{
    unsigned int seqno = ovsdb_idl_get_seqno(run->idl);
    bool connected = false;

    for (;;) {
        int collisions = run->collisions;

        ovsdb_idl_run(run->idl);
        span_check_alive(run->idl, run->settings);
        if (seqno != ovsdb_idl_get_seqno(run->idl)) {
            seqno = ovsdb_idl_get_seqno(run->idl);
            connected = true;
            if (attempt(run)) {
                return;
            }
        }
        if (time_msec() >= run->deadline) {
            ctl_fatal("%s: %s within %u seconds", run->settings->db,
                      (connected ? "what was waited for has not come"
                       : "no answer from the database OVS_Span"),
                      run->settings->timeout);
        }
        if (collisions != run->collisions) {
            /* The other writer's row is on its way to us. */
            seqno--;
            wait_for_database(run, time_msec() + 50);
        } else if (seqno == ovsdb_idl_get_seqno(run->idl)) {
            wait_for_database(run, run->deadline);
        }
    }
}

/* Runs the 'n' 'commands' and returns the exit code. */
int
run_commands(const struct settings *settings, struct ctl_command *commands,
             size_t n)
{
    struct run run = {
        .settings = settings,
        .commands = commands,
        .n_commands = n,
        .deadline = (settings->timeout
                     ? time_msec() + settings->timeout * 1000LL : LLONG_MAX),
    };
    int status = EXIT_DONE;

    changes_init(&run.changes);
    run.idl = span_idl_create(settings);
    run_prerequisites(&run);

    run_to_commit(&run);
    bool wait = (settings->wait
                 && (changes_any(&run.changes) || run.changes.reported.n
                     || run.changes.reported_groups.n));
    if (wait) {
        status = wait_for_hosts(&run);
    }
    if (status != EXIT_REFUSED) {
        print_output(&run);
        if (wait && status == EXIT_DONE) {
            hosts_report(run.idl, &run.changes);
            hosts_warn(run.idl, &run.changes);
        }
        for (size_t i = 0; i < run.changes.warnings.n; i++) {
            ovs_error(0, "warning: %s", run.changes.warnings.names[i]);
        }
    }
    if (status == EXIT_DONE && run.changes.differs) {
        status = EXIT_DIFFERS;
    }

    free_output(&run);
    changes_destroy(&run.changes);
    ovsdb_idl_destroy(run.idl);
    return status;
}
