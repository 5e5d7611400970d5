/* SPDX-License-Identifier: Apache-2.0 */

/* What is said of a session when something about it does not work, and what is
 * done about it: one case for each way to break a switch on which it works.
 * What a moment may mend is pending first, and a fault when it is overdue. */

#include <config.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "tests/plan/script.h"
#include "tests/tap.h"
#include "util.h"
#include "uuid.h"
#include "verdict.h"

/* The switch: bridge br0 with ports vm1 and mon; session s from vm1 to sink a
 * and port mon. */
struct parts {
    struct switch_state *state;
    struct switch_bridge *production, *private;
    struct switch_port *outer, *inner, *capture;
    struct switch_mirror *mirror;
    struct switch_sink *sink;
};

static struct switch_port *
find_own_patch(struct switch_bridge *bridge)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        struct switch_port *port = bridge->ports[i];

        if (port->ours && !strcmp(switch_port_type(port), "patch")) {
            return port;
        }
    }
    return NULL;
}

static void
find_parts(struct script *s, struct parts *p)
{
    p->state = &s->fake.state;
    p->production = fake_bridge(&s->fake, "br0");
    p->private = fake_bridge(&s->fake, "br-span");
    p->outer = find_own_patch(p->production);
    p->inner = find_own_patch(p->private);
    p->capture = fake_port(p->private, "span-a");
    p->sink = p->state->sinks[0];
    for (size_t i = 0; i < p->production->n_mirrors; i++) {
        struct switch_mirror *mirror = p->production->mirrors[i];

        if (mirror->n_src) {
            p->mirror = mirror;
        }
    }
}

static void
set_text(char **text, const char *value)
{
    free(*text);
    *text = xstrdup(value);
}

static void
fail_port(struct switch_port *port)
{
    port->ifaces[0]->ofport = -1;
    set_text(&port->ifaces[0]->error, "no such luck");
}

static void
nothing(struct parts *p OVS_UNUSED)
{
}

static void
outer_fails(struct parts *p)
{
    fail_port(p->outer);
}

static void
inner_fails(struct parts *p)
{
    fail_port(p->inner);
}

static void
capture_fails(struct parts *p)
{
    fail_port(p->capture);
}

static void
mirror_is_dead(struct parts *p)
{
    p->mirror->dead = true;
}

static void
mirror_selects_all(struct parts *p)
{
    p->mirror->select_all = true;
}

static void
mirror_lacks_a_direction(struct parts *p)
{
    p->mirror->n_dst = 0;
}

static void
mirror_has_no_output(struct parts *p)
{
    p->mirror->output_port = UUID_ZERO;
}

static void
mirror_is_lost(struct parts *p)
{
    smap_clear(&p->mirror->external_ids);
}

static void
guard_is_lost(struct parts *p)
{
    p->outer->no_flood = false;
}

static void
peer_is_wrong(struct parts *p)
{
    smap_replace(&p->outer->ifaces[0]->options, "peer", "elsewhere");
}

static void
fail_mode_is_lost(struct parts *p)
{
    set_text(&p->private->fail_mode, "standalone");
}

static void
vswitchd_lags(struct parts *p)
{
    p->state->config_settled = false;
}

static void
production_is_silent(struct parts *p)
{
    p->production->flows_known = false;
}

static void
flows_are_wiped(struct parts *p)
{
    for (size_t i = 0; i < p->production->n_flows; i++) {
        flow_destroy(&p->production->flows[i]);
    }
    p->production->n_flows = 0;
}

static void
datapath_lags(struct parts *p)
{
    p->private->settled_epoch++;
}

static void
sink_starts(struct parts *p)
{
    p->sink->state = SINK_STARTING;
}

static void
sink_fails(struct parts *p)
{
    p->sink->state = SINK_FAILED;
    set_text(&p->sink->error, "The disk is away.");
}

static void
sink_complains(struct parts *p)
{
    set_text(&p->sink->error, "The disk is full.");
}

static const struct {
    void (*damage)(struct parts *);
    const char *name;
    bool pending;               /* Before it is overdue. */
    const char *reason;         /* When it is; NULL = active. */
    const char *word;           /* Of the sentence. */
    const char *op;             /* Of the plan; NULL = nothing to do. */
} cases[] = {
    { nothing, "all works", false, NULL, NULL, NULL },
    { outer_fails, "the production end fails", false, "port-failed",
      "no such luck", "del-flow br-span cookie=" },
    { inner_fails, "the private end fails", false, "port-failed",
      "no such luck", "del-flow br-span cookie=" },
    { capture_fails, "the capture port fails", true, "sink-failed",
      "no such luck", "add-flow br-span cookie=" },
    { mirror_is_dead, "vswitchd does not run the mirror", false,
      "mirror-dead", "br0", NULL },
    { mirror_selects_all, "the mirror selects everything", true,
      "not-applied", "br0", "set-mirror br0 span-s select_all=false\n" },
    { mirror_lacks_a_direction, "a direction is not mirrored", true,
      "not-applied", "br0", "set-mirror br0 span-s +dst=" },
    { mirror_has_no_output, "the mirror has no output", true, "not-applied",
      "br0", "set-mirror br0 span-s output=span-" },
    { mirror_is_lost, "the mirror is somebody else's", true, "not-applied",
      "br0", "add-mirror br0 span-s output=span-" },
    { guard_is_lost, "floods reach the patch port", true, "flow-failed",
      "br0", "port-flags br0 span-" },
    { peer_is_wrong, "the patch port leads elsewhere", false, NULL, NULL,
      "set-port br0 span-" },
    { fail_mode_is_lost, "the private bridge switches", false, NULL, NULL,
      "set-bridge br-span\n" },
    { vswitchd_lags, "vswitchd lags behind", true, "switch-down",
      "ovs-vswitchd", NULL },
    { production_is_silent, "the bridge is silent", true, "no-openflow",
      "br0", NULL },
    { flows_are_wiped, "the rules are gone", true, "flow-failed", "br0",
      "add-flow br0 cookie=" },
    { datapath_lags, "the datapath lags behind", true, "not-applied", "br0",
      NULL },
    { sink_starts, "the recorder starts", true, "sink-failed",
      "did not get ready", NULL },
    { sink_fails, "the recorder fails", false, "sink-failed",
      "The disk is away.", NULL },
    { sink_complains, "the recorder complains", false, "sink-error",
      "The disk is full.", NULL },
};

static void
command(struct script *s, const char *line)
{
    struct ds output = DS_EMPTY_INITIALIZER;

    script_command(s, line, &output);
    ds_destroy(&output);
}

/* Judges the one session of 's'.  The caller must clear 'fault'. */
static void
judge(struct script *s, bool overdue, bool *pending,
      enum binding_state *state, struct fault *fault, char **plan_text)
{
    struct resolve_config config = {
        .capture_dir = "/captures", .run_dir = "/run", .host = "kvm1",
        .now = s->now,
    };
    struct verdicts verdicts;
    struct wanted wanted;
    struct plan plan;

    switch_state_finish(&s->fake.state);
    resolve(s->sessions, s->n_sessions, s->groups, s->n_groups, s->sinks,
            s->n_sinks, &s->fake.state, &config, &wanted);
    plan_compute(&wanted, &s->fake.state, &plan);
    verdicts_compute(&wanted, &s->fake.state, overdue, &verdicts);
    *pending = verdicts.pending;
    *state = verdicts.verdicts[0].state;
    fault_move(fault, &verdicts.verdicts[0].fault);
    *plan_text = plan_to_string(&plan);
    plan_destroy(&plan);
    verdicts_destroy(&verdicts);
    wanted_destroy(&wanted);
}

static void
run_case(size_t i)
{
    const char *reason = cases[i].reason;
    struct fault fault = FAULT_INITIALIZER;
    enum binding_state state;
    struct script s;
    struct parts p;
    bool pending;
    char *plan;

    script_init(&s);
    command(&s, "bridge br0 netdev");
    command(&s, "port br0 vm1");
    command(&s, "port br0 mon");
    command(&s, "sink a");
    command(&s, "session s source=port:vm1 dest=sink:a dest=port:mon");
    script_converge(&s, 20, NULL);
    find_parts(&s, &p);
    cases[i].damage(&p);

    judge(&s, false, &pending, &state, &fault, &plan);
    tap_ok(pending == cases[i].pending, "%s: %s", cases[i].name,
           cases[i].pending ? "pending first" : "a verdict at once");
    tap_ok(cases[i].op ? strstr(plan, cases[i].op) != NULL : !plan[0],
           "... planned: %.12s", cases[i].op ? cases[i].op : "nothing");
    free(plan);
    fault_clear(&fault);

    judge(&s, true, &pending, &state, &fault, &plan);
    free(plan);
    tap_ok(!pending && state == (reason ? BINDING_DEGRADED : BINDING_ACTIVE),
           "... then %s", binding_state_to_string(state));
    tap_str(fault.reason, reason, "... %s", reason ? reason : "no reason");
    if (reason) {
        tap_ok(strstr(fault.detail, cases[i].word), "... that says \"%s\"",
               cases[i].word);
    }
    fault_clear(&fault);
    script_destroy(&s);
}

/* What the service manager is told of all verdicts together. */
static void
check_summary(void)
{
    struct verdict sessions[] = {
        { .state = BINDING_ACTIVE }, { .state = BINDING_REFUSED },
        { .state = BINDING_ACTIVE }, { .pending = true },
    };
    struct group_verdict groups[] = { { .state = BINDING_DEGRADED } };
    struct verdicts v = {
        .verdicts = sessions, .n_verdicts = 1, .groups = groups,
    };
    char *text;

    text = verdicts_summary(&v);
    tap_str(text, "1 session: 1 active", "summary of one session");
    free(text);

    v.n_verdicts = ARRAY_SIZE(sessions);
    v.n_groups = ARRAY_SIZE(groups);
    text = verdicts_summary(&v);
    tap_str(text, "4 sessions: 2 active, 1 refused, 1 starting; "
            "1 port group: 1 degraded", "... of several, and of a group");
    free(text);

    v.n_verdicts = v.n_groups = 0;
    text = verdicts_summary(&v);
    tap_str(text, "0 sessions", "... of none");
    free(text);
}

int
main(void)
{
    check_summary();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        run_case(i);
    }
    return tap_done();
}
