/* SPDX-License-Identifier: Apache-2.0 */

/* The control socket: JSON-RPC 1.0 over a Unix socket, as RFC 7047 section 4
 * has it.  Any number of clients may come and go; each is told the status at
 * once, whenever it changes, and when the main loop says so.  A client that
 * does not read is dropped, never waited for.
 *
 *     echo      [...]      the same, to see whether we live
 *     status    []         the status object
 *     rotate    []         {}; the open file ends soon
 *     configure [{...}]    {}; replaces all live options
 *     recordings []        the newest files, and what is known of them
 *     stop      []         the last status object, when all is written */

#ifndef SPAN_SINK_CONTROL_H
#define SPAN_SINK_CONTROL_H 1

#include <jansson.h>
#include <stddef.h>

struct option_text;

/* What the control socket asks of the recorder. */
struct control_ops {
    json_t *(*status)(void *aux); /* Returns a new status object. */
    json_t *(*recordings)(void *aux); /* Same for the files. */
    char *(*configure)(void *aux, const struct option_text *, size_t n);
    void (*rotate)(void *aux);
    void (*stop)(void *aux);
};

struct control;

char *control_create(const char *path, const struct control_ops *, void *aux,
                     struct control **);
void control_destroy(struct control *);
int control_fd(const struct control *);
void control_run(struct control *);
void control_broadcast(struct control *);
void control_finish(struct control *);

#endif /* plugin/sink/control.h */
