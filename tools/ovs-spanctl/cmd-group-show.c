/* SPDX-License-Identifier: Apache-2.0 */

/* group-list and group-show: port groups, and what the hosts say about
 * them. */

#include <config.h>

#include "cells.h"
#include "spanctl.h"

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/group-row.h"
#include "ovsdb-schema/span-idl.h"
#include "smap.h"
#include "util.h"

static int
compare_groups(const void *a_, const void *b_)
{
    const struct spanrec_port_group *const *a = a_;
    const struct spanrec_port_group *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

/* Returns the '*n' groups sorted by name.  The caller must free the array. */
const struct spanrec_port_group **
group_rows_sorted(const struct ovsdb_idl *idl, size_t *n)
{
    const struct spanrec_port_group **rows = NULL;
    const struct spanrec_port_group *row;
    size_t allocated = 0;

    *n = 0;
    SPANREC_PORT_GROUP_FOR_EACH (row, idl) {
        if (*n >= allocated) {
            rows = x2nrealloc(rows, &allocated, sizeof *rows);
        }
        rows[(*n)++] = row;
    }
    if (*n) {
        qsort(rows, *n, sizeof *rows, compare_groups);
    }
    return rows;
}

/* Adds the values of the settings of 'key', "key=", in 'lines', separated by
 * spaces. */
static void
add_settings(struct table *table, const struct svec *lines, const char *key)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < lines->n; i++) {
        if (!strncmp(lines->names[i], key, strlen(key))) {
            ds_put_format(&s, "%s%s", s.length ? " " : "",
                          lines->names[i] + strlen(key));
        }
    }
    cells_add_text_nocopy(table, ds_steal_cstr(&s));
}

/* Adds the line of 'group' on the host of 'binding'; NULL when no host says
 * anything about it. */
static void
list_line(struct table *table, const struct port_group *group,
          const struct spanrec_binding *binding)
{
    const struct port_policy *policy = &group->policy;
    struct svec lines = SVEC_EMPTY_INITIALIZER;

    settings_of_group(group, &lines);
    table_add_row(table);
    cells_add_text(table, group->name);
    cells_add_text(table, binding ? binding_host(binding) : "");
    cells_add_text(table, binding ? binding->state : "waiting");
    cells_add_text(table, binding ? binding->reason : "no-host");
    cells_add_text(table, group->bridge);
    add_settings(table, &lines, "vlan=");
    add_settings(table, &lines, "member=");
    cells_add_text(table, port_decision_to_string(policy->promiscuous));
    cells_add_text(table, port_decision_to_string(policy->mac_changes));
    cells_add_text(table, port_decision_to_string(policy->forged_transmits));
    add_settings(table, &lines, "override=");
    cells_add_text(table, group->owner);
    svec_destroy(&lines);
}

void
cmd_group_list(struct ctl_context *ctx)
{
    static const char *const headings[] = {
        "name", "host", "state", "reason", "bridge", "vlans", "members",
        "promiscuous", "mac_changes", "forged_transmits", "overrides",
        "owner",
    };
    size_t n;
    const struct spanrec_port_group **rows = group_rows_sorted(ctx->idl, &n);

    ctx->table = cells_create(headings, ARRAY_SIZE(headings));
    for (size_t i = 0; i < n; i++) {
        size_t n_bindings;
        struct spanrec_binding **bindings
            = hosts_group_bindings(ctx->idl, rows[i]->name, &n_bindings);
        struct port_group group;

        group_row_read(rows[i], &group);
        for (size_t j = 0; j < n_bindings; j++) {
            list_line(ctx->table, &group, bindings[j]);
        }
        if (!n_bindings) {
            list_line(ctx->table, &group, NULL);
        }
        port_group_destroy(&group);
        free(bindings);
    }
    free(rows);
}

/* Appends the ports in 'binding' that are 'what', if there are any. */
static void
show_ports(struct ds *out, const struct spanrec_binding *binding,
           const char *what, const char *label)
{
    const struct smap_node **nodes = smap_sort(&binding->ports);
    bool any = false;

    for (size_t i = 0; i < smap_count(&binding->ports); i++) {
        if (!strcmp(nodes[i]->value, what)) {
            char *name = settings_make_printable(xstrdup(nodes[i]->key));

            ds_put_format(out, "%s%s", any ? " " : label, name);
            free(name);
            any = true;
        }
    }
    if (any) {
        ds_put_char(out, '\n');
    }
    free(nodes);
}

static void
show_group(struct ctl_context *ctx, const struct spanrec_port_group *row)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    char *users = group_users(ctx->idl, row->name);
    struct ds *out = &ctx->output;
    size_t n;
    struct spanrec_binding **bindings
        = hosts_group_bindings(ctx->idl, row->name, &n);
    struct port_group group;

    group_row_read(row, &group);
    settings_of_group(&group, &lines);
    show_settings(out, "group", row->name, &lines, &group.fault);
    show_expiry(out, "promiscuous until", group.expires);
    if (users[0]) {
        ds_put_format(out, "    mirrored by %s\n",
                      settings_make_printable(users));
    }
    for (size_t i = 0; i < n; i++) {
        show_verdict(out, bindings[i]);
        show_ports(out, bindings[i], "promiscuous", "        promiscuous: ");
        show_ports(out, bindings[i], "member", "        member: ");
    }
    if (!n) {
        ds_put_cstr(out, "    no host says anything about it\n");
    }
    port_group_destroy(&group);
    svec_destroy(&lines);
    free(bindings);
    free(users);
}

void
cmd_group_show(struct ctl_context *ctx)
{
    size_t n;
    const struct spanrec_port_group **rows = group_rows_sorted(ctx->idl, &n);
    bool found = ctx->argc < 2;

    for (size_t i = 0; i < n; i++) {
        if (ctx->argc < 2 || !strcmp(rows[i]->name, ctx->argv[1])) {
            show_group(ctx, rows[i]);
            found = true;
        }
    }
    if (!found) {
        ctl_error(ctx, "%.80s: there is no port group of this name; "
                  "\"group-list\" shows which there are", ctx->argv[1]);
    }
    free(rows);
}
