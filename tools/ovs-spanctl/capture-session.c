/* SPDX-License-Identifier: Apache-2.0 */

/* The session of a capture in the database: made at the beginning, deleted at
 * the end, and between them what hosts say of it.  Should this process not get
 * to the end, ovs-spand deletes it. */

#include <config.h>

#include "capture.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/poll-loop.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/session-row.h"
#include "ovsdb-schema/span-idl.h"
#include "spanctl.h"
#include "timeval.h"
#include "util.h"

/* Milliseconds that the database gets to answer, that hosts get to say whether
 * they have what is asked for, and that this host gets to take it off the
 * switch. */
#define DB_PATIENCE 10000
#define HOSTS_PATIENCE 2000
#define END_PATIENCE 3000

/* A capture that ends after so many seconds expires so many later: should even
 * ovs-spand not be able to delete the session, it does not stay for ever. */
#define EXPIRY_MARGIN 60

struct capture_session {
    char *remote;
    struct ovsdb_idl *idl;
    char *name;                 /* NULL until begun. */
    char *system_id;            /* Of this host. */
    char *what;                 /* It captures, for people. */
    int64_t cfg;                /* next_cfg with which it began. */
    long long int since;        /* When, msec. */
};

/* Prepares for the database at 'remote'. */
struct capture_session *
capture_session_create(const char *remote)
{
    struct capture_session *cs = xzalloc(sizeof *cs);
    struct ctl_context ctx;

    cs->remote = xstrdup(remote);
    cs->idl = ovsdb_idl_create_unconnected(&spanrec_idl_class, false);
    ovsdb_idl_set_leader_only(cs->idl, false);
    memset(&ctx, 0, sizeof ctx);
    ctx.idl = cs->idl;
    span_pre_tables(&ctx);
    ovsdb_idl_set_remote(cs->idl, remote, true);
    return cs;
}

void
capture_session_destroy(struct capture_session *cs)
{
    if (cs) {
        ovsdb_idl_destroy(cs->idl);
        free(cs->remote);
        free(cs->name);
        free(cs->system_id);
        free(cs->what);
        free(cs);
    }
}

void
capture_session_run(struct capture_session *cs)
{
    ovsdb_idl_run(cs->idl);
}

void
capture_session_wait(struct capture_session *cs)
{
    ovsdb_idl_wait(cs->idl);
    if (cs->name) {
        long long int due = cs->since + HOSTS_PATIENCE;

        if (time_msec() <= due) {
            poll_timer_wait_until(due + 1);
        }
    }
}

/* Waits for a first complete copy.  Returns false if there is none in time. */
static bool
wait_for_copy(struct capture_session *cs, long long int deadline)
{
    for (;;) {
        ovsdb_idl_run(cs->idl);
        if (ovsdb_idl_has_ever_connected(cs->idl)) {
            return true;
        }
        if (time_msec() >= deadline) {
            return false;
        }
        ovsdb_idl_wait(cs->idl);
        poll_timer_wait_until(deadline);
        poll_block();
    }
}

/* Commits 'txn' and destroys it.  Returns true if it is stored; '*cfg' is then
 * what hosts have to reach.  '*again' says that it may be tried again. */
static bool
commit(struct capture_session *cs, struct ovsdb_idl_txn *txn,
       long long int deadline, int64_t *cfg, bool *again)
{
    enum ovsdb_idl_txn_status status;

    while ((status = ovsdb_idl_txn_commit(txn)) == TXN_INCOMPLETE
           && time_msec() < deadline) {
        ovsdb_idl_run(cs->idl);
        ovsdb_idl_txn_wait(txn);
        ovsdb_idl_wait(cs->idl);
        poll_timer_wait_until(deadline);
        poll_block();
    }
    *again = (status == TXN_TRY_AGAIN || status == TXN_NOT_LOCKED)
             && time_msec() < deadline;
    if (status == TXN_SUCCESS) {
        *cfg = ovsdb_idl_txn_get_increment_new_value(txn);
    }
    ovsdb_idl_txn_destroy(txn);
    return status == TXN_SUCCESS || status == TXN_UNCHANGED;
}

/* Copies to 's' what session 'name' mirrors, and how.  Returns NULL or a
 * sentence. */
static char *
copy_session(const struct capture_session *cs, const char *name,
             struct session *s)
{
    const struct spanrec_session *row = session_row_find(cs->idl, name);
    struct session other;

    if (!row) {
        return xasprintf("there is no session %.80s", name);
    }
    session_row_read(row, &other);
    for (size_t i = 0; i < other.n_sources; i++) {
        struct fault fault = FAULT_INITIALIZER;
        char *text = source_to_string(&other.sources[i]);

        source_parse(session_add_source(s), text, &fault);
        fault_clear(&fault);
        free(text);
    }
    free(s->filter);
    s->filter = xstrdup(other.filter);
    s->strip_vlan = other.strip_vlan;
    session_destroy(&other);
    return NULL;
}

static char *
add_sources(struct session *s, const struct svec *texts, struct fault *fault)
{
    for (size_t i = 0; i < texts->n; i++) {
        struct source source;

        if (!source_parse(&source, texts->names[i], fault)) {
            return xstrdup(fault->detail);
        }
        *session_add_source(s) = source;
    }
    return NULL;
}

/* Fills in 's' as 'o' says.  Returns NULL or a sentence. */
static char *
fill_session(const struct capture_session *cs,
             const struct capture_options *o, struct session *s)
{
    struct fault fault = FAULT_INITIALIZER;
    struct destination *live;
    const char *user = getenv("SUDO_USER");
    char *error;

    error = (o->session ? copy_session(cs, o->session, s)
             : add_sources(s, &o->sources, &fault));
    if (!error) {
        if (o->filter) {
            free(s->filter);
            s->filter = xstrdup(o->filter);
        }
        s->strip_vlan |= o->strip_vlan;
        free(s->owner);
        s->owner = xstrdup(user ? user : getenv("USER") ? getenv("USER")
                           : "");
        free(s->reason);
        s->reason = xstrdup("ovs-spanctl capture");
        if (o->duration) {
            s->expires = time_wall() + o->duration + EXPIRY_MARGIN;
        }
        live = session_add_destination(s);
        live->kind = DESTINATION_LIVE;
        live->target = xstrdup(cs->system_id);
        if (!session_check(s, &fault)) {
            error = xstrdup(fault.detail);
        }
    }
    fault_clear(&fault);
    return error;
}

/* Makes the session 'name' of what 'o' asks for, on the host 'system_id'.
 * Returns NULL, or a sentence for the caller to free. */
char *
capture_session_begin(struct capture_session *cs, const char *name,
                      const struct capture_options *o, const char *system_id)
{
    long long int deadline = time_msec() + DB_PATIENCE;
    bool again = true, done = false;
    struct session s;
    char *error;

    if (!wait_for_copy(cs, deadline)) {
        return xasprintf("%s: the database OVS_Span does not answer; is "
                         "ovs-spand set up there?", cs->remote);
    }
    cs->system_id = xstrdup(system_id);
    cs->what = capture_options_describe(o);
    session_init(&s, name);
    error = fill_session(cs, o, &s);
    while (!error && again && !done) {
        struct ovsdb_idl_txn *txn;

        ovsdb_idl_run(cs->idl);
        txn = ovsdb_idl_txn_create(cs->idl);
        ovsdb_idl_txn_add_comment(txn, "ovs-spanctl capture: %s", cs->what);
        session_row_insert(&s, txn);
        changes_increment(cs->idl, txn);
        done = commit(cs, txn, deadline, &cs->cfg, &again);
    }
    session_destroy(&s);
    if (!error && !done) {
        error = xasprintf("%s: the session could not be stored", cs->remote);
    }
    if (!error) {
        cs->name = xstrdup(name);
        cs->since = time_msec();
    }
    return error;
}

/* Returns the host that has what is captured here, or as well, or NULL. */
static const char *
find_other_host(struct spanrec_binding **bindings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(bindings[i]->reason, "other-host")) {
            return binding_host(bindings[i]);
        }
    }
    return NULL;
}

/* Judges the session by what this host says, 'own', and where else the
 * sources are, 'other', which may be NULL. */
static enum capture_outlook
judge(const struct capture_session *cs, const struct spanrec_binding *own,
      const char *other, char **sentence)
{
    if (!strcmp(own->state, "refused")) {
        *sentence = xasprintf("%s: %s", own->reason, own->detail);
        return OUTLOOK_REFUSED;
    }
    if (strcmp(own->state, "waiting")) {
        *sentence = (own->detail[0] ? xstrdup(own->detail)
                     : other ? xasprintf("some of %s is on host %s, and not "
                                         "captured here", cs->what, other)
                     : NULL);
        return OUTLOOK_ACTIVE;
    }
    if (other) {
        *sentence = xasprintf("%s is on host %s, not on this one; capture it "
                              "there: ssh %s ovs-spanctl capture %s ...",
                              cs->what, other, other, cs->what);
        return OUTLOOK_REFUSED;
    }
    if (strcmp(own->reason, "no-source")) {
        *sentence = xstrdup(own->detail);
        return OUTLOOK_OPEN;
    }
    if (hosts_find_behind(cs->idl, cs->cfg)
        && time_msec() < cs->since + HOSTS_PATIENCE) {
        return OUTLOOK_OPEN;    /* The others have not all answered. */
    }
    *sentence = xasprintf("no port here is %s, nor on another host; "
                          "ovs-vsctl show lists the ports, --wait waits for "
                          "one", cs->what);
    return OUTLOOK_NOWHERE;
}

/* Returns what is to be expected of the session, and in '*sentence' NULL, or
 * what there is to be said, for the caller to free. */
enum capture_outlook
capture_session_look(struct capture_session *cs, char **sentence)
{
    enum capture_outlook outlook = OUTLOOK_OPEN;
    struct spanrec_binding **bindings;
    size_t n;

    *sentence = NULL;
    if (!session_row_find(cs->idl, cs->name)) {
        *sentence = xstrdup("somebody has deleted the session");
        return OUTLOOK_DELETED;
    }
    bindings = hosts_bindings(cs->idl, cs->name, &n);
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(bindings[i]->system_id, cs->system_id)) {
            outlook = judge(cs, bindings[i], find_other_host(bindings, n),
                            sentence);
        }
    }
    free(bindings);
    return outlook;
}

/* Has this host followed up to 'cfg'? */
static bool
is_done(const struct capture_session *cs, int64_t cfg)
{
    const struct spanrec_host *host;

    SPANREC_HOST_FOR_EACH (host, cs->idl) {
        if (!strcmp(host->system_id, cs->system_id)) {
            return host->cur_cfg >= cfg;
        }
    }
    return true;
}

/* Deletes the session, if it was begun, and waits until it is off the switch,
 * though not for ever: ovs-spand sees to that anyway. */
void
capture_session_end(struct capture_session *cs)
{
    long long int deadline = time_msec() + END_PATIENCE;
    const struct spanrec_session *row;
    bool again = true, done = false;
    int64_t cfg = 0;

    while (cs->name && again && !done) {
        ovsdb_idl_run(cs->idl);
        row = session_row_find(cs->idl, cs->name);
        if (!row || !ovsdb_idl_is_connected(cs->idl)) {
            return;
        }

        struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(cs->idl);
        ovsdb_idl_txn_add_comment(txn, "ovs-spanctl capture ends");
        spanrec_session_delete(row);
        changes_increment(cs->idl, txn);
        done = commit(cs, txn, deadline, &cfg, &again);
    }
    while (done && !is_done(cs, cfg) && time_msec() < deadline) {
        ovsdb_idl_wait(cs->idl);
        poll_timer_wait_until(deadline);
        poll_block();
        ovsdb_idl_run(cs->idl);
    }
}
