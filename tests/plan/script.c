/* SPDX-License-Identifier: Apache-2.0 */

/* The language of plan cases:
 *
 *   bridge NAME TYPE             port BRIDGE NAME [KEY=VALUE...]
 *   del-port BRIDGE NAME         mirror BRIDGE NAME OUTPUT [src=PORT...]
 *   own BRIDGE NAME KEY=VALUE... (marks a port, a mirror, or the bridge with
 *   that name, in external_ids)
 *   session NAME ARG...          del-session NAME
 *   group NAME ARG...            del-group NAME
 *   watch (which ports began or ceased to be promiscuous, or over their
 *   limit of addresses, since the last one)
 *   watch anew (another daemon)
 *   over BRIDGE PORT FRAMES (the rule for what is over its limit counts them)
 *   sink NAME ARG...             policy KEY=VALUE...
 *   now SECONDS                  restart-vswitchd        ovs-version VERSION
 *   sinks-fail yes|no            lag yes|no
 *   unguard                      leave yes|no
 *   meter BRIDGE NUMBER RATE     del-meters BRIDGE
 *   fail-port BRIDGE NAME        (vswitchd cannot make it)
 *   fdb BRIDGE PORT MAC [VLAN] | fdb BRIDGE forget PORT | fdb BRIDGE unknown
 *   bond BRIDGE NAME MAC         route IP none|DEVICE [SOURCE [silent]]
 *   says SINK KEY=VALUE... (what a recorder reports: counters, error, code,
 *   since, pid; held=yes: it has ended because of a full disk)
 *   lease SESSION HOST none|starting|ready (its destination is live:HOST)
 *   pass                         run [quiet]             judge
 *   show ours|others|flags       sources
 *
 * ARGs are those of ovs-spanctl.  "judge" prints the verdicts of a pass that
 * does nothing; "pass" prints what one pass plans and carries it out; "run"
 * passes until nothing is left to do, then prints the verdicts, and below
 * groups their members.  Keys of a port: type, ofport, mtu, mac, link (down),
 * vlan_mode, tag, trunks (separated by commas), member (one more interface,
 * whose MAC is its name), active (the MAC of the active member), bond_mode,
 * lb-output-action; any other key goes to the interface's external_ids.  "bond
 * BRIDGE NAME MAC" makes another member active. */

#include <config.h>
#include "script.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "openvswitch/util.h"
#include "tunnel.h"
#include "util.h"
#include "uuid.h"

#define MAX_PASSES 20

void
script_init(struct script *s)
{
    memset(s, 0, sizeof *s);
    fake_switch_init(&s->fake, "host-1");
    promisc_watch_init(&s->watch);
    limit_watch_init(&s->limits);
    ds_init(&s->news);
    s->now = 1000000;
}

void
script_destroy(struct script *s)
{
    for (size_t i = 0; i < s->n_sessions; i++) {
        session_destroy(&s->sessions[i]);
    }
    for (size_t i = 0; i < s->n_sinks; i++) {
        sink_config_destroy(&s->sinks[i]);
    }
    for (size_t i = 0; i < s->policy.n_never_source; i++) {
        selector_destroy(&s->policy.never_source[i]);
    }
    for (size_t i = 0; i < s->policy.n_never_destination; i++) {
        selector_destroy(&s->policy.never_destination[i]);
    }
    for (size_t i = 0; i < s->policy.n_uplinks; i++) {
        free(s->policy.uplinks[i]);
    }
    free(s->policy.uplinks);
    free(s->policy.collectors);
    free(s->policy.never_source);
    free(s->policy.never_destination);
    free(s->policy.min_free);
    free(s->policy.network_fs);
    free(s->sessions);
    free(s->sinks);
    script_destroy_groups(s);
    fake_switch_destroy(&s->fake);
}

static void
cmd_mirror(struct script *s, const struct svec *args)
{
    struct switch_bridge *bridge = fake_bridge(&s->fake, args->names[1]);
    struct switch_mirror *mirror = fake_add_mirror(
        &s->fake, bridge, args->names[2], args->names[3]);

    mirror->src = xmalloc(args->n * sizeof *mirror->src);
    for (size_t i = 4; i < args->n; i++) {
        const struct switch_port *port
            = switch_bridge_find_port(bridge, args->names[i] + 4);
        mirror->src[mirror->n_src++] = port->uuid;
    }
}

/* Somebody makes or changes a meter. */
static void
cmd_meter(struct script *s, const struct svec *args)
{
    struct switch_bridge *bridge = fake_bridge(&s->fake, args->names[1]);
    struct span_meter meter;

    meter_init(&meter, atoi(args->names[2]), atoi(args->names[3]));
    for (size_t i = 0; i < bridge->n_meters; i++) {
        if (bridge->meters[i].number == meter.number) {
            bridge->meters[i] = meter;
            return;
        }
    }
    switch_bridge_add_meter(bridge, &meter);
}

static void
own(struct smap *external_ids, const struct svec *args)
{
    for (size_t i = 3; i < args->n; i++) {
        const char *value;
        char *key;

        if (script_split(args->names[i], &key, &value)) {
            smap_replace(external_ids, key, value);
            free(key);
        }
    }
}

static void
cmd_own(struct script *s, const struct svec *args)
{
    struct switch_bridge *bridge = fake_bridge(&s->fake, args->names[1]);
    struct switch_port *port = fake_port(bridge, args->names[2]);

    if (!strcmp(bridge->name, args->names[2])) {
        own(&bridge->external_ids, args);
    } else if (port) {
        own(&port->external_ids, args);
    }
    for (size_t i = 0; i < bridge->n_mirrors; i++) {
        if (!strcmp(bridge->mirrors[i]->name, args->names[2])) {
            own(&bridge->mirrors[i]->external_ids, args);
        }
    }
}

/* The flags of all ports are forgotten. */
static void
cmd_unguard(struct script *s)
{
    for (size_t i = 0; i < s->fake.state.n_bridges; i++) {
        struct switch_bridge *bridge = s->fake.state.bridges[i];

        for (size_t j = 0; j < bridge->n_ports; j++) {
            bridge->ports[j]->no_flood = false;
            bridge->ports[j]->no_packet_in = false;
        }
    }
}

static bool
has_session(const struct script *s, const char *name)
{
    for (size_t i = 0; i < s->n_sessions; i++) {
        if (!strcmp(s->sessions[i].name, name)) {
            return true;
        }
    }
    return false;
}

static struct session *
get_session(struct script *s, const char *name)
{
    for (size_t i = 0; i < s->n_sessions; i++) {
        if (!strcmp(s->sessions[i].name, name)) {
            return &s->sessions[i];
        }
    }
    s->sessions = xrealloc(s->sessions,
                           (s->n_sessions + 1) * sizeof *s->sessions);
    struct session *session = &s->sessions[s->n_sessions++];
    session_init(session, name);
    session->uuid = fake_switch_uuid(&s->fake);
    session->uuid.parts[0] += 0xa000;
    return session;
}

static void
cmd_session(struct script *s, const struct svec *args, struct ds *output)
{
    bool is_new = !has_session(s, args->names[1]);
    struct session *session = get_session(s, args->names[1]);
    struct session_args state = { s->now, true, true, false };

    for (size_t i = 2; i < args->n; i++) {
        struct fault fault = FAULT_INITIALIZER;

        if (!session_parse_arg(session, args->names[i], &state, &fault)) {
            ds_put_format(output, "%s: %s\n", fault.reason, fault.detail);
        }
        fault_clear(&fault);
    }
    if (is_new && !state.has_type) {
        session->type = session_infer_type(session);
    }
}

static void
cmd_del_session(struct script *s, const char *name)
{
    struct session *session = get_session(s, name);

    session_destroy(session);
    *session = s->sessions[--s->n_sessions];
}

static void
cmd_sink(struct script *s, const struct svec *args, struct ds *output)
{
    struct sink_config *sink = NULL;

    for (size_t i = 0; i < s->n_sinks; i++) {
        if (!strcmp(s->sinks[i].name, args->names[1])) {
            sink = &s->sinks[i];
        }
    }
    if (!sink) {
        s->sinks = xrealloc(s->sinks, (s->n_sinks + 1) * sizeof *s->sinks);
        sink = &s->sinks[s->n_sinks++];
        sink_config_init(sink, args->names[1]);
    }
    for (size_t i = 2; i < args->n; i++) {
        struct fault fault = FAULT_INITIALIZER;

        if (!sink_config_parse_arg(sink, args->names[i], &fault)) {
            ds_put_format(output, "%s: %s\n", fault.reason, fault.detail);
        }
        fault_clear(&fault);
    }
}

static void
add_selector(struct selector **selectors, size_t *n, const char *text,
             struct ds *output)
{
    struct fault fault = FAULT_INITIALIZER;

    *selectors = xrealloc(*selectors, (*n + 1) * sizeof **selectors);
    if (selector_parse(&(*selectors)[*n], text, &fault)) {
        ++*n;
    } else {
        ds_put_format(output, "%s: %s\n", fault.reason, fault.detail);
    }
    fault_clear(&fault);
}

static void
set_policy(struct policy *policy, const char *key, const char *value)
{
    char **text = (!strcmp(key, "min_free") ? &policy->min_free
                   : !strcmp(key, "network_fs") ? &policy->network_fs : NULL);

    if (text) {
        free(*text);
        *text = value[0] ? xstrdup(value) : NULL;
    } else if (!strcmp(key, "max_byte_rate")) {
        policy->max_byte_rate = atoll(value);
    } else if (!strcmp(key, "max_bytes")) {
        policy->max_bytes = atoll(value);
    } else if (!strcmp(key, "promiscuous")) {
        policy->no_promiscuous = !strcmp(value, "false");
    } else {
        policy->max_ttl = atoi(value);
    }
}

static void
cmd_policy(struct script *s, const struct svec *args, struct ds *output)
{
    for (size_t i = 1; i < args->n; i++) {
        const char *value;
        char *key;

        if (!script_split(args->names[i], &key, &value)) {
            continue;
        }
        if (!strcmp(key, "never_source")) {
            add_selector(&s->policy.never_source, &s->policy.n_never_source,
                         value, output);
        } else if (!strcmp(key, "uplinks")) {
            struct policy *policy = &s->policy;

            policy->uplinks = xrealloc(policy->uplinks,
                                       ((policy->n_uplinks + 1)
                                        * sizeof *policy->uplinks));
            policy->uplinks[policy->n_uplinks++] = xstrdup(value);
        } else if (!strcmp(key, "collectors")) {
            struct policy *policy = &s->policy;

            policy->collectors = xrealloc(policy->collectors,
                                          ((policy->n_collectors + 1)
                                           * sizeof *policy->collectors));
            collector_net_parse(&policy->collectors[policy->n_collectors++],
                                value);
        } else if (!strcmp(key, "never_destination")) {
            add_selector(&s->policy.never_destination,
                         &s->policy.n_never_destination, value, output);
        } else {
            set_policy(&s->policy, key, value);
        }
        free(key);
    }
}

/* One pass: observe, resolve, plan, judge, apply.  Prints the plan if
 * 'output' is not NULL.  Returns true if nothing was left to do; then
 * '*verdicts', if it is not NULL, is set. */
static bool
pass(struct script *s, struct ds *output, struct ds *verdict_text)
{
    const struct resolve_config config = script_config(s);
    struct verdicts verdicts;
    struct wanted wanted;
    struct plan plan;
    bool complete;

    switch_state_finish(&s->fake.state);
    resolve(s->sessions, s->n_sessions, s->groups, s->n_groups, s->sinks,
            s->n_sinks, &s->fake.state, &config, &wanted);
    plan_compute(&wanted, &s->fake.state, &plan);
    verdicts_compute(&wanted, &s->fake.state, false, &verdicts);
    complete = plan.complete && !verdicts.pending;
    script_watch(s, &wanted);
    if (output) {
        char *text = plan_to_string(&plan);
        ds_put_cstr(output, text);
        free(text);
    }
    if (verdict_text) {
        script_print_verdicts(&wanted, &verdicts, verdict_text);
    }
    fake_switch_tick(&s->fake);
    for (size_t i = 0; i < wanted.n_tunnels; i++) {
        fake_ask_route(&s->fake, wanted.tunnels[i].remote);
    }
    fake_switch_apply(&s->fake, &plan);
    plan_destroy(&plan);
    verdicts_destroy(&verdicts);
    wanted_destroy(&wanted);
    return complete;
}

/* Passes until nothing is left to do or 'max_passes' are over.  Returns the
 * number of passes, the last of which did nothing; -1 if it was not enough. */
int
script_converge(struct script *s, int max_passes, struct ds *output)
{
    for (int i = 1; i <= max_passes; i++) {
        struct ds verdicts = DS_EMPTY_INITIALIZER;
        struct ds plan = DS_EMPTY_INITIALIZER;
        bool complete = pass(s, &plan, &verdicts);

        if (output && plan.length) {
            ds_put_format(output, "pass %d\n%s", i, ds_cstr(&plan));
        }
        if (output && complete) {
            ds_put_cstr(output, ds_cstr(&verdicts));
        }
        ds_destroy(&plan);
        ds_destroy(&verdicts);
        if (complete) {
            return i;
        }
    }
    if (output) {
        ds_put_cstr(output, "not complete\n");
    }
    return -1;
}

static void
show_flags(struct script *s, struct ds *output)
{
    for (size_t i = 0; i < s->fake.state.n_bridges; i++) {
        const struct switch_bridge *bridge = s->fake.state.bridges[i];

        for (size_t j = 0; j < bridge->n_ports; j++) {
            const struct switch_port *port = bridge->ports[j];

            if (!port->ours && (port->no_flood || port->no_packet_in)) {
                ds_put_format(output, "%s %s shut\n", bridge->name,
                              port->name);
            }
        }
    }
}

static void
cmd_show(struct script *s, const char *what, struct ds *output)
{
    if (!strcmp(what, "flags")) {
        show_flags(s, output);
        return;
    }

    char *text = fake_switch_to_string(&s->fake, !strcmp(what, "ours"));

    ds_put_cstr(output, text);
    free(text);
}

/* The flag that the command 'cmd' sets, or NULL. */
static bool *
find_flag(struct script *s, const char *cmd)
{
    return (!strcmp(cmd, "sinks-fail") ? &s->fake.sinks_fail
            : !strcmp(cmd, "leave") ? &s->leaving
            : !strcmp(cmd, "lag") ? &s->fake.lag : NULL);
}

static void
dispatch(struct script *s, const struct svec *args, struct ds *output)
{
    const char *cmd = args->n ? args->names[0] : "";
    const char *arg = args->n > 1 ? args->names[1] : "";

    if (!strcmp(cmd, "bridge")) {
        fake_add_bridge(&s->fake, arg, args->names[2]);
    } else if (!strcmp(cmd, "route")) {
        fake_set_route(&s->fake, arg, strcmp(args->names[2], "none"),
                       args->names[2], args->n > 3 ? args->names[3] : "",
                       args->n > 4 ? NEIGHBOR_SILENT : NEIGHBOR_ASKED);
    } else if (!strcmp(cmd, "meter")) {
        cmd_meter(s, args);
    } else if (!strcmp(cmd, "del-meters")) {
        fake_del_meters(fake_bridge(&s->fake, arg));
    } else if (!strcmp(cmd, "mirror")) {
        cmd_mirror(s, args);
    } else if (!strcmp(cmd, "own")) {
        cmd_own(s, args);
    } else if (!strcmp(cmd, "session")) {
        cmd_session(s, args, output);
    } else if (!strcmp(cmd, "del-session")) {
        cmd_del_session(s, arg);
    } else if (!strcmp(cmd, "sink")) {
        cmd_sink(s, args, output);
    } else if (!strcmp(cmd, "says")) {
        script_says(s, args, output);
    } else if (!strcmp(cmd, "lease")) {
        script_lease(s, arg, args->names[2], args->names[3]);
    } else if (!strcmp(cmd, "policy")) {
        cmd_policy(s, args, output);
    } else if (!strcmp(cmd, "now")) {
        s->now = atoll(arg);
    } else if (!strcmp(cmd, "ovs-version")) {
        fake_set_version(&s->fake, arg);
    } else if (!strcmp(cmd, "restart-vswitchd")) {
        fake_restart_vswitchd(&s->fake);
    } else if (!strcmp(cmd, "unguard")) {
        cmd_unguard(s);
    } else if (find_flag(s, cmd)) {
        *find_flag(s, cmd) = !strcmp(arg, "yes");
    } else if (!strcmp(cmd, "pass")) {
        pass(s, output, NULL);
    } else if (!strcmp(cmd, "judge")) {
        script_judge(s, output);
    } else if (!strcmp(cmd, "sources")) {
        script_sources(s, output);
    } else if (!strcmp(cmd, "run")) {
        script_converge(s, MAX_PASSES, args->n > 1 ? NULL : output);
    } else if (!strcmp(cmd, "show")) {
        cmd_show(s, arg, output);
    } else if (!script_port_command(s, args)
               && !script_group_command(s, args, output)) {
        ds_put_format(output, "unknown command %s\n", cmd);
    }
}

/* Carries out the command in 'line' and appends what it prints to 'output'. */
void
script_command(struct script *s, const char *line, struct ds *output)
{
    struct svec args = SVEC_EMPTY_INITIALIZER;

    svec_parse_words(&args, line);
    dispatch(s, &args, output);
    svec_destroy(&args);
}
