/* SPDX-License-Identifier: Apache-2.0 */

/* Tells, as events, what becomes of capture files: that one is begun or
 * closed, and that there are gaps in it.  Compares what a recorder tells with
 * what it told before. */

#include <config.h>
#include "plugin/daemon/file-events.h"

#include <inttypes.h>
#include <string.h>

#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "plugin/daemon/events.h"
#include "plugin/daemon/recording-list.h"
#include "util.h"

static struct json *
describe(const char *sink, const struct recording *r)
{
    struct json *more = json_object_create();

    json_object_put_string(more, "sink", sink);
    json_object_put_string(more, "file", r->name);
    return more;
}

/* Tells that 'r', which is in a directory of the sink's name in 'dir' unless
 * that is NULL, is in another state than before. */
static void
tell_state(struct events *events, const char *sink, const char *dir,
           const struct recording *r)
{
    struct json *more = describe(sink, r);

    if (dir) {
        json_object_put_format(more, "path", "%s/%s/%s", dir, sink, r->name);
    }
    json_object_put_string(more, "state", r->state);
    json_object_put(more, "packets", json_integer_create(r->packets));
    json_object_put(more, "bytes", json_integer_create(r->bytes));
    json_object_put(more, "lost", json_integer_create(r->lost));
    json_object_put(more, "gaps", json_integer_create(r->gaps));
    json_object_put(more, "first", json_integer_create(r->first));
    json_object_put(more, "last", json_integer_create(r->last));
    events_tell(events, "", "file", more,
                "File %s of sink %s is %s, with %"PRId64" packets.", r->name,
                sink, r->state, r->packets);
}

/* Tells if there are more gaps in 'new' than in 'old', the same file before;
 * NULL if it is new. */
void
file_events_gaps(struct events *events, const char *sink,
                 const struct recording *old, const struct recording *new)
{
    int64_t gaps = new->gaps - (old ? old->gaps : 0);
    int64_t packets = new->lost - (old ? old->lost : 0);

    if (gaps > 0) {
        struct json *more = describe(sink, new);

        json_object_put(more, "gaps", json_integer_create(gaps));
        json_object_put(more, "packets",
                        json_integer_create(MAX(packets, 0)));
        events_add(events, "", "gap", more,
                   "File %s of sink %s has %"PRId64" more gaps, in which "
                   "%"PRId64" packets are missing.", new->name, sink, gaps,
                   MAX(packets, 0));
    }
}

/* Tells what is in 'new', the files of 'sink', and was not in 'old'.  'dir' is
 * its recorder's --dir; NULL = not known. */
void
file_events_compare(struct events *events, const char *sink, const char *dir,
                    const struct recording_list *old,
                    const struct recording_list *new)
{
    for (size_t i = 0; i < new->n; i++) {
        const struct recording *r = &new->recordings[i];
        const struct recording *before
            = recording_list_find(old, r->name);

        file_events_gaps(events, sink, before, r);
        if (!before || strcmp(before->state, r->state)) {
            tell_state(events, sink, dir, r);
        }
    }
}
