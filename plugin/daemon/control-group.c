/* SPDX-License-Identifier: Apache-2.0 */

/* What span/list, span/show and span/plan print of port groups. */

#include <config.h>

#include "plugin/daemon/control.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "plugin/core/fault.h"
#include "plugin/core/promisc-watch.h"
#include "plugin/daemon/pass.h"
#include "plugin/daemon/reconciler.h"
#include "smap.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

/* A group that does not exist yet has this UUID in dry runs. */
static const struct uuid dry_run_uuid = {
    .parts = { 0xfffffffe, 0xffffffff, 0xffffffff, 0xffffffff },
};

static const char *
verdict_word(const struct group_verdict *v)
{
    return v->pending ? "pending" : binding_state_to_string(v->state);
}

/* Returns the names of the 'ports' that are 'what', separated by spaces, for
 * the caller to free. */
static char *
join_ports(const struct smap *ports, const char *what)
{
    const struct smap_node **nodes = smap_sort(ports);
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < smap_count(ports); i++) {
        if (!strcmp(nodes[i]->value, what)) {
            ds_put_format(&s, "%s%s", s.length ? " " : "", nodes[i]->key);
        }
    }
    free(nodes);
    return ds_steal_cstr(&s);
}

static const char *
bridge_of(const struct wanted_group *wg)
{
    return wg->bridge ? wg->bridge->name : wg->group->bridge;
}

/* Prints a line for each group of 'pass', below a heading; nothing if there is
 * no group. */
void
control_list_groups(const struct pass *pass, struct ds *ds)
{
    static const char *const headings[] = {
        "GROUP", "STATE", "REASON", "BRIDGE", "PORTS", "PROMISCUOUS",
    };
    struct svec cells = SVEC_EMPTY_INITIALIZER;

    for (size_t i = 0; i < ARRAY_SIZE(headings); i++) {
        svec_add(&cells, headings[i]);
    }
    for (size_t i = 0; i < pass->verdicts.n_groups; i++) {
        const struct group_verdict *v = &pass->verdicts.groups[i];

        svec_add(&cells, v->group->name);
        svec_add(&cells, verdict_word(v));
        svec_add(&cells, v->fault.reason ? v->fault.reason : "");
        svec_add(&cells, bridge_of(&pass->wanted.groups[i]));
        svec_add_nocopy(&cells, xasprintf("%"PRIuSIZE,
                                          smap_count(&v->ports)));
        svec_add_nocopy(&cells, join_ports(&v->ports, "promiscuous"));
    }
    if (pass->verdicts.n_groups) {
        control_put_table(ds, &cells, ARRAY_SIZE(headings));
    }
    svec_destroy(&cells);
}

static void
put_ports(struct ds *ds, const struct smap *ports, const char *what)
{
    char *names = join_ports(ports, what);

    if (*names) {
        ds_put_format(ds, "  %s: %s\n", what, names);
    }
    free(names);
}

static void
put_group(const struct wanted_group *wg, const struct group_verdict *v,
          struct ds *ds)
{
    const struct port_group *group = v->group;

    ds_put_format(ds, "group %s "UUID_FMT": %s\n", group->name,
                  UUID_ARGS(&group->uuid), verdict_word(v));
    if (v->fault.reason) {
        ds_put_format(ds, "  %s: %s\n", v->fault.reason, v->fault.detail);
    }
    if (*bridge_of(wg)) {
        ds_put_format(ds, "  bridge %s\n", bridge_of(wg));
    }
    if (*group->owner || *group->reason) {
        ds_put_format(ds, "  asked for%s%s%s%s\n",
                      *group->owner ? " by " : "", group->owner,
                      *group->reason ? ": " : "", group->reason);
    }
    if (group->expires) {
        ds_put_format(ds, "  promiscuous until %"PRId64" (seconds since "
                      "1970)\n", group->expires);
    }
    put_ports(ds, &v->ports, "promiscuous");
    put_ports(ds, &v->ports, "member");
}

/* Prints the group 'name' of 'pass', or all of them if it is NULL.  Returns
 * true if there is any. */
bool
control_show_group(const struct pass *pass, const char *name, struct ds *ds)
{
    bool found = false;

    for (size_t i = 0; i < pass->verdicts.n_groups; i++) {
        const struct group_verdict *v = &pass->verdicts.groups[i];

        if (!name || !strcmp(v->group->name, name)) {
            put_group(&pass->wanted.groups[i], v, ds);
            found = true;
        }
    }
    return found;
}

static struct port_group *
find_group(struct session_set *set, const char *name)
{
    for (size_t i = 0; i < set->n_groups; i++) {
        if (!strcmp(set->groups[i].name, name)) {
            return &set->groups[i];
        }
    }
    return NULL;
}

static struct port_group *
add_group(struct session_set *set, const char *name)
{
    struct port_group *group;

    set->groups = xrealloc(set->groups, ((set->n_groups + 1)
                                         * sizeof *set->groups));
    group = &set->groups[set->n_groups++];
    port_group_init(group, name);
    group->uuid = dry_run_uuid;
    return group;
}

/* Changes the group 'name' in '*set', or adds it, as the 'argc' arguments say.
 * Returns it; NULL, with '*fault' set, when they are wrong. */
static const struct port_group *
change_group(struct session_set *set, const char *name, int argc,
             const char *argv[], struct fault *fault)
{
    struct port_group_args args = {
        .now = time_wall(), .fresh_members = true, .fresh_vlans = true,
    };
    struct port_group *group = find_group(set, name);

    if (!group && !argc) {
        fault_set(fault, "group-missing", "There is no port group \"%s\"; say "
                  "what it should be: bridge=... member=...", name);
        return NULL;
    }
    if (!group) {
        group = add_group(set, name);
    }
    fault_clear(&group->fault);
    for (int i = 0; i < argc; i++) {
        if (!port_group_parse_arg(group, argv[i], &args, fault)) {
            return NULL;
        }
    }
    return port_group_check(group, fault) ? group : NULL;
}

static void
put_result(const struct wanted *wanted, const struct verdicts *verdicts,
           const struct port_group *group, struct ds *ds)
{
    for (size_t i = 0; i < wanted->n_groups; i++) {
        const struct wanted_group *wg = &wanted->groups[i];
        const struct group_verdict *v = &verdicts->groups[i];

        if (wg->group != group) {
            continue;
        }
        ds_put_format(ds, "group %s would be %s\n", group->name,
                      (!v->pending ? binding_state_to_string(v->state)
                       : fault_is_set(&wg->fault) ? "degraded" : "active"));
        if (fault_is_set(&wg->fault)) {
            ds_put_format(ds, "%s: %s\n", wg->fault.reason,
                          wg->fault.detail);
        }
        for (size_t j = 0; j < wg->n_ports; j++) {
            if (wg->ports[j].policy.promiscuous == DECISION_ACCEPT) {
                ds_put_format(ds, "port %s would be promiscuous\n",
                              wg->ports[j].port->name);
            }
        }
    }
}

/* Prints what would be done first if the group 'name' was changed or added as
 * the 'argc' arguments say, and what it would come to.  Returns false with a
 * sentence in 'ds' when the arguments are wrong. */
bool
control_plan_group(struct reconciler *r, const char *name, int argc,
                   const char *argv[], struct ds *ds)
{
    const struct pass *last = reconciler_last_pass(r);
    struct fault fault = FAULT_INITIALIZER;
    const struct port_group *group;
    struct verdicts verdicts;
    struct session_set set;
    struct wanted wanted;
    struct plan plan;

    session_set_clone(&set, &last->asked);
    group = change_group(&set, name, argc, argv, &fault);
    if (group) {
        reconciler_plan_for(r, &set, &wanted, &plan, &verdicts);
        put_result(&wanted, &verdicts, group, ds);
        control_put_ops(&plan, &last->plan, ds);
        verdicts_destroy(&verdicts);
        plan_destroy(&plan);
        wanted_destroy(&wanted);
    } else {
        ds_put_format(ds, "%s: %s", fault.reason, fault.detail);
    }
    fault_clear(&fault);
    session_set_destroy(&set);
    return group != NULL;
}
