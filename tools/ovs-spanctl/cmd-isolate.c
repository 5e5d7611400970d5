/* SPDX-License-Identifier: Apache-2.0 */

/* isolate: lets one port see all frames of another.
 *
 * It is a port group of the two, in which the second is promiscuous by its
 * override, for a limited time.  The group names no bridge: hosts look where
 * both ports are, and none makes anything promiscuous that has but one of
 * them.  If that is nowhere, the group goes again. */

#include <config.h>

#include "spanctl.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/group-row.h"
#include "ovsdb-schema/span-idl.h"
#include "plugin/core/name.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"

/* Seconds, unless somebody says how long. */
#define DEFAULT_TTL 3600

/* In external_ids of groups that "isolate" makes: whose frames are seen. */
#define KEY_ISOLATE "isolate"

/* Letters that a name may have (plugin/core/name.c). */
#define MAX_NAME 64

/* Returns the name of the group for the port that 'selector' names, for the
 * caller to free. */
static char *
group_name_for(const struct selector *selector)
{
    char *name = xasprintf("isolate-%s", selector->value);

    for (char *p = name; *p; p++) {
        if (!isalnum((unsigned char) *p) && !strchr("_.-", *p)) {
            *p = '-';
        }
    }
    if (strlen(name) > MAX_NAME) {
        name[MAX_NAME] = '\0';
    }
    return name;
}

/* Reads 'text', which has to name one port.  Returns false with an error
 * reported if it does not. */
static bool
parse_selector(struct ctl_context *ctx, const char *text,
               struct selector *selector)
{
    struct fault fault = FAULT_INITIALIZER;

    if (!selector_parse(selector, text, &fault)) {
        ctl_error(ctx, "isolate: %s (%s)", fault.detail, fault.reason);
        fault_clear(&fault);
        return false;
    }
    if ((selector->kind != SELECTOR_PORT && selector->kind != SELECTOR_VM
         && selector->kind != SELECTOR_IFACE_ID
         && selector->kind != SELECTOR_MAC)
        || (selector->kind == SELECTOR_PORT
            && name_is_glob(selector->value))) {
        ctl_error(ctx, "isolate: %.80s does not name one port: write "
                  "vm:NAME, port:NAME, iface-id:ID or mac:MAC (bad-selector)",
                  text);
        selector_destroy(selector);
        return false;
    }
    return true;
}

/* Reads "KEY=VALUE" words from 'ctx->argv[4]' on into 'group'. */
static bool
parse_args(struct ctl_context *ctx, struct port_group *group)
{
    static const char *const keys[] = { "ttl=", "owner=", "reason=" };
    struct port_group_args args = { .now = time_wall() };
    struct fault fault = FAULT_INITIALIZER;

    for (int i = 4; i < ctx->argc && !fault_is_set(&fault); i++) {
        const char *word = ctx->argv[i];
        bool known = false;

        if (!strncmp(word, "name=", 5)) {
            free(group->name);
            group->name = xstrdup(word + 5);
            continue;
        }
        for (size_t j = 0; j < ARRAY_SIZE(keys); j++) {
            known |= !strncmp(word, keys[j], strlen(keys[j]));
        }
        if (known) {
            port_group_parse_arg(group, word, &args, &fault);
        } else {
            fault_set(&fault, "bad-argument",
                      "\"%.80s\" is no argument of isolate: write ttl=, "
                      "owner=, reason= or name=.", word);
        }
    }
    if (fault_is_set(&fault) || !port_group_check(group, &fault)) {
        ctl_error(ctx, "isolate: %s (%s)", fault.detail, fault.reason);
        fault_clear(&fault);
        return false;
    }
    return true;
}

/* Makes 'group' one in which 'capture' sees the frames of 'problem'.  Both are
 * taken over. */
static void
init_group(struct port_group *group, struct selector *problem,
           struct selector *capture)
{
    const struct port_policy promiscuous = { .promiscuous = DECISION_ACCEPT };
    const char *user = getenv("SUDO_USER") ? getenv("SUDO_USER")
                       : getenv("USER");
    char *name = group_name_for(problem);
    struct selector override;

    port_group_init(group, name);
    free(name);
    selector_clone(&override, capture);
    port_group_override(group, &override, &promiscuous);
    port_group_add_member(group, capture);
    port_group_add_member(group, problem);
    group->expires = time_wall() + DEFAULT_TTL;
    free(group->owner);
    group->owner = xstrdup(user ? user : "");
}

/* Stores 'group', of 'problem', and says what it is. */
static void
store(struct ctl_context *ctx, const struct port_group *group,
      const char *problem, const char *capture)
{
    const struct smap external_ids = SMAP_CONST1(&external_ids, KEY_ISOLATE,
                                                 CONST_CAST(char *, problem));
    struct changes *changes = span_context_cast(ctx)->changes;

    group_store(ctx, NULL, group);
    spanrec_port_group_set_external_ids(
        group_row_find(ctx->idl, group->name), &external_ids);
    svec_add(&changes->isolations, group->name);
    changes_warn_of_group(changes, group);
    ds_put_format(&ctx->output, "%s: %s gets every frame of %s", group->name,
                  capture, problem);
    if (group->expires) {
        ds_put_format(&ctx->output, " for %"PRId64" s",
                      group->expires - time_wall());
        show_time(&ctx->output, ", until ",
                  MIN(group->expires, INT64_MAX / 1000) * 1000);
    }
    ds_put_format(&ctx->output, "; \"isolate --undo %s\" ends it\n",
                  group->name);
}

/* Ends what 'text', the name of a group or the selector of a port, says. */
static void
undo(struct ctl_context *ctx, const char *text)
{
    const struct spanrec_port_group *row;
    struct selector selector;
    char *name;

    if (ctx->argc > 2) {
        ctl_error(ctx, "isolate --undo: takes one name");
        return;
    }
    if (!strchr(text, ':')) {
        name = xstrdup(text);
    } else if (parse_selector(ctx, text, &selector)) {
        name = group_name_for(&selector);
        selector_destroy(&selector);
    } else {
        return;
    }
    row = group_row_find(ctx->idl, name);
    if (!row) {
        ctl_error(ctx, "%.80s: there is no port group of this name; "
                  "\"group-list\" shows which there are", name);
    } else if (!smap_get(&row->external_ids, KEY_ISOLATE)) {
        ctl_error(ctx, "%.80s: \"isolate\" has not made this port group; use "
                  "\"group-del\" to delete it", name);
    } else {
        group_delete(ctx, row);
    }
    free(name);
}

void
cmd_isolate(struct ctl_context *ctx)
{
    struct selector problem, capture;
    struct port_group group;

    if (shash_find(&ctx->options, "--undo")) {
        undo(ctx, ctx->argv[1]);
        return;
    }
    if (ctx->argc < 4 || strcmp(ctx->argv[2], "with")) {
        ctl_error(ctx, "isolate: write \"isolate SELECTOR with SELECTOR\": "
                  "whose frames, and who gets them");
        return;
    }
    if (!strcmp(ctx->argv[1], ctx->argv[3])) {
        ctl_error(ctx, "isolate: %.80s cannot be both", ctx->argv[1]);
        return;
    }
    if (!parse_selector(ctx, ctx->argv[1], &problem)) {
        return;
    }
    if (!parse_selector(ctx, ctx->argv[3], &capture)) {
        selector_destroy(&problem);
        return;
    }
    init_group(&group, &problem, &capture);
    if (!parse_args(ctx, &group)) {
        /* Reported. */
    } else if (group_row_find(ctx->idl, group.name)) {
        ctl_error(ctx, "%.80s: a port group of this name exists already; end "
                  "it with \"isolate --undo\", or give another name=",
                  group.name);
    } else if (session_needs_host(ctx)) {
        store(ctx, &group, ctx->argv[1], ctx->argv[3]);
    }
    port_group_destroy(&group);
}

/* Says on stderr why 'row' works nowhere, as its 'n' 'bindings' have it. */
static void
complain_of_absence(const struct spanrec_port_group *row,
                    struct spanrec_binding *const *bindings, size_t n)
{
    bool together = false;

    for (size_t i = 0; i < n; i++) {
        together |= !smap_is_empty(&bindings[i]->ports);
    }
    if (!together) {
        char *text = settings_make_printable(xasprintf(
            "%s: %s and %s are not on one bridge of a host", row->name,
            row->members[0], row->members[1]));

        ovs_error(0, "%s", text);
        free(text);
    }
    for (size_t i = 0; i < n; i++) {
        if (strcmp(bindings[i]->reason, "no-member")) {
            char *sentence = binding_to_sentence(bindings[i]);

            ovs_error(0, "%s", sentence);
            free(sentence);
        }
    }
}

/* Says on stderr that the selectors of 'row' do not name two ports, or do so
 * on more than one host. */
static void
complain_of_ports(const struct spanrec_port_group *row,
                 struct spanrec_binding *const *bindings, size_t n)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "%s: %s and %s do not name one port each:", row->name,
                  row->members[0], row->members[1]);
    for (size_t i = 0; i < n; i++) {
        const struct smap_node **nodes = smap_sort(&bindings[i]->ports);

        for (size_t j = 0; j < smap_count(&bindings[i]->ports); j++) {
            ds_put_format(&s, " %s", nodes[j]->key);
        }
        if (smap_count(&bindings[i]->ports)) {
            ds_put_format(&s, " on %s%s", binding_host(bindings[i]),
                          i + 1 < n ? "," : "");
        }
        free(nodes);
    }
    ds_put_cstr(&s, ".  Name two ports, each of which is there once, for "
                "example by iface-id:.");
    ovs_error(0, "%s", settings_make_printable(ds_cstr(&s)));
    ds_destroy(&s);
}

/* Is the group called 'name' not what "isolate" wants: active on one host,
 * with two ports?  Then says so on stderr. */
static bool
isolation_fails(const struct ovsdb_idl *idl, const char *name)
{
    const struct spanrec_port_group *row = group_row_find(idl, name);
    size_t n, n_active = 0, n_ports = 0;
    struct spanrec_binding **bindings = hosts_group_bindings(idl, name, &n);
    bool fails = false;

    for (size_t i = 0; i < n; i++) {
        if (!strcmp(bindings[i]->state, "active")) {
            n_active++;
            n_ports += smap_count(&bindings[i]->ports);
        }
    }
    if (row && row->n_members == 2 && !n_active) {
        complain_of_absence(row, bindings, n);
        fails = true;
    } else if (row && row->n_members == 2 && (n_active > 1 || n_ports != 2)) {
        complain_of_ports(row, bindings, n);
        fails = true;
    }
    free(bindings);
    return fails;
}

/* Returns true, with a sentence on stderr, if an isolation that 'changes' has
 * made is not in place, now that all hosts have followed. */
bool
isolations_fail(const struct ovsdb_idl *idl, const struct changes *changes)
{
    bool fail = false;

    for (size_t i = 0; i < changes->isolations.n; i++) {
        fail |= isolation_fails(idl, changes->isolations.names[i]);
    }
    return fail;
}
