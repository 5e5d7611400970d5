/* SPDX-License-Identifier: Apache-2.0 */

/* Asking all hosts where something is: see inquiry.h.
 *
 * An Inquiry row is made for each question, hosts add their Answer rows, and
 * the Inquiry is deleted.  Should this process not get to that, hosts do. */

#include <config.h>

#include "inquiry.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/span-idl.h"
#include "spanctl.h"
#include "timeval.h"
#include "util.h"

/* Milliseconds that hosts get to answer, and the database to delete the
 * question. */
#define PATIENCE 10000
#define END_PATIENCE 2000

struct talk {
    const struct settings *settings;
    struct ovsdb_idl *idl;
    struct inquiry *inquiries;
    size_t n;
    long long int deadline;     /* msec. */
};

static void
add_table(struct ovsdb_idl *idl, const struct ovsdb_idl_table_class *table)
{
    ovsdb_idl_add_table(idl, table);
    for (size_t i = 0; i < table->n_columns; i++) {
        ovsdb_idl_add_column(idl, &table->columns[i]);
    }
}

static void
wait_for_database(struct talk *t, long long int deadline)
{
    ovsdb_idl_wait(t->idl);
    poll_timer_wait_until(deadline);
    poll_block();
    ovsdb_idl_run(t->idl);
}

/* Waits for a copy of the database.  Returns false with an error reported if
 * there is none in time, or it cannot be asked. */
static bool
wait_for_copy(struct talk *t)
{
    const char *db = t->settings->db;

    ovsdb_idl_run(t->idl);
    while (!ovsdb_idl_has_ever_connected(t->idl)) {
        if (!ovsdb_idl_is_alive(t->idl)) {
            int error = ovsdb_idl_get_last_error(t->idl);

            ovs_error(error > 0 ? error : 0, "%s: cannot ask the database "
                      "OVS_Span there; \"ovs-span-setup start\" adds it and "
                      "starts ovs-spand", db);
            return false;
        }
        if (time_msec() >= t->deadline) {
            ovs_error(0, "%s: no answer from the database OVS_Span", db);
            return false;
        }
        wait_for_database(t, t->deadline);
    }
    if (!spanrec_server_has_inquiry_table(t->idl)) {
        ovs_error(0, "%s: the database is of an older version, which hosts "
                  "cannot be asked by; \"ovs-span-setup add-db\" on its host "
                  "brings it up to date", db);
        return false;
    }
    if (!hosts_any(t->idl)) {
        ovs_error(0, "no host runs ovs-spand, so there is nobody to ask");
        return false;
    }
    return true;
}

/* Commits 'txn' and waits for the answer until 'deadline'. */
static enum ovsdb_idl_txn_status
commit(struct talk *t, struct ovsdb_idl_txn *txn, long long int deadline)
{
    enum ovsdb_idl_txn_status status;

    while ((status = ovsdb_idl_txn_commit(txn)) == TXN_INCOMPLETE
           && time_msec() < deadline) {
        ovsdb_idl_txn_wait(txn);
        wait_for_database(t, deadline);
    }
    return status;
}

/* Stores the questions.  Returns false with an error reported if they are
 * not. */
static bool
store(struct talk *t)
{
    enum ovsdb_idl_txn_status status;

    do {
        struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(t->idl);
        const struct spanrec_inquiry *rows[2];

        ovs_assert(t->n <= ARRAY_SIZE(rows));
        ovsdb_idl_txn_add_comment(txn, "ovs-spanctl: %s", t->settings->args);
        for (size_t i = 0; i < t->n; i++) {
            rows[i] = spanrec_inquiry_insert(txn);
            spanrec_inquiry_set_selector(rows[i], t->inquiries[i].selector);
        }
        status = commit(t, txn, t->deadline);
        for (size_t i = 0; i < t->n && status == TXN_SUCCESS; i++) {
            t->inquiries[i].uuid = *ovsdb_idl_txn_get_insert_uuid(
                txn, &rows[i]->header_.uuid);
        }
        if (status != TXN_SUCCESS && status != TXN_TRY_AGAIN) {
            ovs_error(0, "%s: the hosts could not be asked: %s",
                      t->settings->db, (status == TXN_INCOMPLETE
                                        ? "the database does not answer"
                                        : ovsdb_idl_txn_get_error(txn)));
        }
        ovsdb_idl_txn_destroy(txn);
        if (status == TXN_TRY_AGAIN) {
            ovsdb_idl_run(t->idl);
        }
    } while (status == TXN_TRY_AGAIN);
    return status == TXN_SUCCESS;
}

/* Returns what 'host' has answered to 'row', NULL if it has not. */
static const struct spanrec_answer *
find_answer(const struct spanrec_inquiry *row,
            const struct spanrec_host *host)
{
    for (size_t i = 0; row && i < row->n_answers; i++) {
        if (!strcmp(row->answers[i]->system_id, host->system_id)) {
            return row->answers[i];
        }
    }
    return NULL;
}

/* Has every host answered every question? */
static bool
is_complete(const struct talk *t)
{
    const struct spanrec_host *host;

    for (size_t i = 0; i < t->n; i++) {
        const struct spanrec_inquiry *row = spanrec_inquiry_get_for_uuid(
            t->idl, &t->inquiries[i].uuid);

        if (!row) {
            /* Not yet here, or gone; a moment's patience tells. */
            return false;
        }
        SPANREC_HOST_FOR_EACH (host, t->idl) {
            if (!find_answer(row, host)) {
                return false;
            }
        }
    }
    return true;
}

static const struct json *
find_member(const struct json *object, const char *name,
            enum json_type type)
{
    const struct json *member = (object->type == JSON_OBJECT
                                 ? shash_find_data(json_object(object), name)
                                 : NULL);

    return member && member->type == type ? member : NULL;
}

/* Reads a location, an object of strings; advice has lines of its own. */
static void
read_location(const struct json *object, struct smap *columns)
{
    const struct shash_node *node;

    smap_init(columns);
    if (object->type != JSON_OBJECT) {
        return;
    }
    SHASH_FOR_EACH (node, json_object(object)) {
        const struct json *value = node->data;
        char *text;

        if (value->type != JSON_STRING) {
            continue;
        }
        text = xstrdup(json_string(value));
        for (char *line = text, *end; line; line = end ? end + 1 : NULL) {
            end = strcmp(node->name, "advice") ? NULL : strchr(line, '\n');
            if (end) {
                *end = '\0';
            }
            settings_make_printable(line);
            if (end) {
                *end = '\n';
            }
        }
        smap_replace(columns, node->name, text);
        free(text);
    }
}

/* Reads 'text', of Answer.answer, into 'a'. */
static void
read_answer(const char *text, struct host_answer *a)
{
    struct json *json = json_from_string(text);
    const struct json *locations = find_member(json, "locations", JSON_ARRAY);
    const struct json *more = find_member(json, "more", JSON_INTEGER);
    const struct json *near = find_member(json, "near", JSON_ARRAY);
    const struct json *error = find_member(json, "error", JSON_STRING);

    a->came = true;
    if (error || !locations) {
        a->error = settings_make_printable(
            xstrdup(error ? json_string(error)
                    : "its answer cannot be understood"));
    }
    if (locations) {
        a->n_locations = json_array(locations)->n;
        a->locations = xcalloc(a->n_locations + 1, sizeof *a->locations);
        for (size_t i = 0; i < a->n_locations; i++) {
            read_location(json_array(locations)->elems[i], &a->locations[i]);
        }
    }
    a->n_more = more ? json_integer(more) : 0;
    for (size_t i = 0; near && i < json_array(near)->n; i++) {
        const struct json *one = json_array(near)->elems[i];

        if (one->type == JSON_STRING) {
            svec_add_nocopy(&a->near, settings_make_printable(
                xstrdup(json_string(one))));
        }
    }
    json_destroy(json);
}

static int
compare_answers(const void *a_, const void *b_)
{
    const struct host_answer *a = a_, *b = b_;

    return strcmp(a->host, b->host);
}

/* Takes what has been answered to 'inquiry'. */
static void
collect(const struct talk *t, struct inquiry *inquiry)
{
    const struct spanrec_inquiry *row = spanrec_inquiry_get_for_uuid(
        t->idl, &inquiry->uuid);
    const struct spanrec_host *host;
    size_t allocated = 0;

    SPANREC_HOST_FOR_EACH (host, t->idl) {
        const struct spanrec_answer *answer = find_answer(row, host);
        struct host_answer *a;

        if (inquiry->n_answers >= allocated) {
            inquiry->answers = x2nrealloc(inquiry->answers, &allocated,
                                          sizeof *inquiry->answers);
        }
        a = &inquiry->answers[inquiry->n_answers++];
        *a = (struct host_answer) {
            .host = settings_make_printable(xstrdup(host_name(host))),
        };
        svec_init(&a->near);
        if (answer) {
            read_answer(answer->answer, a);
        }
    }
    if (inquiry->n_answers) {
        qsort(inquiry->answers, inquiry->n_answers, sizeof *inquiry->answers,
              compare_answers);
    }
}

/* Deletes the questions, which takes a moment at most. */
static void
withdraw(struct talk *t)
{
    long long int deadline = time_msec() + END_PATIENCE;
    enum ovsdb_idl_txn_status status;

    do {
        struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(t->idl);

        ovsdb_idl_txn_add_comment(txn, "ovs-spanctl: %s", t->settings->args);
        for (size_t i = 0; i < t->n; i++) {
            const struct spanrec_inquiry *row = spanrec_inquiry_get_for_uuid(
                t->idl, &t->inquiries[i].uuid);

            if (row) {
                spanrec_inquiry_delete(row);
            }
        }
        status = commit(t, txn, deadline);
        ovsdb_idl_txn_destroy(txn);
        if (status == TXN_TRY_AGAIN) {
            ovsdb_idl_run(t->idl);
        }
    } while (status == TXN_TRY_AGAIN && time_msec() < deadline);
}

/* Asks all hosts the 'n' 'inquiries', whose selectors are given, and adds
 * their answers, for the caller to inquiry_destroy().  Returns false with an
 * error reported if hosts cannot be asked. */
bool
inquiries_ask(const struct settings *settings, struct inquiry *inquiries,
              size_t n)
{
    const struct ovsdb_idl_table_class *tables[] = {
        &spanrec_table_host, &spanrec_table_inquiry, &spanrec_table_answer,
    };
    struct talk t = {
        .settings = settings, .inquiries = inquiries, .n = n,
        .deadline = (settings->timeout
                     ? time_msec() + settings->timeout * 1000LL : LLONG_MAX),
    };
    bool asked;

    t.idl = ovsdb_idl_create_unconnected(&spanrec_idl_class, false);
    ovsdb_idl_set_remote(t.idl, settings->db,
                         strchr(settings->db, ',') != NULL);
    ovsdb_idl_set_leader_only(t.idl, false);
    ovsdb_idl_set_db_change_aware(t.idl, false);
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        add_table(t.idl, tables[i]);
    }
    asked = wait_for_copy(&t) && store(&t);
    if (asked) {
        long long int deadline = MIN(t.deadline, time_msec() + PATIENCE);

        while (!is_complete(&t) && time_msec() < deadline
               && ovsdb_idl_is_alive(t.idl)) {
            wait_for_database(&t, deadline);
        }
        for (size_t i = 0; i < n; i++) {
            collect(&t, &inquiries[i]);
        }
        withdraw(&t);
    }
    ovsdb_idl_destroy(t.idl);
    return asked;
}

/* Frees what was answered. */
void
inquiry_destroy(struct inquiry *inquiry)
{
    for (size_t i = 0; i < inquiry->n_answers; i++) {
        struct host_answer *a = &inquiry->answers[i];

        for (size_t j = 0; j < a->n_locations; j++) {
            smap_destroy(&a->locations[j]);
        }
        free(a->locations);
        svec_destroy(&a->near);
        free(a->host);
        free(a->error);
    }
    free(inquiry->answers);
}
