/* SPDX-License-Identifier: Apache-2.0 */

/* Inquiries: see inquiry.h.
 *
 * Each host adds an Answer to each Inquiry, in JSON as span.xml says.  Whoever
 * asked deletes the row when all have answered; should it have died, hosts do
 * after a while.  Nothing of this calls for a pass. */

#include <config.h>
#include "plugin/daemon/inquiry.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/hmap.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/span-idl.h"
#include "plugin/core/locate.h"
#include "plugin/core/selector.h"
#include "plugin/daemon/locator.h"
#include "plugin/daemon/pass.h"
#include "plugin/daemon/reconciler.h"
#include "plugin/daemon/session-db.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(inquiry);

/* Milliseconds after which a row is deleted that nobody has; and until what
 * could not be stored is tried again. */
#define LIFE 60000
#define RETRY 200

struct inquiry {
    struct hmap_node node;      /* In inquiries, by 'uuid'. */
    struct uuid uuid;           /* Of the row. */
    struct inquiries *all;
    bool asked;                 /* The locator calls back. */
    bool written;               /* The answer is stored, or on its way: */
    bool in_txn;                /* it is in the transaction under way. */
    char *answer;               /* NULL before there is one. */
    long long int since;        /* msec. */
    unsigned int generation;    /* Of the last run that saw the row. */
};

struct inquiries {
    struct reconciler *reconciler;       /* Borrowed. */
    struct locator *locator;             /* Borrowed. */
    struct hmap map;            /* Of "struct inquiry". */
    struct ovsdb_idl_txn *txn;  /* Under way, or NULL. */
    unsigned int generation;
    long long int next_try;     /* msec. */
};

/* Creates what answers by 'locator' the inquiries that 'reconciler' has in its
 * database.  Both are borrowed; the locator has to be destroyed first. */
struct inquiries *
inquiries_create(struct reconciler *reconciler, struct locator *locator)
{
    struct inquiries *q = xzalloc(sizeof *q);

    q->reconciler = reconciler;
    q->locator = locator;
    hmap_init(&q->map);
    return q;
}

static struct json *
location_to_json(const struct location *location, const char *host)
{
    struct smap columns = SMAP_INITIALIZER(&columns);
    struct json *json;

    location_to_columns(location, host, &columns);
    json = smap_to_json(&columns);
    smap_destroy(&columns);
    return json;
}

/* Returns 'found' as Answer.answer has it, for the caller to free. */
static char *
located_to_text(const struct located *found)
{
    struct json *locations = json_array_create_empty();
    struct json *near = json_array_create_empty();
    struct json *answer = json_object_create();
    char *text;

    for (size_t i = 0; i < found->n_locations; i++) {
        json_array_add(locations, location_to_json(&found->locations[i],
                                                   found->host));
    }
    for (size_t i = 0; i < found->near.n; i++) {
        json_array_add(near, json_string_create(found->near.names[i]));
    }
    json_object_put(answer, "locations", locations);
    json_object_put(answer, "more", json_integer_create(found->n_more));
    json_object_put(answer, "near", near);
    text = json_to_string(answer, JSSF_SORT);
    json_destroy(answer);
    return text;
}

/* Takes the answer to 'inquiry_'. */
static void
take(const struct selector *selector OVS_UNUSED, const struct located *found,
     void *inquiry_)
{
    struct inquiry *inquiry = inquiry_;

    inquiry->asked = false;
    if (found) {
        inquiry->answer = located_to_text(found);
    }
}

static void
delete_inquiry(struct inquiries *q, struct inquiry *inquiry)
{
    if (inquiry->asked) {
        locator_forget(q->locator, take, inquiry);
    }
    hmap_remove(&q->map, &inquiry->node);
    free(inquiry->answer);
    free(inquiry);
}

void
inquiries_destroy(struct inquiries *q)
{
    struct inquiry *inquiry;

    if (q) {
        HMAP_FOR_EACH_SAFE (inquiry, node, &q->map) {
            delete_inquiry(q, inquiry);
        }
        hmap_destroy(&q->map);
        if (q->txn) {
            ovsdb_idl_txn_destroy(q->txn);
        }
        free(q);
    }
}

/* Has this host, 'system_id', answered 'row' before it was started anew? */
static bool
is_answered(const struct spanrec_inquiry *row, const char *system_id)
{
    for (size_t i = 0; i < row->n_answers; i++) {
        if (!strcmp(row->answers[i]->system_id, system_id)) {
            return true;
        }
    }
    return false;
}

static void
begin(struct inquiry *inquiry, const struct spanrec_inquiry *row)
{
    struct fault fault = FAULT_INITIALIZER;
    struct selector selector;

    if (selector_parse(&selector, row->selector, &fault)) {
        inquiry->asked = true;
        locator_ask(inquiry->all->locator, &selector, take, inquiry);
        selector_destroy(&selector);
    } else {
        struct json *answer = json_object_create();

        json_object_put_string(answer, "error", fault.detail);
        inquiry->answer = json_to_string(answer, 0);
        json_destroy(answer);
        fault_clear(&fault);
    }
}

/* Returns what is known of 'row', new if need be. */
static struct inquiry *
find_inquiry(struct inquiries *q, const struct spanrec_inquiry *row,
             const char *system_id)
{
    const struct uuid *uuid = &row->header_.uuid;
    struct inquiry *inquiry;

    HMAP_FOR_EACH_WITH_HASH (inquiry, node, uuid_hash(uuid), &q->map) {
        if (uuid_equals(&inquiry->uuid, uuid)) {
            return inquiry;
        }
    }
    inquiry = xzalloc(sizeof *inquiry);
    inquiry->uuid = *uuid;
    inquiry->all = q;
    inquiry->since = time_msec();
    hmap_insert(&q->map, &inquiry->node, uuid_hash(uuid));
    inquiry->written = is_answered(row, system_id);
    if (!inquiry->written) {
        begin(inquiry, row);
    }
    return inquiry;
}

static void
need_txn(struct inquiries *q, struct ovsdb_idl *idl)
{
    if (!q->txn) {
        q->txn = ovsdb_idl_txn_create(idl);
        ovsdb_idl_txn_add_comment(q->txn, "ovs-spand: inquiries");
    }
}

/* Puts into the transaction what is to be done about 'row'. */
static void
serve(struct inquiries *q, const struct spanrec_inquiry *row,
      struct inquiry *inquiry, const char *system_id)
{
    struct session_db *db = reconciler_session_db(q->reconciler);
    struct ovsdb_idl *idl = session_db_idl(db);

    if (time_msec() >= inquiry->since + LIFE) {
        need_txn(q, idl);
        spanrec_inquiry_delete(row);
    } else if (inquiry->answer && !inquiry->written) {
        need_txn(q, idl);

        struct spanrec_answer *answer = spanrec_answer_insert(q->txn);
        spanrec_answer_set_system_id(answer, system_id);
        spanrec_answer_set_host(answer, session_db_find_host(db, system_id));
        spanrec_answer_set_answer(answer, inquiry->answer);
        spanrec_inquiry_update_answers_addvalue(row, answer);
        inquiry->written = inquiry->in_txn = true;
    }
}

/* Forgets those whose rows have gone. */
static void
forget(struct inquiries *q)
{
    struct inquiry *inquiry;

    HMAP_FOR_EACH_SAFE (inquiry, node, &q->map) {
        if (inquiry->generation != q->generation) {
            delete_inquiry(q, inquiry);
        }
    }
}

/* Looks after the transaction under way. */
static void
run_txn(struct inquiries *q)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit(q->txn);
    struct inquiry *inquiry;
    bool stored;

    if (status == TXN_INCOMPLETE) {
        return;
    }
    stored = status == TXN_SUCCESS || status == TXN_UNCHANGED;
    if (!stored) {
        if (status != TXN_TRY_AGAIN) {
            VLOG_WARN_RL(&rl, "an answer was not stored: %s",
                         ovsdb_idl_txn_get_error(q->txn));
        }
        q->next_try = time_msec() + RETRY;
    }
    HMAP_FOR_EACH (inquiry, node, &q->map) {
        if (inquiry->in_txn) {
            inquiry->written = stored;
            inquiry->in_txn = false;
        }
    }
    ovsdb_idl_txn_destroy(q->txn);
    q->txn = NULL;
}

void
inquiries_run(struct inquiries *q)
{
    struct session_db *db = reconciler_session_db(q->reconciler);
    const struct pass *pass = reconciler_last_pass(q->reconciler);
    const struct spanrec_inquiry *row;

    if (q->txn) {
        run_txn(q);
    }
    if (q->txn || !pass || !session_db_is_connected(db)
        || time_msec() < q->next_try) {
        return;
    }
    q->generation++;
    SPANREC_INQUIRY_FOR_EACH_SAFE (row, session_db_idl(db)) {
        struct inquiry *inquiry = find_inquiry(q, row, pass->state.system_id);

        inquiry->generation = q->generation;
        serve(q, row, inquiry, pass->state.system_id);
    }
    forget(q);
    if (q->txn) {
        run_txn(q);
    }
}

void
inquiries_wait(struct inquiries *q)
{
    const struct inquiry *inquiry;

    if (q->txn) {
        ovsdb_idl_txn_wait(q->txn);
        return;
    }
    if (!session_db_is_connected(reconciler_session_db(q->reconciler))) {
        return;
    }
    HMAP_FOR_EACH (inquiry, node, &q->map) {
        if (inquiry->answer && !inquiry->written) {
            poll_timer_wait_until(q->next_try);
        }
        poll_timer_wait_until(MAX(inquiry->since + LIFE, q->next_try));
    }
}
