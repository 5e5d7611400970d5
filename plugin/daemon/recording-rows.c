/* SPDX-License-Identifier: Apache-2.0 */

/* The rows of table Recording that are this host's.
 *
 * An index over sink and name finds the rows of a sink, so that looking after
 * one costs the same whether there are one or hundreds of them. */

#include <config.h>
#include "plugin/daemon/recording-rows.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/span-idl.h"
#include "plugin/daemon/recording-list.h"
#include "plugin/daemon/session-db.h"
#include "sset.h"
#include "util.h"

struct rows {
    const struct spanrec_recording **rows;
    size_t n, allocated;
};

/* Collects the rows of 'sink' on 'host'; 'rows->rows' is the caller's to
 * free. */
static void
collect(struct session_db *db, const char *host, const char *sink,
        struct rows *rows)
{
    struct ovsdb_idl_index *index = session_db_recordings(db);
    struct spanrec_recording *key = spanrec_recording_index_init_row(index);
    const struct spanrec_recording *row;

    *rows = (struct rows) { NULL, 0, 0 };
    spanrec_recording_index_set_sink(key, sink);
    spanrec_recording_index_set_name(key, "");
    SPANREC_RECORDING_FOR_EACH_RANGE (row, key, NULL, index) {
        if (strcmp(row->sink, sink)) {
            break;
        }
        if (!strcmp(row->host, host)) {
            if (rows->n >= rows->allocated) {
                rows->rows = x2nrealloc(rows->rows, &rows->allocated,
                                        sizeof *rows->rows);
            }
            rows->rows[rows->n++] = row;
        }
    }
    spanrec_recording_index_destroy_row(key);
}

static bool
optional_differs(const int64_t *value, size_t n, int64_t wanted)
{
    return (n ? *value : 0) != wanted;
}

static bool
text_differs(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") != 0;
}

static bool
differs(const struct spanrec_recording *row, const struct recording *r)
{
    return (strcmp(row->state, r->state)
            || optional_differs(row->first, row->n_first, r->first)
            || optional_differs(row->last, row->n_last, r->last)
            || row->packets != r->packets || row->bytes != r->bytes
            || row->lost != r->lost || row->gaps != r->gaps
            || text_differs(row->sha256, r->sha256)
            || text_differs(row->compressed, r->compressed));
}

static void
write_numbers(const struct spanrec_recording *row, const struct recording *r)
{
    spanrec_recording_set_first(row, &r->first, r->first != 0);
    spanrec_recording_set_last(row, &r->last, r->last != 0);
    spanrec_recording_set_packets(row, r->packets);
    spanrec_recording_set_bytes(row, r->bytes);
    spanrec_recording_set_lost(row, r->lost);
    spanrec_recording_set_gaps(row, r->gaps);
}

static void
write_all(const struct spanrec_recording *row, const struct recording *r)
{
    spanrec_recording_set_state(row, r->state);
    write_numbers(row, r);
    spanrec_recording_set_sha256(row, r->sha256);
    spanrec_recording_set_compressed(row, r->compressed);
}

static bool
spend(size_t *budget)
{
    return *budget ? (*budget)--, true : false;
}

static bool
insert(struct ovsdb_idl_txn *txn, const char *host, const char *sink,
       const struct recording *r, size_t *budget)
{
    struct spanrec_recording *row;

    if (!spend(budget)) {
        return false;
    }
    row = spanrec_recording_insert(txn);
    spanrec_recording_set_host(row, host);
    spanrec_recording_set_sink(row, sink);
    spanrec_recording_set_name(row, r->name);
    write_all(row, r);
    return true;
}

/* Makes the rows of 'sink' on 'host' say what 'list' says, each changed row
 * taking one off '*budget'.  Returns false if that was not enough. */
bool
recording_rows_sync(struct session_db *db, struct ovsdb_idl_txn *txn,
                    const char *host, const char *sink,
                    const struct recording_list *list, size_t *budget)
{
    bool *stored = xcalloc(list->n + 1, sizeof *stored);
    bool done = true;
    struct rows rows;

    collect(db, host, sink, &rows);
    for (size_t i = 0; i < rows.n && done; i++) {
        const struct recording *r = recording_list_find(list,
                                                        rows.rows[i]->name);

        if (!r) {
            done = spend(budget);
            if (done) {
                spanrec_recording_delete(rows.rows[i]);
            }
            continue;
        }
        stored[r - list->recordings] = true;
        if (differs(rows.rows[i], r)) {
            done = spend(budget);
            if (done) {
                write_all(rows.rows[i], r);
            }
        }
    }
    /* The newest first: they are asked for. */
    for (size_t i = list->n; i-- > 0 && done; ) {
        if (!stored[i]) {
            done = insert(txn, host, sink, &list->recordings[i], budget);
        }
    }
    free(rows.rows);
    free(stored);
    return done;
}

/* Brings the numbers of file 'r' of 'sink' up to date, if it has a row. */
void
recording_rows_grow(struct session_db *db, const char *host,
                    const char *sink, const struct recording *r)
{
    struct ovsdb_idl_index *index = session_db_recordings(db);
    struct spanrec_recording *key = spanrec_recording_index_init_row(index);
    const struct spanrec_recording *row;

    spanrec_recording_index_set_sink(key, sink);
    spanrec_recording_index_set_name(key, r->name);
    SPANREC_RECORDING_FOR_EACH_EQUAL (row, key, index) {
        if (!strcmp(row->host, host) && !strcmp(row->state, r->state)) {
            write_numbers(row, r);
        }
    }
    spanrec_recording_index_destroy_row(key);
}

/* Adds to 'sinks' those of which 'host' has rows. */
void
recording_rows_sinks(struct session_db *db, const char *host,
                     struct sset *sinks)
{
    const struct spanrec_recording *row;

    SPANREC_RECORDING_FOR_EACH (row, session_db_idl(db)) {
        if (!strcmp(row->host, host)) {
            sset_add(sinks, row->sink);
        }
    }
}

/* Deletes rows of 'host' in the open transaction.  Returns true if there are
 * more than fit into it. */
bool
recording_rows_delete(struct session_db *db, const char *host)
{
    struct ovsdb_idl *idl = session_db_idl(db);
    const struct spanrec_recording *row, *next;
    size_t budget = RECORDING_ROWS_MAX;

    SPANREC_RECORDING_FOR_EACH_SAFE (row, next, idl) {
        if (!strcmp(row->host, host)) {
            if (!spend(&budget)) {
                return true;
            }
            spanrec_recording_delete(row);
        }
    }
    return false;
}
