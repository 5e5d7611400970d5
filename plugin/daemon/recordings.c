/* SPDX-License-Identifier: Apache-2.0 */

/* What files this host has, sink by sink.  See recordings.h; the rows are
 * recording-rows.c's part. */

#include <config.h>
#include "plugin/daemon/recordings.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "plugin/daemon/file-events.h"
#include "plugin/daemon/recording-list.h"
#include "plugin/daemon/recording-rows.h"
#include "sset.h"
#include "util.h"

/* A sink that has files, or had, or is being recorded. */
struct sink_files {
    char *dir;                  /* As in --dir of its recorder. */
    struct recording_list *list;        /* NULL = not known. */
    bool is_new;                /* There were none before 'list'. */
    struct recording *open;     /* The open file's growth; NULL = no news. */
    bool served;                /* By a recorder... */
    bool seen;                  /* ...in this round. */
    bool unlisted;              /* Its directory is to be looked into. */
    bool dirty;                 /* Its rows may differ from 'list'. */
    bool sent;                  /* Part of the transaction under way. */
};

struct recordings {
    struct events *events;      /* Borrowed; NULL = nobody is told. */
    struct shash sinks;         /* Name to "struct sink_files". */
    bool strangers;             /* There may be rows of sinks not in it. */
    bool scanned;               /* All that have files are in it. */
};

/* What becomes of files is told to 'events', unless it is NULL. */
struct recordings *
recordings_create(struct events *events)
{
    struct recordings *r = xzalloc(sizeof *r);

    r->events = events;
    shash_init(&r->sinks);
    return r;
}

static void
forget(struct recordings *r, struct shash_node *node)
{
    struct sink_files *files = node->data;

    recording_list_destroy(files->list);
    recording_destroy(files->open);
    free(files->dir);
    free(files);
    shash_delete(&r->sinks, node);
}

void
recordings_destroy(struct recordings *r)
{
    if (r) {
        struct shash_node *node, *next;

        SHASH_FOR_EACH_SAFE (node, next, &r->sinks) {
            forget(r, node);
        }
        shash_destroy(&r->sinks);
        free(r);
    }
}

static struct sink_files *
need_sink(struct recordings *r, const char *sink)
{
    struct sink_files *files = shash_find_data(&r->sinks, sink);

    if (!files) {
        files = xzalloc(sizeof *files);
        files->is_new = r->scanned;
        shash_add(&r->sinks, sink, files);
    }
    return files;
}

static void
set_dir(struct sink_files *files, const char *dir)
{
    if (!files->dir || strcmp(files->dir, dir)) {
        free(files->dir);
        files->dir = xstrdup(dir);
    }
}

static void
set_list(struct recordings *r, const char *sink, struct sink_files *files,
         struct recording_list *list)
{
    static const struct recording_list none;

    if (r->events && (files->list || files->is_new)) {
        file_events_compare(r->events, sink, files->dir,
                            files->list ? files->list : &none, list);
    }
    recording_list_destroy(files->list);
    files->list = list;
    files->dirty = true;
    files->unlisted = false;
}

/* Begins to tell which sinks recorders serve. */
void
recordings_begin_round(struct recordings *r)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &r->sinks) {
        struct sink_files *files = node->data;

        files->seen = false;
    }
}

/* Brings the open file of 'files' up to date. */
static void
grow(struct recordings *r, const char *sink, struct sink_files *files,
     const struct recording *open)
{
    struct recording *known = recording_list_find(files->list, open->name);

    if (!known || strcmp(known->state, open->state)
        || (known->packets == open->packets && known->bytes == open->bytes
            && known->lost == open->lost)) {
        return;
    }
    if (r->events) {
        file_events_gaps(r->events, sink, known, open);
    }
    known->first = open->first;
    known->last = open->last;
    known->packets = open->packets;
    known->bytes = open->bytes;
    known->lost = open->lost;
    known->gaps = open->gaps;
    recording_destroy(files->open);
    files->open = xzalloc(sizeof *files->open);
    *files->open = *known;
    files->open->name = xstrdup(known->name);
    files->open->state = xstrdup(known->state);
    files->open->sha256 = files->open->compressed = NULL;
}

/* A recorder serves 'sink' in 'dir', NULL if it has not said where.  'list',
 * which is taken over, are its files; NULL if they are the same as the last
 * time, or not known yet.  'open' is the file that it writes, which has grown
 * since; it may be NULL. */
void
recordings_serve(struct recordings *r, const char *sink, const char *dir,
                 struct recording_list *list, const struct recording *open)
{
    struct sink_files *files = need_sink(r, sink);

    if (dir) {
        set_dir(files, dir);
    }
    files->served = files->seen = true;
    files->unlisted = false;
    if (list) {
        set_list(r, sink, files, list);
    }
    if (open && files->list) {
        grow(r, sink, files, open);
    }
}

/* Ends the round: the others' files have to be looked for. */
void
recordings_end_round(struct recordings *r)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &r->sinks) {
        struct sink_files *files = node->data;

        if (files->served && !files->seen) {
            files->served = false;
            files->unlisted = true;
        }
    }
}

/* Stores a sink whose directory is to be looked into in '*sink' and '*dir',
 * for the caller to free, and returns true; false if there is none.  '*dir' is
 * NULL if it is not known. */
bool
recordings_next_unlisted(struct recordings *r, char **sink, char **dir)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &r->sinks) {
        struct sink_files *files = node->data;

        if (files->unlisted) {
            files->unlisted = false;
            *sink = xstrdup(node->name);
            *dir = nullable_xstrdup(files->dir);
            return true;
        }
    }
    return false;
}

/* There are files of 'sink' in 'dir', to be looked at unless a recorder tells
 * of them. */
void
recordings_find(struct recordings *r, const char *sink, const char *dir)
{
    struct sink_files *files = need_sink(r, sink);

    if (!files->served) {
        set_dir(files, dir);
        files->unlisted = true;
    }
}

/* Takes over 'list', the files found in the directory of 'sink'. */
void
recordings_list(struct recordings *r, const char *sink,
                struct recording_list *list)
{
    struct sink_files *files = shash_find_data(&r->sinks, sink);

    if (files && !files->served) {
        set_list(r, sink, files, list);
    } else {
        recording_list_destroy(list);   /* Its recorder knows better. */
    }
}

/* 'found' are all sinks that have files here: there are none of others. */
void
recordings_scanned(struct recordings *r, const struct sset *found)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &r->sinks) {
        struct sink_files *files = node->data;

        if (!files->served && !sset_contains(found, node->name)) {
            set_list(r, node->name, files, recording_list_create());
        }
    }
    r->strangers = r->scanned = true;
}

/* All rows are to be compared with what is known. */
void
recordings_recheck(struct recordings *r)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &r->sinks) {
        struct sink_files *files = node->data;

        files->dirty = files->list != NULL;
    }
}

/* Is there anything to be written at once?  (Growth can wait.) */
bool
recordings_pending(const struct recordings *r)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &r->sinks) {
        const struct sink_files *files = node->data;

        if (files->dirty) {
            return true;
        }
    }
    return r->strangers;
}

/* Takes note of the sinks that have rows and nothing else. */
static void
adopt_strangers(struct recordings *r, struct session_db *db,
                const char *host)
{
    struct sset names = SSET_INITIALIZER(&names);
    const char *name;

    recording_rows_sinks(db, host, &names);
    SSET_FOR_EACH (name, &names) {
        if (!shash_find(&r->sinks, name)) {
            set_list(r, name, need_sink(r, name), recording_list_create());
        }
    }
    sset_destroy(&names);
    r->strangers = false;
}

/* Adds to 'txn' what makes the rows of 'host' say what is known; with 'growth'
 * also what has been added to open files.  What is too much for one
 * transaction stays pending. */
void
recordings_write(struct recordings *r, struct session_db *db,
                 struct ovsdb_idl_txn *txn, const char *host, bool growth)
{
    size_t budget = RECORDING_ROWS_MAX;
    struct shash_node *node, *next;

    if (r->strangers) {
        adopt_strangers(r, db, host);
    }
    SHASH_FOR_EACH_SAFE (node, next, &r->sinks) {
        struct sink_files *files = node->data;

        if (files->dirty && budget) {
            files->dirty = !recording_rows_sync(db, txn, host, node->name,
                                                files->list, &budget);
            files->sent = true;
        }
        if (growth && files->open) {
            recording_rows_grow(db, host, node->name, files->open);
            recording_destroy(files->open);
            files->open = NULL;
        }
    }
}

/* The transaction with what recordings_write() added has been stored, or has
 * failed. */
void
recordings_written(struct recordings *r, bool ok)
{
    struct shash_node *node, *next;

    SHASH_FOR_EACH_SAFE (node, next, &r->sinks) {
        struct sink_files *files = node->data;

        files->dirty = files->dirty || (files->sent && !ok);
        files->sent = false;
        if (!files->served && !files->unlisted && !files->dirty
            && files->list && !files->list->n) {
            forget(r, node);
        }
    }
}
