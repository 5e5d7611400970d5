/* SPDX-License-Identifier: Apache-2.0 */

/* Hooks: the sources hook:NAME.
 *
 * A hook is the production end of a leg that mirrors nothing and has the name
 * that the user chose.  Its Mirror row reserves it, so that NORMAL neither
 * floods to it nor takes from it; what an explicit output of somebody's rules
 * sends there is delivered all the same. */

#include <config.h>
#include "wanted-hook.h"

#include <string.h>

#include "leg-view.h"
#include "name.h"
#include "openvswitch/util.h"
#include "source-match.h"
#include "switch-index.h"
#include "uuid.h"
#include "wanted-leg.h"

static bool
source_is_hook(const struct source *source)
{
    return source->selector.kind == SELECTOR_HOOK;
}

/* Returns the bridge on which 'session' has hook 'name' already, or NULL. */
static const struct switch_bridge *
find_established(const struct session *session, const char *name,
                 const struct switch_state *state)
{
    const struct index_node *node;

    INDEX_FOR_EACH (node, index_hash_session(&session->uuid),
                    &state->index->mirrors) {
        const struct switch_mirror *mirror = node->object;

        if (uuid_equals(&mirror->session, &session->uuid)
            && !node->bridge->ours
            && !strcmp(smap_get_def(&mirror->external_ids, SPAN_KEY_HOOK, ""),
                       name)) {
            return node->bridge;
        }
    }
    return NULL;
}

/* Returns the bridge for the hook 'source' of 'session': the one that it
 * names, else where the hook is already, so that a bridge more does not end
 * what runs, else the only one.  Returns NULL if there is none, with
 * '*ambiguous' true if there are several. */
static const struct switch_bridge *
find_bridge(const struct session *session, const struct source *source,
            const struct switch_state *state, bool *ambiguous)
{
    const struct switch_bridge *bridge
        = (source->bridge[0] ? NULL
           : find_established(session, source->selector.value, state));

    *ambiguous = false;
    for (size_t i = 0; !bridge && i < state->n_bridges; i++) {
        if (source_applies_to_bridge(source, state->bridges[i])) {
            bridge = state->bridges[i];
            for (size_t j = i + 1; j < state->n_bridges; j++) {
                *ambiguous |= source_applies_to_bridge(source,
                                                       state->bridges[j]);
            }
        }
    }
    return *ambiguous ? NULL : bridge;
}

/* Adds a leg to 'ws' for each hook that it names. */
void
wanted_hooks_pick(struct wanted_session *ws, const struct switch_state *state)
{
    const struct session *session = ws->session;

    for (size_t i = 0; i < session->n_sources; i++) {
        const struct source *source = &session->sources[i];
        bool ambiguous;

        if (!source_is_hook(source)) {
            continue;
        }
        const struct switch_bridge *bridge = find_bridge(session, source,
                                                         state, &ambiguous);
        if (bridge) {
            wanted_session_add_leg(ws, bridge, LEG_HOOK)->hook
                = source->selector.value;
        } else if (!ambiguous) {
            FAULT_ONCE(&ws->fault, "hook-bridge",
                       "There is no bridge %s%son this host for hook %s now; "
                       "the hook is made as soon as there is one.",
                       source->bridge, source->bridge[0] ? " " : "",
                       source->selector.value);
        }
    }
}

/* Does the policy keep what controllers send to hook 'name' of 'bridge' from
 * being mirrored? */
static bool
is_forbidden(const struct policy *policy, const char *name,
             const struct switch_bridge *bridge)
{
    for (size_t i = 0; policy && i < policy->n_never_source; i++) {
        const struct selector *s = &policy->never_source[i];

        if ((s->kind == SELECTOR_PORT && name_glob_matches(s->value, name))
            || (s->kind == SELECTOR_HOOK && !strcmp(s->value, name))
            || (s->kind == SELECTOR_BRIDGE
                && !strcmp(s->value, bridge->name))) {
            return true;
        }
    }
    return false;
}

/* Is 'port' a hook of ours, whichever session's it is or was?  One that
 * nobody wants any more goes, and then its name is free. */
static bool
port_is_hook(const struct switch_port *port)
{
    return (port->ours
            && !strcmp(switch_port_role(port), leg_role_to_string(LEG_HOOK))
            && !smap_get(&port->external_ids, SPAN_KEY_BRIDGE));
}

static bool
port_has_name(const struct switch_port *port, const char *name)
{
    bool has = !strcmp(port->name, name);

    for (size_t i = 0; !has && i < port->n_ifaces; i++) {
        has = !strcmp(port->ifaces[i]->name, name);
    }
    return has;
}

/* Returns where somebody else has the name 'name', or NULL. */
static const struct switch_bridge *
find_taker(const char *name, const struct switch_state *state)
{
    const struct switch_bridge *bridge = switch_state_find_bridge(state, name);
    const struct index_node *node;

    INDEX_FOR_EACH (node, index_hash_text(name), &state->index->ports) {
        const struct switch_port *port = node->object;

        if (!bridge && port_has_name(port, name) && !port_is_hook(port)) {
            bridge = node->bridge;
        }
    }
    return bridge;
}

static bool
session_names_hook(const struct session *session, const char *name)
{
    for (size_t i = 0; i < session->n_sources; i++) {
        if (source_is_hook(&session->sources[i])
            && !strcmp(session->sources[i].selector.value, name)) {
            return true;
        }
    }
    return false;
}

/* Checks one hook of 'ws'. */
static bool
check_hook(const struct wanted_session *ws, const struct source *source,
           const struct switch_state *state, const struct policy *policy,
           struct fault *fault)
{
    const char *name = source->selector.value;
    const struct switch_bridge *taker = find_taker(name, state);
    bool ambiguous;
    const struct switch_bridge *bridge = find_bridge(ws->session, source,
                                                     state, &ambiguous);

    if (ambiguous) {
        fault_set(fault, "hook-bridge",
                  "This host has several bridges: write on which the hook is "
                  "to be, source=hook:%s,bridge=NAME.", name);
    } else if (bridge && is_forbidden(policy, name, bridge)) {
        fault_set(fault, "policy",
                  "This host's policy (never_source) does not let hook %s be "
                  "mirrored.", name);
    } else if (taker) {
        fault_set(fault, "hook-conflict",
                  "The name %s is taken on bridge %s, by a port that is no "
                  "hook; write another, source=hook:NAME.", name,
                  taker->name);
    }
    return !fault_is_set(fault);
}

/* Checks the hooks of 'ws' by themselves and against the 'n_accepted' sessions
 * that run already.  Returns true if all is well, else false with 'fault'
 * set. */
bool
wanted_hooks_check(const struct wanted_session *ws,
                   const struct wanted_session *const *accepted,
                   size_t n_accepted, const struct switch_state *state,
                   const struct policy *policy, struct fault *fault)
{
    const struct session *session = ws->session;

    for (size_t i = 0; i < session->n_sources; i++) {
        const struct source *source = &session->sources[i];
        const char *name = source->selector.value;

        if (!source_is_hook(source)) {
            continue;
        }
        if (!check_hook(ws, source, state, policy, fault)) {
            return false;
        }
        for (size_t j = 0; j < n_accepted; j++) {
            if (session_names_hook(accepted[j]->session, name)) {
                fault_set(fault, "hook-conflict",
                          "Hook %s feeds session %s already, and a port feeds "
                          "one session; write another name, or give that "
                          "session one more destination.", name,
                          accepted[j]->session->name);
                return false;
            }
        }
    }
    return true;
}
