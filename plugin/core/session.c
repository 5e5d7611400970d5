/* SPDX-License-Identifier: Apache-2.0 */

/* Sessions as values: making, copying and freeing them, and the words for
 * their enumerations: see session.h. */

#include <config.h>
#include "session.h"
#include <stdlib.h>
#include <string.h>
#include "util.h"

static const char *direction_names[] = {
    [DIRECTION_FROM] = "from",
    [DIRECTION_TO] = "to",
    [DIRECTION_BOTH] = "both",
};

static const char *session_type_names[] = {
    [SESSION_LOCAL] = "local",
    [SESSION_RSPAN_SOURCE] = "rspan-source",
    [SESSION_RSPAN_DESTINATION] = "rspan-destination",
    [SESSION_ERSPAN_SOURCE] = "erspan-source",
    [SESSION_MIXED] = "mixed",
};

static const char *destination_kind_names[] = {
    [DESTINATION_SINK] = "sink",
    [DESTINATION_PORT] = "port",
    [DESTINATION_RSPAN] = "rspan",
    [DESTINATION_GRE] = "gre",
    [DESTINATION_ERSPAN2] = "erspan2",
    [DESTINATION_ERSPAN3] = "erspan3",
    [DESTINATION_LIVE] = "live",
};

/* Returns the index of 's' among the 'n' names, or -1. */
static int
find_word(const char *s, const char *const names[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (names[i] && !strcmp(s, names[i])) {
            return i;
        }
    }
    return -1;
}

const char *
direction_to_string(enum direction direction)
{
    return direction_names[direction];
}

/* Reads "from", "to" or "both"; returns false for anything else. */
bool
direction_from_string(const char *s, enum direction *direction)
{
    int i = find_word(s, direction_names, ARRAY_SIZE(direction_names));

    if (i >= 0) {
        *direction = i;
    }
    return i >= 0;
}

const char *
session_type_to_string(enum session_type type)
{
    return session_type_names[type];
}

/* Reads a session type's name; returns false for anything else. */
bool
session_type_from_string(const char *s, enum session_type *type)
{
    int i = find_word(s, session_type_names, ARRAY_SIZE(session_type_names));

    if (i >= 0) {
        *type = i;
    }
    return i >= 0;
}

const char *
destination_kind_to_string(enum destination_kind kind)
{
    return destination_kind_names[kind];
}

/* Reads a destination kind's name; returns false for anything else. */
bool
destination_kind_from_string(const char *s, enum destination_kind *kind)
{
    int i = find_word(s, destination_kind_names,
                      ARRAY_SIZE(destination_kind_names));

    if (i >= 0) {
        *kind = i;
    }
    return i >= 0;
}

/* Makes 's' an enabled local session named 'name' that asks for nothing yet.
 * The caller must session_destroy() it. */
void
session_init(struct session *s, const char *name)
{
    *s = (struct session) {
        .name = xstrdup(name),
        .description = xstrdup(""),
        .enabled = true,
        .type = SESSION_LOCAL,
        .filter = xstrdup(""),
        .sample = 1,
        .owner = xstrdup(""),
        .reason = xstrdup(""),
        .fault = FAULT_INITIALIZER,
    };
}

/* Makes '*dst', whatever it held before, a copy of 'src'. */
void
session_clone(struct session *dst, const struct session *src)
{
    *dst = *src;
    dst->name = xstrdup(src->name);
    dst->description = xstrdup(src->description);
    dst->filter = xstrdup(src->filter);
    dst->owner = xstrdup(src->owner);
    dst->reason = xstrdup(src->reason);
    dst->fault = (struct fault) FAULT_INITIALIZER;
    fault_copy(&dst->fault, &src->fault);

    dst->sources = xcalloc(src->n_sources, sizeof *dst->sources);
    for (size_t i = 0; i < src->n_sources; i++) {
        dst->sources[i] = src->sources[i];
        selector_clone(&dst->sources[i].selector, &src->sources[i].selector);
        dst->sources[i].bridge = xstrdup(src->sources[i].bridge);
    }

    dst->destinations = xcalloc(src->n_destinations,
                                sizeof *dst->destinations);
    for (size_t i = 0; i < src->n_destinations; i++) {
        dst->destinations[i] = src->destinations[i];
        dst->destinations[i].target = xstrdup(src->destinations[i].target);
        smap_clone(&dst->destinations[i].options,
                   &src->destinations[i].options);
    }
}

/* Frees what 'source' owns and leaves nothing in it.  NULL is fine. */
void
source_destroy(struct source *source)
{
    if (source) {
        selector_destroy(&source->selector);
        free(source->bridge);
        memset(source, 0, sizeof *source);
    }
}

/* Frees what 'destination' owns; it must have been initialized.  NULL is
 * fine. */
void
destination_destroy(struct destination *destination)
{
    if (destination) {
        free(destination->target);
        destination->target = NULL;
        smap_destroy(&destination->options);
        smap_init(&destination->options);
    }
}

/* Appends a source to 's', which selects nothing until its members are set,
 * and returns it. */
struct source *
session_add_source(struct session *s)
{
    s->sources = xrealloc(s->sources,
                          (s->n_sources + 1) * sizeof *s->sources);

    struct source *source = &s->sources[s->n_sources++];
    *source = (struct source) { .direction = DIRECTION_BOTH };
    return source;
}

/* Appends a destination to 's', without target and options until they are
 * set, and returns it. */
struct destination *
session_add_destination(struct session *s)
{
    s->destinations = xrealloc(s->destinations, ((s->n_destinations + 1)
                                                 * sizeof *s->destinations));
    for (size_t i = 0; i < s->n_destinations; i++) {
        hmap_moved(&s->destinations[i].options.map);
    }

    struct destination *d = &s->destinations[s->n_destinations++];
    d->kind = DESTINATION_SINK;
    d->target = NULL;
    smap_init(&d->options);
    return d;
}

/* Removes all sources of 's'. */
void
session_clear_sources(struct session *s)
{
    for (size_t i = 0; i < s->n_sources; i++) {
        source_destroy(&s->sources[i]);
    }
    s->n_sources = 0;
}

/* Removes all destinations of 's'. */
void
session_clear_destinations(struct session *s)
{
    for (size_t i = 0; i < s->n_destinations; i++) {
        destination_destroy(&s->destinations[i]);
    }
    s->n_destinations = 0;
}

/* Frees what 's' owns.  NULL is fine. */
void
session_destroy(struct session *s)
{
    if (s) {
        session_clear_sources(s);
        session_clear_destinations(s);
        free(s->name);
        free(s->description);
        free(s->sources);
        free(s->destinations);
        free(s->filter);
        free(s->owner);
        free(s->reason);
        fault_clear(&s->fault);
        memset(s, 0, sizeof *s);
    }
}
