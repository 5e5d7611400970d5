/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of OVS_Span as the core's values, and back.
 *
 * The database may hold anything its schema allows, so reading never fails: a
 * row that cannot be understood yields a value whose 'fault' says why.
 * Writing changes a column only when its value changes; in particular the
 * Source and Destination rows of a session stay when the lists mean the same.
 */

#include <config.h>

#include "ovsdb-schema/session-row.h"

#include "openvswitch/util.h"
#include "ovsdb-schema/span-idl.h"
#include "svec.h"
#include "util.h"

static void
replace_string(char **dst, const char *src)
{
    free(*dst);
    *dst = xstrdup(src ? src : "");
}

/* Reads 'row' into '*src'.  Returns false with '*fault' set, and nothing to
 * destroy, when its selector or direction is not understood. */
static bool
source_read(const struct spanrec_source *row, struct source *src,
            struct fault *fault)
{
    src->direction = DIRECTION_BOTH;
    if (row->direction
        && !direction_from_string(row->direction, &src->direction)) {
        fault_set(fault, "bad-source", "Direction %s is not known here.",
                  row->direction);
        return false;
    }
    if (!selector_parse(&src->selector, row->selector, fault)) {
        return false;
    }
    src->bridge = xstrdup(row->bridge);
    return true;
}

static int
compare_source_rows(const void *a_, const void *b_)
{
    const struct spanrec_source *const *a = a_;
    const struct spanrec_source *const *b = b_;
    int cmp = strcmp((*a)->selector, (*b)->selector);

    return cmp ? cmp : strcmp((*a)->bridge, (*b)->bridge);
}

static int
compare_destination_rows(const void *a_, const void *b_)
{
    const struct spanrec_destination *const *a = a_;
    const struct spanrec_destination *const *b = b_;
    int cmp = strcmp((*a)->kind, (*b)->kind);

    return cmp ? cmp : strcmp((*a)->target, (*b)->target);
}

/* Reads the sources of 'row' into 's', which has none yet.  They are a set in
 * the database; sorting makes their order the same everywhere. */
static void
sources_read(const struct spanrec_session *row, struct session *s)
{
    size_t n = row->n_sources;

    if (!n) {
        return;
    }

    struct spanrec_source **rows = xmemdup(row->sources, n * sizeof *rows);
    qsort(rows, n, sizeof *rows, compare_source_rows);
    for (size_t i = 0; i < n; i++) {
        struct source src;

        if (source_read(rows[i], &src, &s->fault)) {
            *session_add_source(s) = src;
        }
    }
    free(rows);
}

/* As sources_read(), for destinations. */
static void
destinations_read(const struct spanrec_session *row, struct session *s)
{
    size_t n = row->n_destinations;

    if (!n) {
        return;
    }

    struct spanrec_destination **rows = xmemdup(row->destinations,
                                                n * sizeof *rows);
    qsort(rows, n, sizeof *rows, compare_destination_rows);
    for (size_t i = 0; i < n; i++) {
        enum destination_kind kind;

        if (!destination_kind_from_string(rows[i]->kind, &kind)) {
            fault_set(&s->fault, "bad-destination",
                      "Destination kind %s is not known here.",
                      rows[i]->kind);
            continue;
        }

        struct destination *dst = session_add_destination(s);
        dst->kind = kind;
        dst->target = xstrdup(rows[i]->target);
        smap_destroy(&dst->options);
        smap_clone(&dst->options, &rows[i]->options);
    }
    free(rows);
}

/* Initializes '*s' from 'row'.  The caller must destroy it with
 * session_destroy().  's->fault' is set when part of the row is not
 * understood; that part is then missing from '*s'. */
void
session_row_read(const struct spanrec_session *row, struct session *s)
{
    session_init(s, row->name);
    s->uuid = row->header_.uuid;
    replace_string(&s->description, row->description);
    s->enabled = !row->n_enabled || *row->enabled;
    s->type = SESSION_LOCAL;
    if (row->type && !session_type_from_string(row->type, &s->type)) {
        fault_set(&s->fault, "unsupported",
                  "Session type %s is not known here.", row->type);
    }
    sources_read(row, s);
    destinations_read(row, s);
    replace_string(&s->filter, row->filter);
    s->snaplen = row->snaplen;
    s->sample = row->n_sample ? *row->sample : 1;
    s->normal_traffic = row->normal_traffic;
    s->encap_vlan = row->n_encap_vlan ? *row->encap_vlan : 0;
    s->strip_vlan = row->strip_vlan;
    s->rate_limit = row->n_rate_limit ? *row->rate_limit : 0;
    s->expires = row->n_expires ? *row->expires : 0;
    replace_string(&s->owner, row->owner);
    replace_string(&s->reason, row->reason);
}

static void
add_sources(const struct session *s, struct svec *texts)
{
    for (size_t i = 0; i < s->n_sources; i++) {
        svec_add_nocopy(texts, source_to_string(&s->sources[i]));
    }
}

static void
add_destinations(const struct session *s, struct svec *texts)
{
    for (size_t i = 0; i < s->n_destinations; i++) {
        svec_add_nocopy(texts, destination_to_string(&s->destinations[i]));
    }
}

/* Do the lists of 'a' and 'b' that 'add' takes say the same, in whatever
 * order? */
static bool
lists_equal(const struct session *a, const struct session *b,
            void (*add)(const struct session *, struct svec *))
{
    struct svec al = SVEC_EMPTY_INITIALIZER;
    struct svec bl = SVEC_EMPTY_INITIALIZER;

    add(a, &al);
    add(b, &bl);
    svec_sort(&al);
    svec_sort(&bl);

    bool equal = svec_equal(&al, &bl);

    svec_destroy(&al);
    svec_destroy(&bl);
    return equal;
}

static void
sources_write(const struct spanrec_session *row, const struct session *s,
              struct ovsdb_idl_txn *txn)
{
    struct spanrec_source **rows = xcalloc(s->n_sources + 1, sizeof *rows);

    for (size_t i = 0; i < s->n_sources; i++) {
        const struct source *src = &s->sources[i];
        char *selector = selector_to_string(&src->selector);

        rows[i] = spanrec_source_insert(txn);
        spanrec_source_set_selector(rows[i], selector);
        spanrec_source_set_bridge(rows[i], src->bridge);
        spanrec_source_set_direction(rows[i],
                                     direction_to_string(src->direction));
        free(selector);
    }
    spanrec_session_set_sources(row, rows, s->n_sources);
    free(rows);
}

static void
destinations_write(const struct spanrec_session *row,
                   const struct session *s, struct ovsdb_idl_txn *txn)
{
    struct spanrec_destination **rows = xcalloc(s->n_destinations + 1,
                                                sizeof *rows);

    for (size_t i = 0; i < s->n_destinations; i++) {
        const struct destination *dst = &s->destinations[i];

        rows[i] = spanrec_destination_insert(txn);
        spanrec_destination_set_kind(rows[i],
                                     destination_kind_to_string(dst->kind));
        spanrec_destination_set_target(rows[i], dst->target);
        spanrec_destination_set_options(rows[i], &dst->options);
    }
    spanrec_session_set_destinations(row, rows, s->n_destinations);
    free(rows);
}

/* Writes to the optional integer column of 'setter': absent when 'value' is
 * 'absent'. */
#define WRITE_OPTIONAL(SETTER, ROW, VALUE, ABSENT)      \
    do {                                                \
        int64_t value_ = (VALUE);                       \
        SETTER(ROW, &value_, value_ != (ABSENT));       \
    } while (0)

static void
scalars_write(const struct spanrec_session *row, const struct session *s)
{
    spanrec_session_set_description(row, s->description);
    spanrec_session_set_enabled(row, &s->enabled, !s->enabled);
    spanrec_session_set_type(row, (s->type == SESSION_LOCAL ? NULL
                                   : session_type_to_string(s->type)));
    spanrec_session_set_filter(row, s->filter);
    spanrec_session_set_snaplen(row, s->snaplen);
    WRITE_OPTIONAL(spanrec_session_set_sample, row, s->sample, 1);
    spanrec_session_set_normal_traffic(row, s->normal_traffic);
    WRITE_OPTIONAL(spanrec_session_set_encap_vlan, row, s->encap_vlan, 0);
    spanrec_session_set_strip_vlan(row, s->strip_vlan);
    WRITE_OPTIONAL(spanrec_session_set_rate_limit, row, s->rate_limit, 0);
    WRITE_OPTIONAL(spanrec_session_set_expires, row, s->expires, 0);
    spanrec_session_set_owner(row, s->owner);
    spanrec_session_set_reason(row, s->reason);
}

/* Makes the desired columns of 'row' say what 's' says, in 'txn'.  The name,
 * the bindings and external_ids are left alone. */
void
session_row_write(const struct spanrec_session *row, const struct session *s,
                  struct ovsdb_idl_txn *txn)
{
    struct session old;

    session_row_read(row, &old);

    /* What could not be read is replaced by what can, never the reverse. */
    bool replace = fault_is_set(&old.fault) && !fault_is_set(&s->fault);
    if (replace || !lists_equal(&old, s, add_sources)) {
        sources_write(row, s, txn);
    }
    if (replace || !lists_equal(&old, s, add_destinations)) {
        destinations_write(row, s, txn);
    }
    session_destroy(&old);
    scalars_write(row, s);
}

/* Inserts 's' as a new row in 'txn' and returns it. */
struct spanrec_session *
session_row_insert(const struct session *s, struct ovsdb_idl_txn *txn)
{
    struct spanrec_session *row = spanrec_session_insert(txn);

    spanrec_session_set_name(row, s->name);
    sources_write(row, s, txn);
    destinations_write(row, s, txn);
    scalars_write(row, s);
    return row;
}

/* Returns the row of the session called 'name', or NULL. */
const struct spanrec_session *
session_row_find(const struct ovsdb_idl *idl, const char *name)
{
    const struct spanrec_session *row;

    SPANREC_SESSION_FOR_EACH (row, idl) {
        if (!strcmp(row->name, name)) {
            return row;
        }
    }
    return NULL;
}

/* Initializes '*sink' from 'row'.  The caller must destroy it with
 * sink_config_destroy(). */
void
sink_row_read(const struct spanrec_sink *row, struct sink_config *sink)
{
    sink_config_init(sink, row->name);
    replace_string(&sink->dir, row->dir);
    if (row->format) {
        replace_string(&sink->format, row->format);
    }
    replace_string(&sink->capture_filter, row->capture_filter);
    sink->snaplen = row->n_snaplen ? *row->snaplen : 0;
    sink->rotate_size = row->n_rotate_size ? *row->rotate_size : 0;
    sink->rotate_seconds = row->n_rotate_seconds ? *row->rotate_seconds : 0;
    sink->rotate_packets = row->n_rotate_packets ? *row->rotate_packets : 0;
    sink->max_files = row->n_max_files ? *row->max_files : 0;
    sink->max_bytes = row->n_max_bytes ? *row->max_bytes : 0;
    replace_string(&sink->min_free, row->min_free);
    sink->byte_rate = row->n_byte_rate ? *row->byte_rate : 0;
    sink->buffer = row->n_buffer ? *row->buffer : 0;
    if (row->overload) {
        replace_string(&sink->overload, row->overload);
    }
    sink->compress = row->compress;
    sink->sha256 = row->sha256;
    if (row->on_full) {
        replace_string(&sink->on_full, row->on_full);
    }
    sink->vlan_aware = !row->n_vlan_aware || *row->vlan_aware;
    sink->cpu = row->n_cpu ? *row->cpu : -1;
    sink->priority = row->n_priority ? *row->priority : 0;
}

/* Makes 'row' say what 'sink' says.  The name and external_ids are left
 * alone. */
void
sink_row_write(const struct spanrec_sink *row, const struct sink_config *sink)
{
    spanrec_sink_set_dir(row, sink->dir);
    spanrec_sink_set_format(row, (strcmp(sink->format, "pcapng")
                                  ? sink->format : NULL));
    spanrec_sink_set_capture_filter(row, sink->capture_filter);
    WRITE_OPTIONAL(spanrec_sink_set_snaplen, row, sink->snaplen, 0);
    WRITE_OPTIONAL(spanrec_sink_set_rotate_size, row, sink->rotate_size, 0);
    WRITE_OPTIONAL(spanrec_sink_set_rotate_seconds, row,
                   sink->rotate_seconds, 0);
    WRITE_OPTIONAL(spanrec_sink_set_rotate_packets, row,
                   sink->rotate_packets, 0);
    WRITE_OPTIONAL(spanrec_sink_set_max_files, row, sink->max_files, 0);
    WRITE_OPTIONAL(spanrec_sink_set_max_bytes, row, sink->max_bytes, 0);
    spanrec_sink_set_min_free(row, sink->min_free[0] ? sink->min_free : NULL);
    WRITE_OPTIONAL(spanrec_sink_set_byte_rate, row, sink->byte_rate, 0);
    WRITE_OPTIONAL(spanrec_sink_set_buffer, row, sink->buffer, 0);
    spanrec_sink_set_overload(row, (strcmp(sink->overload, "wait")
                                    ? sink->overload : NULL));
    spanrec_sink_set_compress(row, sink->compress);
    spanrec_sink_set_sha256(row, sink->sha256);
    spanrec_sink_set_on_full(row, sink->on_full[0] ? sink->on_full : NULL);
    spanrec_sink_set_vlan_aware(row, &sink->vlan_aware, !sink->vlan_aware);
    WRITE_OPTIONAL(spanrec_sink_set_cpu, row, sink->cpu, -1);
    WRITE_OPTIONAL(spanrec_sink_set_priority, row, sink->priority, 0);
}

/* Inserts 'sink' as a new row in 'txn' and returns it. */
struct spanrec_sink *
sink_row_insert(const struct sink_config *sink, struct ovsdb_idl_txn *txn)
{
    struct spanrec_sink *row = spanrec_sink_insert(txn);

    spanrec_sink_set_name(row, sink->name);
    sink_row_write(row, sink);
    return row;
}

/* Returns the row of the sink called 'name', or NULL. */
const struct spanrec_sink *
sink_row_find(const struct ovsdb_idl *idl, const char *name)
{
    const struct spanrec_sink *row;

    SPANREC_SINK_FOR_EACH (row, idl) {
        if (!strcmp(row->name, name)) {
            return row;
        }
    }
    return NULL;
}
