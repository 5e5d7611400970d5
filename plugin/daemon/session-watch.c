/* SPDX-License-Identifier: Apache-2.0 */

/* Tells, as events, what happens to sessions.  Compares what a pass has
 * concluded with what was told before; a session that is on its way is told of
 * when it has arrived. */

#include <config.h>

#include "plugin/daemon/session-watch.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "plugin/core/leg-view.h"
#include "plugin/daemon/events.h"
#include "plugin/daemon/pass.h"
#include "util.h"
#include "uuid.h"

/* A port that is a source, as it was told. */
struct port_memory {
    struct uuid uuid;           /* Of the Port row. */
    int64_t ofport;
    char *bridge, *name;
    struct smap ids;            /* Whose it is, of external_ids. */
};

struct session_memory {
    struct hmap_node node;      /* In "struct session_watch"'s 'sessions'. */
    struct uuid uuid;
    char *name;
    const char *state;          /* As in Binding; NULL = none yet. */
    char *reason, *detail;
    uint32_t ports_hash;        /* Of 'ports'. */
    struct port_memory *ports;  /* Sorted by UUID. */
    size_t n_ports;
    bool follows;               /* Did it look for ports in the last pass? */
    bool seen;
};

/* A port that is a source now. */
struct port_now {
    const struct switch_bridge *bridge;
    const struct switch_port *port;
};

struct ports_now {
    struct port_now *ports;
    size_t n, allocated;
};

void
session_watch_init(struct session_watch *watch)
{
    hmap_init(&watch->sessions);
}

static void
port_memory_uninit(struct port_memory *port)
{
    free(port->bridge);
    free(port->name);
    smap_destroy(&port->ids);
}

static void
forget(struct session_watch *watch, struct session_memory *m)
{
    hmap_remove(&watch->sessions, &m->node);
    for (size_t i = 0; i < m->n_ports; i++) {
        port_memory_uninit(&m->ports[i]);
    }
    free(m->ports);
    free(m->name);
    free(m->reason);
    free(m->detail);
    free(m);
}

void
session_watch_destroy(struct session_watch *watch)
{
    struct session_memory *m, *next;

    HMAP_FOR_EACH_SAFE (m, next, node, &watch->sessions) {
        forget(watch, m);
    }
    hmap_destroy(&watch->sessions);
}

static struct session_memory *
need_memory(struct session_watch *watch, const struct session *session)
{
    uint32_t hash = uuid_hash(&session->uuid);
    struct session_memory *m;

    HMAP_FOR_EACH_WITH_HASH (m, node, hash, &watch->sessions) {
        if (uuid_equals(&m->uuid, &session->uuid)) {
            return m;
        }
    }
    m = xzalloc(sizeof *m);
    m->uuid = session->uuid;
    m->name = xstrdup(session->name);
    m->reason = xstrdup("");
    m->detail = xstrdup("");
    hmap_insert(&watch->sessions, &m->node, hash);
    return m;
}

static struct json *
port_to_json(const struct port_memory *port)
{
    struct json *json = json_object_create();

    json_object_put_string(json, "bridge", port->bridge);
    json_object_put_string(json, "port", port->name);
    json_object_put(json, "ofport", json_integer_create(port->ofport));
    if (!smap_is_empty(&port->ids)) {
        struct json *ids = json_object_create();
        const struct smap_node *node;

        SMAP_FOR_EACH (node, &port->ids) {
            json_object_put_string(ids, node->key, node->value);
        }
        json_object_put(json, "external_ids", ids);
    }
    return json;
}

/* Adds to 'json' what is told of 'm' in any case. */
static void
put_session(struct json *json, const struct session_memory *m,
            const char *state)
{
    struct json *ports = json_array_create_empty();

    for (size_t i = 0; i < m->n_ports; i++) {
        json_array_add(ports, port_to_json(&m->ports[i]));
    }
    json_object_put_format(json, "uuid", UUID_FMT, UUID_ARGS(&m->uuid));
    json_object_put_string(json, "state", state);
    json_object_put_string(json, "reason", m->reason);
    json_object_put(json, "ports", ports);
}

static void
tell_port(const struct session_memory *m, const struct port_memory *port,
          bool came, struct events *events)
{
    struct json *more = port_to_json(port);

    json_object_put_format(more, "uuid", UUID_FMT, UUID_ARGS(&m->uuid));
    json_object_put_string(more, "change", came ? "came" : "went");
    events_add(events, m->name, "source", more,
               "Port %s of bridge %s is %s a source.", port->name,
               port->bridge, came ? "now" : "no longer");
}

static void
add_port(struct ports_now *now, const struct switch_bridge *bridge,
         const struct switch_port *port)
{
    if (now->n >= now->allocated) {
        now->ports = x2nrealloc(now->ports, &now->allocated,
                                sizeof *now->ports);
    }
    now->ports[now->n++] = (struct port_now) { bridge, port };
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct port_now *a = a_, *b = b_;
    return uuid_compare_3way(&a->port->uuid, &b->port->uuid);
}

/* Collects the ports that 'ws' has as sources now, each once, sorted by UUID.
 * Not those of a VLAN, which come and go with every port of the bridge. */
static void
collect_ports(const struct wanted_session *ws,
              const struct switch_state *state, struct ports_now *now)
{
    size_t n = 0;

    now->n = 0;
    for (size_t i = 0; i < ws->n_legs; i++) {
        const struct wanted_leg *leg = &ws->legs[i];
        struct leg_view view;

        for (size_t j = 0; !leg->n_vlans && j < leg->n_src; j++) {
            add_port(now, leg->bridge, leg->src[j]);
        }
        for (size_t j = 0; !leg->n_vlans && j < leg->n_dst; j++) {
            add_port(now, leg->bridge, leg->dst[j]);
        }
        if (leg->hook) {
            leg_view_find(&view, ws, leg, state);
            if (view.production_end
                && switch_port_ofport(view.production_end) > 0) {
                add_port(now, leg->bridge, view.production_end);
            }
        }
    }
    if (now->n > 1) {
        qsort(now->ports, now->n, sizeof *now->ports, compare_ports);
    }
    for (size_t i = 0; i < now->n; i++) {
        if (!n || now->ports[n - 1].port != now->ports[i].port) {
            now->ports[n++] = now->ports[i];
        }
    }
    now->n = n;
}

static uint32_t
hash_ports(const struct ports_now *now)
{
    uint32_t hash = now->n;

    for (size_t i = 0; i < now->n; i++) {
        const struct switch_port *port = now->ports[i].port;

        hash = hash_int(switch_port_ofport(port),
                        hash_int(uuid_hash(&port->uuid), hash));
    }
    return hash;
}

/* Takes over from 'external_ids' what says whose port it is: the keys by
 * which selectors find it. */
static void
copy_ids(struct smap *ids, const struct smap *external_ids)
{
    static const char *const keys[] = {
        "iface-id", "attached-mac", "vm-id", "vm-name", "vm-uuid",
        "xs-vm-uuid",
    };

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        const char *value = smap_get(external_ids, keys[i]);

        if (value && !smap_get(ids, keys[i])) {
            smap_add(ids, keys[i], value);
        }
    }
}

static void
remember_port(struct port_memory *m, const struct port_now *now)
{
    m->uuid = now->port->uuid;
    m->ofport = switch_port_ofport(now->port);
    m->bridge = xstrdup(now->bridge->name);
    m->name = xstrdup(now->port->name);
    smap_init(&m->ids);
    copy_ids(&m->ids, &now->port->external_ids);
    for (size_t i = 0; i < now->port->n_ifaces; i++) {
        copy_ids(&m->ids, &now->port->ifaces[i]->external_ids);
    }
}

static int
compare_memory(const struct port_memory *a, const struct port_memory *b)
{
    int cmp = uuid_compare_3way(&a->uuid, &b->uuid);

    return cmp ? cmp : a->ofport < b->ofport ? -1 : a->ofport > b->ofport;
}

/* Takes note of the ports 'now'; with 'tell' says which of them are new, and
 * which have gone. */
static void
update_ports(struct session_memory *m, const struct ports_now *now, bool tell,
             struct events *events)
{
    struct port_memory *old = m->ports;
    size_t n_old = m->n_ports, i = 0, j = 0;

    m->n_ports = now->n;
    m->ports = xcalloc(now->n + 1, sizeof *m->ports);
    for (size_t k = 0; k < now->n; k++) {
        remember_port(&m->ports[k], &now->ports[k]);
    }
    while (i < n_old || j < m->n_ports) {
        int cmp = (i >= n_old ? 1 : j >= m->n_ports ? -1
                   : compare_memory(&old[i], &m->ports[j]));

        if (cmp < 0 && tell) {
            tell_port(m, &old[i], false, events);
        } else if (cmp > 0 && tell) {
            tell_port(m, &m->ports[j], true, events);
        }
        if (cmp <= 0) {
            port_memory_uninit(&old[i++]);
        }
        j += cmp >= 0;
    }
    free(old);
}

/* Sets '*s' to a copy of 'value', NULL like "", if it is another text.
 * Returns true if it is. */
static bool
set_text(char **s, const char *value)
{
    if (strcmp(*s, value ? value : "")) {
        free(*s);
        *s = xstrdup(value ? value : "");
        return true;
    }
    return false;
}

static void
update_state(struct session_memory *m, const struct verdict *v,
             struct events *events)
{
    const char *state = binding_state_to_string(v->state);
    bool news = !m->state || strcmp(m->state, state);

    news |= set_text(&m->reason, v->fault.reason);
    if (news || !v->counts) {
        news |= set_text(&m->detail, v->fault.detail);
    }
    m->state = state;
    if (news) {
        struct json *more = json_object_create();

        put_session(more, m, state);
        events_tell(events, m->name, "state", more, "%s", m->detail);
    }
}

static void
update_session(struct session_memory *m, const struct wanted_session *ws,
               const struct switch_state *state, const struct verdict *v,
               struct ports_now *now, struct events *events)
{
    bool follows = ws->state == WANTED_RUNNING || ws->state == WANTED_WAITING;
    uint32_t hash;

    collect_ports(ws, state, now);
    hash = hash_ports(now);
    if (hash != m->ports_hash) {
        update_ports(m, now, m->follows && follows && m->state, events);
        m->ports_hash = hash;
    }
    m->follows = follows;
    m->seen = true;
    if (!v->pending) {
        update_state(m, v, events);
    }
}

/* Adds to 'events' what has happened to sessions since the last call. */
void
session_watch_update(struct session_watch *watch, const struct pass *pass,
                     struct events *events)
{
    struct ports_now now = { NULL, 0, 0 };
    struct session_memory *m, *next;

    for (size_t i = 0; i < pass->wanted.n_sessions; i++) {
        const struct wanted_session *ws = &pass->wanted.sessions[i];

        update_session(need_memory(watch, ws->session), ws, &pass->state,
                       &pass->verdicts.verdicts[i], &now, events);
    }
    free(now.ports);
    HMAP_FOR_EACH_SAFE (m, next, node, &watch->sessions) {
        if (!m->seen) {
            struct json *more = json_object_create();

            update_ports(m, &(struct ports_now) { NULL, 0, 0 }, false, NULL);
            set_text(&m->reason, "");
            put_session(more, m, "deleted");
            events_add(events, m->name, "state", more, "deleted");
            forget(watch, m);
        } else {
            m->seen = false;
        }
    }
}

static int
compare_names(const void *a_, const void *b_)
{
    const struct session_memory *const *a = a_, *const *b = b_;
    return strcmp((*a)->name, (*b)->name);
}

/* Returns all sessions that have arrived, as an array. */
struct json *
session_watch_to_json(const struct session_watch *watch)
{
    const struct session_memory **sorted = xmalloc(
        (hmap_count(&watch->sessions) + 1) * sizeof *sorted);
    struct json *sessions = json_array_create_empty();
    const struct session_memory *m;
    size_t n = 0;

    HMAP_FOR_EACH (m, node, &watch->sessions) {
        if (m->state) {
            sorted[n++] = m;
        }
    }
    qsort(sorted, n, sizeof *sorted, compare_names);
    for (size_t i = 0; i < n; i++) {
        struct json *json = json_object_create();

        json_object_put_string(json, "session", sorted[i]->name);
        put_session(json, sorted[i], sorted[i]->state);
        json_object_put_string(json, "detail", sorted[i]->detail);
        json_array_add(sessions, json);
    }
    free(sorted);
    return sessions;
}
