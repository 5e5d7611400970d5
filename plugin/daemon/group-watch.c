/* SPDX-License-Identifier: Apache-2.0 */

/* Tells, as events, what happens to port groups.  Compares what a pass has
 * concluded with what was told before. */

#include <config.h>

#include "plugin/daemon/group-watch.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "plugin/core/port-group.h"
#include "plugin/daemon/events.h"
#include "plugin/daemon/pass.h"
#include "util.h"
#include "uuid.h"

struct group_memory {
    struct hmap_node node;      /* In "struct group_watch"'s 'groups'. */
    struct uuid uuid;
    char *name;
    const char *state;          /* As in Binding; NULL = none yet. */
    char *reason, *detail;
    bool seen;
};

void
group_watch_init(struct group_watch *watch)
{
    hmap_init(&watch->groups);
}

static void
forget(struct group_watch *watch, struct group_memory *m)
{
    hmap_remove(&watch->groups, &m->node);
    free(m->name);
    free(m->reason);
    free(m->detail);
    free(m);
}

void
group_watch_destroy(struct group_watch *watch)
{
    struct group_memory *m, *next;

    HMAP_FOR_EACH_SAFE (m, next, node, &watch->groups) {
        forget(watch, m);
    }
    hmap_destroy(&watch->groups);
}

static struct group_memory *
need_memory(struct group_watch *watch, const struct port_group *group)
{
    uint32_t hash = uuid_hash(&group->uuid);
    struct group_memory *m;

    HMAP_FOR_EACH_WITH_HASH (m, node, hash, &watch->groups) {
        if (uuid_equals(&m->uuid, &group->uuid)) {
            return m;
        }
    }
    m = xzalloc(sizeof *m);
    m->uuid = group->uuid;
    m->name = xstrdup(group->name);
    m->reason = xstrdup("");
    m->detail = xstrdup("");
    hmap_insert(&watch->groups, &m->node, hash);
    return m;
}

/* Returns what is told of 'm' in any case. */
static struct json *
describe(const struct group_memory *m, const char *state, const char *reason)
{
    struct json *json = json_object_create();

    json_object_put_string(json, "group", m->name);
    json_object_put_format(json, "uuid", UUID_FMT, UUID_ARGS(&m->uuid));
    json_object_put_string(json, "state", state);
    json_object_put_string(json, "reason", reason);
    return json;
}

static void
update_group(struct group_memory *m, const struct group_verdict *v,
             struct events *events)
{
    const char *state = binding_state_to_string(v->state);
    const char *reason = v->fault.reason ? v->fault.reason : "";
    const char *detail = v->fault.detail ? v->fault.detail : "";

    if (!m->state || strcmp(m->state, state) || strcmp(m->reason, reason)
        || strcmp(m->detail, detail)) {
        free(m->reason);
        free(m->detail);
        m->state = state;
        m->reason = xstrdup(reason);
        m->detail = xstrdup(detail);
        events_tell(events, "", "group", describe(m, state, reason), "%s",
                    detail);
    }
}

/* Adds to 'events' what has happened to groups since the last call. */
void
group_watch_update(struct group_watch *watch, const struct pass *pass,
                   struct events *events)
{
    struct group_memory *m, *next;

    for (size_t i = 0; i < pass->verdicts.n_groups; i++) {
        const struct group_verdict *v = &pass->verdicts.groups[i];

        m = need_memory(watch, v->group);
        m->seen = true;
        if (!v->pending) {
            update_group(m, v, events);
        }
    }
    HMAP_FOR_EACH_SAFE (m, next, node, &watch->groups) {
        if (!m->seen) {
            events_add(events, "", "group", describe(m, "deleted", ""),
                       "%s: deleted", m->name);
            forget(watch, m);
        } else {
            m->seen = false;
        }
    }
}

static int
compare_names(const void *a_, const void *b_)
{
    const struct group_memory *const *a = a_, *const *b = b_;
    return strcmp((*a)->name, (*b)->name);
}

/* Returns all groups that have a state, as an array. */
struct json *
group_watch_to_json(const struct group_watch *watch)
{
    const struct group_memory **sorted = xmalloc(
        (hmap_count(&watch->groups) + 1) * sizeof *sorted);
    struct json *groups = json_array_create_empty();
    const struct group_memory *m;
    size_t n = 0;

    HMAP_FOR_EACH (m, node, &watch->groups) {
        if (m->state) {
            sorted[n++] = m;
        }
    }
    qsort(sorted, n, sizeof *sorted, compare_names);
    for (size_t i = 0; i < n; i++) {
        struct json *json = describe(sorted[i], sorted[i]->state,
                                     sorted[i]->reason);

        json_object_put_string(json, "detail", sorted[i]->detail);
        json_array_add(groups, json);
    }
    free(sorted);
    return groups;
}
