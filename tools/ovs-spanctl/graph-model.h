/* SPDX-License-Identifier: Apache-2.0 */

/* What is in the picture of "graph": for each session on each host the way of
 * the copies.
 *
 *   VM - port -+- bridge - mirror -+- private bridge -+- destination
 *   VM - port -+                   |                  +- destination
 *        port --- bridge - mirror -+
 *
 * All strings are owned, and fit to be printed. */

#ifndef TOOLS_GRAPH_MODEL_H
#define TOOLS_GRAPH_MODEL_H 1

#include <stdbool.h>
#include <stddef.h>

#include "plugin/core/session.h"

struct ds;
struct live_row;
struct smap;

/* The private bridge, as people know it. */
#define GRAPH_PRIVATE "br-span"

/* More sources than these on one bridge are only counted. */
#define GRAPH_MAX_SOURCES 24

struct graph_source {
    char *vm;                   /* "" = none that is known. */
    char *name;                 /* Of a port; else as source= has it. */
    enum direction direction;
};

/* What is mirrored from one bridge. */
struct graph_leg {
    char *bridge;               /* "" = the sources are not there. */
    struct graph_source *sources;
    size_t n_sources;
    size_t n_more;              /* Sources that are not in the list. */
};

struct graph_end {
    char *name;                 /* As dest= has it. */
    char *note;                 /* What arrives there; "" = unknown. */
    char *trouble;              /* "" = none. */
};

struct graph_session {
    char *name;
    char *host;                 /* "" = no host says anything. */
    char *state;
    char *reason;               /* Code and sentence; "" = none. */
    bool trouble;               /* Is something to be mended? */
    bool runs;                  /* Is something mirrored? */
    char *rate;                 /* "" = not known. */
    char *lost;                 /* "" = nothing, or in an end. */
    char *settings;             /* What is done to copies; "" = nothing. */
    struct graph_leg *legs;     /* By bridge. */
    size_t n_legs;
    struct graph_end *ends;
    size_t n_ends;
};

struct graph {
    struct graph_session *sessions;
    size_t n;
};

void graph_init(struct graph *);
void graph_destroy(struct graph *);
void graph_add(struct graph *, const struct session *, const struct live_row *,
               const struct smap *sources);
void graph_sort(struct graph *);

struct graph_text_options {
    bool utf8;                  /* May lines be drawn with box characters? */
    bool color;                 /* May trouble be red (ECMA-48)? */
    int width;                  /* Columns. */
};

void graph_to_text(const struct graph *, const struct graph_text_options *,
                   struct ds *);
void graph_to_dot(const struct graph *, struct ds *);

#endif /* tools/ovs-spanctl/graph-model.h */
