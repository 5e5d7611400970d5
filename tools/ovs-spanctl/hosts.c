/* SPDX-License-Identifier: Apache-2.0 */

/* Hosts and their answers.
 *
 * A host has followed when its cur_cfg has reached the next_cfg of the change;
 * its Binding rows then say what became of the sessions. */

#include <config.h>

#include "spanctl.h"

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "ovsdb-schema/group-row.h"
#include "ovsdb-schema/session-row.h"
#include "ovsdb-schema/span-idl.h"
#include "util.h"

/* Does any host run ovs-spand? */
bool
hosts_any(const struct ovsdb_idl *idl)
{
    return spanrec_host_first(idl) != NULL;
}

/* Returns the name of 'host' for people; owned by 'host'. */
const char *
host_name(const struct spanrec_host *host)
{
    return host->name[0] ? host->name : host->system_id;
}

/* Returns a host that has not followed up to 'cfg', or NULL when all have. */
const struct spanrec_host *
hosts_find_behind(const struct ovsdb_idl *idl, int64_t cfg)
{
    const struct spanrec_host *host;

    SPANREC_HOST_FOR_EACH (host, idl) {
        if (host->cur_cfg < cfg) {
            return host;
        }
    }
    return NULL;
}

/* Returns the name of the host that reports 'binding'; owned by the row. */
const char *
binding_host(const struct spanrec_binding *binding)
{
    return binding->host ? host_name(binding->host) : binding->system_id;
}

static int
compare_bindings(const void *a_, const void *b_)
{
    struct spanrec_binding *const *a = a_;
    struct spanrec_binding *const *b = b_;

    return strcmp(binding_host(*a), binding_host(*b));
}

/* Returns a sorted copy of the 'n' 'rows', for the caller to free. */
static struct spanrec_binding **
sort_bindings(struct spanrec_binding *const *rows, size_t n)
{
    struct spanrec_binding **bindings = xcalloc(n + 1, sizeof *bindings);

    if (n) {
        memcpy(bindings, rows, n * sizeof *bindings);
        qsort(bindings, n, sizeof *bindings, compare_bindings);
    }
    return bindings;
}

/* Returns the '*n' bindings of the session called 'session', sorted by host.
 * The caller must free the array. */
struct spanrec_binding **
hosts_bindings(const struct ovsdb_idl *idl, const char *session, size_t *n)
{
    const struct spanrec_session *row = session_row_find(idl, session);

    *n = row ? row->n_bindings : 0;
    return sort_bindings(row ? row->bindings : NULL, *n);
}

/* As hosts_bindings(), for the port group called 'group'. */
struct spanrec_binding **
hosts_group_bindings(const struct ovsdb_idl *idl, const char *group,
                     size_t *n)
{
    const struct spanrec_port_group *row = group_row_find(idl, group);

    *n = row ? row->n_bindings : 0;
    return sort_bindings(row ? row->bindings : NULL, *n);
}

/* Returns "[group ]NAME: STATE on HOST[: REASON: DETAIL]", for the caller to
 * free. */
char *
binding_to_sentence(const struct spanrec_binding *binding)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "%s%s: %s on %s",
                  binding->group_name[0] ? "group " : "",
                  (binding->group_name[0] ? binding->group_name
                   : binding->session_name),
                  binding->state, binding_host(binding));
    if (binding->reason[0]) {
        ds_put_format(&s, ": %s", binding->reason);
    }
    if (binding->detail[0]) {
        ds_put_format(&s, ": %s", binding->detail);
    }
    return settings_make_printable(ds_steal_cstr(&s));
}

/* Returns true, and says so on stderr, if one of the 'n' 'bindings', which are
 * freed, is a refusal by a host that has followed up to 'cfg'. */
static bool
refuse(struct spanrec_binding **bindings, size_t n,
       const struct changes *changes, int64_t cfg)
{
    bool refused = false;

    for (size_t i = 0; i < n; i++) {
        const struct spanrec_host *host = bindings[i]->host;

        if (host && host->cur_cfg >= cfg
            && (!strcmp(bindings[i]->state, "refused")
                || changes_touch_port_rules(changes, bindings[i]))) {
            char *sentence = binding_to_sentence(bindings[i]);

            ovs_error(0, "%s", sentence);
            free(sentence);
            refused = true;
        }
    }
    free(bindings);
    return refused;
}

/* Returns true if a host that has followed up to 'cfg' refuses one of the
 * sessions or groups that 'changes' reports on, and says which and why on
 * stderr. */
bool
hosts_refuse(const struct ovsdb_idl *idl, const struct changes *changes,
             int64_t cfg)
{
    struct spanrec_binding **bindings;
    bool refused = false;
    size_t n;

    for (size_t i = 0; i < changes->reported_groups.n; i++) {
        bindings = hosts_group_bindings(
            idl, changes->reported_groups.names[i], &n);
        refused |= refuse(bindings, n, changes, cfg);
    }
    for (size_t i = 0; i < changes->reported.n; i++) {
        bindings = hosts_bindings(idl, changes->reported.names[i], &n);
        refused |= refuse(bindings, n, changes, cfg);
    }
    return refused;
}

/* Calls 'cb' for each Binding of the sessions that 'changes' reports on, and
 * returns true if it did for one of them. */
static bool
any_binding(const struct ovsdb_idl *idl, const struct changes *changes,
            bool (*cb)(const struct spanrec_binding *, bool strict))
{
    bool any = false;

    for (size_t i = 0; i < changes->reported.n; i++) {
        size_t n;
        struct spanrec_binding **bindings
            = hosts_bindings(idl, changes->reported.names[i], &n);

        for (size_t j = 0; j < n; j++) {
            any |= cb(bindings[j], changes->strict);
        }
        free(bindings);
    }
    return any;
}

static bool
estimate_is_missing(const struct spanrec_binding *binding,
                    bool strict OVS_UNUSED)
{
    return smap_get_int(&binding->estimate, "unknown_ports", 0) > 0;
}

/* Do all hosts know how much the sessions that 'changes' reports on copy?  One
 * whose daemon has just started may not yet. */
bool
hosts_have_estimates(const struct ovsdb_idl *idl,
                     const struct changes *changes)
{
    return !any_binding(idl, changes, estimate_is_missing);
}

/* Says on stderr what 'binding' estimates that its destinations cannot take;
 * with 'strict', also that it cannot say.  Returns true if there is such a
 * thing. */
static bool
warn(const struct spanrec_binding *binding, bool strict)
{
    const char *reason = smap_get(&binding->estimate, "reason");
    const char *text = smap_get_def(&binding->estimate, "text", "");

    if (!reason && !(strict && estimate_is_missing(binding, strict))) {
        return false;
    }

    char *sentence = xasprintf("%s%s: %s on %s: %s", strict ? "" : "warning: ",
                               binding->session_name,
                               reason ? reason : "refused",
                               binding_host(binding), text);
    ovs_error(0, "%s", settings_make_printable(sentence));
    free(sentence);
    return true;
}

/* Says on stderr which of the sessions that 'changes' reports on copy more
 * than their destinations can take, by what hosts estimate.  Returns true if
 * there are any. */
bool
hosts_warn(const struct ovsdb_idl *idl, const struct changes *changes)
{
    return any_binding(idl, changes, warn);
}

/* Prints the 'n' 'bindings', which are freed. */
static void
report(struct spanrec_binding **bindings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *sentence = binding_to_sentence(bindings[i]);

        puts(sentence);
        free(sentence);
    }
    free(bindings);
}

/* Prints what became of the sessions and groups that 'changes' reports on. */
void
hosts_report(const struct ovsdb_idl *idl, const struct changes *changes)
{
    struct spanrec_binding **bindings;
    size_t n;

    for (size_t i = 0; i < changes->reported_groups.n; i++) {
        const char *name = changes->reported_groups.names[i];

        bindings = hosts_group_bindings(idl, name, &n);
        report(bindings, n);
        if (!n) {
            printf("group %s: waiting: no host says anything about it.\n",
                   name);
        }
    }
    for (size_t i = 0; i < changes->reported.n; i++) {
        const char *name = changes->reported.names[i];

        bindings = hosts_bindings(idl, name, &n);
        report(bindings, n);
        if (!n) {
            printf("%s: waiting: no host says anything about it, so nothing "
                   "is mirrored.\n", name);
        }
    }
}
