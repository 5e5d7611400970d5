/* SPDX-License-Identifier: Apache-2.0 */

/* The database, watched: see live-view.h. */

#include <config.h>

#include "live-view.h"

#include "live-rates.h"
#include "live-row.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/span-idl.h"
#include "spanctl.h"
#include "timeval.h"
#include "util.h"

/* How long a silent database is trusted, milliseconds. */
#define PROBE_INTERVAL 5000

/* How often, milliseconds, to look whether a rate that is late is known. */
#define MEASURE_STEP 100

/* The least and the most seconds that people may ask for. */
#define MIN_DELAY 0.1
#define MAX_DELAY 3600

struct live_view {
    const struct settings *settings;    /* Borrowed. */
    struct ovsdb_idl *idl;
    unsigned int seqno;         /* Of what is in 'rates'. */
    struct shash rates;         /* "SYSTEM-ID SESSION" to "struct tracked". */
};

struct tracked {
    struct live_rates rates;
    bool seen;
};

/* Returns a view of the database that 'settings', borrowed, names.  It does
 * not wait for it. */
struct live_view *
live_view_create(const struct settings *settings)
{
    struct live_view *view = xzalloc(sizeof *view);

    view->settings = settings;
    view->idl = span_idl_create(settings);
    span_add_tables(view->idl);
    ovsdb_idl_set_probe_interval(view->idl, PROBE_INTERVAL);
    shash_init(&view->rates);
    return view;
}

void
live_view_destroy(struct live_view *view)
{
    if (view) {
        shash_destroy_free_data(&view->rates);
        ovsdb_idl_destroy(view->idl);
        free(view);
    }
}

const struct ovsdb_idl *
live_view_idl(const struct live_view *view)
{
    return view->idl;
}

bool
live_view_is_connected(const struct live_view *view)
{
    return ovsdb_idl_is_connected(view->idl);
}

/* Returns the key of 'binding' in 'rates', for the caller to free. */
static char *
key_of(const struct spanrec_binding *binding)
{
    return xasprintf("%s %s", binding->system_id, binding->session_name);
}

static void
read_counters(const struct spanrec_binding *binding, struct live_row *row)
{
    for (size_t i = 0; i < binding->n_counters; i++) {
        live_row_add_counter(row, binding->key_counters[i],
                             binding->value_counters[i]);
    }
}

/* Stores in '*looks' when 'binding' was counted; zeros = never. */
static void
read_looks(const struct spanrec_binding *binding, struct live_looks *looks)
{
    *looks = (struct live_looks) { .at = 0 };
    for (size_t i = 0; i < binding->n_counted; i++) {
        const char *key = binding->key_counted[i];
        int64_t value = binding->value_counted[i];

        if (!strcmp(key, "at")) {
            looks->at = value;
        } else if (!strcmp(key, "before")) {
            looks->before = value;
        } else if (!strcmp(key, "next")) {
            looks->next = value;
        }
    }
}

static void
take_binding(struct live_view *view, const struct spanrec_binding *binding,
             long long int now)
{
    char *key = key_of(binding);
    struct tracked *t = shash_find_data(&view->rates, key);
    struct live_row row = { .counts = false };
    struct live_looks looks;

    if (!t) {
        t = xzalloc(sizeof *t);
        shash_add(&view->rates, key, t);
    }
    t->seen = true;
    read_counters(binding, &row);
    read_looks(binding, &looks);
    if (row.counts && looks.at) {
        live_rates_take(&t->rates, &looks, row.figures, now);
    }
    free(key);
}

/* Takes note of the counters that have come. */
static void
take_all(struct live_view *view)
{
    const struct spanrec_binding *binding;
    struct shash_node *node, *next;
    long long int now = time_msec();

    SHASH_FOR_EACH (node, &view->rates) {
        struct tracked *t = node->data;

        t->seen = false;
    }
    SPANREC_BINDING_FOR_EACH (binding, view->idl) {
        take_binding(view, binding, now);
    }
    SHASH_FOR_EACH_SAFE (node, next, &view->rates) {
        struct tracked *t = node->data;

        if (!t->seen) {
            shash_delete(&view->rates, node);
            free(t);
        }
    }
}

void
live_view_run(struct live_view *view)
{
    ovsdb_idl_run(view->idl);
    if (view->seqno != ovsdb_idl_get_seqno(view->idl)) {
        view->seqno = ovsdb_idl_get_seqno(view->idl);
        take_all(view);
    }
}

void
live_view_wait(struct live_view *view)
{
    ovsdb_idl_wait(view->idl);
}

/* Waits until the database is there in full; ends the program with a sentence
 * when it does not come.  Later on, a connection that is lost is made
 * again. */
void
live_view_connect(struct live_view *view)
{
    const struct settings *settings = view->settings;
    long long int deadline = (settings->timeout
                              ? time_msec() + settings->timeout * 1000LL
                              : LLONG_MAX);

    for (;;) {
        live_view_run(view);
        if (ovsdb_idl_has_ever_connected(view->idl)) {
            ovsdb_idl_enable_reconnect(view->idl);
            return;
        }
        span_check_alive(view->idl, settings);
        if (time_msec() >= deadline) {
            ctl_fatal("%s: no answer from the database OVS_Span within %u "
                      "seconds", settings->db, settings->timeout);
        }
        live_view_wait(view);
        poll_timer_wait_until(deadline);
        poll_block();
    }
}

/* Reads 'text', seconds from 0.1 to 3600, into '*msec'.  Returns false if it
 * is none. */
bool
live_view_parse_delay(const char *text, long long int *msec)
{
    double seconds;

    if (!str_to_double(text, &seconds)
        || !(seconds >= MIN_DELAY && seconds <= MAX_DELAY)) {
        return false;
    }
    *msec = seconds * 1000 + 0.5;
    return true;
}

/* Returns the milliseconds that the option --delay of 'command' asks for, else
 * 'msec'.  Ends the program with a sentence if it is no number. */
long long int
live_view_delay(const struct ctl_command *command, long long int msec)
{
    const char *text = shash_find_data(&command->options, "--delay");

    if (text && !live_view_parse_delay(text, &msec)) {
        ctl_fatal("-d %.40s: not a number of seconds from 0.1 to 3600", text);
    }
    return msec;
}

/* Are all rates known? */
static bool
is_rated(const struct live_view *view)
{
    const struct shash_node *node;
    long long int now = time_msec();

    SHASH_FOR_EACH (node, &view->rates) {
        const struct tracked *t = node->data;
        double rates[N_LIVE_FIGURES];

        if (t->rates.known && !live_rates_get(&t->rates, now, rates)) {
            return false;
        }
    }
    return true;
}

/* Watches what is counted, for 'msec' milliseconds, or up to three times as
 * long if a busy host does not count so often. */
void
live_view_measure(struct live_view *view, long long int msec)
{
    long long int start = time_msec();

    for (;;) {
        long long int now = time_msec();
        long long int next = start + msec;

        live_view_run(view);
        if (now >= next) {
            if (now >= start + 3 * msec || is_rated(view)) {
                return;
            }
            next = now + MEASURE_STEP;
        }
        live_view_wait(view);
        poll_timer_wait_until(next);
        poll_block();
    }
}

static char *
printable(const char *text)
{
    return settings_make_printable(xstrdup(text));
}

/* Makes '*row', for the caller to destroy, what is known of 'session' on the
 * host of 'binding'; NULL when no host says anything about it. */
void
live_view_read_row(const struct live_view *view,
                   const struct spanrec_session *session,
                   const struct spanrec_binding *binding, struct live_row *row)
{
    bool enabled = !session->n_enabled || session->enabled[0];

    *row = (struct live_row) {
        .session = printable(session->name),
        .host = printable(binding ? binding_host(binding) : ""),
        .system_id = printable(binding ? binding->system_id : ""),
        .state = xstrdup(binding ? binding->state
                         : enabled ? "waiting" : "disabled"),
        .reason = printable(binding ? binding->reason : "no-host"),
        .detail = printable(binding ? binding->detail
                            : "No host says anything about it, so nothing is "
                              "mirrored; is ovs-spand running?"),
        .disk_free = -1,
    };
    if (binding) {
        char *key = key_of(binding);
        const struct tracked *t = shash_find_data(&view->rates, key);

        read_counters(binding, row);
        for (size_t i = 0; i < binding->n_disk_free; i++) {
            int64_t bytes = binding->value_disk_free[i];

            row->disk_free = (row->disk_free < 0 ? bytes
                              : MIN(row->disk_free, bytes));
        }
        row->rated = (t && row->counts
                      && live_rates_get(&t->rates, time_msec(), row->rates));
        free(key);
    }
}

/* Returns what is known now, '*n' rows in no particular order, for the caller
 * to free with live_rows_destroy(). */
struct live_row *
live_view_read(const struct live_view *view, size_t *n)
{
    const struct spanrec_session *session;
    struct live_row *rows = NULL;
    size_t allocated = 0;

    *n = 0;
    SPANREC_SESSION_FOR_EACH (session, view->idl) {
        for (size_t i = 0; i < MAX(session->n_bindings, 1); i++) {
            if (*n >= allocated) {
                rows = x2nrealloc(rows, &allocated, sizeof *rows);
            }
            live_view_read_row(view, session, (session->n_bindings
                                               ? session->bindings[i] : NULL),
                               &rows[(*n)++]);
        }
    }
    return rows;
}
