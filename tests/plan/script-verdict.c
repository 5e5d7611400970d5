/* SPDX-License-Identifier: Apache-2.0 */

/* What plan cases print of verdicts: see script.c. */

#include <config.h>
#include "script.h"

#include <stdlib.h>

#include "openvswitch/util.h"
#include "smap.h"

static void
print_verdict(const char *kind, const char *name, bool pending,
              enum binding_state state, const struct fault *fault,
              struct ds *output)
{
    ds_put_format(output, "%s%s: %s%s%s%s%s\n", kind, name,
                  pending ? "pending" : binding_state_to_string(state),
                  fault->reason ? " " : "",
                  fault->reason ? fault->reason : "",
                  fault->detail ? ": " : "",
                  fault->detail ? fault->detail : "");
}

/* Prints the members of 'wg', with what is special about them. */
static void
print_members(const struct wanted_group *wg, struct ds *output)
{
    for (size_t i = 0; i < wg->n_ports; i++) {
        const struct port_policy *policy = &wg->ports[i].policy;

        ds_put_format(
            output, "  %s%s%s%s%s\n", wg->ports[i].port->name,
            policy->promiscuous == DECISION_ACCEPT ? " promiscuous" : "",
            policy->mac_changes == DECISION_REJECT ? " mac" : "",
            policy->forged_transmits == DECISION_REJECT ? " forged" : "",
            wg->ports[i].limited ? " limited" : "");
    }
}

/* Appends the verdict on each session and group to 'output'. */
void
script_print_verdicts(const struct wanted *wanted,
                      const struct verdicts *verdicts, struct ds *output)
{
    for (size_t i = 0; i < verdicts->n_verdicts; i++) {
        const struct verdict *v = &verdicts->verdicts[i];

        print_verdict("", v->session->name, v->pending, v->state, &v->fault,
                      output);
    }
    for (size_t i = 0; i < verdicts->n_groups; i++) {
        const struct group_verdict *v = &verdicts->groups[i];

        print_verdict("group ", v->group->name, v->pending, v->state,
                      &v->fault, output);
        print_members(&wanted->groups[i], output);
    }
}

/* Judges a pass that carries nothing out, and lets 'print' print that. */
static void
judge(struct script *s, void (*print)(const struct wanted *,
                                      const struct verdicts *, struct ds *),
      struct ds *output)
{
    const struct resolve_config config = script_config(s);
    struct verdicts verdicts;
    struct wanted wanted;

    switch_state_finish(&s->fake.state);
    resolve(s->sessions, s->n_sessions, s->groups, s->n_groups, s->sinks,
            s->n_sinks, &s->fake.state, &config, &wanted);
    verdicts_compute(&wanted, &s->fake.state, false, &verdicts);
    print(&wanted, &verdicts, output);
    verdicts_destroy(&verdicts);
    wanted_destroy(&wanted);
}

/* Prints the verdicts of a pass that carries nothing out. */
void
script_judge(struct script *s, struct ds *output)
{
    judge(s, script_print_verdicts, output);
}

static void
print_sources(const struct wanted *wanted OVS_UNUSED,
              const struct verdicts *verdicts, struct ds *output)
{
    for (size_t i = 0; i < verdicts->n_verdicts; i++) {
        const struct verdict *v = &verdicts->verdicts[i];
        const struct smap_node **nodes = smap_sort(&v->sources);

        ds_put_format(output, "%s:\n", v->session->name);
        for (size_t j = 0; j < smap_count(&v->sources); j++) {
            ds_put_format(output, "  %s \"%s\"\n", nodes[j]->key,
                          nodes[j]->value);
        }
        free(nodes);
    }
}

/* Prints what sessions mirror, as a Binding has it. */
void
script_sources(struct script *s, struct ds *output)
{
    judge(s, print_sources, output);
}
