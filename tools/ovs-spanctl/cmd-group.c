/* SPDX-License-Identifier: Apache-2.0 */

/* group-add, group-set, group-del: what is stored of port groups.  What is
 * shown of them is in cmd-group-show.c. */

#include <config.h>

#include "spanctl.h"

#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/group-row.h"
#include "ovsdb-schema/span-idl.h"
#include "timeval.h"
#include "util.h"

/* Returns the names of the sessions that have the group 'name' as a source,
 * separated by spaces, for the caller to free. */
char *
group_users(const struct ovsdb_idl *idl, const char *name)
{
    char *selector = xasprintf("group:%s", name);
    struct svec users = SVEC_EMPTY_INITIALIZER;
    const struct spanrec_session *row;
    char *joined;

    SPANREC_SESSION_FOR_EACH (row, idl) {
        for (size_t i = 0; i < row->n_sources; i++) {
            if (!strcmp(row->sources[i]->selector, selector)) {
                svec_add(&users, row->name);
            }
        }
    }
    svec_sort_unique(&users);
    joined = svec_join(&users, " ", "");
    svec_destroy(&users);
    free(selector);
    return joined;
}

/* Refuses to 'do' something to the group 'name' while sessions mirror it.
 * Returns true if none does, else false with an error reported. */
static bool
check_unused(struct ctl_context *ctx, const char *name, const char *what)
{
    char *users = group_users(ctx->idl, name);
    bool unused = !users[0];

    if (!unused) {
        ctl_error(ctx, "%.80s: a port group cannot %s while sessions mirror "
                  "it; take source=group:%.80s out of them first: %s "
                  "(VspanPortgroupTypeChange)", name, what, name, users);
    }
    free(users);
    return unused;
}

/* Returns true if there is a row for each group that 's' names as a source or
 * a member of the 'n' 'others'; else reports an error. */
bool
groups_exist(struct ctl_context *ctx, const struct session *s,
             const struct port_group *others, size_t n)
{
    for (size_t i = 0; i < s->n_sources; i++) {
        const struct selector *selector = &s->sources[i].selector;
        bool found = (selector->kind != SELECTOR_GROUP
                      || group_row_find(ctx->idl, selector->value));

        for (size_t j = 0; !found && j < n; j++) {
            found = !strcmp(others[j].name, selector->value);
        }
        if (!found) {
            ctl_error(ctx, "%.80s: there is no port group %.80s; make it "
                      "first, with \"group-add\" (group-missing)", s->name,
                      selector->value);
            return false;
        }
    }
    return true;
}

/* Writes 'group' over 'row', or as a new row when 'row' is NULL, and asks for
 * a report.  Changes nothing when nothing changes. */
void
group_store(struct ctl_context *ctx, const struct spanrec_port_group *row,
            const struct port_group *group)
{
    struct changes *changes = span_context_cast(ctx)->changes;
    struct port_group old;

    changes_report_group(changes, group->name);
    if (!row) {
        changes_note_group(changes, group->name, NULL);
        group_row_insert(group, ctx->txn);
        return;
    }
    group_row_read(row, &old);
    if ((fault_is_set(&old.fault) || !settings_same_group(&old, group))
        && (!strcmp(old.bridge, group->bridge)
            || check_unused(ctx, group->name, "go to another bridge"))) {
        spanrec_port_group_verify_name(row);
        changes_note_group(changes, group->name, row);
        group_row_write(row, group);
    }
    port_group_destroy(&old);
}

/* Deletes the group 'row', or reports an error if sessions mirror it. */
void
group_delete(struct ctl_context *ctx, const struct spanrec_port_group *row)
{
    if (check_unused(ctx, row->name, "be deleted")) {
        spanrec_port_group_verify_name(row);
        changes_note_group(span_context_cast(ctx)->changes, row->name, row);
        spanrec_port_group_delete(row);
    }
}

/* Parses the key=value words from ctx->argv[2] on into 'group' and checks the
 * whole.  Returns false, with an error reported, when something is wrong. */
static bool
parse_group(struct ctl_context *ctx, struct port_group *group)
{
    struct fault fault = FAULT_INITIALIZER;
    struct port_group_args args = {
        .now = time_wall(),
        .fresh_members = true,
        .fresh_vlans = true,
    };
    char *key = settings_repeated_key(ctx->argv + 2, ctx->argc - 2);

    if (key) {
        ctl_error(ctx, "%.80s: %.80s= is given twice", group->name, key);
        free(key);
        return false;
    }
    for (int i = 2; !fault_is_set(&fault) && i < ctx->argc; i++) {
        port_group_parse_arg(group, ctx->argv[i], &args, &fault);
    }
    if (fault_is_set(&fault) || !port_group_check(group, &fault)) {
        ctl_error(ctx, "%.80s: %s (%s)", group->name, fault.detail,
                  fault.reason);
        fault_clear(&fault);
        return false;
    }
    return true;
}

/* "group-add" of a group that exists: fine with --may-exist if it is the
 * same. */
static void
add_existing(struct ctl_context *ctx, const struct spanrec_port_group *row,
             struct port_group *group)
{
    struct port_group old;

    group_row_read(row, &old);
    /* A ttl counts from now and would never be the same. */
    if (group->expires && old.expires) {
        group->expires = old.expires;
    }
    if (!shash_find(&ctx->options, "--may-exist")) {
        ctl_error(ctx, "%.80s: a port group of this name exists already; use "
                  "\"group-set\" to change it", group->name);
    } else if (!settings_same_group(&old, group)) {
        ctl_error(ctx, "%.80s: a port group of this name exists already, with "
                  "other settings; use \"group-set\" to change it",
                  group->name);
    } else {
        group_store(ctx, row, group);
    }
    port_group_destroy(&old);
}

void
cmd_group_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const struct spanrec_port_group *row = group_row_find(ctx->idl, name);
    struct fault fault = FAULT_INITIALIZER;
    struct port_group group;

    port_group_init(&group, name);
    if (!parse_group(ctx, &group)) {
        /* Reported. */
    } else if (!port_group_check_bridge(&group, &fault)) {
        ctl_error(ctx, "%.80s: %s (%s)", name, fault.detail, fault.reason);
        fault_clear(&fault);
    } else if (row) {
        add_existing(ctx, row, &group);
    } else if (session_needs_host(ctx)) {
        changes_warn_of_group(span_context_cast(ctx)->changes, &group);
        group_store(ctx, NULL, &group);
    }
    port_group_destroy(&group);
}

/* Returns the row of the group 'name', or NULL with an error reported unless
 * --if-exists was given. */
static const struct spanrec_port_group *
find_group(struct ctl_context *ctx, const char *name)
{
    const struct spanrec_port_group *row = group_row_find(ctx->idl, name);

    if (!row && !shash_find(&ctx->options, "--if-exists")) {
        ctl_error(ctx, "%.80s: there is no port group of this name; "
                  "\"group-list\" shows which there are", name);
    }
    return row;
}

void
cmd_group_set(struct ctl_context *ctx)
{
    const struct spanrec_port_group *row = find_group(ctx, ctx->argv[1]);
    struct port_group group;

    if (!row) {
        return;
    }
    group_row_read(row, &group);
    if (fault_is_set(&group.fault)) {
        ctl_error(ctx, "%.80s: what is stored is not understood: %s  Delete "
                  "it and add it again, or mend it with \"db-set\".",
                  row->name, group.fault.detail);
    } else if (parse_group(ctx, &group) && session_needs_host(ctx)) {
        changes_warn_of_group(span_context_cast(ctx)->changes, &group);
        group_store(ctx, row, &group);
    }
    port_group_destroy(&group);
}

void
cmd_group_del(struct ctl_context *ctx)
{
    for (int i = 1; i < ctx->argc && !ctx->error; i++) {
        const struct spanrec_port_group *row = find_group(ctx, ctx->argv[i]);

        if (row) {
            group_delete(ctx, row);
        }
    }
}
